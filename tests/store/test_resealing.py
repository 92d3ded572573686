"""Sealing anew who wrote anonymously: at an erasure, with another key, without any, and after a
restore. Whoever has two copies of the database learns nothing of whose rows were replaced."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select

from bot.domain.erasures import Erased, ErasureList, digest_of
from bot.sealing import KEY_BYTES, Label, Sealing, blank
from bot.usecases import (
    forgetting,
    late_erasing,
    leaving,
    own_data,
    personas,
    repeating,
    resealing,
)
from bot.usecases.personas import Renewing
from bot.usecases.recounting import Figure, recount
from data import erasures, exporting, forgotten_posts, importing, key_check, late_words, post_blocks
from data import personas as kept
from data.database import Database
from data.models import Guild, PersonaRow, Post, PostBlock, PostText, Presence, Upkeep
from data.types import EPOCH
from tests.store.forum import Forum
from tests.support.anonymous import ALICE, anonymous, member, persona_of
from tests.support.databases import Databases
from tests.support.keys import SEALING

NEW = bytes([7]) * KEY_BYTES
ROTATED = Sealing([NEW, bytes(range(KEY_BYTES))])
"""The key of the tests with a newer one before it."""
BOB, CAROL = 2, 3
Rows = dict[int, tuple[bytes, bytes]]


class World:
    """A server in which Alice, Bob and Carol have written anonymously."""

    def __init__(self, forum: Forum) -> None:
        self.forum = forum
        self.numbers: dict[int, set[int]] = {}
        self.posts: dict[int, list[int]] = {}

    async def open(self) -> World:
        for user_id in (ALICE, BOB, CAROL):
            person = member(self.forum, user_id)
            posts = self.posts[user_id] = []
            for n in range(2):
                asked = await self.forum.ask(
                    await anonymous(self.forum, person), f"May {user_id % 97} ask {n} of this?"
                )
                posts.append(asked)
                found = await persona_of(self.forum, person, asked)
                self.numbers.setdefault(user_id, set()).add(found.number)
                self.forum.later(hours=1)
        me = await anonymous(self.forum, member(self.forum, ALICE), self.posts[BOB][0])
        answer = await self.forum.answer(
            me, self.posts[BOB][0], "I know this one, and how it ends."
        )
        self.posts[ALICE].append(answer)
        found = await persona_of(self.forum, member(self.forum, ALICE), answer)
        self.numbers[ALICE].add(found.number)
        return self

    async def rows(self) -> Rows:
        """Handles and boxes, by number."""
        async with self.forum.db.read() as tx:
            found = await tx.rows(select(PersonaRow.number, PersonaRow.handle, PersonaRow.box))
        return {row[0]: (row[1], row[2]) for row in found}

    async def salts(self) -> tuple[bytes, ...]:
        async with self.forum.db.read() as tx:
            return await kept.salts_of(tx, self.forum.guild_id)

    async def found(self, user_id: int, sealing: Sealing = SEALING) -> set[int]:
        """The numbers that a member is found by."""
        seal = personas.seal_of(sealing, self.forum.guild_id, user_id)
        async with self.forum.db.read() as tx:
            return set(await kept.numbers_of(tx, self.forum.guild_id, seal))

    async def named(self, number: int, sealing: Sealing = SEALING) -> int | None:
        """Whom the box of a persona names."""
        async with self.forum.db.read() as tx:
            opening = personas.Opening(sealing)
            return await kept.member_of(tx, self.forum.guild_id, number, opening)

    async def begin_erasing(self, user_id: int, *, texts: bool = False) -> None:
        forum = self.forum
        await forgetting.begin(forum.db, forum.guild_id, user_id, texts=texts, now=forum.now)

    async def go_on(self, user_id: int) -> bool:
        forum = self.forum
        return await forgetting.go_on(
            forum.db, forum.guild_id, user_id, sealing=SEALING, now=forum.now
        )

    async def erase(
        self, user_id: int, *, texts: bool = False, sealing: Sealing | None = SEALING
    ) -> None:
        forum = self.forum
        await self.begin_erasing(user_id, texts=texts)
        await forgetting.finish(forum.db, forum.guild_id, user_id, sealing=sealing, now=forum.now)

    async def assert_gone(self, user_id: int, sealing: Sealing = SEALING) -> None:
        assert await self.found(user_id, sealing) == set()
        for number in self.numbers[user_id]:
            assert await self.named(number, sealing) is None

    async def assert_there(self, user_id: int, sealing: Sealing = SEALING) -> None:
        assert await self.found(user_id, sealing) == self.numbers[user_id]
        for number in self.numbers[user_id]:
            assert await self.named(number, sealing) == user_id


@pytest.fixture
async def world(db: Any) -> World:
    return await World(await Forum(db).open({"anonymous": "on"})).open()


def assert_all_anew(before: Rows, after: Rows) -> None:
    """Every row differs, and none stands out."""
    assert after.keys() == before.keys()
    for number, (handle, box) in after.items():
        assert handle != before[number][0]
        assert box != before[number][1]
    assert len({(len(handle), len(box), box[0]) for handle, box in after.values()}) == 1


def test_what_no_key_opens_looks_like_a_box() -> None:
    box = SEALING.seal(Label.AUTHOR, bytes(8), 1, 2, 3)
    made = [blank(box) for _ in range(50)]
    assert {(len(each), each[0]) for each in made} == {(len(box), box[0])}
    assert len(set(made)) == 50


# An erasure


def test_the_step_of_it_is_the_one_that_others_look_for() -> None:
    assert forgetting._STEPS[erasures.LAST_STEP] is forgetting._authors
    assert len(forgetting._STEPS) == erasures.LAST_STEP + 1


async def test_after_an_erasure_every_row_differs_and_the_key_finds_nobody(world: World) -> None:
    before, salts = await world.rows(), await world.salts()
    await world.erase(ALICE)
    assert_all_anew(before, await world.rows())
    (salt,) = await world.salts()
    assert salt not in salts
    await world.assert_gone(ALICE)
    for other in (BOB, CAROL):
        await world.assert_there(other)


async def test_others_posts_work_on_and_hers_stay_an_anonymous_authors(world: World) -> None:
    forum = world.forum
    await world.erase(ALICE)
    bob = await anonymous(forum, member(forum, BOB), world.posts[BOB][0])
    await forum.edit(bob, world.posts[BOB][0], "With more words.", title="May two ask 0 of that?")
    async with forum.db.read() as tx:
        query = select(Post.author_id).where(Post.id.in_(world.posts[ALICE]))
        assert {row[0] for row in await tx.rows(query)} == world.numbers[ALICE]
    again = await anonymous(forum, member(forum, ALICE), world.posts[BOB][0])
    assert again.persona is not None
    assert again.persona.number not in world.numbers[ALICE]
    await forum.assert_consistent()


async def test_cut_off_anywhere_it_goes_on_and_others_are_found_all_along(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "PORTION", 2)
    before, portions = await world.rows(), set[int]()
    await world.begin_erasing(ALICE)
    while await world.go_on(ALICE):
        portions.add(len(await world.salts()))
        for other in (BOB, CAROL):
            await world.assert_there(other)
    assert portions == {1, 2}, "some portions were in the midst of it"
    await forgetting.finish_all(world.forum.db, sealing=SEALING, now=world.forum.now)
    assert_all_anew(before, await world.rows())
    assert len(await world.salts()) == 1
    await world.assert_gone(ALICE)


async def test_two_at_once_are_done_one_after_the_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks at any moment sees no row change that others of its kind don't."""
    monkeypatch.setattr(forgetting, "PORTION", 2)
    for user_id in (ALICE, BOB):
        await world.begin_erasing(user_id)
    more = {ALICE, BOB}
    while more:
        for user_id in sorted(more):
            if not await world.go_on(user_id):
                more.discard(user_id)
            assert len(await world.salts()) <= 2, "one renewal at a time"
        await world.assert_there(CAROL)
    await forgetting.finish_all(world.forum.db, sealing=SEALING, now=world.forum.now)
    assert len(await world.salts()) == 1
    for user_id in (ALICE, BOB):
        await world.assert_gone(user_id)
    await world.assert_there(CAROL)


