"""Whoever installs Tandem by clicking, removes it, and installs it again, while processes die and Slack fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from urllib.parse import urlsplit

import httpx

from playground import Playground
from playground.client import Slack

PUBLIC_URL = "http://tandem.test"
"""Where browsers find Tandem. Behind it is a balancer: any process may get the next request."""
INSTALLED = "Tandem is installed"
BREATH = 0.3


class Installer:
    """An admin of one workspace, with a browser."""

    def __init__(self, world: Playground, slack: Slack, ports: Callable[[], list[int]], dice: Random) -> None:
        self.world = world
        self.slack = slack
        self.ports = ports
        self.dice = dice
        self.attempts = 0

    async def install(self) -> None:
        """Click through until the page says that Tandem is installed; whatever breaks off, the admin begins again."""
        async with httpx.AsyncClient(timeout=20) as browser:
            while True:
                self.attempts += 1
                try:
                    if await self._click(browser):
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(BREATH)

    def uninstall(self) -> None:
        """Remove the app. Slack tells of it in one order or the other."""
        self.world.grants.revoked_first = self.dice.random() < 0.5
        self.slack.uninstall_app()

    async def _click(self, browser: httpx.AsyncClient) -> bool:
        to_slack = await browser.get(f"{self._anywhere()}/slack/install?start=1")
        if not to_slack.is_redirect:
            return False
        back = urlsplit(self.world.allow(to_slack.headers["location"], self.slack.team_id))
        page = await browser.get(f"{self._anywhere()}{back.path}?{back.query}")
        return page.is_success and INSTALLED in page.text

    def _anywhere(self) -> str:
        return f"http://127.0.0.1:{self.dice.choice(self.ports())}"
