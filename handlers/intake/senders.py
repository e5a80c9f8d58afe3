"""A source's row as whoever reads its deliveries needs it: its secrets in the clear, its mapping read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from domain.leads.mapping import SourceMapping, read_mapping
from domain.marks import mark
from handlers.intake.adapter import Sender

log = structlog.get_logger()


def sender_of(source: Any, unseal: Callable[[str], str], at: datetime) -> Sender:
    """The source in a row at `at` (aware UTC). Raises ValueError where its secret cannot be read."""
    old = source.sealed_old_secret
    return Sender(
        source.id,
        source.workspace_id,
        source.name,
        source.auth,
        unseal(source.sealed_secret),
        source.team_key,
        source.tier,
        source.paused,
        mark(source.id, source.created_at),
        _mapping(source),
        unseal(old) if old is not None and source.old_secret_until > at else None,
    )


def _mapping(source: Any) -> SourceMapping | None:
    """The source's mapping; one that a newer release wrote and this one cannot read costs no lead."""
    if source.mapping is None:
        return None
    try:
        return read_mapping(source.mapping)
    except ValueError:
        log.error("the mapping of a source cannot be read", source=source.name)
        return None
