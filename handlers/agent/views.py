"""What Tandem says in its Messages tab: what can be asked, answers with thumbs below them, hints and refusals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from domain.marks import mark
from domain.text import shorten
from domain.voc.ask import Reply
from domain.voc.dm_questions import Asked, Suggestions
from domain.voc.prose import Prose
from domain.voc.query import LONGEST_QUERY
from domain.voc.small_talk import Meaning
from handlers.answers import NOTHING, Answer, Block, Receipt
from handlers.blocks import context, plain, section
from handlers.voc.found import hits_blocks
from handlers.voc.known import Commands
from handlers.voc.prose import BY_A_MODEL, prose_lines, prose_view
from handlers.voc.questions import counts, reply_view, small_print

HELPED: Final = "helped"
VERDICTS: Final = (HELPED, "not")
MOST_PROMPTS: Final = 4
PROMPTS_TITLE: Final = "Ask what customers said"
STATUS: Final = "is looking through what customers said…"

PROMPTS: Final = (
    ("Objections of the last 30 days", "Which objections did customers have in the last 30 days?"),
    ("What customers said this week", "What did customers say in the last 7 days?"),
    ("What CFOs say about security", "What do CFOs say about security?"),
)
"""(title, message): what can be asked in any workspace, also where Tandem may suggest nothing of its own."""

_LINK: Final = re.compile(r"(?<=\])(?=[(\[:])")
_BEGINS_A_BLOCK: Final = re.compile(r"^(?=[#>+=|-]|\d+[.)])")
_UNSEEN: Final = "\u200b"


def prompts(found: Suggestions) -> list[dict[str, str]]:
    """What `assistant.threads.setSuggestedPrompts` takes: four at the most, the workspace's own themes first."""
    own = [(f"What customers say about #{slug}", f"What do customers say about #{slug}?") for slug in found.themes]
    if found.competitor:
        name = f'"{found.competitor}"' if " " in found.competitor else found.competitor
        own.append((f"What is said about {found.competitor}", f"What is said about !{name}?"))
    chosen = [*own, *PROMPTS][:MOST_PROMPTS]
    return [{"title": shorten(title, 75), "message": message} for title, message in chosen]


def listed(reply: Reply, asked: Asked, commands: Commands) -> Receipt:
    """The answer without a model: counts, customers' own words, links."""
    found = reply_view(reply, commands, below=True)
    return replace(found, blocks=[*found.blocks, thumbs(asked)])


def in_sentences(prose: Prose, asked: Asked) -> Receipt:
    """The answer that a model wrote, as one message."""
    found = prose_view(asked.text, prose, below=True)
    return replace(found, blocks=[*found.blocks, thumbs(asked)])


def begun(reply: Reply) -> str:
    """How a streamed answer begins, as Markdown: how much there is, while the model reads it."""
    return f"{_made_harmless(counts(replace(reply, since=None)))}\n\n"


def streamed_lines(prose: Prose) -> list[str]:
    """The sentences as Markdown, one paragraph each."""
    return [f"{_made_harmless(line)}\n\n" for line in prose_lines(prose)]


def below_sentences(prose: Prose, asked: Asked) -> list[Block]:
    """What stands below streamed sentences: the items that they name, and the thumbs."""
    return [context(BY_A_MODEL), *hits_blocks(prose.hits, numbered=True), thumbs(asked)]


def below_counts(reply: Reply, asked: Asked) -> list[Block]:
    """What stands below the counts where the model wrote nothing that can be shown."""
    return [*small_print(reply), *hits_blocks(reply.hits), thumbs(asked)]


def thumbs(asked: Asked) -> Block:
    """Slack's own buttons for whether an answer helped."""
    name = mark(asked.id, asked.at)

    def thumb(label: str, verdict: str, said: str) -> dict[str, Any]:
        return {"text": plain(label, limit=75), "value": f"{name}:{verdict}", "accessibility_label": said}

    buttons = {
        "type": "feedback_buttons",
        "action_id": "agent.judge",
        "positive_button": thumb("Helped", HELPED, "This answer helped"),
        "negative_button": thumb("Did not help", "not", "This answer did not help"),
    }
    return {"type": "context_actions", "block_id": "agent.thumbs", "elements": [buttons]}


def judged(*, helped: bool, is_new: bool) -> Answer:
    """What whoever pressed a thumb reads, once."""
    if not is_new:
        return NOTHING
    if helped:
        return Receipt("Noted: this answer helped. Only the number is shown to others.")
    tip = "A #theme, an @account or `last 90 days` in the question often finds what is meant."
    return Receipt(f"Noted: this answer did not help. Only the number is shown to others. {tip}")


def hint(meaning: Meaning, text: str, commands: Commands) -> Receipt:
    """What somebody reads who wrote something that is no question about customers."""
    ask = "Ask me what customers said, for example: _What do CFOs say about security?_"
    log = f"To log what a customer said, type `{commands.voc}` and their words."
    match meaning:
        case "too_long":
            words = f"{len(text):,} characters are too long for a question: {LONGEST_QUERY} are the most. {log}"
        case "statement":
            words = f"Was that a question? Then end it with a question mark. {log} Nothing was logged."
        case _:
            words = f"Happy to help. {ask} {log}"
    return Receipt(words, [section(words)])


def refused() -> Receipt:
    """What a guest reads."""
    words = (
        "You are a guest in this Slack workspace, so I cannot tell you what customers said. A member can ask for you."
    )
    return Receipt(words, [section(words)])


def _made_harmless(line: str) -> str:
    """No link, no heading and no list by what somebody wrote. `line`: escaped as mrkdwn."""
    return _BEGINS_A_BLOCK.sub(_UNSEEN, _LINK.sub(_UNSEEN, line.replace("\\", "\\\\")))


def manifest_prompts() -> Sequence[dict[str, str]]:
    """What the app's manifest suggests."""
    return [{"title": title, "message": message} for title, message in PROMPTS]
