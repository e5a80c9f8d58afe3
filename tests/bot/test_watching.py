"""What is seen from outside: figures at /metrics after real traffic, and a /readyz that names each cause."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.figures import Figures
from bot.program import Program
from bot.settings import SettingsProblem
from bot.web.watching import STALLED_SECONDS
from playground import Fault
from storage.models import Clock, RateBucket, Workspace
from tests.progress import until
from tests.running import Running, running, settings_for

Labels = tuple[tuple[str, str], ...]


async def get(program: Program, path: str) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.get(f"http://127.0.0.1:{program.port}{path}")


async def figures(program: Program) -> dict[tuple[str, Labels], float]:
    """Every sample that /metrics shows, by name and labels."""
    answer = await get(program, "/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_after_a_lead_and_a_breach_the_figures_tell_of_them(migrated_url: str) -> None:
    async with running(migrated_url, "http") as tandem:
        tandem.slack.faults.next("chat.postMessage", Fault.server_error())
        await tandem.lead_arrives()
        await tandem.idle()
        card = await tandem.slack.channel("#leads").message(containing="Lee Wong")
        await card.button("Claim").click(by="ana")
        await tandem.later(minutes=10)
        await tandem.slack.dm("mia").message(containing="Lee Wong")
        await tandem.idle()
        await tandem.later(days=7)

        async def caught_up() -> bool:
            due = select(Clock.id).where(Clock.next_at <= tandem.clock.now()).limit(1)
            return await tandem.program.db.read(lambda session: session.scalar(due)) is None

        await until(caught_up, lambda: None, what="every rung", pause=0.02)
        await tandem.idle()
        found = await figures(tandem.program)

    def total(name: str, **labels: str) -> float:
        return found[name, tuple(sorted(labels.items()))]

    assert total("tandem_ack_seconds_count", kind="block_actions") == 1
    assert 0 < total("tandem_ack_seconds_sum", kind="block_actions") < 60
    # Time was moved ten minutes on at once, and a hot lead has five.
    assert total("tandem_rung_lateness_seconds_count", rung="breach") == 1
    assert 200 < total("tandem_rung_lateness_seconds_sum", rung="breach") < 600
    assert total("tandem_delivery_lateness_seconds_count", priority="lead") >= 2
    assert total("tandem_delivery_lateness_seconds_count", priority="alarm") >= 1
    assert total("tandem_deliveries_total", state="sent") >= 4
    assert total("tandem_slack_errors_total", error="http_500") == 1
    posts = total("tandem_slack_call_seconds_count", method="chat.postMessage")
    assert posts == len(tandem.slack.calls_of("chat.postMessage"))
    assert total("tandem_edition_seconds_count") >= 2
    assert total("tandem_database_commit_seconds_count") == total("tandem_database_group_size_count") > 10
    assert total("tandem_database_group_size_sum") >= total("tandem_database_group_size_count")
    assert total("tandem_database_jobs_waiting") == 0
    for priority in ("alarm", "lead", "reminder", "card", "home", "digest"):
        assert total("tandem_outbox_waiting", priority=priority) == 0
        assert total("tandem_outbox_oldest_seconds", priority=priority) == 0
    assert total("tandem_overdue", what="rungs") == 0
    assert abs(total("tandem_clock_offset_seconds")) < 5
    places = {tandem.slack.channel("#leads").id, *(tandem.slack.member(name).id for name in ("mia", "ana", "bo"))}
    assert not [name for name, labels in found if places & {value for _, value in labels}], "no label names a place"


async def test_what_waits_and_what_is_overdue_shows_with_its_age(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await tandem.program.ticker.stop()
        await tandem.program.courier.stop()
        await tandem.lead_arrives()
        at = tandem.clock.now()

        def an_hour_late(session: Session) -> None:
            session.execute(update(Clock).values(next_at=at - timedelta(hours=1)))
            assert tandem.program.workspace_id is not None
            until = at + timedelta(minutes=5)
            session.add(
                RateBucket(
                    workspace_id=tandem.program.workspace_id, method="chat.update", full_at=at, paused_until=until
                )
            )

        await tandem.program.db.run(an_hour_late)
        found = await figures(tandem.program)
        assert found["tandem_outbox_waiting", (("priority", "lead"),)] == 2
        assert 0 <= found["tandem_outbox_oldest_seconds", (("priority", "lead"),)] < 60
        assert found["tandem_overdue", (("what", "rungs"),)] == 1
        assert found["tandem_overdue_oldest_seconds", (("what", "rungs"),)] >= 3600
        assert 200 < found["tandem_slack_pause_seconds", (("method", "chat.update"),)] <= 300


async def test_a_message_that_no_retry_can_deliver_is_counted(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        tandem.slack.workspace.channels[tandem.slack.channel("#leads").id].is_archived = True
        await tandem.lead_arrives()
        await tandem.slack.dm("mia").message(containing="archived")
        found = await figures(tandem.program)
        assert found["tandem_deliveries_total", (("state", "failed"),)] == 1
        assert found["tandem_slack_errors_total", (("error", "is_archived"),)] == 1
        tandem.slack.refusals.clear()


async def test_asking_often_reads_the_database_once(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        assert tandem.program.workspace_id is not None
        fresh = Figures(tandem.program.tandem, tandem.program.metrics)
        await fresh.refresh()
        await tandem.program.courier.stop()
        await tandem.lead_arrives()
        await fresh.refresh()
        assert tandem.program.metrics.waiting.labels("lead")._value.get() == 0


async def test_a_process_at_work_is_ready_and_alive(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        assert (await get(tandem.program, "/healthz")).text == "ok"
        ready = await get(tandem.program, "/readyz")
        assert (ready.status_code, ready.json()) == (200, {"ready": True, "problems": {}})


def loops_stand_still(tandem: Running) -> None:
    tandem.program.ticker.looked_at -= STALLED_SECONDS + 60
    tandem.program.courier.looked_at -= STALLED_SECONDS + 60


@pytest.mark.parametrize(
    ("cause", "part", "reason", "remedy"),
    [
        (loops_stand_still, "ticker", "no progress for", "restart"),
        (loops_stand_still, "courier", "no progress for", "restart"),
    ],
)
async def test_what_stands_still_is_named(
    migrated_url: str, cause: Callable[[Running], None], part: str, reason: str, remedy: str
) -> None:
    async with running(migrated_url) as tandem:
        await tandem.program.ticker.stop()
        await tandem.program.courier.stop()
        cause(tandem)
        answer = await get(tandem.program, "/readyz")
        assert answer.status_code == 503
        problem = answer.json()["problems"][part]
        assert reason in problem["reason"]
        assert remedy in problem["remedy"]


async def test_a_stopped_workspace_is_named_with_what_to_do(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        stop = update(Workspace).values(state="stopped", stopped_reason="token_revoked")
        await tandem.program.db.run(lambda session: session.execute(stop))
        answer = await get(tandem.program, "/readyz")
        assert answer.status_code == 503
        assert "token_revoked" in answer.json()["problems"]["slack"]["reason"]
        assert "install" in answer.json()["problems"]["slack"]["remedy"].lower()
        # It is alive all the same: restarting it would mend nothing.
        assert (await get(tandem.program, "/healthz")).status_code == 200


async def test_sockets_that_are_gone_are_named(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        assert tandem.program.sockets is not None
        await tandem.program.sockets.stop()
        answer = await get(tandem.program, "/readyz")
        assert answer.status_code == 503
        assert "socket" in answer.json()["problems"]


async def test_a_database_that_is_gone_is_named(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await asyncio.to_thread(tandem.program.db.close)
        answer = await get(tandem.program, "/readyz")
        assert answer.status_code == 503
        assert "DATABASE_URL" in answer.json()["problems"]["database"]["remedy"]
        assert (await get(tandem.program, "/metrics")).status_code == 200


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_database_file_that_was_deleted_is_named_and_takes_nothing(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        path = Path(str(tandem.program.db.url.database))
        await asyncio.to_thread(path.rename, path.with_name("away"))
        (problem,) = (await get(tandem.program, "/readyz")).json()["problems"].values()
        assert problem["reason"] == "deleted or replaced while Tandem runs"
        receipt = await tandem.slack.channel("#general").command("/voc too expensive", by="ana")
        assert "saved" in receipt.text
        await asyncio.to_thread(path.with_name("away").rename, path)


@pytest.mark.parametrize("engine_name", ["postgresql"])  # a SQLite file belongs to one process
async def test_a_worker_alone_can_be_watched_and_takes_nothing_in(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        settings = settings_for(tandem.slack, migrated_url)
        worker = Program(settings, web=False, host="127.0.0.1")
        await worker.start()
        assert (await get(worker, "/readyz")).json()["ready"]
        assert ("tandem_overdue", (("what", "rungs"),)) in await figures(worker)
        assert (await get(worker, "/slack/events")).status_code == 404
        taken = settings.model_copy(update={"tandem_metrics_port": worker.port})
        second = Program(taken, web=False, host="127.0.0.1")
        with pytest.raises(SettingsProblem, match="TANDEM_METRICS_PORT"):
            await second.start()
        await second.abandon()
        await worker.stop()
