"""What worked against a theme: the best asset of those about it, the verdicts about its answer as it reads now."""

from datetime import timedelta

import pytest

from domain.errors import FieldProblems, NotFound
from domain.people import ensure_member, ensure_workspace
from domain.voc.verdicts import NOTE_LIMIT, explain_verdict, give_verdict, load_letter
from domain.voc.worked import Verdicts, Worked, what_is_known_to_work, what_worked
from storage.models import AnswerVerdict, AssetFigures
from tests.news.conftest import Marketing


def worked(marketing: Marketing, slug: str = "pricing") -> Worked:
    theme, world = marketing.theme(slug), marketing.world
    assert theme.answer is not None
    return world.run(what_worked, theme.id, theme.answer, world.now)


def told(marketing: Marketing) -> None:
    """Ana and bo have a letter each: 1 and 2."""
    for name in ("ana", "bo"):
        marketing.log("dear #pricing @Globex", name)
    marketing.answer("pricing")
    assert len(marketing.tell()) == 2


def give(marketing: Marketing, letter: int, by: str, verdict: str, place: int = 0) -> bool:
    world = marketing.world
    return world.run(give_verdict, letter, place, verdict, by=world.member(by), at=world.now).is_first


def test_the_asset_with_most_leads_of_the_last_weeks_is_the_best(marketing: Marketing) -> None:
    marketing.log("dear #pricing")
    marketing.answer("pricing")
    marketing.asset("pricing", "Brochure", leads=1)
    marketing.asset("pricing", "Calculator", leads=5)
    marketing.log("slow #speed")
    marketing.asset("speed", "Benchmark", leads=50)
    found = worked(marketing).asset
    assert found is not None
    assert found.title == "Calculator"

    def age(session: object) -> None:
        for row in session.query(AssetFigures).where(AssetFigures.leads == 5):  # type: ignore[attr-defined]
            row.week -= timedelta(weeks=5)

    marketing.change(age)
    found = worked(marketing).asset
    assert found is not None
    assert found.title == "Brochure"


def test_an_asset_without_figures_is_better_than_none(marketing: Marketing) -> None:
    marketing.log("dear #pricing")
    marketing.answer("pricing")
    assert worked(marketing) == Worked(None, Verdicts())
    marketing.asset("pricing", "Brochure", leads=0)
    assert worked(marketing).asset is not None


def test_each_has_one_say_and_the_first_one_stands(marketing: Marketing) -> None:
    told(marketing)
    assert give(marketing, 1, "ana", "helped")
    assert not give(marketing, 1, "ana", "no_help")
    assert give(marketing, 2, "bo", "used")
    assert worked(marketing).verdicts == Verdicts(used=1, helped=1)


def test_another_wording_is_judged_anew(marketing: Marketing) -> None:
    told(marketing)
    give(marketing, 1, "ana", "helped")
    marketing.answer("pricing", "Say: more value.")
    assert worked(marketing).verdicts == Verdicts()
    marketing.answer("pricing", "Say: value.")
    assert worked(marketing).verdicts == Verdicts(helped=1)


def test_only_its_reader_judges_a_letter_and_only_what_it_tells(marketing: Marketing) -> None:
    told(marketing)
    world = marketing.world
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    with pytest.raises(NotFound):
        give(marketing, 1, "bo", "helped")
    with pytest.raises(NotFound):
        world.run(give_verdict, 1, 0, "helped", by=stranger, at=world.now)
    with pytest.raises(NotFound):
        give(marketing, 99, "ana", "helped")
    for place in (-1, 1, 10**6):
        with pytest.raises(NotFound):
            give(marketing, 1, "ana", "helped", place)
    assert world.run(load_letter, 1, other) is None
    assert world.run(lambda session: session.query(AnswerVerdict).count()) == 0


def test_a_status_without_an_answer_cannot_be_judged(marketing: Marketing) -> None:
    marketing.log("dear #pricing")
    marketing.status("pricing", "planned")
    marketing.tell()
    with pytest.raises(NotFound):
        give(marketing, 1, "ana", "helped")


def test_what_happened_is_kept_cleaned_and_a_long_one_is_refused(marketing: Marketing) -> None:
    told(marketing)
    world = marketing.world
    ana = world.member("ana")
    with pytest.raises(NotFound):
        world.run(explain_verdict, 1, 0, "too early", by=ana, at=world.now)
    give(marketing, 1, "ana", "no_help")
    assert not world.run(explain_verdict, 1, 0, "  ", by=ana, at=world.now)
    with pytest.raises(FieldProblems):
        world.run(explain_verdict, 1, 0, "x" * (NOTE_LIMIT + 1), by=ana, at=world.now)
    assert world.run(explain_verdict, 1, 0, " they pay yearly ", by=ana, at=world.now)
    assert world.run(lambda session: session.query(AnswerVerdict).one().note) == "they pay yearly"


def test_an_asset_that_shipped_without_an_answer_is_judged_itself(marketing: Marketing) -> None:
    marketing.log("dear #pricing")
    marketing.asset("pricing", "Brochure")
    marketing.status("pricing", "shipped")
    marketing.tell()
    give(marketing, 1, "ana", "helped")
    theme, world = marketing.theme("pricing"), marketing.world
    found = world.run(what_is_known_to_work, theme.id, None, world.now)
    assert found.asset is not None
    assert (found.asset.title, found.verdicts) == ("Brochure", Verdicts(helped=1))
