"""A lead that fails the definition is held: no clock, no turn; and what marketing does with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from digests.marketing import MARKETING
from digests.periods import week_until
from digests.sections import Asked
from domain.config.apply import apply_config
from domain.config.export import export_config
from domain.config.problems import ConfigProblems
from domain.config.schema import parse_config
from domain.errors import FieldProblems, LeadSettled
from domain.leads.arriving import NewLead
from domain.leads.conditions import LeadSays, conditions_of, parse_condition, unmet, what_it_says, write_condition
from domain.leads.definition import agreed_definition, sign_definition
from domain.leads.errors import CannotBeFixed, CriterionUnmet, HoldMoved
from domain.leads.explaining import explain_lead
from domain.leads.facts import load_lead
from domain.leads.free_mail import is_free_mail
from domain.leads.held import list_held, open_fix
from domain.leads.lifecycle import claim_lead
from domain.leads.receiving import receive_lead
from domain.leads.triage import drop_lead, fix_lead, is_hold_late, pass_lead, show_late_holds, take_up_lead
from domain.leads.working import add_lead
from domain.outcomes.crm import CrmWord, take_words
from domain.scoreboard import load_scoreboard
from storage.models import Clock, Hold, Lead, LeadEvent, Member, Policy, TeamMember
from tests.leads.shown import labels, render, shown
from tests.world import World

CRITERIA = """
sql_means = "qualified"
criteria = ["company is given", "email is a work address", "employees >= 50"]
triage = "4h"
"""


def configure(world: World, text: str) -> tuple[Any, ...]:
    return world.run(apply_config, world.workspace_id, parse_config(text), by=world.member("mia"), at=world.now).changes


def come(world: World, **fields: Any) -> int:
    """A lead arrives that fails two of the three: it has a free-mail address, and says nothing of employees."""
    given: dict[str, Any] = {"email": "lee@gmail.com", "company": "Northwind", "source": "website", "tier": "hot"}
    lead = NewLead(name="Lee Wong", **(given | fields))
    return world.run(receive_lead, world.workspace_id, lead, at=world.now, by=None).lead_id


def hold_of(world: World, lead: int) -> int:
    found: int = world.run(lambda session: session.scalars(select(Hold.id).where(Hold.lead_id == lead)).one())
    return found


def count(world: World, table: Any) -> int:
    return world.run(lambda session: session.scalar(select(func.count()).select_from(table))) or 0


def state(world: World, lead: int) -> tuple[str, str | None]:
    """The lead's state, and whose it is."""

    def look(session: Any) -> tuple[str, str | None]:
        row = session.get_one(Lead, lead)
        return row.state, session.get_one(Member, row.owner_id).name if row.owner_id is not None else None

    return world.run(look)


def events(world: World, lead: int) -> list[str]:
    return world.run(
        lambda session: list(
            session.scalars(select(LeadEvent.kind).where(LeadEvent.lead_id == lead).order_by(LeadEvent.id))
        )
    )


def test_without_criteria_nothing_is_asked_of_a_lead(world: World) -> None:
    lead = come(world)
    assert state(world, lead) == ("new", "ana")
    assert world.run(agreed_definition, by=world.member("max"), at=world.now) is None
    received = world.run(lambda session: session.scalars(select(LeadEvent)).first())
    assert received is not None
    assert received.data == {"source": "website"}


def test_a_lead_that_fails_is_held_without_a_clock_or_a_turn_and_marketing_gets_it(world: World) -> None:
    configure(world, CRITERIA)
    lead = come(world)
    assert state(world, lead) == ("held", None)
    assert (count(world, Clock), events(world, lead)) == (0, ["received", "held"])
    assert world.run(lambda session: session.scalars(select(TeamMember.last_given_at)).all()) == [None] * 2
    assert [kind for kind, _ in world.queued()] == ["triage_card"]
    card = shown(render(world, "triage_card", hold_of(world, lead), "U-MAX"))
    assert "Not an MQL yet" in card
    assert "2 of 3 criteria are not met" in card
    assert "email is a work address: it says “lee@gmail.com”" in card
    assert "employees is at least 50: nothing was sent" in card
    with pytest.raises(LeadSettled):
        world.run(claim_lead, lead, by=world.member("ana"), at=world.now)


def test_a_lead_that_meets_all_goes_to_sales_and_its_card_says_by_which_version(world: World) -> None:
    configure(world, CRITERIA)
    lead = come(world, email="lee@northwind.example", fields=(("Number of employees", "200+"),))
    assert state(world, lead) == ("new", "ana")
    facts = world.run(load_lead, lead, world.workspace_id, world.now)
    assert facts is not None
    assert facts.passed is not None
    assert (facts.passed.version, facts.passed.stage, len(facts.passed.met)) == (1, "MQL", 3)
    assert "MQL v1: 3 of 3 criteria" in shown(render(world, "lead_card", lead, "C-SALES"))


