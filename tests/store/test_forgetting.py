"""Erasing what is kept of a member: nothing of them is left, and nothing of others' changes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from bot.domain.actors import Actor
from bot.domain.blocks import BlockSpan
from bot.domain.erasures import DELETED_MEMBER
from bot.domain.errors import Denial, Denied
from bot.domain.notices import FollowKind
from bot.domain.outbox import JobKind
from bot.domain.voting import DOWN, UP, Ballot, VoteSource
from bot.usecases import blocking, drafts, following, forgetting, recounting, reporting
from bot.usecases.blocking import BlockForm
from bot.usecases.commenting import comment_on
from bot.usecases.drafts import Draft
from bot.usecases.voting import cast_votes
from data import reactions
from data.models import (
    AppealRow,
    Attachment,
    AttachmentPiece,
    Base,
    BlockRow,
    Bonus,
    ClaimRow,
    Consent,
    DraftFile,
    DraftFilePiece,
    DutyRow,
    ErasingRow,
    ErasureRow,
    Flag,
    Hint,
    HourlyCount,
    Name,
    OutboxRow,
    Place,
    Post,
    PostBlock,
    Presence,
    Receipt,
    RefusedVoteRow,
    ReportCardRow,
    Sign,
    Sweep,
    UnsealRequest,
    UnwantedReaction,
    Vote,
)
from tests.store.forum import Forum

NOOR = 7_310_254_896_120_077  # no other number begins or ends with it
NAME = "Noorzyxxograph"
WORDS = "Karlvvquomb"


@pytest.fixture
def noor(forum: Forum) -> Actor:
    """Who is erased. She moderates as well, so that she is in others' rows, too."""
    return forum.member(NOOR, name=NAME, avatar="a_0123", is_moderator=True)


async def everything_of(forum: Forum, noor: Actor, alice: Actor, bob: Actor) -> dict[str, int]:
    """Noor does all that leaves something of her; returns posts by what they are."""
    guild_id, now = forum.guild_id, forum.now
    theirs = await forum.ask(alice, "How do I find sleep at night?")
    other = await forum.answer(bob, theirs, "Walk in the evening, and eat early.")
    mine = await forum.ask(noor, f"What did {WORDS} mean?", f"{WORDS} said it.", tags=WORDS)
    answer = await forum.answer(noor, theirs, f"Ask {WORDS} about it.")
    await forum.edit(noor, answer, f"Better not ask {WORDS}.", reason=f"{WORDS} objects")
    await comment_on(forum.db, noor, other, f"As {WORDS} says.", origin_id=77, now=now)
    reply = await forum.answer(bob, mine, "It meant that it was late.")
    await forum.choose(noor, reply)
    await forum.choose(alice, answer)
    await forum.vote(alice, answer, UP)
    await forum.vote(noor, theirs, UP, VoteSource.REACTION)
    await forum.vote(noor, other, UP)
    await forum.edit(noor, other, "Walk in the evening. Eat early.", reason="Shorter")
    await reporting.report_post(
        forum.db, noor, theirs, f"{WORDS} again", by_moderator=False, now=now
    )
    await drafts.keep_draft(
        forum.db, guild_id, NOOR, Draft("ask.form", {"title": f"{WORDS} and me"}), now=now
    )
    await following.follow(forum.db, alice, FollowKind.MEMBER, str(NOOR), now=now)
    await following.follow(forum.db, noor, FollowKind.TAG, WORDS.lower(), now=now)
    await following.change_preferences(forum.db, noor, {"by_message": True}, now=now)
    await forum.give(noor, 5, f"For {WORDS}")
    trouble = forum.member(8)
    await blocking.block_member(forum.db, noor, trouble, BlockForm(BlockSpan.WEEK), now=now)
    posts = {"theirs": theirs, "other": other, "mine": mine, "answer": answer, "reply": reply}
    await _rows_from_discord(forum, posts)
    return posts


