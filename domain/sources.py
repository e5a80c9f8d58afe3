"""Systems that post to us leads, or what was said in calls. Their secrets are told once and kept sealed."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from domain.errors import FieldProblems, NotFound, TandemError
from domain.people import Actor, audit
from storage.locking import locked
from storage.models import Source, SourceHealth, SourceSilence, Workspace, WriteBack, WrittenRecord

AUTHS: Final = (
    "standard_webhooks",
    "header",
    "calendly",
    "google_ads",
    "hubspot",
    "hubspot_workflow",
    "linkedin_leads",
    "marketo",
    "meta_leads",
    "rudderstack",
    "salesforce",
    "segment",
    "typeform",
    "webflow",
    "gong",
    "fireflies",
)
"""The kinds of sources, as they are offered; `handlers/intake/sources/` has a file for each."""

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
SECRET_BYTES: Final = 32
OLD_SECRET_KEPT: Final = timedelta(days=1)
"""How long the secret before the last change is believed: what is on its way, and whoever changes it by hand."""

KEY: Final = re.compile(r"[!-~]{8,2000}")


@dataclass(unsafe_hash=True)
class SourceWrong(TandemError):
    """A source cannot be added like this. `given`: what is wrong, or what there is to pick from."""

    why: Literal[
        "no_name",
        "taken",
        "taken_elsewhere",
        "no_auth",
        "no_base64",
        "short_secret",
        "plain_secret",
        "no_key",
        "no_secret",
    ]
    given: tuple[str, ...] = ()


def new_secret(auth: str = "standard_webhooks") -> str:
    """A secret as Standard Webhooks writes it: `whsec_` and 32 random bytes in base64.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    Vendors get 32 characters that an address takes as they are: some have the secret in the address, and Fireflies
    takes 16 to 32 characters.
    """
    if auth in ("standard_webhooks", "header"):
        return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")
    return secrets.token_urlsafe(24)


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

    `auth`: one of AUTHS. `team_key` and `tier` serve leads that name
    none. `secret` None: one is made. `seal` encrypts it for the table. Raises FieldProblems by name, auth, secret.
    """
    problems: dict[str, TandemError] = {}
    if not NAME.fullmatch(name):
        problems["name"] = SourceWrong("no_name")
    elif (owner := session.scalar(select(Source.workspace_id).where(Source.name == name))) is not None:
        mine = owner == workspace_id
        given = (name,) if mine else (name, free_name(session, workspace_id, name))
        problems["name"] = SourceWrong("taken" if mine else "taken_elsewhere", given)
    if auth not in AUTHS:
        problems["auth"] = SourceWrong("no_auth", AUTHS)
    if secret is not None:
        problems |= check_secret(secret, auth)
    if problems:
        raise FieldProblems(problems)
    chosen = secret or new_secret(auth)
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


def free_name(session: Session, workspace_id: int, name: str) -> str:
    """A name like it that no workspace has: a source's name is its address, so each is there once on a server."""
    domain = session.get_one(Workspace, workspace_id).domain.lower()
    start = f"{domain}-{name}" if NAME.fullmatch(domain) else f"our-{name}"
    names = (start[:40], *(f"{start[:36]}-{number}" for number in range(2, 1000)))
    return next(one for one in names if session.scalar(select(Source.id).where(Source.name == one)) is None)


def rotate_source(
    session: Session, workspace_id: int, name: str, *, seal: Callable[[str], str], by: Actor | None = None, at: datetime
) -> str:
    """Give the source a new secret and return it; the old one works for OLD_SECRET_KEPT. Raises NotFound."""
    source = find_source(session, workspace_id, name)
    secret = new_secret(source.auth)
    _replace_secret(source, seal(secret), at)
    session.flush()
    audit(session, workspace_id, "source.rotate", "source", source.id, by=by, at=at)
    return secret


def end_old_secret(session: Session, workspace_id: int, name: str, *, by: Actor | None = None, at: datetime) -> None:
    """The secret before the last change proves nothing any more, from now on. Raises NotFound."""
    source = find_source(session, workspace_id, name)
    if source.sealed_old_secret is None:
        return
    source.sealed_old_secret = source.old_secret_until = None
    session.flush()
    audit(session, workspace_id, "source.end_old", "source", source.id, by=by, at=at)


def forget_old_secrets(session: Session, at: datetime) -> None:
    """Forget the secrets that prove nothing any more."""
    over = update(Source).where(Source.old_secret_until <= at)
    session.execute(over.values(sealed_old_secret=None, old_secret_until=None))


def forget_source(session: Session, source: Source) -> None:
    """Take a source away, with all that is known of it."""
    for table in (SourceHealth, SourceSilence, WriteBack, WrittenRecord):
        session.execute(delete(table).where(table.source_id == source.id))
    session.delete(source)


def _replace_secret(source: Source, sealed: str, at: datetime) -> None:
    """The secret that there is becomes the old one, and the one before that ends."""
    source.sealed_old_secret, source.old_secret_until = source.sealed_secret, at + OLD_SECRET_KEPT
    source.sealed_secret = sealed


def keep_key(
    session: Session, source: Source, key: str, *, seal: Callable[[str], str], by: Actor, at: datetime
) -> None:
    """Keep, sealed, the key with which Tandem asks the system for more. Raises FieldProblems (`key`)."""
    if not KEY.fullmatch(key):
        raise FieldProblems({"key": SourceWrong("no_key")})
    source.sealed_key = seal(key)
    session.flush()
    audit(session, source.workspace_id, "source.key", "source", source.id, by=by, at=at)


def keep_secret(
    session: Session, source: Source, secret: str, *, seal: Callable[[str], str], by: Actor, at: datetime
) -> None:
    """Keep, sealed, the secret that the vendor made; the one before works for OLD_SECRET_KEPT.

    Raises FieldProblems (`secret`).
    """
    if not KEY.fullmatch(secret):
        raise FieldProblems({"secret": SourceWrong("no_secret")})
    _replace_secret(source, seal(secret), at)
    session.flush()
    audit(session, source.workspace_id, "source.secret", "source", source.id, by=by, at=at)


def note_test(session: Session, source_id: int, at: datetime) -> None:
    """Remember that the vendor tried the source, which its screen tells."""
    session.execute(update(Source).where(Source.id == source_id).values(tested_at=at))


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
        locked(select(Source).where(Source.workspace_id == workspace_id, Source.name == name))
    ).one_or_none()
    if source is None:
        raise NotFound("source")
    return source


def check_secret(secret: str, auth: str) -> dict[str, TandemError]:
    """What is wrong with a secret that somebody brings along, by field; empty when it will do."""
    if auth == "standard_webhooks":
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            return {"secret": SourceWrong("no_base64")}
        if not secret.startswith("whsec_") or len(key) < 24:
            return {"secret": SourceWrong("short_secret")}
    elif len(secret) < 24 or not secret.isascii() or not secret.isprintable() or " " in secret:
        return {"secret": SourceWrong("plain_secret")}
    return {}
