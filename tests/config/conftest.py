"""A workspace in the playground where settings can be changed: the whole program, over signed HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.running import Running, running


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Fails in the end when Slack refused anything that was sent, or when anybody was pinged."""
    async with running(migrated_url, "http") as program:
        yield program
        assert program.slack.refusals == []
        assert program.slack.pings == []
