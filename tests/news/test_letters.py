"""What marketing does with a theme reaches those who raised it: once, together, and as it ended."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours, parse_week
from domain.people import default_team, ensure_member, ensure_workspace
from domain.theme_news import SpreadNews
from domain.voc import letters, spreading
from domain.voc.items import log_line, withdraw_item
from domain.voc.letters import ToldTheme
from storage.models import Job, Member, Theme, ThemeLetter, ThemeNews, ThemeTelling, VocItem
from tests.news.conftest import LONG, Marketing
from tests.world import World

NOW = timedelta()


def brief(told: list[tuple[str, list[ToldTheme]]]) -> list[tuple[str, list[str]]]:
    return [(name, [f"{one.slug} {one.news}" for one in themes]) for name, themes in told]


def test_everybody_who_raised_a_theme_reads_that_it_is_answered(marketing: Marketing) -> None:
    marketing.log("dear #pricing @Globex", "ana")
    marketing.log("dear #pricing @Initech", "bo")
    marketing.log("slow #speed", "mia")
    marketing.answer("pricing")
    told = marketing.tell()
    assert brief(told) == [("ana", ["pricing answered"]), ("bo", ["pricing answered"])]
    assert [(one.answer, one.account, one.more_accounts, one.by) for _, (one,) in told] == [
        ("Say: value.", "Globex", 0, "max"),
        ("Say: value.", "Initech", 0, "max"),
    ]


def test_nothing_is_told_before_marketing_is_quiet(marketing: Marketing) -> None:
    marketing.log("dear #pricing")
    marketing.answer("pricing")
    assert marketing.tell(timedelta(minutes=29)) == []
    marketing.status("pricing", "planned")
    assert marketing.tell(timedelta(minutes=29)) == []
    assert brief(marketing.tell(timedelta(minutes=2))) == [("ana", ["pricing planned"])]


def test_who_goes_on_for_hours_is_not_waited_for(marketing: Marketing) -> None:
    for number in range(12):
        marketing.log(f"dear #theme-{number}")
    told = []
    for number in range(12):
        marketing.answer(f"theme-{number}")
        told += marketing.tell(timedelta(minutes=20))
    assert [len(themes) for _, themes in told] == [9]
    assert [len(themes) for _, themes in marketing.tell(LONG)] == [3]


def test_several_themes_come_in_one_letter_those_with_an_open_deal_first(marketing: Marketing) -> None:
    marketing.log("no tablets #hardware @Globex")
    marketing.log("dear #pricing @Globex $40k")
    marketing.log("lost: too late #rollout @Initech $90k")
    for slug in ("hardware", "pricing", "rollout"):
        marketing.status(slug, "planned")
    assert brief(marketing.tell()) == [("ana", ["pricing planned", "hardware planned", "rollout planned"])]


def test_whoever_has_an_open_deal_is_written_to_first(marketing: Marketing) -> None:
    marketing.log("dear #pricing", "ana")
    marketing.log("dear #pricing @Globex $40k", "bo")
    marketing.answer("pricing")
    assert [name for name, _ in marketing.tell()] == ["bo", "ana"]


def test_accounts_are_counted_and_that_of_the_largest_open_deal_is_named(marketing: Marketing) -> None:
    for line in ("dear #pricing @Globex $40k", "dear #pricing @Initech $90k", "dear #pricing @Acme", "dear #pricing"):
        marketing.log(line)
    marketing.answer("pricing")
    ((_, (told,)),) = marketing.tell()
    assert (told.account, told.more_accounts) == ("Initech", 2)


def test_a_change_of_mind_before_it_was_told_is_told_as_it_ended(marketing: Marketing) -> None:
    marketing.log("dear #pricing")
    marketing.status("pricing", "planned")
    marketing.world.later(minutes=5)
    marketing.status("pricing", "wont_do", "nobody pays for it")
    assert [(one.news, one.before, one.note) for _, (one,) in marketing.tell()] == [
        ("wont_do", None, "nobody pays for it")
    ]


def test_what_was_taken_back_before_it_was_told_is_not_told_at_all(marketing: Marketing) -> None:
    marketing.log("dear #pricing")
    marketing.status("pricing", "planned")
    marketing.status("pricing", "looking")
    assert marketing.tell() == []


@pytest.mark.parametrize("back", ["new", "looking"])
@pytest.mark.parametrize("told", ["planned", "shipped", "wont_do"])
def test_what_is_taken_back_after_it_was_told_is_told(marketing: Marketing, told: str, back: str) -> None:
    marketing.log("dear #pricing")
    marketing.status("pricing", told)
    marketing.tell()
    marketing.status("pricing", back)
    assert [(one.news, one.before) for _, (one,) in marketing.tell()] == [("open", told)]


def test_a_correction_reaches_those_who_were_told_however_long_ago_they_raised_it(marketing: Marketing) -> None:
    marketing.log("dear #pricing")
    marketing.world.later(days=179)
    marketing.status("pricing", "planned")
    assert len(marketing.tell()) == 1
    marketing.log("dear #pricing", "bo")
    marketing.world.later(days=60)
    marketing.status("pricing", "looking")
    assert brief(marketing.tell()) == [("ana", ["pricing open"])]


def test_whoever_raised_it_long_ago_is_told_nothing_new(marketing: Marketing) -> None:
    marketing.log("dear #pricing")
    marketing.world.later(days=181)
    marketing.status("pricing", "planned")
    assert marketing.tell() == []


def test_the_same_is_never_told_twice(marketing: Marketing) -> None:
    marketing.log("dear #pricing")
    marketing.status("pricing", "planned")
    assert len(marketing.tell()) == 1
    marketing.status("pricing", "looking")
    marketing.status("pricing", "planned", "still so")
    assert marketing.tell() == []


def test_a_step_and_a_record_that_are_done_again_tell_nothing_twice(marketing: Marketing) -> None:
    marketing.log("dear #pricing")
    marketing.answer("pricing")
    world = marketing.world
    world.later(minutes=31)
    piece = world.run(spreading.find_raisers, world.workspace_id, SpreadNews(), at=world.now)
    world.run(spreading.spread_news, world.workspace_id, piece, at=world.now)
    due = world.run(letters.find_due, world.workspace_id, at=world.now)
    world.run(letters.write_letters, world.workspace_id, due, at=world.now)
    world.run(letters.write_letters, world.workspace_id, due, at=world.now)
    world.run(spreading.spread_news, world.workspace_id, piece, at=world.now)
    marketing.work()
    assert len(marketing.letters()) == 1
    assert [one for one in world.queued() if one[0] == "theme_letter"] == [("theme_letter", "U-ANA")]


def test_a_rewritten_answer_is_told_only_to_whom_the_former_one_did_not_help(marketing: Marketing) -> None:
    from domain.voc.verdicts import give_verdict

    marketing.log("dear #pricing", "ana")
    marketing.log("dear #pricing", "bo")
    marketing.answer("pricing")
    marketing.tell()
    world = marketing.world
    for letter_id, name, verdict in ((1, "ana", "helped"), (2, "bo", "no_help")):
        world.run(give_verdict, letter_id, 0, verdict, by=world.member(name), at=world.now)
    marketing.answer("pricing", "Say: value, and mean it.")
    assert brief(marketing.tell()) == [("bo", ["pricing rewritten"])]
    marketing.answer("pricing", "Say: value, and show it.")
    assert marketing.tell() == []


def test_whoever_did_it_is_not_told_and_hears_what_others_did(marketing: Marketing) -> None:
    marketing.log("dear #pricing", "max")
    marketing.log("dear #pricing", "mia")
    marketing.answer("pricing", by="mia")
    marketing.status("pricing", "planned", by="max")
    told = marketing.tell()
    assert brief(told) == [("mia", ["pricing planned"]), ("max", ["pricing answered"])]
    assert [one.answer for _, (one,) in told] == [None, "Say: value."]


def test_the_deactivated_and_guests_are_passed_over(marketing: Marketing) -> None:
    for name in ("ana", "bo", "mia"):
        marketing.log("dear #pricing", name)
    marketing.answer("pricing")

    def leave(session: Session) -> None:
        session.execute(update(Member).where(Member.name == "ana").values(active=False))
        session.execute(update(Member).where(Member.name == "bo").values(kind="guest"))

    marketing.change(leave)
    assert [name for name, _ in marketing.tell()] == ["mia"]


def test_what_was_taken_back_by_its_author_is_no_reason_to_write(marketing: Marketing) -> None:
    item = marketing.log("dear #pricing")
    marketing.answer("pricing")
    world = marketing.world
    world.run(withdraw_item, item, by=world.member("ana"), at=world.now)
    assert marketing.tell() == []


def test_another_workspace_hears_nothing(marketing: Marketing) -> None:
    world = marketing.world
    marketing.log("dear #pricing")
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    world.run(log_line, "dear #pricing", by=stranger, at=world.now)
    marketing.answer("pricing")
    assert [name for name, _ in marketing.tell()] == ["ana"]


def test_outside_working_hours_it_waits_for_the_morning_and_comes_in_one_letter(marketing: Marketing) -> None:
    world = marketing.world

    def keep_office_hours(session: Session) -> None:
        hours = WorkingHours("UTC", parse_week("mon-fri 09:00-17:00"))
        default_team(session, world.workspace_id).hours = hours.to_json()

    marketing.change(keep_office_hours)
    marketing.log("dear #pricing")
    marketing.log("slow #speed")
    world.now = datetime(2026, 11, 16, 19, 0, tzinfo=UTC)
    marketing.status("pricing", "planned")
    assert marketing.tell() == []
    marketing.status("speed", "planned")
    assert marketing.tell(timedelta(hours=2)) == []
    world.now = datetime(2026, 11, 17, 8, 59, tzinfo=UTC)
    assert marketing.tell(NOW) == []
    assert brief(marketing.tell(timedelta(minutes=1))) == [("ana", ["pricing planned", "speed planned"])]


def test_what_changes_while_it_waits_for_the_morning_is_told_as_it_ended(marketing: Marketing) -> None:
    world = marketing.world

    def go_away(session: Session) -> None:
        session.execute(update(Member).where(Member.name == "ana").values(away_until=world.now + timedelta(days=2)))

    marketing.change(go_away)
    marketing.log("dear #pricing")
    marketing.status("pricing", "planned")
    assert marketing.tell() == []
    world.later(days=2)
    marketing.status("pricing", "wont_do", "too dear")
    assert marketing.tell(timedelta(minutes=1)) == []
    assert brief(marketing.tell()) == [("ana", ["pricing wont_do"])]


def test_many_people_are_told_in_pieces_each_once(marketing: Marketing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "PIECE", 2)
    monkeypatch.setattr(letters, "PIECE", 2)
    world = marketing.world

    def crowd(session: Session) -> None:
        theme = session.scalars(select(Theme)).one()
        for number in range(7):
            by = ensure_member(session, world.workspace_id, f"U-{number}", name=f"rep {number}", at=world.now)
            line = {"line": "dear", "verbatim": "dear", "kind": "objection", "origin": "command"}
            times = {"created_at": world.now, "updated_at": world.now}
            session.add(VocItem(workspace_id=world.workspace_id, member_id=by.id, theme_id=theme.id, **line, **times))

    marketing.log("dear #pricing")
    marketing.change(crowd)
    marketing.answer("pricing")
    told = [name for name, _ in marketing.tell()]
    assert sorted(told) == ["ana", *(f"rep {number}" for number in range(7))]
    assert world.run(lambda session: session.scalars(select(ThemeNews)).all()) == []
    assert world.run(lambda session: session.scalars(select(Job).where(Job.due_at.is_not(None))).all()) == []


def test_a_theme_that_changes_between_two_pieces_is_told_as_it_ended(
    marketing: Marketing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreading, "PIECE", 1)
    world = marketing.world
    for name in ("ana", "bo"):
        marketing.log("dear #pricing", name)
    marketing.status("pricing", "planned")
    world.later(minutes=31)
    piece = world.run(spreading.find_raisers, world.workspace_id, SpreadNews(), at=world.now)
    world.run(spreading.spread_news, world.workspace_id, piece, at=world.now)
    world.later(minutes=1)
    marketing.status("pricing", "wont_do", "too dear")
    marketing.work()
    assert marketing.letters() == []
    assert brief(marketing.tell()) == [("ana", ["pricing wont_do"]), ("bo", ["pricing wont_do"])]


def test_what_comes_due_between_looking_and_writing_is_told_by_the_next_job(marketing: Marketing) -> None:
    world = marketing.world
    for line in ("dear #pricing", "slow #speed"):
        marketing.log(line)
    marketing.status("pricing", "planned")
    world.later(minutes=31)

    def spread() -> None:
        piece = world.run(spreading.find_raisers, world.workspace_id, SpreadNews(), at=world.now)
        world.run(spreading.spread_news, world.workspace_id, piece, at=world.now)

    spread()
    due = world.run(letters.find_due, world.workspace_id, at=world.now)
    marketing.status("speed", "planned")
    world.run(lambda session: session.execute(update(ThemeNews).values(first_at=world.now - LONG)))
    spread()
    world.run(letters.write_letters, world.workspace_id, due, at=world.now)
    assert brief(marketing.letters()) == [("ana", ["pricing planned"])]
    marketing.work()
    assert brief(marketing.letters()) == [("ana", ["pricing planned"]), ("ana", ["speed planned"])]


def merge(session: Session, gone: str, into: str) -> None:
    """As a marketer merges two themes."""
    themes = {theme.slug: theme for theme in session.scalars(select(Theme))}
    themes[gone].merged_into_id = themes[into].id
    session.execute(update(VocItem).where(VocItem.theme_id == themes[gone].id).values(theme_id=themes[into].id))


def test_two_themes_that_were_merged_meanwhile_are_told_once(marketing: Marketing) -> None:
    for line in ("dear #pricing", "dear #price"):
        marketing.log(line)
    marketing.status("pricing", "planned")
    marketing.status("price", "planned")
    marketing.change(lambda session: merge(session, "price", "pricing"))
    assert brief(marketing.tell()) == [("ana", ["pricing planned"])]


def test_what_was_told_of_a_theme_is_not_told_again_of_the_theme_that_took_its_place(marketing: Marketing) -> None:
    marketing.log("dear #price", "ana")
    marketing.log("dear #pricing", "bo")
    marketing.status("price", "planned")
    marketing.tell()
    marketing.change(lambda session: merge(session, "price", "pricing"))
    marketing.status("pricing", "planned")
    assert brief(marketing.tell()) == [("bo", ["pricing planned"])]
    marketing.status("pricing", "looking")
    assert brief(marketing.tell()) == [("ana", ["pricing open"]), ("bo", ["pricing open"])]


def test_shipped_comes_with_the_best_asset_and_the_answer(marketing: Marketing) -> None:
    marketing.log("dear #pricing")
    marketing.asset("pricing", "The brochure", leads=1)
    marketing.asset("pricing", "The one-pager", leads=9)
    marketing.answer("pricing")
    marketing.status("pricing", "shipped")
    ((_, (told,)),) = marketing.tell()
    assert (told.news, told.answer, told.asset, told.asset_url) == (
        "shipped",
        "Say: value.",
        "The one-pager",
        "https://example.com/the-one-pager",
    )


def test_a_wish_that_is_planned_has_nothing_to_be_judged(marketing: Marketing) -> None:
    marketing.log("dear #pricing")
    marketing.status("pricing", "planned")
    ((_, (told,)),) = marketing.tell()
    assert told.version is None


def test_a_round_that_another_one_overtook_leaves_nothing_undone(world: World, marketing: Marketing) -> None:
    """A job may come before the round is due, and the one that would come then may be done already."""
    marketing.log("dear #pricing")
    marketing.answer("pricing")

    def lose_the_job(session: Session) -> None:
        for job in session.scalars(select(Job)):
            job.due_at = world.now

    marketing.change(lose_the_job)
    marketing.work()
    assert marketing.letters() == []
    assert len(marketing.tell()) == 1
    assert world.run(lambda session: session.scalars(select(ThemeTelling.due_at)).all()) == [None]
    assert world.run(lambda session: len(session.scalars(select(ThemeLetter)).all())) == 1