async def test_without_a_key_nobody_is_left(world: World) -> None:
    before = await world.rows()
    await world.erase(ALICE, sealing=None)
    assert_all_anew(before, await world.rows())
    for user_id in (ALICE, BOB, CAROL):
        await world.assert_gone(user_id)


async def test_who_was_imported_has_no_box_and_changes_too(world: World) -> None:
    number = min(world.numbers[CAROL])
    async with world.forum.db.write() as tx:
        await tx.execute(delete(PersonaRow).where(PersonaRow.number == number))
        await kept.add_unknown(tx, world.forum.guild_id)
    before = (await world.rows())[number]
    await world.erase(ALICE)
    after = (await world.rows())[number]
    assert before[1] is after[1] is None
    assert before[0] != after[0]


# Texts


def planned(world: World, box: bytes) -> dict[int, int]:
    guild_id, posts = json.loads(SEALING.open(Label.ERASING, box))
    assert guild_id == world.forum.guild_id
    return dict(posts)


async def boxes(world: World) -> list[tuple[str, bytes]]:
    return await world.forum.db.in_read(late_words.boxes)


async def bodies(world: World, posts: Iterable[int]) -> dict[int, str]:
    async with world.forum.db.read() as tx:
        query = select(PostText.post_id, PostText.body).where(PostText.post_id.in_(list(posts)))
        return {row[0]: row[1] for row in await tx.rows(query)}


