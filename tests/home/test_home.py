"""What each member finds on their Home, and that Slack takes it whatever people are called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.admin import next_steps
from domain.config.apply import apply_config
from domain.config.schema import parse_config
from domain.home import Home, load_home, open_home, week_begin
from domain.leads.declining import decline_lead
from domain.leads.lifecycle import claim_lead, contact_lead, take_lead
from domain.leads.rungs import apply_due_rungs
from domain.marks import mark
from domain.people import default_team
from domain.scoreboard import load_scoreboard
from domain.themes import find_or_add_theme
from domain.voc.starters import choose_starters
from handlers.home.messages import messages
from handlers.messages import Subject
from playground.blocks import interactive_elements, problems_in_view
from playground.markup import Reader
from storage.models import Delivery, Lane, Lead, Member, Team, VocItem, Workspace
from tests.leads.shown import HOSTILE, markup_of, spoken
from tests.world import World


def home(world: World, name: str) -> Home:
    found: Home | None = world.run(load_home, world.member(name).id, world.workspace_id, world.now)
    assert found is not None
    return found


def view(world: World, name: str) -> dict[str, Any]:
    """The Home that the courier would publish now; fails when Slack would refuse it."""
    who = world.member(name)
    subject = Subject(who.id, world.workspace_id, who.user_id, {}, world.now, False, "acme-")
    rendering = world.run(messages.renderers["home"], subject)
    assert rendering is not None
    assert rendering.view is not None
    assert problems_in_view(rendering.view, kind="home") == []
    shown: dict[str, Any] = rendering.view
    return shown


def text(shown: dict[str, Any]) -> str:
    return Reader(lambda member: member).message("", shown["blocks"], [])


def buttons(shown: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Every button as label, action id and value."""
    return [
        (one["text"]["text"], one["action_id"], one.get("value", ""))
        for block in shown["blocks"]
        for one in interactive_elements(block)
        if one["type"] == "button"
    ]


def log(world: World, name: str, words: str, theme: str = "pricing") -> None:
    def add(session: Session) -> None:
        session.add(
            VocItem(
                workspace_id=world.workspace_id,
                member_id=session.scalars(select(Member.id).where(Member.name == name)).one(),
                kind="objection",
                line=words,
                verbatim=words,
                theme_id=find_or_add_theme(session, world.workspace_id, theme, at=world.now).id,
                origin="command",
                created_at=world.now,
                updated_at=world.now,
            )
        )

    world.run(add)


def test_a_rep_sees_their_open_leads_the_most_urgent_first(world: World) -> None:
    calm = world.lead("Calm", tier="cool")
    world.lead("Not mine")
    urgent = world.lead("Urgent")
    assert [lead.id for lead in home(world, "ana").mine] == [urgent, calm]
    shown = view(world, "ana")
    assert ("Claim", "lead.claim", mark(urgent, world.now)) in buttons(shown)
    assert ("Contacted", "lead.contacted", mark(urgent, world.now)) in buttons(shown)
    assert "Not mine" not in text(shown)


def test_each_button_of_a_lead_says_whose_it_is(world: World) -> None:
    world.lead()
    blocks = [one for one in view(world, "ana")["blocks"] if str(one.get("block_id")).startswith("lead.")]
    assert spoken(blocks) == [f"{label}: Lee Wong, Northwind" for label in ("Claim", "Contacted", "Brief", "Decline")]


def test_a_settled_lead_leaves_the_home(world: World) -> None:
    lead = world.lead()
    world.run(claim_lead, lead, by=world.member("ana"), at=world.now)
    assert [label for label, _, _ in buttons(view(world, "ana"))][:1] == ["Contacted"]
    world.run(contact_lead, lead, by=world.member("ana"), at=world.now)
    assert home(world, "ana").mine == ()


def test_an_empty_home_teaches(world: World) -> None:
    shown = text(view(world, "ana"))
    assert "No open leads." in shown
    assert "/acme-voc too expensive" in shown


def test_own_voc_items_are_listed_and_those_of_others_are_not(world: World) -> None:
    log(world, "ana", "far too dear")
    log(world, "bo", "what others heard")
    shown = text(view(world, "ana"))
    assert "Objection · far too dear · #pricing" in shown
    assert "what others heard" not in shown
    assert "/acme-voc list shows what you logged, to edit or undo." in shown


