"""Slack's markup: what a person typed as Slack stores it, who a text pings, and what a reader sees of a message.

Sources: https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from playground.records import Json

_REFERENCE = re.compile(r"<([^<>\n]+)>")
_PING = re.compile(r"<(@([UW][A-Z0-9]+)|!(channel|here|everyone|subteam\^[A-Z0-9]+))(\|[^<>\n]*)?>")
_STYLE = re.compile(r"(?<![\w*_~`])([*_~`])(?=\S)([^\n]*?\S)\1(?![\w*_~`])")
_TYPED_PERSON = re.compile(r"(?<![\w@])@(\w(?:[\w.-]*\w)?)")
_TYPED_CHANNEL = re.compile(r"(?<![\w#&])#(\w[\w-]*)")
_TYPED_URL = re.compile(r"https?://[^\s<>|]+")


def escape(text: str) -> str:
    """Text with Slack's three control characters made harmless."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """The reverse of `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typed(text: str, people: Mapping[str, str], channels: Mapping[str, str], *, names: bool = False) -> str:
    """What a person typed, as Slack stores it: escaped, with @people, #channels and links turned into references.

    `people` and `channels` map names to ids; with `names`, people are named too, as in slash commands.
    """

    def person(found: re.Match[str]) -> str:
        name = found[1]
        if name in ("channel", "here", "everyone") and not names:
            return f"<!{name}>"
        known = people.get(name)
        return found[0] if known is None else f"<@{known}|{name}>" if names else f"<@{known}>"

    def channel(found: re.Match[str]) -> str:
        known = channels.get(found[1])
        return f"<#{known}|{found[1]}>" if known else found[0]

    linked = _TYPED_URL.sub(lambda found: f"<{found[0]}>", escape(text))
    return _TYPED_CHANNEL.sub(channel, _TYPED_PERSON.sub(person, linked))


def links_in(text: str) -> list[str]:
    """The addresses that a stored text links to, each once, in their order."""
    found = (one.partition("|")[0] for one in _REFERENCE.findall(text))
    return list(dict.fromkeys(unescape(one) for one in found if one.startswith(("http://", "https://"))))


def pings_in(text: str) -> list[str]:
    """Who a mrkdwn text notifies: members' ids, `channel`, `here`, `everyone`, `subteam^S…`."""
    return [found[2] or found[3] for found in _PING.finditer(text)]


def pings_in_blocks(blocks: Iterable[Any]) -> list[str]:
    """Who the blocks of a message notify, in mrkdwn texts and in rich text."""
    targets: list[str] = []
    for node in _walk(blocks):
        match node.get("type"):
            case "mrkdwn":
                targets += pings_in(str(node.get("text", "")))
            case "markdown" if isinstance(node.get("text"), str):
                targets += pings_in(node["text"])
            case "user":
                targets.append(str(node.get("user_id")))
            case "broadcast":
                targets.append(str(node.get("range")))
            case "usergroup":
                targets.append(str(node.get("usergroup_id")))
    return targets


