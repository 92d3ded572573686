"""Setting a server up: its settings and categories."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem
from bot.domain.voting import UP
from bot.i18n import texts_for
from bot.usecases import browsing, guilds, publishing, seeing
from bot.usecases.categories import (
    CATEGORIES_MAX,
    DEPTH_MAX,
    CategoryForm,
    Part,
    add_category,
    change_category,
    remove_category,
    reset_category,
)
from bot.usecases.presets import PRESETS
from data.database import Database
from tests.store.forum import CHANNEL, Forum


async def set_up(forum: Forum, locale: str = "en", **choices: Any) -> dict[str, str]:
    form = guilds.SetupForm(**{"channel_id": 5, **choices})
    rules = await guilds.set_up(forum.db, forum.manager, form, locale=locale, now=forum.now)
    return dict(rules.values)


@pytest.mark.parametrize("preset", PRESETS)
async def test_a_preset_brings_settings_and_categories_once(db: Database, preset: str) -> None:
    forum = Forum(db)
    first = await set_up(forum, preset=preset)
    names = [c.name for c in await browsing.categories_of(db, forum.guild_id)]
    assert names == [name for name, _ in PRESETS[preset].categories]
    assert first["question_channel"] == "5"
    assert first.items() >= PRESETS[preset].settings.items()
    assert first["welcome"]
    assert await set_up(forum, preset=preset) == first
    assert [c.name for c in await browsing.categories_of(db, forum.guild_id)] == names


async def test_a_preset_speaks_the_servers_language(db: Database) -> None:
    forum = Forum(db)
    rules = await set_up(forum, preset="support", locale="de")
    assert rules["locale"] == "de"
    names = [c.name for c in await browsing.categories_of(db, forum.guild_id)]
    german = texts_for("de")
    assert names == [german(name) for name, _ in PRESETS["support"].categories]
    assert (await set_up(forum, locale="en-US"))["locale"] == "de", "the choice was made"


async def test_setting_up_again_only_changes_what_it_names(db: Database) -> None:
    forum = Forum(db)
    await set_up(forum, moderator_role_id=8)
    await forum.set("voting", "private")
    rules = await set_up(forum, channel_id=6)
    assert (rules["question_channel"], rules["moderator_role"]) == ("6", "8")
    assert rules["voting"] == "private"


async def test_only_managers_set_up(forum: Forum, moderator: Actor) -> None:
    now, db = forum.now, forum.db
    for attempt in (
        guilds.change_setting(db, moderator, "voting", "private", now=now),
        guilds.recount_server(db, moderator, now=now),
        add_category(db, moderator, "Sleep", now=now),
        change_category(db, moderator, 1, name="Sleep", now=now),
        reset_category(db, moderator, 1, Part.ROLE, now=now),
        remove_category(db, moderator, 1, now=now),
        guilds.set_up(
            db,
            moderator,
            guilds.SetupForm(1),
            locale="en",
            now=now,
        ),
    ):
        with pytest.raises(Denied, match=Denial.NOT_MANAGER):
            await attempt


async def test_a_setting_is_changed_and_taken_back(forum: Forum) -> None:
    async def change(typed: str | None) -> tuple[str, str]:
        change = await guilds.change_setting(
            forum.db, forum.manager, "limit.votes", typed, now=forum.now
        )
        return change.old, change.new

    assert await change(" 50 ") == ("300", "50")
    assert await change(None) == ("50", "300")
    with pytest.raises(Invalid, match=Problem.NOT_A_NUMBER):
        await change("many")
    for name in ("nonsense", "solved_tag"):
        with pytest.raises(NotFound, match=Missing.SETTING):
            await forum.set(name, "1")


async def test_the_vote_emoji_are_two(forum: Forum) -> None:
    with pytest.raises(Invalid, match=Problem.SAME_EMOJI):
        await forum.set("vote_up_emoji", "⬇")
    assert (await browsing.rules_of(forum.db, forum.guild_id)).vote_emoji == ("⬆️", "⬇️")
    await guilds.choose_vote_emoji(forum.db, forum.manager, "⬇️", "⬆️", now=forum.now)
    assert (await browsing.rules_of(forum.db, forum.guild_id)).vote_emoji == ("⬇️", "⬆️")


async def test_points_follow_a_new_weight(
    forum: Forum, alice: Actor, bob: Actor, question: int, answer: int
) -> None:
    await forum.vote(alice, answer, UP)
    await forum.set("points.answer_vote", "5")
    await forum.set("points.question", "0")
    assert await forum.points(bob) == 45
    assert await forum.points(alice) == 0
    await forum.assert_consistent()


async def test_categories_stand_below_each_other(forum: Forum) -> None:
    db, manager, now = forum.db, forum.manager, forum.now
    health = await add_category(
        db, manager, " Health\n", CategoryForm(description="All of it"), now=now
    )
    work = await add_category(db, manager, "Work", now=now)
    sleep = await add_category(
        db, manager, "Sleep", CategoryForm(parent_id=health, emoji="😴"), now=now
    )
    await add_category(db, manager, "Sleep", CategoryForm(parent_id=work), now=now)
    found = await browsing.categories_of(db, forum.guild_id)
    assert [(c.name, c.path) for c in found] == [
        ("Health", ()),
        ("Sleep", ("Health",)),
        ("Work", ()),
        ("Sleep", ("Work",)),
    ]
    parent = sleep
    for level in range(3, DEPTH_MAX + 1):
        parent = await add_category(
            db, manager, f"Level {level}", CategoryForm(parent_id=parent), now=now
        )
    with pytest.raises(Invalid, match=Problem.TOO_DEEP):
        await add_category(db, manager, "Too deep", CategoryForm(parent_id=parent), now=now)


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("\u200b", {}, Problem.EMPTY),
        ("x" * 21, {}, Problem.TOO_LONG),
        ("sleep", {}, Problem.DUPLICATE),
        ("Work", {"emoji": "zzz"}, Problem.NOT_AN_EMOJI),
        ("Work", {"description": "x" * 101}, Problem.TOO_LONG),
        ("Work", {"parent_id": 10**6}, Missing.CATEGORY),
    ],
)
async def test_a_category_that_can_not_be(
    forum: Forum, name: str, options: dict[str, object], reason: str
) -> None:
    await add_category(forum.db, forum.manager, "Sleep", now=forum.now)
    with pytest.raises((Invalid, NotFound), match=reason):
        await add_category(forum.db, forum.manager, name, CategoryForm(**options), now=forum.now)  # type: ignore[arg-type]
    assert len(await browsing.categories_of(forum.db, forum.guild_id)) == 1


async def test_categories_move_with_all_below_them(forum: Forum, elsewhere: Forum) -> None:
    db, manager, now = forum.db, forum.manager, forum.now

    async def tree() -> list[str]:
        found = await browsing.categories_of(db, forum.guild_id)
        return ["/".join((*c.path, c.name)) for c in found]

    row = {
        name: await add_category(db, manager, name, now=now)
        for name in ("Health", "Work", "Sleep", "Other")
    }
    row["Naps"] = await add_category(
        db, manager, "Naps", CategoryForm(parent_id=row["Sleep"]), now=now
    )
    await change_category(db, manager, row["Sleep"], CategoryForm(parent_id=row["Health"]), now=now)
    assert await tree() == ["Health", "Health/Sleep", "Health/Sleep/Naps", "Work", "Other"]
    await change_category(db, manager, row["Other"], CategoryForm(before_id=row["Health"]), now=now)
    await change_category(db, manager, row["Work"], CategoryForm(before_id=row["Health"]), now=now)
    assert [name for name in await tree() if "/" not in name] == ["Other", "Work", "Health"]
    await change_category(
        db,
        manager,
        row["Naps"],
        CategoryForm(parent_id=0, before_id=row["Work"]),
        name="Short naps",
        now=now,
    )
    assert await tree() == ["Other", "Short naps", "Work", "Health", "Health/Sleep"]
    # Named as it is and below what it is: nothing changes.
    before = await tree()
    await change_category(db, manager, row["Sleep"], CategoryForm(parent_id=row["Health"]), now=now)
    assert await tree() == before

    deep = row["Sleep"]
    for level in range(3, DEPTH_MAX + 1):
        deep = await add_category(
            db, manager, f"Level {level}", CategoryForm(parent_id=deep), now=now
        )
    foreign = await add_category(elsewhere.db, elsewhere.manager, "Foreign", now=now)
    await add_category(db, manager, "sleep", CategoryForm(parent_id=row["Work"]), now=now)
    before = await tree()
    refused: tuple[tuple[str, dict[str, int], str], ...] = (
        ("Health", {"parent_id": row["Health"]}, Problem.BELOW_ITSELF),
        ("Health", {"parent_id": deep}, Problem.BELOW_ITSELF),
        ("Health", {"parent_id": row["Work"]}, Problem.TOO_DEEP),
        ("Work", {"parent_id": deep}, Problem.TOO_DEEP),
        ("Work", {"before_id": row["Sleep"]}, Problem.NOT_BESIDE),
        ("Work", {"before_id": row["Work"]}, Problem.NOT_BESIDE),
        ("Work", {"before_id": foreign}, Problem.NOT_BESIDE),
        ("Sleep", {"parent_id": row["Work"]}, Problem.DUPLICATE),
        ("Work", {"parent_id": foreign}, Missing.CATEGORY),
    )
    for category, options, reason in refused:
        with pytest.raises((Invalid, NotFound), match=reason):
            await change_category(db, manager, row[category], CategoryForm(**options), now=now)  # type: ignore[arg-type]
    assert await tree() == before


async def test_the_number_of_categories_is_limited(forum: Forum) -> None:
    for n in range(CATEGORIES_MAX):
        await add_category(forum.db, forum.manager, f"Category {n}", now=forum.now)
    with pytest.raises(Invalid, match=Problem.TOO_MANY):
        await add_category(forum.db, forum.manager, "One more", now=forum.now)
    await set_up(forum, preset="support")
    assert len(await browsing.categories_of(forum.db, forum.guild_id)) == CATEGORIES_MAX


async def test_questions_follow_their_category(forum: Forum, alice: Actor) -> None:
    db, manager, now = forum.db, forum.manager, forum.now
    health = await add_category(db, manager, "Health", now=now)
    sleep = await add_category(db, manager, "Sleep", CategoryForm(parent_id=health), now=now)
    post = await forum.ask(alice, category_id=sleep)
    await forum.clear_jobs()
    assert (await change_category(db, manager, sleep, name="Nights", now=now)).name == "Sleep"
    assert (await forum.card(post)).category == "Nights"
    assert [job.key for job in await forum.jobs()] == [post]
    with pytest.raises(Invalid, match=Problem.NOT_EMPTY):
        await remove_category(db, manager, health, now=now)
    await remove_category(db, manager, sleep, now=now)
    assert (await forum.card(post)).category == "Health"
    assert [c.questions for c in await browsing.counted_categories(db, forum.guild_id)] == [1]
    await remove_category(db, manager, health, now=now)
    assert (await forum.card(post)).category == ""


async def test_channel_and_role_are_those_of_the_nearest_above(forum: Forum) -> None:
    db, manager, now = forum.db, forum.manager, forum.now

    async def below(parent: int | None, name: str, **own: Any) -> int:
        return await add_category(db, manager, name, CategoryForm(parent_id=parent, **own), now=now)

    async def counts() -> dict[str, tuple[int | None, int | None]]:
        known = await browsing.categories_of(db, forum.guild_id)
        return {c.name: (c.channel_id, c.role_id) for c in known}

    health = await below(None, "Health", channel_id=71, role_id=81)
    sleep = await below(health, "Sleep", channel_id=72)
    await below(sleep, "Nights", role_id=82)
    open_to_all = await below(sleep, "Open", role_id=forum.guild_id)
    await below(open_to_all, "Naps")
    await below(None, "Work")
    assert await counts() == {
        "Health": (71, 81),
        "Sleep": (72, 81),
        "Nights": (72, 82),
        "Open": (72, None),
        "Naps": (72, None),
        "Work": (None, None),
    }
    await change_category(db, manager, health, CategoryForm(role_id=83), now=now)
    back = await reset_category(db, manager, sleep, Part.CHANNEL, now=now)
    assert (back.own_channel_id, back.channel_id, back.role_id) == (None, 71, 83)
    found = await counts()
    assert (found["Nights"], found["Naps"]) == ((71, 82), (71, None))


async def test_a_category_is_for_its_role_and_for_moderators(
    forum: Forum, alice: Actor, moderator: Actor
) -> None:
    wards = await add_category(
        forum.db, forum.manager, "Wards", CategoryForm(role_id=81), now=forum.now
    )
    nurse = forum.member(5, roles=frozenset({80, 81}))
    for person in (nurse, moderator):
        await forum.ask(person, category_id=wards)
    for person in (alice, forum.member(6, roles=frozenset({82}))):
        with pytest.raises(Denied) as refused:
            await forum.ask(person, category_id=wards)
        assert refused.value.reason is Denial.NOT_IN_ROLE
        assert refused.value.data == {"category": "Wards", "role": 81}
    await forum.ask(alice)
    assert [c.questions for c in await browsing.counted_categories(forum.db, forum.guild_id)] == [2]


async def test_counts_are_of_the_channels_one_reads_and_of_ones_own(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    db, guild_id = forum.db, forum.guild_id
    sleep = await add_category(db, forum.manager, "Sleep", now=forum.now)
    for home in (CHANNEL, 72, 72, None):
        post = await forum.ask(alice, category_id=sleep)
        if home is not None:
            await publishing.record_shown(db, guild_id, post, home_id=home)

    async def counted(channels: set[int], reader: Actor) -> int:
        found = await browsing.counted_categories(
            db, guild_id, channels=channels, reader_id=reader.user_id
        )
        return found[0].questions

    assert await counted({CHANNEL}, bob) == 1
    assert await counted({CHANNEL, 72}, bob) == 3
    assert await counted(set(), alice) == 4
    assert (await browsing.counted_categories(db, guild_id))[0].questions == 4


async def test_channels_of_old_and_of_new_questions(forum: Forum, alice: Actor) -> None:
    db, manager, guild_id = forum.db, forum.manager, forum.guild_id
    sleep = await add_category(db, manager, "Sleep", CategoryForm(channel_id=72), now=forum.now)
    post = await forum.ask(alice, category_id=sleep)
    answer = await forum.answer(alice, post)
    plain = await forum.ask(alice)

    async def home(post_id: int) -> int | None:
        found = await seeing.home_of(db, guild_id, post_id)
        assert found is not None
        return found.channel_id

    assert await home(post) == 72
    assert await home(answer) == 72
    assert await home(plain) == CHANNEL
    await publishing.record_shown(db, guild_id, post, home_id=72, message_id=5, channel_id=6)
    await change_category(db, manager, sleep, CategoryForm(channel_id=73), now=forum.now)
    assert await home(answer) == 72
    assert await seeing.home_of(db, guild_id, 10**6) is None


async def test_a_category_of_another_server_does_not_exist(forum: Forum, elsewhere: Forum) -> None:
    theirs = await add_category(forum.db, elsewhere.manager, "Theirs", now=forum.now)
    for attempt in (
        change_category(forum.db, forum.manager, theirs, name="Mine", now=forum.now),
        reset_category(forum.db, forum.manager, theirs, Part.CHANNEL, now=forum.now),
        remove_category(forum.db, forum.manager, theirs, now=forum.now),
        add_category(
            forum.db, forum.manager, "Below", CategoryForm(parent_id=theirs), now=forum.now
        ),
    ):
        with pytest.raises(NotFound, match=Missing.CATEGORY):
            await attempt
