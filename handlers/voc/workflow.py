"""The step of Slack's Workflow Builder that logs what a customer said, and the themes that its builder is offered.

Slack runs both as functions of the app, by the event `function_executed`, and wants to be told how each run ended:
https://docs.slack.dev/workflows/workflow-steps and https://docs.slack.dev/workflows/custom-steps-dynamic-options
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from domain.people import EVERYONE
from domain.quick_line import QUICK_LINE_LIMIT
from domain.text import shorten
from domain.voc.facts import KIND_NAMES
from domain.voc.workflow import RunStep, ask_step, offer_themes
from handlers.answers import NOTHING, Answer
from handlers.arrival import Arrival
from handlers.blocks import option
from handlers.declared import Function, Parameter
from handlers.failed_calls import error_name
from handlers.listeners import Listeners
from handlers.shape import storable

log = structlog.get_logger()

LOG_STEP: Final = "log_customer_voice"
OFFER_THEMES: Final = "offer_themes"
LONGEST_GIVEN: Final = 2 * QUICK_LINE_LIMIT
"""Characters that are kept of a text that is too long, so that the refusal can say so."""
LONGEST_NAME: Final = 500
OFFER_WITHIN: Final = 2.0
"""Seconds: the builder waits in front of an open menu."""

FUNCTIONS: Final = (
    Function(
        LOG_STEP,
        "Log what a customer said",
        "Keeps it as an item in the name of whoever heard it.",
        inputs=(
            Parameter("said", "What was said", "In the customer’s words, or the rep’s.", required=True),
            Parameter("who", "Who heard it", "A person of this workspace.", "slack#/types/user_id", required=True),
            Parameter("kind", "Kind", f"{', '.join(KIND_NAMES.values())}. Empty: the words tell it."),
            Parameter("theme", "Theme", "Empty: the words tell it.", offered_by=OFFER_THEMES),
            Parameter("account", "Account", "The customer’s name."),
            Parameter("link", "Link", "The address of the message that it came from."),
        ),
        outputs=(
            Parameter("item_id", "Item", "The number of the item.", required=True),
            Parameter("summary", "Summary", "What was logged, in a line.", required=True),
            Parameter("theme", "Theme", "Empty where the words tell none."),
            Parameter("permalink", "Link", "The address of the message that it came from."),
        ),
    ),
    Function(
        OFFER_THEMES,
        "Offer themes",
        "The themes of this workspace that hold what is typed.",
        inputs=(Parameter("query", "What is typed", "The beginning or a part of a theme."),),
        outputs=(Parameter("options", "Themes", "The themes.", "slack#/types/options_select", required=True),),
    ),
)


def declare(listeners: Listeners) -> None:
    """Declare it on the subject's listeners."""
    listeners.event("function_executed", roles=EVERYONE, functions=FUNCTIONS)(on_function)


async def on_function(arrival: Arrival) -> Answer:
    """A run of one of FUNCTIONS. The step is logged by a job; a menu is answered before the event is acknowledged."""
    event = arrival.body.get("event") or {}
    function, inputs = event.get("function"), event.get("inputs")
    execution_id = _text(event.get("function_execution_id"), LONGEST_NAME)
    if not isinstance(function, Mapping) or not execution_id:
        return NOTHING
    given = storable(dict(inputs)) if isinstance(inputs, Mapping) else {}
    if function.get("callback_id") == OFFER_THEMES:
        await _offer(arrival, execution_id, _text(given.get("query"), LONGEST_NAME))
    elif function.get("callback_id") == LOG_STEP:
        run = RunStep(
            execution_id,
            _text(given.get("who"), LONGEST_NAME),
            _text(given.get("said"), LONGEST_GIVEN),
            _text(given.get("kind"), LONGEST_NAME),
            _text(given.get("theme"), LONGEST_NAME),
            _text(given.get("account"), LONGEST_NAME),
            _text(given.get("link"), LONGEST_NAME),
        )
        await arrival.tandem.db.run(ask_step, arrival.team_id, run, at=arrival.at)
    return NOTHING


async def _offer(arrival: Arrival, execution_id: str, typed: str) -> None:
    """A menu that cannot be filled stays empty: whoever builds the workflow opens it again."""
    slugs = await arrival.tandem.db.read(offer_themes, arrival.team_id, typed, at=arrival.at)
    options = [option(shorten(slug, 75), slug) for slug in slugs if len(slug) <= 75]
    try:
        async with asyncio.timeout(OFFER_WITHIN):
            await arrival.client.functions_completeSuccess(
                function_execution_id=execution_id, outputs={"options": options}
            )
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("themes not offered", error=error_name(error))


def _text(value: Any, limit: int) -> str:
    return value.strip()[:limit] if isinstance(value, str) else ""