def test_leads_that_come_together_are_judged_each_by_itself(world: World) -> None:
    from domain.leads.arriving import Arriving
    from domain.leads.receiving import receive_leads

    configure(world, 'sql_means = "qualified"\ncriteria = "company is given"')
    group = [NewLead(name=f"Lead {n}", source="website", company="Acme" if n % 2 else None) for n in range(6)]
    found = world.run(receive_leads, world.workspace_id, [Arriving(one, world.now) for one in group])
    assert [state(world, one.lead_id) for one in found] == [
        ("held", None), ("new", "ana"), ("held", None), ("new", "bo"), ("held", None), ("new", "ana")
    ]  # fmt: skip


def test_what_a_member_types_is_never_held(world: World) -> None:
    configure(world, CRITERIA)
    lead = world.run(add_lead, {"name": "Lee"}, by=world.member("ana"), at=world.now).lead_id
    assert state(world, lead)[0] == "new"


def test_what_is_fixed_goes_to_sales_with_a_clock_that_begins_then(world: World) -> None:
    configure(world, CRITERIA)
    lead = come(world)
    form = world.run(open_fix, hold_of(world, lead), by=world.member("max"), at=world.now)
    assert [(one.key, one.said) for one in form.fields] == [("email", "lee@gmail.com"), ("employees", "")]
    world.later(hours=2)
    with pytest.raises(FieldProblems) as refused:
        fix(world, lead, email="lee@northwind.example", employees="20")
    assert refused.value.problems == {"employees": CriterionUnmet("employees is at least 50")}
    assert state(world, lead) == ("held", None)
    fix(world, lead, email="lee@northwind.example", employees="80")
    assert state(world, lead) == ("new", "ana")
    clock = world.run(lambda session: session.scalars(select(Clock)).one())
    assert clock.started_at == world.now
    assert ("lead_card", "C-SALES") in world.queued()
    assert events(world, lead) == ["received", "held", "passed", "given"]
    card = shown(render(world, "triage_card", hold_of(world, lead), "U-MIA", standing=True))
    assert "max fixed it, and it meets the definition" in card
    assert "Sales has it: ana" in card


def fix(world: World, lead: int, **given: str) -> None:
    world.run(fix_lead, hold_of(world, lead), given=given, by=world.member("max"), at=world.now)


def test_what_nobody_can_type_cannot_be_fixed(world: World) -> None:
    configure(world, 'sql_means = "qualified"\ncriteria = ["source = webinar", "company is given"]')
    lead = come(world, company=None)
    form = world.run(open_fix, hold_of(world, lead), by=world.member("max"), at=world.now)
    assert ([one.key for one in form.fields], form.others) == (["company"], ("source is webinar",))
    with pytest.raises(CannotBeFixed):
        fix(world, lead, company="Acme")


def test_what_is_passed_anyway_says_why_on_its_card_and_in_its_explanation(world: World) -> None:
    configure(world, CRITERIA)
    lead = come(world)
    with pytest.raises(FieldProblems):
        world.run(pass_lead, hold_of(world, lead), reason=" ", by=world.member("max"), at=world.now)
    world.run(pass_lead, hold_of(world, lead), reason="Met at the fair.", by=world.member("max"), at=world.now)
    assert state(world, lead) == ("new", "ana")
    card = shown(render(world, "lead_card", lead, "C-SALES"))
    assert "MQL v1: 1 of 3 criteria" in card
    assert "max passed it on, though not: email is a work address, employees is at least 50. “Met at the fair.”" in card
    moves = world.run(explain_lead, str(lead), by=world.member("ana"), at=world.now).moves
    assert [one.kind for one in moves] == ["held", "passed", "given"]
    with pytest.raises(HoldMoved):
        world.run(drop_lead, hold_of(world, lead), reason="No.", by=world.member("mia"), at=world.now)


def test_what_is_dropped_reaches_nobody_counts_nowhere_and_can_be_taken_up_again(world: World) -> None:
    configure(world, CRITERIA)
    lead = come(world)
    other = come(world, email="bo@northwind.example", fields=(("employees", "90"),))
    world.run(drop_lead, hold_of(world, lead), reason="A student.", by=world.member("max"), at=world.now)
    assert state(world, lead) == ("dropped", None)
    board = world.run(load_scoreboard, by=world.member("mia"), at=world.now)
    assert (board.sales.leads, board.marketing.triage.dropped) == (1, 1)
    assert state(world, other)[0] == "new"
    world.run(take_up_lead, hold_of(world, lead), by=world.member("max"), at=world.now)
    assert state(world, lead) == ("held", None)
    board = world.run(load_scoreboard, by=world.member("mia"), at=world.now)
    assert (board.sales.leads, board.marketing.triage.held) == (1, 1)


