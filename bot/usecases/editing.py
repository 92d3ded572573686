"""Editing and deleting posts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.access import Deed, check_may, check_unblocked
from bot.domain.actors import Access, Actor
from bot.domain.audit import AuditKind
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied
from bot.domain.notices import Act, NoticeKind
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import (
    Action,
    PostForVote,
    check_can_choose_best,
    check_can_close,
    check_can_delete,
    check_can_edit,
    check_can_report,
    check_can_retag,
    check_can_see_edits,
    check_can_vote,
    check_limit,
    check_not_blocked,
)
from bot.domain.posts import (
    COMMENT_MAX,
    EDITED_MAX,
    PostKind,
    PostStatus,
    check_answer,
    check_comment,
    check_question,
    check_reason,
)
from bot.domain.review import Decision, Verdict, Wording
from bot.domain.rules import Rules
from bot.domain.voting import DOWN, UP, Ballot, VoteSource
from bot.usecases import flagging, holding, noting
from bot.usecases.naming import follow_title
from bot.usecases.noting import Change
from bot.usecases.removing import take_out
from bot.usecases.standing import if_editable, visible_card
from data import (
    attachments,
    cards,
    guilds,
    menu,
    names,
    outbox,
    posts,
    receipts,
    refreshes,
    report_cards,
    search_index,
    tags,
    telling,
)
from data.acting import Acting, acting, begin, begin_on, count_act
from data.database import Transaction, looking_up, reading, writing
from data.menu import Facts
from data.revisions import wording_of
from data.search_index import Written


@dataclass(frozen=True, slots=True)
class EditForm:
    """What was typed into the form of an edit. `version` is the one that the form was filled from.
    `tags` are None if the form had no field for them; then they stay."""

    version: int
    body: str
    title: str = ""
    tags: str | None = ""
    reason: str = ""


@looking_up
async def post_to_edit(tx: Transaction, actor: Actor, post_id: int, now: datetime) -> PostCard:
    """A post as this person may edit it. Raises `NotFound`, `Denied`."""
    now = actor.at(now)
    rules = await guilds.read_rules(tx, actor.guild_id)
    card = if_editable(await cards.load_card(tx, actor.guild_id, post_id, rules), actor)
    _check(actor, await acting(tx, actor, Action.EDITS, now), card, rules, now)
    return card


def _check(actor: Actor, who: Acting, card: PostCard, rules: Rules, now: datetime) -> None:
    actor.check_apart(card.author.id)
    check_may(actor, Deed.WRITE)
    check_not_blocked(who.block, actor, now)
    check_can_edit(actor, card.author.id, who.points, rules)
    check_limit(Action.EDITS, who.done, actor.is_moderator, rules, now)


@writing
async def edit_post(
    tx: Transaction,
    actor: Actor,
    post_id: int,
    form: EditForm,
    *,
    channels: Collection[int] | None = None,
    now: datetime,
) -> PostCard:
    """Change a post's text, keeping the former one as a revision.

    An edit that changes nothing keeps no revision. `channels` are those that the person can read
    (None: all): a synonym isn't followed to a tag that is only used in others. Raises `NotFound`,
    `Denied` (also `EDITED_MEANWHILE` where the form was filled from an older version), `Invalid`.
    """
    guild_id = actor.guild_id
    now = actor.at(now)
    begun = await begin(tx, actor, Action.EDITS, now, post_id=post_id)
    rules, who, card = begun.rules, begun.who, if_editable(begun.card, actor)
    _check(actor, who, card, rules, now)
    reason = check_reason(form.reason)
    wording = _wording(card, form)
    if wording.tags != card.tags:
        led = await tags.targets(
            tx, guild_id, wording.tags, channels=channels, reader_id=actor.user_id
        )
        wording = replace(wording, tags=led)
    if wording == wording_of(card):
        return card
    if card.version != form.version:
        raise Denied(Denial.EDITED_MEANWHILE, editor=card.edited_by)
    await write_edit(tx, actor, card, Edited(wording, reason, who.seen_as), rules, now)
    return _after(card, actor, wording, actor.name or who.name, now)


def _after(card: PostCard, actor: Actor, wording: Wording, name: str, now: datetime) -> PostCard:
    """A post's card after an edit; `name` is the editor's."""
    by_author = card.author.id == actor.user_id
    return replace(
        card,
        title=wording.title or card.title,  # an answer's card has its question's
        body=wording.body,
        tags=wording.tags,
        author=replace(card.author, name=name) if by_author else card.author,
        version=card.version + 1,
        edited_by=actor.user_id,
        editor_name=name,
        edited_at=now,
    )


def _wording(card: PostCard, form: EditForm) -> Wording:
    long = len(card.body)  # an imported text may be longer than the limit
    match card.kind:
        case PostKind.QUESTION:
            typed_tags = " ".join(card.tags) if form.tags is None else form.tags
            text = check_question(form.title, form.body, typed_tags, max(EDITED_MAX, long))
            return Wording(text.title, text.details, text.tags)
        case PostKind.ANSWER:
            return Wording("", check_answer(form.body, max(EDITED_MAX, long)), ())
        case PostKind.COMMENT:
            return Wording("", check_comment(form.body, max(COMMENT_MAX, long)), ())


@dataclass(frozen=True, slots=True)
class Edited:
    """A post's new text, and why it is changed. `known_as` are the editor's stored name and avatar,
    where they were read."""

    wording: Wording
    reason: str
    known_as: tuple[str, str] = ("", "")


async def write_edit(
    tx: Transaction,
    actor: Actor,
    card: PostCard,
    edit: Edited,
    rules: Rules,
    now: datetime,
) -> None:
    """Write a post's new text, keep the former one, and update what depends on it. A held post
    stays held. Raises `Denied(BLOCKED_WORD)` and `Denied(AUTOMOD)`."""
    guild_id, post_id, wording = card.guild_id, card.post_id, edit.wording
    measure = flagging.check_words(actor, wording, rules, wording_of(card))
    await posts.keep_revision(tx, card, card.version, actor.user_id, edit.reason, now)
    await posts.change_text(tx, card, wording.title, wording.body, wording.tags)
    await posts.change_post(
        tx, post_id, version=card.version + 1, edited_by=actor.user_id, edited_at=now
    )
    if not actor.is_anonymous:  # whose name was written with their number
        await names.remember(tx, guild_id, actor.user_id, *actor.seen_as, known=edit.known_as)
    await count_act(tx, actor, Action.EDITS, now)
    await receipts.keep(tx, actor, post_id, NoticeKind.SAVED, now)
    await report_cards.follow(tx, guild_id, [post_id], now)
    if card.status is PostStatus.HELD:
        return
    written = Written(post_id, guild_id, card.kind, wording, rules.text("locale"))
    await search_index.index_written(tx, written, wording_of(card))
    await telling.tell_author(tx, card, NoticeKind.EDITED, now, by=actor.user_id)
    await noting.on_post(tx, actor, card, AuditKind.EDIT, _change(card, wording), now)
    touched = [post_id, card.question_id] if card.is_best else [post_id]
    await outbox.enqueue(tx, guild_id, JobKind.CARD, touched, Priority.WAITED_FOR, now)
    if card.kind is PostKind.QUESTION and wording.title != card.title:
        await refreshes.follow_links(tx, guild_id, post_id, Priority.WAITED_FOR, now)
        await follow_title(tx, card, now)
    # What is shown already isn't held.
    if measure.cause is not None:
        await flagging.flag(tx, guild_id, post_id, measure.cause, now)


def _change(card: PostCard, wording: Wording) -> Change:
    """What the audit log keeps of an edit: versions, and tags if they changed."""
    before, after = {"version": str(card.version)}, {"version": str(card.version + 1)}
    if wording.tags != card.tags:
        before["tags"], after["tags"] = " ".join(card.tags), " ".join(wording.tags)
    return Change(before, after)


async def _check_delete(tx: Transaction, actor: Actor, card: PostCard) -> None:
    actor.check_apart(card.author.id)
    check_can_delete(actor, card.author.id)
    if _stays_if_answered(actor, card):
        facts = await menu.facts(tx, actor.guild_id, actor.user_id, card.post_id)
        if facts.is_answered:
            raise Denied(Denial.HAS_ANSWERS)


def _stays_if_answered(actor: Actor, card: PostCard) -> bool:
    """Whether others' answers keep this person from deleting a post."""
    return card.kind is PostKind.QUESTION and not actor.moderates_post


