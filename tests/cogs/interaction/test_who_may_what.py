"""Who may do what, and where: every entry point, for every kind of member, in places in every
state. The expected result of each cell is in the tables beside this file.

Everything goes through the bot itself, in one simulated server where nothing that a cell writes is
kept. The 6,000 cells take over a minute: `EVERY_CELL=1` tries them all. Without it, entry points
with the same expectations share the work: each expected cell is tried by at least one of them, and
each entry point by every member.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import simcord

from bot.app import Askwell
from bot.domain.errors import Denial, Missing, Problem
from bot.usecases.guilds import change_setting
from tests.support.acts import Act, Cell, Sign, way_in
from tests.support.acts_on_posts import ON_POSTS
from tests.support.acts_on_the_server import ON_THE_SERVER
from tests.support.commands import SLASH, leaves, synced
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.population import PEOPLE, PLACES, Population, undone
from tests.support.server import told
from tests.support.tables import Cells, read_table

HERE = Path(__file__).parent
SERVER = ("server",)
TABLES = {
    "posts": (HERE / "who_may_what_to_posts.txt", ON_POSTS, PLACES),
    "server": (HERE / "who_may_what_to_the_server.txt", ON_THE_SERVER, SERVER),
}
PARTS = 3  # in which the people are tried: all at once take minutes where others work as well
YES, NO = "yes", "-"
# What the tables say for a refusal; for others, the reason itself.
WORDS = {
    Missing.POST: "gone",
    Problem.UNKNOWN: "gone",
    Denial.TIMED_OUT: "timed out",
    Denial.PENDING: "rules",
    Denial.NO_ASKING: "mute",
    Denial.NO_WRITING: "mute",
    Denial.THREAD_LOCKED: "locked",
    Denial.NO_READING: "shut out",
    Denial.NOT_MODERATOR: "no mod",
    Denial.NOT_MODERATOR_THERE: "no mod",
    Denial.NEEDS_MODERATOR: "no mod",
    Denial.NOT_MANAGER: "no manager",
}


async def tried(act: Act, cell: Cell) -> str:
    """What comes of one cell, in the word of the tables."""
    world, word = cell.world, cell.place.word
    world.refused.clear()
    with undone(world.db) as written:
        result = await act.do(cell)
    results = result if isinstance(result, list) else [result]
    said = "\n".join(each if isinstance(each, str) else told(each) for each in results if each)
    if world.refused:
        reason = world.refused[-1].reason
        assert act.tidied or not written.changed, f"{reason}, and yet something was written"
        assert WORDS.get(reason) != "gone" or act.typed or word not in said, said
        return WORDS.get(reason, reason.value)
    if act.sign is Sign.SHOWN:
        shown = act.shows.format(word=word) in said
        assert shown or act.typed or word not in said, said
        return YES if shown else NO
    if act.sign is Sign.FORM:
        assert all(each.modal is not None for each in results), said
    elif act.sign is Sign.WRITTEN:
        assert written.done, said
    else:
        assert said
    return YES


def to_try(cells: Cells, columns: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Which cells are tried: see the head of this file."""
    acts = dict.fromkeys(act for act, _, _ in cells)
    everything = [(who, column) for who in PEOPLE for column in columns]
    alike: dict[tuple[str, ...], list[str]] = {}
    for act in acts:
        alike.setdefault(tuple(cells[act, *each] for each in everything), []).append(act)
    for block in alike.values():
        for n, who in enumerate(PEOPLE):
            for m, column in enumerate(columns):
                mine = [act for k, act in enumerate(block) if (n + k - m) % len(columns) == 0]
                if "EVERY_CELL" in os.environ:
                    mine = block
                yield from ((act, who, column) for act in mine or [block[(n + m) % len(block)]])


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("heard")
async def test_every_cell(world: Population, table: str, part: int) -> None:
    path, acts, columns = TABLES[table]
    expected, found, belongs = read_table(path), Cells(), ""
    people = [*PEOPLE][part::PARTS]
    cells = [cell for cell in to_try(expected, columns) if cell[1] in people]
    manager = replace(world.actor(world.people["manager"]), is_manager=True)
    await change_setting(world.db, manager, "anonymous", "on", now=world.env.now())
    for act, who, column in sorted(cells, key=lambda cell: cell[1]):
        if who != belongs:
            await world.belongs_to(world.people[who])
            belongs = who
        place = world.places.get(column, world.open)
        try:
            found[act, who, column] = await tried(acts[act], Cell(world, world.people[who], place))
        except AssertionError as error:
            raise AssertionError(f"{act}, {who}, {column}") from error
    assert found == {cell: expected[cell] for cell in found}


@pytest.mark.parametrize("table", TABLES)
def test_no_cell_is_left_out(table: str) -> None:
    path, acts, columns = TABLES[table]
    cells = {(act, who, column) for act in acts for who in PEOPLE for column in columns}
    assert read_table(path).keys() == cells


@on_sqlite
def test_no_way_in_is_left_out(env: simcord.Env) -> None:
    """A new command, menu, control or listener needs a row that says who may use it, and where."""
    bot = env.bot
    assert isinstance(bot, Askwell)
    typed = [command for command in synced(env) if command.get("type", SLASH) == SLASH]
    ways = {f"/{path}" for command in typed for path, _ in leaves(command)}
    ways |= {command["name"] for command in synced(env) if command not in typed}
    ways |= {*bot.router.handlers, "reaction"}
    assert {way_in(act) for act in (*ON_POSTS, *ON_THE_SERVER)} == ways
