"""Which team and which rep a lead goes to: the rules in their order, whose account it is, limits, weights, and why."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from domain.config.apply import Applied, apply_config
from domain.config.difference import plan_config
from domain.config.export import export_config
from domain.config.problems import ConfigProblems
from domain.config.schema import parse_config
from domain.leads.availability import come_back, go_away
from domain.leads.explaining import Explained, explain_lead
from domain.leads.lifecycle import claim_lead, contact_lead, reassign_lead
from domain.leads.waiting import give_waiting_leads
from domain.leads.why import Why
from handlers.leads.why import IN_TERMINAL, why_lines, why_receipt
from handlers.words import problem_lines
from storage.models import Lead, LeadEvent, Member, Team
from tests.leads.shown import event, render, shown
from tests.world import World

TWO_TEAMS = """
[[teams]]
key = "sales"
members = ["U-ANA", "U-BO"]

[[teams]]
key = "emea"
name = "EMEA"
channel = "C-EMEA"
members = ["U-MIA", "U-MAX"]
"""


def apply(world: World, text: str) -> Applied:
    return world.run(apply_config, world.workspace_id, parse_config(text), by=None, at=world.now)


def where(world: World, lead_id: int) -> tuple[str, str | None]:
    """The lead's team and owner."""

    def find(session: Session) -> tuple[str, str | None]:
        lead = session.get_one(Lead, lead_id)
        owner = session.get_one(Member, lead.owner_id).name if lead.owner_id else None
        return session.get_one(Team, lead.team_id).key, owner

    return world.run(find)


def owner(world: World, lead_id: int) -> str | None:
    return where(world, lead_id)[1]


def explained(world: World, lead_id: int) -> Explained:
    return world.run(explain_lead, str(lead_id), by=world.member("mia"), at=world.now)


def why(world: World, lead_id: int) -> Why:
    """Why the lead is with whom it is: the latest decision."""
    found = explained(world, lead_id).moves[-1].why
    assert found is not None
    return found


def told(world: World, lead_id: int) -> str:
    move = explained(world, lead_id).moves[-1]
    assert move.why is not None
    return "\n".join(why_lines(move.why, move.to, IN_TERMINAL))


def problems(world: World, text: str) -> str:
    with pytest.raises(ConfigProblems) as refused:
        apply(world, text)
    return "\n".join(problem_lines(refused.value))


def test_the_first_rule_that_holds_decides_and_each_step_is_told(world: World) -> None:
    apply(
        world,
        TWO_TEAMS
        + """
        [[routes]]
        name = "Large"
        where = ["employees >= 500"]
        team = "sales"
        person = "U-BO"

        [[routes]]
        name = "DACH"
        country = ["DE", "AT", "CH"]
        tier = "hot"
        team = "emea"

        [[routes]]
        name = "The rest of Europe"
        country = ["FR", "DE"]
        team = "sales"
        """,
    )
    small = world.lead(fields=(("Country", "Germany"), ("Company size", "11-50")))
    large = world.lead(fields=(("Country", "Germany"), ("Number of employees", "1,200+")))
    other = world.lead(team="emea")
    assert [where(world, one) for one in (small, large, other)] == [
        ("emea", "mia"),
        ("sales", "bo"),
        ("emea", "max"),
    ]
    text = told(world, small)
    assert "The rule “DACH” holds: tier is hot and country is DE or AT or CH. So it went to the team EMEA." in text
    assert "“Large” does not hold: it asks that employees is at least 500; the lead says “11-50”" in text
    assert "It was mia’s turn" in text
    assert "The rest of Europe" not in text
    assert "The rule names bo" in told(world, large)
    assert "No rule holds" in told(world, other)
    assert "It was sent for the team EMEA." in told(world, other)


