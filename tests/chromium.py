"""Finds the chromium that the browser tests drive, and installs Debian's where it is missing and we may.

`python -m tests.chromium` is what `make test` calls first. Playwright never downloads a browser here.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = ("chromium", "fonts-liberation", "fonts-noto-color-emoji")
"""Debian's names: the browser, and letters and emoji for its screenshots."""

LAUNCH_ARGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    *(["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []),
)
"""For `playwright.chromium.launch(executable_path=…, args=…)`: fetches only our page, works as root."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PLACES = (
    "/usr/bin/chromium",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_APT_LINE = "apt-get update && apt-get install -y --no-install-recommends " + " ".join(PACKAGES)


class ChromiumMissing(Exception):
    """No chromium on this machine; the text says how to get one."""


def find_chromium() -> Path:
    """The program to drive: what `CHROMIUM` names, or the first on the path. Raises ChromiumMissing."""
    if named := os.environ.get("CHROMIUM"):
        found = shutil.which(named)
        if found is None:
            raise ChromiumMissing(f"CHROMIUM names {named}, which is no program that can be run.")
        return Path(found)
    for name in (*_NAMES, *_PLACES):
        if found := shutil.which(name):
            return Path(found)
    raise ChromiumMissing(
        f"The browser tests need chromium. As root: {_APT_LINE}\n"
        "Or set CHROMIUM to the path of a chromium or Chrome that you have."
    )


def install_chromium() -> None:
    """Installs with apt-get whatever of PACKAGES is missing, and says what to type where it may not.

    Raises nothing when that fails: the other tests can run, and the browser tests then fail and say the same.
    """
    lack = _what_is_missing()
    if not lack:
        return
    as_root = _as_root()
    if as_root is None or "CHROMIUM" in os.environ or not shutil.which("apt-get"):
        print(lack, file=sys.stderr)
        return
    print(f"Installing {', '.join(PACKAGES)} for the browser tests ...", flush=True)
    apt = [
        *as_root,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-q",
        "-o",
        "DPkg::Lock::Timeout=300",
    ]
    said = ""
    for step in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        said += subprocess.run(
            [*apt, *step],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        ).stdout
    if lack := _what_is_missing():
        print(said[-4000:], lack, sep="\n", file=sys.stderr)


def _what_is_missing() -> str:
    """A sentence about the browser or the emoji that this machine lacks; empty when it lacks none."""
    try:
        find_chromium()
    except ChromiumMissing as missing:
        return str(missing)
    if shutil.which("apt-get") and not _has_emoji_font():
        return f"The browser tests' screenshots will lack emoji. As root: {_APT_LINE}"
    return ""


def _has_emoji_font() -> bool:
    """Whether fontconfig knows a font for emoji."""
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=und-zsye"], capture_output=True, text=True)
    return bool(listed.stdout.strip())


def _as_root() -> list[str] | None:
    """What to put before a command to run it as root without a question asked; None when that cannot be."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


if __name__ == "__main__":
    install_chromium()
