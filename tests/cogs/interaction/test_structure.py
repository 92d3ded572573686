"""What every command must have, including future ones."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from simcord.components import walk_components

from bot.app import Askwell
from cogs.ui.controls import read_custom_id
from tests.support.commands import MESSAGE, SLASH, USER, leaves, synced
from tests.support.kinds import SIMPLE, on_sqlite
from tests.support.replies import buttons
from tests.support.server import Server, told

ROOT = Path(__file__).resolve().parents[3]
NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
MANAGE_GUILD = discord.Permissions(manage_guild=True).value
# Discord shows these to nobody else, until a server says so.
FOR_MANAGERS = {"setup", "settings", "category", "bonus", "recount", "stats"}


def described(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Everything with a description: commands, groups and options."""
    path = f"{path} {node['name']}".strip()
    yield path, node.get("description", "")
    for option in node.get("options") or ():
        yield from described(option, path)


@pytest.fixture
def slash(env: simcord.Env) -> list[dict[str, Any]]:
    return [c for c in synced(env) if c.get("type", SLASH) == SLASH]


@on_sqlite
def test_names_and_descriptions(slash: list[dict[str, Any]]) -> None:
    for command in slash:
        for path, description in described(command):
            assert NAME.fullmatch(path.rsplit(" ", maxsplit=1)[-1]), path
            assert 3 < len(description) <= 100, f"/{path}: {description!r}"
            assert description != "…", f"/{path} has no description"
            assert description[0].isupper(), f"/{path}: {description!r}"


@on_sqlite
def test_commands_belong_to_servers(env: simcord.Env) -> None:
    for command in synced(env):
        # Asking alone begins in the bot's direct messages, too.
        contexts = [0, 1] if command["name"] == "ask" else [0]
        assert command["contexts"] == contexts, f"{command['name']} could be used elsewhere"
        assert command["integration_types"] == [0], f"{command['name']} could be taken along"


@on_sqlite
def test_commands_for_managers_are_only_shown_to_them(slash: list[dict[str, Any]]) -> None:
    for command in slash:
        wanted = command["default_member_permissions"]
        if command["name"] in FOR_MANAGERS:
            assert int(wanted) == MANAGE_GUILD, command["name"]
        else:
            assert wanted is None or int(wanted) != MANAGE_GUILD, command["name"]


@on_sqlite
def test_menus(env: simcord.Env) -> None:
    menus = [c for c in synced(env) if c.get("type") in (USER, MESSAGE)]
    assert sum(c["type"] == MESSAGE for c in menus) <= 5, "Discord takes five"
    assert sum(c["type"] == USER for c in menus) <= 5
    for menu in menus:
        assert menu["name"][0].isupper()
        assert 3 < len(menu["name"]) <= 32


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)
async def test_each_is_listed_in_help(
    server: Server, env: simcord.Env, owner: simcord.MemberActor
) -> None:
    assert isinstance(env.bot, Askwell)
    shown = await owner.slash(server.lounge, "help")
    text, ids = told(shown), env.bot.command_ids
    assert shown.response is not None
    for label in [name for name in buttons(shown) if name.startswith("Commands for")]:
        text += told(await owner.click(shown.response, label=label))
    for command in synced(env):
        if command.get("type", SLASH) != SLASH:
            assert f"**{command['name']}**" in text
            continue
        for path, leaf in leaves(command):
            mention = f"</{path}:{ids[command['name']]}> {leaf['description']}"
            assert mention in text, f"/{path} is missing in /help"


@on_sqlite
def test_each_has_its_row_in_the_readme(env: simcord.Env) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `/(\w+)[^`]*` \| ([^|]+?) \|", readme, re.MULTILINE))
    menus = set(re.findall(r"^\| \*([^*]+)\* \|", readme, re.MULTILINE))
    for command in synced(env):
        if command.get("type", SLASH) != SLASH:
            assert command["name"] in menus, f"{command['name']} has no row in README.md"
            continue
        assert command["name"] in rows, f"/{command['name']} has no row in README.md"
        if command["name"] in FOR_MANAGERS:
            assert rows[command["name"]] == "managers"
    assert set(rows) <= {c["name"] for c in synced(env)}, "README.md has commands that are gone"


class TestReplies:
    pytestmark = SIMPLE

    async def test_every_command_answers_privately(
        self, server: Server, env: simcord.Env, owner: simcord.MemberActor
    ) -> None:
        """Those that need no option, at the least: with a private reply, or with a form."""
        for command in synced(env):
            if command.get("type", SLASH) != SLASH:
                continue
            for path, leaf in leaves(command):
                if any(option.get("required") for option in leaf.get("options") or ()):
                    continue
                reply = await owner.slash(server.lounge, path)
                assert reply.acknowledged, f"/{path} says nothing"
                assert reply.modal is not None or reply.ephemeral, f"/{path} is seen by all"

    async def test_every_control_shown_has_somebody_who_answers(
        self, server: Server, env: simcord.Env, owner: simcord.MemberActor
    ) -> None:
        assert isinstance(env.bot, Askwell)
        for command in synced(env):
            if command.get("type", SLASH) != SLASH:
                continue
            for path, leaf in leaves(command):
                if any(option.get("required") for option in leaf.get("options") or ()):
                    continue
                reply = await owner.slash(server.lounge, path)
                shown = reply.response.components if reply.response else []
                for part in walk_components(shown):
                    if "custom_id" in part:
                        wanted = read_custom_id(part["custom_id"])
                        assert wanted is not None, part
                        assert wanted.action in env.bot.router.handlers, part


@on_sqlite
def test_every_control_in_the_code_has_somebody_who_answers(env: simcord.Env) -> None:
    """Whatever is written as `button(…, "action")`, or so with `custom_id` and `_form`."""
    assert isinstance(env.bot, Askwell)
    place = {"button": 1, "custom_id": 0, "_form": 1}
    found: set[str] = set()
    for path in (ROOT / "cogs").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            index = place.get(node.func.id)
            if index is None or len(node.args) <= index:
                continue
            action = node.args[index]
            if isinstance(action, ast.Constant) and isinstance(action.value, str):
                found.add(action.value)
    assert {"ask.form", "more", "setup.finish"} <= found
    assert found <= set(env.bot.router.handlers), "controls that nothing answers"
