"""Reads `multipart/form-data` with the standard library's mail parser: a browser's upload, or an app's."""

from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP


@dataclass(frozen=True)
class Part:
    """One field of a form; `filename` is None for plain fields."""

    filename: str | None
    content_type: str
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode("utf-8", "replace")


def parse_multipart(content_type: str, body: bytes) -> dict[str, Part]:
    """The fields of a form by name. A body that is no multipart gives an empty dict."""
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode("latin-1", "replace")
    parsed = BytesParser(policy=HTTP).parsebytes(head + body)
    parts: dict[str, Part] = {}
    for part in parsed.iter_parts() if parsed.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            parts[name] = Part(part.get_filename(), part.get_content_type(), content)
    return parts
