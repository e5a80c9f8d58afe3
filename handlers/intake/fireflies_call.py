"""What customers said in a meeting that Fireflies recorded: Fireflies is asked, which may be slow or away.

Of a transcript only the sentences are kept that Fireflies marks as about price, and that a customer spoke.
Source: docs.fireflies.ai, "Transcript" and "AIFilter" in the schema, and "Error codes".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

import aiohttp
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.marks import mark
from domain.text import compare_key, key_words
from domain.voc.heard import NewVoc, take_heard
from handlers.intake.generic import short
from handlers.intake.payloads import address_of, domain_of, list_of, part_of, text_of
from handlers.jobs import Impossible, JobKind, Retry, RunningJob, Tools
from storage.models import Source

ENDPOINT: Final = "https://api.fireflies.ai/graphql"
QUERY: Final = """query Meeting($id: String!) { transcript(id: $id) {
  title host_email organizer_email transcript_url
  meeting_attendees { displayName name email }
  sentences { index speaker_name text ai_filters { pricing question sentiment } }
} }"""
SECONDS: Final = 30
LARGEST: Final = 30_000_000
"""Bytes of an answer: a meeting of eight hours has some 3 MB."""
MOST_SENTENCES: Final = 5
FEWEST_WORDS: Final = 4
"""A sentence of fewer words ("How much?", "Okay, the price.") tells nobody anything."""


@dataclass(frozen=True)
class FirefliesCall:
    """What the job is told. `source_id`: of the source whose API key opens the meeting."""

    kind: ClassVar[str] = "fireflies_call"

    source_id: int
    meeting_id: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What the meeting brings, and the name of the source that it is of, "" where the source is gone."""

    origin: str
    said: tuple[NewVoc, ...] = ()


async def ask_fireflies(job: RunningJob[FirefliesCall], tools: Tools) -> Heard:
    """The step: the meeting's sentences, as far as a customer spoke them of price."""
    tandem, meeting = tools.tandem, job.arguments.meeting_id
    source = await tandem.db.read(_source, job.workspace_id, job.arguments.source_id)
    if source is None:
        return Heard("")
    sealed, name, origin = source
    if not sealed:
        raise Impossible(f"the source {name} has no API key of Fireflies")
    try:
        key = tandem.unseal(sealed) if tandem.unseal is not None else ""
    except ValueError:
        key = ""
    if not key:
        raise Impossible(f"the API key of the source {name} cannot be read: TANDEM_SECRET_KEY was changed")
    asked = {"query": QUERY, "variables": {"id": meeting}}
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    sent = {"Authorization": f"Bearer {key}"}
    async with tools.http.post(ENDPOINT, json=asked, headers=sent, timeout=timeout) as answer:
        _check_status(answer.status, answer.headers.get("Retry-After", ""))
        body = await answer.content.read(LARGEST + 1)
        while len(body) <= LARGEST and (more := await answer.content.read(LARGEST)):
            body += more
    if len(body) > LARGEST:
        raise Impossible("the transcript is larger than 30 MB")
    transcript = read_answer(body)
    return Heard(origin, tuple(said_in(transcript, meeting)))


def read_answer(body: bytes) -> Mapping[str, Any]:
    """The transcript in an answer of GraphQL, which says 200 to mistakes, too. Raises Impossible, Retry, ValueError."""
    answer = json.loads(body)
    errors = list_of(answer, "errors")
    if errors:
        code = text_of(errors[0].get("code") or part_of(errors[0], "extensions").get("code"), 60) or "an error"
        if code == "too_many_requests":
            raise Retry(timedelta(minutes=5), "Fireflies was asked too often")
        if code in ("auth_failed", "invalid_api_key", "forbidden", "require_elevated_privilege"):
            raise Impossible(f"Fireflies refuses the API key: {code}")
        if code in ("object_not_found", "transcript_not_found"):
            raise Impossible("Fireflies knows no such meeting, or does not show it to the owner of the API key")
        raise ValueError(f"Fireflies: {code}")
    transcript = part_of(part_of(answer, "data"), "transcript")
    if not transcript:
        raise Impossible("Fireflies knows no such meeting, or does not show it to the owner of the API key")
    return transcript


