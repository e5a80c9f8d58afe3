"""Renews tokens that expire (Slack's token rotation), before they are used.

https://docs.slack.dev/authentication/using-token-rotation
"""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from typing import Any, Final

import structlog

from bot.installations.answers import lifetime_in, token_in
from bot.installations.app import OAuthApp
from bot.installations.registry import Installations, Token
from bot.seal import BadKey, CannotUnseal
from bot.slack.client import make_client, sort_error
from domain.renewing import AHEAD, Renewing, give_up_renewing, hold_renewal, keep_renewed
from storage.crash import crash_point

log = structlog.get_logger()

STILL_GOOD: Final = timedelta(minutes=5)
"""A token that holds for longer is used while it is being renewed; nobody waits."""
PATIENCE: Final = 12.0
PAUSE: Final = 0.25
FOR_GOOD: Final = frozenset({"invalid_refresh_token", "invalid_grant", "token_revoked", "account_inactive"})


class Renewal:
    """What the registry asks before each call of an installation whose token expires."""

    def __init__(self, app: OAuthApp, installations: Installations) -> None:
        self.app = app
        self.installations = installations
        installations.renew = self.renew
        self._under_way: dict[int, asyncio.Task[None]] = {}

    async def renew(self, installation_id: int) -> None:
        """See to it that the token holds. Waits only for one that ends within minutes; raises nothing of Slack's."""
        token = self.installations.token(installation_id)
        if token is None or not self._ends_within(token, AHEAD):
            return
        task = self._under_way.get(installation_id)
        if task is None:
            task = asyncio.create_task(self._renew(installation_id))
            self._under_way[installation_id] = task
            task.add_done_callback(lambda _done: self._under_way.pop(installation_id, None))
        if self._ends_within(token, STILL_GOOD):
            await asyncio.wait([task], timeout=PATIENCE)

    async def stop(self) -> None:
        """Let what was begun come to its end: Slack's answer must be kept."""
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=PATIENCE)

    def _ends_within(self, token: Token, time: timedelta) -> bool:
        return token.expires_at is not None and token.expires_at <= self.installations.clock.now() + time

    async def _renew(self, installation_id: int) -> None:
        try:
            db, now = self.installations.db, self.installations.clock.now
            held = await db.run(hold_renewal, installation_id, secrets.token_hex(8), at=now())
            if held is not None:
                await self._exchange(held)
            else:
                await self._wait_for_another(installation_id)
        except Exception as error:
            log.warning("a token was not renewed", installation=installation_id, error=sort_error(error).name)

    async def _exchange(self, held: Renewing) -> None:
        db, now, sealer = self.installations.db, self.installations.clock.now, self.installations.sealer
        try:
            refresh = sealer.unseal(held.sealed_refresh_token)
        except (BadKey, CannotUnseal) as error:
            log.error("a refresh token cannot be read", installation=held.installation_id, reason=str(error))
            return
        began = now()
        try:
            answer: Any = (
                await make_client("", self.app.api_url, self.installations.session).oauth_v2_access(
                    client_id=self.app.client_id,
                    client_secret=self.app.client_secret,
                    grant_type="refresh_token",
                    refresh_token=refresh,
                )
            ).data
        except Exception as error:
            outcome = sort_error(error)
            log.warning("Slack renewed no token", installation=held.installation_id, error=outcome.name)
            if outcome.name in FOR_GOOD:
                await db.run(give_up_renewing, held, outcome.name, link=self.app.install_url(), at=now())
                await self.installations.refresh()
            return
        crash_point("oauth.renewed")
        token, following = token_in(answer, "access_token"), token_in(answer, "refresh_token")
        if token is None or following is None:
            log.error("Slack's answer to a refresh token lacks a token", installation=held.installation_id)
            return
        ends = began + lifetime_in(answer)
        kept = await db.run(keep_renewed, held, sealer.seal(token), sealer.seal(following), ends, at=now())
        await self.installations.refresh()
        log.info("token renewed" if kept else "another renewed the token", installation=held.installation_id)

    async def _wait_for_another(self, installation_id: int) -> None:
        """Another process renews it: look until its new token is there."""
        until = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < until:
            await self.installations.refresh()
            token = self.installations.token(installation_id)
            if token is None or not self._ends_within(token, STILL_GOOD):
                return
            await asyncio.sleep(PAUSE)
