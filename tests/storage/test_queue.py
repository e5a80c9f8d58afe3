"""What waits can be asked for: by priority, with the age of the oldest, and what Slack holds up."""

from datetime import timedelta

from domain.people import ensure_workspace
from storage import lanes, outbox
from storage.outbox import Priority
from storage.pace import Buckets
from storage.queue import Pause, Wait, read_queue
from tests.world import World


def put(world: World, subject: int, priority: Priority, place: str = "C1") -> None:
    world.run(outbox.put_notice, world.workspace_id, "note", subject, place, at=world.now, priority=priority)


def test_what_waits_is_told_by_priority_with_the_age_of_the_oldest(world: World) -> None:
    put(world, 1, Priority.DIGEST)
    world.later(seconds=40)
    put(world, 2, Priority.DIGEST, "C2")
    put(world, 3, Priority.ALARM)
    world.later(seconds=2)
    world.run(lanes.hold_lanes, holder="c", at=world.now, lease=timedelta(seconds=30), limit=9)
    assert world.run(read_queue, world.workspace_id, world.now).waits == [
        Wait(Priority.ALARM, 1, timedelta(seconds=2)),
        Wait(Priority.DIGEST, 2, timedelta(seconds=42)),
    ]


def test_a_pause_of_slacks_is_told_while_it_lasts(world: World) -> None:
    until = world.now + timedelta(seconds=30)
    world.run(lambda session: Buckets(session, world.now, 1).pause(world.workspace_id, "chat.update", until))
    assert world.run(read_queue, world.workspace_id, world.now).pauses == [Pause("chat.update", until)]
    assert world.run(read_queue, world.workspace_id, until).pauses == []


def test_other_workspaces_are_not_told_of(world: World) -> None:
    put(world, 1, Priority.LEAD)
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    queue = world.run(read_queue, other, world.now)
    assert (queue.waits, queue.pauses) == ([], [])
