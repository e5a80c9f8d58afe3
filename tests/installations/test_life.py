"""The life of an installation while the program runs: removed, revoked, come back, half granted, unread, renewed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import update

from bot.commands.doctor import examine
from bot.program import Program
from domain.installations import INSTALLATIONS
from handlers.scopes import OPTIONAL_NAMES, OPTIONAL_SCOPES
from storage.database import wake
from storage.models import Installation
from tests.offering import Offer, offered, offered_settings
from tests.progress import until
from tests.story.company import Company


@dataclass
class Life:
    """Northwind and Globex; both installed Tandem by clicking and set it up."""

    offer: Offer
    northwind: Company
    globex: Company

    async def lead_arrives(self, company: Company, name: str) -> None:
        await company.lead_arrives(self.offer.clock.outside(), name=f"{name} {company.word}")

    async def shown(self, company: Company, name: str) -> None:
        """The lead's card comes, and comes once."""
        await company.slack.channel("#leads").message(containing=f"{name} {company.word}")
        await self.offer.idle()
        cards = [one for one in company.slack.channel("#leads").messages if f"{name} {company.word}" in one.text]
        assert len(cards) == 1, company.slack.dump()

    async def doctor(self, company: Company) -> str:
        talk = company.slack.channel("#talk")
        await talk.command("/tandem doctor", by=company.who("boss"))
        return (await talk.ephemeral(company.who("boss"), "Waiting to be sent")).text


async def installed(offer: Offer, company: Company, **how: Any) -> Company:
    await offer.install(company.slack.team_id, by=company.boss, **how)
    await company.slack.dm(company.who("boss")).message(containing="Tandem is installed")
    await company.set_up()
    return company


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    async with offered(f"sqlite:///{tmp_path / 'tandem.db'}") as offer:
        northwind = await installed(offer, Company.in_workspace(offer.slack, "Zebra"))
        globex = await installed(offer, Company.in_workspace(offer.globex, "Ocelot"))
        yield Life(offer, northwind, globex)


async def test_what_waited_while_the_app_was_gone_goes_out_once_when_it_is_installed_again(life: Life) -> None:
    offer, globex = life.offer, life.globex
    await life.lead_arrives(globex, "First")
    await life.shown(globex, "First")
    await offer.later(hours=1)
    globex.slack.uninstall_app()
    await offer.becomes("stopped", "removed")
    await life.lead_arrives(globex, "Waiting")
    await life.lead_arrives(life.northwind, "Meanwhile")
    await life.shown(life.northwind, "Meanwhile")
    assert not [one for one in globex.slack.channel("#leads").messages if "Waiting" in one.text]

    await offer.later(hours=1)
    await offer.install(globex.slack.team_id, by=globex.boss)
    await life.shown(globex, "Waiting")
    card = await globex.slack.channel("#leads").message(containing="First Ocelot")
    await card.button("Contacted").click(by=globex.who("rep"))
    await card.changed(containing="Contacted by")


async def test_news_of_an_uninstallation_that_comes_after_the_next_installation_costs_a_minute_at_most(
    life: Life,
) -> None:
    offer, globex = life.offer, life.globex
    await offer.later(hours=1)
    globex.slack.uninstall_app()
    await offer.becomes("stopped", "removed")
    await offer.install(globex.slack.team_id, by=globex.boss)
    for kind in ("app_uninstalled", "app_uninstalled"):
        globex.slack.workspace.on_event({"type": kind})
    await offer.slack.delivery.settled()
    await life.lead_arrives(globex, "Next")
    await offer.program.check_token_now()
    await offer.becomes("active", "active")
    await life.shown(globex, "Next")


async def test_a_revoked_token_stops_its_workspace_until_the_app_is_installed_again(life: Life) -> None:
    offer, globex = life.offer, life.globex
    await offer.later(hours=1)
    async with AsyncClientOf(offer, globex) as client:
        await client.auth_revoke()
    await offer.program.check_token_now()
    assert (await offer.state())[0] == "stopped"
    await life.lead_arrives(globex, "Waiting")
    await life.lead_arrives(life.northwind, "Meanwhile")
    await life.shown(life.northwind, "Meanwhile")
    await offer.later(minutes=5)
    await offer.install(globex.slack.team_id, by=globex.boss)
    await offer.becomes("active", "active")
    await life.shown(globex, "Waiting")


async def test_without_any_optional_scope_everything_works_and_the_doctor_says_what_is_lost_and_where_to_grant_it(
    tmp_path: Path,
) -> None:
    async with offered(f"sqlite:///{tmp_path / 'tandem.db'}") as offer:
        globex = await installed(offer, Company.in_workspace(offer.globex, "Ocelot"), without=OPTIONAL_NAMES)
        life = Life(offer, globex, globex)
        await life.lead_arrives(globex, "First")
        await globex.slack.dm(globex.who("boss")).message(containing="/invite")
        globex.slack.workspace.join(globex.slack.workspace.channel("#leads"), globex.slack.workspace.bot)
        await life.shown(globex, "First")
        found = await life.doctor(globex)
        for one in OPTIONAL_SCOPES:
            assert f"without {one.name}: {one.lost}" in found, found
        link = f"/slack/install?team={globex.slack.team_id}"
        assert link in found, found
        assert "in #." not in found
        assert "joins with its first message" not in found
        assert (await offer.state()) == ("active", "active")

        await offer.install(globex.slack.team_id, by=globex.boss, link=link)
        globex.slack.add_channel("#more")
        await offer.later(minutes=1)
        found = await life.doctor(globex)
        assert "without" not in found, found


