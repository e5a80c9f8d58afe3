"""What people and senders do in a history: the same as in a chaos run, each act with dice of its own."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Final

from playground.records import Member, Message
from tests.chaos.arrivals import usable
from tests.simulation.at_home import AtHome
from tests.simulation.filing import Filing
from tests.simulation.looking import Looking
from tests.simulation.outside import elements_of

ACTS: Final = (
    *["a lead"] * 4,
    *["somebody acts"] * 9,
    *["somebody decides"] * 4,
    *["somebody is at home"] * 2,
    *["somebody looks"] * 2,
    "a look",
)

AT_ONCE: Final = 0.5
"""Of clicks, so many are followed by another on the same message."""

TAKEN_BACK: Final = 0.8
"""Of leads that somebody settles, so many are settled by mistake: who did it sees the receipt, and uses its Undo."""
STANDS: Final = 0.5
"""Of declines, so many are meant after all: marketing is to say something of them."""
HANDED_BACK: Final = 0.4
"""Of leads that a manager hands to another rep, so many were meant for somebody else."""

TRIES: Final = 3
SETTLED_IN: Final = 17.0
"""So many seconds after something was taken back, what stands in Slack is looked at: words came and went again."""
SETTLES: Final = ("lead.contacted", "lead.decline")
UNDO: Final = {"lead.contacted": "lead.undo", "lead.decline": "lead.undo", "lead.reassign": "lead.hand_back"}
"""With what somebody takes back what they did, by its action id."""
STRANGE_ONE_IN: Final = 4.0
"""Of leads that are about to be settled, so many have a message that Slack then answers strangely. All of these are
settled by mistake: what matters is what stands there once the words from before have come back."""


class Crowd(Looking, AtHome, Filing):
    """Everybody outside who has to do with one company."""

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
        elif act == "somebody decides":
            if not await self.decide():
                await self._act_once()
        elif act == "somebody is at home":
            if not await self.work_at_home():
                await self._act_once()
        elif act == "somebody looks":
            await self.look_around()
        else:
            await self._act_once()

    async def _click(self, member: Member, place: str) -> None:
        """Where nothing can be clicked they look elsewhere, and further back: there are few messages in a history."""
        team, dm = self.slack.channel(f"#team-{member.name.split('-')[1]}").id, self.slack.workspace.app_dm(member)
        for where in dict.fromkeys([place, *([dm.id] if dm is not None else []), team]):
            found = [one for one in self.slack.workspace.channel(where).log.top_level(oldest="0") if usable(one)]
            if found:
                message = self.dice.choice(found)
                what, strange = await self._use_until_heard(member, message)
                if what in UNDO:
                    await self._take_back(member, where, what, surely=strange)
                await self._go_on(member, where, message.ts)
                if what == "lead.decline":
                    await self.answer_soon()
                return

    async def _use_until_heard(self, member: Member, message: Message) -> tuple[str, bool]:
        """What they did (its action id), or "", and whether a message becomes strange by it.

        Whoever reads that it failed tries again, a few times.
        """
        block_id, element = self.dice.choice(usable(message))
        what = str(element["action_id"])
        strange = what in SETTLES and self.choose.strikes("a message becomes strange", STRANGE_ONE_IN)
        if strange:
            self.births.slack.faults.strange.come()
        for _ in range(TRIES):
            if await self._use(member, message, block_id, element):
                return what, strange
            if self.away:
                break
            await asyncio.sleep(self.dice.uniform(1, 4))
        return "", strange

    async def _go_on(self, member: Member, where: str, ts: str) -> None:
        """Whoever claimed a lead often calls at once: they use the same message again, as it stands by then."""
        if self.dice.random() < AT_ONCE:
            await asyncio.sleep(self.dice.uniform(1, 9))
            message = self.slack.workspace.channel(where).log.get(ts)
            if not self.away and message is not None and (left := usable(message)):
                await self._use(member, message, *self.dice.choice(left))

    async def _take_back(self, member: Member, where: str, what: str, *, surely: bool) -> None:
        """What was done by mistake is noticed at once: the Undo of the newest receipt, within seconds.

        Later where a CRM is to hear of it before that.
        """
        share = HANDED_BACK if what == "lead.reassign" else TAKEN_BACK
        meant = self.dice.random() >= share or (what == "lead.decline" and self.dice.random() < STANDS)
        if meant and not surely:
            return
        await asyncio.sleep(self.dice.uniform(0.3, 3) * (10 if self.crm.is_busy else 1))
        shown = [one for one in self.slack.workspace.channel(where).ephemerals if one.ephemeral_to == member.id]
        for block_id, element in elements_of(shown[-1].all_blocks, (UNDO[what],)) if shown and not self.away else ():
            at = self.slack.workspace.now()
            if await self._use(member, shown[-1], block_id, element) and what == "lead.reassign":
                self.told.taken_back.append((self.answers.clicks[-1].lead, member.id, at))
            await asyncio.sleep(SETTLED_IN)
            self.look(self.company)
            return