async def test_texts_go_each_in_its_own_minute(world: World) -> None:
    forum = world.forum
    await world.erase(ALICE, texts=True)
    ((name, box),) = await boxes(world)
    plan, asked = planned(world, box), (forum.now - EPOCH) // timedelta(minutes=1)
    assert set(plan) == set(world.posts[ALICE])
    assert len(set(plan.values())) == len(plan)
    assert all(asked <= minute <= asked + 3 * 1440 for minute in plan.values())
    assert late_erasing.BODY not in (await bodies(world, plan)).values()
    for place, post_id in enumerate(sorted(plan, key=lambda each: plan[each])):
        now = EPOCH + timedelta(minutes=plan[post_id], seconds=17)
        assert await late_erasing.erase_due(forum.db, SEALING, now - timedelta(minutes=1)) == 0
        assert await late_erasing.erase_due(forum.db, SEALING, now) == 1
        gone = [
            each for each, body in (await bodies(world, plan)).items() if body == late_erasing.BODY
        ]
        assert len(gone) == place + 1
        left = await boxes(world)
        if place + 1 < len(plan):
            ((later, other),) = left
            assert later == name
            assert (len(other), other != box) == (len(box), True)
        else:
            assert left == []
    assert late_erasing.BODY not in (await bodies(world, world.posts[BOB])).values()


async def test_a_plan_is_written_anew_at_each_look(world: World) -> None:
    await world.erase(ALICE, texts=True)
    before = await boxes(world)
    assert await late_erasing.erase_due(world.forum.db, None, world.forum.now) == 0
    assert await boxes(world) == before
    await late_erasing.erase_due(world.forum.db, SEALING, world.forum.now - timedelta(days=1))
    assert await boxes(world) != before


async def test_no_row_says_which_posts_are_planned(world: World) -> None:
    await world.erase(ALICE, texts=True)
    async with world.forum.db.read() as tx:
        values = [row[0] for row in await tx.rows(select(Upkeep.value))]
    for value in values:
        assert f"[{world.posts[ALICE][0]}," not in value
        assert b"[%d," % world.posts[ALICE][0] not in bytes.fromhex(value)


async def test_a_plan_of_a_server_that_is_gone_ends(world: World) -> None:
    await world.erase(ALICE, texts=True)
    async with world.forum.db.write() as tx:
        await late_words.drop_all(tx)
        await late_erasing.spread(tx, SEALING, 4711, [1, 2], world.forum.now)
    await late_erasing.erase_due(world.forum.db, SEALING, world.forum.now)
    assert await boxes(world) == []


