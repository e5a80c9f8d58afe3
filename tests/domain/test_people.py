"""Who is one of ours, and what becomes of a time zone that nobody knows."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.config.apply import apply_config
from domain.config.problems import ConfigProblems
from domain.config.schema import parse_config
from domain.errors import Refused
from domain.leads.availability import go_away
from domain.leads.lifecycle import reassign_lead
from domain.leads.reassigning import list_candidates
from domain.people import Profile, admins_of, default_team, ensure_workspace, sync_members
from domain.zones import find_zone, stored_zone
from handlers.setup.profiles import profile_of
from storage.models import Lead, Member, Team, TeamMember
from tests.leads.shown import render
from tests.refused import refused
from tests.world import World

ODD_ZONES = (
    "Mars/Olympus",
    "../../etc/passwd",
    "/etc/passwd",
    "right/Europe/Berlin",
    "Europe",
    "localtime",
    "\0",
    "é" * 300,
)


def user(user_id: str = "U-EVE", **more: Any) -> dict[str, Any]:
    return {"id": user_id, "team_id": "T1", "real_name": "Eve Moreau", "tz": "Europe/Paris", **more}


def sync(world: World, *users: dict[str, Any]) -> None:
    world.run(sync_members, world.workspace_id, [profile_of(one, "T1") for one in users], world.now)


def member(world: World, user_id: str) -> Member | None:
    def find(session: Session) -> Member | None:
        return session.scalars(select(Member).where(Member.slack_user_id == user_id)).first()

    return world.run(find)


def in_turn(world: World) -> set[str]:
    return world.run(
        lambda session: set(
            session.scalars(select(Member.slack_user_id).join(TeamMember, TeamMember.member_id == Member.id))
        )
    )


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, "member"),
        ({"team_id": None}, "member"),
        ({"is_stranger": False, "team_id": "T-OTHER"}, "stranger"),
        ({"is_stranger": True}, "stranger"),
        ({"team_id": "E-ORG"}, "stranger"),
        ({"team_id": "T-HOME", "enterprise_user": {"enterprise_id": "E1", "teams": ["T-HOME", "T1"]}}, "member"),
        ({"team_id": "T-HOME", "enterprise_user": {"enterprise_id": "E2", "teams": ["T-HOME"]}}, "stranger"),
        ({"team_id": "T-HOME", "enterprise_user": {"teams": None}}, "stranger"),
        ({"is_restricted": True}, "guest"),
        ({"is_restricted": True, "is_ultra_restricted": True}, "guest"),
        ({"is_restricted": True, "team_id": "T-OTHER"}, "stranger"),
    ],
)
def test_a_user_object_says_who_is_ours(more: dict[str, Any], kind: str) -> None:
    assert profile_of(user(**more), "T1").kind == kind


@pytest.mark.parametrize("mark", ["is_bot", "is_workflow_bot", "is_connector_bot"])
def test_no_robot_is_ours(mark: str) -> None:
    assert not profile_of(user() | {mark: True}, "T1").is_ours


def test_who_was_invited_and_never_signed_in_is_not_there_yet() -> None:
    assert not profile_of(user(is_invited_user=True), "T1").active


def test_people_of_other_companies_are_not_taken_in_even_as_their_own_admins(world: World) -> None:
    sync(world, user(team_id="T-OTHER", is_stranger=False, is_admin=True, is_owner=True))
    assert member(world, "U-EVE") is None


def test_who_was_taken_in_wrongly_is_put_out_at_the_next_sync(world: World) -> None:
    sync(world, user())
    assert "U-EVE" in in_turn(world)
    sync(world, user(team_id="T-OTHER", is_admin=True))
    eve = member(world, "U-EVE")
    assert eve is not None
    assert (eve.kind, eve.active, eve.role) == ("stranger", False, "rep")
    assert "U-EVE" not in in_turn(world)
    assert [one.name for one in world.run(admins_of, world.workspace_id)] == ["mia"]


def test_a_stranger_who_joins_the_workspace_is_one_of_ours_from_then_on(world: World) -> None:
    sync(world, user())
    sync(world, user(team_id="T-OTHER"))
    sync(world, user())
    eve = member(world, "U-EVE")
    assert eve is not None
    assert (eve.kind, eve.active) == ("member", True)
    assert "U-EVE" in in_turn(world)


def test_a_guest_is_known_and_takes_no_turns_and_has_no_say(world: World) -> None:
    sync(world, user(is_restricted=True))
    eve = member(world, "U-EVE")
    assert eve is not None
    assert (eve.kind, eve.active, eve.role) == ("guest", True, "rep")
    assert "U-EVE" not in in_turn(world)


def test_who_becomes_a_guest_manages_no_team_any_more(world: World) -> None:
    sync(world, user("U-MIA", is_restricted=True))
    assert world.run(lambda session: session.scalars(select(Team.manager_id)).one()) is None
    assert world.run(admins_of, world.workspace_id) == []


def test_a_member_of_an_earlier_release_keeps_their_place_in_line(world: World) -> None:
    def forget(session: Any) -> None:
        for one in session.scalars(select(Member)):
            one.kind = None

    world.run(forget)
    before = in_turn(world)
    sync(world, user("U-ANA"), user("U-MAX"))
    assert in_turn(world) == before


@pytest.mark.parametrize("zone", ODD_ZONES)
def test_no_such_zone(zone: str) -> None:
    assert find_zone(zone) is None
    assert stored_zone(zone).key == "UTC"


def test_a_zone_that_was_renamed_is_the_new_one(world: World) -> None:
    sync(world, user("U-ANA", tz="US/Pacific-New"))
    ana = member(world, "U-ANA")
    assert ana is not None
    assert (ana.tz, ana.refused_zone) == ("America/Los_Angeles", None)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "America/Nowhere_New"])
def test_an_unknown_zone_falls_back_to_the_team_s_and_is_kept_to_be_told(world: World, zone: str) -> None:
    world.run(lambda session: setattr(default_team(session, world.workspace_id), "hours", OFFICE))
    sync(world, user("U-ANA", tz=zone))
    ana = member(world, "U-ANA")
    assert ana is not None
    assert (ana.tz, ana.refused_zone) == ("Europe/Rome", zone)
    sync(world, user("U-ANA", tz="Europe/Paris"))
    ana = member(world, "U-ANA")
    assert ana is not None
    assert (ana.tz, ana.refused_zone) == ("Europe/Paris", None)


OFFICE = WorkingHours.always("Europe/Rome").to_json()


def test_an_owner_of_an_unknown_zone_still_leads_and_everybody_is_known(world: World) -> None:
    other = world.run(ensure_workspace, "T2", name="Elsewhere", at=world.now)
    profiles = [
        Profile("U-BOSS", "Boss", None, "Mars/Olympus", True, True, True, False),
        Profile("U-REP", "Rep", None, "Europe/Rome", False, False, True, False),
    ]
    world.run(sync_members, other, profiles, world.now)
    assert [one.name for one in world.run(admins_of, other)] == ["Boss"]
    team = world.run(default_team, other)
    assert (team.hours["zone"], team.manager_id is not None) == ("UTC", True)


def test_a_zone_that_was_stored_before_it_was_checked_spoils_nobody_s_work(world: World) -> None:
    def spoil(session: Any) -> None:
        for one in session.scalars(select(Member)):
            one.tz = "Mars/Olympus"
        default_team(session, world.workspace_id).hours = {**WorkingHours.always().to_json(), "zone": "Mars/Olympus"}

    world.run(spoil)
    lead_id = world.lead()
    assert world.run(lambda session: session.get_one(Lead, lead_id).owner_id) is not None
    for place in ("U-ANA", "U-BO"):
        render(world, "lead_dm", lead_id, place, standing=True)
    assert world.run(go_away, "tomorrow", by=world.member("ana"), at=world.now).until > world.now


@pytest.mark.parametrize(
    ("more", "says"), [({"is_restricted": True}, "is a guest"), ({"team_id": "T-OTHER"}, "not in this")]
)
def test_a_lead_is_handed_to_none_but_members(world: World, more: dict[str, Any], says: str) -> None:
    lead_id = world.lead()
    sync(world, user())
    sync(world, user(**more))
    with refused(Refused, says):
        world.run(reassign_lead, lead_id, to_user_id="U-EVE", by=world.member("mia"), at=world.now)
    candidates = world.run(list_candidates, lead_id, by=world.member("mia"), at=world.now)
    assert "U-EVE" not in [one.user_id for one in candidates]


@pytest.mark.parametrize(
    "text",
    [
        '[[teams]]\nkey = "sales"\nmembers = ["U-EVE"]',
        '[[teams]]\nkey = "sales"\nmanager = "U-EVE"',
        '[members]\n"U-EVE" = "admin"',
    ],
)
def test_settings_make_no_guest_a_rep_a_manager_or_an_admin(world: World, text: str) -> None:
    sync(world, user(is_restricted=True))
    with refused(ConfigProblems, "Eve Moreau is a guest in this Slack workspace"):
        world.run(apply_config, world.workspace_id, parse_config(text), by=None, at=world.now)
