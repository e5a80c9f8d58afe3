"""What the doctor says of sources: their secrets and keys, and whether they are there at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.intake.sources import ADAPTERS
from handlers.setup.finding import Finding
from storage.models import Source


def source_findings(session: Session, workspace_id: int, unseal: Callable[[str], str] | None) -> Iterator[Finding]:
    """Whether each source's secret can be read, and its key is there."""
    sources = session.scalars(select(Source).where(Source.workspace_id == workspace_id)).all()
    if unseal is None:
        yield Finding(
            "secret key",
            not sources,
            "TANDEM_SECRET_KEY is not set",
            "Set it to the key that the sources were made with: without it, no signature can be checked."
            if sources
            else "",
        )
        return
    unreadable = []
    for source in sources:
        try:
            unseal(source.sealed_secret)
        except ValueError:
            unreadable.append(source.name)
    if unreadable:
        yield Finding(
            "sources",
            False,
            f"secrets that cannot be read: {', '.join(unreadable)}",
            "Set TANDEM_SECRET_KEY to the key they were made with, or make new secrets in setup.",
        )
        return
    keyless = [one.name for one in sources if one.auth in ADAPTERS and ADAPTERS[one.auth].key_of and not one.sealed_key]
    if keyless:
        advice = "Give each its key in `/tandem setup` → Sources: what they tell waits as failed jobs until then."
        yield Finding("keys of sources", False, f"none for {', '.join(keyless[:5])}", advice)
    paused = sum(source.paused for source in sources)
    known = f"{len(sources) or 'no'} source{'' if len(sources) == 1 else 's'} of leads"
    yield Finding("sources", True, known + (f", {paused} paused" if paused else ""))
