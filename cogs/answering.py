"""Answering: `/answer`, the card's button, and *Post as answer* on a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.access import Deed, check_may
from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.i18n import N_
from bot.usecases import answering, consenting
from bot.usecases.answering import AnswerForm
from bot.usecases.consenting import Said, ThreadMessage
from bot.usecases.drafts import Draft
from cogs.delivery.consents import clear_unknown
from cogs.foundation.access import avatar_of, name_of
from cogs.interaction.anonymous import send_anonymously
from cogs.interaction.choices import Choices, question_choices
from cogs.interaction.files import (
    FormFiles,
    acceptable_files,
    files_of_message,
    given_files,
    take_files,
)
from cogs.interaction.forms import form_failed, show_form
from cogs.interaction.people import guild_of, reader
from cogs.interaction.pointing import question_meant
from cogs.interaction.posted import reply_answered, reply_posted
from cogs.interaction.replies import defer, reply
from cogs.interaction.routing import Control, control, form_values
from cogs.interaction.visible import actor_at, card_at, named_post, rules_at
from cogs.ui.controls import custom_id
from cogs.ui.form_files import Attached, file_ids, files_in
from cogs.ui.messages import words_of
from cogs.ui.modals import ANONYMOUS, FILES, NOTIFY, answer_form
from cogs.ui.people import person

if TYPE_CHECKING:
    from bot.app import Askwell


class Answering(commands.Cog):
    """Answers."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self.menu = app_commands.ContextMenu(name=N_("Post as answer"), callback=self.post_message)
        app_commands.guild_only(self.menu)

    async def cog_load(self) -> None:
        """Add the message menu."""
        self.bot.tree.add_command(self.menu)

    async def cog_unload(self) -> None:
        """Remove the message menu."""
        self.bot.tree.remove_command(self.menu.name, type=self.menu.type)

    @app_commands.command(description=N_("Answer a question."))
    @app_commands.guild_only()
    @app_commands.describe(
        question=N_("The question: its number, link or words from its title"),
        attachment=N_("A picture, PDF or text file to attach, up to 10 MB"),
    )
    async def answer(
        self,
        interaction: discord.Interaction[Askwell],
        question: str | None = None,
        attachment: discord.Attachment | None = None,
    ) -> None:
        """Open the form for a question; in its thread, it needn't be named."""
        files: Attached = ()
        if question is None:
            # A select carries the files on.
            files = await take_files(interaction, given_files(attachment))
            card = await question_meant(interaction, None, "answer", *file_ids(files))
        else:
            card = await named_post(interaction, question, question=True)
            files = await take_files(interaction, given_files(attachment))
        if card is not None:
            await self._open(interaction, card, files)

    @answer.autocomplete("question")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer questions."""
        return await question_choices(interaction, typed)

    @control("answer", of_post=True)
    async def clicked(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Open the form from a question's card, or for one that was chosen after `/answer`."""
        card = await card_at(interaction, wanted.number(0))
        await self._open(interaction, card, files_in(wanted.arguments, 1))

    async def _open(
        self, interaction: discord.Interaction[Askwell], card: PostCard, files: Attached = ()
    ) -> None:
        # Refuse before anything is typed in vain.
        actor = await actor_at(interaction, card.post_id, writing=True, by_name=True)
        check_may(actor, Deed.WRITE)
        if files:
            check_may(actor, Deed.ATTACH)
        if card.closing is not None:
            raise Denied(Denial.QUESTION_CLOSED, question=card.post_id)
        t, anonymous = (
            reader(interaction),
            (await rules_at(interaction, card.post_id)).on("anonymous"),
        )
        form = answer_form(card.post_id, card.title, {}, t, files, anonymous=anonymous)
        draft = Draft(custom_id("answer.form", card.post_id, *file_ids(files)), {})
        await show_form(interaction, form, draft)

    @control("answer.form", of_post=True)
    async def sent(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Post the submitted answer."""
        values = form_values(interaction)
        values.pop(FILES, None)
        question_id = wanted.number(0)
        if ANONYMOUS in values.get("how", []):
            draft = Draft(custom_id("answer.form", question_id), values)
            await send_anonymously(interaction, draft, files_in(wanted.arguments, 1))
            return
        files = FormFiles(interaction, files_in(wanted.arguments, 1))
        try:
            actor = await actor_at(interaction, question_id, writing=True, by_name=True)
            form = AnswerForm(
                str(values.get("answer", "")), NOTIFY in values.get("how", []), await files.taken()
            )
            await defer(interaction)
            posted = await answering.answer_question(
                self.bot.db,
                actor,
                question_id,
                form,
                origin_id=interaction.id,
                now=discord.utils.utcnow(),
            )
        except Exception as error:
            back = file_ids(await files.given_back(error))
            draft = Draft(custom_id("answer.form", question_id, *back), values)
            await form_failed(interaction, error, draft)
            await files.fetch_for_draft()
            return
        await self._told(interaction, posted)

    async def post_message(
        self, interaction: discord.Interaction[Askwell], message: discord.Message
    ) -> None:
        """Make a message in a question's thread its author's answer."""
        if message.author.bot:
            raise Denied(Denial.BOT_MESSAGE)
        words = words_of(message)
        question_id = await answering.question_in(
            self.bot.db, guild_of(interaction), message.channel.id
        )
        actor = await actor_at(interaction, question_id, writing=True, by_name=True)
        where = (self.bot.db, actor, message.channel.id, message.author.id)
        await answering.question_for_message(*where)
        if answering.needs_consent(actor, message.author.id):
            await self._ask_writer(interaction, actor, message, words)
            return
        await self._post(interaction, actor, message, words)

    async def _post(
        self,
        interaction: discord.Interaction[Askwell],
        actor: Actor,
        message: discord.Message,
        words: str,
    ) -> None:
        files = await files_of_message(interaction, acceptable_files(message))
        await defer(interaction)
        posted = await answering.post_message_as_answer(
            self.bot.db,
            actor,
            _in_thread(message),
            AnswerForm(words, files=tuple(files)),
            now=discord.utils.utcnow(),
        )
        if message.author.id == interaction.user.id:
            await reply_answered(interaction, posted, message)
        else:
            await self._told(interaction, posted)

    async def _ask_writer(
        self,
        interaction: discord.Interaction[Askwell],
        actor: Actor,
        message: discord.Message,
        words: str,
    ) -> None:
        """Ask a message's writer, in a reply without a ping, whether it may become an answer."""
        await defer(interaction)
        await consenting.ask_writer(
            self.bot.db,
            actor,
            _in_thread(message),
            Said(
                words,
                acceptable_files(message),
                message.edited_at,
                name_of(message.author),
                name_of(interaction.user),
            ),
            now=discord.utils.utcnow(),
        )
        t, writer = reader(interaction), _named(message.author)
        await reply(
            interaction,
            t("We've asked {writer} for permission, right under the message.", writer=writer),
        )

    @control("consent.yes")
    async def agreed(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Make a message its writer's answer, with its current text, since they agreed."""
        _check_writer(interaction, wanted)
        guild_id, message_id, channel = guild_of(interaction), wanted.number(1), interaction.channel
        request = await self._request(interaction, wanted)
        if not isinstance(channel, discord.Thread) or channel.id != request.channel_id:
            raise NotFound(Missing.THREAD)
        question_id = await answering.question_in(self.bot.db, guild_id, channel.id)
        actor = await actor_at(interaction, question_id, writing=True, by_name=True)
        message = await channel.fetch_message(message_id)
        said = _said_now(message, request.said)
        if said is None:
            t = reader(interaction)
            text = t(
                "You've edited this message, so I can only read it through its own menu. Open "
                "the message's menu, then *Apps*, *Post as answer*."
            )
            await reply(interaction, text)
            return
        files = await files_of_message(interaction, said.files)
        await defer(interaction)
        posted = await answering.post_message_as_answer(
            self.bot.db,
            actor,
            ThreadMessage(channel.id, message_id, actor.user_id, actor.name, actor.avatar),
            AnswerForm(said.body, files=tuple(files)),
            now=discord.utils.utcnow(),
        )
        if posted.already:
            now = discord.utils.utcnow()
            await consenting.end_request(self.bot.db, guild_id, message_id, now)
        await self._told(interaction, posted)

    @control("consent.no")
    async def refused(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Leave a message as it is, and delete the request."""
        _check_writer(interaction, wanted)
        message_id = wanted.number(1)
        await self._request(interaction, wanted)
        await defer(interaction)
        now = discord.utils.utcnow()
        await consenting.end_request(self.bot.db, guild_of(interaction), message_id, now)
        t = reader(interaction)
        await reply(interaction, t("Your message stays as it is."))

    async def _request(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> consenting.Request:
        """The request under this person's message. Raises `Denied`."""
        now = discord.utils.utcnow()
        where = (self.bot.db, guild_of(interaction), wanted.number(1))
        try:
            request = await consenting.request_about(*where, now)
        except Denied:
            await clear_unknown(interaction, wanted)
            raise
        if request.writer_id != interaction.user.id:
            raise Denied(Denial.NOT_ITS_WRITER)
        return request

    async def _told(
        self, interaction: discord.Interaction[Askwell], posted: answering.Posted
    ) -> None:
        t = reader(interaction)
        if posted.already:
            done = t("This is already answer {number}.")
        else:
            done = t("Answer posted as {number}.")
        later = t("Answer saved as {number}. Discord is slow right now, but it will appear.")
        await reply_posted(interaction, posted, done, later)


def _named(user: discord.User | discord.Member) -> str:
    return person(user.id, name_of(user))


def _in_thread(message: discord.Message) -> ThreadMessage:
    author = message.author
    seen_as = name_of(author), avatar_of(author)
    return ThreadMessage(message.channel.id, message.id, author.id, *seen_as)


def _check_writer(interaction: discord.Interaction[Askwell], wanted: Control) -> None:
    if interaction.user.id != wanted.number(0):
        raise Denied(Denial.NOT_ITS_WRITER)


def _said_now(message: discord.Message, said: Said) -> Said | None:
    """A message's current text and files; None if it was edited and Discord doesn't show them.

    Without a privileged intent, the bot can only read messages that mention it, or on which its
    menu is used: that is when `said` was kept.
    """
    if message.content or message.attachments:
        return Said(words_of(message), acceptable_files(message), message.edited_at)
    return said if message.edited_at == said.edited_at else None


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Answering(bot))