@reading
async def check_deletion(tx: Transaction, actor: Actor, card: PostCard) -> None:
    """Refuse what `delete_post` would refuse, before asking for confirmation."""
    await _check_delete(tx, actor, card)


@writing
async def delete_post(tx: Transaction, actor: Actor, post_id: int, *, now: datetime) -> PostCard:
    """Delete a post: it earns nothing and is shown nowhere. Returns it as it was.

    Only moderators may delete a question that others have answered, since the answers go with it.
    Raises `NotFound`, `Denied`.
    """
    guild_id = actor.guild_id
    now = actor.at(now)
    begun = await begin_on(tx, guild_id, post_id)
    rules, card = begun.rules, if_editable(begun.card, actor)
    await _check_delete(tx, actor, card)
    await receipts.note(tx, actor, Act.DELETE, now, card.reference)
    if card.status is PostStatus.HELD:
        await holding.withdraw(tx, actor, card, now)
        return card
    gone = Verdict(Decision.DELETED, actor.user_id, actor.name)
    await take_out(tx, card, PostStatus.DELETED, rules, now, gone)
    change = noting.status(card.status, PostStatus.DELETED)
    await noting.on_post(tx, actor, card, AuditKind.DELETE, change, now)
    await telling.tell_author(tx, card, NoticeKind.HIDDEN, now, by=actor.user_id)
    return card


