"""A small language for the shape of JSON that Slack takes: a check looks at a value and reports what is wrong where.

Messages follow Slack's own wording, as in `response_metadata.messages` of an `invalid_blocks` answer.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing Slack would refuse. `path` is a JSON pointer such as `/blocks/0/text/text`."""

    path: str
    message: str

    def __str__(self) -> str:
        """As Slack words it."""
        return f"[ERROR] {self.message} [json-pointer:{self.path}]"


Problems = list[Problem]
Check = Callable[[Any, str, Problems], None]


def anything(value: Any, path: str, problems: Problems) -> None:
    """No rule."""


def string(most: int | None = None, *, least: int = 1, pattern: str | None = None) -> Check:
    """A string of `least` to `most` characters, wholly matching `pattern`."""
    wanted = re.compile(pattern) if pattern else None

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.append(Problem(path, "must provide a string"))
        elif len(value) < least:
            problems.append(Problem(path, f"must be more than {least - 1} characters"))
        elif most is not None and len(value) > most:
            problems.append(Problem(path, f"must be less than {most + 1} characters"))
        elif wanted and not wanted.fullmatch(value):
            problems.append(Problem(path, "failed to match the required format"))

    return check


def boolean(value: Any, path: str, problems: Problems) -> None:
    """True or false."""
    if not isinstance(value, bool):
        problems.append(Problem(path, "must provide a boolean"))


def integer(least: int, most: int) -> Check:
    """A whole number between two bounds, both included."""

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            problems.append(Problem(path, "must provide an integer"))
        elif not least <= value <= most:
            problems.append(Problem(path, f"must be between {least} and {most}"))

    return check


def number(value: Any, path: str, problems: Problems) -> None:
    """Any number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        problems.append(Problem(path, "must provide a number"))


def one_of(*allowed: str) -> Check:
    """One of these strings."""

    def check(value: Any, path: str, problems: Problems) -> None:
        if value not in allowed:
            problems.append(Problem(path, f"must be a valid enum value; one of: {', '.join(allowed)}"))

    return check


def array(item: Check, most: int, *, least: int = 1) -> Check:
    """A list of `least` to `most` items, each of which passes `item`."""

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.append(Problem(path, "must provide an array"))
            return
        if len(value) > most:
            problems.append(Problem(path, f"no more than {most} items allowed"))
        elif len(value) < least:
            problems.append(Problem(path, f"no less than {least} items allowed"))
        for index, each in enumerate(value):
            item(each, f"{path}/{index}", problems)

    return check


def record(
    required: Mapping[str, Check],
    optional: Mapping[str, Check] | None = None,
    *,
    also: Check = anything,
    tagged: bool = True,
) -> Check:
    """An object with these keys and no others (`type` is known too when `tagged`); `also` checks keys together."""
    known = {**required, **(optional or {})}
    names = tuple(required)

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.append(Problem(path, "must provide an object"))
            return
        for name in names:
            if name not in value:
                problems.append(Problem(path, f"missing required field: {name}"))
        for name, each in value.items():
            rule = known.get(name)
            if rule is not None:
                rule(each, f"{path}/{name}", problems)
            elif not (tagged and name == "type"):
                problems.append(Problem(path, f"invalid additional property: {name}"))
        also(value, path, problems)

    return check


def by_type(shapes: Mapping[str, Check]) -> Check:
    """An object whose `type` picks its shape."""

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.append(Problem(path, "must provide an object"))
            return
        kind = value.get("type")
        if kind is None:
            problems.append(Problem(path, "missing required field: type"))
        elif not isinstance(kind, str) or kind not in shapes:
            problems.append(Problem(f"{path}/type", f"unsupported type: {kind}"))
        else:
            shapes[kind](value, path, problems)

    return check


def exactly_one(*names: str) -> Check:
    """Of these keys, one and only one is there."""

    def check(value: Any, path: str, problems: Problems) -> None:
        present = [name for name in names if name in value]
        if len(present) != 1:
            problems.append(Problem(path, f"must provide exactly one of: {', '.join(names)}"))

    return check


def at_least_one(*names: str) -> Check:
    """Of these keys, one at least is there."""

    def check(value: Any, path: str, problems: Problems) -> None:
        if not any(name in value for name in names):
            problems.append(Problem(path, f"must define one of: {', '.join(names)}"))

    return check


def both(*checks: Check) -> Check:
    """All of these."""

    def check(value: Any, path: str, problems: Problems) -> None:
        for each in checks:
            each(value, path, problems)

    return check


def plain(most: int) -> Check:
    """A `plain_text` object of at most so many characters."""
    return by_type({"plain_text": record({"text": string(most)}, {"emoji": boolean})})


def mrkdwn(most: int) -> Check:
    """A `mrkdwn` object of at most so many characters."""
    return by_type({"mrkdwn": record({"text": string(most)}, {"verbatim": boolean})})


def text(most: int) -> Check:
    """A `plain_text` or `mrkdwn` object of at most so many characters."""
    return by_type(
        {
            "plain_text": record({"text": string(most)}, {"emoji": boolean}),
            "mrkdwn": record({"text": string(most)}, {"verbatim": boolean}),
        }
    )


IDENTIFIER = string(255)
URL = string(3000, pattern=r"[a-z][a-z0-9+.-]*:\S+")
