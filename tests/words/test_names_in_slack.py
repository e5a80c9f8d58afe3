"""A member's name is data wherever a refusal tells it."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from playground import Fault
from storage.models import Member, Team
from tests.running import running

EVIL = "<https://evil.example|Click>"


def named(session: Session) -> None:
    session.execute(update(Member).values(name=EVIL))
    session.execute(update(Team).values(name="*Sales* <!channel>"))


async def test_a_refusal_tells_names_as_they_are(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await tandem.program.db.run(named)
        await tandem.lead_arrives()
        card = await tandem.slack.channel("#leads").message(containing="Northwind")
        claim = card.button("Claim")
        stranger = await claim.click(by="max")
        assert "This lead belongs to ∗Sales∗ <!channel>: its people" in stranger.text
        tandem.slack.faults.next("chat.update", *[Fault.rate_limited(30)] * 2)
        await claim.click(by="ana")
        asked = await claim.click(by="bo")
        assert f"{EVIL} claimed this" in asked.text
        assert tandem.slack.refusals == []
        assert tandem.slack.pings == []