def _walk(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _walk(value)


class Reader:
    """Turns messages and views into the plain text that a person reads; `name_of` names members and channels by id.

    Emphasis marks are dropped, links show their label, dates show their fallback.
    """

    def __init__(self, name_of: Callable[[str], str]) -> None:
        self._name_of = name_of

    def mrkdwn(self, text: str) -> str:
        """A mrkdwn text as it is read."""
        shown = _REFERENCE.sub(self._reference, text)
        for _ in range(3):
            shown, changed = _STYLE.subn(r"\2", shown)
            if not changed:
                break
        return unescape(shown)

    def _reference(self, found: re.Match[str]) -> str:
        target, _, label = found[1].partition("|")
        if target.startswith("!date^"):
            return label or target.split("^")[2]
        if target.startswith("!"):
            return label or f"@{target[1:].split('^')[0]}"
        if target.startswith("@"):
            return f"@{self._name_of(target[1:])}"
        if target.startswith("#"):
            return f"#{label or self._name_of(target[1:])}"
        return label or target.removeprefix("mailto:")

    def message(self, text: str, blocks: list[Json] | None, attachments: list[Json] | None = None) -> str:
        """All that is visible of a message. `text` shows only where there are no blocks, as in Slack."""
        parts = [self.blocks(blocks)] if blocks else [self.mrkdwn(text)]
        for attachment in attachments or []:
            parts.append(self.blocks(attachment.get("blocks") or []))
            parts += [self.mrkdwn(str(attachment[key])) for key in ("pretext", "title", "text") if key in attachment]
        return "\n".join(part for part in parts if part)

    def blocks(self, blocks: Iterable[Json]) -> str:
        """The texts of blocks, a line each; labels of buttons and options are not text (see `buttons`)."""
        return "\n".join(line for block in blocks for line in self._lines(block) if line)

    def _text(self, node: Any) -> str:
        if isinstance(node, str):
            return node
        if not isinstance(node, dict):
            return ""
        if node.get("type") == "rich_text":
            return "\n".join(self._rich(node))
        text = str(node.get("text", ""))
        return self.mrkdwn(text) if node.get("type") == "mrkdwn" else text

    def _lines(self, block: Json) -> Iterator[str]:
        match block.get("type"):
            case "rich_text":
                yield from self._rich(block)
            case "markdown":
                yield str(block.get("text", ""))
            case "table" | "data_table":
                for row in block.get("rows", []):
                    yield " | ".join(self._text(cell) for cell in row)
            case "input":
                yield self._text(block.get("label"))
                yield from self._typed_in(block.get("element", {}))
                yield self._text(block.get("hint"))
            case "image":
                yield self._text(block.get("title"))
                yield str(block.get("alt_text", ""))
            case "context":
                shown = (
                    self._text(one) if "text" in one else str(one.get("alt_text", "")) for one in block["elements"]
                )
                yield " ".join(shown)
            case "carousel":
                for card in block.get("elements", []):
                    yield from self._lines(card)
            case _:
                for key in ("title", "rich_text_title", "subtitle", "text", "body", "description"):
                    yield self._text(block.get(key))
                for cell in block.get("fields", []):
                    yield self._text(cell)
                for child in block.get("child_blocks", []):
                    yield from self._lines(child)

    def _typed_in(self, element: Json) -> Iterator[str]:
        yield str(element.get("initial_value", ""))

    def _rich(self, block: Json) -> Iterator[str]:
        for part in block.get("elements", []):
            if part.get("type") == "rich_text_list":
                for index, item in enumerate(part.get("elements", []), start=1 + int(part.get("offset", 0))):
                    mark = f"{index}. " if part.get("style") == "ordered" else "• "
                    yield mark + "".join(self._inline(one) for one in item.get("elements", []))
            else:
                yield "".join(self._inline(one) for one in part.get("elements", []))

    def _inline(self, one: Json) -> str:
        match one.get("type"):
            case "user":
                return f"@{self._name_of(str(one['user_id']))}"
            case "channel":
                return f"#{self._name_of(str(one['channel_id']))}"
            case "broadcast":
                return f"@{one['range']}"
            case "emoji":
                return f":{one['name']}:"
            case "link":
                return str(one.get("text") or one.get("url", ""))
            case "date":
                return str(one.get("fallback") or one.get("timestamp", ""))
            case _:
                return str(one.get("text", ""))


def as_rich_text(text: str, block_id: str) -> list[Json]:
    """The one `rich_text` block that Slack gives a person's message, from the text as stored."""
    inline: list[Json] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        if found.start() > end:
            inline.append({"type": "text", "text": unescape(text[end : found.start()])})
        inline.append(_inline_reference(found[1]))
        end = found.end()
    if end < len(text):
        inline.append({"type": "text", "text": unescape(text[end:])})
    section = {"type": "rich_text_section", "elements": inline}
    return [{"type": "rich_text", "block_id": block_id, "elements": [section]}]


def _inline_reference(reference: str) -> Json:
    target, _, label = reference.partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    return {"type": "link", "url": target, **({"text": label} if label else {})}
