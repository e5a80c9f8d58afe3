"""The program in a process of its own, as `tandem serve` runs it, but without the pauses between posts.

`python -m tests.hostile.served`: reads the same environment, and says its port on standard output once it is ready.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from bot.logs import configure_logs
from bot.program import Program, settle_memory
from bot.settings import read_settings


async def main() -> None:
    settings = read_settings(env_file=None)
    configure_logs(settings.log_format, settings.secrets())
    program = Program(settings, pace=0, host="127.0.0.1")
    ending = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    await program.start()
    settle_memory()
    sys.stdout.write(f"{program.port}\n")
    sys.stdout.flush()
    await ending.wait()
    await program.stop()


if __name__ == "__main__":
    asyncio.run(main())
