"""An answer in sentences to a question about what customers said, each with the items that it comes from.

A language model writes the sentences. A sentence that names no item of the workspace is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.llm.budget import load_use, rests
from domain.llm.names import names_in
from domain.llm.redaction import Names
from domain.people import Actor, actor
from domain.text import TextEmpty, TextTooLong, clean_text, shorten
from domain.voc.ask import reply_to
from domain.voc.search import Hit, hits_by_id
from storage.jobs import Arguments, enqueue
from storage.models import Member, Workspace

READ: Final = 20
"""So many items the model reads, customers' own words first."""

LEAST: Final = 2
"""One item says itself what it says."""

TEXT_LIMIT: Final = 1_000
MOST_SENTENCES: Final = 5
SENTENCE_LIMIT: Final = 300
_READ_LIMIT: Final = 10_000


class Line(BaseModel):
    """One sentence as the model writes it; `items`: the numbers of the items in the question that it comes from."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    text: str
    items: list[int]


def _usable(lines: Any) -> Any:
    """The sentences that can be read: one that cannot takes none of the others with it."""
    if not isinstance(lines, list):
        return lines
    kept = []
    for one in lines:
        try:
            kept.append(Line.model_validate(one))
        except ValidationError:
            continue
    return kept


class Lines(BaseModel):
    """The whole answer."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    sentences: Annotated[list[Line], BeforeValidator(_usable)]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with the ids of the items that it comes from, at least one."""

    text: str
    items: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """As it is kept for the next time."""
        return {"text": self.text, "items": list(self.items)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Sentence:
        """The inverse of `to_json`."""
        return cls(str(kept["text"]), tuple(map(int, kept["items"])))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the model reads: the question and the items that it finds; and the names that are to be hidden in both."""

    question: str
    hits: tuple[Hit, ...]
    names: Names


@dataclass(frozen=True, slots=True)
class Prose:
    """Sentences, and the items that they name, in the order in which they are named first."""

    sentences: tuple[Sentence, ...]
    hits: tuple[Hit, ...]


def ask_for_prose(session: Session, wanted: Arguments, secret: str | None, *, by: Actor, at: datetime) -> None:
    """Have the question answered in sentences, unless the workspace wants no model or the last call came to nothing.

    `secret`: where the answer can go.
    """
    use = load_use(session, by.workspace_id, at=at)
    if secret is not None and not use.off and not rests(use, at):
        enqueue(session, by.workspace_id, wanted, at=at, secret=secret)


def gather_evidence(
    session: Session, workspace_id: int, asked_by: int, question: str, *, at: datetime
) -> Evidence | None:
    """What a question is answered from; None when there is too little, nobody wants it, or whoever asked is gone."""
    workspace = session.get_one(Workspace, workspace_id)
    here = (Member.id == asked_by, Member.workspace_id == workspace_id, Member.active)
    member = session.scalars(select(Member).where(*here)).one_or_none()
    if member is None or workspace.llm_off_at is not None:
        return None
    reply = reply_to(session, question, most=READ, by=actor(member), at=at)
    hits = tuple(hit for hit in reply.hits if hit.words)
    if len(hits) < LEAST:
        return None
    texts = [question, *(hit.words for hit in hits)]
    accounts = [hit.account for hit in hits if hit.account]
    kept = [*(hit.theme for hit in hits if hit.theme), *map(str, workspace.competitors)]
    return Evidence(question, hits, names_in(session, workspace_id, texts, accounts=accounts, kept=kept))


def check_lines(lines: Sequence[Line], hits: Sequence[Hit], shown: Mapping[str, str]) -> tuple[Sentence, ...]:
    """The sentences that can be believed: those that name an item of the question. Numbers of no item are left out.

    `shown`: each text with what was hidden put back in.
    """
    found = []
    for line in lines:
        named = tuple(dict.fromkeys(hits[number - 1].id for number in line.items if 1 <= number <= len(hits)))
        text = _readable(shown[line.text])
        if named and text is not None:
            found.append(Sentence(text, named))
    return tuple(found[:MOST_SENTENCES])


def load_prose(session: Session, workspace_id: int, sentences: Sequence[Sentence]) -> Prose:
    """The sentences with their items as these are now. What was taken back is named no more, nor a sentence of it."""
    ids = list(dict.fromkeys(item for one in sentences for item in one.items))
    known = {hit.id: hit for hit in hits_by_id(session, workspace_id, ids)}
    kept = [Sentence(one.text, tuple(item for item in one.items if item in known)) for one in sentences]
    kept = [one for one in kept if one.items]
    named = dict.fromkeys(item for one in kept for item in one.items)
    return Prose(tuple(kept), tuple(known[item] for item in named))


def _readable(text: str) -> str | None:
    """One short line of plain words; None when nothing is left. Whoever shows it escapes it."""
    try:
        return shorten(" ".join(clean_text(text[:_READ_LIMIT], limit=_READ_LIMIT).split()), SENTENCE_LIMIT)
    except (TextEmpty, TextTooLong):
        return None
