"""Frozen data: what each release wrote is read by this one, and what a later release adds is passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import handlers.catalog
from digests.marketing import KindWeek, LeadsWeek, MarketingFacts, ThemeWeek, Verbatim
from digests.periods import Period
from digests.sales import Answer, SalesFacts
from digests.told import ToldAsset, ToldContent, ToldField, ToldFigure, ToldPersona, ToldSum
from digests.waiting import WaitingTheme
from digests.worked import AnswerWeek, ToldNote
from domain.changes import Change
from domain.leads.file_imports import LeadFileLook, LeadFileStore, LeadPreview
from domain.leads.links import LeadUnfurl, Linked
from domain.leads.mapping import KeptField, KeptLabel, KeptMapping
from domain.leads.terms import Terms
from domain.leads.why import Passed, Unmet, Why
from domain.persons.asking import PersonSweep
from domain.source_health import Sample, SampleField
from domain.theme_news import SpreadNews
from domain.voc.dm_questions import AgentAnswer, AgentPrompts
from domain.voc.letters import Letter, ToldTheme
from domain.voc.moving import MoveItems
from domain.voc.reactions import ReadMessage, TellReactor
from domain.voc.regrouping import Before, KeptAnswer
from domain.voc.spreading import TellNews
from domain.voc.watching import ExplainSuggestion, Suggest, WithdrawSuggestion
from domain.voc.workflow import EndStep, RunStep
from domain.webhooks.rounds import Round
from domain.week import KeptHours
from domain.writeback.wanting import CrmWrite
from handlers.answers import KeptReceipt
from handlers.files import FileHandover
from handlers.intake.asking import LeadFetch
from handlers.intake.fireflies_call import FirefliesCall
from handlers.proposals.jobs import Labelling
from handlers.scoreboard.jobs import ScoreboardFile
from handlers.setup.doctor import Examination
from handlers.voc.exporting import VocExport, VocHandover
from handlers.voc.prose import VocProse
from storage.frozen import SHAPES as NAMED
from storage.frozen import Form
from storage.jobs import form_of

assert handlers.catalog.all_renderers(), "everything that keeps something is imported"
SHAPES: dict[str, Form[Any]] = {
    **NAMED,
    **{f"job_{name}": form_of(kind.arguments) for name, kind in handlers.catalog.all_job_kinds().items()},
}
FACTS = Path(__file__).parents[1] / "facts"

PERIOD = Period(
    datetime(2026, 11, 9, 8, tzinfo=UTC), datetime(2026, 11, 16, 8, tzinfo=UTC), "Europe/Berlin", timedelta(seconds=10)
)
UNTOLD = Period(datetime(2026, 10, 26, 8, tzinfo=UTC), datetime(2026, 11, 9, 8, tzinfo=UTC), "Europe/Berlin")
ASSET = ToldAsset("Guide", "https://example.com/guide", ToldFigure(142, 12), ToldFigure(6, 2), ToldFigure(1, None))
CONTENT = ToldContent(
    date(2026, 11, 9), 14, ToldFigure(1204, 120), ToldFigure(31, 4), ToldFigure(2, 0), (ASSET,), (ASSET,), (ASSET,)
)
THEME = ThemeWeek(
    "pricing",
    9,
    3,
    4,
    ("Northwind", "Contoso"),
    (ToldSum(4_000_000, "USD"),),
    Verbatim("too dear", quoted=True),
    2,
    ("ana", "bo"),
    answered=True,
    objections=7,
)

WRITTEN: dict[str, Any] = {
    "change": Change("team_members", "Sales", "members", "1", "2", ("Ana", "Bo"), ("Max",), (("zone", "UTC"),)),
    "job_examination": Examination("U0MIA", replacing=True),
    "policy": Terms(
        "hot",
        300,
        0.5,
        0.8,
        600,
        1,
        claim_seconds=120,
        tries=5,
        tries_days=4,
        meeting_days=10,
        bench_after=2,
        untouched_after_seconds=3600,
    ),
    "hours": KeptHours(
        "Europe/Berlin",
        ((("09:00", "12:30"), ("13:30", "24:00")), (), (), (), (), (), ()),
        (date(2026, 12, 24),),
        "DE",
        "BY",
    ),
    "job_fireflies_call": FirefliesCall(7, "M1"),
    "job_crm_write": CrmWrite(7),
    "job_person_sweep": PersonSweep(2, "U0MIA"),
    "job_lead_fetch": LeadFetch(7, "1042", "hubspot:62515:1:2:3:1042"),
    "job_scoreboard_file": ScoreboardFile(7, 12, "emea"),
    "job_file_handover": FileHandover("F0FILE", "U0MIA", "scoreboard.csv", "The scoreboard of the last 12 weeks."),
    "job_lead_unfurl": LeadUnfurl("C0GENERAL", "1794909600.000100", "U0ANA", (Linked("https://app.hubspot.com/c", 7),)),
    "job_lead_file_look": LeadFileLook(7),
    "job_lead_file_store": LeadFileStore(7),
    "lead_preview": LeadPreview(
        (("E-mail", "email"), ("Employees", "kept with the lead, for rules")),
        ("The file is not UTF-8.",),
        412,
        7,
        ((4, "There is no lead on this line."),),
        9,
        5,
        (("Sales", "Ana", 140), ("Sales", None, 3)),
        bad_file=True,
        stored=2,
        again=3,
    ),
    "job_voc_export": VocExport(7, "security #pricing", quotes=True),
    "job_voc_handover": VocHandover("F0FILE", "U0MIA", "security #pricing", 12, more=True),
    "job_agent_answer": AgentAnswer(7),
    "job_agent_prompts": AgentPrompts("U0ANA", "D0ANA"),
    "job_voc_prose": VocProse(7, "what about security?"),
    "job_voc_message": ReadMessage(7),
    "job_voc_reaction": TellReactor("U0ANA", "C0LEADS", "theirs", 7, "1.000001", "Bo", 9),
    "job_voc_suggest": Suggest(7, "pricing"),
    "job_voc_suggest_explain": ExplainSuggestion(7, "pricing"),
    "job_voc_suggest_end": WithdrawSuggestion(7),
    "job_voc_step": RunStep("Fx1", "U0ANA", "too dear", "Objection", "pricing", "Globex", "https://example.com/p1"),
    "job_webhook_round": Round(7),
    "job_voc_step_end": EndStep("Fx1", 7, "because"),
    "why": Why(
        "nobody",
        "EMEA",
        "route",
        "large",
        ("tier is hot",),
        (Unmet("named", "the account is Globex", "Northwind"),),
        1,
        Passed("Ana", "away", datetime(2026, 11, 17, 8, tzinfo=UTC)),
        Passed("Bo", "open", count=12),
        Passed("Max", "other_team"),
        "Northwind",
        (Passed("Eve", "gone"),),
        2,
        3,
        datetime(2026, 11, 16, 8, tzinfo=UTC),
        "Mia",
        waited=True,
    ),
    "source_mapping": KeptMapping((KeptField("email", ("contact", "mail")),), (KeptLabel("tier", "3", "hot"),)),
    "source_sample": Sample(
        datetime(2026, 11, 16, 8, tzinfo=UTC),
        (SampleField(("contact", "mail"), "a…@e…e.com"),),
        (("email", "a…@e…e.com"),),
    ),
    "receipt": KeptReceipt("Logged", [{"type": "divider"}], replace=True),
    "sales_digest": SalesFacts(
        PERIOD,
        date(2026, 11, 9),
        CONTENT,
        (
            ToldPersona(
                "Ops Olivia", True, (ToldField("pains", "Tools", "Tools, no owner"),), ("Max",), ("lost deals",)
            ),
        ),
        2,
        (Answer("pricing", "We bill by seat.", "Max", "safe"),),
        1,
        late_content=(CONTENT,),
        content_told=True,
        untold=UNTOLD,
    ),
    "marketing_digest": MarketingFacts(
        PERIOD,
        13,
        5,
        (THEME,),
        3,
        6,
        THEME,
        (KindWeek("praise", 1, -2),),
        LeadsWeek(12, 2, 9, 1, 1, 1, (("not_a_fit", 2),), again=1),
        mentions=17,
        mentions_change=6,
        more_mentions=8,
        untold=UNTOLD,
        team="EMEA",
        waiting=(WaitingTheme("sso", 4, date(2026, 11, 20), late=True, owner="Max"),),
        more_waiting=1,
        judged=(AnswerWeek("pricing", 3, 1, 2, "Max", (ToldNote("they wanted monthly", "ana"),), 1),),
        more_judged=2,
    ),
    "theme_letter": Letter(
        (
            ToldTheme(
                7,
                "pricing",
                "shipped",
                before="planned",
                note="since May",
                answer="We bill by seat.",
                audience="safe",
                version="0123456789ab",
                asset="Guide",
                asset_url="https://example.com/guide",
                account="Globex",
                more_accounts=2,
                by="Max",
            ),
        )
    ),
    "job_theme_news": SpreadNews(7, datetime(2026, 11, 16, 8, tzinfo=UTC)),
    "job_theme_letters": TellNews(),
    "job_labelling": Labelling(),
    "job_move_items": MoveItems(7),
    "regrouping_before": Before(
        KeptAnswer("Say: value.", 4, datetime(2026, 11, 9, 8, tzinfo=UTC), "safe", date(2026, 12, 31)),
        "Pricing",
        listed=True,
    ),
}
"""Of each shape a value with something in every field, for the newest golden."""

RENAMED: set[tuple[str | int, ...]] = {("themes", 0, "title"), ("untagged", "title")}
"""Fields that got another name before there was this test; their first name is still read."""

GOLDENS = sorted(FACTS.glob("*/*.json"))


def versions(shape: str) -> list[Path]:
    """The goldens of a shape, the oldest first."""
    return sorted((FACTS / shape).glob("*.json"), key=lambda path: int(path.stem))


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_every_shape_has_a_value_and_goldens() -> None:
    assert SHAPES.keys() == WRITTEN.keys() == {path.parent.name for path in GOLDENS}


@pytest.mark.parametrize("shape", sorted(WRITTEN))
def test_what_is_written_today_is_the_newest_golden(shape: str) -> None:
    """Whoever changes a shape adds `tests/facts/<shape>/<next version>.json`; a golden itself is never edited."""
    written = SHAPES[shape].write(WRITTEN[shape])
    assert written == json.loads(versions(shape)[-1].read_text()), json.dumps(written, indent=2)
    assert SHAPES[shape].read(written) == WRITTEN[shape]


@pytest.mark.parametrize("shape", sorted(WRITTEN))
def test_what_is_written_has_something_in_every_field(shape: str) -> None:
    """A field that is left out of WRITTEN would have its default in the golden, and nobody would see how it is kept."""
    value = WRITTEN[shape]
    added = [one for one in fields(value) if one.name != "kind" and one.default is not MISSING]
    assert [one.name for one in added if getattr(value, one.name) == one.default] == [], "give it a value in WRITTEN"


@pytest.mark.parametrize("shape", sorted(WRITTEN))
def test_a_shape_only_grows(shape: str) -> None:
    texts = [path.read_text() for path in versions(shape)]
    for older, newer in pairwise(texts):
        gone = paths(json.loads(older)) - paths(json.loads(newer))
        assert gone <= RENAMED, "a later golden lost fields that older programs read"


@pytest.mark.parametrize("golden", GOLDENS, ids=named)
def test_a_golden_is_read(golden: Path) -> None:
    shape = SHAPES[golden.parent.name]
    assert shape.read(json.loads(golden.read_text())) is not None


@pytest.mark.parametrize("golden", GOLDENS, ids=named)
def test_what_a_later_release_adds_is_passed_over(golden: Path) -> None:
    shape, kept = SHAPES[golden.parent.name], json.loads(golden.read_text())
    grown = json.loads(golden.read_text())
    for mapping in list(mappings(grown, of=shape.kind)):
        mapping["mood"] = {"of": ["a later release"]}
    assert grown != kept
    assert shape.read(grown) == shape.read(kept)


@pytest.mark.parametrize("shape", sorted(WRITTEN))
def test_a_field_that_was_added_may_be_missing(shape: str) -> None:
    """What the newest golden has and the first one has not can each be left out."""
    first, newest = (json.loads(versions(shape)[place].read_text()) for place in (0, -1))
    known = paths(first)
    for path in sorted(paths(newest) - known - {(*way[:-1], "theme") for way in RENAMED}, key=str):
        if len(path) > 1 and path[:-1] not in known:
            continue  # it came with what it stands in
        left = left_in = json.loads(versions(shape)[-1].read_text())
        *way, last = path
        for step in way:
            left_in = left_in[step]
        del left_in[last]
        assert SHAPES[shape].read(left) is not None, path


Way = tuple[str | int, ...]


def paths(value: Any, at: Way = ()) -> set[Way]:
    """Where fields stand in JSON; the items of a list count as one."""
    found: set[Way] = {at} if at else set()
    if isinstance(value, dict):
        found |= {path for name, each in value.items() for path in paths(each, (*at, name))}
    if isinstance(value, list):
        found |= {path for each in value for path in paths(each, (*at, 0))}
    return found


def mappings(value: Any, *, of: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object that stands for a dataclass: Block Kit's own are not ours."""
    if isinstance(value, dict):
        yield value
        value = list(value.values()) if of is not KeptReceipt else []
    if isinstance(value, list):
        for each in value:
            yield from mappings(each, of=of)
