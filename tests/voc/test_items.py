"""What is saved of a line or a form, who may change it, and how it is taken back."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.errors import Changed, FieldProblems, NotFound, Refused
from domain.people import ensure_member, ensure_workspace
from domain.text import TextEmpty, TextTooLong
from domain.voc.errors import OnlyMarkers
from domain.voc.facts import VocFacts, list_own_items, my_voc
from domain.voc.form import VocForm
from domain.voc.items import (
    add_quote,
    edit_item,
    log_form,
    log_line,
    open_item,
    restore_item,
    withdraw_item,
)
from storage.models import Card, VocItem, Workspace
from tests.world import World

LINE = "too expensive next to Rivalsoft #pricing @Globex $40k"


@pytest.fixture
def market(world: World) -> World:
    """The world, with a competitor that everyone knows."""

    def name_competitor(session: Session) -> None:
        session.get_one(Workspace, world.workspace_id).competitors = ["Rivalsoft"]

    world.run(name_competitor)
    return world


def log(world: World, line: str = LINE, who: str = "ana") -> VocFacts:
    return world.run(log_line, line, by=world.member(who), at=world.now).item


def fill(world: World, form: VocForm, *, permalink: str | None = None, who: str = "ana") -> VocFacts:
    origin = "shortcut" if permalink else "form"
    return world.run(log_form, form, origin=origin, permalink=permalink, by=world.member(who), at=world.now).item


def stored(world: World, item_id: int) -> VocItem:
    item: VocItem = world.run(lambda session: session.get_one(VocItem, item_id))
    return item


def count(world: World) -> int:
    number: int = world.run(lambda session: session.scalar(select(func.count()).select_from(VocItem)))
    return number


def test_a_line_is_kept_as_typed_and_as_understood(market: World) -> None:
    item = log(market)
    assert (item.kind, item.theme, item.account, item.competitor) == ("objection", "pricing", "Globex", "Rivalsoft")
    assert str(item.deal) == "$40,000"
    assert item.verbatim == "too expensive next to Rivalsoft"
    assert stored(market, item.id).line == LINE


def test_an_unknown_account_is_new_the_first_time_only(world: World) -> None:
    assert log(world).account_new
    world.later(minutes=1)
    assert not log(world, "again @Globex", "bo").account_new


@pytest.mark.parametrize(
    "line",
    [
        "slow #pricing",
        "#42 is slow #pricing",
        "slow (#Pricing)",
        "see http://x.test/a #pricing#other",
        "a#b is slow #pricing!",
    ],
)
def test_wherever_the_theme_stands_it_is_the_one_that_is_there(world: World, line: str) -> None:
    assert log(world, "expensive #pricing").theme_new
    world.later(minutes=1)
    item = log(world, line)
    assert (item.theme, item.theme_new) == ("pricing", False)


def test_a_dollar_is_the_workspaces_own(world: World) -> None:
    world.run(lambda session: setattr(session.get_one(Workspace, world.workspace_id), "currency", "CAD"))
    deal = log(world).deal
    assert deal is not None
    assert deal.currency == "CAD"


def test_markers_without_words_are_refused_and_nothing_is_saved(world: World) -> None:
    with pytest.raises(OnlyMarkers):
        log(world, "#pricing @Globex $40k")
    assert count(world) == 0


def test_a_line_of_invisible_characters_is_empty(world: World) -> None:
    with pytest.raises(TextEmpty):
        log(world, "\u200b\x00\u200b")


def test_a_line_of_ten_thousand_characters_is_refused(world: World) -> None:
    with pytest.raises(TextTooLong):
        log(world, "x" * 10_000)
    assert count(world) == 0


@pytest.mark.parametrize(
    "text", ["<!channel> hi", "السعر مرتفع", "👩‍👩‍👧 nice", "a\x00b", "<@U-BO> said so", "50% & more"]
)
def test_any_text_is_stored(world: World, text: str) -> None:
    assert log(world, text).verbatim == text.replace("\x00", "")


def test_a_form_with_only_its_text_is_read_as_a_line(market: World) -> None:
    item = fill(market, VocForm(text=f"gap: {LINE}", kind="objection"))
    assert (item.kind, item.theme, item.account) == ("feature_gap", "pricing", "Globex")
    assert stored(market, item.id).line == f"gap: {LINE}"


def test_a_form_with_more_than_its_text_keeps_the_text_as_it_is(world: World) -> None:
    item = fill(world, VocForm(text="they ask @bo about #3", theme="Price Model", deal="€12.5k"))
    assert (item.verbatim, item.theme, str(item.deal)) == ("they ask @bo about #3", "price-model", "€12,500")


def test_the_words_of_a_message_are_never_read_as_markers(world: World) -> None:
    item = fill(world, VocForm(text="see #general for @Globex"), permalink="https://x.slack.com/archives/C1/p1")
    assert (item.verbatim, item.theme, item.account) == ("see #general for @Globex", None, None)
    assert stored(world, item.id).origin == "shortcut"


def test_a_form_names_every_field_that_cannot_be_saved(world: World) -> None:
    with pytest.raises(FieldProblems) as problems:
        fill(world, VocForm(text=" ", kind="gossip", theme="#42", account="x" * 100, deal="a lot", quote="q" * 4000))
    assert sorted(problems.value.problems) == ["account", "deal", "kind", "quote", "text", "theme"]
    assert count(world) == 0


def test_a_form_with_an_account_of_another_workspace_is_refused(world: World) -> None:
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    theirs = world.run(log_line, LINE, by=stranger, at=world.now).item
    with pytest.raises(FieldProblems):
        fill(world, VocForm(text="hi", account_id=theirs.account_id))


def test_editing_replaces_what_was_understood(world: World) -> None:
    item = log(world)
    form = VocForm(text="too expensive", kind="lost_reason", theme="budget", account_id=item.account_id)
    edited = world.run(
        edit_item, item.id, form, version=item.version, by=world.member("ana"), at=world.later(minutes=1)
    )
    assert (edited.item.kind, edited.item.theme, edited.item.account, edited.item.deal) == (
        "lost_reason",
        "budget",
        "Globex",
        None,
    )
    assert stored(world, item.id).line == "too expensive"


def test_a_deal_that_was_left_alone_stays(world: World) -> None:
    item = log(world, "they want 500 seats")

    def import_deal(session: Session) -> None:
        row = session.get_one(VocItem, item.id)
        row.deal_minor, row.deal_currency = 50_000, "THB"

    world.run(import_deal)
    form = VocForm(text=item.verbatim, deal="500 THB")
    edited = world.run(edit_item, item.id, form, version=item.version, by=world.member("ana"), at=world.now)
    assert str(edited.item.deal) == "THB 500"


def test_an_edit_of_an_old_version_loses_and_names_who_was_faster(world: World) -> None:
    item = log(world)
    world.run(edit_item, item.id, VocForm(text="a"), version=1, by=world.member("mia"), at=world.now)
    with pytest.raises(Changed) as lost:
        world.run(edit_item, item.id, VocForm(text="b"), version=1, by=world.member("ana"), at=world.now)
    assert lost.value.by == "mia"
    assert stored(world, item.id).verbatim == "a"


def test_a_colleague_may_not_change_an_item_but_a_manager_may(world: World) -> None:
    item = log(world)
    for use_case in (withdraw_item, restore_item, open_item):
        with pytest.raises(Refused):
            world.run(use_case, item.id, by=world.member("bo"), at=world.now)
    assert not world.run(withdraw_item, item.id, by=world.member("mia"), at=world.now).live


def test_an_item_of_another_workspace_does_not_exist(world: World) -> None:
    item = log(world)
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    with pytest.raises(NotFound):
        world.run(open_item, item.id, by=stranger, at=world.now)


def test_a_withdrawn_item_is_in_no_list_until_it_is_restored(world: World) -> None:
    item, ana = log(world), world.member("ana")
    world.run(withdraw_item, item.id, by=ana, at=world.now)
    assert world.run(my_voc, ana.id, 5) == []
    with pytest.raises(Refused):
        world.run(open_item, item.id, by=ana, at=world.now)
    assert world.run(restore_item, item.id, by=ana, at=world.now).item.live
    assert [found.id for found in world.run(my_voc, ana.id, 5)] == [item.id]


def test_undo_twice_is_as_undo_once(world: World) -> None:
    item, ana = log(world), world.member("ana")
    first = world.run(withdraw_item, item.id, by=ana, at=world.now)
    assert world.run(withdraw_item, item.id, by=ana, at=world.now) == first


def test_a_quote_is_kept_without_its_quotation_marks(world: World) -> None:
    item, ana = log(world), world.member("ana")
    receipt = world.run(add_quote, item.id, "“We can't pay that”", version=1, by=ana, at=world.now)
    assert receipt.item.quote == "We can't pay that"


def test_an_empty_quote_is_a_field_error(world: World) -> None:
    item, ana = log(world), world.member("ana")
    with pytest.raises(FieldProblems):
        world.run(add_quote, item.id, " ", version=1, by=ana, at=world.now)


def test_the_list_has_the_last_ten_of_ones_own_newest_first(world: World) -> None:
    log(world, "not mine", "bo")
    for number in range(12):
        world.later(minutes=1)
        log(world, f"thing {number}x")
    items = world.run(list_own_items, by=world.member("ana"), at=world.now)
    assert [item.verbatim for item in items] == [f"thing {number}x" for number in range(11, 1, -1)]


def test_every_change_brings_the_authors_home_up_to_date(world: World) -> None:
    ana = world.member("ana")
    home = Card(workspace_id=world.workspace_id, kind="home", subject_id=ana.id, place="U-ANA", created_at=world.now)
    world.run(lambda session: session.add(home))
    log(world)
    assert world.queued() == [("home", "U-ANA")]
