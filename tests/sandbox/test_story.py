"""The sandbox's story, told in each kind of channel, on each database, in each language."""

from typing import get_args

import pytest
import simcord

from bot.i18n import LOCALES
from bot.sandbox.script import SCRIPTS
from bot.sandbox.story import Kind, StoryFailed, play
from bot.sandbox.world import World, build_world


@pytest.fixture
def world(env: simcord.Env) -> World:
    """The simulated server, nothing said in it yet."""
    return build_world(env)


def test_every_language_has_its_story() -> None:
    assert set(SCRIPTS) == set(LOCALES)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", get_args(Kind))
async def test_the_story_is_told(world: World, kind: Kind, locale: str) -> None:
    told: list[str] = []

    await play(world, kind=kind, locale=locale, pause=1, out=told.append)

    text = "\n".join(told)
    script = SCRIPTS[locale]
    assert script.title in text
    # What people read, not what the protocol says.
    assert "<@" not in text
    assert "<#" not in text
    assert "discord.com" not in text
    # Everybody has got a part in it.
    for person in world.people:
        assert f". {person.name} " in text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_the_story_stops_where_something_is_wrong(world: World) -> None:
    # Told a second time in the same server, figures are no longer what the story says they are.
    await play(world, pause=1, out=lambda _: None)

    with pytest.raises(StoryFailed, match=r"step \d+"):
        await play(world, pause=1, out=lambda _: None)
