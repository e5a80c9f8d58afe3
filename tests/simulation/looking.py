"""Who only looks: at a lead's brief, at the scoreboard, at why a lead is where it is; and who asks Tandem something."""

from __future__ import annotations

import asyncio
import json
from typing import Final

from domain.marks import read_mark
from playground.records import Member
from tests.simulation.outside import MARKETERS, SHOWN_WITHIN, Outside, elements_of
from tests.simulation.told import Look, Question

QUESTIONS: Final = (
    "What do CFOs say about security?",
    "Which objections did customers have in the last 30 days?",
    "What did customers say about the price?",
    "thanks",
)


class Looking(Outside):
    """People who want to know something."""

    async def look_around(self) -> None:
        """Somebody looks at something, or asks."""
        what = self.dice.choice(("brief", "brief", "why", "scoreboard", "question", "question"))
        names = (*self.company.reps, *self.company.managers)
        name = self.dice.choice((*names, *MARKETERS) if what in ("scoreboard", "question") else names)
        if name in self._busy:
            return
        self._busy.add(name)
        member = self.slack.member(name)
        try:
            await {"brief": self._brief, "why": self._why, "scoreboard": self._board, "question": self._ask}[what](
                member
            )
            await self.leave(member)
        finally:
            self._busy.discard(name)

    async def _brief(self, member: Member) -> None:
        stands = self.slack.workspace.channel(self._place_of(member)).log.top_level(oldest="0")
        found = [
            (one, *there) for one in stands for there in elements_of(one.all_blocks, ("lead.details",))
        ]  # also below what is settled
        if not found:
            return
        message, block_id, element = self.dice.choice(found)
        marked = read_mark("lead", block_id.rpartition(":")[2])
        assert marked is not None
        at = self.slack.workspace.now()
        self.answers.attempts["lead.details"] += 1
        done = await self.slack.people.act_on_message(member, message, block_id, str(element["action_id"]), {})
        if done.ok:
            await self._seen("brief", marked.id, member, at)

    async def _why(self, member: Member) -> None:
        leads = sorted(self.answers.leads.values())
        if not leads:
            return
        lead, at = self.dice.choice(leads), self.slack.workspace.now()
        channel = self.slack.workspace.channel(self._place_of(member))
        done = await self.slack.people.command(member, channel, "/lead", f"why {lead}")
        if done.ok:
            shown = json.dumps(done.posted.all_blocks) if done.posted is not None else ""
            said = done.posted.text if done.posted is not None else ""
            self.told.looks.append(Look("why", lead, member.id, at, f"{said} {shown}", troubled=False))

    async def _board(self, member: Member) -> None:
        at = self.slack.workspace.now()
        channel = self.slack.workspace.channel(self._place_of(member))
        done = await self.slack.people.command(member, channel, "/tandem", "scoreboard")
        if done.ok and done.posted is not None:
            self.told.looks.append(Look("refused", 0, member.id, at, done.posted.text, self.is_troubled(at)))
        elif done.ok:
            await self._seen("scoreboard", 0, member, at)

    async def _seen(self, what: str, lead: int, member: Member, at: float) -> None:
        """What they see: the modal, or the words in its place."""
        stack = self.open_views(member)
        if stack:
            self.told.looks.append(Look(what, lead, member.id, at, json.dumps(stack[-1].body), troubled=False))
            return
        await asyncio.sleep(SHOWN_WITHIN)
        read = " ".join(one.text for one in self.only_for(member, at))
        self.told.looks.append(Look("refused", lead, member.id, at, read, self.is_troubled(at)))

    async def _ask(self, member: Member) -> None:
        channel = self.slack.people.open_messages(member)
        await asyncio.sleep(self.dice.uniform(0.2, 4))
        if not self.away:
            said = self.slack.workspace.say(channel, member, self.dice.choice(QUESTIONS))
            self.told.questions.append(Question(member.id, channel.id, said.ts))
