"""`python -m playground --manifest FILE --port 8333`: a workspace in a process of its own, until it is interrupted.

Prints the environment for a bot, one `NAME=value` a line, then `READY`.
"""

import argparse
import asyncio
import gc
import json
import signal
import sys
from pathlib import Path

from playground.server import Playground


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m playground", description="A Slack workspace on your own machine.")
    parser.add_argument("--manifest", type=Path, required=True, help="the app's manifest, as JSON")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8333, help="0 picks a free one")
    parser.add_argument("--mode", choices=["socket", "http"], default="socket")
    parser.add_argument("--events-url", help="where signed requests go, such as http://127.0.0.1:3000/slack/events")
    parser.add_argument("--member", action="append", default=[], metavar="NAME", help="add a member (repeatable)")
    parser.add_argument(
        "--channel", action="append", default=[], metavar="NAME", help="add a channel with everyone in it (repeatable)"
    )
    parser.add_argument(
        "--rate-limits",
        nargs="?",
        type=float,
        const=1.0,
        default=0.0,
        metavar="TIMES",
        help="enforce Slack's rate limits, or so many times their calls a minute",
    )
    return parser.parse_args()


async def _run(options: argparse.Namespace) -> None:
    slack = Playground(
        json.loads(options.manifest.read_text()),
        members=options.member or ["ana", "ben"],
        mode=options.mode,
        events_url=options.events_url,
        rate_limits=options.rate_limits,
        host=options.host,
        port=options.port,
    )
    for name in options.channel or ["general"]:
        slack.add_channel(name, app=True)
    stopping = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stopping.set)
    async with slack:
        lines = [f"{name}={value}" for name, value in slack.environment.items()]
        gc.collect()
        gc.freeze()  # full passes over what was loaded for good would stop the workspace for tens of milliseconds
        sys.stdout.write("\n".join([*lines, f"PLAYGROUND_URL={slack.page_url}", "READY\n"]))
        sys.stdout.flush()
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(_run(_arguments()))