async def _rows_from_discord(forum: Forum, posts: dict[str, int]) -> None:
    """Rows that need Discord, or a moderator's decision, to come about."""
    guild_id, at = forum.guild_id, forum.now
    said = {"body": WORDS, "files": [], "edited_at": None, "writer": NAME, "asker": "Bob"}
    mine = {"guild_id": guild_id, "user_id": NOOR}
    rows: list[tuple[type[Base], dict[str, Any]]] = [
        (AppealRow, {"author_id": NOOR, "about": "closed", "post_id": posts["mine"],
                     "told_at": at, "first_by": 2, "words": WORDS, "at": at}),
        (AppealRow, {"author_id": 2, "about": "hidden", "post_id": posts["other"],
                     "told_at": at, "first_by": NOOR, "at": at, "decision": "stands",
                     "decided_by": NOOR, "decided_at": at}),
        (Consent, {"message_id": 31, "channel_id": 5, "writer_id": NOOR, "asker_id": 2,
                   "said": said, "asked_at": at, "until": at}),
        (Consent, {"message_id": 32, "channel_id": 5, "writer_id": 2, "asker_id": NOOR,
                   "said": said, "asked_at": at, "until": at}),
        (Sign, {"kind": "offer", "key": 33, "channel_id": 5, "person_id": NOOR, "asked_at": at}),
        (BlockRow, {"by_id": 2, "at": at, **mine}),
        (Bonus, {"user_id": 2, "points": 0, "reason": WORDS, "given_by": NOOR, "at": at,
                 "origin_id": 37}),
        (UnwantedReaction, {"post_id": posts["mine"], "value": 1, **mine}),
        (OutboxRow, {"kind": "notice", "key": 38, "group_id": NOOR, "revision": 1, "priority": 2,
                     "due_at": at, "created_at": at}),
        (PostBlock, {"id": 39, "salt": b"salt", "handle": b"handle", "by_id": NOOR}),
        (UnsealRequest, {"post_id": posts["theirs"], "asked_by": NOOR, "reason": WORDS,
                         "at": at, "expires": at}),
        (UnsealRequest, {"post_id": posts["other"], "asked_by": 2, "reason": "Why.", "at": at,
                         "expires": at, "decided_by": NOOR, "danger_by": NOOR}),
        (Hint, {"thread_id": 34, **mine}),
        (DutyRow, {"since": at, **mine}),
        (Presence, {"looked_at": at, **mine}),
        (ClaimRow, {"kind": "post", "key": posts["reply"], "at": at, **mine}),
        (Receipt, {"act": "block", "origin_id": 35, "created_at": at, **mine}),
        (RefusedVoteRow, {"channel_id": 5, "message_id": 36, "reason": "own_post",
                          "figures": {}, "at": at, **mine}),
        (Sweep, {"kind": "hide", "member_id": NOOR, "actor_id": NOOR, "at": at, "audit_id": 1}),
        (DraftFile, {"filename": f"{WORDS}.png", "size": 3, "url": WORDS, "created_at": at,
                     **mine}),
        (Attachment, {"post_id": posts["answer"], "position": 0, "filename": f"{WORDS}.png",
                      "size": 3, "kept": True}),
    ]  # fmt: skip
    async with forum.db.write() as tx:
        for table, row in rows:
            await tx.execute(insert(table).values({"guild_id": guild_id, **row}))
        piece = {"post_id": posts["answer"], "position": 0, "number": 0}
        await tx.execute(insert(AttachmentPiece).values(content=WORDS.encode(), **piece))
        file_id = await tx.scalar(select(DraftFile.id))
        content = {"file_id": file_id, "number": 0, "content": WORDS.encode()}
        await tx.execute(insert(DraftFilePiece).values(content))
        await tx.execute(
            update(ReportCardRow)
            .where(ReportCardRow.post_id == posts["theirs"])
            .values(waiting=False, decision="dismissed", decided_by=NOOR)
        )
        await tx.execute(
            update(Post)
            .where(Post.id == posts["theirs"])
            .values(closed_by=NOOR, closed_at=at, close_reason="other", close_note=WORDS,
                    posted_by=NOOR)
        )  # fmt: skip


async def told_of(forum: Forum, *wanted: object) -> list[str]:
    """The tables and columns in which any row has one of these."""
    found: set[str] = set()
    async with forum.db.read() as tx:
        for table in Base.metadata.sorted_tables:
            for row in await tx.rows(select(table)):
                for column, value in zip(table.columns, row, strict=True):
                    if any(str(each) in str(value) for each in wanted):
                        found.add(f"{table.name}.{column.name}")
    return sorted(found)


def persons() -> set[str]:
    """The columns with ids of members, but for the row of an erasure itself."""
    whose = "user|voter|author|actor|subject|member|person|writer|asker|group|by"
    names = re.compile(rf"({whose})_id|\w+_by")
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if names.fullmatch(column.name) and table.name != "erasing"
    }


async def erase(forum: Forum, who: Actor, *, texts: bool = False) -> None:
    await forgetting.begin(forum.db, forum.guild_id, who.user_id, texts=texts, now=forum.now)
    await forgetting.finish(forum.db, forum.guild_id, who.user_id, sealing=None, now=forum.now)


async def take_reactions_off(forum: Forum) -> None:
    """Delivery has taken them off."""
    async with forum.db.write() as tx:
        rows = await tx.rows(select(UnwantedReaction.id))
        await reactions.taken_off(tx, [row[0] for row in rows])


