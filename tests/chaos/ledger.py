"""What Slack was really made to say: every call that took effect, by the token of the delivery that made it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from playground.client import Slack
from playground.errors import SlackError
from playground.feed import Change
from playground.records import Call, Json


@dataclass(frozen=True, slots=True)
class Said:
    """A message as the last call that took effect left it. `order` counts all calls that took effect."""

    channel: str
    ts: str
    thread_ts: str | None
    token: str
    order: int
    at: float
    content: dict[str, Any]


class Ledger:
    """What was heard of the Web API calls of the app in one workspace, all of them once it is to `hear` its Slack.

    `posts`: each chat.postMessage that took effect, by its token.
    `standing`: what each message says now, by channel and ts; `homes`: the view of each person's Home. `tried`: every
    call of a token, for the dump; `effective`: tokens of which at least one took effect. `shown` and `kept_out`: the
    places where a card of the doctor was shown, and those where Slack takes none, though it was asked. `read`: what
    only the person saw who had done something, with the time, by user id.
    """

    def __init__(self) -> None:
        self.posts: dict[str, list[Said]] = defaultdict(list)
        self.standing: dict[tuple[str, str], Said] = {}
        self.homes: dict[str, Any] = {}
        self.tried: dict[str, list[str]] = defaultdict(list)
        self.effective: set[str] = set()
        self.posted = self.edited = self.calls = 0
        self.shown: Counter[str] = Counter()
        self.kept_out: Counter[str] = Counter()
        self.read: dict[str, list[tuple[float, str]]] = defaultdict(list)

    def hear(self, slack: Slack) -> None:
        """From now on, take down every call."""
        slack.installation.on_call = self.note
        slack.workspace.feed.listen(self._read)
        self._redeem = slack.installation.response_urls.redeem
        slack.installation.response_urls.redeem = self._answer  # type: ignore[method-assign]  # heard, not replaced

    def _answer(self, key: str, body: Json) -> None:
        """An answer by response_url. Of those of the doctor every other place is closed, as after half an hour."""
        if "setup.doctor" not in json.dumps(body.get("blocks")):
            self._redeem(key, body)
        elif crc32(key.encode()) % 2:
            self.kept_out[key] += 1
            raise SlackError("expired_url")
        else:
            self._redeem(key, body)
            self.shown[key] += 1

    def _read(self, change: Change) -> None:
        if change.kind == "ephemeral" and change.viewer is not None:
            message = change.body["message"]
            self.read[change.viewer].append((float(message["ts"]), str(message["text"])))

    def note(self, call: Call) -> None:
        """Take down one call, as the playground logs it."""
        self.calls += 1
        if call.method == "views.publish" and call.answer.get("ok"):
            self.homes[str(call.args["user_id"])] = _structure(call.args["view"])
        if call.method not in ("chat.postMessage", "chat.update"):
            return
        token = str(_structure(call.args.get("metadata"))["event_payload"]["id"])
        done = bool(call.answer.get("ok"))
        outcome = f"ts {call.answer['ts']}" if done else call.answer.get("error")
        when = datetime.fromtimestamp(call.at, UTC).strftime("%H:%M:%S.%f")[:-3]
        self.tried[token].append(f"{when} {call.method} {call.args.get('channel')} {call.status} {outcome}")
        if not done:
            return
        self.effective.add(token)
        before = self.standing.get((str(call.answer["channel"]), str(call.answer["ts"])))
        said = Said(
            channel=str(call.answer["channel"]),
            ts=str(call.answer["ts"]),
            thread_ts=before.thread_ts if before else call.args.get("thread_ts"),
            token=token,
            order=self.calls,
            at=call.at,
            content={
                "text": call.args.get("text"),
                "blocks": _structure(call.args.get("blocks")),
                "attachments": _structure(call.args.get("attachments")),
            },
        )
        self.standing[said.channel, said.ts] = said
        if call.method == "chat.postMessage":
            self.posted += 1
            self.posts[token].append(said)
        else:
            self.edited += 1


def _structure(given: Any) -> Any:
    return json.loads(given) if isinstance(given, str) else given
