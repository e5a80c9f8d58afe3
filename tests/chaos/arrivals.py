"""What arrives during a run: leads from a system that retries, `/voc` lines and clicks from people who do not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

import httpx
from standardwebhooks import Webhook

from domain.marks import read_mark
from handlers.dispatch import DATABASE_AWAY
from handlers.leads.taking import TAKE_FORM
from playground.blocks import interactive_elements, leaf_blocks
from playground.client import Slack
from playground.records import Json, Member, Message
from tests.chaos.answers import Answers, Click
from tests.chaos.company import Company

RECENT_SECONDS = 40
ASKED_ABOUT = ("lead.claim", "lead.contacted")
"""What is asked about first, where a colleague has the lead."""
TAKEN_OVER = "lead.take_over"
TAKES_OVER = 0.6
"""Of those who are asked, so many take the lead over."""
USABLE = ("lead.claim", "lead.contacted", "lead.decline", "lead.reassign", "lead.take")


class Arrivals:
    """Everybody outside who has to do with one company.

    `ports`: where the processes listen now; a request goes to any of them. `aim` is called before Slack sends
    something to the app. While `away`, the app is not installed, and nobody can use it.
    """

    def __init__(
        self, slack: Slack, company: Company, ports: Callable[[], list[int]], aim: Callable[[], None], dice: Random
    ) -> None:
        self.slack = slack
        self.company = company
        self.ports = ports
        self.aim = aim
        self.dice = dice
        self.answers = Answers()
        self.paused = False
        self.away = False
        self._http = httpx.AsyncClient(timeout=20)
        self._webhook = Webhook(company.secret)
        self._numbers = 0
        self._busy: set[str] = set()

    async def close(self) -> None:
        await self._http.aclose()

    # Leads: signed webhooks, sent again with the same id until they are taken.

    async def send_leads(self, gap: float, burst: int, until: Callable[[], bool]) -> None:
        """A lead every `gap` seconds on average, `burst` at once, until `until` says so and each was taken."""
        async with asyncio.TaskGroup() as group:
            while not until():
                await asyncio.sleep(self.dice.expovariate(1 / (gap * burst)))
                for _one in range(0 if self.paused else burst):
                    group.create_task(self._send_lead())

    async def _send_lead(self) -> None:
        number = self._next_number()
        name, key = f"{self.company.name} lead {number} Ltd", self._key(number)
        team = self.dice.choice(self.company.teams)
        self.answers.teams[key] = team
        lead = {
            "id": key,
            "name": name,
            "company": f"Company {number % 50}",
            "asked": "Demo request",
            "team": team,
            "tier": self.dice.choice(("hot", "warm")),
            "score": number % 100,
        }
        self.answers.tiers[key] = str(lead["tier"])
        body = json.dumps(lead)
        wanted = 2 if self.dice.random() < 0.1 else 1
        while wanted:
            taken = await self._post(f"msg_{key}", body)
            if taken is None:
                await asyncio.sleep(self.dice.uniform(0.1, 0.6))
                continue
            wanted -= 1
            known = self.answers.leads.setdefault(key, taken)
            if known != taken:
                self.answers.disagreeing.append(f"{key} was answered {known}, then {taken}")

    def _key(self, number: int) -> str:
        """What the sender calls its lead of that number."""
        return f"{self.company.name}-{number}"

    async def _post(self, webhook_id: str, body: str) -> int | None:
        """One attempt; the lead's id from a 2xx, else None."""
        now = datetime.now(UTC)
        headers = {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(webhook_id, now, body),
        }
        port = self.dice.choice(self.ports())
        self.answers.attempts["webhook"] += 1
        try:
            answer = await self._http.post(
                f"http://127.0.0.1:{port}/intake/{self.company.source}", content=body, headers=headers
            )
        except httpx.HTTPError:
            return None
        if 400 <= answer.status_code < 500:
            raise AssertionError(f"a lead was refused: {answer.status_code} {answer.text}")
        return int(answer.json()["lead_id"]) if answer.is_success else None

    # People: what they do is sent once.

    async def act(self, gap: float, until: Callable[[], bool]) -> None:
        """People use Slack, one act every `gap` seconds on average, until `until` says so."""
        async with asyncio.TaskGroup() as group:
            while not until():
                await asyncio.sleep(self.dice.expovariate(1 / gap))
                if not self.paused and not self.away:
                    group.create_task(self._act_once())

    async def _act_once(self) -> None:
        manager = self.dice.random() < 0.25
        name = self.dice.choice(self.company.managers if manager else self.company.reps)
        if name in self._busy:
            return
        self._busy.add(name)
        try:
            self.aim()
            member = self.slack.member(name)
            if not manager and self.dice.random() < 0.3:
                await self._log_voc(member)
            else:
                await self._click(member, self._place_of(member))
        finally:
            self._busy.discard(name)

    def _place_of(self, member: Member) -> str:
        """Where they look: their DM with the app, or their team's channel."""
        dm = self.slack.workspace.app_dm(member)
        if dm is not None and (member.name.startswith("manager") or self.dice.random() < 0.5):
            return dm.id
        return self.slack.channel(f"#team-{member.name.split('-')[1]}").id

    async def _log_voc(self, member: Member) -> None:
        words = f"{self.company.name} words number {self._next_number()} are too expensive"
        channel = self.slack.workspace.channel(self._place_of(member))
        self.answers.attempts["/voc"] += 1
        done = await self.slack.people.command(member, channel, "/voc", words)
        if not done.ok:
            self.answers.unanswered.add(words)
        elif done.posted is not None and any(
            one["action_id"] == "voc.undo" for block in done.posted.all_blocks for one in interactive_elements(block)
        ):
            self.answers.stored.add(words)
        elif done.posted is not None and DATABASE_AWAY in done.posted.text:
            self.answers.unsure.add(words)
        else:
            self.answers.refused.add(words)

    async def ask_the_doctor(self, gap: float, until: Callable[[], bool]) -> None:
        """The admin has a job done at once and every `gap` seconds on average, until `until` says so."""
        while not until():
            if not self.paused and not self.away:
                await self._ask_the_doctor()
            await asyncio.sleep(self.dice.expovariate(1 / gap))

    async def _ask_the_doctor(self) -> None:
        self.aim()
        mia, channel = self.slack.member("mia"), self.slack.channel("#team-0").id
        self.answers.attempts["/tandem doctor"] += 1
        done = await self.slack.people.command(mia, self.slack.workspace.channel(channel), "/tandem", "doctor")
        if not done.ok or (done.posted is not None and DATABASE_AWAY in done.posted.text):
            self.answers.perhaps += 1
        else:
            self.answers.looks += 1

    async def _click(self, member: Member, place: str) -> None:
        """Use any button or menu of a message that came lately; it may be stale, as people's clicks are."""
        channel = self.slack.workspace.channel(place)
        recent = channel.log.top_level(oldest=f"{self.slack.workspace.now() - RECENT_SECONDS:.6f}")
        self.dice.shuffle(recent)
        for message in recent:
            found = usable(message)
            if found:
                await self._use(member, message, *self.dice.choice(found))
                return

    async def _use(self, member: Member, message: Message, block_id: str, element: Json) -> bool:
        """Use a button or menu; whether Slack saw that acknowledged."""
        what = str(element["action_id"])
        is_receipt = what in ("lead.undo", "lead.hand_back")
        marked = read_mark("lead", str(element["value"]) if is_receipt else block_id.rpartition(":")[2])
        assert marked is not None, f"a button that names no lead: {block_id}"
        value: Json = {}
        if element["type"] == "external_select":
            offered = await self.slack.people.options(member, block_id, what, "", message=message, view=None)
            if not offered["options"]:
                return False  # nobody is there, or the program did not answer
            if (block_id, element) not in usable(message):
                return False  # the card changed while they looked at the list
            value = {"selected_option": self.dice.choice(offered["options"])}
        elif "options" in element:
            value = {"selected_option": self.dice.choice(element["options"])}
        if value:
            self.answers.picked.add((marked.id, member.id, str(value["selected_option"]["value"])))
        self.answers.attempts[what] += 1
        at = self.slack.workspace.now()
        done = await self.slack.people.act_on_message(member, message, block_id, what, value)
        if what == "lead.decline":
            if not await self._decline(member):
                return False
        elif not done.ok:
            return False
        elif what in ASKED_ABOUT and (asked := await self._answer(member)) is not None:
            if not asked:
                return True
            what = TAKEN_OVER
        self.answers.clicks.append(Click(what, marked.id, member.id, at))
        return True

    async def _answer(self, member: Member) -> bool | None:
        """Whether somebody who is asked took over the lead of a colleague; None where nobody was asked.

        Where the lead has moved on meanwhile they are asked anew, or read why not, and leave it.
        """
        stack = self.slack.installation.views.stack(member.id)
        if not stack or stack[-1].body.get("callback_id") != TAKE_FORM:
            return None
        taken = self.dice.random() < TAKES_OVER and (await self.slack.people.submit(member, stack[-1], {})).ok
        left_open = list(self.slack.installation.views.stack(member.id))
        for left in left_open:
            await self.slack.people.close(member, left, whole_stack=True)
        return taken and not left_open

    async def _decline(self, member: Member) -> bool:
        """Fill in the form, if one opened; whether it was taken."""
        stack = self.slack.installation.views.stack(member.id)
        if not stack:
            return False
        view = stack[-1]
        values: dict[str, dict[str, Any]] = {}
        for block in leaf_blocks(view.body["blocks"]):
            for element in interactive_elements(block):
                if "options" in element:
                    option = next(one for one in element["options"] if one["value"] == "not_a_fit")
                    values[block["block_id"]] = {
                        element["action_id"]: {"type": element["type"], "selected_option": option}
                    }
        done = await self.slack.people.submit(member, view, values)
        left_open = list(self.slack.installation.views.stack(member.id))  # with what stood in the way
        for left in left_open:
            await self.slack.people.close(member, left, whole_stack=True)
        return done.ok and not left_open

    def _next_number(self) -> int:
        self._numbers += 1
        return self._numbers


def usable(message: Message) -> list[tuple[str, Json]]:
    """Every button and menu of a message that people use here, with its block's id."""
    return [
        (block["block_id"], element)
        for block in leaf_blocks(message.all_blocks)
        for element in interactive_elements(block)
        if element["action_id"] in USABLE
    ]