def said_in(transcript: Mapping[str, Any], meeting: str) -> list[NewVoc]:
    """An item for each marked sentence of a customer, the first MOST_SENTENCES of the meeting.

    A speaker is a customer when their name is that of one who took part with an address of another domain than the
    host's. Whoever cannot be told (`Speaker 2`) is taken for one of ours: nobody's words become a customer's.
    """
    host = text_of(transcript.get("host_email")) or text_of(transcript.get("organizer_email"))
    people = list_of(transcript, "meeting_attendees")
    ours = domain_of(host)
    customers = [one for one in people if (at := domain_of(text_of(one.get("email")))) and at != ours]
    if not ours or not customers:
        return []
    names = {key for one in customers for key in _names(one)} - {""}
    title = text_of(transcript.get("title"), 200)
    domains = tuple(dict.fromkeys(domain_of(text_of(one.get("email"))) for one in customers))
    found = []
    for place, sentence in enumerate(list_of(transcript, "sentences")):
        words, marks = text_of(sentence.get("text"), 2_000), part_of(sentence, "ai_filters")
        if not text_of(marks.get("pricing")) or compare_key(text_of(sentence.get("speaker_name"))) not in names:
            continue
        if len(words.split()) < FEWEST_WORDS:
            continue
        found.append(
            NewVoc(
                key=short(f"fireflies:{meeting}:{text_of(sentence.get('index')) or place}"),
                text=words,
                call=title,
                subject="pricing",
                kind=_kind(marks),
                quote=words,
                host=host,
                domains=domains,
                permalink=address_of(transcript.get("transcript_url")),
            )
        )
    return found[:MOST_SENTENCES]


def record_heard(session: Session, job: RunningJob[FirefliesCall], heard: Heard, at: datetime) -> None:
    """The record: each sentence is logged once, whatever asked for the meeting."""
    if heard.said:
        take_heard(session, job.workspace_id, heard.origin, heard.said, at=at)


def _source(session: Session, workspace_id: int, source_id: int) -> tuple[str | None, str, str] | None:
    """The sealed key, the name, and what the source is called in the inbox."""
    row = session.execute(
        select(Source.sealed_key, Source.name, Source.id, Source.created_at).where(
            Source.id == source_id, Source.workspace_id == workspace_id
        )
    ).first()
    return (row.sealed_key, row.name, f"intake:{mark(row.id, row.created_at)}") if row is not None else None


def _check_status(status: int, retry_after: str) -> None:
    if status == 429:
        seconds = int(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 6 else 300
        raise Retry(timedelta(seconds=seconds), "Fireflies was asked too often")
    if status in (401, 403):
        raise Impossible("Fireflies refuses the API key")
    if status >= 500 or status == 408:
        raise ConnectionError(f"Fireflies: http {status}")  # tried again


def _names(person: Mapping[str, Any]) -> set[str]:
    """How a speaker may be called who took part under this address."""
    local = text_of(person.get("email")).partition("@")[0]
    written = (text_of(person.get("displayName")), text_of(person.get("name")), " ".join(key_words(local)))
    return {compare_key(name) for name in written}


def _kind(marks: Mapping[str, Any]) -> str:
    if text_of(marks.get("question")):
        return "question"
    return "praise" if text_of(marks.get("sentiment")).casefold() == "positive" else "objection"


kinds = (
    JobKind(
        FirefliesCall,
        ask_fireflies,
        record_heard,
        what="the look at what customers said in a meeting that Fireflies recorded",
        remedy="Open the source in `/tandem setup` → Sources, and give it an API key of Fireflies that may read the "
        "meeting. Then try again.",
        patience=timedelta(seconds=60),
    ),
)
