"""The runner of jobs, on each engine: the step outside any transaction, the record once, and what follows failures."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from slack_sdk.errors import SlackApiError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.loops.jobs import LOST_TRIES
from domain.dead_jobs import DEAD_NOTICE, replay_dead
from handlers.arrival import Tandem
from handlers.jobs import AnyKind, Impossible, JobKind, Retry, RunningJob, Tools, close_secret
from storage import jobs
from storage.models import Delivery, Job, Workspace
from tests.bot.jobs import Bench, Errand
from tests.progress import until


async def test_a_job_is_done_at_once_and_its_result_recorded_once(bench: Bench) -> None:
    async with bench.running():
        await bench.ask("milk")
        await bench.stands(("done", None))
    assert await bench.recorded() == ["milk"]
    assert len(bench.steps) == 1


async def test_the_step_is_given_the_secret_in_the_clear_and_the_row_keeps_it_only_sealed(bench: Bench) -> None:
    bench.tandem = Tandem(bench.world.db, bench.clock, seal=lambda text: text[::-1], unseal=lambda text: text[::-1])
    stored = close_secret(bench.tandem, "https://hooks/1")
    assert stored == "sealed:1/skooh//:sptth"
    async with bench.running():
        await bench.ask(secret=stored)
        await bench.stands(("done", None))
    assert [one.secret for one in bench.steps] == ["https://hooks/1"]
    assert await bench.world.db.read(lambda session: session.scalar(select(Job.secret))) is None


async def test_a_step_that_is_asked_to_come_back_does_and_that_is_no_failure(bench: Bench) -> None:
    async def busy(job: RunningJob[Errand]) -> str:
        if len(bench.steps) < 10:
            raise Retry(timedelta(minutes=1), "they are busy")
        return "at last"

    bench.do = busy
    async with bench.running(tries=2):
        await bench.ask()
        for tries in range(1, 10):
            await bench.tried(tries, ("waiting", "they are busy"))
            await bench.later(minutes=1)
        await bench.stands(("done", None))
    assert await bench.recorded() == ["at last"]
    assert len({one.token for one in bench.steps}) == 1


async def test_slacks_limit_and_a_token_that_it_refuses_are_no_failures_of_a_job(bench: Bench) -> None:
    refusals = iter(("ratelimited", "token_revoked"))

    async def refused(job: RunningJob[Errand]) -> str:
        if (error := next(refusals, None)) is not None:
            raise SlackApiError(error, {"ok": False, "error": error})  # type: ignore[no-untyped-call]
        return "taken"

    bench.do = refused
    async with bench.running(tries=1):
        await bench.ask()
        await bench.tried(1, ("waiting", "ratelimited"))
        await bench.later(seconds=2)
        await bench.tried(2, ("waiting", "token_revoked"))
        await bench.later(minutes=2)
        await bench.stands(("done", None))


async def test_figures_tell_what_is_open_and_dead_by_kind_those_of_another_release_too(bench: Bench) -> None:
    await bench.ask()
    await bench.later(seconds=30)
    figures = await bench.world.db.read(jobs.read_jobs, bench.world.workspace_id, bench.clock.now())
    bench.metrics.show_jobs(figures)
    of = {"kind": "errand"}
    read = bench.metrics.registry.get_sample_value
    assert (read("tandem_jobs_open", of), read("tandem_jobs_dead", of)) == (1, 0)
    assert 30 <= (read("tandem_jobs_oldest_seconds", of) or 0) < 60
    bench.metrics.show_jobs([])
    assert read("tandem_jobs_open", of) == 0


async def test_what_asks_for_patience_for_a_whole_day_ends_dead(bench: Bench) -> None:
    async def busy(job: RunningJob[Errand]) -> str:
        raise Retry(timedelta(hours=13), "they are busy")

    bench.do = busy
    async with bench.running():
        await bench.ask()
        await bench.stands(("waiting", "they are busy"))
        await bench.later(hours=13)
        await bench.stands(("dead", "they are busy"))


async def test_an_error_is_tried_again_after_longer_and_longer_and_ends_dead(bench: Bench) -> None:
    async def breaks(job: RunningJob[Errand]) -> str:
        raise KeyError("secret words of a customer")

    bench.do = breaks
    async with bench.running(tries=3):
        await bench.ask()
        await bench.tried(1, ("waiting", "KeyError"))
        await bench.later(seconds=2)
        await bench.tried(2, ("waiting", "KeyError"))
        await bench.later(seconds=6)
        await bench.stands(("dead", "KeyError"))
    assert len(bench.steps) == 3
    notices = await _notices(bench)
    assert [one["what"] for one in notices] == ["an errand"]
    assert notices[0]["reason"] == "KeyError"


async def test_admins_are_told_once_a_day_of_what_is_impossible_and_let_it_be_tried_again(bench: Bench) -> None:
    async def fails(job: RunningJob[Errand]) -> str:
        raise Impossible("the shop is gone")

    bench.do = fails
    async with bench.running():
        for _ in range(3):
            await bench.ask()
        await bench.stands(*[("dead", "the shop is gone")] * 3)
        assert len(await _notices(bench)) == 1
        bench.do = None
        mia = await asyncio.to_thread(bench.world.member, "mia")
        assert await bench.world.db.run(replay_dead, "errand", by=mia, at=bench.clock.now()) == ("errand", 3)
        await bench.stands(*[("done", None)] * 3)


async def test_a_step_that_takes_too_long_is_cut_off_and_tried_again(bench: Bench) -> None:
    async def sleeps(job: RunningJob[Errand]) -> str:
        if len(bench.steps) == 1:
            await asyncio.Event().wait()
        return "quick"

    bench.do = sleeps
    async with bench.running(patience=timedelta(seconds=0.1)):
        await bench.ask()
        await bench.stands(("waiting", "TimeoutError"))
        await bench.later(seconds=2)
        await bench.stands(("done", None))


async def test_a_job_that_ends_its_process_time_and_again_ends_dead(bench: Bench) -> None:
    await bench.ask()

    def die(session: Session) -> None:
        session.execute(update(Job).values(state="running", holder="gone", due_at=bench.clock.now()))

    async def hangs(job: RunningJob[Errand]) -> str:
        await asyncio.Event().wait()
        return ""

    bench.do = hangs
    for lost in range(LOST_TRIES):
        await bench.world.db.run(die)
        runner = bench.make_runner()
        bench.clock.advance(timedelta(hours=1))
        taken = await bench.world.db.run(runner._hold, bench.clock.now())
        # From the second time on it is done apart from others, who may have been lost because of it.
        assert len(taken.held) == (1 if lost == 0 else 0)
        if 0 < lost < LOST_TRIES - 1:
            assert (await bench.states())[0][0] == "waiting"
    [(state, error)] = await bench.states()
    assert state == "dead"
    assert error is not None
    assert "process ended" in error


async def test_what_is_under_way_goes_back_at_once_when_the_process_stops(bench: Bench) -> None:
    begun = asyncio.Event()

    async def long(job: RunningJob[Errand]) -> str:
        begun.set()
        await asyncio.Event().wait()
        return ""

    bench.do = long
    async with bench.running():
        await bench.ask()
        await asyncio.wait_for(begun.wait(), 60)
    assert await bench.states() == [("waiting", None)]
    bench.do = None
    async with bench.running():
        await bench.stands(("done", None))
    row = await bench.world.db.read(lambda session: session.scalars(select(Job)).one())
    assert (row.attempts, row.failures, row.lost) == (1, 0, 0)


async def test_what_is_taken_while_the_process_stops_is_not_begun_and_goes_back(bench: Bench) -> None:
    await bench.ask()
    runner = bench.make_runner()
    await runner.stop()
    await runner._take()
    assert (await bench.states(), bench.steps) == ([("waiting", None)], [])
    running = asyncio.create_task(runner.run())
    await asyncio.wait_for(running, 60)


async def test_a_job_that_another_process_took_over_is_recorded_by_that_one_only(bench: Bench) -> None:
    gates = [asyncio.Event(), asyncio.Event()]

    async def waits(job: RunningJob[Errand]) -> str:
        number = len(bench.steps) - 1
        await gates[number].wait()
        return f"by {number}"

    bench.do = waits
    async with bench.running():
        await bench.ask()
        await until(lambda: len(bench.steps) == 1, lambda: len(bench.steps), what="the first", pause=0.01)
        async with bench.running():
            await bench.later(seconds=60)  # the first one's lease has run out, as if it had slept
            await until(lambda: len(bench.steps) == 2, lambda: len(bench.steps), what="the second", pause=0.01)
            gates[0].set()
            gates[1].set()
            await bench.stands(("done", None))
    assert await bench.recorded() == ["by 1"]


async def test_a_database_in_trouble_does_not_cost_the_result_of_a_step(bench: Bench) -> None:
    bench.break_record = 2
    async with bench.running():
        await bench.ask()
        await bench.stands(("done", None))
    assert len(bench.steps) == 1
    assert await bench.recorded() == ["milk"]


async def test_a_kind_that_this_release_does_not_know_is_left_to_others(bench: Bench) -> None:
    async with bench.running():
        strange = await bench.ask("later")
        await bench.stands(("done", None))

        def rename(session: Session) -> None:
            values = {"kind": "chart", "state": "waiting", "finished_at": None, "due_at": bench.clock.now()}
            session.execute(update(Job).where(Job.id == strange).values(values))

        await bench.world.db.run(rename)
        await bench.ask("known")
        await bench.stands(("waiting", None), ("done", None))


async def test_arguments_that_cannot_be_read_end_the_job_with_that_reason(bench: Bench) -> None:
    await bench.ask()
    await bench.world.db.run(lambda session: session.execute(update(Job).values(arguments={"what": ["no", "text"]})))
    async with bench.running():
        await bench.stands(("dead", "its arguments cannot be read"))


async def test_a_stopped_workspace_waits_unless_the_kind_needs_no_token(bench: Bench) -> None:
    stop = update(Workspace).values(state="stopped", stopped_reason="token_revoked")
    await bench.world.db.run(lambda session: session.execute(stop))
    await bench.ask()
    runner = bench.make_runner()
    assert not (await bench.world.db.run(runner._hold, bench.clock.now())).held
    async with bench.running(without_token=True):
        await bench.stands(("done", None))


async def test_what_somebody_waits_for_is_done_while_long_work_has_all_other_places(bench: Bench) -> None:
    async def long(job: RunningJob[Errand]) -> str:
        await asyncio.Event().wait()
        return ""

    @dataclass(frozen=True)
    class Question:
        kind: ClassVar[str] = "question"

    answered = asyncio.Event()

    async def answer(job: RunningJob[Question], _tools: Tools) -> None:
        answered.set()

    bench.do = long
    runner = bench.make_runner()
    quick: AnyKind = JobKind(Question, answer, lambda *_: None, what="", remedy="", awaited=True)
    runner.kinds = {**runner.kinds, "question": quick}
    task = asyncio.create_task(runner.run())
    for _ in range(50):
        await bench.ask()
    await until(lambda: len(bench.steps) >= 4, lambda: len(bench.steps), what="long work", pause=0.01)
    await bench.world.db.run(jobs.enqueue, bench.world.workspace_id, Question(), at=bench.clock.now())
    await asyncio.wait_for(answered.wait(), 60)
    assert len(bench.steps) == runner.turns.places.queue
    await runner.stop()
    await asyncio.wait_for(task, 60)


async def _notices(bench: Bench) -> list[dict[str, Any]]:
    return await bench.world.db.read(
        lambda session: [one.data for one in session.scalars(select(Delivery).where(Delivery.kind == DEAD_NOTICE))]
    )
