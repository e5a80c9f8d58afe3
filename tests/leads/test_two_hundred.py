"""Two hundred people press Claim on one lead at the same moment: it is one's, and all others are told whose."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.models import Lead, LeadEvent, Member, Team, TeamMember
from tests.progress import until
from tests.running import running

PEOPLE = 200


def _join(session: Session, until: datetime) -> None:
    """They are reps of the team. Nobody is there when the lead comes, so it is nobody's."""
    assert session.scalar(select(func.count()).select_from(Team)) == 1
    there = set(session.scalars(select(TeamMember.member_id)))
    team_id = session.scalars(select(Team.id)).one()
    for member in session.scalars(select(Member).where(Member.name.like("Rep %"))):
        if member.id not in there:
            session.add(TeamMember(team_id=team_id, member_id=member.id))
    session.execute(update(Member).values(away_until=until))


async def test_one_has_the_lead_and_all_others_are_told_who(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        names = [f"rep{number}" for number in range(PEOPLE)]
        for name in names:
            tandem.slack.add_member(name, real_name=f"Rep {name[3:]}")
        db = tandem.program.db
        known = select(func.count()).where(Member.name.like("Rep %"))

        async def all_known() -> bool:
            return await db.read(lambda session: session.scalar(known)) == PEOPLE

        await until(all_known, lambda: None, what="two hundred members", still=30)
        await db.run(_join, tandem.clock.now() + timedelta(days=1))
        await tandem.lead_arrives()
        card = await tandem.slack.channel("#leads").message(containing="Nobody")
        answers = await asyncio.gather(*(card.button("Claim").click(by=name) for name in names))
        told = dict(zip(names, answers, strict=True))
        (won,) = [name for name, answer in told.items() if not answer]
        winner = f"Rep {won[3:]}"
        # By the question whether they take over, or by a sentence where Slack's three seconds for it were over.
        tandem.slack.refusals[:] = [one for one in tandem.slack.refusals if one.error != "expired_trigger_id"]
        others = [answer.text for name, answer in told.items() if name != won]
        assert len(others) == PEOPLE - 1
        assert [text for text in others if f"{winner} claimed this" not in text or "ake over" not in text] == []
        await card.changed(containing=f"Claimed by {winner}")
        claimed = select(func.count()).select_from(LeadEvent).where(LeadEvent.kind == "claimed")
        assert await db.read(lambda session: session.scalar(claimed)) == 1
        owner = select(Member.name).join(Lead, Lead.owner_id == Member.id)
        assert await db.read(lambda session: session.scalar(owner)) == winner
