"""Which approved answer a theme has after another one was merged into it, and after that was undone."""

from __future__ import annotations

from domain.themes import answer_theme
from tests.voc.regrouped import log, merge, undo
from tests.voc.test_merging import answer, answer_of, theme_id
from tests.world import World


def test_the_answer_of_the_theme_that_stays_stays(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dear #priceing")
    answer(world, "pricing", "Ours.")
    answer(world, "priceing", "Theirs.")
    merge(world, "priceing", "pricing")
    assert answer_of(world, "pricing") == "Ours."


def test_the_answer_that_was_chosen_stays_and_undoing_puts_both_back(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dear #priceing")
    answer(world, "pricing", "Ours.")
    answer(world, "priceing", "Theirs.")
    done = merge(world, "priceing", "pricing", staying="subject")
    assert answer_of(world, "pricing") == "Theirs."
    undo(world, done)
    assert (answer_of(world, "pricing"), answer_of(world, "priceing")) == ("Ours.", "Theirs.")


def test_an_answer_goes_to_a_theme_without_one_only_when_the_marketer_said_so(world: World) -> None:
    for target, staying, expected in (("cost", "target", None), ("budget", "subject", "Theirs.")):
        log(world, f"dear #{target}")
        log(world, f"dear #{target}-slip")
        answer(world, f"{target}-slip", "Theirs.")
        done = merge(world, f"{target}-slip", target, staying=staying)  # type: ignore[arg-type]
        assert answer_of(world, target) == expected
        undo(world, done)
        assert answer_of(world, target) is None


def test_an_answer_that_was_changed_since_is_not_taken_back(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dear #priceing")
    answer(world, "priceing", "Theirs.")
    done = merge(world, "priceing", "pricing", staying="subject")
    answer(world, "pricing", "A better one.")
    undo(world, done)
    assert answer_of(world, "pricing") == "A better one."


def test_an_answer_saved_from_a_form_of_before_the_merge_goes_to_the_theme_that_stays(world: World) -> None:
    log(world, "dear #pricing")
    log(world, "dear #priceing")
    before = theme_id(world, "priceing")
    merge(world, "priceing", "pricing")
    saved = world.run(answer_theme, before, text="Say: value.", by=world.member("max"), at=world.now)
    assert (saved, answer_of(world, "pricing")) == ("pricing", "Say: value.")