async def test_many_texts_take_longer(world: World) -> None:
    posts = list(range(1, 901))
    async with world.forum.db.write() as tx:
        await late_erasing.spread(tx, SEALING, world.forum.guild_id, posts, world.forum.now)
    ((_, box),) = await boxes(world)
    minutes = sorted(planned(world, box).values())
    looks = {minute // 5 for minute in minutes}
    assert len(minutes) == len(posts)
    assert len(looks) > len(posts) * 0.9, "hardly two between the same looks"
    assert minutes[-1] - minutes[0] > 4 * 1440


# Another key, or none


async def test_a_new_key_seals_all_of_them(world: World) -> None:
    forum, steps = world.forum, list[tuple[str, int, int]]()
    await world.erase(CAROL, texts=True)
    before = await world.rows()
    assert not await resealing.is_rotated(forum.db, ROTATED)
    done = await resealing.rotate(forum.db, ROTATED, forum.now, lambda *each: steps.append(each))
    assert done == 1
    assert steps
    assert all(0 < done <= total for _, done, total in steps)
    assert await resealing.is_rotated(forum.db, ROTATED)
    assert_all_anew(before, await world.rows())
    alone = Sealing([NEW])
    for user_id in (ALICE, BOB):
        await world.assert_there(user_id, alone)
        await world.assert_gone(user_id)
    await world.assert_gone(CAROL, alone)
    ((_, box),) = await boxes(world)
    assert alone.open(Label.ERASING, box)
    assert len(await world.salts()) == 1


async def test_cut_off_a_rotation_is_done_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        pass

    def dies(_: str, done: int, total: int) -> None:
        if done < total:
            raise Died

    forum = world.forum
    monkeypatch.setattr(resealing, "PORTION", 2)
    with pytest.raises(Died):
        await resealing.rotate(forum.db, ROTATED, forum.now, dies)
    assert len(await world.salts()) == 2
    assert not await resealing.is_rotated(forum.db, ROTATED)
    for user_id in (ALICE, BOB, CAROL):
        await world.assert_there(user_id, ROTATED)
    await resealing.rotate(forum.db, ROTATED, forum.now, lambda *_: None)
    for user_id in (ALICE, BOB, CAROL):
        await world.assert_there(user_id, Sealing([NEW]))
    assert len(await world.salts()) == 1


async def test_a_rotation_amid_an_erasure(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    forum = world.forum
    monkeypatch.setattr(forgetting, "PORTION", 2)
    await world.begin_erasing(ALICE)
    while len(await world.salts()) < 2:
        assert await world.go_on(ALICE)
    await resealing.rotate(forum.db, ROTATED, forum.now, lambda *_: None)
    await forgetting.finish_all(forum.db, sealing=ROTATED, now=forum.now)
    assert len(await world.salts()) == 1
    await world.assert_gone(ALICE, ROTATED)
    for user_id in (BOB, CAROL):
        await world.assert_there(user_id, Sealing([NEW]))


async def test_an_erasure_amid_a_rotation(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    forum = world.forum
    salt = await resealing._begin(forum.db, forum.guild_id, forum.now)
    assert salt is not None
    renewing = Renewing(ROTATED)
    monkeypatch.setattr(resealing, "PORTION", 2)
    after = await resealing._renew(forum.db, forum.guild_id, 0, renewing, forum.now)
    assert after is not None
    await world.begin_erasing(ALICE)
    await forgetting.finish(forum.db, forum.guild_id, ALICE, sealing=ROTATED, now=forum.now)
    while after is not None:
        after = await resealing._renew(forum.db, forum.guild_id, after, renewing, forum.now)
    await resealing._end(forum.db, forum.guild_id, salt, forum.now)
    assert len(await world.salts()) == 1
    await world.assert_gone(ALICE, ROTATED)
    for user_id in (BOB, CAROL):
        await world.assert_there(user_id, Sealing([NEW]))


async def test_a_lost_key_leaves_posts_without_authors(world: World) -> None:
    forum = world.forum
    await world.erase(CAROL, texts=True)
    seal = member(forum, BOB).seal
    assert seal is not None
    async with forum.db.write() as tx:
        await post_blocks.add(tx, forum.guild_id, seal, None, by=9)
    before = await world.rows()
    await resealing.let_go(forum.db, forum.now)
    assert_all_anew(before, await world.rows())
    for user_id in (ALICE, BOB, CAROL):
        await world.assert_gone(user_id)
    assert await boxes(world) == []
    async with forum.db.read() as tx:
        assert await key_check.read(tx) is None
        assert await tx.scalar(select(func.count()).select_from(PostBlock)) == 0
        assert await tx.scalar(select(func.count()).select_from(Post)) == 7
    await forum.assert_consistent()


# Old copies


def listed(forum: Forum, user_id: int) -> ErasureList:
    secret = bytes(range(32))
    digest = digest_of(secret, forum.guild_id, user_id)
    day = (forum.now - EPOCH).days
    return ErasureList(forum.guild_id, secret, (Erased(digest, day),))


async def again(world: World, sealing: Sealing | None) -> repeating.Again:
    forum = world.forum
    return await repeating.erase_again(
        forum.db,
        [listed(forum, ALICE)],
        sealing=sealing,
        made=forum.now.date(),
        now=forum.now,
        step=lambda *_: None,
    )


async def test_who_stands_in_a_box_alone_is_erased_again(world: World) -> None:
    before = await world.rows()
    assert await again(world, SEALING) == repeating.Again(1, 0)
    assert_all_anew(before, await world.rows())
    await world.assert_gone(ALICE)
    for user_id in (BOB, CAROL):
        await world.assert_there(user_id)
    assert await again(world, SEALING) == repeating.Again(0, 0)


@pytest.mark.parametrize("sealing", [None, Sealing([NEW])])
async def test_without_the_key_no_box_of_such_a_server_is_left(
    world: World, sealing: Sealing | None
) -> None:
    assert await again(world, sealing) == repeating.Again(0, 1)
    for user_id in (ALICE, BOB, CAROL):
        await world.assert_gone(user_id)


# Members who left, one's own data, recounts, exports


async def test_what_members_who_left_wrote_anonymously_stays_whole(world: World) -> None:
    forum = world.forum
    async with forum.db.read() as tx:
        names = await forgotten_posts.next_posts(tx, forum.guild_id, ALICE, 50)
    assert names == [], "none of them is by her id"
    before = await world.rows()
    async with forum.db.write() as tx:
        gone = {"looked_at": forum.now, "gone_at": forum.now}
        await tx.execute(insert(Presence).values(guild_id=forum.guild_id, user_id=ALICE, **gone))
    await leaving.forget(
        forum.db, forum.guild_id, ALICE, now=forum.now + leaving.KEPT + timedelta(days=2)
    )
    assert await world.rows() == before
    await world.assert_there(ALICE)
    async with forum.db.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(Presence)) == 0, "it was done"
        known = await kept.of_numbers(tx, forum.guild_id, world.numbers[ALICE])
        assert {each.name for each in known.values()} != {""}


async def test_ones_own_data_has_what_one_wrote_anonymously(world: World) -> None:
    forum = world.forum
    seal = member(forum, ALICE).seal
    data = await own_data.own_data(forum.db, forum.guild_id, ALICE, seal=seal, now=forum.now)
    found = data[own_data.ANONYMOUS]
    assert len(found) == len(world.posts[ALICE])
    assert all(each["as"] for each in found)
    assert {each["body"] for each in found} >= {"I know this one, and how it ends."}
    data = await own_data.own_data(forum.db, forum.guild_id, ALICE, now=forum.now)
    assert own_data.ANONYMOUS not in data
    dora = member(forum, 4).seal
    data = await own_data.own_data(forum.db, forum.guild_id, 4, seal=dora, now=forum.now)
    assert own_data.ANONYMOUS not in data


async def test_a_recount_finds_a_number_that_nobody_has(world: World) -> None:
    forum = world.forum
    assert await recount(forum.db, now=forum.now) == []
    number = min(world.numbers[BOB])
    async with forum.db.write() as tx:
        await tx.execute(delete(PersonaRow).where(PersonaRow.number == number))
    for apply in (False, True):
        (found,) = await recount(forum.db, apply=apply, now=forum.now)
        assert (found.figure, found.of) == (Figure.AUTHOR, number)
        assert "anonymous author of #" in str(found)
    assert await recount(forum.db, now=forum.now) == []
    assert await world.found(BOB) == world.numbers[BOB] - {number}


@pytest.mark.parametrize("sealed", [False, True])
async def test_an_export_has_boxes_if_it_is_to(
    world: World, databases: Databases, tmp_path: Path, *, sealed: bool
) -> None:
    forum, target = world.forum, Database(databases.new("sqlite"))
    done = await exporting.export(
        forum.db, forum.guild_id, tmp_path, lambda *_: None, sealed=sealed
    )
    assert done.personas
    lines = (tmp_path / "personas.jsonl").read_bytes().splitlines()
    assert len(lines) == (len(await world.rows()) if sealed else 0)
    (server,) = (tmp_path / "guilds.jsonl").read_bytes().splitlines()
    assert (json.loads(server)["sealing_salt"] is not None) is sealed
    await target.open()
    try:
        await importing.import_export(
            target, importing.look(tmp_path, lambda *_: None), lambda *_: None
        )
        there = World(Forum(target, forum.guild_id))
        there.numbers = world.numbers
        assert (await there.rows()).keys() == (await world.rows()).keys()
        for user_id in (ALICE, BOB, CAROL):
            await (there.assert_there if sealed else there.assert_gone)(user_id)
        assert await recount(target, now=forum.now) == []
        async with target.read() as tx:
            asked = select(PersonaRow.number).where(PersonaRow.is_asker)
            known = await tx.rows(select(PersonaRow.name))
            assert len(await tx.rows(asked)) == 6
            assert all(row[0] for row in known)
            assert await tx.scalar(select(func.count()).select_from(Guild)) == 1
    finally:
        await target.close()