@writing
async def remove_files(tx: Transaction, actor: Actor, post_id: int, *, now: datetime) -> PostCard:
    """Remove a post's files, from its card too, so that a file posted by mistake doesn't cost the
    text. The author and moderators may. Raises `NotFound`, `Denied`."""
    guild_id = actor.guild_id
    now = actor.at(now)
    rules = await guilds.lock_rules(tx, guild_id, now)
    card = await visible_card(tx, guild_id, post_id, rules)
    actor.check_apart(card.author.id)
    check_can_delete(actor, card.author.id)
    if await attachments.remove(tx, post_id):
        await receipts.keep(tx, actor, post_id, NoticeKind.SAVED, now)
        await telling.tell_author(tx, card, NoticeKind.FILES_REMOVED, now, by=actor.user_id)
        change = Change({"files": "there"}, {"files": "removed"})
        await noting.on_post(tx, actor, card, AuditKind.EDIT, change, now)
        await outbox.enqueue(tx, guild_id, JobKind.CARD, [post_id], Priority.WAITED_FOR, now)
    return card


@dataclass(frozen=True, slots=True)
class PostRights:
    """What a person may do to a post, and how they have voted on it (1, 0, -1)."""

    vote: int
    up: bool
    down: bool
    edit: bool
    history: bool
    retag: bool
    delete: bool
    report: bool
    remove_files: bool
    comment: bool
    choose: bool
    moderates: bool = False
    close: bool = False
    """Whether they may close the question, or reopen it if it is closed."""
    move: bool = False


def rights(actor: Actor, card: PostCard, facts: Facts, rules: Rules, now: datetime) -> PostRights:
    """What a person may do to a post now, for its menu. Each act checks again."""
    points = facts.points
    post = PostForVote(card.kind, card.status, card.author.id)

    # Members whom Discord doesn't let vote are offered it as well: the refusal tells them why.
    voter = replace(actor, access=Access(moderates=actor.moderates_post))

    def may_vote(value: int) -> bool:
        ballot = Ballot(voter, card.post_id, value, VoteSource.BUTTON, now)
        return _allowed(lambda: check_can_vote(ballot, post, points, rules))

    author = card.author.id
    may_write = _allowed(lambda: check_may(actor, Deed.WRITE))
    may_edit = may_write and _allowed(lambda: check_can_edit(actor, author, points, rules))
    is_question = card.kind is PostKind.QUESTION
    unblocked = _allowed(lambda: check_unblocked(actor))
    return PostRights(
        vote=facts.vote,
        up=may_vote(UP),
        down=may_vote(DOWN),
        edit=may_edit,
        history=card.version > 1 and _allowed(lambda: check_can_see_edits(actor, author)),
        retag=is_question
        and may_write
        and _allowed(lambda: check_can_retag(actor, author, points, rules)),
        delete=_allowed(lambda: check_can_delete(actor, author))
        and not (facts.is_answered and _stays_if_answered(actor, card)),
        report=unblocked and _allowed(lambda: check_can_report(actor, author)),
        remove_files=facts.has_files and _allowed(lambda: check_can_delete(actor, author)),
        comment=card.kind is not PostKind.COMMENT and may_write,
        choose=unblocked
        and card.kind is PostKind.ANSWER
        and _allowed(lambda: check_can_choose_best(actor, card.asker_id)),
        moderates=actor.moderates_post,
        close=unblocked and is_question and _may_close(actor, card, points, rules),
        move=is_question and may_edit,
    )


def _may_close(actor: Actor, card: PostCard, points: int, rules: Rules) -> bool:
    """Whether they may close a question now, or reopen a closed one."""
    author = card.author.id
    closed_by = card.closing.by if card.closing is not None else actor.user_id
    own = actor.is_one(closed_by) or actor.moderates_post
    return own and _allowed(lambda: check_can_close(actor, author, points, rules))


def _allowed(check: Callable[[], None]) -> bool:
    try:
        check()
    except Denied:
        return False
    return True
