"""What an agent shows besides messages: what can be written to it, and what it is doing just now."""

from dataclasses import dataclass

from playground.records import Json


@dataclass(frozen=True)
class Prompts:
    """What an agent suggests to write to it, each with a `title` and the `message` that it stands for."""

    title: str
    prompts: tuple[Json, ...]

    def as_page(self) -> Json:
        """As the page shows it."""
        return {"title": self.title, "prompts": list(self.prompts)}


@dataclass(frozen=True)
class Status:
    """What an agent is doing, below a thread's messages, until `until` (epoch seconds) or its next message there."""

    words: str
    until: float
