"""Settings take effect as the plan said, once, and can be written back as a file that changes nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.changes import CHANGE, Change
from domain.config.apply import Applied, apply_config
from domain.config.difference import Plan, plan_config
from domain.config.export import export_config
from domain.config.problems import ConfigProblems
from domain.config.schema import names_to_look_up, parse_config
from handlers.words import change_sentence, note_sentence, plain_sentence
from storage.models import (
    Account,
    Audience,
    AuditEvent,
    Clock,
    Delivery,
    Member,
    Policy,
    Source,
    Team,
    TeamMember,
    Workspace,
)
from storage.outbox import put_card
from tests.world import MONDAY_NOON, World

NAMES = {"#sales-emea": "C-EMEA", "#marketing": "C-MARKETING", "#digest": "C-DIGEST"}

COMPANY = """
currency = "eur"
marketing_channel = "#marketing"
competitors = ["Rivalsoft", "rivalsoft", "Octopus"]
accounts = ["Globex", "Initech"]

[members]
"bo@example.com" = "marketer"

[[teams]]
key = "emea"
name = "EMEA"
channel = "#sales-emea"
manager = "ana@example.com"
zone = "Europe/Berlin"
hours = "mon-fri 09:00-12:30, 13:30-18:00"
holidays = "DE-BE"
closed = [2026-12-24]
members = ["U-ANA", "max@example.com"]
default = true

[[policies]]
tier = "hot"
contact = "10m"
reassign_after = "never"

[[policies]]
tier = "vip"
contact = "90s"
default = true

[[audiences]]
key = "sales"
channel = "#digest"
weekday = "tue"
time = "08:30"
zone = "Europe/Berlin"

