"""Which post a command means where none is named."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Denied
from bot.domain.policies import (
    check_can_choose_best,
    check_can_delete,
    check_can_edit,
    check_can_see_edits,
)
from bot.domain.posts import PostKind, PostStatus
from bot.domain.rules import Rules
from data import cards, guilds, members, personas, pointing
from data.database import Transaction, reading
from data.paging import Page
from data.readers import Reader

PAGE = 25  # what fits into one of Discord's selects
_LAST = 40  # older posts are found by searching


class Candidates(StrEnum):
    """What a command can mean: posts that the person may change in some way, an answer to choose,
    or a question."""

    EDIT = "edit"
    DELETE = "delete"
    HISTORY = "history"
    ANSWERS = "answers"
    QUESTIONS = "questions"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Offered:
    """A page of what a command can mean, the person's own first and the newest first; and whether
    there is another page."""

    cards: list[PostCard]
    more: bool = False


_Check = Callable[[Actor, int | None, int, Rules], None]
_CHANGES: dict[Candidates, _Check] = {
    Candidates.EDIT: check_can_edit,
    Candidates.DELETE: lambda actor, author, _points, _rules: check_can_delete(actor, author),
    Candidates.HISTORY: lambda actor, author, _points, _rules: check_can_see_edits(actor, author),
}
_OPEN_OR_CLOSED = {Candidates.OPEN: False, Candidates.CLOSED: True}


@reading
async def candidates(
    tx: Transaction,
    actor: Actor,
    wanted: Candidates,
    question_id: int | None,
    *,
    channels: Collection[int],
    page: int = 0,
) -> Offered:
    """A page of the posts that a command can mean, in channels that the person can read.

    In a question's thread (`question_id`), a change means one's own newest post there. Where there
    is none, it means the posts there that the person may change, and else their own anywhere. An
    answer to choose is one of that question, else one to a question of theirs that has no best
    answer. `actor` is for that question. Raises `Denied(NOT_ASKER)` for somebody else's.
    """
    rules = await guilds.read_rules(tx, actor.guild_id)
    numbers = await personas.numbers_of(tx, actor.guild_id, actor.seal)
    reader = Reader(actor.guild_id, actor.user_id, channels, numbers)
    page = min(page, _LAST)
    if question_id is not None and wanted in (*_CHANGES, Candidates.ANSWERS):
        here = await _here(tx, actor, reader, wanted, question_id, rules)
        if here or wanted is Candidates.ANSWERS:
            shown = here[page * PAGE :]
            return Offered(shown[:PAGE], len(shown) > PAGE)
    ids = await _anywhere(tx, reader, wanted, page)
    found = await cards.load_cards(tx, actor.guild_id, ids[:PAGE], rules)
    known = [found[post_id] for post_id in ids[:PAGE] if post_id in found]
    return Offered([card for card in known if not card.orphaned], len(ids) > PAGE and page < _LAST)


async def _here(
    tx: Transaction,
    actor: Actor,
    reader: Reader,
    wanted: Candidates,
    question_id: int,
    rules: Rules,
) -> list[PostCard]:
    """The candidates in a question's thread."""
    loaded = await cards.load_thread(tx, actor.guild_id, question_id, rules)
    thread = [c for c in loaded if c.status is PostStatus.VISIBLE and not c.orphaned]

    def own(card: PostCard) -> bool:
        return card.author.id == actor.user_id or card.author.id in reader.numbers

    thread.sort(key=lambda card: (own(card), card.post_id), reverse=True)
    if wanted is Candidates.ANSWERS:
        answers = [card for card in thread if card.kind is PostKind.ANSWER]
        if answers:
            check_can_choose_best(actor, answers[0].asker_id)
        return answers
    if thread and own(thread[0]):
        return thread[:1]
    points = await members.points_of(tx, actor.guild_id, actor.user_id)
    return [card for card in thread if _may(_CHANGES[wanted], actor, card, points, rules)]


def _may(check: _Check, actor: Actor, card: PostCard, points: int, rules: Rules) -> bool:
    try:
        check(actor, card.author.id, points, rules)
    except Denied:
        return False
    return True


async def _anywhere(tx: Transaction, reader: Reader, wanted: Candidates, page: int) -> list[int]:
    """One more than a page of candidates in the whole server."""
    begin = page * PAGE
    if wanted in _CHANGES:
        return await pointing.own_posts(tx, reader, Page(PAGE + 1, begin))
    if wanted is Candidates.ANSWERS:
        return await pointing.answers_to(tx, reader, Page(PAGE + 1, begin))
    closed = _OPEN_OR_CLOSED.get(wanted)
    all_mine = Page(begin + PAGE + 1, 0)
    mine = await pointing.own_posts(tx, reader, all_mine, kind=PostKind.QUESTION, closed=closed)
    own = mine[begin:]
    after = Page(PAGE + 1 - len(own), max(begin - len(mine), 0))
    if not after.limit:
        return own
    return own + await pointing.others_questions(tx, reader, after, closed=closed)
