"""What Slack refuses for good, with the real program: somebody is told the remedy, and it is counted once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from bot.commands.doctor import examine
from handlers.scopes import OPTIONAL_NAMES, OPTIONAL_SCOPES
from playground import Fault
from storage import outbox
from tests.running import Running, running, settings_for


@pytest.fixture
async def tandem(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(f"sqlite:///{tmp_path / 'tandem.db'}", "http") as tandem:
        yield tandem
        tandem.slack.refusals.clear()  # they are what each of these tests is about


async def counted(tandem: Running, error: str) -> float:
    """How often that error is counted in the metrics."""
    async with httpx.AsyncClient() as http:
        shown = (await http.get(f"http://127.0.0.1:{tandem.program.port}/metrics")).text
    lines = [line for line in shown.splitlines() if line.startswith("tandem_slack_errors_total{")]
    return sum(float(line.split()[-1]) for line in lines if f'error="{error}"' in line)


async def doctor(tandem: Running) -> str:
    """What the doctor finds amiss, with the remedies."""
    found = await examine(settings_for(tandem.slack, str(tandem.program.db.url)), tandem.clock)
    return "\n".join(f"{one.found} {one.remedy}" for one in found if not one.well)


async def readiness(tandem: Running) -> str:
    async with httpx.AsyncClient() as http:
        return (await http.get(f"http://127.0.0.1:{tandem.program.port}/readyz")).text


def archive(tandem: Running) -> None:
    tandem.slack.workspace.channel(tandem.slack.channel("#leads").id).is_archived = True


def make_private(tandem: Running) -> None:
    """Somebody makes it private and takes the bot out."""
    channel = tandem.slack.workspace.channel(tandem.slack.channel("#leads").id)
    channel.is_private = True
    channel.members.remove(tandem.slack.workspace.bot.id)


def keep_out(tandem: Running) -> None:
    """The bot is taken out and may not join again."""
    tandem.slack.workspace.channel(tandem.slack.channel("#leads").id).members.remove(tandem.slack.workspace.bot.id)
    tandem.slack.faults.next("conversations.join", *[Fault.refuse("method_not_supported_for_channel_type")] * 5)


def let_go(tandem: Running) -> None:
    """Both reps leave the company."""
    tandem.slack.member("ana").deleted = tandem.slack.member("bo").deleted = True


@pytest.mark.parametrize(
    ("happens", "error", "remedy"),
    [
        (archive, "is_archived", "the channel is archived. Unarchive it"),
        (make_private, "channel_not_found", "If it is private, type /invite @Tandem in it"),
        (keep_out, "not_in_channel", "Tandem is not in that channel. Type /invite @Tandem"),
        (let_go, "user_disabled", "that person has no active account. Take them off their team"),
    ],
)
async def test_an_admin_is_told_what_to_do_and_it_is_counted_and_not_tried_again(
    tandem: Running, happens: Callable[[Running], None], error: str, remedy: str
) -> None:
    happens(tandem)
    assert (await tandem.lead_arrives()).status_code == 202
    assert await tandem.slack.dm("mia").message(containing=remedy)
    await tandem.idle()
    assert await counted(tandem, error) >= 1
    assert error in await doctor(tandem)
    looked = len(tandem.slack.calls)
    await tandem.program.look_again()
    await tandem.idle()
    assert [one.method for one in tandem.slack.calls[looked:]] == []


async def test_a_message_that_was_deleted_is_posted_anew_without_anybody(tandem: Running) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    await tandem.idle()
    [record] = tandem.slack.workspace.channel(tandem.slack.channel("#leads").id).log.top_level()
    tandem.slack.workspace.delete(record)
    await tandem.slack.dm("ana").messages[-1].button("Claim").click(by="ana")
    await tandem.slack.channel("#leads").message(containing="Claimed by Ana Ruiz")
    assert await counted(tandem, "message_not_found") == 1
    assert card is not None


async def test_a_missing_scope_stops_the_sending_tells_an_admin_and_ends_with_the_scope(tandem: Running) -> None:
    app = tandem.slack.installation.app
    scopes = app.scopes
    app.scopes = tuple(one for one in scopes if one != "chat:write")
    await tandem.lead_arrives()
    await stops(tandem)
    assert "missing_scope (scope chat:write)" in await readiness(tandem)
    assert "missing_scope" in await doctor(tandem)
    assert await counted(tandem, "missing_scope") >= 1
    await tandem.program.check_token_now()
    assert "missing_scope" in await readiness(tandem)
    app.scopes = scopes
    await tandem.program.check_token_now()
    await tandem.slack.channel("#leads").message(containing="Northwind")
    assert "stopped" not in await readiness(tandem)


async def test_without_any_optional_scope_leads_go_out_and_nothing_stops(tandem: Running) -> None:
    app = tandem.slack.installation.app
    app.scopes = tuple(one for one in app.scopes if one not in OPTIONAL_NAMES)
    tandem.slack.faults.next("chat.postMessage", Fault.server_error())  # so that the courier wants to look
    await tandem.lead_arrives()
    await tandem.slack.channel("#leads").message(containing="Northwind")
    await tandem.program.check_token_now()
    assert "stopped" not in await readiness(tandem)
    found = await examine(settings_for(tandem.slack, str(tandem.program.db.url)), tandem.clock)
    left_out = [one for one in found if one.what == "left out"]
    assert all(one.well for one in left_out)
    told = {one.found for one in left_out}
    assert told >= {f"without {one.name}: {one.lost}" for one in OPTIONAL_SCOPES}


async def test_an_admin_hears_of_a_scope_that_is_missing_once_a_day(tandem: Running) -> None:
    app = tandem.slack.installation.app
    app.scopes = tuple(one for one in app.scopes if one != "im:write")
    await tandem.lead_arrives()
    await stops(tandem)
    await tandem.program.check_token_now()
    await tandem.slack.dm("mia").message(containing="the app lacks im:write")
    await tandem.program.check_token_now()
    assert sum("im:write" in message.text for message in tandem.slack.dm("mia").messages) == 1


async def test_a_revoked_token_is_named_and_when_it_holds_again_all_goes_out(tandem: Running) -> None:
    app = tandem.slack.installation.app
    app.revoked = True
    await tandem.program.check_token_now()
    assert "token_revoked" in await readiness(tandem)
    assert "token_revoked" in await doctor(tandem)
    calls = len(tandem.slack.calls)
    assert (await tandem.lead_arrives()).status_code == 202
    await tandem.program.look_again()
    assert await tandem.program.db.read(outbox.waiting)
    assert [one.method for one in tandem.slack.calls[calls:]] == []
    app.revoked = False
    await tandem.program.check_token_now()
    await tandem.slack.channel("#leads").message(containing="Northwind")
    assert "stopped" not in await readiness(tandem)


async def stops(tandem: Running) -> None:
    """Wait until the program has noticed that it may not send."""
    while "stopped" not in await readiness(tandem):
        pass
