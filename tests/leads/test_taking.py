"""Nobody's work is taken by a slip: the question first, and a word to whoever lost the lead."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from domain.errors import LeadSettled
from domain.leads.lifecycle import contact_lead, reassign_lead, take_lead
from domain.leads.taking import InHands, claim_or_ask, contact_or_ask
from handlers.answers import OpenModal
from playground import Fault
from storage.database import Database, Job
from storage.models import Lead, LeadEvent
from tests.leads.shown import event, render, shown
from tests.running import Running, running
from tests.world import World


def ask(world: World, lead: int, name: str, *, contact: bool = False, over: int | None = None) -> InHands | None:
    """Press Claim, or Contacted."""
    step = contact_or_ask if contact else claim_or_ask
    return world.run(step, lead, by=world.member(name), at=world.now, over=over)


def owner(world: World, lead: int) -> str:
    by = {world.member(name).id: name for name in ("ana", "bo", "mia")}
    return by[world.run(lambda session: session.get_one(Lead, lead).owner_id or 0)]


def lost(world: World) -> list[str]:
    """Whom word of a lost lead waits for."""
    return [place for kind, place in world.queued() if kind == "lead_lost"]


def test_ones_own_lead_and_nobodys_are_claimed_by_one_click(world: World) -> None:
    lead = world.lead()
    assert ask(world, lead, "ana") is None
    assert ask(world, lead, "ana") is None
    assert lost(world) == []


def test_a_lead_that_was_given_to_a_colleague_is_asked_about_and_stays_theirs(world: World) -> None:
    lead = world.lead()
    world.later(minutes=4)
    held = ask(world, lead, "bo")
    assert held is not None
    assert (held.holder, held.claimed, held.now - held.since) == ("ana", False, timedelta(minutes=4))
    assert owner(world, lead) == "ana"
    assert ask(world, lead, "bo", over=held.event) is None
    assert owner(world, lead) == "bo"
    assert lost(world) == ["U-ANA"]


def test_a_question_that_is_answered_late_is_asked_anew(world: World) -> None:
    lead = world.lead()
    held = ask(world, lead, "bo")
    assert held is not None
    ask(world, lead, "ana")  # she claims it meanwhile
    again = ask(world, lead, "bo", over=held.event)
    assert again is not None
    assert again.claimed
    assert owner(world, lead) == "ana"
    assert ask(world, lead, "bo", over=again.event) is None
    claimed = world.run(
        lambda session: (
            session.scalars(select(LeadEvent).where(LeadEvent.kind == "claimed").order_by(LeadEvent.id.desc()).limit(1))
            .one()
            .data
        )
    )
    assert claimed == {"from": world.member("ana").id, "over": again.event}


def test_contacted_on_what_somebody_else_claimed_is_asked_about(world: World) -> None:
    lead = world.lead()
    ask(world, lead, "ana")
    world.later(seconds=30)
    held = ask(world, lead, "bo", contact=True)
    assert held is not None
    assert ask(world, lead, "bo", contact=True, over=held.event) is None
    assert world.run(lambda session: session.get_one(Lead, lead).state) == "contacted"
    assert owner(world, lead) == "bo"
    notice = render(world, "lead_lost", event(world, lead, "claimed"), "U-ANA")
    assert "bo took Lee Wong, Northwind over from you, and has contacted them." in shown(notice)


def test_contacted_on_what_was_only_given_to_a_colleague_is_one_click(world: World) -> None:
    lead = world.lead()
    assert ask(world, lead, "bo", contact=True) is None
    assert world.run(lambda session: session.get_one(Lead, lead).state) == "contacted"


def test_a_lead_that_was_settled_while_the_question_stood_is_not_taken(world: World) -> None:
    lead = world.lead()
    held = ask(world, lead, "bo")
    assert held is not None
    world.run(contact_lead, lead, by=world.member("ana"), at=world.now)
    with pytest.raises(LeadSettled):
        ask(world, lead, "bo", over=held.event)


@pytest.mark.parametrize("how", ["reassigned", "taken"])
def test_whoever_loses_a_lead_to_a_managers_click_is_told(world: World, how: str) -> None:
    lead = world.lead()
    if how == "reassigned":
        world.run(reassign_lead, lead, to_user_id="U-BO", by=world.member("mia"), at=world.now)
    else:
        world.run(take_lead, lead, by=world.member("mia"), at=world.now)
    assert lost(world) == ["U-ANA"]
    words = {"reassigned": "mia gave Lee Wong, Northwind to bo", "taken": "mia took Lee Wong, Northwind over from you"}
    assert words[how] in shown(render(world, "lead_lost", event(world, lead, how), "U-ANA"))


def test_whoever_has_the_lead_again_is_not_told_that_they_lost_it(world: World) -> None:
    lead = world.lead()
    world.run(reassign_lead, lead, to_user_id="U-BO", by=world.member("mia"), at=world.now)
    first = event(world, lead, "reassigned")
    world.run(reassign_lead, lead, to_user_id="U-ANA", by=world.member("mia"), at=world.now)
    assert render(world, "lead_lost", first, "U-ANA") is None


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    async with running(migrated_url) as program:
        yield program
        assert program.slack.refusals == []


async def test_the_question_in_slack_and_both_answers(tandem: Running) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    await tandem.later(minutes=4)
    asked = await card.button("Claim").click(by="bo")
    assert "It was given to Ana Ruiz 4 min ago. Take over?" in asked.text
    assert "Ana Ruiz will be told." in asked.text
    await asked.close()
    assert "For Ana Ruiz" in card.text
    asked = await card.button("Claim").click(by="bo")
    done = await asked.submit()
    assert not done
    await card.changed(containing="Claimed by Bo Larsen")
    told = await tandem.slack.dm("ana").message(containing="took Lee Wong")
    assert "Bo Larsen took Lee Wong, Northwind (Demo request) over from you" in told.text
    await tandem.idle()
    assert sum("took Lee Wong" in one.text for one in tandem.slack.dm("ana").messages) == 1


async def test_the_question_is_asked_though_the_word_was_lost_that_the_click_was_committed(
    tandem: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    await tandem.idle()
    transact, lost = Database.transact, list[int]()

    def transact_unheard(db: Database, group: Sequence[Job]) -> None:
        transact(db, group)
        if not lost and any(isinstance(one.result, OpenModal) for one in group):
            lost.append(len(group))
            raise OperationalError("COMMIT", {}, ConnectionError("cut off"), connection_invalidated=True)

    monkeypatch.setattr(Database, "transact", transact_unheard)
    asked = await card.button("Claim").click(by="bo")
    assert lost
    assert "It was given to Ana Ruiz" in asked.text


async def test_contacted_on_a_claimed_lead_asks_and_the_receipt_can_undo(tandem: Running) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    await card.button("Claim").click(by="ana")
    await card.changed(containing="Claimed by Ana Ruiz")
    asked = await card.button("Contacted").click(by="bo")
    assert "Ana Ruiz claimed this" in asked.text
    done = await asked.submit()
    assert "Marked as contacted: Lee Wong, Northwind." in done.answer.text
    await card.changed(containing="Contacted by Bo Larsen")


async def test_a_lead_that_moved_on_is_asked_about_anew_in_the_same_modal(tandem: Running) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    asked = await card.button("Claim").click(by="bo")
    await card.button("Claim").click(by="ana")
    await card.changed(containing="Claimed by Ana Ruiz")
    await asked.submit()
    again = tandem.slack.modal("bo")
    assert again is not None
    assert "Ana Ruiz claimed this" in again.text
    await again.submit()
    await card.changed(containing="Claimed by Bo Larsen")


async def test_a_question_that_slack_does_not_open_changes_nothing(tandem: Running) -> None:
    await tandem.lead_arrives()
    card = await tandem.slack.channel("#leads").message(containing="Northwind")
    tandem.slack.faults.next("views.open", Fault.page())
    answer = await card.button("Claim").click(by="bo")
    assert "Nothing was changed" in answer.text
    assert "For Ana Ruiz" in card.text
