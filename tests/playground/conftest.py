"""A workspace with a few people, the tiny app connected to it over either transport, and a plain client."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from playground import Playground
from playground.client import Slack
from tests.playground.http_app import serve_over_http
from tests.playground.manifest import MANIFEST
from tests.playground.tiny_app import TinyApp


def people_and_places(slack: Slack) -> None:
    slack.add_member("ana", real_name="Ana Ruiz", tz="Europe/Madrid", is_primary_owner=True)
    slack.add_member("ben", tz="America/New_York")
    slack.add_channel("#general", app=True)
    slack.add_channel("#leads", app=True)
    slack.add_channel("#secret", members=["ana"], private=True)
    slack.add_channel("#elsewhere")


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with Playground(MANIFEST) as slack:
        people_and_places(slack)
        yield slack


@pytest.fixture
async def client(slack: Playground) -> AsyncIterator[AsyncWebClient]:
    """The app's client, without an app behind it."""
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


@pytest.fixture
async def socket_app(slack: Playground, client: AsyncWebClient) -> AsyncIterator[TinyApp]:
    """The tiny app, connected by Socket Mode."""
    app = TinyApp(client, slack.signing_secret)
    handler = AsyncSocketModeHandler(
        app.bolt, slack.app_token, web_client=AsyncWebClient(token=slack.app_token, base_url=slack.api_url)
    )
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.app_connected()
    yield app
    await handler.close_async()  # type: ignore[no-untyped-call]


@pytest.fixture
async def http_app(slack: Playground, client: AsyncWebClient) -> AsyncIterator[TinyApp]:
    """The tiny app, behind a request URL."""
    app = TinyApp(client, slack.signing_secret)
    async with serve_over_http(app.bolt) as url:
        slack.delivery.mode = "http"
        slack.events_url = url
        yield app


@pytest.fixture(params=["socket", "http"])
def app(request: pytest.FixtureRequest) -> TinyApp:
    """The tiny app over each transport in turn."""
    found: TinyApp = request.getfixturevalue(f"{request.param}_app")
    return found
