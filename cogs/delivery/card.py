"""One post's message in Discord: what is recorded about it, and acting on it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import discord

from bot.domain.cards import Display, Place, PostCard, QuestionLine
from bot.i18n import Texts, texts_for
from bot.usecases import publishing
from bot.usecases.publishing import CardToShow
from cogs.delivery.continuing import digest
from cogs.delivery.files import TOO_LARGE, files_to_send
from cogs.failures import Code, code_of
from cogs.foundation.readers import readers_may_read
from cogs.ui.cards import card_embeds, comment_text
from cogs.ui.controls import card_controls, view_of

if TYPE_CHECKING:
    from bot.app import Askwell

_LINKED = frozenset({"message_id", "thread_id"})  # the parts of a link to a post

_T = TypeVar("_T")


class CardMessage:
    """A post's message as it should be (`content`, `embeds`, `controls`) and as recorded (`place`).

    `uncertain` means that an earlier attempt to publish it may have succeeded. `new_name` is the
    name of a forum post about to be made of it.
    """

    def __init__(self, bot: Askwell, item: CardToShow, *, uncertain: bool) -> None:
        self.bot = bot
        self.db = bot.db
        self.item = item
        self.card = _without_hidden(item, bot.get_guild(item.card.guild_id))
        self.place = item.card.place
        self.question = item.question
        self.rules = item.rules
        self.forum_tags = item.forum_tags
        self.uncertain = uncertain
        self.new_name: str | None = None
        self.t: Texts = texts_for(item.rules.text("locale"))
        self.render()

    def render(self) -> None:
        """Draw the card as it should be now."""
        card, t = self.card, self.t
        display = self.display = self._display()
        self.content = comment_text(card, t)
        self.embeds = card_embeds(card, t, display)
        self.controls = card_controls(card, t, display)
        self.look = digest(
            self.content,
            [e.to_dict() for e in self.embeds],
            [c.to_component_dict() for c in self.controls],
        )

    def _display(self) -> Display:
        message_id = self.place.message_id
        now = discord.utils.utcnow()
        anonymous = self.card.author.is_anonymous
        return Display(
            by_reaction=not (self.rules.private_voting or anonymous),
            buttons=self.rules.votes if anonymous else self.rules.vote_buttons,
            post_name=self._post_name(),
            sent_at=now if message_id is None else discord.utils.snowflake_time(message_id),
        )

    def _post_name(self) -> str | None:
        """The current name of the forum post that the card opens; as far as it is known, if it is
        archived. None in a text channel."""
        place = self.place
        if place.message_id is None:
            return self.new_name
        if place.thread_id is None or place.thread_id != place.channel_id:
            return None
        guild = self.bot.get_guild(self.card.guild_id)
        thread = guild.get_thread(place.thread_id) if guild is not None else None
        return thread.name if thread is not None else self.shown("called") or self.shown("name")

    # The recorded parts: the look, the files, the forum tags and the emoji, each as a digest, and
    # how many times the card was published before.

    def shown(self, part: str) -> str:
        """The recorded digest of a part; empty if there is none."""
        shown: dict[str, str] = json.loads(self.place.shown or "{}")
        return shown.get(part, "")

    async def record(self, marks: dict[str, str] | None = None, **place: Any) -> None:
        """Record what is shown and where."""
        where = (self.card.guild_id, self.card.post_id)
        moved_at = None if _LINKED.isdisjoint(place) else discord.utils.utcnow()
        await publishing.record_shown(self.db, *where, marks=marks, moved_at=moved_at, **place)
        if marks:
            known: dict[str, str] = json.loads(self.place.shown or "{}")
            place["shown"] = json.dumps(known | marks)
        self.place = replace(self.place, **place)

    async def forget(self) -> None:
        """Record that the card is nowhere. This is counted, so that the next one gets another
        nonce."""
        times = {"times": str(int(self.shown("times") or 0) + 1)}
        where = (self.card.guild_id, self.card.post_id)
        await publishing.forget_place(self.db, *where, json.dumps(times))
        self.place = Place(shown=json.dumps(times), home_id=self.place.home_id)

    def message(self) -> discord.PartialMessage:
        """The recorded message."""
        channel = self.bot.get_partial_messageable(
            self.place.channel_id or 0, guild_id=self.card.guild_id
        )
        return channel.get_partial_message(self.place.message_id or 0)

    async def act(self, act: Callable[[], Awaitable[_T]], /, *, thread_id: int | None = None) -> _T:
        """Act on the card's message. An archived thread is opened for that and archived again: a
        new score is no reason to bring an old thread to the top.

        A message sent there unarchives it for good, unless people locked it.
        """
        try:
            return await act()
        except discord.HTTPException as error:
            if code_of(error) != Code.THREAD_ARCHIVED:
                raise
            thread = await self.thread(thread_id)
            if thread is None:
                raise
            await thread.edit(archived=False)
            try:
                return await act()
            finally:  # refused or not, it is archived again
                await thread.edit(archived=True)

    async def thread(self, thread_id: int | None = None) -> discord.Thread | None:
        """The question's thread, or another one; None if it is gone."""
        guild = self.bot.get_guild(self.card.guild_id)
        thread_id = thread_id or self.question.place.thread_id
        if guild is None or thread_id is None:
            return None
        try:
            thread = guild.get_thread(thread_id) or await guild.fetch_channel(thread_id)
        except discord.NotFound:
            return None
        return thread if isinstance(thread, discord.Thread) else None

    async def draw(self, **files: Any) -> discord.Message:
        """Make the message look as it should; returns it as it is then."""
        # A comment's previews stay suppressed, as they are from the beginning.
        light = {} if self.content is None else {"content": self.content}
        return await self.edit(self.embeds, view_of(*self.controls), **light, **files)

    async def edit(
        self, embeds: list[discord.Embed], view: discord.ui.View | None, **more: Any
    ) -> discord.Message:
        """Change the message; returns it as it is then."""
        # Without `attachments`, those of the message stay.
        quiet = discord.AllowedMentions.none()
        edit = partial(self.message().edit, allowed_mentions=quiet, **more)

        async def again() -> discord.Message:
            for file in more.get("attachments", ()):  # a refused attempt has read them
                file.reset()
            return await edit(embeds=embeds, view=view)

        return await self.act(again)

    def embeds_are_there(self, message: discord.Message) -> bool:
        """Whether a message shows the card's embeds: without *Embed Links* it shows nothing."""
        return bool(message.embeds) or not self.embeds

    async def with_files(self, send: Callable[[list[discord.File]], Awaitable[_T]]) -> _T:
        """Send a message with the files that wait for it. If they are too large for the server
        after all, the text is sent without them, and the card says that they are missing."""
        if not self.item.waiting:
            return await send([])
        async with self.bot.holding_files:
            with ExitStack() as held:
                files = await files_to_send(self.bot, self.card, held)
                try:
                    return await send(files)
                except discord.HTTPException as error:
                    if not files or error.status != TOO_LARGE:
                        raise
        self.hold(())
        return await send([])

    def hold(self, names: Collection[str]) -> None:
        """Render the card for a message with these files."""
        files = (replace(file, there=file.name in names) for file in self.card.files)
        self.card = replace(self.card, files=tuple(files))
        self.render()


def _without_hidden(item: CardToShow, guild: discord.Guild | None) -> PostCard:
    """The card without the titles of linked questions that some of its readers may not read."""
    card = item.card
    if not (card.duplicates or card.closing):
        return card
    home = card.place.home_id or item.home_id

    def shown(line: QuestionLine | None) -> bool:
        if line is None or guild is None:
            return False
        return line.home_id == home or readers_may_read(guild, home, line.home_id)

    closing = card.closing
    if closing is not None and not shown(closing.original):
        closing = replace(closing, original=None)
    return replace(card, closing=closing, duplicates=tuple(filter(shown, card.duplicates)))