async def test_a_token_that_cannot_be_read_stops_one_workspace_and_no_other(life: Life) -> None:
    offer, globex = life.offer, life.globex

    def spoil(session: Any) -> None:
        session.execute(update(Installation).where(Installation.key == globex.slack.team_id).values(sealed_token="x"))
        wake(session, INSTALLATIONS)

    await offer.program.db.run(spoil)
    await offer.program.installations.refresh()
    await life.lead_arrives(globex, "Waiting")
    await life.lead_arrives(life.northwind, "Meanwhile")
    await life.shown(life.northwind, "Meanwhile")
    receipt = await globex.slack.channel("#talk").command("/voc too dear for Ocelot", by=globex.who("rep"))
    assert "too dear" in receipt.text
    await offer.install(globex.slack.team_id, by=globex.boss)
    await life.shown(globex, "Waiting")


async def test_the_token_of_the_environment_serves_beside_installations_and_may_be_followed_by_one(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'tandem.db'}"
    async with offered(url) as offer:
        offer.slack.install_app(by=None)
        northwind = Company.in_workspace(offer.slack, "Zebra")
        globex = Company.in_workspace(offer.globex, "Ocelot")
        await offer.program.stop()
        settings = offered_settings(
            offer.slack,
            url,
            str(offer.browser.base_url).rstrip("/"),
            slack_bot_token=SecretStr(offer.slack.bot_token),
        )
        offer.program = Program(settings, clock=offer.clock, pace=0, host="127.0.0.1")
        await offer.program.start()
        try:
            await northwind.set_up()
            await installed(offer, globex)
            life = Life(offer, northwind, globex)
            for company in (northwind, globex):
                await life.lead_arrives(company, "First")
                await life.shown(company, "First")
            await offer.install(northwind.slack.team_id, by=northwind.boss)
            for company in (northwind, globex):
                await life.lead_arrives(company, "Second")
                await life.shown(company, "Second")
            assert await offer.state(northwind.slack) == ("active", "active")
        finally:
            await offer.program.stop()


@pytest.mark.parametrize("engine_name", ["postgresql"])
async def test_while_two_workers_serve_a_token_that_expires_again_and_again_nothing_is_lost_and_each_is_renewed_once(
    migrated_url: str,
) -> None:
    async with offered(migrated_url, rotating=True) as offer:
        globex = await installed(offer, Company.in_workspace(offer.globex, "Ocelot"))
        life = Life(offer, globex, globex)
        public_url = str(offer.browser.base_url).rstrip("/")
        other = Program(
            offered_settings(offer.slack, migrated_url, public_url, port=0),
            web=False,
            clock=offer.clock,
            pace=0,
            host="127.0.0.1",
        )
        await other.start()
        try:
            seen = {globex.slack.bot_token}
            for number in range(4):
                before = globex.slack.bot_token
                offer.clock.advance(timedelta(hours=10, minutes=30))
                await asyncio.gather(*(life.lead_arrives(globex, f"Lead {number}-{one}") for one in range(5)))
                await asyncio.gather(offer.program.look_again(), other.look_again())
                for one in range(5):
                    await globex.slack.channel("#leads").message(containing=f"Lead {number}-{one} Ocelot")

                def renewed(before: str = before) -> bool:
                    return globex.slack.bot_token != before

                await until(renewed, lambda: globex.slack.bot_token, what="another token", still=20, pause=0.05)
                await offer.idle()
                seen.add(globex.slack.bot_token)
            assert len(seen) == 5
            renewals = [one for one in offer.slack.calls_of("oauth.v2.access") if one.args.get("grant_type")]
            assert len(renewals) == 4, renewals
            assert {one.answer["ok"] for one in renewals} == {True}
            refused = {one.error for one in globex.slack.refusals}
            assert refused <= {"not_in_channel"}
            assert await offer.state() == ("active", "active")
        finally:
            await other.stop()


async def test_before_the_first_workspace_the_doctor_says_where_to_install_tandem(tmp_path: Path) -> None:
    async with offered(f"sqlite:///{tmp_path / 'tandem.db'}") as offer:
        found = await examine(offer.program.settings, offer.clock)
        assert all(one.well for one in found), found
        assert f"{offer.browser.base_url.join('/slack/install')}" in " ".join(one.remedy for one in found)


async def test_of_a_workspace_that_has_gone_the_doctor_says_where_to_install_tandem_again(life: Life) -> None:
    await life.offer.later(hours=1)
    life.globex.slack.uninstall_app()
    await life.offer.becomes("stopped", "removed")
    found = {one.what: one for one in await examine(life.offer.program.settings, life.offer.clock)}
    gone = found[f"{life.globex.slack.team_id}: token"]
    assert gone.remedy.endswith(f"/slack/install?team={life.globex.slack.team_id}")
    assert found[f"{life.northwind.slack.team_id}: token"].well


class AsyncClientOf:
    """Somebody who holds a workspace's token."""

    def __init__(self, offer: Offer, company: Company) -> None:
        self._client = AsyncWebClient(token=company.slack.bot_token, base_url=offer.slack.api_url)

    async def __aenter__(self) -> AsyncWebClient:
        return self._client

    async def __aexit__(self, *exc: object) -> None:
        return None
