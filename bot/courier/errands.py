"""A delivery in a courier's hand and its words: the renderer of its kind is asked, and what fails ends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.slack.client import text_in
from handlers.messages import OfNewerRelease, Overtaken, Renderer, Rendering, Subject
from handlers.post_tokens import metadata
from storage.heads import set_aside
from storage.held import End, Held
from storage.outbox import Priority

log = structlog.get_logger()

LEFT_TO_NEWER = timedelta(minutes=10)
ASKED_AGAIN = timedelta(seconds=5)
OVERTAKEN = "overtaken by event"
"""Why a delivery was dropped, before the id of the event in its lead's timeline."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A held delivery and its words; None while in doubt, and for a Home, whose words are read when it is sent."""

    held: Held
    rendering: Rendering | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What one transaction took out of the outbox; `ended`: how deliveries ended there, without being sent."""

    errands: Sequence[Errand] = ()
    ended: Sequence[End] = ()


def make_words(
    session: Session, held: Held, renderers: Mapping[str, Renderer], *, at: datetime, prefix: str
) -> Rendering | End:
    """The words as of `at` (aware UTC); or the end, when nothing (new) is left to say or they could not be made.

    Raises DBAPIError: nothing more can be done in this transaction then.
    """
    renderer = renderers.get(held.kind)
    if renderer is None:
        return _left_to_newer(session, held, f"rendering failed: nothing makes a {held.kind}", at)
    standing = held.card is not None and held.card.ts is not None
    subject = Subject(held.subject_id, held.workspace_id, held.place, held.data, at, standing=standing, prefix=prefix)
    try:
        rendering = renderer(session, subject)
        # After an attempt whose outcome was lost, other words may stand than those that were recorded last.
        first = held.attempts == 1
        if rendering is None or (first and rendering.fingerprint() == (held.card and held.card.rendering)):
            return End("dropped")
        return rendering
    except DBAPIError:
        raise
    except Overtaken as moved:
        return End("dropped", f"{OVERTAKEN} {' '.join(map(str, moved.by))}")
    except OfNewerRelease as error:
        return _left_to_newer(session, held, f"rendering failed: {error}", at)
    except Exception as error:
        log.exception("a message could not be made", kind=held.kind, delivery=held.id, request_id=held.request_id)
        return End("failed", f"rendering failed: {type(error).__name__}")


def _left_to_newer(session: Session, held: Held, error: str, at: datetime) -> End:
    """While a release is rolled out, what only the newer one can say waits for its couriers; after that it fails."""
    if at - held.due_at > LEFT_TO_NEWER:
        return End("failed", error)
    set_aside(session, held.id, at + ASKED_AGAIN, at)
    return End("pending", waits=True)


async def send(
    client: AsyncWebClient, held: Held, rendering: Rendering, channel: str, thread_ts: str | None
) -> str | None:
    """The one call to Slack; the message's `ts`, None for a Home."""
    if rendering.view is not None:
        await client.views_publish(user_id=held.place, view=rendering.view)
        return None
    if held.card is not None and held.card.ts is not None:
        await client.chat_update(
            channel=held.card.channel or channel,
            ts=held.card.ts,
            metadata=metadata(held.token),
            **rendering.content(),
        )
        return held.card.ts
    answer = await client.chat_postMessage(
        channel=channel,
        thread_ts=thread_ts,
        metadata=metadata(held.token),
        unfurl_links=False,
        unfurl_media=False,
        **rendering.content(),
    )
    return text_in(answer, "ts")


def priority_name(held: Held) -> str:
    """The delivery's priority as a metric label."""
    return Priority(held.priority).name.lower()
