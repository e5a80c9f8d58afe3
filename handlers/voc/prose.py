"""What follows a question with a language model: a short answer in sentences, each with the items that it comes from.

The list of items was shown at once. When the model is off, slow, over its budget or wrong, the list is the answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from sqlalchemy.orm import Session

from domain.llm.answers import answer_key, recall_answers, remember_answers
from domain.llm.budget import TurnedOff, note_remembered, note_trouble
from domain.llm.redaction import Redaction
from domain.text import shorten
from domain.voc.prose import (
    MOST_SENTENCES,
    TEXT_LIMIT,
    Evidence,
    Lines,
    Prose,
    Sentence,
    check_lines,
    gather_evidence,
    load_prose,
)
from handlers.answers import Receipt
from handlers.blocks import context, escape, section
from handlers.jobs import JobKind, RunningJob, Tools
from handlers.llm import LlmTrouble, Question, ask, load_prompt
from handlers.receipts import message_of, send_to
from handlers.voc.found import hits_blocks
from handlers.voc.questions import QUESTION_SHOWN

PROMPT: Final = "voc/prose.jinja"
LONGEST_ANSWER: Final = 3_000
PATIENCE: Final = timedelta(seconds=90)
BY_A_MODEL: Final = "A language model wrote this from the items below, and may be wrong. The items are what was logged."


@dataclass(frozen=True)
class VocProse:
    """What was asked, and by whom: `asked_by` is a member's id."""

    kind: ClassVar[str] = "voc_prose"

    asked_by: int
    question: str


@dataclass(slots=True)
class Written:
    """What came of a job. `remembered`: the answer was known. `trouble`: of domain.llm.budget.TROUBLES, or None."""

    asked: bool = False
    remembered: bool = False
    trouble: str | None = None


async def write(job: RunningJob[VocProse], tools: Tools) -> Written:
    """Ask the model, and show what can be believed where the question was asked, while Slack takes it there."""
    db, llm = tools.tandem.db, tools.llm
    told = job.arguments
    if llm is None or job.secret is None:
        return Written()
    evidence = await db.read(gather_evidence, job.workspace_id, told.asked_by, told.question, at=job.created_at)
    if evidence is None:
        return Written()
    done = Written()
    try:
        sentences = await write_sentences(job.workspace_id, tools, evidence, done)
    except TurnedOff:
        return Written()
    except LlmTrouble as trouble:
        done.trouble = trouble.why
        return done
    prose = await db.read(load_prose, job.workspace_id, sentences)
    if prose.sentences:
        await send_to(job.secret, message_of(prose_view(told.question, prose)) | {"replace_original": False})
    return done


def record(session: Session, job: RunningJob[VocProse], done: Written, at: datetime) -> None:
    """Keep whether the model can be relied on."""
    note_written(session, job.workspace_id, done, at=at)


def note_written(session: Session, workspace_id: int, done: Written, *, at: datetime) -> None:
    """Keep how it went with the model."""
    if done.remembered:
        note_remembered(session, workspace_id, 1, at=at)
    if done.asked or done.trouble:
        note_trouble(session, workspace_id, done.trouble, at=at)


def prose_view(question: str, prose: Prose, *, below: bool = False) -> Receipt:
    """The sentences with the numbers of their items, and the items below: nobody takes the sentences for anybody's
    words. `below`: it stands below the question, so without it.
    """
    lines = prose_lines(prose)
    asked = escape(shorten(" ".join(question.split()), QUESTION_SHOWN))
    blocks = [
        section("\n".join(lines if below else [f"*{asked}*", *lines])),
        context(BY_A_MODEL),
        *hits_blocks(prose.hits, numbered=True),
    ]
    return Receipt(f"{asked}: {' '.join(lines)}", blocks)


def prose_lines(prose: Prose) -> list[str]:
    """Each sentence, escaped, with the numbers of its items."""
    numbers = {hit.id: number for number, hit in enumerate(prose.hits, 1)}
    return [f"{escape(one.text)} {' '.join(f'[{numbers[item]}]' for item in one.items)}" for one in prose.sentences]


async def write_sentences(workspace_id: int, tools: Tools, evidence: Evidence, done: Written) -> tuple[Sentence, ...]:
    """What the same model said to the same question about the same items, else what it says now.

    Notes in `done` how that went. Raises TurnedOff and LlmTrouble.
    """
    db, llm = tools.tandem.db, tools.llm
    assert llm is not None
    redaction = Redaction(evidence.names)
    items = [
        {
            "item": number,
            "text": redaction.hide(shorten(hit.words, TEXT_LIMIT)),
            "by": "customer" if hit.quoted else "rep",
        }
        for number, hit in enumerate(evidence.hits, 1)
    ]
    question = Question(
        name="prose",
        instructions=load_prompt(PROMPT).render({"most": MOST_SENTENCES}),
        data=json.dumps({"question": redaction.hide(evidence.question), "items": items}, ensure_ascii=False),
        answer=Lines,
        longest_answer=LONGEST_ANSWER,
    )
    heard = [[hit.id, hit.words] for hit in evidence.hits]
    key = answer_key(llm.settings.model, load_prompt(PROMPT).version, evidence.question, heard)
    known = await db.read(recall_answers, workspace_id, [key])
    if key in known:
        done.remembered = True
        return tuple(map(Sentence.from_json, known[key]["sentences"]))
    found: list[Sentence] = []

    def keep(session: Session, answer: Lines) -> None:
        shown = {one.text: redaction.show(one.text) for one in answer.sentences}
        found[:] = check_lines(answer.sentences, evidence.hits, shown)  # a transaction may be done once more
        kept = {key: {"sentences": [one.to_json() for one in found]}}
        remember_answers(session, workspace_id, kept, at=tools.tandem.clock.now())

    done.asked = True
    await ask(tools.tandem, llm, workspace_id, question, keep)
    return tuple(found)


kinds = (
    JobKind(
        VocProse,
        write,
        record,
        what="the sentences that follow a question about what customers said",
        remedy="The list of items was shown. `/tandem doctor` says what is wrong with the language model.",
        patience=PATIENCE,
        tries=2,
        awaited=True,
    ),
)
