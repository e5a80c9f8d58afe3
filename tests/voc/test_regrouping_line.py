"""What people type after `/voc merge` and `/voc rename`, and what is rather something that a customer said."""

import pytest

from domain.voc.regrouping_line import TwoNames, read_two_names


@pytest.mark.parametrize(
    "typed",
    [
        "#priceing into #pricing",
        "#priceing #pricing",
        "#priceing -> #pricing",
        "#priceing->#pricing",
        "#priceing → #pricing",
        "#priceing => #pricing",
        "#priceing, #pricing",
        "#priceing in #pricing",
        "#priceing INTO #pricing",
        "#priceing with #pricing",
        "#priceing and #pricing",
        "#priceing to #pricing",
        "#priceing as #pricing",
        "#priceing mit #pricing",
        "＃priceing into ＃pricing",
        "  #priceing   into   #pricing  ",
    ],
)
def test_two_themes_are_read_however_they_are_put_together(typed: str) -> None:
    assert read_two_names(typed) == TwoNames("#priceing", "#pricing", marked=True)


@pytest.mark.parametrize(
    ("typed", "first", "second"),
    [
        ("priceing into pricing", "priceing", "pricing"),
        ("priceing -> pricing", "priceing", "pricing"),
        ("price model into pricing", "price model", "pricing"),
        ("#price in use into #pricing", "#price in use", "#pricing"),
        ("#old new name", "#old", "new name"),
        ("@Acme Inc into @Acme", "@Acme Inc", "@Acme"),
        ("@Acme Inc @Acme", "@Acme Inc", "@Acme"),
        ("@Johnson and Johnson into @J&J", "@Johnson and Johnson", "@J&J"),
        ("!Riv -> !Rivalsoft", "!Riv", "!Rivalsoft"),
        ("@acme to Acme in London", "@acme", "Acme in London"),
        ("#pricing", "#pricing", None),
        ("pricing", "pricing", None),
    ],
)
def test_names_without_marks_and_of_several_words_are_read(typed: str, first: str, second: str | None) -> None:
    assert read_two_names(typed) == TwoNames(first, second, marked=typed[0] in "#@!")


@pytest.mark.parametrize(
    "typed",
    ["", "conflicts are a pain for all of them every single week", "#pricing pages confuse all of their buyers"],
)
def test_a_sentence_is_no_pair_of_names(typed: str) -> None:
    assert read_two_names(typed) is None