def test_a_manager_sees_the_team_with_what_is_overdue_first(world: World) -> None:
    late = world.lead("Late")
    done = world.lead("Done")
    world.run(contact_lead, done, by=world.member("bo"), at=world.later(minutes=1))
    world.later(minutes=5)
    world.run(apply_due_rungs, at=world.now)
    fresh = world.lead("Fresh")
    [board] = home(world, "mia").boards
    assert [lead.id for lead in board.leads] == [late, fresh]
    assert (board.open, board.overdue) == (2, 1)
    assert (board.in_time, board.late, board.overdue) == (1, 0, 1)
    assert [(load.name, load.open, load.overdue) for load in board.reps] == [("ana", 2, 1), ("bo", 0, 0)]
    assert "1 contacted in time, 0 late. Overdue now: 1" in text(view(world, "mia"))


def test_what_was_declined_after_its_deadline_is_late_on_home_as_on_the_scoreboard(world: World) -> None:
    lead = world.lead("Late")
    world.later(minutes=6)
    decline = {"reason": "bad_data", "note": "", "then": "marketing"}
    world.run(decline_lead, lead, by=world.member("ana"), at=world.now, **decline)
    early = world.lead("Early")
    world.run(decline_lead, early, by=world.member("bo"), at=world.later(minutes=1), **decline)
    [board] = home(world, "mia").boards
    assert (board.in_time, board.late, board.overdue) == (0, 1, 0)
    figures = world.run(load_scoreboard, by=world.member("mia"), at=world.now).sales
    assert (figures.in_time.hits, figures.in_time.of) == (0, 1)


def test_who_is_away_is_said(world: World) -> None:
    world.run(_leave, "bo", world.now + timedelta(days=2))
    [board] = home(world, "mia").boards
    assert {load.name: load.away_until for load in board.reps} == {
        "ana": None,
        "bo": world.now + timedelta(days=2),
    }
    assert "away until" in text(view(world, "mia"))
    assert "You are away until" in text(view(world, "bo"))


def test_a_manager_can_save_an_overdue_lead_where_it_is_listed(world: World) -> None:
    late = [world.lead(f"Late {number}") for number in range(5)]
    world.later(minutes=6)
    world.lead("Fresh")
    [board] = home(world, "mia").boards
    assert [lead.id for lead in board.to_save] == late[:3]
    shown = view(world, "mia")
    assert not problems_in_view(shown)
    actions = [one["action_id"] for block in shown["blocks"] for one in interactive_elements(block)]
    assert actions.count("lead.reassign") == actions.count("lead.extend") == actions.count("lead.take") == 3
    assert text(shown).count("Late 0") == 1
    assert text(shown).count("Late 4") == 1
    for number in range(5):
        world.lead(f"More {number}")
    assert "and 5 more: /acme-lead list" in text(view(world, "mia"))


def test_a_manager_s_own_overdue_lead_has_one_row_of_buttons(world: World) -> None:
    lead = world.lead("Mine")
    world.run(take_lead, lead, by=world.member("mia"), at=world.now)
    world.later(minutes=6)
    shown = view(world, "mia")
    assert home(world, "mia").boards[0].to_save == ()
    assert not problems_in_view(shown)


def test_a_rep_does_not_see_the_team_s_board_and_no_one_sees_another_workspace(world: World) -> None:
    world.lead()
    assert home(world, "bo").boards == ()
    assert world.run(load_home, world.member("ana").id, world.workspace_id + 1, world.now) is None


def test_a_marketer_sees_the_themes_of_the_last_30_days_and_what_sales_gave_back(world: World) -> None:
    log(world, "ana", "old", theme="forgotten")
    world.later(days=31)
    for _ in range(2):
        log(world, "ana", "dear", theme="pricing")
    log(world, "bo", "slow", theme="speed")
    lead = world.lead("Nina")
    world.run(decline_lead, lead, reason="other", note="asked for <!channel>", by=world.member("ana"), at=world.now)
    found = home(world, "max")
    assert [(theme.slug, theme.items) for theme in found.themes] == [("pricing", 2), ("speed", 1)]
    assert [(one.name, one.reason, one.by) for one in found.declines] == [("Nina", "other", "ana")]
    assert "#pricing: 2 items, all objections · no approved answer yet" in text(view(world, "max"))


