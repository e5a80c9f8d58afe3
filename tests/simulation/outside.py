"""Everybody outside of one company, as the acts of a history need them: how they are heard, and what they read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from playground.blocks import interactive_elements, leaf_blocks
from playground.client import Slack
from playground.records import Json, Member, Message, View
from tests.chaos.arrivals import Arrivals
from tests.chaos.company import Company
from tests.simulation.choices import Choices
from tests.simulation.crm import Crm
from tests.simulation.owned import Watch
from tests.simulation.process import Births
from tests.simulation.told import Told

SHOWN_WITHIN: Final = 4.0
"""Seconds after an acknowledgement in which what it promises stands there."""
MARKETERS: Final = ("nora", "paul")
MARKETING: Final = "#marketing"


class Outside(Arrivals):
    """Everybody outside who has to do with one company, and its CRM.

    `look`: the oracle looks at what stands in its Slack.
    """

    def __init__(
        self,
        slack: Slack,
        company: Company,
        births: Births,
        watch: Watch,
        choose: Choices,
        look: Callable[[Company], None],
        crm: Crm,
    ) -> None:
        dice = Random(f"{choose.seed} {company.name}")  # decides a test
        super().__init__(slack, company, list, lambda: None, dice)
        self.births = births
        self.watch = watch
        self.choose = choose
        self.look = look
        self.crm = crm
        self.told = Told()

    def open_views(self, member: Member) -> list[View]:
        """The modals that somebody has open, the topmost last."""
        return list(self.slack.installation.views.stack(member.id))

    async def leave(self, member: Member) -> None:
        """They close whatever they have open."""
        for view in self.open_views(member):
            await self.slack.people.close(member, view, whole_stack=True)

    def only_for(self, member: Member, since: float) -> list[Message]:
        """What only they saw, anywhere, since then."""
        return [
            one
            for channel in self.slack.workspace.channels.values()
            for one in channel.ephemerals
            if one.ephemeral_to == member.id and float(one.ts) >= since
        ]

    def is_troubled(self, since: float) -> bool:
        """Whether what follows an acknowledgement may have been lost since then: Slack's side of it, or a process."""
        began = since - self.watch.outside() + self.births.loop.time()
        changed = any(edge >= began for one in self.births.all for span in one.spans for edge in span if edge < 1e9)
        return changed or any(at >= since for at in self.births.slack.faults.spoiled)

    async def pick(self, member: Member, view: View, action: str, value: str) -> View | None:
        """Choose in a menu of a modal, and wait for what follows; the modal as it stands then."""
        for block_id, element in elements_of(view.body["blocks"], (action,)):
            option = next((one for one in element["options"] if one["value"] == value), None)
            if option is not None:
                chosen = {"selected_option": option}
                await self.slack.people.act_in_view(member, view, block_id, element["action_id"], chosen)
                await asyncio.sleep(self.dice.uniform(0.2, 2.5))
        stack = self.open_views(member)
        return stack[-1] if stack else None

    async def _answer(self, member: Member) -> bool | None:
        """As of everybody; False, too, where the question was lost on its way, and so was the word about that."""
        before = self.slack.workspace.now() - SHOWN_WITHIN
        taken = await super()._answer(member)
        if taken is None and self.is_troubled(before):
            await asyncio.sleep(SHOWN_WITHIN)
            lost = sum(at >= before for at in self.births.slack.faults.spoiled)
            if lost > 1 and not self.only_for(member, before):
                return False
        return taken

    def _key(self, number: int) -> str:
        own = self.crm.key_of(self.company.name, number) if self.crm.workspace_id == self.company.workspace_id else None
        return own or super()._key(number)

    async def _post(self, webhook_id: str, body: str) -> int | None:
        moment = self.watch.outside()
        headers = {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(moment)),
            "webhook-signature": self._webhook.sign(webhook_id, datetime.fromtimestamp(moment, UTC), body),
        }
        self.answers.attempts["webhook"] += 1
        path, headers, content = self.crm.request(body) or (f"/intake/{self.company.source}", headers, body.encode())
        one = self.births.reached("whom a sender reaches")
        if one is None:
            return None
        try:
            answer = await self.births.call(one, path, headers, content)
        except ConnectionError:
            return None
        if 400 <= answer.status < 500:
            raise AssertionError(f"a lead was refused: {answer.status} {answer.body!r}")
        return int(json.loads(answer.body)["lead_id"]) if answer.status < 300 else None


def elements_of(blocks: Sequence[Json], names: Sequence[str]) -> Iterator[tuple[str, Json]]:
    """The elements whose action ids begin with one of these names, each with its block's id."""
    for block in leaf_blocks(list(blocks)):
        for element in interactive_elements(block):
            if str(element.get("action_id", "")).partition(":")[0] in names:
                yield block["block_id"], element


def filled(view: View, words: str, **fields: Any) -> dict[str, dict[str, Any]]:
    """What somebody types into a modal: `words` where words are asked for, `fields` by the names of their blocks."""
    values: dict[str, dict[str, Any]] = {}
    for block in leaf_blocks(view.body["blocks"]):
        for element in interactive_elements(block):
            name, kind = block["block_id"], element["type"]
            if kind == "plain_text_input":
                values[name] = {element["action_id"]: {"type": kind, "value": words}}
            elif kind == "datepicker" and name in fields:
                values[name] = {element["action_id"]: {"type": kind, "selected_date": fields[name]}}
            elif name in fields and "options" in element:
                option = next(one for one in element["options"] if one["value"] == fields[name])
                values[name] = {element["action_id"]: {"type": kind, "selected_option": option}}
    return values
