"""Tables of expectations, as text that one can read: who may what, and where.

A block begins with the acts that it is about, separated by `|`; then comes the line of its columns,
which begins with `:`, and a line for each person, whose cells are separated by two spaces or more.
"""

from __future__ import annotations

import re
from pathlib import Path

Cells = dict[tuple[str, str, str], str]
"""By act, person and place, what is expected."""


def read_table(path: Path) -> Cells:
    """The expectations of a file. ValueError where a line says too little, or a cell is twice."""
    cells: Cells = {}
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip()):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if not lines:
            continue
        start = next(n for n, line in enumerate(lines) if line.startswith(":"))
        acts = [act.strip() for line in lines[:start] for act in line.split("|") if act.strip()]
        _, *columns = _parts(lines[start])
        for line in lines[start + 1 :]:
            person, *found = _parts(line)
            for column, expected in zip(columns, found, strict=True):
                for act in acts:
                    if (act, person, column) in cells:
                        raise ValueError(f"twice: {act}, {person}, {column}")
                    cells[act, person, column] = expected
    return cells


def _parts(line: str) -> list[str]:
    return re.split(r"\s{2,}", line.strip())
