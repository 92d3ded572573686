"""The shutdown: one time budget for all steps, and commits right after the acknowledgement."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import discord
import pytest

from bot import running
from cogs.delivery.missed import About, Missed
from cogs.foundation.ending import (
    CLOSING,
    FOR_COMMITS,
    FOR_DATABASE,
    FOR_REPLIES,
    FOR_TASKS,
    Ending,
)
from data.database import Database
from data.ending import TO_ROLL_BACK
from tests.support.kinds import on_sqlite

ROOT = Path(__file__).resolve().parents[3]
COGS = 6  # that end tasks of their own, one after the other
SUPERVISOR = 10.0  # seconds until a supervisor kills


class Clock:
    """A clock that moves when somebody waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("cogs.foundation.ending.time.monotonic", lambda: self.now)
        monkeypatch.setattr("cogs.foundation.ending.asyncio.wait", self.wait)

    async def wait(self, tasks: set[asyncio.Task[Any]], timeout: float) -> tuple[Any, Any]:
        """Nothing ends by itself."""
        self.now += timeout
        return set[asyncio.Task[Any]](), tasks


async def hang() -> None:
    """Never end."""
    await asyncio.Event().wait()


def test_each_step_leaves_time_for_those_after_it() -> None:
    assert SUPERVISOR > running._LAST_RESORT > CLOSING > FOR_REPLIES > FOR_TASKS > FOR_COMMITS > 0
    assert running._LAST_RESORT > CLOSING + FOR_DATABASE + TO_ROLL_BACK


async def test_however_much_hangs_closing_keeps_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, ending = Clock(monkeypatch), Ending()
    hanging = [asyncio.ensure_future(hang()) for _ in range(2 + COGS)]
    began = clock.now
    ending.begin()
    await ending.wait(hanging[:1], FOR_REPLIES)
    assert clock.now - began == pytest.approx(CLOSING - FOR_REPLIES)
    ending.begin()  # asked once more: there is no second term
    for task in hanging[2:]:
        await ending.end([task])
        assert task.cancelled()
    assert clock.now - began == pytest.approx(CLOSING - FOR_TASKS), "all cogs together"
    await ending.wait(hanging[1:2], FOR_COMMITS)
    assert clock.now - began == pytest.approx(CLOSING - FOR_COMMITS)
    assert not hanging[0].cancelled()
    assert not hanging[1].cancelled(), "a statement is never cut off"
    for task in hanging:
        task.cancel()


async def test_finished_tasks_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, ending = Clock(monkeypatch), Ending()
    done = asyncio.ensure_future(asyncio.sleep(0))
    await done
    ending.begin()
    await ending.wait([done], FOR_REPLIES)
    await ending.end([done, None])
    assert clock.now == 100.0


# --- what is acknowledged is committed at once ---------------------------------------------------

# What they do is in Discord, was committed before, only reads, or goes on for long; and the
# wizard's is given to it.
ELSEWHERE = {
    ("anonymous", "post"),
    ("anonymous", "take_name"),
    ("anonymously", "named"),
    ("appeals", "judge"),
    ("answering", "refused"),
    ("asking", "_ask_where"),
    ("auditing", "table"),
    ("how_to", "_forum"),
    ("how_to", "open"),
    ("locking", "_set"),
    ("privacy", "export"),
    ("redirecting", "close"),
    ("reminding", "stats"),
    ("settings", "recount"),
    ("setup", "_do"),
    ("voting", "_pressed"),
}


def use_cases() -> dict[str, ast.AsyncFunctionDef]:
    """What members do, as `module.function`."""
    code: dict[str, ast.AsyncFunctionDef] = {}
    for path in (ROOT / "bot" / "usecases").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.AsyncFunctionDef):
                code[f"{path.stem}.{node.name}"] = node
    return code


def _is_writing(function: ast.AsyncFunctionDef) -> bool:
    code = ast.unparse(function)
    return code.startswith("@writing\n") or "db.write()" in code


def committing() -> set[str]:
    """The use cases that write, by themselves or by way of another."""
    return reaching(_is_writing)


def reaching(what: Callable[[ast.AsyncFunctionDef], bool]) -> set[str]:
    """The use cases that do something, by themselves or by way of another."""
    code = use_cases()
    found = {name for name, node in code.items() if what(node)}
    while True:
        more = {
            name
            for name, node in code.items()
            if name not in found
            for call in map(name_of, awaited(node))
            if call in found or any(each.endswith(f".{call}") for each in found)
        }
        if not more:
            return found
        found |= more


def awaited(node: ast.AST) -> Iterator[ast.expr]:
    """What is awaited in a piece of code, in its order."""
    for child in ast.iter_child_nodes(node):
        yield from awaited(child)
    if isinstance(node, ast.Await):
        yield node.value
    if isinstance(node, ast.AsyncWith | ast.AsyncFor):
        yield ast.Name("async")


def name_of(call: ast.expr) -> str:
    """`module.function` of what is awaited."""
    return ast.unparse(call.func) if isinstance(call, ast.Call) else ast.unparse(call)