def test_the_digest_of_marketing_counts_the_leads_that_sales_got(world: World) -> None:
    configure(world, CRITERIA)
    come(world)
    world.run(drop_lead, hold_of(world, come(world, email="kim@gmail.com")), reason="A student.", **by_max(world))
    come(world, email="bo@northwind.example", fields=(("employees", "90"),))
    asked = week_until(world.later(minutes=1), "UTC")
    facts = world.run(lambda session: MARKETING.gather(Asked(session, world.workspace_id, asked, world.now)))
    assert facts.leads is not None
    assert (facts.leads.received, facts.leads.waiting) == (1, 1)


def by_max(world: World) -> dict[str, Any]:
    return {"by": world.member("max"), "at": world.now}


def test_news_of_somebody_who_is_held_is_judged_anew(world: World) -> None:
    configure(world, CRITERIA)
    lead = come(world)
    world.later(minutes=5)
    assert come(world, asked="A demo", fields=(("employees", "120"),)) == lead
    assert state(world, lead) == ("held", None)
    card = shown(render(world, "triage_card", hold_of(world, lead), "U-MAX"))
    assert "1 of 3 criteria is not met" in card
    assert "employees" not in card


def test_news_with_what_was_missing_goes_to_sales_by_itself(world: World) -> None:
    configure(world, 'sql_means = "qualified"\ncriteria = "employees >= 50"')
    lead = come(world)
    world.later(minutes=5)
    assert come(world, asked="A demo", fields=(("employees", "120"),)) == lead
    assert state(world, lead) == ("new", "ana")
    assert "They wrote again" in shown(render(world, "triage_card", hold_of(world, lead), "U-MAX", standing=True))


def test_a_held_lead_is_late_after_the_time_that_marketing_promised(world: World) -> None:
    configure(world, CRITERIA)
    lead = come(world)
    world.later(hours=3, minutes=59)
    assert not world.run(is_hold_late, world.now)
    world.later(minutes=1)
    assert world.run(is_hold_late, world.now)
    assert world.run(show_late_holds, at=world.now) == 1
    assert world.run(show_late_holds, at=world.now) == 0
    held = world.run(list_held, by=world.member("max"), at=world.now)
    assert (held.count, held.late) == (1, 1)
    assert "Late since" in shown(render(world, "triage_card", hold_of(world, lead), "U-MAX"))


def test_who_passes_it_when_nobody_is_there_sees_that_it_waits_and_it_is_given_later(world: World) -> None:
    configure(world, CRITERIA)
    lead = come(world)
    world.run(lambda session: session.execute(update(Member).values(away_until=world.now + timedelta(days=1))))
    world.run(pass_lead, hold_of(world, lead), reason="Known.", by=world.member("max"), at=world.now)
    assert state(world, lead) == ("new", None)
    assert count(world, Clock) == 1


def test_a_hotter_wish_of_somebody_who_is_held_makes_the_lead_hotter(world: World) -> None:
    configure(world, CRITERIA)
    tiers = world.run(lambda session: session.scalars(select(Policy.tier).order_by(Policy.contact_seconds)).all())
    lead = come(world, tier=tiers[-1])
    world.later(minutes=5)
    assert come(world, tier=tiers[0], asked="A demo, today") == lead
    assert world.run(lambda session: session.get_one(Lead, lead).tier) == tiers[0]


def test_each_change_is_a_version_and_a_file_that_was_exported_changes_nothing(world: World) -> None:
    assert [one.what for one in configure(world, CRITERIA)] == ["sql_means", "criteria", "triage"]
    exported = world.run(export_config, world.workspace_id)
    assert 'criteria = ["company is given", "email is a work address", "employees >= 50"]' in exported
    assert configure(world, exported) == ()
    assert [one.what for one in configure(world, 'criteria = ["company is given"]')] == ["criteria"]
    assert [one.what for one in configure(world, 'triage = "never"')] == ["triage"]
    found = world.run(agreed_definition, by=world.member("mia"), at=world.now)
    assert found is not None
    assert (found.version, found.criteria, found.triage_seconds) == (3, ("company is given",), None)
    configure(world, "criteria = []")
    assert state(world, come(world)) == ("new", "ana")


def test_an_admin_says_first_what_sql_means(world: World) -> None:
    with pytest.raises(ConfigProblems) as refused:
        configure(world, 'criteria = ["company is given"]')
    assert refused.value.problems[0].path == "sql_means"
    configure(world, 'sql_means = "handed_over"\ncriteria = ["company is given"]')
    assert "Not an SQL yet" in shown(render(world, "triage_card", hold_of(world, come(world, company=None)), "U-MAX"))


