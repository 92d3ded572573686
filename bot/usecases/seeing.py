"""What somebody points at: a post with its home and its card, read once for all that follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.blocks import Block
from bot.domain.cards import Category, PostCard
from bot.domain.errors import Missing, NotFound
from bot.domain.posts import PostKind, PostReference, PostStatus, parse_post_reference
from bot.domain.rules import Rules
from bot.domain.sealed import Persona, Seal, is_sealed
from bot.usecases.news import Found, look_for_news
from bot.usecases.standing import visible_card
from data import cards, guilds, menu, personas, places
from data.database import Transaction, looking_up
from data.menu import Facts


def home_in(category: Category | None, rules: Rules) -> int | None:
    """The channel in which new questions of a category (None: of none) are posted."""
    chosen = category.channel_id if category is not None else None
    return chosen or rules.channel_id


@dataclass(frozen=True, slots=True)
class Home:
    """Where a post's question stands, or is about to, and what decides who may know of the post.

    `rules` are the server's, read at the same time; `thread_id` is the question's thread. `block`
    is that of the one who points at the post, also if it has ended.
    """

    rules: Rules
    channel_id: int | None
    thread_id: int | None
    author_id: int | None
    visible: bool
    deleted: bool
    block: Block | None = None
    asker_id: int | None = None


@looking_up
async def home_of(tx: Transaction, guild_id: int, post_id: int) -> Home | None:
    """The channel a post's question stands in, or is about to; None where there is no such post."""
    return await home_at(tx, guild_id, post_id)


@looking_up
async def home_of_message(tx: Transaction, guild_id: int, message_id: int) -> Home | None:
    """As `home_of`, of the post whose card a message is or was."""
    post_id = await places.find_post(tx, guild_id, PostReference(message_id=message_id))
    return None if post_id is None else await home_at(tx, guild_id, post_id)


async def home_at(tx: Transaction, guild_id: int, post_id: int) -> Home | None:
    """As `home_of`, in a transaction."""
    seen = await _seen(tx, guild_id, post_id, 0)
    return seen.home if seen is not None else None


@dataclass(frozen=True, slots=True)
class Seen:
    """A post that somebody points at. `card` is None where the post isn't shown; `held` is its card
    while it waits for approval, which its author alone may see. `persona` is who the reader is in a
    question that they, or the post's author, wrote in anonymously."""

    post_id: int
    home: Home
    card: PostCard | None
    held: PostCard | None = None
    persona: Persona | None = None

    def card_for(self, author_id: int) -> PostCard | None:
        """The post, if it is shown, or is theirs and waits."""
        theirs = (author_id, self.persona.number if self.persona is not None else author_id)
        if self.held is not None and self.held.author.id in theirs:
            return self.held
        return self.card

    @property
    def is_own(self) -> bool:
        """Whether the reader wrote it anonymously."""
        return self.persona is not None and self.home.author_id == self.persona.number

    @property
    def is_askers(self) -> bool:
        """Whether the reader asked its question anonymously."""
        return self.persona is not None and self.home.asker_id == self.persona.number


@looking_up
async def look_at(
    tx: Transaction, guild_id: int, post_id: int, reader_id: int = 0, seal: Seal | None = None
) -> Seen | None:
    """A post of this server; None where there is no such post. `seal` is the reader's."""
    return await _seen(tx, guild_id, post_id, reader_id, seal)


@dataclass(frozen=True, slots=True)
class Menu:
    """What the menu of a post needs: the post, what the person's rights to it depend on, and what
    is new for them."""

    seen: Seen | None
    facts: Facts
    news: Found


@looking_up
async def look_for_menu(
    tx: Transaction,
    guild_id: int,
    post_id: int,
    reader_id: int,
    *,
    now: datetime,
    seal: Seal | None = None,
) -> Menu:
    """All that the menu of a post needs, at once: it is the most clicked button. `seal` is the
    reader's."""
    rules = await guilds.read_rules(tx, guild_id)
    facts, found = await menu.facts_and_card(tx, guild_id, reader_id, post_id, rules)
    seen = await _seen_of(tx, guild_id, found, rules, seal)
    return Menu(seen, facts, await look_for_news(tx, guild_id, reader_id, now))