@pytest.mark.parametrize(
    ("rule", "fields", "holds"),
    [
        ('source = "website"', {}, True),
        ('source = ["crm", "Website"]', {}, True),
        ('source = "crm"', {}, False),
        ('tier = "warm"', {}, False),
        ('accounts = ["northwind inc."]', {}, True),
        ('accounts = ["northwind.example"]', {"company": None, "email": "lee@eu.northwind.example"}, True),
        ('accounts = ["wind.example"]', {"company": None, "email": "lee@northwind.example"}, False),
        ('segment = "Mid-Market"', {"fields": (("company_segment", "mid market"),)}, True),
        ('persona = "Ops Olivia"', {"fields": (("Persona", "ops-olivia"),)}, True),
        ('territory = "Nordics"', {"team": "Nordics"}, True),
        ('country = "US-CA"', {"fields": (("country", "USA"), ("state", "California"))}, True),
        ('country = "US-CA"', {"fields": (("country", "USA"), ("state", "Texas"))}, False),
        ('country = "Atlantis"', {"fields": (("country", "atlantis"),)}, True),
        ('where = ["asked contains DEMO"]', {"asked": "a demo, please"}, True),
        ('where = ["job title contains head"]', {"job_title": "Head of Ops"}, True),
        (
            'where = ["\\"What is your budget?\\" at least 10k"]',
            {"fields": (("What is your budget?", "$ 12.000"),)},
            True,
        ),
        ('where = ["score >= 80"]', {"score": 79}, False),
        ('where = ["score at most 80", "industry in [Pharma, \\"Food, Drink\\"]"]', {"score": 79}, False),
        (
            'where = ["score at most 80", "industry in [Pharma, \\"Food, Drink\\"]"]',
            {"score": 79, "fields": (("Industry", "food, drink"),)},
            True,
        ),
        ('where = ["industry != Pharma"]', {}, True),
        ('where = ["industry is not Pharma"]', {"fields": (("sector", "PHARMA"),)}, False),
    ],
)
def test_a_condition_holds_or_not(world: World, rule: str, fields: dict[str, Any], holds: bool) -> None:
    apply(world, f'{TWO_TEAMS}\n[[routes]]\nname = "one"\n{rule}\nteam = "emea"')
    assert (where(world, world.lead(**fields))[0] == "emea") is holds


def test_who_is_named_by_a_rule_and_cannot_take_the_lead_is_passed_over_with_the_reason(world: World) -> None:
    apply(world, f'{TWO_TEAMS}\n[[routes]]\nname = "all"\nteam = "sales"\nperson = "U-BO"')
    world.run(go_away, "2d", by=world.member("bo"), at=world.now)
    lead = world.lead()
    assert where(world, lead) == ("sales", "ana")
    assert "The rule names bo (away until" in told(world, lead)
    assert "It was ana’s turn" in told(world, lead)


def test_an_account_s_owner_gets_its_leads_in_their_own_team_and_takes_no_turn(world: World) -> None:
    apply(world, TWO_TEAMS + '[account_owners]\n"Northwind" = "U-MAX"\n"Globex" = "U-ANA"')
    assert [owner(world, world.lead(company=None)) for _ in range(2)] == ["ana", "bo"]
    lead = world.lead(company="Northwind Ltd")
    assert where(world, lead) == ("emea", "max")
    assert "Northwind is the account of max. It takes no turn." in told(world, lead)
    assert "It went to EMEA, the team of the account’s owner." in told(world, lead)
    assert owner(world, world.lead(company="Globex")) == "ana"
    assert owner(world, world.lead(company=None)) == "ana", "the account’s lead took no turn"
    world.run(go_away, "2d", by=world.member("max"), at=world.now)
    other = world.lead("Kim Roe", company="Northwind")
    assert where(world, other) == ("sales", "bo")
    assert "Northwind is the account of max (away until" in told(world, other)


def test_the_owner_of_the_person_s_earlier_lead_comes_before_the_account_s_owner(world: World) -> None:
    apply(world, TWO_TEAMS)
    first = world.lead(email="lee@northwind.example", asked="a demo")
    had = owner(world, first)
    world.run(contact_lead, first, by=world.member(str(had)), at=world.later(minutes=1))
    other = next(one for one in ("ana", "bo") if one != had)
    apply(world, f'[account_owners]\n"Northwind" = "U-{other.upper()}"')
    world.later(days=3)
    again = world.lead(email="lee@northwind.example", asked="an offer", said="other words")
    assert again != first
    assert owner(world, again) == had
    assert "This person’s lead before was with" in told(world, again)


