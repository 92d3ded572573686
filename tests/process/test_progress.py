"""Long work can be ended in its middle, and nobody but a person at a terminal sees its bars."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
import threading
from contextlib import suppress

import pytest

from bot.progress import Step, in_thread, progress


async def test_blocking_work_ends_at_its_next_step_when_it_is_cancelled() -> None:
    begun, steps = threading.Event(), 0

    def work(step: Step) -> None:
        nonlocal steps
        while True:
            step("Copying", steps, 10)
            steps += 1
            begun.set()

    task = asyncio.ensure_future(in_thread(work, lambda *_: None))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    at_the_end = steps
    await asyncio.sleep(0.05)
    assert steps == at_the_end


async def test_what_the_work_gives_or_raises_comes_back() -> None:
    told: list[int] = []

    def work(step: Step) -> str:
        step("Copying", 3, 10)
        return "done"

    assert await in_thread(work, lambda _what, done, _total: told.append(done)) == "done"
    assert told == [3]

    def failing(_step: Step) -> None:
        raise FileNotFoundError

    with pytest.raises(FileNotFoundError):
        await in_thread(failing, lambda *_: None)


def _all_of(terminal: int) -> str:
    """What was written to a terminal that is closed: the kernel hands it over in pieces."""
    pieces: list[bytes] = []
    with suppress(OSError):  # how its end is told
        while piece := os.read(terminal, 100_000):
            pieces.append(piece)
    os.close(terminal)
    return b"".join(pieces).decode()


def test_bars_with_the_time_left_are_shown_at_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress() as step:
        step("Copying", 1, 2)
    assert capsys.readouterr() == ("", "")
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        with progress() as step:
            step("Copying", 1, 2)
            step("Copying", 2, 2)
    shown = _all_of(ours)
    assert "Copying" in shown
    assert "100%" in shown
    assert capsys.readouterr() == ("", "")