@looking_up
async def look_at_named(
    tx: Transaction,
    guild_id: int,
    typed: str | None,
    thread_id: int,
    *,
    question: bool = False,
    reader_id: int = 0,
    own: bool = False,
    seal: Seal | None = None,
) -> Seen:
    """The visible post a person means: the one they typed, or the question whose thread they are
    in.

    With `question`, an answer stands for its question. With `own`, it may also be a post of the
    reader's that waits. Raises `Invalid("post", NOT_A_POST)`,
    `NotFound(POST)` and, where nothing was typed outside of a thread, `NotFound(UNNAMED)`; in both
    cases with the same words for what is hidden as for what never was.
    """
    # More parameters than a function should have: what was typed and where, what it may mean, and
    # to whom; each of its callers has them apart.
    missing = NotFound(Missing.POST, typed=typed) if typed else NotFound(Missing.UNNAMED)
    if typed:
        named = parse_post_reference(typed, guild_id)
        post_id = await places.find_post(tx, guild_id, named, further=True)
    else:
        post_id = await places.question_of_thread(tx, guild_id, thread_id)
    seen = await _seen(tx, guild_id, post_id, reader_id, seal) if post_id is not None else None
    if seen is not None and question and seen.card is not None:
        about = seen.card
        if about.kind is not PostKind.QUESTION:
            seen = await _seen(tx, guild_id, about.question_id, reader_id, seal)
    theirs = seen is not None and own and seen.card_for(reader_id) is not None
    if seen is None or (seen.card is None and not theirs):
        raise missing
    return seen


@looking_up
async def look_at_message(
    tx: Transaction, guild_id: int, message_id: int, reader_id: int = 0, seal: Seal | None = None
) -> Seen | None:
    """The visible post whose card a message is, or whose text it carries on; or None."""
    named = PostReference(message_id=message_id)
    post_id = await places.find_post(tx, guild_id, named, further=True)
    seen = await _seen(tx, guild_id, post_id, reader_id, seal) if post_id is not None else None
    return seen if seen is not None and seen.card is not None else None


@looking_up
async def question_of_thread(tx: Transaction, guild_id: int, thread_id: int) -> int | None:
    """The question whose thread this is."""
    return await places.question_of_thread(tx, guild_id, thread_id)


@looking_up
async def post_of_message(tx: Transaction, guild_id: int, message_id: int) -> PostCard | None:
    """The visible post whose card a message is, or None."""
    post_id = await places.find_post(tx, guild_id, PostReference(message_id=message_id))
    if post_id is None:
        return None
    rules = await guilds.read_rules(tx, guild_id)
    try:
        return await visible_card(tx, guild_id, post_id, rules)
    except NotFound:
        return None


async def _seen(
    tx: Transaction, guild_id: int, post_id: int, reader_id: int, seal: Seal | None = None
) -> Seen | None:
    rules = await guilds.read_rules(tx, guild_id)
    found = await cards.load_placed(tx, guild_id, post_id, rules, reader_id)
    return await _seen_of(tx, guild_id, found, rules, seal)


async def _seen_of(
    tx: Transaction, guild_id: int, found: cards.Placed | None, rules: Rules, seal: Seal | None
) -> Seen | None:
    if found is None:
        return None
    card = found.card
    shown = card.status is PostStatus.VISIBLE and not card.orphaned
    persona = None
    if seal is not None and (card.author.is_anonymous or is_sealed(card.asker_id)):
        persona = await personas.find(tx, guild_id, card.number, seal)
    return Seen(
        card.post_id,
        Home(
            rules,
            await _channel_of(tx, found, rules),
            found.thread_id,
            card.author.id,
            found.visible,
            card.status is PostStatus.DELETED,
            found.block,
            card.asker_id,
        ),
        card if shown else None,
        card if card.status is PostStatus.HELD else None,
        persona,
    )


async def _channel_of(tx: Transaction, found: cards.Placed, rules: Rules) -> int | None:
    if found.is_shown:
        return found.home_id
    known = {c.category_id: c for c in await guilds.categories(tx, found.card.guild_id)}
    return home_in(known.get(found.category_id or 0), rules)
