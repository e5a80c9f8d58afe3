"""Installing by clicking, from end to end: a browser, Slack as the playground is, and the program without any token."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from handlers.scopes import OPTIONAL_NAMES
from playground.client import Slack
from storage.models import Installation, Workspace
from tests.offering import SECONDS, Offer, offered
from tests.progress import until


@pytest.fixture
async def offer(tmp_path: Path) -> AsyncIterator[Offer]:
    async with offered(f"sqlite:///{tmp_path / 'tandem.db'}") as offer:
        yield offer


async def test_a_workspace_is_installed_by_clicking_and_its_commands_are_answered(offer: Offer) -> None:
    page = await offer.install(offer.globex.team_id)
    assert "Tandem is installed in Globex" in page.text
    await offer.globex.dm("ana").message(containing="Tandem is installed")
    offer.globex.add_channel("#sales")
    answer = await offer.globex.channel("#sales").command("/tandem help", by="ana")
    assert "/voc" in answer.text


async def test_whoever_cancels_on_slacks_page_reads_so(offer: Offer) -> None:
    to_slack = await offer.browser.get("/slack/install?start=1")
    state = re.search(r"state=([^&]+)", to_slack.headers["location"])
    assert state is not None
    page = await offer.browser.get(f"/slack/oauth_redirect?error=access_denied&state={state.group(1)}")
    assert "Nothing was changed" in page.text


async def test_without_optional_scopes_a_workspace_works_and_a_later_installation_grants_them(offer: Offer) -> None:
    await offer.install(offer.globex.team_id, without=OPTIONAL_NAMES)
    await offer.globex.dm("ana").message(containing="Tandem is installed")
    assert not OPTIONAL_NAMES & await scopes(offer)
    await offer.program.check_token_now()
    assert await offer.state() == ("active", "active")
    await offer.install(offer.globex.team_id)
    assert await scopes(offer) >= OPTIONAL_NAMES
    assert len([one for one in offer.globex.dm("ana").messages if "Tandem is installed" in one.text]) == 1


@pytest.mark.parametrize("revoked_first", [False, True])
async def test_an_uninstalled_workspace_stops_and_goes_on_when_installed_again(
    offer: Offer, revoked_first: bool
) -> None:
    await offer.install(offer.globex.team_id)
    await offer.globex.dm("ana").message(containing="Tandem is installed")
    offer.clock.advance(timedelta(hours=1))
    offer.slack.grants.revoked_first = revoked_first
    offer.globex.uninstall_app()
    await offer.becomes("stopped", "removed")
    await offer.install(offer.globex.team_id)
    await offer.becomes("active", "active")
    offer.globex.add_channel("#sales")
    answer = await offer.globex.channel("#sales").command("/tandem help", by="ana")
    assert "/voc" in answer.text


async def test_a_token_that_expires_is_renewed_and_the_workspace_never_stops(tmp_path: Path) -> None:
    async with offered(f"sqlite:///{tmp_path / 'tandem.db'}", rotating=True) as offer:
        await offer.install(offer.globex.team_id)
        first = offer.globex.bot_token
        offer.clock.advance(timedelta(hours=10, minutes=30))
        await offer.program.check_token_now()

        async def renewed() -> bool:
            return offer.globex.bot_token != first

        await until(renewed, lambda: offer.globex.bot_token, what="another token", still=SECONDS, pause=0.05)
        offer.clock.advance(timedelta(hours=3))
        await offer.program.check_token_now()
        assert await offer.state() == ("active", "active")


async def test_an_organization_is_installed_and_uninstalled_as_a_whole(offer: Offer) -> None:
    first, second = offer.slack.add_organization("Acme", ["Acme One", "Acme Two"])
    for slack in (first, second):
        slack.add_member("zoe", real_name="Zoe Lang", is_admin=True, is_primary_owner=True)
        slack.add_channel("#sales")
    organization = first.workspace.organization
    assert organization is not None
    page = await offer.install(organization.id)
    assert "Tandem is installed in Acme" in page.text
    for slack in (first, second):
        answer = await slack.channel("#sales").command("/tandem help", by="zoe")
        assert "/voc" in answer.text
    offer.clock.advance(timedelta(hours=1))
    first.uninstall_app()

    async def stopped() -> bool:
        return {"stopped"} == set(await offer.program.db.read(lambda session: session.scalars(select(Workspace.state))))

    await until(stopped, lambda: "", what="both to stop", still=SECONDS, pause=0.05)


async def test_an_organization_gives_and_takes_single_workspaces(offer: Offer) -> None:
    east, west = offer.slack.add_organization("Acme", ["Acme East", "Acme West"])
    for slack in (east, west):
        slack.add_member("zoe", real_name="Zoe Lang", is_admin=True, is_primary_owner=True)
        slack.add_channel("#sales")
    assert east.workspace.organization is not None
    await offer.install(east.workspace.organization.id)
    await offer.idle()
    offer.clock.advance(timedelta(hours=1))
    await click(offer, east, "take")
    await offer.becomes("stopped", "active", place=east)
    assert await offer.state(west) == ("active", "active")
    assert "/voc" in (await west.channel("#sales").command("/tandem help", by="zoe")).text
    await offer.program.check_token_now()
    assert await offer.state(east) == ("stopped", "active")

    offer.clock.advance(timedelta(hours=1))
    await click(offer, east, "install")
    await offer.becomes("active", "active", place=east)
    assert "/voc" in (await east.channel("#sales").command("/tandem help", by="zoe")).text
    assert [*east.refusals, *west.refusals] == []


async def click(offer: Offer, place: Slack, button: str) -> None:
    """As the page does it."""
    async with httpx.AsyncClient(base_url=offer.slack.page_url) as page:
        said = await page.post(f"/page/{button}", json={"as": place.member("zoe").id, "team": place.team_id})
    assert said.json()["ok"], said.text


async def scopes(offer: Offer) -> set[str]:
    return set(await offer.program.db.read(lambda session: session.scalars(select(Installation.scopes)).one()))
