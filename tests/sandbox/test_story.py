"""The sandbox's story, told in each kind of channel, on each database, in each language."""

from typing import get_args

import pytest

from bot.i18n import LOCALES
from bot.sandbox import support_story
from bot.sandbox.script import SCRIPTS, SUPPORT_SCRIPTS
from bot.sandbox.stage import StoryFailed
from bot.sandbox.story import Kind, play
from bot.sandbox.world import HARBOUR, World, build_world


def test_every_language_has_its_story() -> None:
    assert set(SCRIPTS) == set(LOCALES)
    assert set(SUPPORT_SCRIPTS) == set(LOCALES)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", get_args(Kind))
async def test_the_story_is_told(world: World, kind: Kind, locale: str) -> None:
    told: list[str] = []

    await play(world, kind=kind, locale=locale, pause=1, out=told.append)

    _is_for_people(told, world, SCRIPTS[locale].title)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("locale", LOCALES)
async def test_the_second_server_has_a_story_of_its_own(world: World, locale: str) -> None:
    """With the support preset as it is, and with the same people."""
    harbour = build_world(world.env, plan=HARBOUR, locale=locale)
    told: list[str] = []

    last = await support_story.play(harbour, locale=locale, out=told.append, after=20)

    _is_for_people(told, harbour, SUPPORT_SCRIPTS[locale].title)
    assert "\n21. Sam runs /setup" in "\n".join(told)
    assert f"\n{last}. " in "\n".join(told)
    assert [person.id for person in harbour.people] == [person.id for person in world.people]
    assert world.untouched
    assert not harbour.untouched


def _is_for_people(told: list[str], world: World, title: str) -> None:
    text = "\n".join(told)
    assert title in text
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
