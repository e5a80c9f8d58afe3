"""The board: what stands on it, in which order, what its filters count; and the items of a theme, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from domain.errors import Changed, FieldProblems, NotFound
from domain.people import Actor, ensure_member, ensure_workspace
from domain.pulse import UNTAGGED
from domain.themes import answer_theme, find_or_add_theme, theme_pulse
from domain.voc.board import MOST, PAGE, Board, load_board
from domain.voc.errors import VocFieldWrong
from domain.voc.items import add_quote, log_line, withdraw_item
from domain.voc.reading import ITEMS, read_all
from domain.voc.scope import Scope, load_choices
from domain.voc.tagging import set_theme
from domain.voc.work import own_theme, set_status
from storage.models import Account, Team, TeamMember, Theme, VocItem, Workspace
from tests.world import World


def log(world: World, line: str, by: str = "ana", days: float = 0) -> int:
    """Log a line so many days before now; the item's id."""
    at = world.now - timedelta(days=days)
    item_id: int = world.run(log_line, line, by=world.member(by), at=at).item.id
    return item_id


def board(world: World, scope: Scope = Scope(), page: int = 0, by: str = "max") -> Board:  # noqa: B008  # never changed
    return world.run(load_board, scope, page, by=world.member(by), at=world.now)


def slugs(shown: Board) -> list[str]:
    return [theme.slug for theme in shown.themes]


def theme_id(world: World, slug: str) -> int:
    found: int = world.run(lambda session: session.scalars(select(Theme.id).where(Theme.slug == slug)).one())
    return found


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(world.db.engine, "before_cursor_execute", listen)
    yield asked
    event.remove(world.db.engine, "before_cursor_execute", listen)


def test_a_theme_stands_with_what_was_heard_and_what_is_done_about_it(world: World) -> None:
    log(world, "far too dear #pricing @Globex $40k", days=1)
    log(world, "dear #pricing @Globex $50k", by="bo", days=9)
    log(world, "dear #pricing @Initech €20k", by="bo", days=10)
    log(world, "long ago #pricing @Hooli", days=40)
    max_ = world.member("max")
    world.run(own_theme, theme_id(world, "pricing"), by=max_, at=world.now)
    world.run(set_status, theme_id(world, "pricing"), "planned", note="in spring", by=max_, at=world.now)
    [theme] = board(world).themes
    assert (theme.slug, theme.status, theme.note, theme.owner) == ("pricing", "planned", "in spring", "max")
    assert (theme.pulse.count, theme.pulse.accounts, theme.pulse.reps) == (3, 2, 2)
    assert [deal.short() for deal in theme.pulse.deals] == ["€20k", "$50k"]
    assert theme.weeks == (0, 0, 1, 0, 0, 0, 2, 1)
    assert theme.answered_at is None
    assert theme.created_at == world.now - timedelta(days=1)


def test_most_accounts_come_first_and_what_is_done_comes_last(world: World) -> None:
    for account in ("Globex", "Initech", "Hooli"):
        log(world, f"dear #pricing @{account}")
    for account in ("Globex", "Initech"):
        log(world, f"slow #speed @{account}")
    for _ in range(4):
        log(world, "no single sign-on #sso @Globex")
    max_ = world.member("max")
    world.run(set_status, theme_id(world, "pricing"), "wont_do", note="by seat", by=max_, at=world.now)
    assert slugs(board(world)) == ["speed", "sso", "pricing"]


def test_a_theme_that_was_not_heard_lately_stands_below_with_nothing_counted(world: World) -> None:
    log(world, "long ago #legacy @Globex", days=200)
    log(world, "dear #pricing")
    shown = board(world)
    assert slugs(shown) == ["pricing", "legacy"]
    assert (shown.themes[1].pulse.count, shown.total) == (0, 2)


