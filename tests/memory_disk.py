"""Where tests keep their databases and files: in memory where the machine has such a folder, else on its disk.

A disk has to write each new database of a test, and each commit, before it answers: two fifths of the processor time
of a test on PostgreSQL, and more of its waiting, went there. No test asks whether data survives a power cut.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3
"""Bytes that must be free: a whole run holds less than a tenth of that, but a container may have but 64 MB there."""


def use_memory(folder: Path = SHARED_MEMORY) -> bool:
    """Let this process and what it starts keep temporary files in that folder; True when it does.

    Not when the developer chose a place by TMPDIR, nor when the folder is not there, is not ours to write, does not
    let programs run or has not the room.
    """
    if "TMPDIR" in os.environ or not fits(folder):
        return False
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    return True


def fits(folder: Path) -> bool:
    """Whether that folder is a place for the temporary files of a whole run."""
    return (
        folder.is_dir()
        and os.access(folder, os.W_OK | os.X_OK)
        and not os.statvfs(folder).f_flag & os.ST_NOEXEC
        and shutil.disk_usage(folder).free >= ROOM
    )
