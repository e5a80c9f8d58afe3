"""Closing the loop as people live it: reps log, marketing answers and ships, a letter, a verdict, the next receipt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.people import Actor, actor
from domain.themes import find_theme
from domain.voc.worked import judged_version
from storage.models import AnswerVerdict, Audience, Member
from tests.news.conftest import add_asset, set_status
from tests.running import Running, running

ANSWER = "Do the sum with them: it pays for itself by June."


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Tandem on the playground; at the end, Slack refused nothing and nobody was pinged by a mention."""
    async with running(migrated_url) as program:
        yield program
        assert program.slack.refusals == []
        assert program.slack.pings == []


async def voc(tandem: Running, line: str, by: str) -> Any:
    return await tandem.slack.channel("#general").command(f"/voc {line}", by=by)


async def answer(tandem: Running, slug: str = "pricing", text: str = ANSWER) -> None:
    form = await tandem.slack.channel("#general").command(f"/tandem answer #{slug}", by="max")
    form.fill({"What should reps say?": text})
    assert not await form.submit()


async def decide(tandem: Running, slug: str, status: str, note: str | None = None) -> None:
    """Max sets the status of a theme."""
    at = tandem.clock.now()

    def decide(session: Session) -> None:
        set_status(session, slug, status, by=_member(session, tandem, "max"), at=at, note=note)

    await tandem.program.db.run(decide)


def _member(session: Session, tandem: Running, name: str) -> Actor:
    user_id = tandem.slack.member(name).id
    return actor(session.scalars(select(Member).where(Member.slack_user_id == user_id)).one())


def letters(tandem: Running, who: str) -> list[str]:
    return [one.text for one in tandem.slack.dm(who).messages if "raised" in one.text or "heard this at" in one.text]


async def quiet(tandem: Running) -> None:
    """Marketing does nothing more, and everything that follows is said."""
    await tandem.later(minutes=31)


async def test_what_two_reps_heard_is_answered_shipped_told_and_helps_a_third(tandem: Running) -> None:
    await voc(tandem, "too dear #pricing @Globex $40k", "ana")
    await voc(tandem, "too dear #pricing @Initech", "bo")
    await voc(tandem, "cheaper elsewhere #pricing @Hooli", "bo")
    await answer(tandem)
    at = tandem.clock.now()

    def add(session: Session) -> None:
        by = _member(session, tandem, "max")
        theme = find_theme(session, by.workspace_id, "pricing")
        assert theme is not None
        add_asset(session, by.workspace_id, theme.id, "The one-pager", leads=9, at=at)

    await tandem.program.db.run(add)
    await tandem.later(minutes=10)
    await decide(tandem, "pricing", "shipped", "monthly billing, since today")
    await quiet(tandem)

    told = await tandem.slack.dm("bo").message(containing="#pricing is shipped")
    assert "You heard this at Hooli and 1 more account" in told.text
    for words in ("monthly billing, since today", ANSWER, "The one-pager", "By Max Keller"):
        assert words in told.text
    assert told.buttons == ["Used it", "Helped", "Didn't help"]
    anas = await tandem.slack.dm("ana").message(containing="You heard this at Globex: #pricing is shipped")
    assert len(letters(tandem, "ana")) == len(letters(tandem, "bo")) == 1
    assert letters(tandem, "max") == []

    await told.button("Helped").click(by="bo")
    await told.changed(containing="Thanks: marketing sees it. You said that it helped.")
    assert told.buttons == []
    receipt = await voc(tandem, "too dear, they say #pricing @Umbrella", "mia")
    assert ANSWER in receipt.text
    assert "What worked: The one-pager, helped 1 of 1 (too few to say more)" in receipt.text
    assert "3 other reps" not in receipt.text
    assert "2 other reps heard it too" in receipt.text

    await anas.button("Didn't help").click(by="ana")
    form = tandem.slack.modal("ana")
    assert form is not None
    await anas.changed(containing="You said that it did not help.")
    form.fill({"What happened? One line is enough.": "They pay <yearly> anyway"})
    done = await form.submit()
    assert not done
    assert "Thanks." in done.answer.text
    await more_say(tandem, helped=4)
    receipt = await voc(tandem, "much too dear, they say #pricing", "mia")
    assert "What worked: The one-pager, helped 5 of 6" in receipt.text
    card = await tandem.slack.channel("#general").command("/voc #pricing", by="ana")
    assert "Best asset: The one-pager" in card.text
    assert "Did it help? 5 helped, 1 did not help" in card.text

    assert all("They pay" not in one.text for name in ("max", "mia") for one in tandem.slack.dm(name).messages)
    await monday(tandem)
    digest = await tandem.slack.channel("#marketing").message(containing="What came back for your answers")
    assert "#pricing: helped 5, did not help 1." in digest.text
    assert "They pay <yearly> anyway (Ana Ruiz)" in digest.text


