"""Slack's own event says that a post stands: a delivery in doubt is settled by it, without a look into the history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.courier.failures import record_attempt
from bot.slack.client import Meaning, Outcome
from playground import Fault
from storage import confirmed, lanes, outbox
from storage.held import DISTRIBUTED, Held
from storage.models import Delivery, Installation, Lane, Workspace
from tests.bot.test_waits_alone import LEASE
from tests.running import Running, running
from tests.world import World


def hold(world: World) -> list[Held]:
    return world.run(lanes.hold_lanes, holder="c", at=world.now, lease=LEASE, limit=9)


@pytest.fixture
def held(world: World) -> Held:
    """A card of a lead in a courier's hand, on its way to be posted for the first time."""
    world.run(outbox.put_card, world.workspace_id, "card", 1, "C1", at=world.now)
    (one,) = hold(world)
    return one


def says(world: World, held: Held, *, workspace_id: int | None = None, ts: str = "17.5") -> bool:
    """Slack's event arrives."""
    of = workspace_id or held.workspace_id
    return world.run(confirmed.note_standing, of, held.token, "C1", ts, at=world.now)


def test_an_event_before_the_doubt_settles_it_when_it_comes(world: World, held: Held) -> None:
    assert says(world, held)
    world.run(lanes.record_retry, held, next_at=world.now, unsure=True, error="timeout")
    (again,) = hold(world)
    assert again.is_found
    assert again.standing == ("C1", "17.5")
    assert again.calls == ()


def test_an_event_after_the_doubt_makes_it_due_at_once(world: World, held: Held) -> None:
    world.run(lanes.record_retry, held, next_at=world.later(minutes=0) + LEASE, unsure=True, error="timeout")
    assert hold(world) == []
    assert says(world, held)
    (again,) = hold(world)
    assert again.is_found


def test_an_event_for_what_a_dead_courier_held_settles_it(world: World, held: Held) -> None:
    assert says(world, held)
    world.now += LEASE
    (again,) = hold(world)
    assert again.is_found


def test_an_event_for_what_was_recorded_changes_nothing(world: World, held: Held) -> None:
    world.run(lanes.record_sent, held, at=world.now, channel="C1", ts="1.0", rendering="r", free_at=None)
    assert not world.run(confirmed.is_news, held.workspace_id, held.token)
    assert not says(world, held)
    assert world.run(Session.get_one, Delivery, held.id).stands_at is None


def test_an_event_of_another_workspace_or_of_an_unknown_token_changes_nothing(world: World, held: Held) -> None:
    assert not says(world, held, workspace_id=99)
    assert not world.run(confirmed.note_standing, held.workspace_id, "other", "C1", "1.0", at=world.now)


def test_a_lane_in_a_couriers_hand_stays_there(world: World, held: Held) -> None:
    before = world.run(Session.get_one, Lane, held.lane_id)
    assert says(world, held)
    after = world.run(Session.get_one, Lane, held.lane_id)
    assert (after.holder, after.due_at, after.fence) == (before.holder, before.due_at, before.fence)


@pytest.fixture
async def tandem(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(f"sqlite:///{tmp_path / 'tandem.db'}", "http") as tandem:
        yield tandem


def never_look(tandem: Running) -> None:
    """Slack's history gives no answer, as when an app may ask for it once a minute."""
    for method in ("conversations.history", "conversations.replies"):
        tandem.slack.faults.rate(method, Fault.server_error(), 1.0)


@pytest.mark.parametrize("fault", [Fault.lost_reply(), Fault.server_error_stored()])
async def test_a_post_whose_reply_was_lost_is_not_doubled_though_the_history_is_closed(
    tandem: Running, fault: Fault
) -> None:
    never_look(tandem)
    tandem.slack.faults.next("chat.postMessage", fault, fault, fault)
    await tandem.lead_arrives()
    await tandem.idle()
    told = [message for message in tandem.slack.channel("#leads").messages if "Northwind" in message.text]
    assert len(told) == 1


async def test_a_token_that_another_app_has_copied_counts_for_nothing(tandem: Running) -> None:
    """Whoever is in a channel may read our metadata, and post the same."""
    noted: list[Any] = []
    await tandem.lead_arrives()
    await tandem.idle()
    (message, *_) = tandem.slack.channel("#leads").messages
    event = {
        "type": "message_metadata_posted",
        "app_id": "A0OTHER",
        "channel_id": tandem.slack.channel("#leads").id,
        "metadata": message.metadata,
        "message_ts": "1.0",
    }
    tandem.slack.workspace.on_event(event)
    await tandem.idle()
    noted += await tandem.program.db.read(
        lambda session: [one.stands_at for one in session.query(Delivery).all() if one.stands_at == "1.0"]
    )
    assert noted == []


def test_a_distributed_app_looks_once_when_nothing_can_come_late_any_more(world: World) -> None:
    """It has one look in a minute, so a look that cannot be the last is none."""
    world.run(_by_oauth, world.workspace_id)
    world.run(outbox.put_card, world.workspace_id, "card", 1, "C1", at=world.now)
    (one,) = hold(world)
    assert one.distributed
    lost = Outcome(Meaning.UNSURE, "timeout", cut=True)
    world.run(record_attempt, one, lost, posting=True, limits=1.0, at=world.now)
    assert hold(world) == []
    assert one.late_until is not None
    world.now = one.late_until
    (again,) = hold(world)
    assert again.unsure
    assert again.calls == (f"conversations.history{DISTRIBUTED}",)


def _by_oauth(session: Session, workspace_id: int) -> None:
    at = session.get_one(Workspace, workspace_id).created_at
    row = Installation(
        key="T1", app_id="A1", team_id="T1", bot_user_id="U1", sealed_token="x", installed_at=at, updated_at=at
    )
    session.add(row)
    session.flush()
    session.get_one(Workspace, workspace_id).installation_id = row.id
