"""`make eval`: how well lines are assigned to themes and duplicates are told, over labelled sets.

What is held out is told: a half of our own set, and a set of strangers (README.md).
With OPENAI_API_KEY set, a language model is asked about the lines that the words are not sure of, and both are told.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from domain.insight.assign import Band
from domain.insight.duplicates import is_duplicate
from tests.eval.figures import (
    DUPLICATE_AT,
    HELD_OUT,
    TUNED,
    Assigned,
    LabelledSet,
    assign_all,
    in_band,
    load,
    macro_f1,
    precision_and_recall,
)
from tests.eval.model import NoAnswer, model_of_environment, with_model


def main() -> int:
    """Print the figures of the held-out sets, or of those that are tuned with."""
    parser = argparse.ArgumentParser(prog="make eval", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tune", action="store_true", help="what is tuned with, and each line that is wrong")
    asked = parser.parse_args()
    failed = False
    for of in TUNED if asked.tune else HELD_OUT:
        failed |= not _tell(of, wrong=asked.tune)
    return 1 if failed else 0


def _tell(of: LabelledSet, *, wrong: bool) -> bool:
    """The figures of one set; False when the model could not be asked."""
    items = of.items()
    asked = not items or _tell_items(of, items, wrong=wrong)
    pairs = of.pairs()
    precision, recall = precision_and_recall(pairs)
    print(f"{len(pairs)} pairs, {of.title}: precision {precision:.2f}, recall {recall:.2f}")
    if wrong:
        _tell_wrong_pairs(pairs)
    return asked


def _tell_items(of: LabelledSet, items: Sequence[Mapping[str, Any]], *, wrong: bool) -> bool:
    confirmed = [(one["text"], one["theme"]) for one in load("confirmed")]
    assign_all(items[:1], confirmed)  # what is read once
    began = perf_counter()
    lines = assign_all(items, confirmed)
    each = (perf_counter() - began) / len(lines) * 1000
    _tell_lines(f"{len(lines)} lines, {of.title}, by the words", lines)
    print(f"  without confirmed lines: macro-F1 {macro_f1(assign_all(items, [])):.2f}; {each:.2f} ms a line")
    model = model_of_environment()
    try:
        if model is not None:
            _tell_lines(
                f"the same, with {model.settings.model} for what the words are not sure of", with_model(lines, model)
            )
        else:
            print("  no model was asked: OPENAI_API_KEY is not set")
    except NoAnswer as error:
        print(f"  {error}")
        return False
    if wrong:
        _tell_wrong_lines(lines)
    return True


def _tell_lines(what: str, lines: Sequence[Assigned]) -> None:
    print(f"{what}: macro-F1 {macro_f1(lines):.2f}")
    for band in Band:
        share, precision = in_band(lines, band)
        print(f"  {band:6} {share:4.0%} of the lines" + (f", precision {precision:.2f}" if band != Band.UNSURE else ""))


def _tell_wrong_lines(lines: Sequence[Assigned]) -> None:
    wrong: dict[str, list[str]] = defaultdict(list)
    for one in lines:
        if one.theme != one.wanted:
            wrong[str(one.wanted)].append(f"  {one.band:6} {one.theme}: {one.text}")
    for theme, told in sorted(wrong.items()):
        print(theme, *told, sep="\n")


def _tell_wrong_pairs(pairs: Sequence[Mapping[str, Any]]) -> None:
    for pair in pairs:
        score = is_duplicate(pair["a"], pair["b"])
        if (score >= DUPLICATE_AT) is not pair["same"]:
            said = "the same" if pair["same"] else "not the same"
            print(f"{score:.2f} {said}: {pair['a']} | {pair['b']}")


if __name__ == "__main__":
    sys.exit(main())
