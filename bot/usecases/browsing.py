"""Reading: posts as cards, lists, profiles and standings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.domain.cards import Category, PointsLine, PostCard, Profile, QuestionLine, Standing
from bot.domain.posts import PostReference, PostStatus
from bot.domain.reputation import displayed
from bot.domain.rules import Rules
from bot.usecases.standing import visible_card
from data import cards, guilds, ledger, members, personas, places, search
from data.database import Transaction, looking_up, reading
from data.paging import Page

PAGE = 10


@looking_up
async def rules_of(tx: Transaction, guild_id: int) -> Rules:
    """A server's rules."""
    return await guilds.read_rules(tx, guild_id)


@looking_up
async def rules_and_sealed(tx: Transaction, guild_id: int) -> tuple[Rules, bool]:
    """A server's rules, and whether who wrote anonymous posts is kept there: also where there are
    no new ones any more."""
    rules = await guilds.read_rules(tx, guild_id)
    return rules, bool(await personas.salts_of(tx, guild_id))


@reading
async def categories_of(tx: Transaction, guild_id: int) -> list[Category]:
    """A server's categories, parents before children; their questions are not counted."""
    return await guilds.categories(tx, guild_id)


@reading
async def counted_categories(
    tx: Transaction,
    guild_id: int,
    *,
    channels: Collection[int] | None = None,
    reader_id: int = 0,
) -> list[Category]:
    """As `categories_of`, with how many questions each has; with `channels`, of those that stand
    there and of the reader's own."""
    return await guilds.counted_categories(tx, guild_id, channels=channels, reader_id=reader_id)


@reading
async def post_card(tx: Transaction, guild_id: int, post_id: int) -> PostCard:
    """A visible post of this server. Raises `NotFound(POST)`."""
    rules = await guilds.read_rules(tx, guild_id)
    return await visible_card(tx, guild_id, post_id, rules)


@reading
async def suggest_questions(
    tx: Transaction,
    guild_id: int,
    typed: str,
    limit: int = 25,
    *,
    channels: Collection[int] | None = None,
    reader_id: int = 0,
) -> list[QuestionLine]:
    """Questions to offer while somebody types: by number, by words, else the newest; those in the
    channels the reader can read (None: in all)."""
    reader = search.Reader(reader_id, channels)
    number = typed.strip().lstrip("#")
    if number.isascii() and number.isdigit() and len(number) < 10:
        found = await places.find_post(tx, guild_id, PostReference(number=int(number)))
        named = [found] if found else []
        readable = await search.readable_questions(tx, guild_id, named, reader)
        return await cards.lines(tx, guild_id, list(readable))
    if not typed.strip():
        newest = await search.newest(tx, guild_id, reader, limit)
        return await cards.lines(tx, guild_id, newest)
    ids = await search.beginning(tx, guild_id, typed, reader, limit)
    return await cards.lines(tx, guild_id, ids)


@reading
async def thread_of(tx: Transaction, guild_id: int, thread_id: int) -> list[PostCard]:
    """The visible posts of the question whose thread this is; none where it is no such thread."""
    question_id = await places.question_of_thread(tx, guild_id, thread_id)
    if question_id is None:
        return []
    rules = await guilds.read_rules(tx, guild_id)
    posted = await cards.load_thread(tx, guild_id, question_id, rules)
    return [card for card in posted if card.status is PostStatus.VISIBLE and not card.orphaned]


@reading
async def profile(
    tx: Transaction, guild_id: int, user_id: int, *, channels: Collection[int] | None = None
) -> Profile:
    """A member's standing; figures of 0 for those who have done nothing yet. With `channels`, the
    figures are of posts that stand there: what a reader who can read no others may know."""
    rules = await guilds.read_rules(tx, guild_id)
    points, rank = await members.points_and_rank(tx, guild_id, user_id)
    counts = await members.post_counts(tx, guild_id, user_id, channels)
    questions, answers, best, received = counts
    given = await members.votes_given(tx, guild_id, user_id, channels)
    known = questions or answers or points
    shown = displayed(points, rules)
    title = rules.title_of(shown)
    return Profile(
        user_id, shown, rank if known else None, questions, answers, best, received, given, title
    )


@dataclass(frozen=True, slots=True)
class Board:
    """A page of a leaderboard. `mine` is the reader's own line, wherever it stands."""

    lines: list[Standing]
    more: bool
    mine: Standing | None


@reading
async def leaderboard(
    tx: Transaction,
    guild_id: int,
    reader_id: int,
    *,
    since: datetime | None = None,
    page: int = 0,
) -> Board:
    """Ten members with most points, of all time or earned since a time; pages from 0."""
    rules = await guilds.read_rules(tx, guild_id)
    wanted = Page(PAGE + 1, page * PAGE)
    if since is not None:
        found, mine = await members.standings_since(tx, guild_id, since, wanted, reader_id, rules)
    else:
        found = await members.top_members(tx, guild_id, wanted, rules)
        mine = await members.standing_of(tx, guild_id, reader_id, rules)
    return Board(found[:PAGE], len(found) > PAGE, mine)


@dataclass(frozen=True, slots=True)
class PointsPage:
    """A page of where a member's points came from: `start` is what everybody begins with, `earned`
    the sum of the rest, `points` what is shown of both together (never below 0)."""

    points: int
    start: int
    earned: int
    lines: list[PointsLine]
    more: bool


@reading
async def points_history(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    *,
    channels: Collection[int] | None = None,
    page: int = 0,
) -> PointsPage:
    """Ten lines of where a member's points came from, the latest first; pages from 0. `channels`
    are those that they can read (None: all)."""
    rules = await guilds.read_rules(tx, guild_id)
    earned = await members.points_of(tx, guild_id, user_id)
    wanted = Page(PAGE + 1, page * PAGE)
    lines = await ledger.points_lines(tx, guild_id, user_id, wanted, channels)
    start, shown = rules.number("points.start"), displayed(earned, rules)
    return PointsPage(shown, start, earned, lines[:PAGE], len(lines) > PAGE)
