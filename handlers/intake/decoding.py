"""The bytes that a system posts, as plain data: JSON or a form, in whatever encoding they come."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Final
from urllib.parse import parse_qsl

from domain.leads.taken import Repeated
from handlers.intake.views import BadBody

MOST_PAIRS: Final = 2_000
MOST_BRACKETS: Final = 12
LONGEST_INT: Final = 40

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BRACKETS: Final = re.compile(r"\[([^\[\]]*)\]")


def decoded(body: bytes, content_type: str) -> Any:
    """The data in the body. Raises BadBody, with where reading ended.

    What the body looks like counts more than what its header says: many systems send JSON as a form's type.
    """
    kind = _kind(content_type)
    if kind.get_content_type() == "multipart/form-data":
        return _nested(_parts(body, content_type))
    text = _text(body, kind).strip()
    if text[:1] in ("{", "[", '"'):
        return _json(text)
    if "=" in text and ("form" in kind.get_content_type() or _looks_like_a_form(text)):
        return _form(text)
    return _json(text)


def _kind(content_type: str) -> Message:
    kind = Message()
    kind["content-type"] = "".join(char for char in content_type[:500] if char.isprintable()) or "application/json"
    return kind


def _text(body: bytes, kind: Message) -> str:
    """The body as text: by its byte-order mark, as UTF-8, by its header, in the end as Windows-1252."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, errors="replace")
    guesses = [json.detect_encoding(body)] if b"\0" in body[:4] else []
    # UTF-8 before the header: what reads as UTF-8 hardly ever is anything else, whatever was declared.
    for encoding in (*guesses, "utf-8", kind.get_content_charset() or "cp1252"):
        try:
            return body.decode(encoding)
        except (LookupError, UnicodeError):
            continue
    return body.decode("cp1252", errors="replace")


def _json(text: str) -> Any:
    try:
        found = parsed_json(text)
        return parsed_json(found.strip()) if isinstance(found, str) and found.strip()[:1] in ("{", "[") else found
    except RecursionError:
        raise BadBody({"": "is nested too deeply"}) from None
    except json.JSONDecodeError as error:
        where = f"reading ended at line {error.lineno}, character {error.colno}"
        raise BadBody({"": f"is neither JSON nor a form: {where}"}) from None


def parsed_json(text: str) -> Any:
    """The JSON in the text. Raises ValueError, RecursionError."""
    return json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=str, object_pairs_hook=_once_each)


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= LONGEST_INT else text


def _number(text: str) -> int | float | str:
    """A whole number stays one, however it is written: a phone number must not become 1.555e10."""
    number = float(text)
    if abs(number) >= 1e15:  # and infinity: a float would no longer be what was written
        return text
    return int(number) if number.is_integer() else number


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found[name] = _with(found[name], value) if name in found else value
    return found


def _with(earlier: Any, value: Any) -> Repeated:
    return Repeated([*earlier, value] if isinstance(earlier, Repeated) else [earlier, value])


def _looks_like_a_form(text: str) -> bool:
    return re.match(r"[\w.%+\[\]-]+=", text) is not None


def _form(text: str) -> Any:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PAIRS)
    except ValueError:
        raise BadBody({"": f"has more than {MOST_PAIRS:,} fields"}) from None
    return _nested(pairs)


def _parts(body: bytes, content_type: str) -> Iterable[tuple[str, str]]:
    """The fields of a multipart form; files are left out."""
    head = f"Content-Type: {''.join(char for char in content_type if char.isprintable())}\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head.encode("latin-1", errors="replace") + body)
    for part in list(message.iter_parts())[:MOST_PAIRS] if message.is_multipart() else []:
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes) and part.get_filename() is None:
            yield name, _text(content, _kind("text/plain"))


def _nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The fields of a form as objects: `fields[email][value]=x` is `{"fields": {"email": {"value": "x"}}}`.

    `x[]` sent twice is a list.
    """
    found: dict[str, Any] = {}
    for written, value in pairs:
        first, bracket, rest = written.partition("[")
        names = [first, *_BRACKETS.findall(bracket + rest)][:MOST_BRACKETS]
        if len(names) > 1 and names[-1] == "":
            names.pop()
        inner = found
        for name in names[:-1]:
            further = inner.setdefault(name, {})
            if not isinstance(further, dict):
                further = inner[name] = {"": further}
            inner = further
        last = names[-1]
        inner[last] = _with(inner[last], value) if last in inner else value
    return found
