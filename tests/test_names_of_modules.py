"""A name means one thing in a file: where `posts` is a module, no variable is called `posts`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(
    path.relative_to(ROOT)
    for folder in ("bot", "cogs", "data", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "versions" not in path.parts
)


def is_module(dotted: str) -> bool:
    path = ROOT.joinpath(*dotted.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def modules_of(tree: ast.AST) -> set[str]:
    """The names by which a file knows modules of the project."""
    return {
        each.asname or each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for each in node.names
        if is_module(f"{node.module}.{each.name}")
    }


def bound_in(node: ast.AST, *, in_class: bool = False) -> Iterator[tuple[int, str]]:
    """Names that a file gives to something, by line. What belongs to a class is left out: it is
    never said without its owner, as `form.tags` is."""
    for child in ast.iter_child_nodes(node):
        if not in_class:
            if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                yield child.lineno, child.id
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield child.lineno, child.name
        if isinstance(child, ast.arg):
            yield child.lineno, child.arg
        elif isinstance(child, ast.ExceptHandler | ast.MatchAs) and child.name:
            yield child.lineno, child.name
        yield from bound_in(
            child,
            in_class=isinstance(child, ast.ClassDef)
            or (in_class and isinstance(child, ast.AnnAssign | ast.Assign)),
        )


def taken_twice(source: str) -> list[str]:
    tree = ast.parse(source)
    modules = modules_of(tree)
    return [f"line {line}: {name}" for line, name in bound_in(tree) if name in modules]


def test_no_variable_has_the_name_of_a_module_that_is_imported_there() -> None:
    twice = {path: taken_twice((ROOT / path).read_text("utf-8")) for path in FILES}
    assert {path: names for path, names in twice.items() if names} == {}


def test_it_is_seen_in_each_place_where_a_name_can_be_given() -> None:
    source = """
from data import posts

class Form:
    posts: int = 0

    def posts(self): ...

for posts in (): ...

def count(posts): ...

def posts(): ...

seen = [posts for posts in ()]
read = lambda posts: 0
with open("") as posts: ...
"""
    lines = source.splitlines()
    assert [lines[int(found.split()[1][:-1]) - 1].split()[0] for found in taken_twice(source)] == [
        "for", "def", "def", "seen", "read", "with",
    ]  # fmt: skip