[[audiences]]
key = "founders"
kind = "marketing"
team = "emea"
"""


def plan(world: World, text: str) -> Plan:
    return world.run(plan_config, world.workspace_id, parse_config(text), at=world.now, names=NAMES)


def apply(world: World, text: str, by: str = "mia") -> Applied:
    config = parse_config(text)
    return world.run(apply_config, world.workspace_id, config, by=world.member(by), at=world.now, names=NAMES)


def export(world: World) -> str:
    return world.run(export_config, world.workspace_id)


def problems(world: World, text: str) -> dict[str, str]:
    with pytest.raises(ConfigProblems) as raised:
        apply(world, text)
    return {problem.path: plain_sentence(problem.wrong) for problem in raised.value.problems}


def team(world: World, key: str) -> Team:
    found: Team = world.run(lambda session: session.scalars(select(Team).where(Team.key == key)).one())
    return found


def members_of(world: World, key: str) -> list[str]:
    return world.run(
        lambda session: list(
            session.scalars(
                select(Member.name)
                .join(TeamMember, TeamMember.member_id == Member.id)
                .join(Team, Team.id == TeamMember.team_id)
                .where(Team.key == key)
                .order_by(TeamMember.position)
            )
        )
    )


def count_audits(world: World) -> int:
    return world.run(lambda session: len(session.scalars(select(AuditEvent)).all()))


def words(changes: tuple[Change, ...]) -> tuple[str, ...]:
    return tuple(map(change_sentence, changes))


def test_the_plan_says_every_change_in_words_and_writes_nothing(world: World) -> None:
    before = export(world)
    changes = plan(world, COMPANY).changes
    assert words(changes) == (
        "currency changes from USD to EUR",
        "marketing channel changes from none to #marketing",
        "competitors: Rivalsoft and Octopus added",
        "2 accounts are added: Globex and Initech",
        "member bo: rep → marketer",
        "member ana: rep → manager (manages a team)",
        (
            "team “EMEA” is added: mon-fri 09:00-12:30, 13:30-18:00 in Europe/Berlin; channel #sales-emea; "
            "manager ana; members ana and max"
        ),
        "team “emea” becomes the default, in place of “Sales”",
        "tier hot: contact 5m → 10m",
        "tier hot: reassign after 10m → never",
        "tier vip is added: contact within 1m 30s",
        "tier vip becomes the default, in place of warm",
        "digest “sales”: channel none → #digest",
        "digest “sales”: weekday Monday → Tuesday",
        "digest “sales”: time 09:00 → 08:30",
        "digest “founders” is added: for marketing, Monday 09:00 in UTC, channel none",
    )
    assert export(world) == before
    assert count_audits(world) == 0


def test_applying_does_what_the_plan_said(world: World) -> None:
    planned = plan(world, COMPANY)
    applied = apply(world, COMPANY)
    assert applied.changes == planned.changes
    emea = team(world, "emea")
    assert emea.is_default
    assert not team(world, "sales").is_default
    assert emea.channel == "C-EMEA"
    hours = WorkingHours.from_json(emea.hours)
    assert (hours.zone, hours.country, hours.subdivision) == ("Europe/Berlin", "DE", "BE")
    assert members_of(world, "emea") == ["ana", "max"]
    policies = world.run(lambda session: {row.tier: row for row in session.scalars(select(Policy))})
    assert policies["hot"].contact_seconds == 600
    assert policies["hot"].reassign_after_seconds is None
    assert policies["vip"].is_default
    assert not policies["warm"].is_default
    workspace = world.run(lambda session: session.get_one(Workspace, world.workspace_id))
    assert workspace.configured_at == world.now
    assert workspace.competitors == ["Rivalsoft", "Octopus"]
    known = world.run(lambda session: set(session.scalars(select(Account.name).where(Account.known))))
    assert known == {"Globex", "Initech"}
    roles = world.run(
        lambda session: {row.name: (row.role, row.role_origin) for row in session.scalars(select(Member))}
    )
    assert roles["bo"] == ("marketer", "config")
    assert roles["ana"] == ("manager", "config")


def test_applying_twice_changes_nothing(world: World) -> None:
    apply(world, COMPANY)
    audits = count_audits(world)
    assert not plan(world, COMPANY)
    again = apply(world, COMPANY)
    assert again.changes == ()
    assert again.rescheduled == ()
    assert count_audits(world) == audits


def test_what_is_exported_changes_nothing_when_it_is_applied(world: World) -> None:
    assert plan(world, export(world)).changes == ()
    apply(world, COMPANY)
    exported = export(world)
    assert plan(world, exported).changes == ()
    apply(world, exported)
    assert export(world) == exported


def test_hostile_names_survive_the_way_out_and_back(world: World) -> None:
    name = '<!channel> "quoted" \\back\\ [[teams]] # 😀 مرحبا'
    apply(world, f"[[teams]]\nkey = \"sales\"\nname = '{name}'\n")
    apply(world, '[members]\nU-BO = "marketer"\n')
    world.run(_rename, "bo", 'eve"\n[members]\nU-X = "admin"')
    exported = export(world)
    assert plan(world, exported).changes == ()
    assert team(world, "sales").name == name


def test_a_partial_file_leaves_the_rest_alone(world: World) -> None:
    before = export(world)
    applied = apply(world, '[[policies]]\ntier = "warm"\ncontact = "1h"\n')
    assert words(applied.changes) == ("tier warm: contact 2h → 1h",)
    assert export(world) == before.replace('contact = "2h"', 'contact = "1h"')


def test_a_team_s_members_are_exact_and_those_who_stay_keep_their_turn(world: World) -> None:
    world.lead()
    turn = world.run(lambda session: {row.member_id: row.last_given_at for row in session.scalars(select(TeamMember))})
    applied = apply(world, '[[teams]]\nkey = "sales"\nmembers = ["U-MAX", "U-ANA"]\n')
    assert words(applied.changes) == ("team “Sales”: max joins, bo leaves",)
    after = world.run(lambda session: {row.member_id: row.last_given_at for row in session.scalars(select(TeamMember))})
    ana = world.member("ana").id
    assert after[ana] == turn[ana] == world.now


def test_running_clocks_keep_their_terms_and_new_ones_take_the_new(world: World) -> None:
    old = world.lead()
    apply(world, '[[policies]]\ntier = "hot"\ncontact = "1h"\n')
    new = world.lead("Second")
    due = world.run(lambda session: {row.lead_id: row.due_at for row in session.scalars(select(Clock))})
    assert due == {old: world.now + timedelta(minutes=5), new: world.now + timedelta(hours=1)}


def test_only_audiences_whose_time_or_place_changes_are_scheduled_anew(world: World) -> None:
    ids = world.run(lambda session: {row.key: row.id for row in session.scalars(select(Audience))})
    applied = apply(
        world, '[[audiences]]\nkey = "sales"\ntime = "10:00"\n[[audiences]]\nkey = "marketing"\nwhen_empty = "silence"'
    )
    assert len(applied.changes) == 2
    assert applied.rescheduled == (ids["sales"],)


def test_none_takes_a_setting_away(world: World) -> None:
    applied = apply(world, '[[teams]]\nkey = "sales"\nchannel = "none"\nmanager = "none"\nholidays = "none"\n')
    assert words(applied.changes) == (
        "team “Sales”: channel changes from C-SALES to none",
        "team “Sales”: manager changes from mia to nobody",
    )
    assert team(world, "sales").channel is None


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        ('marketing_channel = "#nowhere"', "marketing_channel", "No channel “#nowhere” is found in Slack"),
        ('[[teams]]\nkey = "sales"\nmanager = "eve@example.com"', "teams[sales].manager", "Nobody with the address"),
        ('[[teams]]\nkey = "sales"\nmembers = ["U-NOBODY"]', "teams[sales].members[1]", "Nobody with the member id"),
        ('[[teams]]\nkey = "sales"\ndefault = false', "teams[sales].default", "One team must be the default"),
        ('[[teams]]\nkey = "sales"\narchived = true', "teams[sales].archived", "cannot be archived"),
        ('[[policies]]\ntier = "warm"\ndefault = false', "policies[warm].default", "One tier must be the default"),
        ('[[policies]]\ntier = "vip"', "policies[vip].contact", "A new tier needs the time to contact"),
        ('[[policies]]\ntier = "hot"\nremind = 0.4', "policies[hot].remind", "must come after half time (50%)"),
        ('[[audiences]]\nkey = "board"', "audiences[board].kind", "needs a kind"),
        ('[[audiences]]\nkey = "sales"\nteam = "mars"', "audiences[sales].team", "The teams are sales"),
        ('[[sources]]\nname = "site"\ntier = "tepid"', "sources[site].tier", "The tiers are hot, warm and cool"),
        ('[[sources]]\nname = "site"', "sources", "TANDEM_SECRET_KEY"),
        (
            '[members]\nU-MIA = "rep"\n[[teams]]\nkey = "sales"\nmanager = "none"',
            "members",
            "Nobody would be an admin any more",
        ),
        (
            '[members]\nU-MIA = "rep"\nU-ANA = "admin"',
            "members.U-MIA",
            "manages the team “Sales”. Name another manager of it first.",
        ),
        ('[members]\nU-ANA = "rep"\n"ana@example.com" = "manager"', "members.“ana@example.com”", "twice"),
        (
            '[members]\nU-ANA = "rep"\n[[teams]]\nkey = "sales"\nmanager = "ana@example.com"',
            "teams[sales].manager",
            "[members] says rep",
        ),
    ],
)
def test_what_does_not_fit_the_workspace_is_explained_and_nothing_is_changed(
    world: World, text: str, path: str, says: str
) -> None:
    before = export(world)
    found = problems(world, f'currency = "EUR"\n{text}')
    assert list(found) == [path]
    assert says in found[path]
    assert export(world) == before


def test_slack_s_admins_no_longer_change_a_role_that_was_set_here(world: World) -> None:
    changes = apply(world, '[members]\nU-MIA = "admin"').changes
    assert words(changes) == ("member mia stays an admin, whatever Slack's own settings say from now on",)


def test_new_people_join_by_themselves_until_the_settings_say_who_takes_leads(world: World) -> None:
    apply(world, 'currency = "EUR"')
    workspace = world.run(lambda session: session.get_one(Workspace, world.workspace_id))
    assert workspace.configured_at is None
    assert tuple(map(note_sentence, plan(world, '[[teams]]\nkey = "sales"').notes)) == (
        "From now on, people who are new in Slack join a team only when you say so.",
    )


def test_only_names_are_looked_up_in_slack(world: World) -> None:
    assert names_to_look_up(parse_config(COMPANY)) == {
        "#marketing",
        "#sales-emea",
        "#digest",
        "ana@example.com",
        "bo@example.com",
        "max@example.com",
    }


def test_customers_names_stay_out_of_the_audit(world: World) -> None:
    apply(world, 'accounts = ["Globex"]')
    data = world.run(lambda session: session.scalars(select(AuditEvent.data)).one())
    assert data == {"facts": {"company": [CHANGE.write(Change("accounts", after="1"))]}, "about": {"company": []}}


def test_a_new_source_gets_a_secret_that_is_told_once(world: World) -> None:
    config = parse_config('[[sources]]\nname = "website"\nteam = "sales"\ntier = "hot"\n')
    assert words(world.run(plan_config, world.workspace_id, config, at=world.now).changes) == (
        "source “website” is added (standard_webhooks)",
    )
    applied = world.run(apply_config, world.workspace_id, config, by=None, at=world.now, seal=lambda text: text[::-1])
    secret = applied.secrets["website"]
    assert secret.startswith("whsec_")
    stored = world.run(lambda session: session.scalars(select(Source)).one())
    assert (stored.sealed_secret, stored.team_key, stored.tier) == (secret[::-1], "sales", "hot")
    assert secret not in export(world)
    assert plan(world, export(world)).changes == ()
    assert words(apply(world, '[[sources]]\nname = "website"\npaused = true').changes) == (
        "source “website” is paused: what it sends is refused",
    )


def test_homes_of_admins_and_of_those_concerned_are_shown_again(world: World) -> None:
    for name in ("mia", "ana", "bo"):
        who = world.member(name)
        world.run(put_card, world.workspace_id, "home", who.id, who.user_id, at=world.now)
    world.run(_sent)
    apply(world, '[[teams]]\nkey = "sales"\nmembers = ["U-BO"]')
    assert sorted(world.queued()) == [("home", "U-ANA"), ("home", "U-MIA")]


def _rename(session: Session, old: str, new: str) -> None:
    session.scalars(select(Member).where(Member.name == old)).one().name = new


def _sent(session: Session) -> None:
    session.execute(update(Delivery).values(state="sent", finished_at=MONDAY_NOON))
