"""The command line: `./tandem demo | serve | web | worker | migrate | manifest | doctor | config | import | export |
leads | jobs | webhooks`.

Settings that are missing or wrong end with exit code 2 and a sentence on how to get them.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import signal
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from bot.commands.webhooks_app import webhooks_app
from bot.settings import Settings, SettingsProblem, read_settings
from domain.voc.export import Form
from storage.engines import driver_url

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
config_app = typer.Typer(no_args_is_help=True, help="Teams, people, policies, digests: tandem.toml.")
import_app = typer.Typer(no_args_is_help=True, help="Take in content figures, what customers said, or leads.")
export_app = typer.Typer(no_args_is_help=True, help="Write out what was logged.")
leads_app = typer.Typer(no_args_is_help=True, help="Leads: where they would go, and why.")
jobs_app = typer.Typer(no_args_is_help=True, help="Work in the background: what waits, what failed, and why.")
app.add_typer(config_app, name="config")
app.add_typer(import_app, name="import")
app.add_typer(export_app, name="export")
app.add_typer(leads_app, name="leads")
app.add_typer(jobs_app, name="jobs")
Workspace = Annotated[
    str | None, typer.Option("--workspace", help="Slack’s id of the workspace, T…, where there are several.")
]
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
app.add_typer(webhooks_app(lambda: read_settings(), out), name="webhooks")


def main() -> None:
    """The entry point, whatever name it was called by."""
    try:
        app(prog_name="./tandem")
    except SettingsProblem as problem:
        stop_with(problem.lines)


def stop_with(lines: list[str], code: int = 2) -> NoReturn:
    """Say what is wrong on standard error and end."""
    for line in lines:
        err.print(line, markup=False, soft_wrap=True)
    raise SystemExit(code)


@app.command()
def demo(
    keep: Annotated[Path | None, typer.Option(help="Keep the demo's state in this folder.")] = None,
) -> None:
    """Try Tandem in your browser: a Slack workspace on this machine, with a believable company in it."""
    from bot.demo import run_demo

    asyncio.run(run_demo(keep))


@app.command()
def serve() -> None:
    """Run everything in one process: what arrives, the clocks, the deliveries, the digests."""
    asyncio.run(_run(read_settings(), web=True, worker=True))


@app.command()
def web() -> None:
    """Run what arrives: Slack's requests and the intake. Any number of these on PostgreSQL."""
    asyncio.run(_run(_shared(read_settings()), web=True, worker=False))


@app.command()
def worker() -> None:
    """Run the clocks, the deliveries and the digests. Any number of these on PostgreSQL."""
    asyncio.run(_run(_shared(read_settings()), web=False, worker=True))


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from bot.commands.offline import open_database, usable
    from storage.migrate import migrate as run_migrations
    from storage.migrate import schema_revision

    database = open_database(read_settings())
    try:
        with usable(database.url):
            run_migrations(database.engine)
            out.print(f"The schema is at revision {schema_revision(database.engine)}.")
    finally:
        database.close()


@app.command()
def manifest(
    prefix: Annotated[
        str | None, typer.Option(help="Before each command's name; default TANDEM_COMMAND_PREFIX.")
    ] = None,
    socket_mode: Annotated[
        bool, typer.Option("--socket-mode", help="By Socket Mode, also when PUBLIC_URL is set for leads.")
    ] = False,
    distributed: Annotated[
        bool,
        typer.Option("--distributed", help="For several workspaces, who install it at PUBLIC_URL/slack/install."),
    ] = False,
    workflow_steps: Annotated[
        bool,
        typer.Option("--workflow-steps", help="With the step for Slack's Workflow Builder, which paid plans have."),
    ] = False,
) -> None:
    """Print the app manifest: paste it at api.slack.com/apps → Create New App → From a manifest."""
    from bot.installations.app import redirect_uri
    from handlers.catalog import all_listeners
    from handlers.manifest import make_manifest

    settings = read_settings()
    if distributed:
        settings.require("public_url")
    made = make_manifest(
        all_listeners(),
        prefix=settings.tandem_command_prefix if prefix is None else prefix,
        # PUBLIC_URL alone says where Slack finds us. With an app token it is for leads: Slack comes by our sockets.
        public_url=None if socket_mode or settings.slack_app_token is not None else settings.public_url,
        redirect_url=redirect_uri(settings.public_url) if distributed and settings.public_url else None,
        steps=workflow_steps,
    )
    typer.echo(json.dumps(made, indent=2))


