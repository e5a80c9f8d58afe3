"""A company of the story with many workspaces: its people, what it sets up by clicking, and the word it is known by.

Everything that a company says or is called holds its word, so that whatever is seen of one company in another shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

from playground import Modal
from playground.client import Slack


@dataclass
class Company:
    """A workspace with a boss (owner, manages the team), rep and second (reps) and marketer; #leads, #marketing.

    `secret`: of its source, once that was made. `url`: where leads are posted to.
    """

    slack: Slack
    word: str
    secret: str = ""
    url: str = ""

    @classmethod
    def in_workspace(cls, slack: Slack, word: str) -> Company:
        """People and places, before the app comes."""
        for name in ("boss", "rep", "second", "marketer"):
            is_boss = name == "boss"
            slack.add_member(
                f"{name}-{word}",
                real_name=f"{name.title()} {word}",
                is_admin=is_boss,
                is_primary_owner=is_boss,
                email=f"{name}@{word.lower()}.example",
            )
        for channel in ("leads", "marketing", "talk"):
            slack.add_channel(f"#{channel}")
        return cls(slack, word)

    @property
    def boss(self) -> str:
        """The boss's Slack id."""
        return self.slack.member(self.who("boss")).id

    def who(self, name: str) -> str:
        return f"{name}-{self.word}"

    def real_name(self, name: str) -> str:
        return f"{name.title()} {self.word}"

    async def set_up(self) -> None:
        """The boss sets Tandem up: team, marketing, who is a marketer, digests, a source."""
        await self._setup("Change", index=0)
        team = self._modal()
        team.fill({"Channel for its leads": "#leads", "Manager": self.who("boss"), "Working hours": "24/7"})
        team.fill({"Who takes leads": [self.who("rep"), self.who("second")]})
        assert not await team.submit()
        if "changed while your form was open" in self._modal().text:  # the list of members was just read
            assert not await self._modal().submit()
        await self._modal().button("Change", near="Company").click()
        company = self._modal()
        company.fill({"Marketing’s channel": "#marketing", "Competitors, one on each line": f"Rival{self.word}"})
        assert not await company.submit()
        await self._modal().button("Change", near="Who may do what").click()
        people = self._modal()
        people.fill({"Marketers": [self.who("marketer")]})
        assert not await people.submit()
        for name, channel in (("sales", "#leads"), ("marketing", "#marketing")):
            await self._digest(name, channel)
        await self._source()
        await self._modal().close(whole_stack=True)

    async def _setup(self, button: str, **which: Any) -> None:
        hub = await self.slack.channel("#talk").command("/tandem setup", by=self.who("boss"))
        await hub.button(button, **which).click(by=self.who("boss"))

    async def _digest(self, name: str, channel: str) -> None:
        hub = await self.slack.channel("#talk").command("/tandem setup", by=self.who("boss"))
        await hub.button("Open", near="Weekly digests").click(by=self.who("boss"))
        await self._modal().button("Change", near=name.title()).click()
        digest = self._modal()
        digest.fill({"Channel": channel})
        await digest.select("Time zone", "UTC")
        assert not await digest.submit()
        await digest.close(whole_stack=True)

    async def _source(self) -> None:
        hub = await self.slack.channel("#talk").command("/tandem setup", by=self.who("boss"))
        await hub.button("Add", near="Sources of leads").click(by=self.who("boss"))
        await self._modal().button("Add a source").click()
        source = self._modal()
        source.fill({"Name": "website"})
        if taken := await source.submit():
            # A source's name is a part of its address, so each is there once; a free one is proposed.
            source.fill({"Name": re.findall(r"[a-z0-9-]+", taken["name"])[-1]})
            assert not await source.submit()
        self.secret, self.url = _code_in(self._modal().blocks)

    def _modal(self) -> Modal:
        shown = self.slack.modal(self.who("boss"))
        assert shown is not None
        return shown

    async def lead_arrives(self, at: datetime, url: str = "", **fields: Any) -> None:
        """Its website posts a lead; `url`: through another process than the one that its address names."""
        lead = {"name": f"Lee {self.word}", "company": f"{self.word} Prospects", "tier": "hot", **fields}
        body, number = json.dumps(lead), f"msg_{lead['name']}_{at.timestamp()}"
        headers = {
            "webhook-id": number,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(number, at, body),
        }
        async with httpx.AsyncClient() as http:
            answer = await http.post(url or self.url, content=body, headers=headers)
        assert answer.status_code in (200, 202), answer.text

    def seen(self) -> str:
        """All that anybody here has seen of Tandem, and all that Tandem was told or sent here."""
        return "\n".join(self._seen())

    def _seen(self) -> Iterator[str]:
        for channel in self.slack.workspace.channels.values():
            for one in (*channel.log.top_level(), *channel.ephemerals):
                yield json.dumps(self.slack.workspace.page_message(one), ensure_ascii=False)
        for view in self.slack.installation.views.homes.values():
            yield json.dumps(view.body, ensure_ascii=False)
        for call in self.slack.calls:
            yield json.dumps([call.args, call.answer], ensure_ascii=False, default=str)


def nothing_of_the_others(companies: Iterable[Company]) -> None:
    """Whatever was seen in one company holds no other's word."""
    for one in (all_of_them := list(companies)):
        seen = one.seen()
        assert one.word in seen
        for other in all_of_them:
            if other.word != one.word and other.word in seen:
                at = seen.index(other.word)
                raise AssertionError(f"{other.word} is seen in {one.word}: …{seen[max(0, at - 600) : at + 200]}…")


def _code_in(blocks: Iterable[Any]) -> list[str]:
    """The preformatted texts of a form, in their order."""
    return [
        element["elements"][0]["text"]
        for block in blocks
        if block["type"] == "rich_text"
        for element in block["elements"]
        if element["type"] == "rich_text_preformatted"
    ]
