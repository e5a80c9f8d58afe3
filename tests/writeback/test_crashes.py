"""A process that dies while it writes into a CRM."""

from __future__ import annotations

import asyncio

import pytest

from domain.leads.lifecycle import claim_lead
from domain.writeback.wanting import SETTLES
from storage import crash
from tests.progress import until
from tests.writeback.conftest import Crm
from tests.writeback.test_hubspot import owner


class Killed(BaseException):
    """Stands for the end of a process: nobody catches it, so nothing is put back."""


@pytest.mark.parametrize(("point", "writes"), [("crm.began", 1), ("crm.written", 2)])
async def test_a_process_that_dies_while_it_writes_loses_nothing(
    crm: Crm, point: str, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    died = asyncio.Event()

    def kill(name: str) -> None:
        if name == point and not died.is_set():
            died.set()
            raise Killed

    monkeypatch.setattr(crash, "hook", kill)
    lead = crm.lead()
    crm.do(claim_lead, lead, by=owner(crm, lead))
    crm.clock.advance(SETTLES * 2)
    task = asyncio.create_task(crm.make_runner().run())
    await until(died.is_set, lambda: len(crm.hub.asked), what=point, pause=0.01)
    task.cancel()  # without a word to anybody
    await asyncio.gather(task, return_exceptions=True)
    await crm.later(minutes=1)  # the lease runs out
    assert crm.hub.contacts["1042"]["hs_lead_status"] == "IN_PROGRESS"
    assert [record for record, _ in crm.hub.writes] == ["1042"] * writes
    assert [state for state, _ in crm.jobs()] == ["done"]
