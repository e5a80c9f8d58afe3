"""What people see of a digest before it goes out: the preview, and what its settings come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from digests.audiences import DigestSettings, Preview, SavedAudience
from digests.kinds import KINDS
from digests.rendering import render_edition
from domain.config.values import WEEKDAYS, describe_minute
from domain.marks import mark
from handlers import blocks as b
from handlers.answers import Answer, Block, CloseModal, Receipt, UpdateModal
from handlers.setup.digests import SETUP, digests_list, name_of


def preview(preview: Preview, *, replace: bool = False) -> Receipt:
    """What the digest would say now, with where and when it really goes out."""
    kind = preview.facts.kind
    rendered = render_edition(preview.facts)
    buttons = [b.button(other.title, "digest.preview", other.name) for other in KINDS.values() if other.name != kind]
    if preview.may_change and preview.settings is not None:
        buttons.append(b.button("Settings", "digest.settings", _marked(preview.settings)))
    blocks: list[Block] = [
        b.context(f"Preview, only for you. Last 7 days. {_goes_out(preview.settings)}"),
        *rendered.blocks,
        b.actions(*buttons, block_id="digest"),
    ]
    return Receipt(f"Preview: {rendered.text}", blocks, replace)


def changed(remembered: Mapping[str, Any]) -> Callable[[SavedAudience], Answer]:
    """The answer to saved settings: when the next digest comes, or the list that the form was opened from."""

    def answer(done: SavedAudience) -> Answer:
        if remembered.get("from") == SETUP:
            return UpdateModal(digests_list(done.saved.overview, remembered, done.saved))
        text = f"Saved: {name_of(done.settings)}. {_goes_out(done.settings)}"
        if remembered.get("response_url"):
            return CloseModal(Receipt(text))
        return UpdateModal(b.modal("digest.saved", "Digest", [b.section(text)], submit=None, close="Close"))

    return answer


def _goes_out(settings: DigestSettings | None) -> str:
    """Where and when, or why not."""
    if settings is None:
        return "No channel gets this digest yet."
    if settings.channel is None:
        return "This digest does not go out yet: it has no channel."
    if settings.paused:
        return f"This digest is paused. Its channel is <#{settings.channel}>."
    when = f"{WEEKDAYS[settings.weekday]}s at {describe_minute(settings.minute)} ({b.escape(settings.zone)})"
    following = f", next {b.date(settings.next_at)}" if settings.next_at else ""
    return f"This digest goes to <#{settings.channel}> on {when}{following}."


def _marked(settings: DigestSettings) -> str:
    return mark(settings.id, settings.created_at)
