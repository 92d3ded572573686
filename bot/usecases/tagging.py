"""Tags: retagging a question, synonyms, and merging one tag into another."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.domain.access import Deed, check_may
from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem
from bot.domain.notices import Act
from bot.domain.outbox import Cause
from bot.domain.policies import Action, check_can_curate, check_can_retag, check_limit
from bot.domain.posts import PostKind, check_reason, check_tag, check_tags
from bot.domain.review import Wording
from bot.domain.rules import Rules
from bot.usecases import noting
from bot.usecases.editing import Edited, write_edit
from bot.usecases.standing import standing_of, visible_card
from data import cards, guilds, listing, receipts, refreshes, tags
from data.database import Transaction, reading, writing
from data.paging import Page
from data.revisions import wording_of
from data.tags import Synonym

BATCH = 100  # questions of a merge in one transaction: others wait a fraction of a second
SYNONYMS_PAGE = 25
_NAMED = 5


@dataclass(frozen=True, slots=True)
class TagForm:
    """New tags of a question, as typed; `version` is the one that was looked at."""

    version: int
    tags: str
    reason: str = ""


@reading
async def question_to_retag(tx: Transaction, actor: Actor, post_id: int, now: datetime) -> PostCard:
    """A question as this person may retag it. Raises `NotFound`, `Denied`."""
    now = actor.at(now)
    rules = await guilds.read_rules(tx, actor.guild_id)
    return await _to_retag(tx, actor, post_id, rules, now)


async def _to_retag(
    tx: Transaction, actor: Actor, post_id: int, rules: Rules, now: datetime
) -> PostCard:
    card = await visible_card(tx, actor.guild_id, post_id, rules)
    if card.kind is not PostKind.QUESTION:
        raise NotFound(Missing.POST)
    actor.check_apart(card.author.id)
    points, done = await standing_of(tx, actor, Action.EDITS, now)
    check_may(actor, Deed.WRITE)
    check_can_retag(actor, card.author.id, points, rules)
    check_limit(Action.EDITS, done, actor.is_moderator, rules, now)
    return card


@writing
async def retag_question(
    tx: Transaction,
    actor: Actor,
    post_id: int,
    form: TagForm,
    *,
    channels: Collection[int] | None = None,
    now: datetime,
) -> PostCard:
    """Give a question other tags: an edit like others, with a revision and counted as one.

    `channels` are those that the person can read (None: all), see `edit_post`.

    Nothing is written if the tags are the same. Raises `NotFound`, `Invalid`, `Denied` (also
    `EDITED_MEANWHILE` where somebody edited the question since it was looked at).
    """
    now = actor.at(now)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    card = await _to_retag(tx, actor, post_id, rules, now)
    reason = check_reason(form.reason)
    wanted = await tags.targets(
        tx,
        actor.guild_id,
        check_tags(form.tags),
        channels=channels,
        reader_id=actor.user_id,
    )
    if wanted == card.tags:
        return card
    if card.version != form.version:
        raise Denied(Denial.EDITED_MEANWHILE, editor=card.edited_by)
    wording = Wording(card.title, wording_of(card).body, wanted)
    await write_edit(tx, actor, card, Edited(wording, reason), rules, now)
    return await cards.load_card(tx, card.guild_id, card.post_id, rules) or card


@writing
async def add_synonym(
    tx: Transaction,
    actor: Actor,
    typed: str,
    target: str,
    *,
    channels: Collection[int] | None = None,
    now: datetime,
) -> Synonym:
    """Make an unused tag a synonym of another one; returns both.

    If the other one is a synonym itself, the new one leads to its tag. With `channels`, those that
    the moderator can read, tags of other channels aren't revealed: they count as unused, and their
    synonyms as plain tags. Raises `Denied`, and `Invalid`: `SAME_TAG`, or `TAG_IN_USE` for a tag
    that has to be merged instead.
    """
    check_can_curate(actor)
    tag, wanted = check_tag(typed), check_tag(target)
    await guilds.lock_rules(tx, actor.guild_id, now)
    target = await _end_of(tx, actor, tag, wanted, channels)
    carried = await tags.count(tx, actor.guild_id, tag, channels=channels, reader_id=actor.user_id)
    if carried:
        raise Invalid("tags", Problem.TAG_IN_USE, name=tag, number=carried)
    await _lead(tx, actor, tag, target, now)
    await receipts.note(tx, actor, Act.SYNONYM, now)
    return Synonym(tag, target)


async def _end_of(
    tx: Transaction, actor: Actor, tag: str, wanted: str, channels: Collection[int] | None
) -> str:
    """The tag that a synonym may lead to, given the wanted one. Raises `Invalid`."""
    target = await tags.target_of(
        tx, actor.guild_id, wanted, channels=channels, reader_id=actor.user_id
    )
    if wanted == tag:
        raise Invalid("tags", Problem.SAME_TAG, name=tag)
    if target == tag:
        raise Invalid("tags", Problem.LEADS_BACK, name=wanted, target=tag)
    return target


async def _lead(tx: Transaction, actor: Actor, tag: str, target: str, now: datetime) -> None:
    """Store a synonym. If its target is itself a synonym of a tag that the moderator can't see, the
    target becomes a tag of its own."""
    guild_id = actor.guild_id
    if await tags.target_of(tx, guild_id, target) != target:
        await tags.remove_synonym(tx, guild_id, target)
    if await tags.target_of(tx, guild_id, tag) != target:  # else a merge goes on
        change = noting.Change({"tags": tag}, {"tags": target})
        await noting.on_server(tx, actor, AuditKind.TAGS, change, now)
    await tags.add_synonym(tx, guild_id, tag, target)


@writing
async def remove_synonym(
    tx: Transaction,
    actor: Actor,
    typed: str,
    *,
    channels: Collection[int] | None = None,
    now: datetime,
) -> str:
    """Make a synonym a plain tag again; returns it. Raises `NotFound(SYNONYM)`, also if its tag
    isn't used in any of the `channels` that the moderator can read."""
    check_can_curate(actor)
    tag = check_tag(typed)
    await guilds.lock_rules(tx, actor.guild_id, now)
    target = await tags.target_of(
        tx, actor.guild_id, tag, channels=channels, reader_id=actor.user_id
    )
    if target == tag or not await tags.remove_synonym(tx, actor.guild_id, tag):
        raise NotFound(Missing.SYNONYM)
    await receipts.note(tx, actor, Act.SYNONYM, now)
    change = noting.Change({"tags": target}, {"tags": tag}, "separated")
    await noting.on_server(tx, actor, AuditKind.TAGS, change, now)
    return tag


