"""What people and senders do in a history: the same as in a chaos run, each act with dice of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Final

from playground.blocks import interactive_elements, leaf_blocks
from playground.client import Slack
from playground.records import Member, Message
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
    "somebody acts",
    "somebody acts",
    "a look",
)


AT_ONCE: Final = 0.5
"""Of clicks, so many are followed by another on the same message."""

TAKEN_BACK: Final = 0.8
"""Of leads that somebody settles, so many are settled by mistake: who did it sees the receipt, and uses its Undo."""

TRIES: Final = 3
SETTLED_IN: Final = 17.0
"""So many seconds after something was taken back, what stands in Slack is looked at: words came and went again."""
SETTLES: Final = ("lead.contacted", "lead.decline")
STRANGE_ONE_IN: Final = 6.0
"""Of leads that are about to be settled, so many have a message that Slack then answers strangely."""


class Crowd(Arrivals):
    """Everybody outside who has to do with one company. `look`: the oracle looks at what stands in its Slack."""

    def __init__(
        self,
        slack: Slack,
        company: Company,
        births: Births,
        watch: Watch,
        choose: Choices,
        look: Callable[[Company], None],
    ) -> None:
        dice = Random(f"{choose.seed} {company.name}")  # decides a test
        super().__init__(slack, company, list, lambda: None, dice)
        self.births = births
        self.watch = watch
        self.choose = choose
        self.look = look

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
                if await self._use_until_heard(member, message) in SETTLES:
                    await self._take_back(member, where)
                await self._go_on(member, where, message.ts)
                return

    async def _use_until_heard(self, member: Member, message: Message) -> str:
        """What they did (its action id), or "". Whoever reads that it failed tries again, a few times."""
        block_id, element = self.dice.choice(usable(message))
        what = str(element["action_id"])
        if what in SETTLES and self.choose.strikes("a message becomes strange", STRANGE_ONE_IN):
            self.births.slack.faults.strange.come()
        for _ in range(TRIES):
            if await self._use(member, message, block_id, element):
                return what
            if self.away:
                break
            await asyncio.sleep(self.dice.uniform(1, 4))
        return ""

    async def _go_on(self, member: Member, where: str, ts: str) -> None:
        """Whoever claimed a lead often calls at once: they use the same message again, as it stands by then."""
        if self.dice.random() < AT_ONCE:
            await asyncio.sleep(self.dice.uniform(1, 9))
            message = self.slack.workspace.channel(where).log.get(ts)
            if not self.away and message is not None and (left := usable(message)):
                await self._use(member, message, *self.dice.choice(left))

    async def _take_back(self, member: Member, where: str) -> None:
        """What was settled by mistake is noticed at once: the Undo of the newest receipt, within seconds."""
        if self.dice.random() >= TAKEN_BACK:
            return
        await asyncio.sleep(self.dice.uniform(0.3, 3))
        shown = [one for one in self.slack.workspace.channel(where).ephemerals if one.ephemeral_to == member.id]
        for block in leaf_blocks(shown[-1].all_blocks) if shown and not self.away else ():
            for element in interactive_elements(block):
                if element["action_id"] == "lead.undo":
                    await self._use(member, shown[-1], block["block_id"], element)
                    await asyncio.sleep(SETTLED_IN)
                    self.look(self.company)
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
        one = self.births.reached("whom a sender reaches")
        if one is None:
            return None
        try:
            answer = await self.births.call(one, f"/intake/{self.company.source}", headers, body.encode())
        except ConnectionError:
            return None
        if 400 <= answer.status < 500:
            raise AssertionError(f"a lead was refused: {answer.status} {answer.body!r}")
        return int(json.loads(answer.body)["lead_id"]) if answer.status < 300 else None
