"""A source's screen: when it was heard, a test lead, the secret before the last change; the alarm when it is silent."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.sources import AUTHS, add_source
from handlers.intake.sources import ADAPTERS
from playground import Modal
from storage.models import Clock, Lead, LeadEvent, Source, TeamMember, Wish
from tests.config.test_fields_in_slack import heard
from tests.config.test_lists_in_slack import modal, opened
from tests.running import Running


async def screen(tandem: Running) -> Modal:
    await (await opened(tandem, "Sources")).button("Change").click(by="mia")
    return modal(tandem)


async def counted(tandem: Running) -> list[int | str]:
    """What a lead leaves behind, and whose turn it is."""
    return await tandem.program.db.read(
        lambda session: [
            *(session.scalar(select(func.count()).select_from(table)) or 0 for table in (Lead, LeadEvent, Clock, Wish)),
            *(str(one) for one in session.scalars(select(TeamMember.last_given_at).order_by(TeamMember.member_id))),
        ]
    )


async def test_a_test_lead_shows_what_would_happen_and_leaves_nothing_behind(tandem: Running) -> None:
    assert "Not heard yet." in (await screen(tandem)).text
    await tandem.lead_arrives()
    await heard(tandem)
    before = await counted(tandem)
    form = await screen(tandem)
    assert "Last heard" in form.text
    await form.button("Send a test lead").click(by="mia")
    shown = modal(tandem)
    for words in ("Name: Tess Ting", "E-mail: tess.ting@example.com", "team Sales", "turn", "Nothing was stored"):
        assert words in shown.text, words
    assert await counted(tandem) == before


async def test_every_kind_of_source_reads_a_test_lead(tandem: Running) -> None:
    leading = [one for one in AUTHS if ADAPTERS[one].delivery_key is not None]

    def make(session: Session) -> None:
        workspace_id = session.scalars(select(Source.workspace_id)).one()
        for auth in leading:
            add_source(
                session,
                workspace_id,
                f"kind-{leading.index(auth) + 10}",
                auth=auth,
                seal=lambda text: text,
                at=tandem.clock.now(),
            )

    await tandem.program.db.run(make)
    for auth in leading:
        sources = await opened(tandem, "Sources")
        await sources.button("Change", near=f"kind-{leading.index(auth) + 10}").click(by="mia")
        await modal(tandem).button("Send a test lead").click(by="mia")
        shown = modal(tandem).text
        assert "Tess Ting" in shown, auth
        assert "tess.ting@example.com" in shown, auth
        assert "It goes to" in shown, auth
    assert (await counted(tandem))[:4] == [0, 0, 0, 0]


async def test_a_new_secret_leaves_the_old_one_a_day_and_the_screen_says_until_when(tandem: Running) -> None:
    form = await screen(tandem)
    await form.button("New secret").click(by="mia")
    assert "The old secret works for another day." in modal(tandem).text
    assert (await tandem.lead_arrives()).status_code == 202
    form = await screen(tandem)
    assert "The old secret works until" in form.text
    await form.button("End it now").click(by="mia")
    assert "The old secret works until" not in modal(tandem).text
    assert (await tandem.lead_arrives(name="Kim Oh")).status_code == 401
    await tandem.later(days=1)
    assert "The old secret" not in (await screen(tandem)).text


async def test_an_admin_hears_of_a_silent_source_once_and_the_message_changes(tandem: Running) -> None:
    for number in range(8):
        assert (await tandem.lead_arrives(name=f"Lead {number}")).status_code == 202
        await heard(tandem)
        await tandem.later(hours=26)
    await tandem.later(days=12)
    assert tandem.program.worker is not None
    for _ in range(2):
        await tandem.program.worker.schedule.look_at_sources()
        await tandem.idle()
    messages = tandem.slack.dm("mia")
    alarm = await messages.message(containing="No word from website")
    assert "usually every" in alarm.text
    general = tandem.slack.channel("#general")
    await general.command("/tandem doctor", by="mia")
    assert "website: heard" in (await general.ephemeral("mia", "needs you")).text
    assert "Silent for far longer than usual" in (await screen(tandem)).text
    await tandem.lead_arrives(name="Back Again")
    await heard(tandem)
    await tandem.idle()
    assert "website is heard again" in (await messages.message(containing="website is heard again")).text
