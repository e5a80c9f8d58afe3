"""Jobs in the database: asked for in a transaction, held by lease and fence, in fair turns, and ended once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from bot.loops.turns import Places, Turns
from domain.people import ensure_workspace
from storage import jobs
from storage.ahead import bring_back
from storage.jobs import HeldJob, Queue, Unreadable
from storage.models import Job, Workspace
from tests.world import World

LEASE = timedelta(seconds=45)
STOP = update(Workspace).values(state="stopped", stopped_reason="token_revoked")


@dataclass(frozen=True)
class Fetch:
    kind: ClassVar[str] = "fetch"

    url: str
    depth: int = 1


@dataclass(frozen=True)
class Draw:
    kind: ClassVar[str] = "draw"

    chart: str = "pie"


def ask(world: World, url: str = "a", **more: object) -> int:
    return world.run(jobs.enqueue, world.workspace_id, Fetch(url), at=world.now, **more)


def hold(world: World, kind: str = "fetch", workspace_id: int | None = None, holder: str = "p1") -> HeldJob | None:
    workspace_id = workspace_id or world.workspace_id
    return world.run(jobs.hold_job, kind, workspace_id, holder=holder, at=world.now, lease=LEASE)


def held(world: World) -> HeldJob:
    found = hold(world)
    assert found is not None
    return found


def row(world: World, job_id: int) -> Job:
    found: Job = world.run(lambda session: session.get_one(Job, job_id))
    return found


def queues(world: World, *kinds: str) -> list[Queue]:
    return world.run(jobs.open_queues, kinds or ("fetch",))


@pytest.mark.parametrize("stored", [[1], "x", 3, {"url": 7}, {}])
def test_arguments_that_are_none_keep_no_job_from_being_taken(world: World, stored: object) -> None:
    job_id = ask(world)
    world.run(lambda session: session.execute(update(Job).where(Job.id == job_id).values(arguments=stored)))
    with pytest.raises(Unreadable):
        jobs.read_arguments(Fetch, held(world).arguments)


def test_a_job_is_asked_for_in_the_transaction_that_needs_it_or_not_at_all(world: World) -> None:
    def breaks(session: Session) -> None:
        jobs.enqueue(session, world.workspace_id, Fetch("a"), at=world.now)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.run(breaks)
    assert hold(world) is None
    ask(world, "b")
    assert jobs.read_arguments(Fetch, held(world).arguments) == Fetch("b")


def test_equal_once_is_asked_for_a_single_time_even_when_it_is_done(world: World) -> None:
    first = ask(world, once="lead-1")
    assert ask(world, "other", once="lead-1") == first
    assert world.run(jobs.end_job, held(world), "done", at=world.now)
    assert ask(world, once="lead-1") == first
    assert hold(world) is None


def test_arguments_of_earlier_and_later_releases_can_be_read() -> None:
    assert jobs.read_arguments(Fetch, {"url": "a"}) == Fetch("a", depth=1)
    assert jobs.read_arguments(Fetch, {"url": "a", "depth": 3, "unheard of": [1]}) == Fetch("a", depth=3)
    with pytest.raises(jobs.Unreadable):
        jobs.read_arguments(Fetch, {"depth": 3})


def test_what_is_not_to_be_done_yet_waits(world: World) -> None:
    ask(world, not_before=world.now + timedelta(hours=1))
    assert hold(world) is None
    world.later(hours=1)
    assert hold(world) is not None


def test_a_held_job_is_nobody_elses_until_its_lease_runs_out_and_then_its_record_counts_for_one(world: World) -> None:
    job_id = ask(world)
    first = held(world)
    assert hold(world, holder="p2") is None
    world.later(seconds=46)
    second = hold(world, holder="p2")
    assert second is not None
    assert (second.token, second.lost, second.just_lost) == (first.token, 1, True)
    assert not world.run(jobs.end_job, first, "done", at=world.now)
    assert not world.run(jobs.put_back, first, due_at=world.now, error="late")
    assert world.run(jobs.end_job, second, "done", at=world.now)
    assert row(world, job_id).state == "done"


def test_a_lease_that_is_renewed_does_not_run_out(world: World) -> None:
    job_id = ask(world)
    held(world)
    world.later(seconds=40)
    assert world.run(jobs.renew_leases, "p1", [job_id], at=world.now, lease=LEASE) == {job_id}
    world.later(seconds=40)
    assert hold(world, holder="p2") is None
    world.later(seconds=10)
    assert hold(world, holder="p2") is not None
    assert world.run(jobs.renew_leases, "p1", [job_id], at=world.now, lease=LEASE) == set()


def test_one_that_starts_alone_waits_for_no_dead_ones_lease(world: World) -> None:
    ask(world)
    held(world)
    world.run(jobs.expire_job_leases, world.now)
    assert hold(world, holder="p2") is not None


def test_a_secret_is_erased_when_the_job_ends_however_it_does(world: World) -> None:
    for end in ("done", "dead", "dropped"):
        job_id = ask(world, secret="plain:https://hooks")
        one = held(world)
        assert one.secret == "plain:https://hooks"
        if end == "dropped":
            world.run(jobs.drop_job, job_id, world.now)
        else:
            world.run(jobs.end_job, one, end, at=world.now, error="why")
        assert (row(world, job_id).state, row(world, job_id).secret) == (end, None)


def test_a_replayed_job_starts_anew_with_the_same_token(world: World) -> None:
    job_id = ask(world)
    one = held(world)
    world.run(jobs.put_back, one, due_at=world.now, error="x", failed=True)
    world.run(jobs.end_job, held(world), "dead", at=world.now, error="y")
    world.later(hours=1)
    world.run(jobs.replay_job, job_id, world.now)
    again = held(world)
    assert (again.token, again.failures, again.lost, again.wanted_at) == (one.token, 0, 0, world.now)


def test_a_stopped_workspace_is_named_as_one(world: World) -> None:
    ask(world)
    assert [one.stopped for one in queues(world)] == [False]
    world.run(lambda session: session.execute(STOP))
    assert [one.stopped for one in queues(world)] == [True]


def test_queues_are_told_by_kind_and_workspace_with_their_first_job(world: World) -> None:
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    world.run(jobs.enqueue, other, Fetch("x"), at=world.now + timedelta(minutes=5))
    world.run(jobs.enqueue, other, Draw(), at=world.now)
    for _ in range(3):
        ask(world)
    found = sorted((one.kind, one.workspace_id, one.due_at - world.now) for one in queues(world, "fetch", "draw"))
    zero, five = timedelta(), timedelta(minutes=5)
    assert found == sorted([("draw", other, zero), ("fetch", world.workspace_id, zero), ("fetch", other, five)])
    assert [one.kind for one in queues(world, "draw")] == ["draw"]


def test_a_noisy_workspace_takes_its_places_and_leaves_the_others_theirs(world: World) -> None:
    quiet = [world.run(ensure_workspace, f"Q{number}", name="Quiet", at=world.now) for number in range(5)]
    for _ in range(30):
        ask(world)
    world.later(seconds=1)
    for workspace_id in quiet:
        world.run(jobs.enqueue, workspace_id, Fetch("q"), at=world.now)
    turns = Turns(Places(all=12, kept=2, kind=10, queue=4))

    def deal(session: Session) -> list[HeldJob]:
        def take(queue: Queue) -> HeldJob | None:
            return jobs.hold_job(session, queue.kind, queue.workspace_id, holder="p", at=world.now, lease=LEASE)

        return turns.deal(jobs.open_queues(session, ["fetch"]), {"fetch": False}, take)

    dealt = world.run(deal)
    assert sorted(one.workspace_id for one in dealt) == sorted([*quiet, *[world.workspace_id] * 4])
    for one in dealt:
        turns.occupy(one)
    # While the noisy one has its places, whoever else comes is next; a place is free for those that are awaited.
    assert world.run(deal) == []
    due = [one for one in queues(world) if one.due_at <= world.now]
    assert [(one.workspace_id, turns.has_room(one, awaited=True)) for one in due] == [(world.workspace_id, False)]
    world.run(jobs.enqueue, quiet[0], Draw(), at=world.now)
    [draw] = queues(world, "draw")
    assert turns.has_room(draw, awaited=False)


def test_what_a_clock_that_was_ahead_has_stamped_waits_no_longer_than_it_may(world: World) -> None:
    now = world.now
    world.later(hours=2)  # the clock is ahead
    fresh, later = ask(world), ask(world, not_before=world.now + timedelta(minutes=30))
    tried = ask(world, "t")
    world.run(lambda session: _postpone(session, tried, world.now + timedelta(seconds=16)))
    running = ask(world, "r")
    world.run(lambda session: _postpone(session, running, world.now + LEASE, holder="p1"))
    world.now = now
    promised = ask(world, not_before=now + timedelta(days=1))
    world.run(bring_back, now, lease=LEASE)
    due = {one: row(world, one).due_at for one in (fresh, later, tried, running, promised)}
    assert due == {
        fresh: now,
        later: now + timedelta(minutes=30),
        tried: now + jobs.LONGEST_WAIT,
        running: now + LEASE,
        promised: now + timedelta(days=1),
    }


def test_ended_jobs_are_forgotten_after_some_days_and_dead_ones_later(world: World) -> None:
    done, dead, open_ = ask(world), ask(world), ask(world, not_before=world.now + timedelta(days=99))
    world.run(jobs.end_job, held(world), "done", at=world.now)
    world.run(jobs.end_job, held(world), "dead", at=world.now, error="x")
    before = world.now + timedelta(days=1)
    assert world.run(jobs.forget_jobs_before, before, world.now, limit=9) == 1
    assert world.run(lambda session: set(session.scalars(select(Job.id)))) == {dead, open_}
    assert world.run(jobs.forget_jobs_before, before, before, limit=9) == 1
    assert done not in (dead, open_)


def test_looking_for_what_is_due_reads_no_job_in_between(world: World) -> None:
    """On both engines: of 2,000 waiting jobs in one queue, the plan steps along the index."""
    world.run(
        lambda session: [jobs.enqueue(session, world.workspace_id, Fetch(str(n)), at=world.now) for n in range(2000)]
    )
    statements: list[tuple[str, object]] = []

    def listen(_c: object, _cu: object, statement: str, parameters: object, _x: object, _m: object) -> None:
        statements.append((statement, parameters))

    event.listen(world.db.engine, "before_cursor_execute", listen)
    queues(world)
    held(world)
    event.remove(world.db.engine, "before_cursor_execute", listen)
    asked = [one for one in statements if one[0].lstrip().startswith(("WITH", "SELECT"))]
    assert len(asked) == 2
    explain = "EXPLAIN QUERY PLAN" if world.db.is_sqlite else "EXPLAIN"
    with world.db.engine.connect() as connection:
        if not world.db.is_sqlite:
            connection.exec_driver_sql("ANALYZE jobs")
        for statement, parameters in asked:
            plan = "\n".join(str(one) for one in connection.exec_driver_sql(f"{explain} {statement}", parameters))  # type: ignore[arg-type]
            assert "ix_jobs_turn" in plan or "ix_jobs_open" in plan, plan
            assert "Seq Scan on jobs" not in plan, plan
            assert "SCAN jobs" not in plan.replace("SCAN jobs USING", ""), plan


def _postpone(session: Session, job_id: int, due: object, holder: str | None = None) -> None:
    job = session.get_one(Job, job_id)
    job.attempts, job.due_at, job.holder = 1, due, holder  # type: ignore[assignment]
    job.state = "running" if holder else "waiting"
