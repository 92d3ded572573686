"""Commenting on questions and answers."""

from __future__ import annotations

from datetime import datetime

from bot.domain.access import Deed, check_may
from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Missing, NotFound
from bot.domain.notices import FollowKind, NoticeKind
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import Action, check_limit, check_not_blocked, check_points
from bot.domain.posts import PostKind, PostStatus, check_comment
from bot.domain.review import Wording
from bot.domain.rules import Rules
from bot.usecases import holding, personas
from bot.usecases.asking import Posted
from bot.usecases.posting import write_post
from bot.usecases.standing import if_visible, visible_card
from data import cards, comments, guilds, names, outbox, posts, receipts, telling
from data import held as held_posts
from data.acting import begin, count_act
from data.database import Transaction, looking_up, writing


@looking_up
async def post_to_comment(tx: Transaction, guild_id: int, post_id: int) -> PostCard:
    """The post that a comment will be about: the given one, or the one that it comments on itself.

    Raises `NotFound(POST)`, and `NotFound(POST)` below a question that is not shown.
    """
    rules = await guilds.read_rules(tx, guild_id)
    named = await visible_card(tx, guild_id, post_id, rules)
    return await _commented(tx, named, rules)


@writing
async def comment_on(
    tx: Transaction, actor: Actor, post_id: int, body: str, *, origin_id: int, now: datetime
) -> Posted:
    """Write a comment, which is on disk when this returns. The same origin never makes a second
    one.

    A comment on a comment is about the same post. Closed questions take comments. Raises
    `NotFound`, `Invalid("comment", …)`, `Denied` for a member who may not comment now.
    """
    text = check_comment(body)
    guild_id = actor.guild_id
    now, origin_id = actor.at(now), actor.origin_of(origin_id)
    begun = await begin(tx, actor, Action.COMMENTS, now, post_id=post_id, origin_id=origin_id)
    rules, who = begun.rules, begun.who
    if who.made is not None:
        card = await cards.load_card(tx, guild_id, who.made, rules)
        number, sub_number = (card.number, card.sub_number) if card else (0, 0)
        held = card is not None and card.status is PostStatus.HELD
        return Posted(who.made, number, sub_number, already=True, held=held)
    post = await _commented(tx, if_visible(begun.card), rules)
    personas.check_may_post(actor, rules)
    check_may(actor, Deed.WRITE)
    check_not_blocked(who.block, actor, now)
    check_points("comment", who.points, actor.moderates_post, rules)
    check_limit(Action.COMMENTS, who.done, actor.is_moderator, rules, now)
    measure = await holding.measure_of(tx, actor, who.points, Wording("", text, ()), rules, now)
    held = measure.hold
    actor = await personas.settle(tx, actor, post.number, rules, who.authors)
    sub_number = await _number(tx, post, actor.user_id, now, held=held)
    comment = holding.under(_comment(actor, post, sub_number, text, origin_id), measure)
    comment_id = await write_post(tx, actor, comment, (), rules, now)
    if not actor.is_anonymous:  # whose name is written with their number
        await names.remember(tx, guild_id, actor.user_id, *actor.seen_as, known=who.seen_as)
    await count_act(tx, actor, Action.COMMENTS, now, who)
    await receipts.keep(tx, actor, comment_id, NoticeKind.POSTED, now)
    if not held:
        await outbox.enqueue(tx, guild_id, JobKind.CARD, [comment_id], Priority.NEW_POST, now)
        await tell_about_comment(tx, actor, comment_id, post, now)
    return Posted(comment_id, post.number, sub_number, held=held)


async def _number(
    tx: Transaction, post: PostCard, author_id: int, now: datetime, *, held: bool
) -> int:
    """A new comment's number below its question. The post it is about counts it unless it is
    held."""
    if held:
        return await held_posts.next_number(tx, post.question_id)
    return await comments.count_comment(tx, post.question_id, post.post_id, author_id, now)


def _comment(
    actor: Actor, post: PostCard, sub_number: int, text: str, origin_id: int
) -> posts.NewPost:
    return posts.NewPost(
        kind=PostKind.COMMENT,
        number=post.number,
        sub_number=sub_number,
        question_id=post.question_id,
        author_id=actor.user_id,
        title="",
        body=text,
        tags=(),
        category_id=None,
        notify=False,
        origin_id=origin_id,
        parent_id=post.post_id,
    )


async def tell_about_comment(
    tx: Transaction, actor: Actor, comment_id: int, post: PostCard, now: datetime
) -> None:
    """Notify the author of the commented post and the followers of the question of what a member
    (`actor`) wrote."""
    recipients = telling.Recipients(
        ticked=post.notified,
        inbox_only=[] if post.author.id is None else [post.author.id],
        follows=[(FollowKind.QUESTION, str(post.question_id))],
        excluded=[actor.user_id],
        author_id=actor.user_id,
    )
    await telling.tell(tx, actor.guild_id, comment_id, NoticeKind.COMMENTED, recipients, now)


async def _commented(tx: Transaction, post: PostCard, rules: Rules) -> PostCard:
    if post.kind is PostKind.COMMENT:
        post = await visible_card(tx, post.guild_id, post.parent_id or post.question_id, rules)
    if post.question_hidden:
        raise NotFound(Missing.POST)
    return post