def test_who_has_the_most_open_leads_is_passed_over_and_keeps_their_turn(world: World) -> None:
    apply(world, '[[teams]]\nkey = "sales"\nmembers = ["U-ANA", "U-BO"]\nmost_open = 1')
    first, second = world.lead(), world.lead()
    assert [owner(world, one) for one in (first, second)] == ["ana", "bo"]
    third = world.lead()
    assert owner(world, third) is None
    assert why(world, third).how == "nobody"
    assert "ana (1 open lead, which is the most) and bo" in told(world, third)
    world.run(contact_lead, second, by=world.member("bo"), at=world.later(minutes=1))
    assert world.run(give_waiting_leads, at=world.now, limit=10).count == 1
    assert owner(world, third) == "bo"
    assert why(world, third).waited
    assert "Passed over, with their turns kept: ana" in told(world, third)
    world.run(contact_lead, first, by=world.member("ana"), at=world.later(minutes=1))
    world.run(contact_lead, third, by=world.member("bo"), at=world.now)
    assert [owner(world, world.lead()) for _ in range(2)] == ["ana", "bo"]


def test_so_many_leads_an_hour_and_a_local_day_and_no_more(world: World) -> None:
    apply(
        world,
        '[[teams]]\nkey = "sales"\nmembers = ["U-ANA"]\nmost_an_hour = 2\nmost_a_day = 3\nzone = "Europe/Berlin"',
    )
    assert [owner(world, world.lead()) for _ in range(3)] == ["ana", "ana", None]
    assert "ana (2 leads in an hour, which is the most)" in told(world, 3)
    world.later(minutes=61)
    assert world.run(give_waiting_leads, at=world.now, limit=10).count == 1
    late = world.lead()
    assert "ana (3 leads that day, which is the most)" in told(world, late)
    world.later(hours=9, minutes=58)  # 23:59 in Berlin
    assert world.run(give_waiting_leads, at=world.now, limit=10).count == 0
    world.later(minutes=2)
    assert world.run(give_waiting_leads, at=world.now, limit=10).count == 1
    assert owner(world, late) == "ana"


def test_by_weights_one_gets_twice_as_many_and_who_comes_back_is_not_flooded(world: World) -> None:
    apply(
        world,
        '[[teams]]\nkey = "sales"\nmembers = ["U-ANA", "U-BO", "U-MAX"]\ndistribution = "weighted"\n'
        'weights = { "U-ANA" = 2 }',
    )
    given = [owner(world, world.lead()) for _ in range(8)]
    assert {name: given.count(name) for name in given} == {"ana": 4, "bo": 2, "max": 2}
    world.run(go_away, "1d", by=world.member("bo"), at=world.now)
    for _ in range(30):
        world.lead()
    world.run(come_back, by=world.member("bo"), at=world.later(minutes=1))
    back = [owner(world, world.lead()) for _ in range(8)]
    assert back.count("bo") in (2, 3)
    assert "By the weights it was" in told(world, 40)


def test_longest_counts_leads_that_took_no_turn(world: World) -> None:
    apply(
        world,
        '[[teams]]\nkey = "sales"\nmembers = ["U-ANA", "U-BO"]\ndistribution = "longest"\n'
        '[account_owners]\n"Globex" = "U-ANA"',
    )
    assert owner(world, world.lead()) == "ana"
    world.later(minutes=1)
    assert owner(world, world.lead()) == "bo"
    world.later(minutes=1)
    assert owner(world, world.lead(company="Globex")) == "ana"
    world.later(minutes=1)
    lead = world.lead()
    assert owner(world, lead) == "bo"
    assert "bo had gone the longest without a lead" in told(world, lead)


