"""What happens to a lead of HubSpot's is written there: once, the latest alone, and nothing that may not be."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import func, select, update

from domain.dead_jobs import replay_dead
from domain.errors import FieldProblems, NotFound
from domain.leads.arriving import NewLead
from domain.leads.declining import decline_lead, reopen_lead
from domain.leads.lifecycle import claim_lead, contact_lead, reassign_lead
from domain.leads.storing import Posted, store_leads
from domain.outcomes.crm import CrmWord, take_words
from domain.outcomes.telling import OutcomeForm, tell_outcome, undo_outcome
from domain.writeback.crms import STATES
from domain.writeback.settings import WriteBackForm, WriteBackWrong, read_statuses, save_write_back
from domain.writeback.wanting import SETTLES
from domain.writeback.writing import begin_write, still_mine
from handlers.intake.adapter import Delivery, Sender
from handlers.intake.sources import ADAPTERS
from handlers.messages import Subject
from handlers.setup.write_back_words import write_back_findings, write_back_line, write_back_trouble
from storage.models import Lead, LeadEvent, Member, Workspace, WrittenRecord
from tests.progress import until
from tests.world import World
from tests.writeback.conftest import Crm


def owner(crm: Crm, lead_id: int) -> str:
    name = select(Member.name).join(Lead, Lead.owner_id == Member.id).where(Lead.id == lead_id)
    return str(crm.world.run(lambda session: session.scalar(name)))


def events(crm: Crm) -> list[str]:
    return crm.world.run(lambda session: list(session.scalars(select(LeadEvent.kind).order_by(LeadEvent.id))))


def says(crm: Crm, status: str, kind: str, key: str) -> str:
    """HubSpot tells of a new value of the status."""
    word = CrmWord(kind, ("record:1042",), key=key, written=status)
    told = crm.world.run(take_words, crm.world.workspace_id, "intake:hub", "hub", [word], at=crm.clock.now())
    return str(told[0]["status"])


async def test_a_lead_s_life_is_written_step_by_step(crm: Crm) -> None:
    lead = crm.lead()
    first = owner(crm, lead)
    other = "bo" if first == "ana" else "ana"
    ids = {"ana": "501", "bo": "502"}
    await crm.later()
    assert crm.hub.writes == [("1042", {"hubspot_owner_id": ids[first], "hs_lead_status": "NEW"})]
    crm.do(claim_lead, lead, by=first)
    await crm.later()
    crm.do(reassign_lead, lead, to_user_id=f"U-{other.upper()}", by="mia")
    await crm.later()
    crm.do(contact_lead, lead, by=other)
    await crm.later()
    crm.do(tell_outcome, lead, OutcomeForm("qualified"), by=other)
    await crm.later()
    crm.do(tell_outcome, lead, OutcomeForm("lost", reason="price"), by=other)
    await crm.later()
    assert [properties for _, properties in crm.hub.writes[1:]] == [
        {"hs_lead_status": "IN_PROGRESS"},
        {"hubspot_owner_id": ids[other], "hs_lead_status": "NEW"},
        {"hs_lead_status": "CONNECTED"},
        {"hs_lead_status": "OPEN_DEAL"},
        {"hs_lead_status": "UNQUALIFIED"},
    ]
    assert {state for state, _ in crm.jobs()} == {"done"}
    assert "last written" in write_back_line(crm.load())


async def test_what_happens_within_seconds_is_one_write_and_what_is_undone_is_none(crm: Crm) -> None:
    lead = crm.lead()
    first = owner(crm, lead)
    crm.do(claim_lead, lead, by=first)
    crm.do(contact_lead, lead, by=first)
    await crm.later()
    assert [properties["hs_lead_status"] for _, properties in crm.hub.writes] == ["CONNECTED"]
    told = crm.do(tell_outcome, lead, OutcomeForm("won"), by=first)
    crm.do(undo_outcome, lead, told.id, by=first)
    crm.do(tell_outcome, lead, OutcomeForm("lost", reason="price"), by=first)
    stands = crm.do(tell_outcome, lead, OutcomeForm("qualified"), by=first)
    crm.do(undo_outcome, lead, stands.id, by=first)
    await crm.later()
    assert [properties for _, properties in crm.hub.writes[1:]] == [{"hs_lead_status": "UNQUALIFIED"}]


async def test_a_change_while_the_request_is_under_way_is_written_after_it(crm: Crm) -> None:
    lead = crm.lead()
    first = owner(crm, lead)
    crm.hub.hold = asyncio.Event()
    crm.clock.advance(SETTLES * 2)
    async with crm.working():
        await until(lambda: crm.hub.held == 1, lambda: len(crm.hub.asked), what="the request is under way", pause=0.02)
        crm.do(claim_lead, lead, by=first)
        assert len(crm.jobs()) == 1
        crm.hub.hold.set()
        await crm.settle()
    await crm.later()
    assert crm.hub.contacts["1042"]["hs_lead_status"] == "IN_PROGRESS"
    assert len(crm.hub.writes) == 2


async def test_whoever_finds_that_another_began_since_has_it_written_once_more(crm: Crm) -> None:
    """Two processes write one record: the first stood still, and its old word came last."""
    lead = crm.lead()
    row, job = crm.world.run(lambda session: session.execute(select(WrittenRecord.id, WrittenRecord.job_id)).one())
    begin = (begin_write, crm.world.workspace_id, row, job)
    slow = crm.world.run(*begin, at=crm.clock.now())
    assert slow is not None
    assert slow.status is not None
    crm.do(claim_lead, lead, by=owner(crm, lead))
    await crm.later()
    assert crm.hub.contacts["1042"]["hs_lead_status"] == "IN_PROGRESS"
    crm.hub.contacts["1042"]["hs_lead_status"] = slow.status  # what the slow one sends arrives only now
    assert not crm.world.run(still_mine, slow, at=crm.clock.now())
    await crm.later()
    assert crm.hub.contacts["1042"]["hs_lead_status"] == "IN_PROGRESS"
    assert crm.world.run(*begin, at=crm.clock.now()) is None


async def test_two_workers_write_each_of_many_leads_once(crm: Crm) -> None:
    numbers = [str(number) for number in range(2000, 2040)]
    crm.hub.contacts |= {number: {} for number in numbers}
    for number in numbers:
        crm.lead(number, f"Lead {number}", email=f"{number}@example.org")
    crm.clock.advance(SETTLES * 2)
    async with crm.working(), crm.working():
        await crm.settle()
    assert sorted(number for number, _ in crm.hub.writes) == numbers


async def test_the_word_of_what_we_wrote_changes_nothing(crm: Crm) -> None:
    crm.save(statuses="claimed = CONNECTED\ncontacted = OPEN_DEAL\nlost = UNQUALIFIED")
    lead = crm.lead()
    first = owner(crm, lead)
    crm.do(claim_lead, lead, by=first)
    await crm.later()
    before = events(crm)
    assert says(crm, "connected", "contacted", "e1") == "duplicate"
    crm.do(contact_lead, lead, by=first)
    await crm.later()
    assert says(crm, "open_deal", "qualified", "e2") == "duplicate"
    assert says(crm, "CONNECTED", "contacted", "e3") == "duplicate"  # it tells the earlier value late
    assert events(crm) == [*before, "contacted"]
    await crm.later()
    assert len(crm.hub.writes) == 2
    crm.save(statuses="claimed = IN_PROGRESS")
    await crm.later(days=2)
    assert says(crm, "attempted_to_contact", "tried", "e4") != "accepted"
    assert says(crm, "connected", "won", "e5") == "accepted"  # days later, it is news again


@pytest.mark.parametrize("kind", ["hubspot_workflow", "salesforce"])
def test_a_record_that_is_sent_again_with_what_we_wrote_is_no_wish(world: World, kind: str) -> None:
    """A workflow, or an outbound message, that is set off by our own writing: the lead is lost by then."""
    at = world.now

    def sent(status: str, more: str = "") -> str:
        sender = Sender(7, world.workspace_id, "crm", kind, "a-secret", None, None, False, "m")
        (lead,) = ADAPTERS[kind].read(Delivery(body_of(kind, status, more), {"content-type": "text/xml"}), sender)
        assert isinstance(lead, NewLead)
        post = Posted(world.workspace_id, "intake:m", lead, ADAPTERS[kind].delivery_key and lead.key, at)
        (answer,) = world.run(store_leads, [post])
        return str(answer["status"])

    assert sent("new") == "accepted"
    rep = world.run(lambda session: session.scalar(select(Member.name).join(Lead, Lead.owner_id == Member.id)))
    world.run(contact_lead, 1, by=world.member(str(rep)), at=world.later(hours=1))
    world.run(tell_outcome, 1, OutcomeForm("lost", reason="price"), by=world.member(str(rep)), at=world.now)
    at = world.later(hours=3)
    before = world.run(lambda session: session.scalar(select(func.count()).select_from(LeadEvent)))
    assert sent("lost") == "duplicate"
    assert world.run(lambda session: session.scalar(select(func.count()).select_from(LeadEvent))) == before
    assert sent("lost", "a new wish") in ("accepted", "added")


def body_of(kind: str, status: str, more: str) -> bytes:
    if kind == "hubspot_workflow":
        said = {"email": "lee@northwind.example", "firstname": "Lee", "hs_lead_status": status, "message": more}
        said |= {"hubspot_owner_id": f"50{len(status)}", "lastmodifieddate": f"1{len(status)}"}
        properties = {name: {"value": value} for name, value in said.items()}
        return json.dumps({"vid": 1042, "portal-id": 7, "properties": properties}).encode()
    fields = {"Id": "00Q5g000001AbCdEAK", "LastName": "Lee", "Email": "lee@northwind.example", "Status": status}
    fields |= {"OwnerId": f"0055g00000{status}", "SystemModstamp": f"2026-11-16T1{len(status)}:00:00Z"}
    fields |= {"Description": more} if more else {}
    told = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return (
        '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><notifications><OrganizationId>00D</'
        f"OrganizationId><Notification><Id>04l{status}{len(more)}</Id><sObject "
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="sf:Lead">'
        f"{told}</sObject></Notification></notifications></Body></Envelope>"
    ).encode()


@pytest.mark.parametrize("status", [429, 503])
async def test_what_hubspot_cannot_take_just_now_is_tried_again_when_it_says(crm: Crm, status: int) -> None:
    crm.lead()
    crm.hub.answer = lambda method, _path: (
        web.Response(status=status, headers={"Retry-After": "120"}) if method == "PATCH" else None
    )
    await crm.later()
    assert "takes nothing" in write_back_line(crm.load())
    tried = len(crm.hub.asked)
    await crm.later(seconds=100)
    assert len(crm.hub.asked) == tried
    crm.hub.answer = lambda _method, _path: None
    await crm.later(seconds=30)
    assert len(crm.hub.writes) == 1
    assert "takes nothing" not in write_back_line(crm.load())
    assert crm.told() == []


async def test_after_a_day_of_failures_it_is_given_up_told_once_and_replayed(crm: Crm) -> None:
    for number in ("1042", "1043"):
        crm.lead(number, f"Lead {number}", email=f"{number}@example.org")
    crm.hub.answer = lambda _method, _path: web.Response(status=500)
    await crm.later()
    await crm.later(hours=30)
    assert crm.jobs() == [("dead", "HubSpot: it answered 500")] * 2
    assert crm.told("job_dead") == ["HubSpot: it answered 500"]
    crm.hub.answer = lambda _method, _path: None
    crm.do(claim_lead, 1, by=owner(crm, 1))
    crm.do(replay_dead, "crm_write", by="mia")
    await crm.later()
    await crm.later()
    assert {number: one["hs_lead_status"] for number, one in crm.hub.contacts.items()} == {
        "1042": "IN_PROGRESS",
        "1043": "NEW",
    }
    assert len(crm.hub.writes) == 2


@pytest.mark.parametrize("status", [401, 403])
async def test_a_storm_of_refusals_is_one_message_and_all_is_written_once_the_token_is_right(
    crm: Crm, status: int
) -> None:
    numbers = [str(number) for number in range(3000, 3060)]
    crm.hub.contacts |= {number: {} for number in numbers}
    crm.hub.answer = lambda _method, _path: web.json_response({"message": "no"}, status=status)
    for number in numbers:
        crm.lead(number, f"Lead {number}", email=f"{number}@example.org")
    await crm.later()
    assert len(crm.hub.asked) < len(numbers)
    assert crm.told() == [f"http_{status}"]
    found = crm.load()
    assert (found.state, found.waiting) == ("stopped", len(numbers))
    assert f"({status})" in write_back_line(found)
    assert "60 leads" in write_back_line(found)
    (line,) = crm.world.run(lambda session: list(write_back_findings(session, crm.world.workspace_id)))
    assert not line.well
    crm.hub.answer = lambda _method, _path: None
    crm.save(key="")
    await crm.later()
    assert sorted(number for number, _ in crm.hub.writes) == numbers
    (line,) = crm.world.run(lambda session: list(write_back_findings(session, crm.world.workspace_id)))
    assert line.well


async def test_records_that_are_gone_are_told_once_and_left_alone(crm: Crm) -> None:
    leads = [crm.lead(str(number), f"Lead {number}", email=f"{number}@example.org") for number in range(7000, 7010)]
    await crm.later()
    assert crm.told() == ["gone"]
    asked = len(crm.hub.asked)
    for lead in leads:
        crm.do(claim_lead, lead, by=owner(crm, lead))
    await crm.later()
    assert len(crm.hub.asked) == asked
    crm.lead("1042")
    await crm.later()
    assert [number for number, _ in crm.hub.writes] == ["1042"]


async def test_a_status_that_hubspot_has_not_costs_no_owner_and_says_which(crm: Crm) -> None:
    crm.save(statuses="new = BRAND_NEW\nclaimed = IN_PROGRESS")
    for number in ("1042", "1043"):
        crm.lead(number, f"Lead {number}", email=f"{number}@example.org")
    await crm.later()
    assert [list(properties) for _, properties in crm.hub.writes] == [["hubspot_owner_id"]] * 2
    (reason,) = crm.told("job_dead")
    assert "BRAND_NEW" in reason
    crm.save(statuses="new = NEW")
    crm.do(replay_dead, "crm_write", by="mia")
    await crm.later()
    assert {one["hs_lead_status"] for one in crm.hub.contacts.values()} == {"NEW"}


async def test_who_has_no_user_there_costs_no_status(crm: Crm) -> None:
    crm.world.run(lambda session: session.execute(update(Member).values(email="nobody@example.com")))
    for number in ("1042", "1043"):
        crm.lead(number, f"Lead {number}", email=f"{number}@example.org")
    await crm.later()
    assert [properties for _, properties in crm.hub.writes] == [{"hs_lead_status": "NEW"}] * 2
    assert crm.told() == ["no_owner"]
    assert "nobody@example.com" in write_back_line(crm.load())
    one = crm.records()[0]
    earlier = {"why": "no_owner", "what": "somebody@example.com"}  # told before, of somebody else
    subject = Subject(one.source_id, crm.world.workspace_id, "U-MIA", earlier, crm.clock.now())
    told = crm.world.run(write_back_trouble, subject)
    assert told is not None
    assert "Nobody in HubSpot has the address somebody@example.com" in told.text
    await crm.later(minutes=5)
    assert len(crm.hub.writes) == 2


async def test_what_is_changed_there_by_hand_stays_as_long_as_it_is_the_same_here(crm: Crm) -> None:
    lead = crm.lead()
    await crm.later()
    crm.hub.contacts["1042"]["hubspot_owner_id"] = "503"
    crm.do(claim_lead, lead, by=owner(crm, lead))
    await crm.later()
    assert crm.hub.contacts["1042"] == {"hubspot_owner_id": "503", "hs_lead_status": "IN_PROGRESS"}


@pytest.mark.parametrize("record", ["../deals/1", "1042?x=1", "1042/associations", "", "00Q1", "٣٤", "9" * 21])
async def test_an_id_that_is_none_of_hubspots_is_never_asked_for(crm: Crm, record: str) -> None:
    crm.lead(record)
    await crm.later()
    assert (crm.hub.asked, crm.jobs()) == ([], [])


async def test_only_leads_of_a_source_that_writes_are_written_and_nothing_once_it_is_off(crm: Crm) -> None:
    crm.lead("1042", source="website")
    await crm.later()
    assert crm.jobs() == []
    lead = crm.lead("1043", "Other", email="other@example.org")
    crm.save(on=False)
    await crm.later()
    crm.do(claim_lead, lead, by=owner(crm, lead))
    await crm.later()
    assert crm.hub.asked == []
    assert "off" in write_back_line(crm.load())


async def test_a_workspace_that_left_writes_nothing(crm: Crm) -> None:
    crm.lead()
    crm.world.run(
        lambda session: session.execute(update(Workspace).values(state="stopped", stopped_reason="app_uninstalled"))
    )
    row, job = crm.world.run(lambda session: session.execute(select(WrittenRecord.id, WrittenRecord.job_id)).one())
    assert crm.world.run(begin_write, crm.world.workspace_id, row, job, at=crm.clock.now()) is None
    other = crm.world.run(begin_write, crm.world.workspace_id + 1, row, job, at=crm.clock.now())
    assert other is None
    assert crm.hub.asked == []


async def test_the_record_s_latest_lead_is_written_and_no_earlier_one(crm: Crm) -> None:
    old = crm.lead()
    first = owner(crm, old)
    crm.do(claim_lead, old, by=first)
    crm.do(contact_lead, old, by=first)
    lost = crm.do(tell_outcome, old, OutcomeForm("lost", reason="price"), by=first)
    await crm.later(days=90)
    new = crm.lead(asked="a price")
    assert new != old
    await crm.later()
    crm.do(undo_outcome, old, lost.id, by=first)
    await crm.later()
    assert crm.hub.contacts["1042"]["hs_lead_status"] == "NEW"


async def test_a_lead_that_is_declined_and_opened_again_keeps_its_owner(crm: Crm) -> None:
    lead = crm.lead()
    first = owner(crm, lead)
    crm.do(decline_lead, lead, reason="too_small", note="", by=first)
    crm.do(reopen_lead, lead, by=first)
    await crm.later()
    assert crm.hub.contacts["1042"]["hs_lead_status"] in ("NEW", "IN_PROGRESS")


def test_what_cannot_be_set_is_told_under_its_field(crm: Crm) -> None:
    def problems(**form: Any) -> dict[str, Any]:
        with pytest.raises(FieldProblems) as found:
            crm.save(**form)
        return dict(found.value.problems)

    assert problems(statuses="touched = X") == {"statuses": WriteBackWrong("no_state", ("touched", ", ".join(STATES)))}
    assert problems(statuses="claimed IN_PROGRESS")["statuses"].why == "no_state"
    assert problems(statuses=f"claimed = {'x' * 200}")["statuses"].why == "no_status"
    assert set(problems(key="no blanks here")) == {"key"}
    assert read_statuses("Claimed = a - b\n\nwon=") == {"claimed": "a - b"}
    with pytest.raises(NotFound):
        crm.do(save_write_back, "website", WriteBackForm(True, ""), "x", seal=None, by="mia")