def test_a_theme_whose_items_were_taken_back_is_gone_unless_it_has_an_answer(world: World) -> None:
    for slug in ("pricing", "sso"):
        world.run(withdraw_item, log(world, f"dear #{slug}"), by=world.member("ana"), at=world.now)
    world.run(answer_theme, theme_id(world, "sso"), text="It is there.", by=world.member("max"), at=world.now)
    assert slugs(board(world)) == ["sso"]


def test_the_board_says_what_home_and_receipts_say(world: World) -> None:
    log(world, "dear #pricing @Globex $40k", days=29.9)
    log(world, "too old #pricing @Initech $90k", days=30)
    taken_back = log(world, "dear #pricing @Hooli $10k")
    world.run(withdraw_item, taken_back, by=world.member("ana"), at=world.now)
    [theme] = board(world).themes
    pulse = world.run(theme_pulse, world.workspace_id, theme.id, at=world.now)
    assert theme.pulse == pulse
    assert pulse.count == 1


def test_filters_count_what_they_name(world: World) -> None:
    def arrange(session: Session) -> int:
        session.get_one(Workspace, world.workspace_id).competitors = ["Rivalsoft"]
        team = Team(workspace_id=world.workspace_id, key="two", name="Two", hours={}, created_at=world.now)
        session.add(team)
        session.flush()
        session.add(TeamMember(team_id=team.id, member_id=bo.id))
        return team.id

    bo = world.member("bo")
    team = world.run(arrange)
    log(world, "dear #pricing @Globex")
    log(world, "pain: slow #speed @Globex", by="bo")
    log(world, "dear next to Rivalsoft #pricing @Initech", by="bo", days=60)
    account = world.run(lambda session: session.scalars(select(Account.id).where(Account.name == "Globex")).one())
    found = {
        "kind": slugs(board(world, Scope(kind="pain_point"))),
        "team": slugs(board(world, Scope(team_id=team))),
        "days": slugs(board(world, Scope(days=90, team_id=team))),
        "competitor": slugs(board(world, Scope(days=90, competitor="RIVALSOFT"))),
        "account": slugs(board(world, Scope(account_id=account))),
    }
    assert found == {
        "kind": ["speed"],
        "team": ["speed"],
        "days": ["pricing", "speed"],
        "competitor": ["pricing"],
        "account": ["pricing", "speed"],
    }
    assert board(world, Scope(days=90)).themes[0].pulse.accounts == 2
    named, teams = world.run(load_choices, Scope(team_id=team, account_id=account), by=bo, at=world.now)
    assert (named.team, named.account) == ("Two", "Globex")
    assert [name for _, name in teams] == ["Sales", "Two"]


def test_a_team_or_account_of_another_workspace_is_not_found(world: World) -> None:
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    eva: Actor = world.run(ensure_member, other, "U-EVA", name="eva", at=world.now)
    log(world, "dear #pricing @Globex")
    ours = world.run(
        lambda session: session.scalars(select(Team.id).where(Team.workspace_id == world.workspace_id)).one()
    )
    account = world.run(lambda session: session.scalars(select(Account.id)).one())
    for scope in (Scope(team_id=ours), Scope(account_id=account)):
        with pytest.raises(NotFound):
            world.run(load_board, scope, by=eva, at=world.now)
    with pytest.raises(NotFound):
        world.run(read_all, theme_id(world, "pricing"), Scope(), by=eva, at=world.now)
    assert world.run(load_board, Scope(), by=eva, at=world.now).themes == ()
    assert world.run(read_all, UNTAGGED, Scope(), by=eva, at=world.now).items == ()


def test_pages_hold_each_theme_once_and_a_page_too_far_is_the_last(world: World) -> None:
    for number in range(PAGE + 3):
        log(world, f"dear #theme-{number}")
    first, second, beyond = (board(world, page=page) for page in (0, 1, 99))
    assert (first.pages, first.total, len(first.themes), len(second.themes)) == (2, PAGE + 3, PAGE, 3)
    assert len({*slugs(first), *slugs(second)}) == PAGE + 3
    assert (beyond.page, slugs(beyond)) == (1, slugs(second))


