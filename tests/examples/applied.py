"""A copy of the tree with some examples applied, and programs that run in the copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from storage.migrate import head_revision
from tests.test_imports import ROOT, project_files

EXAMPLES = Path(__file__).parent


class Copy:
    """The project's files in `folder`, with examples applied to them."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        for file in project_files():
            target = folder / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        for name in names:
            self.apply(name)

    def apply(self, name: str) -> None:
        """Apply `<name>.patch`. A migration in it, `next_<subject>.py`, gets the number that is next."""
        patch = EXAMPLES / f"{name}.patch"
        env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(self.folder.parent)}
        done = subprocess.run(["git", "apply", str(patch)], cwd=self.folder, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        versions = self.folder / "storage" / "migrations" / "versions"
        for migration in versions.glob("next_*.py"):
            head = max(one.stem.partition("_")[0] for one in versions.glob("[0-9]*.py"))
            assert head >= head_revision()
            following = f"{int(head) + 1:04}"
            text = migration.read_text().replace("{next}", following).replace("{head}", head)
            (versions / migration.name.replace("next", following)).write_text(text)
            migration.unlink()

    def run(self, *arguments: str) -> str:
        """What this Python prints when it runs in the copy."""
        env = {**os.environ, "PYTHONPATH": str(self.folder)}
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # what runs next in the copy need not compile all of it once more
        done = subprocess.run([sys.executable, *arguments], cwd=self.folder, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
