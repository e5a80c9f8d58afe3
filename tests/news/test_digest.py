"""The marketing digest tells what came back for answers in its week, and to whom each theme belongs."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from digests.periods import Period
from digests.sections import Asked
from digests.telling import lay_out
from digests.worked import AnswerWeek, ToldNote, gather_worked, tell_worked
from domain.people import default_team
from domain.voc.verdicts import explain_verdict, give_verdict
from storage.models import Theme
from tests.news.conftest import Marketing


def gathered(marketing: Marketing, *, of_team: bool = False) -> tuple[tuple[AnswerWeek, ...], int]:
    world = marketing.world

    def gather(session: Session) -> dict[str, Any]:
        period = Period(world.now - timedelta(days=7), world.now + timedelta(minutes=1), "UTC")
        team = default_team(session, world.workspace_id) if of_team else None
        return gather_worked(Asked(session, world.workspace_id, period, world.now, team=team))

    found = world.run(gather)
    return found["judged"], found["more_judged"]


def test_what_came_back_is_told_with_its_owner_and_what_happened(marketing: Marketing) -> None:
    world = marketing.world
    for name in ("ana", "bo", "mia"):
        marketing.log("dear #pricing @Globex", name)
    marketing.answer("pricing")

    owner = world.member("max").id
    theme_id = marketing.theme("pricing").id

    def own_it(session: Session) -> None:
        session.get_one(Theme, theme_id).owner_id = owner

    marketing.change(own_it)
    readers = [name for name, _ in marketing.tell()]
    for number, (name, verdict) in enumerate(zip(readers, ("used", "helped", "no_help"), strict=True), start=1):
        world.run(give_verdict, number, 0, verdict, by=world.member(name), at=world.now)
    note = "they <pay> yearly"
    world.run(explain_verdict, 3, 0, note, by=world.member(readers[2]), at=world.now)
    week = AnswerWeek("pricing", 1, 1, 1, "max", (ToldNote(note, readers[2]),), 0)
    assert gathered(marketing) == ((week,), 0)
    (block,) = lay_out(tell_worked((week,), 0), 8_000)
    assert block["text"]["text"].splitlines() == [
        "*What came back for your answers*",
        "#pricing (max): helped 1, did not help 1, used by 1 more.",
        f"> they &lt;pay&gt; yearly ({readers[2]})",
    ]


def test_a_team_s_digest_tells_what_its_people_say(marketing: Marketing) -> None:
    world = marketing.world
    for name in ("ana", "mia"):
        marketing.log("dear #pricing", name)
    marketing.answer("pricing")
    for number, (name, _) in enumerate(marketing.tell(), start=1):
        world.run(give_verdict, number, 0, "helped", by=world.member(name), at=world.now)
    ((everybody,), _) = gathered(marketing)
    ((team,), _) = gathered(marketing, of_team=True)
    assert (everybody.helped, team.helped) == (2, 1)


def test_nothing_is_told_when_nobody_said_anything(marketing: Marketing) -> None:
    assert gathered(marketing) == ((), 0)
    assert tell_worked((), 0) == []