def test_two_hundred_themes_are_read_in_one_go_for_each_part(world: World) -> None:
    def fill(session: Session) -> None:
        for number in range(MOST + 20):
            theme = find_or_add_theme(session, world.workspace_id, f"theme-{number}", at=world.now)
            session.add(
                VocItem(
                    workspace_id=world.workspace_id,
                    member_id=ana.id,
                    kind="objection",
                    line="x",
                    verbatim="x",
                    theme_id=theme.id,
                    origin="command",
                    created_at=world.now,
                    updated_at=world.now,
                    deal_minor=number,
                    deal_currency="USD",
                )
            )

    ana = world.member("ana")
    log(world, "dear #pricing @Globex")
    with statements(world) as few:
        board(world, Scope(days=90))
    world.run(fill)
    with statements(world) as many:
        shown = board(world, Scope(days=90))
    assert (shown.total, shown.more) == (MOST, True)
    assert len(many) <= len(few) <= 8


def test_all_items_are_read_the_newest_first_with_who_where_and_what_it_was(world: World) -> None:
    log(world, "far too dear vs Rivalsoft #pricing @Globex $40k", days=2)
    item = log(world, "they will not pay that #pricing", by="bo", days=1)
    world.run(add_quote, item, "We can't pay that.", version=1, by=world.member("bo"), at=world.now)
    reading = world.run(read_all, theme_id(world, "pricing"), Scope(), by=world.member("ana"), at=world.now)
    first, second = reading.items
    assert (first.author, first.account, first.quote, first.note) == (
        "bo",
        None,
        "We can't pay that.",
        "they will not pay that",
    )
    assert (second.author, second.account, second.quote, str(second.deal)) == ("ana", "Globex", None, "$40,000")
    assert (reading.count, reading.more, reading.older, reading.may_change) == (2, False, False, False)


def test_items_come_in_pages_and_older_ones_on_demand(world: World) -> None:
    for number in range(ITEMS + 2):
        log(world, f"dear number {number} #pricing", days=number)
    log(world, "long ago #pricing", days=100)
    ana, of = world.member("ana"), theme_id(world, "pricing")
    first, second = (world.run(read_all, of, Scope(), page, by=ana, at=world.now) for page in (0, 1))
    assert ([len(page.items) for page in (first, second)], first.pages, first.older) == ([ITEMS, 2], 2, True)
    times = [item.created_at for item in (*first.items, *second.items)]
    assert times == sorted(times, reverse=True)
    ever = world.run(read_all, of, Scope(days=None), 1, by=ana, at=world.now)
    assert (ever.count, ever.items[-1].note, ever.older) == (ITEMS + 3, "long ago", False)


def test_an_item_without_a_theme_is_read_and_filed_by_marketing(world: World) -> None:
    item = log(world, "pain: nobody understands the invoice")
    shown = board(world)
    assert (shown.themes, shown.untagged.count) == ((), 1)
    max_ = world.member("max")
    [read] = world.run(read_all, UNTAGGED, Scope(), by=max_, at=world.now).items
    assert (read.id, read.kind, read.note) == (item, "pain_point", "nobody understands the invoice")
    slug = world.run(set_theme, item, "#Invoices", version=read.version, by=max_, at=world.now)
    assert slug == "invoices"
    after = board(world)
    assert (slugs(after), after.untagged.count) == (["invoices"], 0)


def test_an_item_that_changed_meanwhile_is_not_filed_unseen(world: World) -> None:
    item = log(world, "nobody understands the invoice")
    world.run(add_quote, item, "What is this?", version=1, by=world.member("ana"), at=world.now)
    with pytest.raises(Changed) as changed:
        world.run(set_theme, item, "invoices", version=1, by=world.member("max"), at=world.later(minutes=1))
    assert changed.value.by == "ana"
    with pytest.raises(FieldProblems) as wrong:
        world.run(set_theme, item, "#!", version=2, by=world.member("max"), at=world.now)
    assert wrong.value.problems == {"theme": VocFieldWrong("no_theme")}
