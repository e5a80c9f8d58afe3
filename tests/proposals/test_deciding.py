"""What marketers decide about proposed themes, as rules: accept, refuse, undo, and what was overtaken meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import BeforeRestore
from domain.people import ensure_workspace
from domain.proposals.deciding import (
    PAGE,
    Decision,
    accept_proposals,
    count_proposals,
    refuse_proposals,
    reopen_proposals,
    show_proposals,
)
from domain.proposals.labelling import overtake_proposals, record_labels, workspaces_to_label
from domain.proposals.labels import Checked
from domain.themes import find_or_add_theme
from domain.voc.declining import decline_theme
from domain.voc.items import log_line, withdraw_item
from domain.voc.name_slips import use_theme
from handlers.proposals.jobs import Labelling
from storage.models import AuditEvent, Theme, VocItem, VocProposal
from tests.world import World


def propose(world: World, *lines: str, theme: str = "moonshot", kind: str = "objection") -> list[int]:
    """Log lines, each with this theme proposed for it; the items' ids."""
    theme_id = world.run(find_or_add_theme, world.workspace_id, theme, at=world.now).id
    ids = [world.run(log_line, line, by=world.member("ana"), at=world.now).item.id for line in lines]
    labels = {item_id: (1, Checked(theme_id, kind, "It is about the price.", 80)) for item_id in ids}
    world.run(record_labels, world.workspace_id, labels, model="tiny", prompt="label-1", at=world.now)
    return ids


def theme_of(world: World, item_id: int) -> str | None:
    def read(session: Session) -> str | None:
        item = session.get_one(VocItem, item_id)
        return session.get_one(Theme, item.theme_id).slug if item.theme_id else None

    return world.run(read)


def marks(world: World) -> list[str]:
    return [one.mark for one in world.run(show_proposals, by=world.member("max"), at=world.now).shown]


def state_of(world: World, item_id: int) -> str:
    def read(session: Session) -> str:
        return session.scalars(select(VocProposal.state).where(VocProposal.item_id == item_id)).one()

    return world.run(read)


def test_an_accepted_theme_is_the_item_s_and_its_history_says_who(world: World) -> None:
    (item_id,) = propose(world, "they find it dear")
    found = world.run(accept_proposals, marks(world), 0, by=world.member("max"), at=world.now)
    assert (found.accepted, found.themes, found.passed_by, found.page.total) == (True, ("moonshot",), 0, 0)
    assert theme_of(world, item_id) == "moonshot"
    history = world.run(
        lambda session: session.scalars(select(AuditEvent).where(AuditEvent.subject_id == item_id)).all()[-1]
    )
    assert (history.action, history.by_id) == ("voc.proposal_accepted", world.member("max").id)


def test_a_refused_theme_is_not_the_item_s(world: World) -> None:
    (item_id,) = propose(world, "they find it dear")
    found = world.run(refuse_proposals, marks(world), 0, by=world.member("max"), at=world.now)
    assert (found.accepted, len(found.marks)) == (False, 1)
    assert theme_of(world, item_id) is None
    assert state_of(world, item_id) == "refused"


@pytest.mark.parametrize("decide", [accept_proposals, refuse_proposals])
def test_a_decision_can_be_taken_back(world: World, decide: Callable[..., Decision]) -> None:
    (item_id,) = propose(world, "they find it dear")
    found = world.run(decide, marks(world), 0, by=world.member("max"), at=world.now)
    back = world.run(reopen_proposals, found.marks, 0, by=world.member("max"), at=world.now)
    assert (back.undone, back.page.total) == (True, 1)
    assert theme_of(world, item_id) is None
    assert state_of(world, item_id) == "proposed"


def test_a_second_click_changes_nothing(world: World) -> None:
    (item_id,) = propose(world, "they find it dear")
    named = marks(world)
    world.run(accept_proposals, named, 0, by=world.member("max"), at=world.now)
    again = world.run(refuse_proposals, named, 0, by=world.member("mia"), at=world.now)
    assert (again.marks, again.passed_by) == ((), 1)
    assert theme_of(world, item_id) == "moonshot"
    assert state_of(world, item_id) == "accepted"


def test_an_item_that_its_rep_put_under_a_theme_is_left_there(world: World) -> None:
    (item_id,) = propose(world, "they find it dear")
    named = marks(world)
    world.run(find_or_add_theme, world.workspace_id, "value", at=world.now)
    world.run(use_theme, item_id, "value", version=1, by=world.member("ana"), at=world.now)
    assert marks(world) == []
    found = world.run(accept_proposals, named, 0, by=world.member("max"), at=world.now)
    assert found.passed_by == 1
    assert theme_of(world, item_id) == "value"
    world.run(overtake_proposals, world.now)
    assert state_of(world, item_id) == "overtaken"


