"""What people and senders do in a history: the same as in a chaos run, each act with dice of its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import Final

from playground.client import Slack
from playground.records import Member
from tests.chaos.arrivals import Arrivals, usable
from tests.chaos.company import Company
from tests.simulation.choices import Choices
from tests.simulation.owned import Watch
from tests.simulation.process import Births

ACTS: Final = (
    "a lead",
    "a lead",
    "a lead",
    "somebody acts",
    "somebody acts",
    "somebody acts",
    "somebody acts",
    "a look",
)


class Crowd(Arrivals):
    """Everybody outside who has to do with one company; requests go to any process that lives."""

    def __init__(self, slack: Slack, company: Company, births: Births, watch: Watch, choose: Choices) -> None:
        dice = Random(f"{choose.seed} {company.name}")  # decides a test
        super().__init__(slack, company, list, lambda: None, dice)
        self.births = births
        self.watch = watch
        self.choose = choose

    async def do(self, step: int) -> None:
        """One act. What it is follows from the seed and the step alone; none where the app is removed."""
        if self.away:
            return
        dice = Random(f"{self.choose.seed} {self.company.name} {step}")  # decides a test
        act = dice.choice(ACTS)
        if act == "a lead":
            await self._send_lead()
        elif act == "a look":
            await self._ask_the_doctor()
        else:
            await self._act_once()

    async def _click(self, member: Member, place: str) -> None:
        """Where nothing can be clicked they look elsewhere, and further back: there are few messages in a history."""
        team, dm = self.slack.channel(f"#team-{member.name.split('-')[1]}").id, self.slack.workspace.app_dm(member)
        for where in dict.fromkeys([place, *([dm.id] if dm is not None else []), team]):
            found = [one for one in self.slack.workspace.channel(where).log.top_level(oldest="0") if usable(one)]
            if found:
                message = self.dice.choice(found)
                await self._use(member, message, *self.dice.choice(usable(message)))
                return

    async def _post(self, webhook_id: str, body: str) -> int | None:
        moment = self.watch.outside()
        headers = {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(moment)),
            "webhook-signature": self._webhook.sign(webhook_id, datetime.fromtimestamp(moment, UTC), body),
        }
        self.answers.attempts["webhook"] += 1
        living = self.births.living
        if not living:
            return None
        one = living[self.choose.stream("whom a sender reaches").randrange(len(living))]
        try:
            answer = await self.births.call(one, f"/intake/{self.company.source}", headers, body.encode())
        except ConnectionError:
            return None
        if 400 <= answer.status < 500:
            raise AssertionError(f"a lead was refused: {answer.status} {answer.body!r}")
        return int(json.loads(answer.body)["lead_id"]) if answer.status < 300 else None
