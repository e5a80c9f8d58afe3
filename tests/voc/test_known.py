"""What is known of a theme: the same counts as in receipts and on Home, and customers' own words."""

from datetime import timedelta

import pytest

from domain.money import Money
from domain.people import ensure_member, ensure_workspace
from domain.pulse import COUNTED_AT_MOST, Heard, Pulse
from domain.themes import answer_theme, find_or_add_theme
from domain.voc.errors import NoSaying, OnlyMarkers, OnlyTheme
from domain.voc.items import log_line, withdraw_item
from domain.voc.known import KnownTheme, UnknownTheme, show_theme
from domain.voc.name_slips import use_theme
from domain.voc.receipt import VocReceipt
from storage.models import VocItem
from tests.world import World


def log(world: World, line: str, who: str = "ana") -> VocReceipt:
    return world.run(log_line, line, by=world.member(who), at=world.later(minutes=1))


def show(world: World, typed: str, who: str = "ana") -> KnownTheme | UnknownTheme:
    return world.run(show_theme, typed, by=world.member(who), at=world.now)


def known(world: World, typed: str, who: str = "ana") -> KnownTheme:
    found = show(world, typed, who)
    assert isinstance(found, KnownTheme)
    return found


def type_line(world: World, line: str) -> VocReceipt:
    return world.run(log_line, line, by=world.member("ana"), at=world.later(minutes=1), doubting=True)


@pytest.mark.parametrize("line", ["#pricing", "#Pricing", "#pricing?", " #pricing ", "＃pricing", "(#pricing)"])
def test_a_hashtag_alone_is_a_theme_to_be_shown(world: World, line: str) -> None:
    with pytest.raises(OnlyTheme) as caught:
        type_line(world, line)
    assert caught.value.theme == "pricing"


@pytest.mark.parametrize("line", ["#pricing @Globex", "#pricing $40k", "gap: #pricing", "#pricing #speed"])
def test_other_marks_without_words_come_back(world: World, line: str) -> None:
    with pytest.raises(OnlyMarkers):
        type_line(world, line)


def test_the_counts_are_those_of_the_receipt_and_older_ones_are_counted_for_ninety_days(world: World) -> None:
    log(world, "dear #pricing @Initech $9k")
    world.later(days=60)
    log(world, "dear #pricing @Globex $40k")
    receipt = log(world, "dear #pricing @Globex $45k", "bo")
    found = known(world, "#pricing")
    assert receipt.echo is not None
    assert found.pulse == receipt.echo.pulse == Pulse(2, 2, 1, (Money(4_500_000, "USD"),))
    assert found.heard == Heard(3, 2, more=False)
    world.later(days=31)
    assert known(world, "pricing").heard == Heard(2, 1, more=False)


def test_what_was_taken_back_is_in_no_count_and_not_quoted(world: World) -> None:
    taken = log(world, '"way too dear" #pricing').item
    log(world, '"dear" #pricing')
    world.run(withdraw_item, taken.id, by=world.member("ana"), at=world.now)
    found = known(world, "pricing")
    assert (found.heard.items, found.pulse.count, [one.words for one in found.said]) == (1, 1, ["dear"])


def test_a_theme_whose_items_were_all_taken_back_or_moved_is_as_unknown(world: World) -> None:
    log(world, "dear #pricing")
    slip = log(world, "dear #priceing").item
    world.run(use_theme, slip.id, "pricing", version=1, by=world.member("ana"), at=world.now)
    assert show(world, "#priceing") == UnknownTheme("priceing", ("pricing",), ())


def test_the_last_three_quotes_are_customers_words_and_a_note_is_never_shown_as_one(world: World) -> None:
    for number in range(4):
        log(world, f'they said "too dear {number}" #pricing @Globex')
    log(world, "I think they bluff #pricing")
    said = known(world, "pricing").said
    assert [(one.words, one.quoted, one.account) for one in said] == [
        ("too dear 3", True, "Globex"),
        ("too dear 2", True, "Globex"),
        ("too dear 1", True, "Globex"),
    ]


def test_without_quotes_the_last_notes_are_shown_as_notes(world: World) -> None:
    log(world, "I think they bluff #pricing")
    assert [(one.words, one.quoted) for one in known(world, "pricing").said] == [("I think they bluff", False)]


def test_the_answer_comes_with_who_gave_it_and_since_when(world: World) -> None:
    theme = world.run(find_or_add_theme, world.workspace_id, "pricing", at=world.now)
    world.run(answer_theme, theme.id, text="Say: value.", by=world.member("max"), at=world.now)
    found = known(world, "pricing")
    assert (found.answer, found.answered_at) == ("Say: value.", world.now)
    assert found.answered_by == world.member("max").name


def test_who_may_answer_is_told_so(world: World) -> None:
    log(world, "dear #pricing")
    assert known(world, "pricing", "max").may_answer
    assert not known(world, "pricing", "ana").may_answer


def test_an_unknown_theme_names_what_is_spelled_nearly_so(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "slow #speed")
    assert show(world, "#priceing") == UnknownTheme("priceing", ("pricing",), ())
    assert show(world, "#pric") == UnknownTheme("pric", ("pricing",), ())
    assert show(world, "#legal") == UnknownTheme("legal", (), ("pricing", "speed"))


def test_themes_of_another_workspace_are_unknown_and_not_near(world: World) -> None:
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    world.run(log_line, "dear #pricing", by=stranger, at=world.now)
    assert show(world, "#pricing") == UnknownTheme("pricing", (), ())
    assert show(world, "#priceing") == UnknownTheme("priceing", (), ())


def test_a_word_that_names_a_theme_is_known_in_the_question(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "slow #roll-out")
    for line, theme in {
        "pricing": "pricing",
        "search Pricing": "pricing",
        "help roll out": "roll-out",
        "undo": None,
    }.items():
        with pytest.raises(NoSaying) as caught:
            type_line(world, line)
        assert caught.value.theme == theme


def test_of_very_many_items_the_newest_are_counted_and_it_says_so(world: World) -> None:
    item = log(world, "dear #pricing @Globex").item
    theme_at = world.now

    def grow(session: object) -> None:
        row = session.get_one(VocItem, item.id)  # type: ignore[attr-defined]
        columns = {name: getattr(row, name) for name in row.__table__.columns.keys() if name != "id"}  # noqa: SIM118
        moments = (theme_at - timedelta(seconds=number) for number in range(COUNTED_AT_MOST + 5))
        session.add_all(VocItem(**columns | {"created_at": moment}) for moment in moments)  # type: ignore[attr-defined]

    world.run(grow)
    assert known(world, "pricing").heard == Heard(COUNTED_AT_MOST, 1, more=True)
