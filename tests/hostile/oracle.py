"""What must be in nothing that the program says: insides of errors, secrets, pings, the other company's words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from playground.errors import SlackError
from playground.markup import pings_in, pings_in_blocks
from playground.methods.views import checked_view
from tests.hostile.company import MARK
from tests.hostile.words import BAIT

INSIDES = re.compile(
    r"Traceback \(most recent|File \"/|site-packages|\bsqlalchemy\b|\bpsycopg\b|\bsqlite3\b|\bpydantic\b"
    r"|\b[A-Z]\w*(?:Error|Exception)\b|\bINSERT INTO\b|\bSELECT \w+\.|NoneType|object has no attribute"
)
BROADCASTS = ("channel", "here", "everyone")
LINKS = re.compile(r"<(?:https://evil\.example|javascript:)")
NOT_ITS_FAULT = frozenset(
    {"file_not_found", "invalid_trigger_id", "expired_trigger_id", "exchanged_trigger_id", "not_found", "hash_conflict"}
    | {"no_active_hooks", "used_url", "expired_url", "channel_not_found", "user_not_found", "message_not_found"}
    | {"function_execution_not_found"}
)
"""Refusals that follow from made-up view ids, triggers, steps and places: somebody Slack never met may take a lead."""

BUGS = re.compile(
    r"^(Type|Key|Attribute|Value|Index|Lookup|Recursion|Unicode\w*|Overflow|Assertion|Integrity|Data)Error"
)


class Oracle:
    """Judges what the program says. `secrets`: texts that must appear nowhere."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self.secrets = secrets

    def wrong_with_text(self, said: str) -> Iterator[str]:
        """What no answer, message, metric or log may hold."""
        folded = said.casefold()
        if MARK in folded:
            yield "cross-workspace: the other company's words"
        if any(secret in said for secret in self.secrets):
            yield "secret: one of ours is told"
        found = INSIDES.search(said)
        if found:
            yield f"insides: {found[0]}"
        if "Something broke in Tandem" in said:
            yield "broke: an error nobody foresaw"

    def wrong_with_message(self, message: Any) -> Iterator[str]:
        """A message, a view, or an answer with such things in it, parsed."""
        yield from self.wrong_with_text(json.dumps(message, ensure_ascii=False, default=str))
        if not isinstance(message, dict):
            return
        targets = pings_in_blocks([message])
        if isinstance(message.get("text"), str):
            targets += pings_in(message["text"])
        for target in targets:
            if target in BROADCASTS or target.startswith("subteam") or target == BAIT:
                yield f"broadcast: pings {target}"
        for text in _mrkdwn(message):
            if LINKS.search(text):
                yield "broadcast: a link of a stranger's making"

    def wrong_with_answer(self, kind: str, status: int, body: str, *, odd: bool) -> Iterator[str]:
        """The HTTP answer to a request of this kind. `odd`: it was not as Slack sends it."""
        if status >= 500:
            yield f"5xx: {status}"
        if status == 404 and not odd:
            yield "unhandled: 404"
        yield from self.wrong_with_text(body)
        if status != 200 or not body.startswith("{"):
            return
        parsed = json.loads(body)
        if kind == "command":
            yield from self.wrong_with_message(parsed)
        elif kind == "submission":
            yield from self.wrong_with_submission(parsed)

    def wrong_with_submission(self, parsed: dict[str, Any]) -> Iterator[str]:
        """What answers a submission."""
        match parsed.get("response_action"):
            case "errors":
                errors = parsed.get("errors")
                if (
                    not isinstance(errors, dict)
                    or not errors
                    or not all(isinstance(one, str) for one in errors.values())
                ):
                    yield "refused: invalid errors"
            case "update" | "push":
                yield from self.wrong_with_message(parsed.get("view"))
                try:
                    checked_view(parsed.get("view"), kind="modal")
                except SlackError as refusal:
                    yield f"refused: {refusal.name} {' '.join(refusal.messages)[:200]}"
            case None | "clear":
                return
            case other:
                yield f"refused: response_action {other}"

    def wrong_with_log(self, line: str) -> Iterator[str]:
        """A line of the program's log, in JSON."""
        yield from (one for one in self.wrong_with_text(line) if one.startswith("secret"))
        try:
            entry = json.loads(line)
        except ValueError:
            yield f"log: not JSON: {line[:200]}"
            return
        event = str(entry.get("event"))
        if "exception" in entry or entry.get("level") in ("error", "critical"):
            made_up = event == "delivery failed" and entry.get("error") in NOT_ITS_FAULT
            if not made_up and not event.startswith("workspace stopped"):
                yield f"log: {event}: {_last_line(entry)}"
        elif BUGS.match(str(entry.get("error", ""))):
            yield f"log: {event}: {entry['error']}"


def _last_line(entry: dict[str, Any]) -> str:
    raised = str(entry.get("exception", "")).strip().splitlines()
    places = [one.strip() for one in raised if one.lstrip().startswith("File ") and "site-packages" not in one]
    return f"{raised[-1][:160]} at {places[-1]}" if raised and places else str(entry.get("error", ""))[:160]


def _mrkdwn(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            yield str(node.get("text", ""))
        for value in node.values():
            yield from _mrkdwn(value)
    elif isinstance(node, list):
        for value in node:
            yield from _mrkdwn(value)
