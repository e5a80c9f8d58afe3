"""`./tandem webhooks …`, as it is typed; bot/commands/webhooks.py does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bot.settings import Settings

if TYPE_CHECKING:
    from bot.commands.webhooks import Webhooks

Workspace = Annotated[
    str | None, typer.Option("--workspace", help="Slack’s id of the workspace, T…, where there are several.")
]
Endpoint = Annotated[int, typer.Argument(help="The endpoint’s number, as the list shows it.")]
Url = Annotated[str, typer.Argument(help="Where events are posted to, https://…")]
Events = Annotated[
    list[str] | None,
    typer.Option("--event", help="Which events, for example lead or voc.theme.merged; default: lead and voc."),
]
Since = Annotated[
    str | None,
    typer.Option(help="All that happened from then on, delivered or not: 2026-11-16 or 2026-11-16T09:30, UTC."),
]
Until = Annotated[str | None, typer.Option(help="Only what happened before then.")]


def webhooks_app(read: Callable[[], Settings], out: Console) -> typer.Typer:
    """The commands. `read`: the settings, when a command is run; `out`: where it writes."""
    app = typer.Typer(no_args_is_help=True, help="Signed webhooks: where changes are sent, and what failed.")

    def of(workspace: str | None) -> Webhooks:
        from bot.commands.webhooks import Webhooks

        return Webhooks(read(), workspace, out=out)

    @app.command("list")
    def list_endpoints(workspace: Workspace = None) -> None:
        """List the endpoints: what each gets, what waits, what was given up and why."""
        of(workspace).list()

    @app.command("add")
    def add(url: Url, events: Events = None, workspace: Workspace = None) -> None:
        """Send changes to an address from now on, and show the secret that signs them, this once."""
        of(workspace).add(url, events or ["lead", "voc"])

    @app.command("rotate")
    def rotate(endpoint: Endpoint, workspace: Workspace = None) -> None:
        """Make a new secret; for a day the old one signs, too."""
        of(workspace).rotate(endpoint)

    @app.command("pause")
    def pause(endpoint: Endpoint, workspace: Workspace = None) -> None:
        """Send nothing to an endpoint for a while; what happens meanwhile is kept."""
        of(workspace).pause(endpoint, paused=True)

    @app.command("resume")
    def resume(endpoint: Endpoint, workspace: Workspace = None) -> None:
        """Send again, what was kept first."""
        of(workspace).pause(endpoint, paused=False)

    @app.command("remove")
    def remove(endpoint: Endpoint, workspace: Workspace = None) -> None:
        """Send nothing to an endpoint any more, and forget what waits."""
        of(workspace).remove(endpoint)

    @app.command("test")
    def test(endpoint: Endpoint, workspace: Workspace = None) -> None:
        """Send a test event to an endpoint."""
        of(workspace).test(endpoint)

    @app.command("replay")
    def replay(endpoint: Endpoint, since: Since = None, until: Until = None, workspace: Workspace = None) -> None:
        """Send again what was given up; with --since everything of some time. Ids stay: receivers know repetitions."""
        of(workspace).replay(endpoint, since, until)

    return app
