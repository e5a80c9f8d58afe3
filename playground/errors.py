"""The one way a Web API method says no: Slack's error name, and what Slack adds to it."""

from playground.records import Json


class SlackError(Exception):
    """A refusal as Slack words it: `{"ok": false, "error": name, **extras}`. `messages` go to `response_metadata`."""

    def __init__(self, name: str, *, messages: list[str] | None = None, **extras: object) -> None:
        super().__init__(name)
        self.name = name
        self.messages = messages or []
        self.extras = extras

    def as_json(self) -> Json:
        """The body of the answer."""
        answer: Json = {"ok": False, "error": self.name, **self.extras}
        if self.messages:
            answer["response_metadata"] = {"messages": self.messages}
        return answer
