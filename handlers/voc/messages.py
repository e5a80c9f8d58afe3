"""What the courier says of calls that recorders told of: whoever held one reads what was logged in their name."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.text import shorten
from domain.voc.facts import KIND_NAMES, load_items
from domain.voc.heard import TOLD
from handlers.blocks import context, escape, quote, section
from handlers.messages import Messages, Rendering, Subject
from handlers.voc.views import understood

WORDS_SHOWN = 400
MOST_SHOWN = 10

messages = Messages()


@messages.kind(TOLD)
def call_logged(session: Session, subject: Subject) -> Rendering | None:
    """The items of one call that are still there and theirs, as they are now."""
    ids = [one for one in subject.data.get("items", ()) if isinstance(one, int)]
    items = [item for item in load_items(session, subject.workspace_id, ids) if item.author == subject.place]
    if not items:
        return None
    called = f" “{escape(str(subject.data['call']))}”" if subject.data.get("call") else ""
    what = "1 item" if len(items) == 1 else f"{len(items)} items"
    text = f"{what} from the call{called}"
    why = "you held the call" if subject.data.get("held") else "nobody of this workspace is known as its host"
    blocks = [section(f"*{text}*\nLogged in your name: {why}.")]
    for item in items[:MOST_SHOWN]:
        blocks.append(section("  ·  ".join([f"*{KIND_NAMES[item.kind]}*", *understood(item, mark_new=True)])))
        blocks.append(quote(shorten(item.verbatim, WORDS_SHOWN)))
    blocks.append(context(f"Not right? `/{subject.prefix}voc list` shows your last items, to edit or undo."))
    return Rendering(text, blocks)
