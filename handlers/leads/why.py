"""What people read about why a lead is with whom it is: each step in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.leads.explaining import Explained, Move
from domain.leads.why import Passed, Unmet, Why
from domain.text import shorten
from handlers.answers import Block, Receipt
from handlers.blocks import context, date, escape, section
from handlers.words import listed

_TURNS: Final = {
    "turns": "It was {who}’s turn",
    "weighted": "By the weights it was {who}’s turn",
    "longest": "{who} had gone the longest without a lead",
}


_MISSED: Final = {"claim": "nobody had claimed it in time", "contact": "nobody had acted after the deadline"}


_IN_THE_WAY: Final = {
    "gone": "no active account",
    "away": "away{until}",
    "asleep": "does not work{until}",
    "later": "does not work{until}",
    "hour": "{count} {leads} in an hour, which is the most",
    "day": "{count} {leads} that day, which is the most",
    "open": "{count} open {leads}, which is the most",
    "other_team": "not of the team",
    "benched": "had let leads lapse, and was not back yet",
    "busy": "was being given another lead at that moment",
}


@dataclass(frozen=True, slots=True)
class Voice:
    """How names and times are written: `say` makes a name harmless where it is shown, `when` writes a time."""

    say: Callable[[str], str]
    when: Callable[[datetime], str]


IN_SLACK: Final = Voice(lambda name: escape(shorten(name, 100)), date)
IN_TERMINAL: Final = Voice(lambda name: shorten(" ".join(name.split()), 100), lambda at: f"{at:%a %d %b %H:%M} UTC")


def why_receipt(found: Explained) -> Receipt:
    """The steps of a lead, the latest last."""
    name = escape(shorten(found.name, 80)) + (f", {escape(shorten(found.company, 60))}" if found.company else "")
    blocks: list[Block] = [section(f"*{name}* · lead {found.lead_id} · {escape(shorten(found.source, 60))}")]
    if found.more:
        blocks.append(context(f"{found.more} earlier {'step is' if found.more == 1 else 'steps are'} left out."))
    blocks += [section(f"{date(move.at)} · *{_headline(move)}*\n{_text(move)}".rstrip()) for move in found.moves]
    if not found.moves:
        blocks.append(section("Nobody has been given this lead yet."))
    return Receipt(f"Why {name} is where it is", blocks)


def why_lines(why: Why, to: str | None, voice: Voice) -> list[str]:
    """The explanation of one decision in sentences. `to`: who got the lead, None for nobody."""
    told = _Told(why, voice.say(to) if to else "somebody", voice)
    return [*told.team(), *told.person(), *told.turn(), *told.other_rules()]


def _text(move: Move) -> str:
    if move.why is None:
        told = [f"it fails: {IN_SLACK.say(one)}" for one in move.failed]
        told += [f"“{IN_SLACK.say(move.reason)}”"] if move.reason else []
        return "\n".join(f"• {line}" for line in told)
    return "\n".join(f"• {line}" for line in why_lines(move.why, move.to, IN_SLACK))


def _headline(move: Move) -> str:
    to = escape(shorten(move.to or "somebody", 60))
    by = escape(shorten(move.by, 60)) if move.by else None
    match move.kind:
        case "waits":
            return "Nobody was free, so it waits"
        case "claimed":
            return f"Claimed by {to}"
        case "held":
            return f"Taken up again by {by}" if by else "Held by marketing, since it fails the definition"
        case "passed":
            return f"Passed on to sales by {by}" if by else "Passed on to sales: now it meets the definition"
        case "dropped":
            return f"Dropped by {by or 'marketing'}"
        case "joined":
            return f"The same person has another lead, and this is a part of it: `/lead why {to}`"
        case "taken":
            return f"Taken over by {to}"
        case "reassigned":
            if by:
                return f"Given to {to} by {by}"
            return f"Given to {to}, since {_MISSED.get(move.missed, _MISSED['contact'])}"
    return f"Given to {to}"


@dataclass(frozen=True, slots=True)
class _Told:
    why: Why
    who: str
    voice: Voice

    def team(self) -> Iterator[str]:
        """How the lead came to its team."""
        why, say = self.why, self.voice.say
        team = say(why.team)
        sent = f"It was sent for the team {team}."
        if why.team_by != "lead":
            sent = f"It named no team, or none that is known here, so it went to the default team, {team}."
        if why.route:
            asked = f": {' and '.join(map(say, why.met))}" if why.met else ", since it takes every lead"
            yield f"The rule “{say(why.route)}” holds{asked}. So it went to the team {team}."
        elif why.unmet:
            yield "No rule holds."
        if why.team_by in ("lead", "default"):
            yield sent
        if why.team_by == "owner":
            yield f"It went to {team}, the team of the account’s owner."

    def other_rules(self) -> Iterator[str]:
        """Which rules did not hold, the first first."""
        more = self.why.unmet_more
        yield from (self._unmet(one) for one in self.why.unmet)
        if more:
            yield f"{more} more {'rule does' if more == 1 else 'rules do'} not hold."

    def person(self) -> Iterator[str]:
        """Whose the lead was, whoever’s turn it was."""
        why, who, account = self.why, self.who, self.voice.say(self.why.account)
        if why.person is not None:
            yield f"The rule names {self._passed(why.person)}."
        elif why.how == "person":
            yield f"The rule names {who}. It takes no turn."
        if why.before is not None:
            yield f"This person’s lead before was with {self._passed(why.before)}."
        elif why.how == "before":
            yield f"This person’s lead before was with {who}. It takes no turn."
        if why.owner is not None:
            yield f"{account} is the account of {self._passed(why.owner)}."
        elif why.how == "owner":
            yield f"{account} is the account of {who}. It takes no turn."

    def turn(self) -> Iterator[str]:
        """Whose turn it was, and who was passed over."""
        why = self.why
        if why.how in _TURNS:
            free = f", of {why.free} who were free" if why.free > 1 else ""
            last = f"; the turn before was {self.voice.when(why.last_turn)}" if why.last_turn else ""
            yield f"{_TURNS[why.how].format(who=self.who)}{free}{last}."
        if why.passed:
            names = [self._passed(one) for one in why.passed]
            names += [f"{why.passed_more} more"] if why.passed_more else []
            yield f"{'Not free' if why.how == 'nobody' else 'Passed over, with their turns kept'}: {listed(names)}."
        elif why.how == "nobody":
            yield f"Nobody of the team {self.voice.say(why.team)} was there."
        if why.how == "nobody":
            keeper = f" {self.voice.say(why.fallback)} looks after it." if why.fallback else ""
            yield f"Whoever is free first gets it.{keeper}"

    def _unmet(self, one: Unmet) -> str:
        rule, said = f"The rule “{self.voice.say(one.route)}”", self.voice.say(one.said)
        if not one.condition:
            return f"{rule} is for the team {said}, which is archived."
        told = f"the lead says “{said}”" if one.said else "the lead does not say"
        return f"{rule} does not hold: it asks that {self.voice.say(one.condition)}; {told}."

    def _passed(self, one: Passed) -> str:
        until = f" until {self.voice.when(one.until)}" if one.until is not None else ""
        told = _IN_THE_WAY.get(one.why, "not free").format(
            count=one.count, leads="lead" if one.count == 1 else "leads", until=until
        )
        return f"{self.voice.say(one.name)} ({told})"


def why_block(moves: Sequence[Move]) -> list[Block]:
    """For a lead's details: how it came to whoever has it."""
    told = [move for move in moves if move.why is not None]
    if not told:
        return []
    return [section(f"*Why {escape(shorten(told[-1].to or 'nobody', 60))}?*\n{_text(told[-1])}")]
