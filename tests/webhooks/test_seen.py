"""What is seen of webhooks from outside: the doctor's lines and the figures; and what is forgotten with time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from bot.figures import Figures
from bot.loops.schedule import UNSENT_WEBHOOKS_KEPT, WEBHOOKS_KEPT, Schedule
from bot.seal import Sealer
from domain.webhooks.endpoints import pause_endpoint
from handlers.setup.finding import Finding
from handlers.setup.webhook_checks import webhook_findings
from storage.ahead import bring_back
from storage.models import WebhookMessage
from tests.running import KEY
from tests.webhooks.conftest import HERE, Office


def findings(office: Office, key: str = KEY) -> list[Finding]:
    return office.world.run(
        lambda session: list(
            webhook_findings(session, office.world.workspace_id, office.clock.now(), HERE, Sealer(key).unseal)
        )
    )


def figure(office: Office, name: str, **labels: str) -> float | None:
    return office.metrics.registry.get_sample_value(f"tandem_webhook_{name}", labels)


async def test_the_doctor_says_what_is_well_and_that_own_networks_are_open(office: Office) -> None:
    office.lead()
    well, networks = findings(office)
    assert (well.well, well.found) == (True, "1 endpoint, 2 events waiting")
    assert "127.0.0.1/32" in networks.found
    assert "TANDEM_WEBHOOK_NETWORKS" in networks.found


async def test_the_doctor_names_an_endpoint_that_fails_with_the_reason(office: Office) -> None:
    office.receiver.answer = lambda _got: 401
    office.lead()
    await office.deliver()
    assert findings(office)[0].well
    await office.later(minutes=11)
    failing = findings(office)[0]
    assert (failing.what, failing.well) == ("webhook 127.0.0.1", False)
    assert "it answered 401" in failing.found
    office.receiver.answer = lambda _got: 410
    await office.later(minutes=40)
    assert "paused" in findings(office)[0].found
    assert "resume" in findings(office)[0].remedy


async def test_the_doctor_sees_what_nobody_sends_and_a_secret_that_cannot_be_read(office: Office) -> None:
    office.lead()
    office.clock.advance(timedelta(minutes=11))
    assert "nothing was sent" in findings(office)[0].found
    assert "cannot be read" in findings(office, key="another key that is long enough, too, for this")[0].found


async def test_figures_tell_what_waits_what_was_given_up_and_what_is_paused(office: Office) -> None:
    office.receiver.answer = lambda _got: 410
    office.lead()
    await office.deliver()
    await Figures(office.tandem, office.metrics).refresh()
    assert figure(office, "messages", state="waiting") == 2
    assert figure(office, "messages", state="dead") == 0
    assert figure(office, "endpoints_failed") == 1


async def test_what_was_delivered_is_forgotten_after_a_week_and_the_rest_after_a_month(office: Office) -> None:
    office.lead()
    await office.deliver()
    office.do(pause_endpoint, office.world.workspace_id, office.endpoint_id, paused=True, by="mia")
    office.lead("Kim Park")
    schedule = Schedule(office.tandem, office.metrics, _nothing)
    for passed, left in ((timedelta(days=1), 4), (WEBHOOKS_KEPT, 2), (UNSENT_WEBHOOKS_KEPT, 0)):
        office.clock.advance(passed)
        await schedule.tidy()
        counted = select(func.count()).select_from(WebhookMessage)
        assert office.world.run(lambda session, counted=counted: session.scalar(counted)) == left


async def test_after_the_clock_was_put_back_nothing_waits_for_it_to_catch_up(office: Office) -> None:
    office.clock.advance(timedelta(days=3))
    office.world.now = office.clock.now()
    office.lead()
    back = office.clock.now() - timedelta(days=3)
    office.world.run(bring_back, back, lease=timedelta(seconds=45))
    due = office.world.run(lambda session: list(session.scalars(select(WebhookMessage.due_at))))
    assert due == [back, back]


async def _nothing() -> None:
    pass