def test_each_side_signs_once_and_a_new_version_is_signed_anew(world: World) -> None:
    configure(world, CRITERIA)

    def sign(who: str, side: str) -> tuple[str | None, ...]:
        now = world.run(agreed_definition, by=world.member(who), at=world.now)
        assert now is not None
        found = world.run(sign_definition, now.id, side=side, by=world.member(who), at=world.now)
        assert found is not None
        sides = (found.marketing, found.sales)
        return tuple(one.name if one is not None else None for one in sides)

    assert sign("max", "marketing") == ("max", None)
    assert sign("max", "sales") == ("max", None)  # not his side
    assert sign("mia", "sales") == ("max", "mia")
    assert sign("mia", "marketing") == ("max", "mia")
    configure(world, 'criteria = ["company is given"]')
    assert sign("max", "marketing") == ("max", None)


@pytest.mark.parametrize(
    ("line", "kept", "words"),
    [
        ("company is given", "company is given", "company is given"),
        ("Company  is required", "Company is given", "Company is given"),
        ("e-mail is not free", "e-mail is a work address", "e-mail is a work address"),
        ('status is "given"', "status = given", "status is given"),
        ('"How many? (>= 1)" is given', '"How many? (>= 1)" is given', "How many? (>= 1) is given"),
        ("phone is present", "phone is given", "phone is given"),
        ("company is not empty", "company is given", "company is given"),
        ("has phone", "phone is given", "phone is given"),
        ("company must be given", "company is given", "company is given"),
        ("email is corporate", "email is a work address", "email is a work address"),
        ("e-mail is not a personal address", "e-mail is a work address", "e-mail is a work address"),
        ("customer is business", "customer = business", "customer is business"),
        ("country is one of DE, AT", "country = DE, AT", "country is DE or AT"),
        ("job title contains director or vp", "job title contains director, vp", "job title contains director or vp"),
        ("employees is at least 50", "employees >= 50", "employees is at least 50"),
        ("employees is at most 50", "employees <= 50", "employees is at most 50"),
        ("employees = more than 1,000", "employees > 1000", "employees is more than 1000"),
        ("employees > 50", "employees > 50", "employees is more than 50"),
        ("employees less than 50", "employees < 50", "employees is less than 50"),
        ("employees ≥ 50", "employees >= 50", "employees is at least 50"),
        ('title is "trial or error"', 'title = "trial or error"', "title is trial or error"),
    ],
)
def test_criteria_are_read_and_written(line: str, kept: str, words: str) -> None:
    condition = parse_condition(line)
    assert (write_condition(condition), condition.written) == (kept, words)


def test_a_bound_that_was_saved_as_a_word_is_a_bound_all_the_same() -> None:
    asked = conditions_of({"where": ["employees = at least 50", "employees < 1000"]})
    says: Callable[[str], LeadSays] = lambda size: what_it_says(  # noqa: E731
        NewLead("Lee", "x", fields=(("Employees", size),)), tier="hot"
    )
    assert [len(list(unmet(asked, says(size)))) for size in ("49", "50", "999", "1,000")] == [1, 0, 0, 1]


def test_which_addresses_are_work_addresses() -> None:
    free = ("gmail.com", "yahoo.co.uk", "web.de", "GMX.net", "outlook.com")
    assert [one for one in free if not is_free_mail(one)] == []
    assert [
        one for one in ("northwind.com", "live.northwind.com", "web.de.example", "gmailer.com") if is_free_mail(one)
    ] == []
    says: Callable[[str], LeadSays] = lambda email: what_it_says(NewLead("Lee", "x", email=email), tier="hot")  # noqa: E731
    asked = conditions_of({"where": ["email is a work address"]})
    assert list(unmet(asked, says("lee@northwind.com"))) == []
    assert [said for _, said in unmet(asked, says("lee@gmail.com"))] == ["lee@gmail.com"]


def test_a_held_lead_that_a_crm_merges_with_one_of_sales_is_no_more_marketings_to_decide(world: World) -> None:
    first = world.lead("Lee Wong", source="hub", external_id="record:1", email="lee@northwind.example", said="1")
    configure(world, CRITERIA)
    held = come(world, source="hub", external_id="record:2", asked="A price list", said="2")
    hold = hold_of(world, held)
    word = CrmWord("joined", ("record:1", "record:2"), key="merge")
    world.run(take_words, world.workspace_id, "intake:hub", "hub", [word], at=world.now)
    assert (state(world, held), state(world, first)[0]) == (("joined", None), "new")
    assert world.run(list_held, by=world.member("max"), at=world.now).count == 0
    assert world.run(lambda session: session.get_one(Lead, first).asked) == "A price list"
    card = render(world, "triage_card", hold, "U-MAX", standing=True)
    assert "One with another lead" in shown(card)
    assert labels(card) == []
    with pytest.raises(HoldMoved):
        world.run(take_up_lead, hold, by=world.member("max"), at=world.now)