def test_an_admin_is_led_through_what_is_missing_until_nothing_is(world: World) -> None:
    keys = [step.key for step in world.run(next_steps, world.workspace_id)]
    assert keys == ["people", "digest", "digest", "source", "themes"]
    shown = buttons(view(world, "mia"))
    team = world.run(default_team, world.workspace_id).id
    assert ("Choose people", "setup.open", f"team:{team}") in shown
    assert [action for label, action, _ in shown if label == "Choose channel"] == ["digest.settings"] * 2
    config = parse_config(
        '[[teams]]\nkey = "sales"\n[[sources]]\nname = "website"\n'
        '[[audiences]]\nkey = "sales"\nchannel = "C-1"\n[[audiences]]\nkey = "marketing"\npaused = true'
    )
    world.run(apply_config, world.workspace_id, config, by=world.member("mia"), at=world.now, seal=lambda text: text)
    world.run(choose_starters, ["pricing"], by=world.member("mia"), at=world.now)
    assert world.run(next_steps, world.workspace_id) == ()
    assert ("Settings", "setup.open", "hub") in buttons(view(world, "mia"))
    world.run(lambda session: session.execute(update(Member).values(role="admin").where(Member.name == "max")))
    assert ("Choose channel", "setup.open", "company") in buttons(view(world, "mia"))
    world.run(lambda session: session.execute(update(Workspace).values(marketing_channel="C-MARKETING")))
    assert world.run(next_steps, world.workspace_id) == ()


def test_an_admin_reads_what_is_set(world: World) -> None:
    config = parse_config(
        '[[teams]]\nkey = "emea"\nmembers = ["U-MAX"]\n[[sources]]\nname = "website"\n'
        '[[audiences]]\nkey = "sales"\nchannel = "C-1"\n[[audiences]]\nkey = "marketing"\nchannel = "C-2"'
    )
    world.run(apply_config, world.workspace_id, config, by=world.member("mia"), at=world.now, seal=lambda text: text)
    shown = text(view(world, "mia"))
    assert "2 teams · 3 people take leads · 1 source sends them" in shown
    assert "Digests Mondays 09:00 (" in shown
    assert ") in #C-1, #C-2" in shown


def test_an_admin_reads_what_was_not_delivered_until_something_gets_through(world: World) -> None:
    world.lead()
    world.run(_finish, "C-SALES", "failed", "not_in_channel", world.now)
    world.later(minutes=1)
    shown = text(view(world, "mia"))
    assert "1 message to #C-SALES: Tandem is not in that channel. Type /invite @Tandem in" in shown
    assert "Not delivered" not in text(view(world, "max"))
    world.lead()
    world.run(_finish, "C-SALES", "sent", None, world.now)
    assert "Not delivered" not in text(view(world, "mia"))


def test_a_refusal_of_yesterday_is_forgotten(world: World) -> None:
    world.lead()
    world.run(_finish, "C-SALES", "failed", "not_in_channel", world.now)
    world.later(days=1, minutes=1)
    assert "Not delivered" not in text(view(world, "mia"))


def test_themes_say_which_deals_they_touch(world: World) -> None:
    log(world, "ana", "dear")
    world.run(_price_all, 4_000_000)
    assert "#pricing: 1 item, an objection · $40k · no approved answer yet" in text(view(world, "max"))


def test_the_example_speaks_of_the_workspace_s_own_rivals(world: World) -> None:
    config = parse_config('competitors = ["`evil`", "Lanebright"]\naccounts = ["Kessler Group"]')
    world.run(apply_config, world.workspace_id, config, by=world.member("mia"), at=world.now)
    assert '/acme-voc too expensive next to Lanebright #pricing @"Kessler Group" $40k' in text(view(world, "ana"))


def test_only_admins_are_asked_to_set_things(world: World) -> None:
    assert home(world, "max").steps == ()
    assert all(action != "setup.open" for _, action, _ in buttons(view(world, "ana")))


def test_a_team_without_people_manager_or_channel_is_named(world: World) -> None:
    config = parse_config('[[teams]]\nkey = "apac"\nname = "APAC"\n')
    world.run(apply_config, world.workspace_id, config, by=world.member("mia"), at=world.now)
    steps = [(step.key, step.name) for step in world.run(next_steps, world.workspace_id)]
    assert steps[:3] == [("channel", "APAC"), ("manager", "APAC"), ("members", "APAC")]


