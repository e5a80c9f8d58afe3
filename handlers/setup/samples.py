"""Whether Slack still takes our cards as they are: the newest of each kind, asked of `blocks.validate`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.failed_calls import error_name
from handlers.messages import Renderer, Rendering, Subject
from handlers.setup.finding import Finding
from storage.models import Card

REFUSALS: Final = ("invalid_blocks", "invalid_message", "invalid_view", "invalid_arguments")


def newest_cards(
    session: Session, workspace_id: int, renderers: Mapping[str, Renderer], *, at: datetime, prefix: str
) -> dict[str, Rendering]:
    """The newest card of each kind that stands in Slack, by kind, made anew."""
    found = {}
    for kind, renderer in renderers.items():
        # The latest subject, by the unique index: the latest card would be a look at every card there ever was.
        card = session.scalars(
            select(Card)
            .where(Card.workspace_id == workspace_id, Card.kind == kind)
            .order_by(Card.subject_id.desc())
            .limit(1)
        ).first()
        if card is None or card.state != "standing":
            continue
        try:
            made = renderer(
                session, Subject(card.subject_id, workspace_id, card.place, {}, at, standing=True, prefix=prefix)
            )
        except (LookupError, ValueError):  # its delivery carried more than the card remembers
            continue
        if made is not None:
            found[kind] = made
    return found


async def check_cards(client: AsyncWebClient, cards: Mapping[str, Rendering]) -> Finding:
    """What Slack says of the cards. Nothing is posted."""
    refused: list[str] = []
    for kind, card in cards.items():
        asked: dict[str, Any] = {"view": card.view} if card.view else {"blocks": [*card.blocks, *card.extra]}
        try:
            await client.blocks_validate(**asked)
        except SlackApiError as error:
            if error_name(error) not in REFUSALS:
                return Finding("cards", True, f"Slack did not say: {error_name(error)}", checked=False)
            said = error.response.get("errors") or error.response.get("response_metadata", {}).get("messages") or [""]
            refused.append(f"{kind}: {str(said[0])[:200] or error_name(error)}")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Finding("cards", True, f"Slack did not say: {error_name(error)}", checked=False)
    if refused:
        return Finding("cards", False, "; ".join(refused), "Slack no longer takes these. Update Tandem.")
    if not cards:
        return Finding("cards", True, "none stands in Slack yet", checked=False)
    kinds = "kind" if len(cards) == 1 else "kinds"
    return Finding("cards", True, f"Slack takes the newest of {len(cards)} {kinds}")
