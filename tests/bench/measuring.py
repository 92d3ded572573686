"""What a machine that does other things meanwhile can be asked: figures beside each other.

Both sides of a comparison take turns within one run, and the ratio of each turn is what counts;
promises that are broken are gathered, and fail the run at its end.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# On the disk that holds the project, and so most likely the data: /tmp may be in memory, where
# nothing is durable and a commit costs nothing.
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Report:
    """What was measured, line by line as it comes, and which promises were broken."""

    broken: list[str] = field(default_factory=list[str])

    def title(self, text: str) -> None:
        """Begin a part."""
        print(f"\n{text}", flush=True)

    def line(self, name: str, *figures: str) -> None:
        """Tell figures, under the columns of the part."""
        print(f"  {name:<34}" + "".join(f"{figure:>15}" for figure in figures), flush=True)

    def promise(self, name: str, figure: float, says: str, *, kept: bool) -> None:
        """Tell a figure that is promised, and whether it is as promised."""
        print(f"  {name:<34}{figure:>15.2f}   {says}: {'kept' if kept else 'BROKEN'}", flush=True)
        if not kept:
            self.broken.append(f"{name}: {figure:.2f}, promised {says}")


def quantile(values: Sequence[float], part: float) -> float:
    """The value that `part` (0 to 1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def milliseconds(values: Sequence[float]) -> tuple[str, str, str]:
    """Median, 99th of a hundred and slowest of times in seconds, in words."""
    parts = (statistics.median(values), quantile(values, 0.99), max(values))
    return (f"{parts[0] * 1000:.1f} ms", f"{parts[1] * 1000:.1f} ms", f"{parts[2] * 1000:.1f} ms")


async def timed(call: Callable[[], Awaitable[object]]) -> float:
    """How many seconds a call takes."""
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began


def processor_time(pid: int) -> float:
    """How many seconds of a processor another process has taken so far."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        fields = stat.read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    told = subprocess.run(["ps", "-o", "time=", "-p", str(pid)], capture_output=True, check=True)
    *minutes, seconds = told.stdout.decode().strip().split(":")
    return float(seconds) + 60 * float(minutes[-1]) if minutes else float(seconds)


@contextmanager
def folder_on_disk() -> Iterator[Path]:
    """A folder for this run's files, gone at its end."""
    parent = ROOT / "var"
    parent.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
