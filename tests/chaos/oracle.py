"""The oracle: compares what should stand in Slack with what does, after the faults have ended and all is drained.

It counts what Slack was made to say (the ledger), not what the program believes it said.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from storage.models import Delivery, LeadEvent
from tests.chaos.answers import Answers
from tests.chaos.buttons import look_at_buttons
from tests.chaos.clicks import look_at_clicks
from tests.chaos.clocks import AtWork, look_at_clocks
from tests.chaos.happened import answered, is_given_back, joined, moved_away, owner_at, taken_back
from tests.chaos.jobs import Errands, look_at_jobs
from tests.chaos.ledger import Ledger, Said
from tests.chaos.losers import look_at_losers
from tests.chaos.records import Records, Violation

STANDSTILL = 3.0
"""Seconds a worker must have been at work without a rung's being applied before it counts as missed, beyond what nine
of ten breaches of the same run took: on a busy machine everything does."""


class Oracle:
    """One comparison, of one workspace. `issued`: the audience and period end of each digest that was made due.

    `others`: the names of the other companies, of whom nothing may stand here. `committed`: when each clock was
    (seconds since the epoch), where that is known, and `happened` the same of each event. `ahead`: how many seconds the
    program's clock was ahead of Slack's at most. `given_up`: whether a delivery ended as failed since Slack refused it
    for as long as it is tried; its card may be stale then, until the next delivery of the card ends.
    """

    def __init__(
        self,
        records: Records,
        ledger: Ledger,
        answers: Answers,
        at_work: AtWork,
        issued: Sequence[tuple[int, datetime]],
        errands: Errands,
        *,
        others: Sequence[str] = (),
        in_one_order: bool,
        committed: Mapping[int, float] | None = None,
        happened: Mapping[int, float] | None = None,
        ahead: float = 0.0,
        given_up: Callable[[Delivery], bool] = lambda _row: False,
    ) -> None:
        self.records = records
        self.ledger = ledger
        self.answers = answers
        self.at_work = at_work
        self.issued = issued
        self.errands = errands
        self.others = others
        self.committed = committed or {}
        self.happened = happened or {}
        self.ahead = ahead
        self.given_up = given_up
        self.slack_of_order = timedelta(0 if in_one_order else 3)
        late = sorted(records.lateness())
        self.standstill = STANDSTILL + (late[len(late) * 9 // 10] if late else 0.0)
        self.rows: dict[tuple[str, int, str], list[Delivery]] = defaultdict(list)
        self.places = dict(records.lanes)
        for row in records.deliveries.values():
            if row.card_id is not None:
                self.places[row.lane_id] = records.cards[row.card_id].place
        for row in records.deliveries.values():
            self.rows[row.kind, row.subject_id, self.places.get(row.lane_id, "")].append(row)

    def violations(self) -> list[Violation]:
        """Everything that is wrong."""
        return [
            *self._outbox(),
            *self._leads(),
            *self._alerts(),
            *self._handoffs(),
            *self._editions(),
            *self._cards(),
            *look_at_buttons(self.records),
            *look_at_losers(self.records, self.posts_of),
            *look_at_clocks(self.records, self.at_work, self.standstill, self.committed, self.happened),
            *self._answers(),
            *self._order(),
            *self._strays(),
            *look_at_jobs(self.records, self.ledger, self.answers, self.errands),
        ]

    # Rows against posts.

    def _outbox(self) -> Iterator[Violation]:
        for token, posts in self.ledger.posts.items():
            row = self.records.deliveries.get(token)
            if row is None:
                yield Violation("stray", f"a message without a delivery: {posts[0].content['text']}", (token,))
            if len(posts) > 1:
                yield Violation("doubled", f"one delivery was posted {len(posts)} times", (token,))
        for token, row in self.records.deliveries.items():
            if row.state in ("pending", "sending"):
                yield Violation("unsettled", f"{row.kind} {row.subject_id} is {row.state}", (token,))
            elif row.state == "failed":
                if not self.given_up(row):
                    yield Violation("failed", f"{row.kind} {row.subject_id}: {row.error}", (token,))
            elif row.state == "sent" and row.kind != "home" and token not in self.ledger.effective:
                yield Violation("lost", f"{row.kind} {row.subject_id} is recorded as sent and is not there", (token,))

    def _strays(self) -> Iterator[Violation]:
        """What stands here and tells of another company, and reminders at somebody who does not have the lead."""
        events = {one.id: one for those in self.records.events.values() for one in those}
        for (kind, subject, place), rows in self.rows.items():
            if kind == "lead_reminder" and any(row.token in self.ledger.posts for row in rows):
                event = events[subject]
                owner = owner_at(self.records.events[event.lead_id], event)
                if self.records.members[owner].slack_user_id != place:
                    tokens = tuple(row.token for row in rows)
                    yield Violation("stray", f"the reminder of event {subject} went to {place}", tokens)
        texts = [(f"{said.channel} {said.ts}", said.content) for said in self.ledger.standing.values()]
        for where, content in [*texts, *self.ledger.homes.items()]:
            told = json.dumps(content)
            for other in self.others:
                if other in told:
                    yield Violation("stray", f"{where} tells of {other}: {told}")

    def posts_of(self, kind: str, subject: int, place: str) -> tuple[list[Said], list[Delivery]]:
        """What was posted of a kind, about a subject, at a place; and the deliveries that said so."""
        rows = self.rows.get((kind, subject, place), [])
        return [said for row in rows for said in self.ledger.posts.get(row.token, ())], rows

    def _exactly_one(self, kind: str, subject: int, place: str, what: str) -> Iterator[Violation]:
        posts, rows = self.posts_of(kind, subject, place)
        if len(posts) != 1:
            wrong = "doubled" if posts else "lost"
            yield Violation(wrong, f"{what} stands {len(posts)} times", tuple(row.token for row in rows))

    # What each kind of cause calls for.

    def _leads(self) -> Iterator[Violation]:
        for key, lead_id in self.answers.leads.items():
            lead = self.records.leads.get(lead_id)
            if lead is None or lead.external_id != key:
                yield Violation("lost", f"the sender was told that {key} is lead {lead_id}; it is not there")
        titles = Counter(
            str(said.content["blocks"][0]["elements"][0]["elements"][0]["text"])
            for said in self.ledger.standing.values()
            if said.channel.startswith("C") and said.thread_ts is None and _is_lead(said)
        )
        for lead in self.records.leads.values():
            team = self.records.teams[lead.team_id]
            assert team.channel is not None
            if team.key != self.answers.teams.get(lead.external_id or lead.email or ""):
                yield Violation("wrong card", f"lead {lead.id} went to {team.key}")
            yield from self._exactly_one("lead_card", lead.id, team.channel, f"the card of lead {lead.id}")
            if titles[lead.name] != 1:
                yield Violation(
                    "doubled" if titles[lead.name] else "lost", f"{lead.name} stands {titles[lead.name]} times"
                )
            yield from self._own_cards(lead.id)

    def _own_cards(self, lead_id: int) -> Iterator[Violation]:
        """Each giving of a lead is one new DM, unless the lead had moved on before it could be sent."""
        events = self.records.events[lead_id]
        gives: dict[int, list[LeadEvent]] = defaultdict(list)
        for event in events:
            to = event.data.get("to")
            if to is not None and event.kind in ("given", "reassigned", "handed_back") and event.by_id != to:
                gives[to].append(event)
        for member_id, given in gives.items():
            place = self.records.members[member_id].slack_user_id
            posts, rows = self.posts_of("lead_dm", lead_id, place)
            tokens = tuple(row.token for row in rows)
            if len(posts) > len(given):
                yield Violation(
                    "doubled", f"lead {lead_id}: {len(posts)} DMs to {place} for {len(given)} gives", tokens
                )
            excused = sum(moved_away(rows, one, events) or joined(rows, one, given) for one in given)
            if len(posts) + excused < len(given):
                yield Violation("lost", f"lead {lead_id}: {len(posts)} DMs to {place} for {len(given)} gives", tokens)

    def _alerts(self) -> Iterator[Violation]:
        for lead_id, events in self.records.events.items():
            lead = self.records.leads[lead_id]
            manager = self.records.teams[lead.team_id].manager_id
            for event in events:
                if event.kind == "breached":
                    assert manager is not None
                    if event.data.get("nobody") is None and owner_at(events, event) == manager:
                        continue  # nobody is told of themselves
                    yield from self._alert("lead_breach", event, self.records.members[manager].slack_user_id)
                elif event.kind == "reminded":
                    owner = owner_at(events, event)
                    yield from self._alert("lead_reminder", event, self.records.members[owner].slack_user_id)

    def _alert(self, kind: str, event: LeadEvent, place: str) -> Iterator[Violation]:
        posts: list[Said] = []
        rows: list[Delivery] = []
        for named in self.records.gathered.get((event.id, place), [event.id]):  # with others, or alone
            said, told = self.posts_of(kind, named, place)
            posts, rows = [*posts, *said], [*rows, *told]
        tokens = tuple(row.token for row in rows)
        what = f"{kind} of event {event.id} (lead {event.lead_id})"
        if len(posts) > 1:
            yield Violation("doubled", f"{what} stands {len(posts)} times", tokens)
        if not posts and not answered(rows, event, self.records.events[event.lead_id]):
            yield Violation("lost", f"{what} is not there", tokens)
        # A message that asks nobody for anything was begun when the lead had moved on already.
        if posts and '"action_id": "lead.' not in json.dumps(posts[0].content):
            yield Violation("stray", f"{what} was posted though nothing was left to do", tokens)

    def _handoffs(self) -> Iterator[Violation]:
        by_event = defaultdict(list)
        for row in self.records.deliveries.values():
            if row.kind == "lead_handoff":
                by_event[row.subject_id].append(row)
        for lead_id, events in self.records.events.items():
            channel = self.records.teams[self.records.leads[lead_id].team_id].channel
            cards = [row for row in self.rows["lead_card", lead_id, str(channel)] if row.token in self.ledger.posts]
            for event in events:
                if event.kind not in ("reassigned", "taken", "declined", "handed_back") and not is_given_back(event):
                    continue
                posts = [said for row in by_event[event.id] for said in self.ledger.posts.get(row.token, ())]
                tokens = tuple(row.token for row in by_event[event.id])
                if not posts and taken_back(by_event[event.id], event, events):
                    continue
                if len(posts) != 1:
                    wrong = "doubled" if posts else "lost"
                    yield Violation(wrong, f"the handoff {event.id} stands {len(posts)} times", tokens)
                elif not cards or posts[0].thread_ts != self.ledger.posts[cards[0].token][0].ts:
                    yield Violation("wrong card", f"the handoff {event.id} is not under its card", tokens)

    def _editions(self) -> Iterator[Violation]:
        made = {(one.audience_id, one.period_end): one for one in self.records.editions}
        for audience_id, end in self.issued:
            if (audience_id, end) not in made:
                yield Violation("lost", f"no edition of audience {audience_id} for {end}")
        if len(self.records.editions) != len(self.issued):
            yield Violation("doubled", f"{len(self.records.editions)} editions for {len(self.issued)} that were due")
        rows = defaultdict(list)
        for row in self.records.deliveries.values():
            if row.kind == "edition":
                rows[row.subject_id].append(row)
        for edition in self.records.editions:
            posts = [said for row in rows[edition.id] for said in self.ledger.posts.get(row.token, ())]
            if len(posts) != 1:
                wrong = "doubled" if posts else "lost"
                tokens = tuple(row.token for row in rows[edition.id])
                yield Violation(wrong, f"edition {edition.id} stands {len(posts)} times", tokens)
            elif posts[0].channel != self.records.audiences[edition.audience_id].channel:
                yield Violation("stray", f"edition {edition.id} stands in {posts[0].channel}")

    # Every card tells the truth.

    def _cards(self) -> Iterator[Violation]:
        for card_id in self.records.truth:
            yield from self._card(card_id)

    def quiet_cards(self, since: datetime) -> Iterator[Violation]:
        """The same in the middle of it, of cards for which nothing is on its way, and was not since then."""
        rows = self.records.deliveries.values()
        moving = {row.card_id for row in rows if row.finished_at is None or row.finished_at > since}
        for card_id in self.records.truth:
            if card_id not in moving:
                yield from self._card(card_id)

    def _card(self, card_id: int) -> Iterator[Violation]:
        card, truth = self.records.cards[card_id], self.records.truth[card_id]
        if card.kind == "home":
            home, truth = _lasting(self.ledger.homes.get(card.place)), _lasting(truth)
            if _plain(home) != _plain(truth):
                differ = f"{json.dumps(_plain(home))}\n    should be {json.dumps(_plain(truth))}"
                tokens = tuple(row.token for row in self.rows["home", card.subject_id, card.place])
                yield Violation("wrong card", f"the Home of {card.place} says {differ}", tokens)
            return
        said = self.ledger.standing.get((str(card.channel), str(card.ts)))
        rows = self.rows[card.kind, card.subject_id, card.place]
        tokens = tuple(row.token for row in rows)
        what = f"{card.kind} {card.subject_id} at {card.place}"
        posted = [one.ts for token in tokens for one in self.ledger.posts.get(token, ())]
        if said is None or card.ts not in posted:
            yield Violation("lost", f"{what} does not stand where its row says", tokens)
        elif (last := max(rows, key=lambda row: row.id)).state == "failed" and self.given_up(last):
            return
        elif truth is None or _plain(said.content) != _plain(truth):
            differ = f"{json.dumps(_plain(said.content))}\n    should be {json.dumps(_plain(truth))}"
            yield Violation("wrong card", f"{what} says {differ}", tokens)

    # What people and senders were told is true.

    def _answers(self) -> Iterator[Violation]:
        for told in self.answers.disagreeing:
            yield Violation("doubled", told)
        known = self.answers.stored | self.answers.refused | self.answers.unanswered | self.answers.unsure
        for words in known | set(self.records.voc):
            count = self.records.voc.get(words, 0)
            if words in self.answers.stored and count != 1:
                yield Violation("doubled" if count else "lost", f"/voc {words}: acknowledged, stored {count} times")
            elif words in self.answers.refused and count:
                yield Violation("stray", f"/voc {words}: refused, and stored")
            elif count > 1 or words not in known:
                yield Violation("doubled", f"/voc {words}: stored {count} times")
        yield from look_at_clicks(self.records, self.ledger, self.answers, ahead=self.ahead)

    # Order: within a channel by priority, then by age.

    def _order(self) -> Iterator[Violation]:
        """Of two posts in a channel with the same priority, the older row's came first.

        But for what met an error that nobody foresaw: the others of its lane go past it, and past what waits behind it
        since it is of the same card or thread.
        """
        apart = [row for row in self.records.deliveries.values() if row.alone_since]
        lanes: dict[tuple[int, int], list[tuple[Said, Delivery]]] = defaultdict(list)
        for token, posts in self.ledger.posts.items():
            row = self.records.deliveries.get(token)
            if row is None or row.alone_since or any(_is_behind(row, other) for other in apart):
                continue
            if posts[0].channel.startswith("C"):
                lanes[row.lane_id, row.priority].append((posts[0], row))
        for sent in lanes.values():
            sent.sort(key=lambda pair: pair[0].order)
            latest = sent[0][1]
            for _said, row in sent[1:]:
                assert latest.first_tried_at is not None
                if row.id < latest.id and row.created_at + self.slack_of_order <= latest.first_tried_at:
                    tokens = (latest.token, row.token)
                    yield Violation(
                        "out of order", f"{latest.kind} {latest.id} came before {row.kind} {row.id}", tokens
                    )
                latest = max(latest, row, key=lambda one: one.id)

    def dump(self, violation: Violation) -> str:
        """The violation with its rows and the calls that were made for them."""
        lines = [f"{violation.kind}: {violation.what}"]
        for token in violation.tokens:
            row = self.records.deliveries.get(token)
            if row is not None:
                shown = {name: str(getattr(row, name)) for name in _SHOWN}
                lines.append(f"  {token} {' '.join(f'{name}={value}' for name, value in shown.items())}")
            lines += [f"    {line}" for line in self.ledger.tried.get(token, ())]
        return "\n".join(lines)


_SHOWN = ("id", "kind", "subject_id", "state", "priority", "attempts", "unsure", "error", "created_at", "finished_at")


_EXAMPLE = re.compile(r'@("[^"]+"|\S+) \$40k')
_FALLBACK = re.compile(r"(<!date\^\d+\^[^|>]*)\|[^>]*>")


def _is_lead(said: Said) -> bool:
    blocks = said.content["blocks"] or []
    return bool(said.content["attachments"]) and bool(blocks) and blocks[0]["type"] == "rich_text"


def _lasting(home: Any) -> Any:
    """A Home without its list of refusals: that is as of when it was drawn, and opening the Home draws it anew."""
    if not isinstance(home, dict):
        return home
    blocks = home["blocks"]
    listed = [n for n, one in enumerate(blocks) if "*Not delivered in" in str(one.get("text", ""))]
    return {**home, "blocks": [one for n, one in enumerate(blocks) if not {n, n - 1} & set(listed)]}


def _plain(value: Any) -> Any:
    """Content for comparing, without what changes though nothing happens.

    That is the fallback of a date token, which tells the age at the moment of sending, the order of the reps
    offered for a handover, who stand in the order of their turn, and the account in a Home's example, which is one
    that was talked of lately.
    """
    if isinstance(value, dict):
        plain = {name: _plain(one) for name, one in value.items()}
        if "options" in plain:
            plain["options"] = sorted(plain["options"], key=json.dumps)
        return plain
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return _EXAMPLE.sub("@… $40k", _FALLBACK.sub(r"\1>", value)) if isinstance(value, str) else value


def _is_behind(row: Delivery, alone: Delivery) -> bool:
    """Whether a delivery keeps its place behind an older one that waits alone: they are of one card, or one thread."""
    if alone.id >= row.id:
        return False
    of_card = alone.card_id is not None and alone.card_id in (row.card_id, row.thread_card_id)
    return of_card or (alone.thread_card_id is not None and alone.thread_card_id == row.thread_card_id)
