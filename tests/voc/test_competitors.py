"""A competitor's card: counted by the rule of receipts, deals by what ended them, and words that customers said."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from domain.money import Money
from domain.people import ensure_member, ensure_workspace
from domain.pulse import Pulse
from domain.themes import AnswerMark, answer_theme, find_or_add_theme
from domain.voc.competitors import (
    Deal,
    Deals,
    KnownCompetitor,
    Met,
    Raised,
    UnknownCompetitor,
    show_competitor,
)
from domain.voc.errors import OnlyCompetitor, OnlyMarkers
from domain.voc.items import log_line, withdraw_item
from domain.voc.receipt import VocReceipt
from handlers.voc.competitors import competitor_view
from handlers.voc.known import Commands
from storage.models import Account, Asset, AssetFigures, Lead, Workspace
from tests.voc.regrouped import merge, undo
from tests.world import World

INDEXES = ("ix_voc_items_competitor", "ix_leads_closed", "ix_voc_items_uncounted", "ix_voc_items_votes")


@pytest.fixture(autouse=True)
def market(world: World) -> World:
    """The world, with a competitor that everyone knows."""
    world.run(lambda session: setattr(session.get_one(Workspace, world.workspace_id), "competitors", ["Rivalsoft"]))
    return world


def log(world: World, line: str, who: str = "ana") -> VocReceipt:
    return world.run(log_line, line, by=world.member(who), at=world.later(minutes=1))


def type_line(world: World, line: str) -> VocReceipt:
    return world.run(log_line, line, by=world.member("ana"), at=world.later(minutes=1), doubting=True)


def show(world: World, typed: str) -> KnownCompetitor | UnknownCompetitor:
    return world.run(show_competitor, typed, by=world.member("ana"), at=world.now)


def known(world: World, typed: str = "!rivalsoft") -> KnownCompetitor:
    found = show(world, typed)
    assert isinstance(found, KnownCompetitor)
    return found


def end_deal(world: World, account: str, state: str) -> None:
    """A lead of the account is won or lost, as a system that closes leads writes it."""
    lead_id = world.lead(company=account, email=f"{account}@example.com")

    def close(session: Session) -> None:
        lead = session.get_one(Lead, lead_id)
        of_account = session.query(Account).filter_by(name=account).one()
        lead.account_id, lead.contacted_at, lead.updated_at = of_account.id, world.now, world.now
        lead.state = state

    world.run(close)


@pytest.mark.parametrize(
    "line", ["!Rivalsoft", "!rivalsoft", "!rivalsoft?", "@rivalsoft", '!"Rivalsoft"', "！rivalsoft"]
)
def test_a_competitor_alone_is_a_competitor_to_be_shown(world: World, line: str) -> None:
    with pytest.raises(OnlyCompetitor) as caught:
        type_line(world, line)
    assert caught.value.name == "Rivalsoft"


def test_a_name_that_items_call_a_competitor_is_shown_after_an_at_where_no_account_bears_it(world: World) -> None:
    with pytest.raises(OnlyMarkers) as caught:
        type_line(world, "@hubspot")
    assert caught.value.account == "hubspot"
    log(world, "they use !hubspot")
    with pytest.raises(OnlyCompetitor):
        type_line(world, "@hubspot")
    log(world, "dear @Hubspot")
    with pytest.raises(OnlyMarkers):
        type_line(world, "@hubspot")


def test_how_often_it_was_met_is_counted_as_receipts_count_it_and_over_ninety_days(world: World) -> None:
    log(world, "dear vs Rivalsoft @Initech $9k")
    world.later(days=60)
    log(world, "dear !Rivalsoft @Globex $40k")
    receipt = log(world, "they use rivalsoft @Globex $45k", "bo")
    found = known(world)
    assert receipt.echo is not None
    assert found.name == "Rivalsoft"
    assert found.pulse == receipt.echo.pulse == Pulse(2, 2, 1, (Money(4_500_000, "USD"),))
    assert found.met == Met(3, 2, 2, more=False)


def test_what_was_taken_back_is_not_on_the_card(world: World) -> None:
    log(world, 'dear !Rivalsoft #pricing @Globex "no"')
    taken = log(world, '"never" !Rivalsoft #sso @Initech').item
    world.run(withdraw_item, taken.id, by=world.member("ana"), at=world.now)
    found = known(world)
    assert (found.met.items, found.deals.open, [one.slug for one in found.raised]) == (1, 1, ["pricing"])
    assert [one.words for one in found.said] == ["no"]


def test_a_deal_is_lost_by_a_lost_reason_and_won_or_lost_by_a_lead_that_ended_after_it_was_met(world: World) -> None:
    log(world, "dear !Rivalsoft @Early")
    end_deal(world, "Early", "won")
    log(world, "lost: price !Rivalsoft @Globex $40k")
    log(world, "they use !Rivalsoft @Initech $10k")
    log(world, "they use !Rivalsoft @Initech $12k")
    log(world, "they use !Rivalsoft @Hooli")
    world.later(minutes=1)
    end_deal(world, "Initech", "lost")
    deals = known(world).deals
    assert deals == Deals(
        open=1,
        won=1,
        lost=2,
        last=(
            Deal("Hooli", "open", None),
            Deal("Initech", "lost", Money(1_200_000, "USD")),
            Deal("Globex", "lost", Money(4_000_000, "USD")),
            Deal("Early", "won", None),
        ),
    )


def test_a_deal_that_ended_before_anybody_named_the_competitor_says_nothing(world: World) -> None:
    log(world, "dear @Globex")
    end_deal(world, "Globex", "won")
    world.later(minutes=1)
    log(world, "they use !Rivalsoft @Globex")
    assert known(world).deals == Deals(1, 0, 0, (Deal("Globex", "open", None),))


def test_leads_of_a_merged_account_count_once_and_for_the_account_that_took_its_place(world: World) -> None:
    log(world, "they use !Rivalsoft @Acme")
    log(world, 'they use !Rivalsoft @"Acme Group"')
    world.later(minutes=1)
    end_deal(world, "Acme", "lost")
    world.later(minutes=1)
    end_deal(world, "Acme Group", "won")
    assert known(world).deals.ended == 2
    done = merge(world, "@Acme Group", "@Acme")
    assert known(world).deals == Deals(0, 1, 0, (Deal("Acme", "won", None),))
    log(world, "they use !Rivalsoft @Hooli")
    merge(world, "@Acme", "@Hooli")
    assert known(world).deals == Deals(0, 1, 0, (Deal("Hooli", "won", None),))
    undo(world, done)
    assert known(world).deals == Deals(0, 1, 1, (Deal("Hooli", "lost", None), Deal("Acme Group", "won", None)))


def test_below_five_deals_that_ended_the_card_says_that_they_are_too_few(world: World) -> None:
    for number in range(4):
        log(world, f"lost: price !Rivalsoft @Account{number}")
    assert "Too few to say how we do: 4 deals ended, and it takes 5." in words(world)
    log(world, "they use !Rivalsoft @Account9")
    world.later(minutes=1)
    end_deal(world, "Account9", "won")
    assert "0 open, 1 won, 4 lost. We won 1 of 5 deals that ended." in words(world)


def test_the_themes_that_it_comes_with_against_us_are_counted_with_what_there_is_to_say(world: World) -> None:
    log(world, 'dear !Rivalsoft #pricing @Globex "too dear"')
    log(world, "dear !Rivalsoft #pricing @Initech")
    log(world, "gap: no SSO !Rivalsoft #sso @Globex")
    log(world, "praise: nicer than !Rivalsoft #ui @Globex")
    theme = world.run(find_or_add_theme, world.workspace_id, "pricing", at=world.now)
    world.run(answer_theme, theme.id, text="Compare *total* cost.", by=world.member("max"), at=world.now)
    world.run(add_assets, world, theme.id)
    assert known(world).raised == (
        Raised(
            "pricing", 2, 2, 1, "Compare *total* cost.", "Battlecard", "https://x.test/b", 3, AnswerMark("internal")
        ),
        Raised("sso", 1, 1, 0),
    )
    shown = words(world)
    assert "#pricing  2 items about 2 accounts  ·  1 in customers’ words" in shown
    assert "#sso  1 item about 1 account  ·  no customer’s words yet" in shown
    assert "part of 3 won deals" in shown
    assert "*#pricing* (internal)  Compare" in shown


def test_only_customers_own_words_stand_on_the_card(world: World) -> None:
    log(world, "their support is awful, I think !Rivalsoft")
    assert known(world).said == ()
    assert "No customer’s own words with Rivalsoft yet." in words(world)
    assert "awful" not in words(world)
    log(world, 'CFO: "their support never called back" !Rivalsoft @Globex')
    assert [(one.words, one.account) for one in known(world).said] == [("their support never called back", "Globex")]


def test_an_unknown_competitor_names_what_is_spelled_nearly_so_else_what_came_up(world: World) -> None:
    log(world, "dear !Rivalsoft")
    log(world, "dear !Hooli")
    assert show(world, "!rivalsof") == UnknownCompetitor("rivalsof", ("Rivalsoft",), ())
    assert show(world, "!rivalsfot") == UnknownCompetitor("rivalsfot", ("Rivalsoft",), ())
    assert show(world, "!omnihaul") == UnknownCompetitor("omnihaul", (), ("Hooli", "Rivalsoft"))


def test_items_of_another_workspace_are_not_on_the_card(world: World) -> None:
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    world.run(log_line, "dear !Rivalsoft @Globex", by=stranger, at=world.now)
    assert show(world, "!rivalsoft") == UnknownCompetitor("Rivalsoft", (), ())


def test_the_card_reads_no_growing_table_without_an_index(world: World, engine_name: str) -> None:
    log(world, 'dear !Rivalsoft #pricing @Globex "no"')
    asked: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        asked.append((statement, parameters))

    event.listen(world.db.engine, "before_cursor_execute", listen)
    known(world)
    event.remove(world.db.engine, "before_cursor_execute", listen)
    about_items = [one for one in asked if "voc_items" in one[0] or "leads" in one[0]]
    assert about_items
    for statement, parameters in about_items:
        plan = world.run(explain, statement, parameters, engine_name)
        assert any(index in plan for index in INDEXES), plan


def explain(session: Session, statement: str, parameters: Any, engine_name: str) -> str:
    if engine_name == "postgresql":
        session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
    how = "EXPLAIN QUERY PLAN" if engine_name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row) for row in session.connection().exec_driver_sql(f"{how} {statement}", parameters))


def add_assets(session: Session, world: World, theme_id: int) -> None:
    for slug, title, wins in (("a", "Old sheet", 1), ("b", "Battlecard", 3), ("c", "Newest", None)):
        asset = Asset(
            workspace_id=world.workspace_id,
            slug=slug,
            title=title,
            url=f"https://x.test/{slug}",
            theme_id=theme_id,
            created_at=world.now,
        )
        session.add(asset)
        session.flush()
        if wins is not None:
            session.add(
                AssetFigures(
                    asset_id=asset.id,
                    week=world.now.date(),
                    workspace_id=world.workspace_id,
                    influenced_wins=wins,
                    updated_at=world.now,
                )
            )


def words(world: World) -> str:
    """All that the card says, in Slack's markup."""
    return str(competitor_view(known(world), Commands("/voc", "/tandem")).blocks)