async def more_say(tandem: Running, *, helped: int) -> None:
    """So many others are helped by the answer, too."""
    at = tandem.clock.now()

    def say(session: Session) -> None:
        by = _member(session, tandem, "max")
        theme = find_theme(session, by.workspace_id, "pricing")
        assert theme is not None
        for number in range(helped):
            other = Member(workspace_id=by.workspace_id, slack_user_id=f"U0MORE{number}", name=f"More {number}")
            other.kind, other.synced_at, other.created_at = "member", at, at
            session.add(other)
            session.flush()
            given = {"version": judged_version(theme.answer, None), "verdict": "helped", "at": at}
            session.add(AnswerVerdict(workspace_id=by.workspace_id, theme_id=theme.id, member_id=other.id, **given))

    await tandem.program.db.run(say)


async def monday(tandem: Running) -> None:
    """The next digests go out."""
    due = await tandem.program.db.read(lambda session: session.scalars(select(Audience.next_at)).all())
    await tandem.later(seconds=(max(filter(None, due)) - tandem.clock.now()).total_seconds() + 1)


async def test_a_reversal_that_comes_after_the_letter_is_told_in_words(tandem: Running) -> None:
    await voc(tandem, "too dear #pricing @Globex", "ana")
    await decide(tandem, "pricing", "planned", "for the summer")
    await quiet(tandem)
    told = await tandem.slack.dm("ana").message(containing="You heard this at Globex: #pricing is planned")
    assert told.buttons == []
    await decide(tandem, "pricing", "looking")
    await quiet(tandem)
    await tandem.slack.dm("ana").message(containing="#pricing is no longer planned")
    await decide(tandem, "pricing", "wont_do", "nobody *pays* for <that>")
    await quiet(tandem)
    last = await tandem.slack.dm("ana").message(containing="#pricing will not be done")
    assert "Why: nobody" in last.text
    assert len(letters(tandem, "ana")) == 3


async def test_several_themes_come_in_one_message_and_are_judged_one_by_one(tandem: Running) -> None:
    for line in ("too dear #pricing @Globex", "no tablets #hardware @Globex"):
        await voc(tandem, line, "ana")
    await answer(tandem, "pricing")
    await answer(tandem, "hardware", "Show the rugged ones.")
    await quiet(tandem)
    told = await tandem.slack.dm("ana").message(containing="News about 2 themes that you raised")
    assert told.buttons == ["Used it", "Helped", "Didn't help"] * 2
    await told.button("Used it", index=1).click(by="ana")
    await told.changed(containing="You said that you used it.")
    assert told.buttons == ["Used it", "Helped", "Didn't help"]
    assert len(letters(tandem, "ana")) == 1


async def test_a_double_click_is_one_say(tandem: Running) -> None:
    await voc(tandem, "too dear #pricing @Globex", "ana")
    await answer(tandem)
    await quiet(tandem)
    told = await tandem.slack.dm("ana").message(containing="#pricing has an approved answer")
    helped = told.button("Helped")
    await asyncio.gather(*[helped.click(by="ana") for _ in range(3)])
    await told.changed(containing="You said that it helped.")
    await tandem.idle()
    assert sum("Thanks" in one.text for one in tandem.slack.dm("ana").messages) == 1
    rows = await tandem.program.db.read(lambda session: session.scalars(select(AnswerVerdict.verdict)).all())
    assert rows == ["helped"]


async def test_who_is_deactivated_meanwhile_gets_no_letter(tandem: Running) -> None:
    await voc(tandem, "too dear #pricing @Globex", "ana")
    await voc(tandem, "too dear #pricing @Globex", "bo")
    await answer(tandem)
    ana = tandem.slack.member("ana").id
    await tandem.program.db.run(
        lambda session: session.execute(update(Member).where(Member.slack_user_id == ana).values(active=False))
    )
    await quiet(tandem)
    await tandem.slack.dm("bo").message(containing="#pricing has an approved answer")
    assert letters(tandem, "ana") == []


async def test_after_a_contact_what_was_said_is_one_button_away_with_the_account(tandem: Running) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    receipt = await card.button("Contacted").click(by="ana")
    assert receipt.buttons == ["What did they say?", "Undo"]
    form = await receipt.button("What did they say?").click(by="ana")
    assert form.value("Account") == "Northwind"
    form.fill({"What happened?": "too dear for two seats"})
    assert not await form.submit()
    logged = await tandem.slack.channel("#leads").ephemeral("ana", containing="Objection logged")
    assert "@Northwind" in logged.text
    again = await receipt.button("What did they say?").click(by="ana")
    assert again.value("Account") == "Northwind"
    await receipt.button("Undo").click(by="ana")
    await receipt.changed(containing="its clock runs on")
