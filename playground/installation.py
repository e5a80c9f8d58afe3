"""Everything the installed app can reach: the workspace, its modals, its response URLs, and the log of calls.

Web API methods, transports and the page all work on one `Installation`.
"""

from collections.abc import Callable
from time import monotonic, time

from playground.app import HOME_TEAM, App
from playground.blocks import complete, is_too_long, problems_in_message
from playground.errors import SlackError
from playground.records import Call, Json, Organization, Refusal
from playground.response_urls import ResponseUrls
from playground.triggers import Triggers
from playground.views import Views
from playground.workspace import Workspace

# What the wire or the moment did to a call is not the app's own doing.
_LOG_LIMIT = 20_000
_NOT_THE_APPS_FAULT = {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}


class Installation:
    """One app in one workspace.

    `calls` logs Web API calls (of 20,000 the older half is dropped), `refusals` those that the app got wrong.
    `on_call` hears of each call as it is logged. `date_ahead`: by how many seconds the answers' Date header is ahead
    of this computer's `clock` (epoch seconds), which it follows whatever time the workspace has.
    """

    def __init__(
        self,
        manifest: Json,
        *,
        now: Callable[[], float] = time,
        team_name: str = "Playground",
        team_id: str = HOME_TEAM,
        mark: str = "PG",
        organization: Organization | None = None,
        installed: bool = True,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.manifest = manifest
        self.app = App.from_manifest(manifest, team_id)
        self.app.installed = installed
        self.workspace = Workspace(
            self.app, now=now, team_name=team_name, team_id=team_id, mark=mark, organization=organization
        )
        self.clock = clock or time
        self.triggers = Triggers(mark=mark, clock=clock or monotonic)
        self.views = Views(self.workspace, self.triggers)
        self.response_urls = ResponseUrls(self.workspace, self._check_response)
        self.calls: list[Call] = []
        self.on_call: Callable[[Call], None] = lambda _call: None
        self.refusals: list[Refusal] = []
        self.base_url = ""
        self.date_ahead = 0.0
        self.new_socket_url: Callable[[], str] = lambda: ""

    @property
    def ws_base_url(self) -> str:
        """`ws://host:port` of the playground's server."""
        return self.base_url.replace("http://", "ws://", 1)

    def note_call(self, method: str, args: Json, answer: Json, status: int, *, injected: bool = False) -> None:
        """Log a call; an answer that refuses what the app sent counts as a refusal unless a fault was `injected`."""
        call = Call(method, args, answer, status, self.clock())
        self.calls.append(call)
        self.on_call(call)
        if len(self.calls) > _LOG_LIMIT:
            del self.calls[: _LOG_LIMIT // 2]
        if not answer.get("ok", False) and not injected and answer.get("error") not in _NOT_THE_APPS_FAULT:
            messages = answer.get("response_metadata", {}).get("messages", ())
            self.refusals.append(Refusal(method, str(answer.get("error")), tuple(messages), args))
        self.workspace.feed.wake()

    def refuse(self, where: str, error: str, detail: list[str], args: Json) -> None:
        """Note that the app answered with something Slack would not take, outside a Web API call."""
        self.refusals.append(Refusal(where, error, tuple(detail), args))

    def _check_response(self, body: Json) -> None:
        blocks = body.get("blocks")
        if blocks is not None:
            problems = problems_in_message(blocks)
            if problems:
                raise SlackError("invalid_blocks", messages=[str(one) for one in problems])
            body["blocks"] = complete(blocks)
        if is_too_long(blocks, body.get("attachments")):
            raise SlackError("msg_blocks_too_long")
        if not body.get("text") and not blocks and not body.get("attachments"):
            raise SlackError("no_text")
