"""What content looks like in Slack: a week's figures, and what a search found."""

from __future__ import annotations

from collections.abc import Sequence

from digests.mrkdwn import link
from digests.rendering import render_content
from domain.performance import FOUND, RECENT_WEEKS, ContentWeek, FoundAsset
from domain.text import shorten
from handlers import blocks as b
from handlers.answers import Receipt

_TITLE = 120
_LINKED = 250


def performed(week: ContentWeek | None, command: str) -> Receipt:
    """The last week that has figures."""
    if week is None:
        return Receipt("No content figures came in yet. Marketing imports them: `./tandem import content FILE.csv`.")
    hint = b.context(f"Changes are against the week before · `{command} find WORDS` finds something to send")
    return Receipt("How content performed", [*render_content(week), hint])


def found(assets: Sequence[FoundAsset], words: str) -> Receipt:
    """What a search found, with links to send on."""
    shown = b.escape(shorten(" ".join(words.split()), 80))
    if not assets:
        return Receipt(f"Nothing with “{shown}” in its title, theme, kind or persona. Try other or fewer words.")
    lines = [_line(asset) for asset in assets]
    blocks = [b.section("\n".join(lines[start : start + 3])) for start in range(0, len(lines), 3)]
    notes = [f"Figures of the last {RECENT_WEEKS} weeks"]
    if len(assets) == FOUND:
        notes.append(f"the first {FOUND} are shown: more words find less")
    return Receipt(f"Content with “{shown}”", [*blocks, b.context(" · ".join(notes))])


def help_text(command: str) -> Receipt:
    """How `/content` is used."""
    return Receipt(
        f"`{command}` tells which content performed last week.\n"
        f"`{command} find pricing` finds content by title, theme, kind or persona, to send to a customer."
    )


def _line(asset: FoundAsset) -> str:
    url = asset.url if asset.url and len(asset.url) <= _LINKED else None
    facts = [b.escape(shorten(word, 40)) for word in (asset.kind, asset.theme) if word]
    if asset.views is not None:
        facts.append(_times(asset.views, "view"))
    if asset.leads is not None:
        facts.append(_times(asset.leads, "lead"))
    about = f"\n{' · '.join(facts)}" if facts else ""
    return f"*{link(shorten(asset.title, _TITLE), url)}*{about}"


def _times(count: int, word: str) -> str:
    return f"{count:,} {word if count == 1 else word + 's'}"
