"""Systems that post leads to us: added, given a new secret, paused. The secret is told once and kept sealed."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import FieldProblems, NotFound
from domain.people import Actor, audit
from storage.models import SOURCE_AUTHS, Source

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
SECRET_BYTES: Final = 32


def new_secret() -> str:
    """A secret as Standard Webhooks writes it: `whsec_` and 32 random bytes in base64.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def add_source(
    session: Session,
    workspace_id: int,
    name: str,
    *,
    seal: Callable[[str], str],
    auth: str = "standard_webhooks",
    team_key: str | None = None,
    tier: str | None = None,
    secret: str | None = None,
    by: Actor | None = None,
    at: datetime,
) -> str:
    """Let a system post leads to `/intake/{name}`; returns its secret, which is readable only now.

    `auth`: "standard_webhooks" signs, "header" sends the secret. `team_key` and `tier` serve leads that name
    none. `secret` None: one is made. `seal` encrypts it for the table. Raises FieldProblems by name, auth, secret.
    """
    problems: dict[str, str] = {}
    if not NAME.fullmatch(name):
        problems["name"] = "A source's name is 1 to 40 small letters, digits and hyphens, for example website-forms."
    elif session.scalar(select(Source.id).where(Source.name == name)) is not None:
        problems["name"] = f"There is already a source {name}. Pick another name, or make a new secret for it."
    if auth not in SOURCE_AUTHS:
        problems["auth"] = f"Pick how the source proves itself: {' or '.join(SOURCE_AUTHS)}."
    if secret is not None:
        problems |= check_secret(secret, auth)
    if problems:
        raise FieldProblems(problems)
    chosen = secret or new_secret()
    source = Source(
        workspace_id=workspace_id,
        name=name,
        auth=auth,
        sealed_secret=seal(chosen),
        team_key=team_key,
        tier=tier,
        created_at=at,
    )
    session.add(source)
    session.flush()
    audit(session, workspace_id, "source.add", "source", source.id, by=by, at=at, data={"name": name, "auth": auth})
    return chosen


def rotate_source(
    session: Session, workspace_id: int, name: str, *, seal: Callable[[str], str], by: Actor | None = None, at: datetime
) -> str:
    """Give the source a new secret and return it; the old one no longer works. Raises NotFound."""
    source = find_source(session, workspace_id, name)
    secret = new_secret()
    source.sealed_secret = seal(secret)
    session.flush()
    audit(session, workspace_id, "source.rotate", "source", source.id, by=by, at=at)
    return secret


def pause_source(
    session: Session, workspace_id: int, name: str, *, paused: bool, by: Actor | None = None, at: datetime
) -> None:
    """Refuse the source's leads for a while, or take them again. Raises NotFound."""
    source = find_source(session, workspace_id, name)
    if source.paused == paused:
        return
    source.paused = paused
    session.flush()
    audit(session, workspace_id, "source.pause" if paused else "source.resume", "source", source.id, by=by, at=at)


def find_source(session: Session, workspace_id: int, name: str) -> Source:
    """The workspace's source of that name. Raises NotFound."""
    source = session.scalars(
        select(Source)
        .where(Source.workspace_id == workspace_id, Source.name == name)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if source is None:
        raise NotFound("source")
    return source


def check_secret(secret: str, auth: str) -> dict[str, str]:
    """What is wrong with a secret that somebody brings along, by field; empty when it will do."""
    if auth == "standard_webhooks":
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            return {"secret": "A signing secret is whsec_ and base64. Leave it out, and one is made for you."}
        if not secret.startswith("whsec_") or len(key) < 24:
            return {"secret": "A signing secret is whsec_ and at least 24 bytes in base64."}
    elif len(secret) < 24 or not secret.isascii() or not secret.isprintable() or " " in secret:
        return {"secret": "A secret for a header has at least 24 plain characters without spaces."}
    return {}
