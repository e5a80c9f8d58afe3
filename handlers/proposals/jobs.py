"""The job that asks the language model about items without a theme, a few at a time.

Nothing of it is told to people when it does not work: `/tandem doctor` and `/tandem setup` say so, and the items wait.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Final

from sqlalchemy.orm import Session

from domain.llm.answers import answer_key, recall_answers, remember_answers
from domain.llm.budget import TurnedOff, note_remembered, note_trouble
from domain.llm.redaction import Redaction
from domain.proposals.labelling import Batch, Unlabelled, gather_batch, record_labels
from domain.proposals.labels import UNANSWERED, Checked, Labels, check_label
from handlers.arrival import Tandem
from handlers.jobs import JobKind, Retry, RunningJob, Tools
from handlers.llm import Llm, LlmTrouble, Question, ask, load_prompt
from storage.models import VOC_KINDS

PROMPT: Final = "proposals/label.jinja"
LONGEST_ANSWER: Final = 6_000
PATIENCE: Final = timedelta(minutes=5)

FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=10)
GIVE_UP: Final = timedelta(hours=1)
"""So long a job is tried again; then the doctor says why nothing came of it."""


@dataclass(frozen=True)
class Labelling:
    """What the job is told: nothing, since it takes the items that wait when it is done."""

    kind: ClassVar[str] = "labelling"


@dataclass(slots=True)
class Labelled:
    """What came of a job: labels by item, with the version that was asked about. `trouble`: of TROUBLES, or None."""

    model: str = ""
    prompt: str = ""
    labels: dict[int, tuple[int, Checked]] = field(default_factory=dict)
    remembered: int = 0
    asked: bool = False
    trouble: str | None = None


async def label(job: RunningJob[Labelling], tools: Tools) -> Labelled:
    """Ask about the items that wait. Raises Retry while the model asks for patience, or does not answer."""
    llm, tandem = tools.llm, tools.tandem
    if llm is None:
        return Labelled()
    batch = await tandem.db.read(gather_batch, job.workspace_id, at=tandem.clock.now())
    if batch is None:
        return Labelled()
    found = Labelled(llm.settings.model, load_prompt(PROMPT).version)
    asking = _Asking(tandem, llm, job.workspace_id, batch, found)
    try:
        await asking.recall()
        await asking.ask_about([one for one in batch.items if one.item_id not in found.labels])
    except TurnedOff:
        return Labelled()
    except LlmTrouble as trouble:
        waited = tandem.clock.now() - job.created_at
        if trouble.passing and waited < GIVE_UP:
            raise Retry(_pause(trouble.after, waited), trouble.why) from None
        found.trouble = trouble.why
    return found


def record(session: Session, job: RunningJob[Labelling], result: Labelled, at: datetime) -> None:
    """Keep the proposals, and whether the model can be relied on."""
    record_labels(session, job.workspace_id, result.labels, model=result.model, prompt=result.prompt, at=at)
    if result.remembered:
        note_remembered(session, job.workspace_id, result.remembered, at=at)
    if result.asked or result.trouble:
        note_trouble(session, job.workspace_id, result.trouble, at=at)


def label_question(titles: Mapping[str, str], texts: Sequence[str]) -> Question[Labels]:
    """What a model is asked about these texts, numbered from 1, and themes with their titles by slug.

    Whatever may not leave was hidden before.
    """
    data = {
        "themes": [{"slug": slug, "title": title} for slug, title in titles.items()],
        "items": [{"item": number, "text": text} for number, text in enumerate(texts, 1)],
    }
    return Question(
        name="labels",
        instructions=load_prompt(PROMPT).render({"kinds": VOC_KINDS}),
        data=json.dumps(data, ensure_ascii=False),
        answer=Labels,
        longest_answer=LONGEST_ANSWER,
    )


@dataclass(slots=True)
class _Asking:
    """One batch on its way to the model and back."""

    tandem: Tandem
    llm: Llm
    workspace_id: int
    batch: Batch
    found: Labelled

    async def recall(self) -> None:
        """What the same model said of the same words, offered the same themes, it need not say again."""
        keys = {one.item_id: self._key(one) for one in self.batch.items}
        known = await self.tandem.db.read(recall_answers, self.workspace_id, sorted(set(keys.values())))
        for one in self.batch.items:
            if keys[one.item_id] in known:
                self.found.labels[one.item_id] = one.version, Checked.from_json(known[keys[one.item_id]])
        self.found.remembered = len(self.found.labels)

    async def ask_about(self, items: Sequence[Unlabelled], *, again: bool = True) -> None:
        """Ask about these in one call. When nothing can be made of the answer, each half is asked about once more:
        a single note may be what the model stumbles over."""
        if not items:
            return
        self.found.asked = True
        try:
            said = await self._ask(items)
        except LlmTrouble as trouble:
            if trouble.why not in ("refusal", "malformed"):
                raise
            if again and len(items) > 1:
                middle = len(items) // 2
                await self.ask_about(items[:middle], again=False)
                await self.ask_about(items[middle:], again=False)
                return
            self.found.trouble = trouble.why
            said = {}
        for one in items:
            self.found.labels[one.item_id] = one.version, said.get(one.item_id, UNANSWERED)

    async def _ask(self, items: Sequence[Unlabelled]) -> Mapping[int, Checked]:
        redaction = Redaction(self.batch.names)
        offered = {redaction.hide(one.slug): one.theme_id for one in self.batch.themes}
        titles = {one.theme_id: redaction.hide(one.title) for one in self.batch.themes}
        question = label_question(
            {slug: titles[theme_id] for slug, theme_id in offered.items()},
            [redaction.hide(one.text) for one in items],
        )
        checked: dict[int, Checked] = {}

        def keep(session: Session, answer: Labels) -> None:
            checked.clear()  # a transaction may be done once more
            for said in answer.labels:
                if 1 <= said.item <= len(items):
                    one = items[said.item - 1]
                    checked.setdefault(one.item_id, check_label(said, offered, redaction.show(said.reason)))
            kept = {self._key(one): checked[one.item_id].to_json() for one in items if one.item_id in checked}
            remember_answers(session, self.workspace_id, kept, at=self.tandem.clock.now())

        await ask(self.tandem, self.llm, self.workspace_id, question, keep)
        return checked

    def _key(self, one: Unlabelled) -> str:
        themes = [[theme.theme_id, theme.slug, theme.title] for theme in self.batch.themes]
        return answer_key(self.found.model, self.found.prompt, themes, one.text)


def _pause(wished: timedelta | None, waited: timedelta) -> timedelta:
    """As long as the other side asks for, else about as long as was waited already: twice as long each time.

    A random part keeps many workspaces from coming back in one moment.
    """
    chance = random.random()  # noqa: S311  # spreads retries, guards nothing
    if wished is not None:
        return max(wished, timedelta(seconds=1)) + FIRST_PAUSE * chance
    return min(max(waited, FIRST_PAUSE), LONGEST_PAUSE) * (1 + chance / 2)


kinds = (
    JobKind(
        Labelling,
        label,
        record,
        what="the look for themes among items without one",
        remedy="`/tandem doctor` says what is wrong with the language model.",
        patience=PATIENCE,
        tries=3,
    ),
)
