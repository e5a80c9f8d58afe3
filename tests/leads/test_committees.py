"""Several people of one account within days: who looks after it hears of it once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.leads.arriving import Arriving, NewLead
from domain.leads.committees import COMMITTEE, WITHIN, load_committee
from domain.leads.receiving import receive_leads
from storage.models import Account, Delivery, Lane, Lead, Member
from tests.leads.shown import render, shown
from tests.voc.regrouped import merge
from tests.world import World


def told(world: World) -> list[tuple[str, int]]:
    """Whom the committees were told to, and the accounts."""

    def read(session: Session) -> list[tuple[str, int]]:
        found = select(Lane.place, Delivery.subject_id).join(Lane, Lane.id == Delivery.lane_id)
        return [(place, subject) for place, subject in session.execute(found.where(Delivery.kind == COMMITTEE))]

    return world.run(read)


def account_of(world: World, slug: str = "northwind") -> int:
    return int(world.run(lambda session: session.scalars(select(Account.id).where(Account.slug == slug)).one()))


def come(world: World, *names: str, days: float = 1, **fields: Any) -> list[int]:
    found = []
    for name in names:
        world.later(hours=days * 24)
        found.append(world.lead(name=name, email=f"{name.casefold()}@northwind.com", **fields))
    return found


def test_the_third_person_within_a_week_is_told_to_who_has_their_latest_lead(world: World) -> None:
    come(world, "Lee", "Kim")
    assert told(world) == []
    [lead] = come(world, "Pat", job_title="CFO")
    owner = world.run(lambda session: session.get_one(Member, session.get_one(Lead, lead).owner_id).slack_user_id)
    assert told(world) == [(owner, account_of(world))]
    message = shown(render(world, COMMITTEE, account_of(world), owner))
    assert "3 people of Northwind came within 7 days" in message
    assert "Pat, CFO" in message
    assert message.index("Pat") < message.index("Kim") < message.index("Lee")


def test_who_looks_after_the_account_is_told_of_all_of_them_once_a_week(world: World) -> None:
    come(world, "Lee")
    bo = world.member("bo")
    world.run(lambda session: session.execute(update(Account).values(owner_id=bo.id)))
    come(world, "Kim", "Pat", "Sam", "Max", days=0.01)
    assert told(world) == [(bo.user_id, account_of(world))]
    assert "5 people of Northwind" in shown(render(world, COMMITTEE, account_of(world), bo.user_id))


def test_who_comes_a_week_later_and_who_comes_twice_do_not_count(world: World) -> None:
    come(world, "Lee", days=0)
    come(world, "Kim", days=WITHIN.days + 1)
    for asked in ("a demo", "a price", "a call"):
        world.later(hours=1)
        world.lead(name="Kim", email="kim@northwind.com", asked=asked)
    assert told(world) == []
    assert world.run(load_committee, account_of(world), world.workspace_id, world.now) is None


def test_three_that_come_together_are_a_committee_too(world: World) -> None:
    together = [
        Arriving(NewLead(name=name, source="fair", company="Northwind", email=f"{name}@northwind.com"), world.now, None)
        for name in ("lee", "kim", "pat")
    ]
    world.run(lambda session: receive_leads(session, world.workspace_id, together))
    assert len(told(world)) == 1


def test_an_account_that_took_anothers_place_counts_for_both_names(world: World) -> None:
    come(world, "Lee", "Kim")
    world.lead(name="Ann", email="ann@nw.com", company="NW Ltd")
    own = account_of(world)
    merge(world, "@NW Ltd", "@Northwind")
    world.later(hours=1)
    world.lead(name="Pat", email="pat@nw.com", company="NW Ltd")
    assert [subject for _, subject in told(world)] == [own]
    assert "4 people of Northwind" in shown(render(world, COMMITTEE, own, "U-ANA"))


def test_leads_that_marketing_holds_are_not_among_them(world: World) -> None:
    leads = come(world, "Lee", "Kim")
    world.run(lambda session: session.execute(update(Lead).where(Lead.id == leads[0]).values(state="held")))
    come(world, "Pat")
    assert told(world) == []


def test_an_account_without_an_owner_and_without_open_leads_tells_nobody(world: World) -> None:
    leads = come(world, "Lee", "Kim")
    world.run(lambda session: session.execute(update(Member).values(active=False)))
    world.later(seconds=timedelta(hours=1).total_seconds())
    come(world, "Pat")
    assert told(world) == []
    assert len(leads) == 2


def test_people_who_work_for_themselves_are_no_account(world: World) -> None:
    """What they wrote stands on the card all the same."""
    for number, company in enumerate(
        ("Freelancer", "freelancer", "Self-employed", "self employed", "N/A", "—", "-") * 3
    ):
        world.lead(f"Lee {number}", email=f"{number}@mail.example", company=company)
    assert told(world) == []
    leads = world.run(lambda session: session.scalars(select(Lead).order_by(Lead.id)).all())
    assert {(one.account_id, one.company) for one in leads[:2]} == {(None, "Freelancer"), (None, "freelancer")}
    assert world.run(lambda session: session.scalars(select(Account)).all()) == []
