"""Anonymous posts that appear later, without Discord."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain.actors import Actor
from bot.domain.policies import Action
from bot.domain.review import Wording
from bot.usecases import delaying
from bot.usecases.delaying import Delayed, Kept, Opened, Sent
from tests.store.forum import Forum
from tests.support.anonymous import anonymous
from tests.support.keys import SEALING

ASK, ANSWER, COMMENT = "qa:1:ask.form", "qa:1:answer.form:{}", "qa:1:comment.form:{}"
WORDS = "I do, every night."


async def send(
    forum: Forum, person: Actor, title: str, *, origin: int, name: str = ""
) -> Kept | None:
    """A person sends the form of a question, to appear later."""
    me = await anonymous(forum, person, name=name)
    values = {"title": title, "details": WORDS, "tags": "", "how": ["anonymous"]}
    wording = Wording(title, WORDS, ())
    return await _send(forum, person, me, Action.QUESTIONS, wording, ASK, values, origin, None)


async def send_below(
    forum: Forum,
    person: Actor,
    post: int,
    words: str,
    *,
    origin: int,
    name: str = "",
    comment: bool = False,
    me: Actor | None = None,
) -> Kept | None:
    """A person sends the form of an answer or a comment, to appear later; `me` is who they were in
    the question when they were asked for a name."""
    me = me or await anonymous(forum, person, post, name)
    action = Action.COMMENTS if comment else Action.ANSWERS
    form = (COMMENT if comment else ANSWER).format(post)
    values = {"comment" if comment else "answer": words, "how": ["anonymous"]}
    number = (await forum.card(post)).number
    wording = Wording("", words, ())
    return await _send(forum, person, me, action, wording, form, values, origin, number)


async def _send(
    forum: Forum,
    person: Actor,
    me: Actor,
    action: Action,
    wording: Wording,
    form: str,
    values: Any,
    origin: int,
    number: int | None,
) -> Kept | None:
    points = me.points or 0
    post = Delayed(person.user_id, points, form, values, origin, me.name, "en", number)
    return await delaying.keep(forum.db, SEALING, me, Sent(action, wording, post), now=forum.now)


async def waits_of(forum: Forum, person: Actor) -> list[Opened]:
    """What waits of a person, or couldn't appear."""
    return await delaying.own(forum.db, SEALING, forum.guild_id, person.user_id)


async def due(forum: Forum, now: datetime | None = None) -> list[Opened]:
    """What is to appear now."""
    return await delaying.due(forum.db, SEALING, forum.guild_id, now or forum.now)


async def post(forum: Forum, found: Opened) -> int:
    """What the bot does when its minute has come; returns the post's row."""
    sent, values = found.post, found.post.values
    asks = sent.form == ASK
    me = found.author(forum.member(sent.user_id), SEALING, asks=asks)
    origin = sent.origin_id
    if asks:
        return await forum.ask(me, str(values["title"]), WORDS, origin_id=origin)
    below = int(sent.form.rsplit(":", 1)[1])
    return await forum.answer(me, below, str(values["answer"]), origin_id=origin)