def test_claiming_what_is_one_s_own_takes_no_turn_and_claiming_another_s_does(world: World) -> None:
    ana = world.member("ana")
    first, second = world.lead(), world.lead()
    assert [owner(world, one) for one in (first, second)] == ["ana", "bo"]
    world.run(claim_lead, first, by=ana, at=world.later(minutes=1))
    assert owner(world, world.lead()) == "ana", "her own claim did not put her last"
    assert owner(world, world.lead()) == "bo"
    world.run(claim_lead, second, by=ana, at=world.later(minutes=1))
    assert owner(world, world.lead()) == "bo", "Ana took a lead that was not hers"


def test_own_hours_pass_over_who_sleeps_and_a_night_lead_is_for_those_whose_day_begins(world: World) -> None:
    apply(
        world,
        '[[teams]]\nkey = "sales"\nmembers = ["U-ANA", "U-BO", "U-MAX"]\nhours = "mon-fri 09:00-17:00"\n'
        'zone = "Europe/Berlin"\nown_hours = true',
    )
    zones = {"ana": "America/New_York", "bo": "Europe/Berlin", "max": "Europe/Helsinki"}
    for name, zone in zones.items():
        world.run(
            lambda session, name=name, zone=zone: session.execute(
                update(Member).where(Member.name == name).values(tz=zone)
            )
        )
    lead = world.lead()  # Monday noon in UTC: 07:00 in New York
    assert owner(world, lead) in ("bo", "max")
    assert "ana (does not work until Mon 16 Nov 14:00 UTC)" in told(world, lead)
    world.later(hours=13)  # one at night
    night = [world.lead() for _ in range(4)]
    assert sorted(str(owner(world, one)) for one in night) == ["bo", "bo", "max", "max"]
    world.later(hours=19)  # 20:00 on Tuesday, 15:00 in New York
    assert owner(world, world.lead()) == "ana"


def test_nobody_free_and_the_team_s_fallback_is_told_and_named(world: World) -> None:
    apply(
        world,
        '[members]\n"U-MAX" = "manager"\n[[teams]]\nkey = "sales"\nmembers = ["U-ANA"]\nfallback = "U-MAX"',
    )
    world.run(go_away, "2d", by=world.member("ana"), at=world.now)
    lead = world.lead()
    assert ("lead_breach", "U-MAX") in world.queued()
    assert ("lead_breach", "U-MIA") not in world.queued()
    assert "max looks after it" in shown(render(world, "lead_card", lead))
    assert "max looks after it." in told(world, lead)
    world.run(come_back, by=world.member("ana"), at=world.later(minutes=1))
    world.run(give_waiting_leads, at=world.now, limit=10)
    assert "looks after" not in shown(render(world, "lead_card", lead, standing=True))


def test_what_was_decided_stays_told_when_the_rules_change_and_what_an_older_release_decided_is_told_too(
    world: World,
) -> None:
    apply(world, f'{TWO_TEAMS}\n[[routes]]\nname = "old"\nsource = "website"\nteam = "emea"')
    lead = world.lead()
    before = told(world, lead)
    apply(world, "routes = []")
    assert told(world, lead) == before
    world.run(reassign_lead, lead, to_user_id="U-ANA", by=world.member("mia"), at=world.later(minutes=1))
    text = str(why_receipt(explained(world, lead)).blocks)
    assert "Given to ana by mia" in text
    assert "The rule “old” holds" in text
    event_id = event(world, lead, "given")
    world.run(lambda session: setattr(session.get_one(LeadEvent, event_id), "data", {"to": 2}))
    assert "Given to" in str(why_receipt(explained(world, lead)).blocks)


def test_names_in_an_explanation_are_shown_as_they_are(world: World) -> None:
    apply(world, f'{TWO_TEAMS}\n[[routes]]\nname = "<!channel> *x*"\nsource = "crm"\nteam = "emea"')
    text = str(why_receipt(explained(world, world.lead("<!here> Lee"))).blocks)
    assert "<!channel>" not in text
    assert "<!here>" not in text


