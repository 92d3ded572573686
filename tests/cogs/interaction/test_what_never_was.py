"""Posts that are closed to a member, hidden or deleted get the same replies as posts that never
existed, to the byte. So do tags that are only used in closed channels."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import simcord

from bot.usecases import commenting, editing, removing, tagging
from tests.support.acts import Act, Cell, Sign
from tests.support.acts_on_posts import ON_POSTS
from tests.support.forgery import invoke
from tests.support.kinds import SIMPLE
from tests.support.population import Place, Population, undone
from tests.support.server import told

pytestmark = SIMPLE

# What names a post, and may be sent for one that is not there for whoever sends it.
NAMING = [
    name
    for name in ON_POSTS
    if not re.search(
        r"own|by the asker|[A-Z]|^/?ask|consent|offer|reaction|^unfollow|a category|\.category",
        name,
    )
    and ON_POSTS[name].sign is not Sign.SHOWN
] + ["answers"]


@pytest.mark.parametrize("state", ["closed", "hidden", "deleted", "below", "held"])
@pytest.mark.usefixtures("heard")
async def test_it_reads_the_same(world: Population, state: str) -> None:
    """`below` is a comment on a hidden answer."""
    assert {
        "answer",
        "/vote",
        "edit.form",
        "/hide",
        "review.show",
        "more",
        "draft, of a report",
    } <= {*NAMING}
    gone, never = await _gone(world, state), _never(world)
    different: dict[str, tuple[str, str]] = {}
    for name in NAMING:
        said = [await _said(world, ON_POSTS[name], place) for place in (gone, never)]
        if said[0] != said[1]:
            different[name] = (said[0], said[1])
    assert not different


async def _gone(world: Population, state: str) -> Place:
    place, db, now = world.open, world.db, world.env.now()
    bob, guild_id = world.actor(world.bystander), world.server.guild.id
    if state == "closed":
        return world.places["closed"]
    if state == "below":
        below = await commenting.comment_on(
            db, bob, place.answer, "Says who, I wonder?", origin_id=77, now=now
        )
        world.numbers[below.post_id] = f"#{below.number}.{below.sub_number}"
        await removing.hide_post(db, guild_id, place.answer, now=now)
        row = below.post_id
        return replace(place, question=row, answer=row, hidden=row, answer_to_me=row)
    if state == "held":
        row = place.held
        return replace(place, question=row, answer=row, hidden=row, answer_to_me=row)
    for row in (place.answer, place.answer_to_me, place.question):
        if state == "hidden":
            await removing.hide_post(db, guild_id, row, now=now)
        else:
            await editing.delete_post(db, replace(bob, is_moderator=True), row, now=now)
    return place


def _never(world: Population) -> Place:
    """A place of posts that nobody wrote."""
    row = 4_000
    world.numbers[row] = "#4000"
    return replace(world.open, question=row, answer=row, hidden=row, answer_to_me=row, held=row)


async def _said(world: Population, act: Act, place: Place) -> str:
    """What a member reads, whatever number they typed."""
    result = await act.do(Cell(world, world.people["member"], place))
    assert result.modal is None
    return re.sub(r"#[0-9.]+", "#N", told(result))


# What names a tag, by the tag that is named; "fern" is one that nobody uses.
NAMING_TAGS: dict[str, Callable[[str], dict[str, Any]]] = {
    "tag synonym": lambda tag: {"tag": tag, "target": "fern"},
    "tag unsynonym": lambda tag: {"tag": tag},
    "tag merge": lambda tag: {"tag": tag, "into": "fern"},
    "follow": lambda tag: {"tag": tag},
    "unfollow": lambda tag: {"tag": tag},
    "questions": lambda tag: {"tag": tag},
    "search": lambda tag: {"query": "sun", "tag": tag},
}


@pytest.mark.usefixtures("heard")
async def test_a_tag_of_a_closed_channel_reads_like_one_that_nobody_uses(
    world: Population, owner: simcord.MemberActor
) -> None:
    """`dogwood` is carried by posts of a closed channel alone, and `cornel` is a synonym of it."""
    boss = replace(world.actor(world.bystander), is_moderator=True)
    now, lounge = world.env.now(), world.server.lounge
    await tagging.add_synonym(world.db, boss, "cornel", "dogwood", now=now)
    somebody = world.people["moderator"]

    async def said(command: str, **options: str) -> str:
        with undone(world.db):
            result = await invoke(somebody, lounge, command, **options)
        assert "wrong" not in told(result)
        return told(result)

    for closed in ("dogwood", "cornel"):
        for command, options in NAMING_TAGS.items():
            told_of_it, told_of_none = [
                (await said(command, **options(tag))).replace(tag, "…") for tag in (closed, "yew")
            ]
            assert told_of_it == told_of_none, command
    back = {"tag": "dogwood", "target": "cornel"}
    assert "already a synonym" not in await said("tag synonym", **back)
    for command in ("tag list", "tags", "follow"):
        assert "dogwood" not in await said(command)
        assert "cornel" not in await said(command)
    for command, field in (
        ("tag synonym", "tag"),
        ("tag synonym", "target"),
        ("tag unsynonym", "tag"),
        ("tag merge", "tag"),
        ("tag merge", "into"),
        ("follow", "tag"),
        ("questions", "tag"),
        ("search", "tag"),
    ):
        for typed in ("", "c", "corn", "dog"):
            offered = await somebody.autocomplete(lounge, command, field, typed)
            assert not {"dogwood", "cornel"} & {choice["value"] for choice in offered}, command
    assert "`dogwood` 1" in told(await invoke(owner, lounge, "tags"))
