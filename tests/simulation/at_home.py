"""What people do on their Home: work on their leads there, and save those of their team that are overdue."""

from __future__ import annotations

import asyncio
from typing import Final

from domain.marks import read_mark
from playground.records import Json, Member, View
from tests.chaos.answers import Click
from tests.chaos.arrivals import ASKED_ABOUT, TAKEN_OVER
from tests.simulation.deciding import Deciding
from tests.simulation.outside import SHOWN_WITHIN, elements_of

AT_HOME: Final = ("lead.claim", "lead.contacted", "lead.decline", "lead.reassign", "lead.extend", "lead.take")
EXTENSION: Final = "15m"
"""The shortest: a history is not to wait for a day until the new deadline."""


class AtHome(Deciding):
    """People who open the app's Home."""

    async def work_at_home(self) -> bool:
        """Somebody opens their Home, and uses what stands there; whether anything does."""
        name = self.dice.choice((*self.company.managers, *self.company.managers, *self.company.reps))
        if name in self._busy:
            return False
        self._busy.add(name)
        member = self.slack.member(name)
        try:
            self.slack.people.open_home(member)
            await asyncio.sleep(self.dice.uniform(0.5, 8))
            home = self.slack.installation.views.homes.get(member.id)
            found = list(elements_of(home.body["blocks"], AT_HOME)) if home is not None and not self.away else []
            if home is not None and found:
                await self._use_at_home(member, home, *self.dice.choice(found))
                await asyncio.sleep(SHOWN_WITHIN)  # what stood in the way comes as a modal
                await self.leave(member)
            return bool(found)
        finally:
            self._busy.discard(name)

    async def _use_at_home(self, member: Member, home: View, block_id: str, element: Json) -> None:
        what = str(element["action_id"])
        marked = read_mark("lead", block_id.rpartition(":")[2])
        assert marked is not None, f"a button that names no lead: {block_id}"
        value: Json = {}
        if element["type"] == "external_select":
            offered = await self.slack.people.options(member, block_id, what, "", message=None, view=home)
            if not offered["options"]:
                return
            value = {"selected_option": self.dice.choice(offered["options"])}
        elif "options" in element:
            value = {"selected_option": next(one for one in element["options"] if one["value"] == EXTENSION)}
        if what == "lead.reassign":
            self.answers.picked.add((marked.id, member.id, str(value["selected_option"]["value"])))
        self.answers.attempts[what] += 1
        at = self.slack.workspace.now()
        try:
            done = await self.slack.people.act_in_view(member, home, block_id, what, value)
        except LookupError:
            return  # it was published anew while they looked for whom to pick
        if what == "lead.decline":
            if not await self._decline(member):
                return
        elif not done.ok:
            return
        elif what in ASKED_ABOUT and (asked := await self._answer(member)) is not None:
            if not asked:
                return
            what = TAKEN_OVER
        elif what in ASKED_ABOUT and self.is_troubled(at):
            return  # the question may not have opened, and a Home has no place for words about that
        self.answers.clicks.append(Click(what, marked.id, member.id, at))
