"""The whole program on the playground, with a language model on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import patch

from pydantic import SecretStr

from bot.settings import Settings
from playground import Playground
from tests import running as running_program
from tests.llm.office import KEY
from tests.llm.server import ModelServer
from tests.running import Running, running, settings_for

LOGGED = (
    'their CFO said "security comes first" #security',
    "security audits take them weeks, says Max Keller (cfo@globex.example) #security",
    "security questionnaires are long #security @Initech",
)


@asynccontextmanager
async def running_with_model(database_url: str, server: ModelServer) -> AsyncIterator[Running]:
    """Tandem with the model at `server`, and three items about security, logged by ana."""

    def settings(slack: Playground, url: str) -> Settings:
        chosen = {"openai_api_key": SecretStr(KEY), "openai_base_url": server.url, "openai_model": "tiny"}
        return settings_for(slack, url).model_copy(update=chosen)

    with patch.object(running_program, "settings_for", settings):
        async with running(database_url) as program:
            for line in LOGGED:
                await program.slack.channel("#general").command(f"/voc {line}", by="ana")
            yield program
