"""Competitors that lead to others. A competitor is a name in the workspace's list or on items, and has no row.

So what was merged or renamed stands in `workspaces.merged_competitors`: by its key, how it was called, and the key and
the name of what took its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from domain.text import compare_key
from storage.models import Workspace
from storage.statements import Statement

Led = Mapping[str, Any]
"""By key: {"name": …, "key": …, "called": …}, as the column holds it."""

_LED: Final = Statement(select(Workspace.merged_competitors).where(Workspace.id == bindparam("workspace")))


def led_competitors(session: Session, workspace_id: int) -> Led:
    """What the workspace's merged and renamed competitors lead to. What was changed must be flushed."""
    found: Led = _LED.scalar(session, {"workspace": workspace_id}) or {}
    return found


def chain_of_competitor(session: Session, workspace_id: int, key: str) -> list[str]:
    """The competitor's key, that of what it leads to, and so on; the last one leads nowhere."""
    return _chain(led_competitors(session, workspace_id), key)


def competitor_name(session: Session, workspace_id: int, key: str) -> str | None:
    """How that is called to which the key leads; None where it leads nowhere."""
    return _called(led_competitors(session, workspace_id), key)


def own_competitor(session: Session, workspace_id: int, name: str | None, led: Led | None = None) -> str | None:
    """The name itself, or that of the competitor that took its place. `led`: None where nobody has read it yet."""
    if name is None:
        return None
    found = led_competitors(session, workspace_id) if led is None else led
    return _called(found, compare_key(name)) or name if found else name


def _chain(led: Led, key: str) -> list[str]:
    chain = [key]
    while chain[-1] in led and (following := str(led[chain[-1]]["key"])) not in chain:
        chain.append(following)
    return chain


def _called(led: Led, key: str) -> str | None:
    chain = _chain(led, key)
    return str(led[chain[-2]]["called"]) if len(chain) > 1 else None
