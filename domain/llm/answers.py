"""What a language model answered before: the same question is not asked, nor paid for, a second time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.models import LlmAnswer

_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def answer_key(*parts: Any) -> str:
    """The key of an answer: a hash of all that it depends on (JSON), such as the model, the prompt and the text."""
    told = json.dumps(parts, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def recall_answers(session: Session, workspace_id: int, keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """The answers that are known in this workspace, by their keys."""
    if not keys:
        return {}
    rows = session.execute(
        select(LlmAnswer.key, LlmAnswer.answer).where(LlmAnswer.workspace_id == workspace_id, LlmAnswer.key.in_(keys))
    )
    return {row.key: row.answer for row in rows}


def remember_answers(
    session: Session, workspace_id: int, answers: Mapping[str, dict[str, Any]], *, at: datetime
) -> None:
    """Keep answers; of one that is known already the first stays."""
    insert = _INSERT[session.get_bind().dialect.name]
    for key, answer in sorted(answers.items()):
        row = {"workspace_id": workspace_id, "key": key, "answer": answer, "created_at": at}
        session.execute(insert(LlmAnswer).values(row).on_conflict_do_nothing())


def forget_answers_before(session: Session, at: datetime, *, limit: int) -> int:
    """Delete up to `limit` answers from before `at`. Returns how many."""
    keys = (LlmAnswer.workspace_id, LlmAnswer.key)
    old = session.execute(select(*keys).where(LlmAnswer.created_at < at).limit(limit)).all()
    if old:
        session.execute(
            delete(LlmAnswer).where(tuple_(*keys).in_([tuple(row) for row in old])),
            execution_options={"synchronize_session": False},
        )
    return len(old)