@app.command()
def reseal() -> None:
    """Seal with the first key of TANDEM_SECRET_KEY what an older one sealed; then the older one can go."""
    from bot.commands.reseal import reseal_everything

    if not reseal_everything(read_settings(), out=out):
        raise SystemExit(1)


@app.command()
def doctor(workspace: Workspace = None) -> None:
    """Look at token, scopes, channels, database and queue, and name the remedy for what is not right."""
    from bot.commands.doctor import examine, show_findings

    findings = asyncio.run(examine(read_settings(), workspace=workspace))
    if not show_findings(findings, out):
        raise SystemExit(2 if any(one.what == "database" and not one.well for one in findings) else 1)


@config_app.command("apply")
def config_apply(
    file: Annotated[Path, typer.Argument(help="The settings, for example tandem.toml.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before applying.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference and stop.")] = False,
    workspace: Workspace = None,
) -> None:
    """Show what a settings file changes, and apply it."""
    from bot.commands.configure import apply_file

    work = apply_file(
        read_settings(), _read(file), filename=file.name, yes=yes, dry_run=dry_run, out=out, workspace=workspace
    )
    asyncio.run(work)


@config_app.command("show")
def config_show(workspace: Workspace = None) -> None:
    """Print the present settings as a settings file."""
    from bot.commands.configure import show_config

    typer.echo(show_config(read_settings(), workspace))


@import_app.command("content")
def import_content(
    file: Annotated[Path, typer.Argument(help="A CSV with title, week, views, leads, influenced_wins.")],
    skip_bad_rows: Annotated[bool, typer.Option("--skip-bad-rows", help="Import the good rows anyway.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change and stop.")] = False,
    workspace: Workspace = None,
) -> None:
    """Take in how content performed."""
    from bot.commands.imports import import_content_file

    data = _read(file)
    import_content_file(
        read_settings(),
        data,
        filename=file.name,
        sha256=hashlib.sha256(data).hexdigest(),
        skip_bad_rows=skip_bad_rows,
        dry_run=dry_run,
        out=out,
        workspace=workspace,
    )


@import_app.command("voc")
def import_voc(
    file: Annotated[
        Path, typer.Argument(help="A CSV with text, and if you have them kind, theme, account, who, when.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be logged and stop.")] = False,
    who: Annotated[
        str | None, typer.Option("--who", help="E-mail address of the member who gets rows that name nobody.")
    ] = None,
    workspace: Workspace = None,
) -> None:
    """Take in what customers said: the good rows; what is wrong with the others is told by line."""
    from bot.commands.import_voc import import_voc_file

    data = _read(file)
    import_voc_file(
        read_settings(),
        data,
        filename=file.name,
        sha256=hashlib.sha256(data).hexdigest(),
        who=who,
        dry_run=dry_run,
        out=out,
        workspace=workspace,
    )


@import_app.command("leads")
def import_leads(
    file: Annotated[Path, typer.Argument(help="A CSV with a header: name, email, company, phone, asked, …")],
    source: Annotated[str, typer.Option("--source", help="What they come from; a source lends team and tier.")] = "csv",
    bad: Annotated[
        Path | None, typer.Option("--bad-rows", help="Where the rows go that cannot be read; default: beside the file.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen and stop.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Store without asking.")] = False,
    workspace: Workspace = None,
) -> None:
    """Store leads as if a source had sent them, after a look. The same file again stores nothing twice."""
    from bot.commands.import_leads import import_lead_file

    import_lead_file(
        read_settings(),
        _read(file),
        file=file,
        source=source,
        bad=bad,
        dry_run=dry_run,
        yes=yes,
        out=out,
        workspace=workspace,
    )