def test_between_acknowledgement_and_commit_nothing_is_waited_for() -> None:
    """Once Discord shows that the bot is thinking, the act is on disk, whenever the process
    ends."""
    acknowledging, commits = 0, committing() | set(SHARED)
    for path in sorted((ROOT / "cogs").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = [n for n in ast.walk(tree) if isinstance(n, ast.AsyncFunctionDef)]
        steps = {f.name: [name_of(call) for call in awaited(f)] for f in functions}
        for name, calls in steps.items():
            for at, call in enumerate(calls):
                if call not in ("defer", "acknowledge_click") or (path.stem, name) in ELSEWHERE:
                    continue
                acknowledging += 1
                then = (*calls, "nothing")[at + 1]
                if then.startswith("self._"):  # a step that several of them share
                    then = steps[then.removeprefix("self.")][0]
                where = f"{path.name}, {name}: after acknowledging comes {then}"
                assert then in commits, where
    assert acknowledging > 20


# --- whoever acted reads how it ended ------------------------------------------------------------

# No receipt is needed where one sees it without a reply.
SEEN_ELSEWHERE = {
    "consenting.ask_writer": "the request stands under the message",
    "delaying.keep": "what waits is in the inbox",
    "following.note_read": "the inbox is read",
    "locking.note_lock": "the thread is locked in Discord",
    "tagging.start_merge": "doing it again takes it up",
    "tagging.merge_some": "doing it again takes it up",
    "unsealing.look": "who wrote it is shown to whoever asks again",
    "unsealing.note_try": "it is noted with a refusal, which says so",
}
# A step that features share, by which an act is done, and who shares it tells of it.
SHARED = {"ask": "asked.py"}
# What is done while its author isn't there: it is seen where it is posted, else in their inbox.
LATER = {("delayed.py", "_ask"), ("delayed.py", "_answer"), ("delayed.py", "_comment")}
# What tells of an act, and forgets its receipt once that has arrived.
TELLING = {
    "tell_done",
    "tell_saved",
    "tell_asked",
    "tell_decided",
    "reply_posted",
    "reply_answered",
}


def acting() -> set[str]:
    """The use cases that commit what a person does."""
    code = use_cases()
    return {
        name
        for name in committing()
        if any(ast.unparse(a.annotation or a) == "Actor" for a in code[name].args.args)
    }


def test_each_act_keeps_a_receipt_until_its_reply_has_arrived() -> None:
    keeping = reaching(
        lambda node: any(
            name_of(call) in ("receipts.keep", "receipts.note") for call in awaited(node)
        )
    )
    acts = {name for name in acting() if not name.split(".")[1].startswith("_")}
    assert acts - keeping == set(SEEN_ELSEWHERE)
    assert len(acts) > 20


def test_each_act_is_told_by_what_forgets_its_receipt() -> None:
    acts = acting() - set(SEEN_ELSEWHERE) | set(SHARED)
    told = 0
    for path in sorted((ROOT / "cogs").rglob("*.py")):
        steps = {f.name: f for f in functions_of(ast.parse(path.read_text(encoding="utf-8")))}
        # A step that is handed on, to be carried out by another, counts as called.
        calls = {
            name: {name_of(call) for call in ast.walk(f) if isinstance(call, ast.Call)}
            for name, f in steps.items()
        }

        def tells(
            name: str,
            steps: dict[str, ast.AsyncFunctionDef] = steps,
            calls: dict[str, set[str]] = calls,
        ) -> bool:
            names = {n.id for n in ast.walk(steps[name]) if isinstance(n, ast.Name)}
            own = {call.removeprefix("self.") for call in calls[name]} & set(steps)
            return bool(names & TELLING) or any(tells(step) for step in own - {name})

        for name in steps:
            if (path.name, name) in LATER:
                assert acts & calls[name]
            elif acts & calls[name] and SHARED.get(name) != path.name:
                told += 1
                assert _end_in(name, calls, tells), f"{path.name}, {name}"
    assert told > 20


def _end_in(name: str, calls: dict[str, set[str]], tells: Callable[[str], bool]) -> bool:
    """Whether a step tells, or whoever takes it does in the end."""
    callers = [other for other in calls if f"self.{name}" in calls[other] and other != name]
    return tells(name) or (bool(callers) and all(_end_in(c, calls, tells) for c in callers))


def functions_of(tree: ast.Module) -> Iterator[ast.AsyncFunctionDef]:
    """A module's functions and methods; what stands within one is part of it."""
    for node in tree.body:
        for each in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(each, ast.AsyncFunctionDef):
                yield each


@on_sqlite
@pytest.mark.parametrize(
    ("error", "ends", "traced"),
    [
        (RuntimeError("Session is closed"), True, False),
        (RuntimeError("Session is closed"), False, True),
        (KeyError("a mistake"), True, True),
        (discord.DiscordServerError(Mock(status=503), ""), False, False),
    ],
)
async def test_errors_of_listeners_during_shutdown_are_not_logged_as_bugs(
    db: Database, caplog: pytest.LogCaptureFixture, error: Exception, ends: bool, traced: bool
) -> None:
    ending = Ending()
    missed = Missed(db, ending)
    if ends:
        ending.begin()
    async with missed.second_chance(1, 2):
        raise error
    (record,) = caplog.records
    assert (record.exc_info is not None) is traced
    assert missed.waiting == [About(1, 2)]