def test_an_item_that_was_taken_back_waits_for_nobody(world: World) -> None:
    (item_id,) = propose(world, "they find it dear")
    world.run(withdraw_item, item_id, by=world.member("ana"), at=world.now)
    assert world.run(count_proposals, world.workspace_id) == 0
    world.run(overtake_proposals, world.now)
    assert state_of(world, item_id) == "overtaken"


def test_undo_leaves_an_item_alone_that_was_moved_since(world: World) -> None:
    (item_id,) = propose(world, "they find it dear")
    found = world.run(accept_proposals, marks(world), 0, by=world.member("max"), at=world.now)
    world.run(find_or_add_theme, world.workspace_id, "value", at=world.now)
    world.run(use_theme, item_id, "value", version=2, by=world.member("ana"), at=world.now)
    back = world.run(reopen_proposals, found.marks, 0, by=world.member("max"), at=world.now)
    assert (back.marks, back.passed_by) == ((), 1)
    assert theme_of(world, item_id) == "value"


def test_a_theme_that_was_merged_is_the_one_that_took_its_place(world: World) -> None:
    (item_id,) = propose(world, "they find it dear", theme="price")
    into = world.run(find_or_add_theme, world.workspace_id, "moonshot", at=world.now).id

    def merge(session: Session) -> None:
        session.scalars(select(Theme).where(Theme.slug == "price")).one().merged_into_id = into

    world.run(merge)
    assert [one.theme for one in world.run(show_proposals, by=world.member("max"), at=world.now).shown] == ["moonshot"]
    world.run(accept_proposals, marks(world), 0, by=world.member("max"), at=world.now)
    assert theme_of(world, item_id) == "moonshot"


def test_pages_lead_from_the_newest_to_the_oldest(world: World) -> None:
    propose(world, *(f"they find it {number} times dear" for number in range(2 * PAGE + 3)))
    first = world.run(show_proposals, by=world.member("max"), at=world.now)
    assert (first.total, first.newer, first.older, len(first.shown)) == (2 * PAGE + 3, None, PAGE, PAGE)
    last = world.run(show_proposals, 2 * PAGE, by=world.member("max"), at=world.now)
    assert (last.newer, last.older, len(last.shown)) == (PAGE, None, 3)
    beyond = world.run(show_proposals, 10_000, by=world.member("max"), at=world.now)
    assert beyond == last
    found = world.run(
        accept_proposals, [one.mark for one in last.shown], 2 * PAGE, by=world.member("max"), at=world.now
    )
    assert (found.page.start, found.page.total) == (PAGE, 2 * PAGE)


def test_a_proposal_of_another_workspace_names_nothing(world: World) -> None:
    (item_id,) = propose(world, "they find it dear")
    (named,) = marks(world)
    other = world.run(ensure_workspace, "T2", name="Rival", at=world.now)
    stranger = world.member("max")
    with pytest.raises(BeforeRestore):
        world.run(accept_proposals, [named], 0, by=replace(stranger, workspace_id=other), at=world.now)
    found = world.run(
        accept_proposals, [named.partition("-")[0]], 0, by=replace(stranger, workspace_id=other), at=world.now
    )
    assert found.marks == ()
    assert theme_of(world, item_id) is None


def test_a_label_names_no_theme_of_another_workspace(world: World) -> None:
    other = world.run(ensure_workspace, "T2", name="Rival", at=world.now)
    theirs = world.run(find_or_add_theme, other, "moonshot", at=world.now).id
    item_id = world.run(log_line, "they find it dear", by=world.member("ana"), at=world.now).item.id
    labels = {item_id: (1, Checked(theirs, "objection", "Because.", 99))}
    world.run(record_labels, world.workspace_id, labels, model="tiny", prompt="label-1", at=world.now)
    assert state_of(world, item_id) == "none"
    world.run(record_labels, other, labels, model="tiny", prompt="label-1", at=world.now + timedelta(hours=1))
    assert state_of(world, item_id) == "none"


def test_an_item_of_which_its_rep_said_that_it_is_about_none_is_proposed_nothing(world: World) -> None:
    (item_id,) = propose(world, "they find it dear")
    named = marks(world)
    world.run(decline_theme, item_id, version=1, by=world.member("ana"), at=world.now)
    assert marks(world) == []
    assert world.run(accept_proposals, named, 0, by=world.member("max"), at=world.now).passed_by == 1
    assert theme_of(world, item_id) is None
    assert world.run(workspaces_to_label, Labelling, at=world.now + timedelta(hours=1)) == []