@pytest.mark.parametrize("texts", [False, True])
async def test_nothing_is_left_in_any_table(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor, *, texts: bool
) -> None:
    await everything_of(forum, noor, alice, bob)
    before = await told_of(forum, NOOR, NAME)
    assert persons() - set(before) == set(), "columns in which she isn't"
    await erase(forum, noor, texts=texts)
    await take_reactions_off(forum)
    assert await told_of(forum, NOOR, NAME) == []
    left = await told_of(forum, WORDS)
    assert left == [] if texts else "post_texts.body" in left
    assert "flags.reason" not in left
    assert "drafts.values" not in left
    await forum.assert_consistent()


async def test_what_others_did_stays_as_it_was(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    posts = await everything_of(forum, noor, alice, bob)
    before = [await forum.points(each) for each in (alice, bob)]
    scores = {name: (await forum.card(post)).score for name, post in posts.items()}
    await erase(forum, noor, texts=True)
    assert [await forum.points(each) for each in (alice, bob)] == before
    assert {name: (await forum.card(post)).score for name, post in posts.items()} == scores
    assert (await forum.card(posts["reply"])).is_best
    assert (await forum.card(posts["answer"])).author.id is None
    assert await recounting.recount(forum.db, forum.guild_id, now=forum.now) == []
    await forum.assert_consistent()


async def test_texts_stay_unless_it_is_wanted(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    posts = await everything_of(forum, noor, alice, bob)
    await erase(forum, noor)
    assert WORDS in (await forum.card(posts["mine"])).title
    assert WORDS in (await forum.card(posts["answer"])).body


async def test_her_votes_are_nobodys_and_her_reactions_go(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    posts = await everything_of(forum, noor, alice, bob)
    async with forum.db.write() as tx:
        await tx.execute(
            update(Place).where(Place.post_id == posts["theirs"]).values(message_id=5, channel_id=1)
        )
        if not await tx.scalar(select(func.count()).select_from(Place)):
            row = {"post_id": posts["theirs"], "guild_id": forum.guild_id, "message_id": 5}
            await tx.execute(insert(Place).values(row))
    await erase(forum, noor)
    async with forum.db.read() as tx:
        voters = [row[0] for row in await tx.rows(select(Vote.voter_id))]
        off = await tx.rows(select(UnwantedReaction.post_id, UnwantedReaction.user_id))
    new = [voter for voter in voters if voter < DELETED_MEMBER]
    assert len(new) == len(set(new)) == 2
    assert {tuple(row) for row in off} == {(posts["theirs"], NOOR), (posts["mine"], NOOR)}
    assert posts["theirs"] in [job.key for job in await forum.jobs(JobKind.REACTIONS)]


async def test_a_comparison_brings_nobody_back_until_they_act_again(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    posts = await everything_of(forum, noor, alice, bob)
    await erase(forum, noor)
    seen = Ballot(noor, posts["reply"], UP, VoteSource.REACTION, forum.now, seen=(0, None))
    (outcome,) = await cast_votes(forum.db, [seen], now=forum.now)
    assert outcome.new == 0
    async with forum.db.read() as tx:
        here = UnwantedReaction.post_id == posts["reply"]
        assert await tx.scalar(select(UnwantedReaction.user_id).where(here)) == NOOR
    await forum.vote(noor, posts["other"], UP)
    (outcome,) = await cast_votes(forum.db, [replace(seen, at=forum.later())], now=forum.now)
    assert outcome.new == 0, "this reaction is to be taken off"
    await take_reactions_off(forum)
    (outcome,) = await cast_votes(forum.db, [replace(seen, at=forum.later())], now=forum.now)
    assert outcome.new == UP
    await forum.assert_consistent()


async def test_who_writes_again_is_back(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    posts = await everything_of(forum, noor, alice, bob)
    await erase(forum, noor)
    await forum.answer(noor, posts["mine"], "I am here again, as it seems to me.")
    async with forum.db.read() as tx:
        assert await tx.scalar(select(ErasureRow.returned))
        assert await tx.scalar(select(Name.name).where(Name.user_id == NOOR)) == NAME
    await forum.assert_consistent()


async def test_a_post_is_reported_once_whatever_was_erased(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    posts = await everything_of(forum, noor, alice, bob)
    await erase(forum, noor)
    again = {"by_moderator": False, "now": forum.now}
    with pytest.raises(Denied, match=Denial.ALREADY_REPORTED):
        await reporting.report_post(forum.db, noor, posts["theirs"], "Again.", **again)
    async with forum.db.read() as tx:
        (flag,) = await tx.rows(select(Flag.user_id, Flag.reason))
    assert flag[0] < DELETED_MEMBER
    assert flag[1] == ""


async def test_a_block_goes_on_and_a_moderator_can_take_it_off(
    forum: Forum, moderator: Actor, alice: Actor, bob: Actor, question: int, answer: int
) -> None:
    form = BlockForm(BlockSpan.WEEK, "Advertising")
    await blocking.block_member(forum.db, moderator, bob, form, now=forum.now)
    await erase(forum, bob)
    assert await told_of(forum, bob.name) == []
    for act in (forum.ask(bob), forum.answer(bob, question)):
        with pytest.raises(Denied, match=Denial.BLOCKED):
            await act
    outcome = await forum.vote(bob, question, UP)
    assert isinstance(outcome.refusal, Denied)
    assert outcome.refusal.reason is Denial.BLOCKED
    assert await blocking.block_of(forum.db, forum.guild_id, bob.user_id)
    assert await blocking.block_of(forum.db, forum.guild_id, alice.user_id) is None
    await blocking.unblock_member(forum.db, moderator, bob.user_id, now=forum.now)
    assert await forum.answer(bob, question)


async def test_limits_count_what_was_done_before(
    forum: Forum, bob: Actor, question: int, answer: int
) -> None:
    await forum.set("limit.answers", "2")
    await forum.set("limit.votes", "1")
    await forum.vote(bob, question, UP)
    await erase(forum, bob)
    await forum.answer(bob, question)
    with pytest.raises(Denied, match=Denial.HOURLY_LIMIT):
        await forum.answer(bob, question)
    refused = (await forum.vote(bob, question, DOWN)).refusal
    assert isinstance(refused, Denied)
    assert refused.reason is Denial.HOURLY_LIMIT
    await forgetting.drop_old_counts(forum.db, now=forum.now)
    await erase(forum, bob)
    with pytest.raises(Denied, match=Denial.HOURLY_LIMIT):
        await forum.answer(bob, question)
    forum.later(hours=1)
    await forgetting.drop_old_counts(forum.db, now=forum.now)
    async with forum.db.read() as tx:
        assert await tx.rows(select(HourlyCount).where(HourlyCount.user_id < 0)) == []
    assert await forum.answer(bob, question)


async def test_it_goes_on_after_it_was_cut_off_anywhere(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each portion the process dies; then another one goes on."""
    await everything_of(forum, noor, alice, bob)
    for name in ("_ROWS", "_POSTS", "_TEXTS", "_LOOKED_AT"):
        monkeypatch.setattr(forgetting, name, 1)
    await forgetting.begin(forum.db, forum.guild_id, NOOR, texts=True, now=forum.now)
    times = 0
    while await forgetting.go_on(forum.db, forum.guild_id, NOOR, sealing=None, now=forum.now):
        times += 1
        await forgetting.begin(forum.db, forum.guild_id, NOOR, texts=True, now=forum.now)
    assert times > 20
    assert await forgetting.finish_all(forum.db, sealing=None, now=forum.now) == 1
    await take_reactions_off(forum)
    assert await told_of(forum, NOOR, NAME, WORDS) == []
    assert await forgetting.finish_all(forum.db, sealing=None, now=forum.now) == 0
    await forum.assert_consistent()


async def test_the_chore_finishes_it(forum: Forum, noor: Actor, alice: Actor, bob: Actor) -> None:
    await everything_of(forum, noor, alice, bob)
    await forgetting.begin(forum.db, forum.guild_id, NOOR, texts=False, now=forum.now)
    assert await forgetting.finish_all(forum.db, sealing=None, now=forum.now) == 1
    async with forum.db.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(ErasingRow)) == 0


async def test_the_preview_counts(forum: Forum, noor: Actor, alice: Actor, bob: Actor) -> None:
    await everything_of(forum, noor, alice, bob)
    it = await forgetting.outlook(forum.db, forum.guild_id, NOOR)
    assert (it.posts, it.votes, it.drafts) == (3, 2, 1)
    assert it.notices > 0
    assert it.points > 0
    await erase(forum, noor)
    assert await forgetting.outlook(forum.db, forum.guild_id, NOOR) == type(it)()


async def test_another_server_keeps_its_own(
    forum: Forum, elsewhere: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await everything_of(forum, noor, alice, bob)
    there = await elsewhere.ask(elsewhere.member(NOOR, name=NAME), "What is it like elsewhere?")
    await erase(forum, noor)
    assert (await elsewhere.card(there)).author.id == NOOR
    await elsewhere.assert_consistent()


async def test_words_that_are_still_in_the_index_keep_it_from_being_over(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies when all rows are erased, and the index isn't merged."""

    class Died(BaseException):
        pass

    async def dies(_: object) -> None:
        raise Died

    await everything_of(forum, noor, alice, bob)
    with monkeypatch.context() as patch:
        patch.setattr(forgetting, "let_words_go", dies)
        with pytest.raises(Died):
            await erase(forum, noor, texts=True)
    assert await forgetting.finish_all(forum.db, sealing=None, now=forum.now) == 1
    assert await forgetting.finish_all(forum.db, sealing=None, now=forum.now) == 0
