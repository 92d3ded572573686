"""A person reads a file in one sitting, and a function at a glance: no file has over 400 lines, no
function over 40, and none takes over six parameters, unless a comment in it gives the reason."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Migrations are left out: each is one list of statements, and isn't touched once it was released.
FILES = sorted(
    path.relative_to(ROOT)
    for folder in ("bot", "cogs", "data")
    for path in (ROOT / folder).rglob("*.py")
    if "versions" not in path.parts
)
FILE, FUNCTION, PARAMETERS = 400, 40, 6
LONG = "longer than a function should be"
MANY = "more parameters than a function should have"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions_of(node: ast.AST) -> list[Function]:
    return [
        each
        for each in ast.walk(node)
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each is not node
    ]


def span(node: ast.stmt) -> range:
    """The lines of a statement, without its decorators."""
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def lines_of(function: Function) -> int:
    """How many lines it has without its docstring."""
    told = ast.get_docstring(function) is not None
    return len(span(function)) - (len(span(function.body[0])) if told else 0)


def parameters_of(function: Function) -> int:
    """How many parameters it takes, without `self` or `cls`. `*rest` and `**options` aren't
    counted: nobody has to know what is passed on in them."""
    taken = function.args
    named = [each.arg for each in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)]
    return len(named) - (named[:1] in (["self"], ["cls"]))


def reasons_in(function: Function, comments: dict[int, str]) -> str:
    """What its comments say, without those of functions within it."""
    within = {line for inner in functions_of(function) for line in span(inner)}
    own = (comments[line] for line in span(function) if line in comments and line not in within)
    return " ".join(own).casefold()


def too_large(source: str) -> Iterator[str]:
    """What is too large without a reason; and reasons that are left from what no longer is."""
    if len(source.splitlines()) > FILE:
        yield f"the file has over {FILE} lines"
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    for function in functions_of(ast.parse(source)):
        reasons, name = reasons_in(function, comments), function.name
        lines, parameters = lines_of(function), parameters_of(function)
        if (lines > FUNCTION) != (LONG in reasons):
            yield f"{name} has {lines} lines"
        if (parameters > PARAMETERS) != (MANY in reasons):
            yield f"{name} has {parameters} parameters"


def test_what_is_large_has_its_reason_in_it() -> None:
    large = {path: list(too_large((ROOT / path).read_text("utf-8"))) for path in FILES}
    assert {path: what for path, what in large.items() if what} == {}


def test_the_files_are_found() -> None:
    assert {Path("bot/app.py"), Path("cogs/asking.py"), Path("data/migrations/env.py")} <= set(
        FILES
    )


def written(first: str, lines: int) -> str:
    """A function with so many lines of code, the first of its body being this one."""
    return "\n".join(("def act() -> None:", f"    {first}", *["    pass"] * (lines - 2), ""))


def test_a_file_over_400_lines_is_found() -> None:
    assert not list(too_large("a = 1\n" * 400))
    assert list(too_large("a = 1\n" * 401)) == ["the file has over 400 lines"]


@pytest.mark.parametrize("kind", ["def", "async def", "class Deed:\n  def"])
def test_a_function_over_40_lines_is_found_wherever_it_is(kind: str) -> None:
    def said(lines: int) -> list[str]:
        return list(too_large(written("pass", lines).replace("def", kind, 1)))

    assert said(40) == []
    assert said(41) == ["act has 41 lines"]


def test_a_docstring_is_not_counted() -> None:
    told = written('"""Act.\n\n    Raises nothing.\n    """', 41)
    assert not list(too_large(told))
    assert list(too_large(told + "    pass\n")) == ["act has 41 lines"]


def test_a_reason_is_a_comment_in_the_function_itself() -> None:
    assert not list(too_large(written(f"# One list, {LONG}: all is seen.", 41)))
    assert not list(too_large(written("# Longer than a function\n    # should be: so.", 41)))
    assert list(too_large(written(f'text = "# {LONG}"', 41))), "a string is no comment"
    inner = written(f"def within() -> None:  # {LONG}\n        return", 41)
    assert list(too_large(inner)) == ["act has 42 lines", "within has 2 lines"]
    assert list(too_large(written(f"# {MANY}: so.", 41))) == [
        "act has 41 lines",
        "act has 0 parameters",
    ]


def test_a_reason_goes_with_what_it_was_for() -> None:
    assert list(too_large(written(f"# {LONG}: it was.", 40))) == ["act has 40 lines"]
    source = f"def act(a):\n    # {MANY}: it had.\n    return a\n"
    assert list(too_large(source)) == ["act has 1 parameters"]


def test_more_than_six_parameters_are_found_however_they_are_passed() -> None:
    for taken in ("a, b, c, d, e, f", "self, a, b, c, d, e, f", "a, /, b, *c, d, e, f, g, **h"):
        assert not list(too_large(f"def act({taken}): ...\n"))
    for taken in ("a, b, c, d, e, f, g", "cls, a, b, c, d, e, f, g", "a, /, b, *, c, d, e, f, g"):
        assert list(too_large(f"def act({taken}): ...\n")) == ["act has 7 parameters"]
    excused = f"def act(a, b, c, d, e, f, g):\n    # {MANY.capitalize()}: options.\n    ...\n"
    assert not list(too_large(excused))