def test_a_lead_is_found_by_name_and_by_number_and_not_in_another_workspace(world: World) -> None:
    lead = world.lead("Kim Roe", company="Contoso")
    for words in ("contoso", "KIM", f"#{lead}"):
        assert world.run(explain_lead, words, by=world.member("bo"), at=world.now).lead_id == lead


def test_the_settings_show_what_was_applied_and_applying_it_again_changes_nothing(world: World) -> None:
    apply(
        world,
        TWO_TEAMS.replace(
            'key = "emea"',
            'key = "emea"\ndistribution = "weighted"\nweights = { "U-MAX" = 3 }\nmost_open = 9\nmost_a_day = 5\n'
            'own_hours = true\nfallback = "U-MIA"',
        )
        + '[account_owners]\n"Northwind, Inc" = "U-MAX"\n'
        + '[[routes]]\nname = "a"\nsource = "website"\nwhere = ["x = \\"1, 2\\"", "y at least 3"]\nteam = "emea"\n'
        + 'person = "U-MAX"\ndistribution = "longest"\n[[routes]]\nname = "b"\nteam = "sales"',
    )
    exported = world.run(export_config, world.workspace_id)
    assert world.run(plan_config, world.workspace_id, parse_config(exported), at=world.now).changes == ()
    assert 'where = ["x = \\"1, 2\\"", "y >= 3"]' in exported
    assert 'weights = { "U-MAX" = 3 }' in exported
    swapped = apply(
        world,
        '[[routes]]\nname = "a"\nsource = "crm"\nteam = "emea"\n[[routes]]\nname = "c"\nteam = "emea"',
    )
    assert {(one.what, one.name) for one in swapped.changes} >= {("route_added", "c"), ("route_removed", "b")}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[routes]]\nname = "x"\nsource = "a"', "Every route needs a team"),
        ('[[routes]]\nname = "x"\nsource = "a"\nteam = "nowhere"', "There is no team “nowhere”"),
        ('[[routes]]\nname = "x"\ntier = "lava"\nteam = "sales"', "There is no tier “lava”"),
        ('[[routes]]\nname = "x"\nteam = "sales"\n[[routes]]\nname = "y"\nteam = "sales"', "takes every lead"),
        ('[[routes]]\nname = "x"\nteam = "sales"\n[[routes]]\nname = "x"\nteam = "sales"', "stands here twice"),
        ('[[routes]]\nname = "x"\nteam = "sales"\nperson = "U-MAX"', "max is no member of the team sales"),
        ('[[routes]]\nname = "x"\nteam = "sales"\nwhere = ["employees"]', "The condition is “employees”, which is not"),
        ('[[routes]]\nname = "x"\nteam = "sales"\nwhere = "employees >= many"', "“many”, which is no number"),
        ('[[routes]]\nname = "x"\nteam = "sales"\nwhere = "email is not gmail"', "“gmail”, which is none. Write for"),
        ('[[routes]]\nname = "x"\nteam = "sales"\ndistribution = "turn"', "Did you mean turns?"),
        ('[[routes]]\nname = "x"\nteam = "sales"\ncondition = "a = b"', "There is no setting “condition”"),
        ('[[teams]]\nkey = "sales"\nmost_open = -1', "write a number of leads from 1 to 1000"),
        ('[[teams]]\nkey = "sales"\nweights = { "U-ANA" = 11 }', "The weight is “11”"),
        ('[[teams]]\nkey = "sales"\nweights = { "U-MAX" = 2 }', "max has a weight, but is no member"),
        ('[[teams]]\nkey = "sales"\nweights = 3', 'weights = { "ana@example.com" = 2 }'),
        ('[[teams]]\nkey = "sales"\nfallback = "U-ANA"', "ana is no manager"),
        ('[account_owners]\n"Northwind" = "nobody at all"', "The person is “nobody at all”"),
    ],
)
def test_each_mistake_is_told_with_what_to_write_and_changes_nothing(world: World, text: str, says: str) -> None:
    before = world.run(export_config, world.workspace_id)
    assert says in problems(world, text)
    assert world.run(export_config, world.workspace_id) == before