@export_app.command("voc")
def export_voc(
    file: Annotated[
        Path | None, typer.Argument(help="Where to: voc.csv or voc.jsonl; nothing: standard output.")
    ] = None,
    form: Annotated[
        Form | None, typer.Option("--format", help="CSV, or JSON Lines; default: as the file is called, else CSV.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="From then on: 2026, 2026-01 or 2026-01-15.")] = None,
    theme: Annotated[str | None, typer.Option(help="Only this theme.")] = None,
    excel: Annotated[
        bool, typer.Option("--excel", help="With the mark by which Excel knows that a CSV is UTF-8.")
    ] = False,
    workspace: Workspace = None,
) -> None:
    """Write out what customers said, the oldest first: all items that count, one a line.

    In a CSV, what begins like a formula (= + - @) gets an apostrophe in front, so that no spreadsheet runs it.
    """
    from bot.commands.exports import export_voc_items

    export_voc_items(
        read_settings(), file, form=form, since=since, theme=theme, mark=excel, told=err, workspace=workspace
    )


@leads_app.command("route")
def leads_route(
    file: Annotated[Path, typer.Argument(help="Leads, one a row: a CSV, or JSON Lines (.jsonl).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Needed: this command gives no leads to anybody.")] = False,
    workspace: Workspace = None,
) -> None:
    """Tell for each lead of a file which team and person would get it now, and why. Nothing is changed."""
    from bot.commands.leads import route_file

    if not dry_run:
        stop_with(["Leads are given when they arrive. Add --dry-run to see where those of the file would go."])
    route_file(read_settings(), _read(file), filename=file.name, out=out, workspace=workspace)


@jobs_app.command("list")
def jobs_list(
    ended: Annotated[bool, typer.Option("--all", help="Those that are done or dropped, too.")] = False,
) -> None:
    """List the jobs that wait, run or are dead, the newest first."""
    from bot.commands.jobs import list_jobs

    list_jobs(read_settings(), ended=ended, out=out)


@jobs_app.command("show")
def jobs_show(job: Annotated[int, typer.Argument(help="The job's number.")]) -> None:
    """Show one job: what it was to do, how often it was tried, why it failed."""
    from bot.commands.jobs import show_job

    show_job(read_settings(), job, out=out)


@jobs_app.command("replay")
def jobs_replay(
    jobs: Annotated[list[int] | None, typer.Argument(help="The numbers of dead jobs.")] = None,
    kind: Annotated[str | None, typer.Option(help="All dead jobs of this kind.")] = None,
) -> None:
    """Let dead jobs start anew, as if they had never been tried."""
    from bot.commands.jobs import replay_jobs

    replay_jobs(read_settings(), jobs or [], kind, out=out)


@jobs_app.command("drop")
def jobs_drop(jobs: Annotated[list[int], typer.Argument(help="The numbers of jobs that wait or are dead.")]) -> None:
    """Let jobs never be done."""
    from bot.commands.jobs import drop_jobs

    drop_jobs(read_settings(), jobs, out=out)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        stop_with([f"{file} cannot be read: {error.strerror}."])


def _shared(settings: Settings) -> Settings:
    """Several processes need an engine that several processes can share."""
    if driver_url(settings.database_url).get_backend_name() == "sqlite":
        sentence = (
            "DATABASE_URL names a SQLite file, which belongs to one process. "
            "Use `./tandem serve`, or set DATABASE_URL to PostgreSQL: postgresql://user:password@host/name"
        )
        raise SettingsProblem([sentence])
    return settings


async def _run(settings: Settings, *, web: bool, worker: bool) -> None:
    gc.disable()  # nothing of what is loaded now is garbage, and looking for it takes a tenth of the start
    from bot.logs import configure_logs
    from bot.program import Program, settle_memory

    configure_logs(settings.log_format, settings.secrets())
    program = Program(settings, web=web, worker=worker)
    ending = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    try:
        await program.start()
    except SettingsProblem:
        await program.abandon()
        raise
    settle_memory()
    gc.enable()
    err.print(_greeting(program.port, web=web, sockets=settings.slack_app_token is not None), soft_wrap=True)
    await ending.wait()
    await program.stop()


def _greeting(port: int | None, *, web: bool, sockets: bool) -> str:
    if not web:
        watched = f" /healthz, /readyz and /metrics are on port {port}." if port is not None else ""
        return f"Tandem's worker is running.{watched}"
    by = "Socket Mode and HTTP" if sockets else "HTTP"
    return f"Tandem is running. Slack reaches it by {by}; it listens on port {port}."
