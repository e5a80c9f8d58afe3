"""A process that dies while it writes into a CRM."""

from __future__ import annotations

import pytest

from domain.leads.lifecycle import claim_lead
from domain.writeback.wanting import SETTLES
from domain.writeback.writing import begin_write
from storage import crash
from tests.writeback.conftest import Crm
from tests.writeback.test_hubspot import owner


@pytest.mark.parametrize(("point", "writes"), [("crm.began", 1), ("crm.written", 2)])
async def test_a_process_that_dies_while_it_writes_loses_nothing(
    crm: Crm, point: str, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = crm.lead()
    crm.do(claim_lead, lead, by=owner(crm, lead))
    crm.clock.advance(SETTLES * 2)
    async with crm.dying_at(point, monkeypatch, lambda: len(crm.hub.asked)):
        pass
    await crm.later(minutes=1)  # the lease runs out
    assert crm.hub.contacts["1042"]["hs_lead_status"] == "IN_PROGRESS"
    assert [record for record, _ in crm.hub.writes] == ["1042"] * writes
    assert [state for state, _ in crm.jobs()] == ["done"]


async def test_a_process_that_stood_still_does_not_write_what_was_true_before(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stood between the look at what is true and the request, for so long that another process wrote."""
    lead = crm.lead()
    crm.do(claim_lead, lead, by=owner(crm, lead))
    crm.clock.advance(SETTLES * 2)
    others: list[bool] = []

    def stand_still(point: str) -> None:
        if point == "crm.began" and not others:
            others.append(True)
            record = crm.records()[0]
            going = crm.world.run(
                begin_write, crm.world.workspace_id, record.id, record.job_id, at=crm.clock.now()
            )  # another process took the job over
            assert going is not None

    monkeypatch.setattr(crash, "hook", stand_still)
    async with crm.working():
        await crm.settle()
    assert others
    assert crm.hub.writes == []