def test_opening_queues_the_home_once_and_changes_of_a_lead_show_it_again(world: World) -> None:
    world.run(open_home, by=world.member("ana"), at=world.now)
    world.run(open_home, by=world.member("ana"), at=world.now)
    assert world.queued() == [("home", "U-ANA")]


@pytest.mark.parametrize(("step", "by"), [(take_lead, "mia"), (claim_lead, "bo")], ids=["taken", "claimed"])
def test_a_lead_that_somebody_else_has_now_leaves_the_home_of_its_rep_too(
    world: World, step: Callable[..., None], by: str
) -> None:
    lead = world.lead()
    rep = world.run(lambda session: session.get_one(Member, session.get_one(Lead, lead).owner_id).name)
    assert rep != by
    world.run(open_home, by=world.member(rep), at=world.now)
    world.run(
        lambda session: session.execute(
            update(Delivery).values(state="sent", finished_at=world.now).execution_options(synchronize_session=False)
        )
    )
    world.run(step, lead, by=world.member(by), at=world.now)
    assert ("home", f"U-{rep.upper()}") in world.queued()


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_shown_inert_within_slack_s_limits(world: World, words: str) -> None:
    for _ in range(10):
        world.lead(words[:200], company=words[:200], asked=words)
    log(world, "ana", words)
    decline = world.lead("Nina")
    world.run(decline_lead, decline, reason="other", note=words, by=world.member("ana"), at=world.now)
    world.run(_rename, words)
    for user_id in ("U-MIA", "U-ANA", "U-MAX"):
        shown = world.run(_view_of, world, user_id)
        assert problems_in_view(shown, kind="home") == []
        flat = " ".join(markup_of(shown))
        assert "<!channel>" not in flat
        assert "<!here>" not in flat
        assert "<@U-MIA>" not in flat
        assert "<https://evil.example" not in flat


def test_a_full_home_fits_into_a_hundred_blocks(world: World) -> None:
    teams = "\n".join(f'[[teams]]\nkey = "t{n}"\nmembers = ["U-ANA", "U-BO", "U-MAX"]' for n in range(8))
    config = parse_config(teams)
    world.run(apply_config, world.workspace_id, config, by=world.member("mia"), at=world.now)
    for n in range(60):
        world.lead(f"Lead {n}", team=f"t{n % 8}")
        world.lead(f"Own {n}")
    world.run(_give_all_to, "mia")
    for name in ("mia", "ana", "max"):
        assert len(view(world, name)["blocks"]) <= 100
    assert home(world, "mia").boards_left == 4


def test_the_week_begins_on_monday_in_the_zone(world: World) -> None:
    begun = week_begin(world.now, "Europe/Berlin")
    assert begun.isoformat() == "2026-11-15T23:00:00+00:00"


def _leave(session: Session, name: str, until: Any) -> None:
    session.scalars(select(Member).where(Member.name == name)).one().away_until = until


def _finish(session: Session, place: str, state: str, error: str | None, at: Any) -> None:
    """What the courier would write down of everything that waits for this place."""
    for delivery in session.scalars(
        select(Delivery).join(Lane, Lane.id == Delivery.lane_id).where(Lane.place == place, Delivery.state == "pending")
    ):
        delivery.state, delivery.error, delivery.finished_at = state, error, at


def _price_all(session: Session, minor: int) -> None:
    for item in session.scalars(select(VocItem)):
        item.deal_minor, item.deal_currency = minor, "USD"


def _rename(session: Session, words: str) -> None:
    for member in session.scalars(select(Member)):
        member.name = words
    for team in session.scalars(select(Team)):
        team.name = words


def _give_all_to(session: Session, name: str) -> None:
    member = session.scalars(select(Member).where(Member.name == name)).one()
    for lead in session.scalars(select(Lead).where(Lead.name.like("Own %"))):
        lead.owner_id = member.id


def _view_of(session: Session, world: World, user_id: str) -> dict[str, Any]:
    member = session.scalars(select(Member).where(Member.slack_user_id == user_id)).one()
    subject = Subject(member.id, world.workspace_id, user_id, {}, world.now)
    rendering = messages.renderers["home"](session, subject)
    assert rendering is not None
    assert rendering.view is not None
    return rendering.view
