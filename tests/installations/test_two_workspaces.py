"""Two workspaces in one process, over the playground: each is served by its own token, and nothing of one is in the
other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.commands.doctor import examine
from bot.seal import Sealer
from domain.installations import Grant, installed
from domain.leads.arriving import NewLead
from domain.leads.receiving import receive_lead
from domain.people import default_team
from handlers.catalog import all_listeners
from handlers.scopes import required_scopes
from playground.client import Slack
from playground.signed_http import signature
from storage.models import Member, VocItem, Workspace
from tests.running import KEY, Running, running, settings_for


@dataclass
class Two:
    """Northwind, by SLACK_BOT_TOKEN, and Globex, installed by OAuth while the program runs."""

    tandem: Running
    globex: Slack
    globex_id: int

    @property
    def northwind_id(self) -> int:
        assert self.tandem.program.workspace_id is not None
        return self.tandem.program.workspace_id

    async def said_by(self, workspace_id: int) -> list[str]:
        """The verbatims of a workspace."""
        query = select(VocItem.verbatim).where(VocItem.workspace_id == workspace_id).order_by(VocItem.id)
        return await self.tandem.program.db.read(lambda session: list(session.scalars(query)))

    async def readiness(self) -> httpx.Response:
        async with httpx.AsyncClient() as http:
            return await http.get(f"http://127.0.0.1:{self.tandem.program.port}/readyz")


def add_globex(tandem: Running) -> Slack:
    globex = tandem.slack.add_workspace("Globex", installed=True)
    globex.add_member("gus", real_name="Gus Globe", is_admin=True, is_primary_owner=True)
    globex.add_member("gia", real_name="Gia Globe")
    globex.add_channel("#leads", app=True)
    return globex


async def install(tandem: Running, place: Slack) -> None:
    """Keep what OAuth would have brought."""
    workspace = place.workspace
    grant = Grant(
        app_id=place.installation.app.id,
        bot_user_id=workspace.bot.id,
        scopes=required_scopes(all_listeners()),
        sealed_token=Sealer(KEY).seal(place.bot_token),
        team_id=place.team_id,
        team_name="Globex",
    )
    await tandem.program.db.run(installed, grant, at=tandem.clock.now())


async def members_of(tandem: Running, workspace_id: int) -> list[str]:
    query = select(Member.name).where(Member.workspace_id == workspace_id).order_by(Member.name)
    return await tandem.program.db.read(lambda session: list(session.scalars(query)))


@pytest.fixture
async def two(migrated_url: str) -> AsyncIterator[Two]:
    async with running(migrated_url) as tandem:
        globex = add_globex(tandem)
        await install(tandem, globex)
        found = await until_served(tandem, globex)
        yield Two(tandem, globex, found)


async def until_served(tandem: Running, place: Slack) -> int:
    """Wait until the program serves it and has read who is in it; its id."""
    async with asyncio.timeout(30):
        while (found := tandem.program.installations.of_team(place.team_id)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        while not await members_of(tandem, found.workspace_id):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return found.workspace_id


async def test_a_line_is_kept_in_the_workspace_in_which_it_was_typed(two: Two) -> None:
    await two.globex.channel("#leads").command("/voc far too expensive", by="gia")
    await two.tandem.slack.channel("#leads").command("/voc too slow", by="ana")
    assert await two.said_by(two.globex_id) == ["far too expensive"]
    assert await two.said_by(two.northwind_id) == ["too slow"]


async def test_the_members_of_a_workspace_that_comes_while_we_run_are_read(two: Two) -> None:
    assert await members_of(two.tandem, two.globex_id) == ["Gia Globe", "Gus Globe"]
    assert "Gia Globe" not in await members_of(two.tandem, two.northwind_id)


async def test_a_form_opens_in_the_workspace_in_which_it_was_asked_for(two: Two) -> None:
    await two.globex.channel("#leads").command("/voc", by="gia")
    assert two.globex.modal("gia") is not None
    assert [one.method for one in two.globex.calls if one.method == "views.open"] == ["views.open"]
    assert not two.tandem.slack.calls_of("views.open")


async def test_a_refused_token_stops_its_workspace_and_no_other(two: Two) -> None:
    two.globex.installation.app.revoked = True
    await two.tandem.program.check_token_now()
    states = select(Workspace.state).order_by(Workspace.id)
    assert await two.tandem.program.db.read(lambda session: list(session.scalars(states))) == ["active", "stopped"]
    answer = await two.readiness()
    assert answer.status_code == 200
    assert answer.json()["slow"]["workspaces"]["reason"] == "1 of 2 are stopped"
    await two.tandem.lead_arrives()
    await two.tandem.slack.channel("#leads").message(containing="Northwind")
    two.globex.installation.app.revoked = False
    await two.tandem.program.check_token_now()
    assert await two.tandem.program.db.read(lambda session: list(session.scalars(states))) == ["active", "active"]


async def test_where_tandem_is_not_installed_nothing_is_kept(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        globex = add_globex(tandem)
        receipt = await globex.channel("#leads").command("/voc far too expensive", by="gia")
        assert "another workspace" in receipt.text
        known = select(Workspace.slack_team_id)
        assert await tandem.program.db.read(lambda session: list(session.scalars(known))) == [tandem.slack.team_id]


async def test_a_click_on_a_home_where_nobody_speaks_for_us_asks_slack_for_nothing(migrated_url: str) -> None:
    async with running(migrated_url, "http") as tandem:
        globex = add_globex(tandem)
        payload = {
            "type": "block_actions",
            "user": {"id": globex.member("gia").id, "team_id": globex.team_id},
            "team": {"id": globex.team_id},
            "trigger_id": "1.2.3",
            "view": {"id": "V1", "type": "home", "private_metadata": ""},
            "actions": [{"action_id": "lead.claim", "block_id": "b", "type": "button", "value": "1"}],
        }
        body, stamp = urlencode({"payload": json.dumps(payload)}).encode(), str(int(tandem.clock.outside().timestamp()))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(tandem.slack.signing_secret, stamp, body),
        }
        async with httpx.AsyncClient() as http:
            address = f"http://127.0.0.1:{tandem.program.port}/slack/events"
            assert (await http.post(address, content=body, headers=headers)).status_code == 200
        assert tandem.program.web is not None
        await tandem.program.web.dispatcher.settle()
        assert not [one for one in (*tandem.slack.refusals, *globex.refusals) if one.method.startswith("views.")]


async def test_a_lead_of_a_workspace_is_shown_there_alone(two: Two) -> None:
    channel = two.globex.channel("#leads").id

    def arrive(session: Session) -> None:
        default_team(session, two.globex_id).channel = channel
        session.flush()
        lead = NewLead(name="Kim Doe", source="web")
        receive_lead(session, two.globex_id, lead, at=two.tandem.clock.now(), by=None)

    await two.tandem.program.db.run(arrive)
    await two.globex.channel("#leads").message(containing="Kim Doe")
    await two.tandem.idle()
    assert not [one for one in two.tandem.slack.channel("#leads").messages if "Kim Doe" in one.text]


async def test_the_doctor_looks_at_both_and_says_whose_each_finding_is(two: Two, migrated_url: str) -> None:
    two.globex.installation.app.revoked = True
    settings = settings_for(two.tandem.slack, migrated_url)
    found = {one.what: one for one in await examine(settings, two.tandem.clock)}
    assert found[f"{two.tandem.slack.team_id}: token"].well
    assert not found[f"{two.globex.team_id}: token"].well
    alone = {one.what: one for one in await examine(settings, two.tandem.clock, two.globex.team_id)}
    assert not alone["token"].well
    assert alone["workspace"].found == "Globex"
