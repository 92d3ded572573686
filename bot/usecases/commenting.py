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
from bot.domain.posts import PostKind, check_comment
from bot.domain.review import Wording
from bot.domain.rules import Rules
from bot.usecases import flagging
from bot.usecases.asking import Posted
from bot.usecases.standing import if_visible, visible_card
from data import cards, comments, guilds, members, names, outbox, posts, receipts, telling
from data.acting import begin
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
    begun = await begin(tx, actor, Action.COMMENTS, now, post_id=post_id, origin_id=origin_id)
    rules, who = begun.rules, begun.who
    if who.made is not None:
        card = await cards.load_card(tx, guild_id, who.made, rules)
        number, sub_number = (card.number, card.sub_number) if card else (0, 0)
        return Posted(who.made, number, sub_number, already=True)
    post = await _commented(tx, if_visible(begun.card), rules)
    check_may(actor, Deed.WRITE)
    check_not_blocked(who.block, actor, now)
    check_points("comment", who.points, actor.moderates_post, rules)
    check_limit(Action.COMMENTS, who.done, actor.is_moderator, rules, now)
    blocked = flagging.check_words(actor, Wording("", text, ()), rules)
    sub_number = await comments.count_comment(
        tx, post.question_id, post.post_id, actor.user_id, now
    )
    comment = _comment(actor, post, sub_number, text, origin_id)
    comment_id = await posts.insert_post(tx, guild_id, comment, now)
    await names.remember(tx, guild_id, actor.user_id, *actor.seen_as, known=who.seen_as)
    count = {(guild_id, actor.user_id): 1}
    await members.count_action(tx, Action.COMMENTS, count, now)
    await receipts.keep(tx, actor, comment_id, NoticeKind.POSTED, now)
    await outbox.enqueue(tx, guild_id, JobKind.CARD, [comment_id], Priority.NEW_POST, now)
    await _tell(tx, actor, comment_id, post, now)
    if blocked:
        await flagging.flag(tx, guild_id, comment_id, now)
    return Posted(comment_id, post.number, sub_number)


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


async def _tell(
    tx: Transaction, actor: Actor, comment_id: int, post: PostCard, now: datetime
) -> None:
    """Notify the author of the commented post and the followers of the question."""
    recipients = telling.Recipients(
        ticked=post.notified,
        inbox_only=[] if post.author.user_id is None else [post.author.user_id],
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
