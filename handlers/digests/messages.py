"""The message of an edition, made from the facts that were frozen when it was due."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from digests.editions import load_facts
from digests.kinds import KINDS
from digests.rendering import render_edition
from handlers.messages import Messages, OfNewerRelease, Rendering, Subject
from storage.models import Edition

messages = Messages()


@messages.kind("edition")
def render(session: Session, subject: Subject) -> Rendering | None:
    edition = session.scalars(
        select(Edition).where(Edition.id == subject.id, Edition.workspace_id == subject.workspace_id)
    ).one_or_none()
    if edition is None or edition.state != "frozen":
        return None
    if edition.facts["kind"] not in KINDS:
        raise OfNewerRelease(f"nothing tells a {edition.facts['kind']} digest")
    rendered = render_edition(load_facts(edition))
    return Rendering(rendered.text, rendered.blocks)