@reading
async def list_synonyms(
    tx: Transaction,
    actor: Actor,
    *,
    begins: str = "",
    channels: Collection[int] | None = None,
    page: int = 0,
) -> tuple[list[Synonym], bool]:
    """A page of synonyms, sorted by their tags; and whether there are more. With `channels`,
    synonyms of tags that are only used in other channels are left out. Raises `Denied`."""
    check_can_curate(actor)
    found = await tags.synonyms(
        tx,
        actor.guild_id,
        Page(SYNONYMS_PAGE + 1, page * SYNONYMS_PAGE),
        begins=begins,
        channels=channels,
        reader_id=actor.user_id,
    )
    return found[:SYNONYMS_PAGE], len(found) > SYNONYMS_PAGE


@reading
async def merge_to_confirm(
    tx: Transaction, actor: Actor, typed: str, into: str, *, channels: Collection[int] | None = None
) -> Synonym:
    """What a merge would do, for a confirmation: `left` is the number of questions with the tag
    that the moderator can read (`channels`; None is all).

    Raises `Denied`, `Invalid`, and `NotFound(TAG)` if there is nothing to merge, or only questions
    that they can't read have the tag.
    """
    check_can_curate(actor)
    return await _to_merge(tx, actor, check_tag(typed), check_tag(into), channels)


async def _to_merge(
    tx: Transaction, actor: Actor, tag: str, wanted: str, channels: Collection[int] | None
) -> Synonym:
    target = await _end_of(tx, actor, tag, wanted, channels)
    left = await tags.count(tx, actor.guild_id, tag, channels=channels, reader_id=actor.user_id)
    if not left:
        raise NotFound(Missing.TAG)
    return Synonym(tag, target, left)


@writing
async def start_merge(
    tx: Transaction,
    actor: Actor,
    typed: str,
    into: str,
    *,
    channels: Collection[int] | None = None,
    now: datetime,
) -> Synonym:
    """Make a tag a synonym of another one, so that it isn't used any more; its followers follow the
    other one. `merge_some` retags its questions in the whole server, since tags are shared by all.
    The moderator is only told about questions that they can read.

    Starting an interrupted merge again resumes it. Raises like `merge_to_confirm`.
    """
    check_can_curate(actor)
    await guilds.lock_rules(tx, actor.guild_id, now)
    merge = await _to_merge(tx, actor, check_tag(typed), check_tag(into), channels)
    await _lead(tx, actor, merge.tag, merge.target, now)
    return merge


@reading
async def left_to_merge(
    tx: Transaction, actor: Actor, tag: str, *, channels: Collection[int] | None = None
) -> int:
    """How many questions that the moderator can read still have a tag that is being merged."""
    check_can_curate(actor)
    return await tags.count(tx, actor.guild_id, tag, channels=channels, reader_id=actor.user_id)


@writing
async def merge_some(tx: Transaction, actor: Actor, tag: str, *, now: datetime) -> int:
    """Retag some questions from a synonym to its tag; returns how many, 0 at the end.

    One short transaction, which leaves the rest for another call. A tag that is no longer a synonym
    keeps its questions.
    """
    check_can_curate(actor)
    await guilds.lock_rules(tx, actor.guild_id, now)
    target = await tags.target_of(tx, actor.guild_id, tag)
    if target == tag:
        return 0
    moved = await tags.move(tx, actor.guild_id, tag, target, BATCH)
    if moved:
        await refreshes.start(tx, actor.guild_id, Cause.TAG, target, now)
    return moved


@reading
async def most_used(
    tx: Transaction, guild_id: int, *, channels: Collection[int] | None = None, reader_id: int = 0
) -> list[str]:
    """A few tags of questions that the reader can read, the most used first, for the hint in a
    form."""
    found = await listing.tags(tx, guild_id, Page(_NAMED), channels=channels, reader_id=reader_id)
    return [tag for tag, _ in found]


@reading
async def suggest_tags(
    tx: Transaction,
    guild_id: int,
    begins: str,
    most: int,
    *,
    channels: Collection[int] | None = None,
    reader_id: int = 0,
) -> list[tuple[str, str]]:
    """Tags with this prefix, the most used first, then synonyms; each with the tag it stands for.
    With `channels`, only tags of questions that the reader can read."""
    used = await listing.tags(
        tx, guild_id, Page(most), begins=begins, channels=channels, reader_id=reader_id
    )
    others = (
        await tags.synonyms(
            tx, guild_id, Page(most), begins=begins, channels=channels, reader_id=reader_id
        )
        if begins
        else []
    )
    led = {each.tag: each.target for each in others}
    found = [(tag, led.pop(tag, tag)) for tag, _ in used]
    return [*found, *led.items()][:most]
