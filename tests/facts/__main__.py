"""Writes the next golden of each shape that has grown: `.venv/bin/python -m tests.facts`."""

from __future__ import annotations

import json

from tests.storage.test_frozen import FACTS, SHAPES, WRITTEN, versions


def write_goldens() -> None:
    for shape, value in WRITTEN.items():
        written, known = SHAPES[shape].write(value), versions(shape)
        if not known or written != json.loads(known[-1].read_text()):
            path = FACTS / shape / f"{len(known) + 1}.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n")
            print(path.relative_to(FACTS.parent.parent))  # noqa: T201  # a tool for developers


if __name__ == "__main__":
    write_goldens()
