"""Every write of more than one row begins with its server's row, so that no two can deadlock."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import data
from bot import usecases

FOLDER = Path(usecases.__file__).parent
LOCKS = {
    "lock",
    "begin",
    "begin_on",
    "begin_asking",
    "lock_rules",
    "lock_known",
    "lock_server",
    "lock_many",
}
# Functions that begin with a lock themselves, called first in a transaction.
LOCKING = {
    "reconciling.follow_pin": "choosing.choose",
    "reconciling.note_absence": "absences.note_absence",
    "choosing.choose_best_answer": "choosing.choose",
    "closing.close_question": "closing.close",
    "queueing.take": "queueing._check",
    "queueing.pass_on": "queueing._check",
    "voting.cast_votes": "voting.read",
}
# One row, or rows of one post that nobody else writes.
SINGLE = {
    "publishing.settle",
    "consenting.look_again",
    "signs.look_again",
    "publishing.record_part",
    "publishing.let_part_go",
    "publishing.forget_parts",
    "drafts.drop_draft",
    "following.told",
    "following.told_of",
}
# SQLite's alone, whose lock is of all.
ONLY_SQLITE = {"erasing.let_words_go"}
# Rows of what the installation notes of its own upkeep, which are written after a server's lock or
# with nothing else.
UPKEEP = {
    "late_erasing.seal_anew",
    "resealing._forget_key",
    "resealing._note_old_boxes",
    "resealing.use_key",
}
# Rows so old that nobody writes to them any more, or one at a time, holding nothing else for long.
OLD = {
    "appealing.drop_old",
    "auditing.drop_old",
    "blocking.drop_ended",
    "drafts.drop_old_drafts",
    "mailing.drop_old_notices",
    "personas.drop_old",
    "refusing.kept_refused",
    "unsealing.drop_old",
}


def _functions(folder: Path) -> dict[str, ast.AsyncFunctionDef]:
    found: dict[str, ast.AsyncFunctionDef] = {}
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef):
                found[f"{path.stem}.{node.name}"] = node
    return found


FUNCTIONS = _functions(FOLDER)
CALLED = _functions(Path(data.__file__).parent) | FUNCTIONS


def _first_awaited(body: list[ast.stmt]) -> str:
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
                called = node.value.func
                return (
                    called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                )
    return ""


def _writes(function: ast.AsyncFunctionDef) -> list[list[ast.stmt]]:
    """What runs in each of a function's writes: all of it, or some blocks."""
    if any(isinstance(d, ast.Name) and d.id == "writing" for d in function.decorator_list):
        return [function.body]
    return [
        node.body
        for node in ast.walk(function)
        if isinstance(node, ast.AsyncWith)
        and any(
            isinstance(item.context_expr, ast.Call)
            and isinstance(item.context_expr.func, ast.Attribute)
            and item.context_expr.func.attr == "write"
            for item in node.items
        )
    ]


WRITING = [name for name, function in FUNCTIONS.items() if _writes(function)]


def test_there_are_use_cases_to_check() -> None:
    assert len(WRITING) > 40
    assert set(LOCKING) | SINGLE | OLD | ONLY_SQLITE | UPKEEP <= set(WRITING), (
        "what is excused is there"
    )


@pytest.mark.parametrize("name", WRITING)
def test_a_write_begins_with_the_servers_row(name: str) -> None:
    if name in SINGLE | OLD | ONLY_SQLITE | UPKEEP:
        return
    for body in _writes(FUNCTIONS[name]):
        first = _first_awaited(body)
        if name in LOCKING:
            locking = LOCKING[name]
            assert first == locking.partition(".")[2]
            first = _first_awaited(CALLED[locking].body)
        assert first in LOCKS
