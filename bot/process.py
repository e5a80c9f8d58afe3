"""What both parts of a process stand on: bot/web/web.py, which answers, and bot/loops/worker.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import aiohttp

from bot.figures import Figures
from bot.installations.app import OAuthApp
from bot.installations.registry import Installations
from bot.metrics import Metrics
from bot.settings import Settings
from handlers.arrival import Tandem

Check = Callable[[], Awaitable[Mapping[str, str]]]
"""What is wrong, by the part it is wrong with; empty when the process does its work."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `http`: the session for calls of others; `host`: the address to listen on.
    `oauth`: None where nobody can install Tandem by OAuth.

    `problems` and `slowness`: what `/readyz` tells of the whole process.
    """

    settings: Settings
    tandem: Tandem
    metrics: Metrics
    figures: Figures
    installations: Installations
    http: aiohttp.ClientSession
    host: str
    oauth: OAuthApp | None
    problems: Check
    slowness: Check
