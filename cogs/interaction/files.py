"""Files on their way: from a member to the database, from there to Discord, and back again before
the message that holds them is deleted.

They are fetched when their form is sent, not while it is filled in, so that attaching files without
sending a form costs nothing. At most two posts' files are transferred at once
(`Askwell.holding_files`), one of each member, and none is ever whole in memory. Pictures are drawn
anew before they are kept, without the place where they were taken."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.errors import Denial, Denied, Invalid, Problem
from bot.domain.files import GivenFile, check_files, hidden_name
from bot.settings import MEGABYTE
from bot.usecases import attaching, browsing
from cogs.failures import DISCORD_FAILED
from cogs.foundation import downloads, pictures
from cogs.foundation.uploads import Form
from cogs.interaction.people import guild_of
from cogs.ui.form_files import Attached, Held
from cogs.ui.modals import FILES

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_HIDDEN = discord.AttachmentFlags(spoiler=True).value


def given_files(*attachments: discord.Attachment | None) -> list[GivenFile]:
    """Files that were attached to a command."""
    return [
        GivenFile(
            hidden_name(a.filename) if a.is_spoiler() else a.filename,
            a.content_type or "",
            a.size,
            a.url,
        )
        for a in attachments
        if a is not None
    ]


def uploaded_files(interaction: discord.Interaction[Any], field: str) -> list[GivenFile]:
    """Files that were put into a form's field."""
    data: Any = interaction.data or {}
    uploads: Any = data.get("resolved", {}).get("attachments", {})
    found: list[GivenFile] = []
    for row in data.get("components", []):
        component = row.get("component", {})
        if component.get("custom_id") != field:
            continue
        for file_id in component.get("values", []):
            upload = uploads.get(str(file_id))
            if upload is not None:
                name, kind = str(upload["filename"]), upload.get("content_type") or ""
                if int(upload.get("flags") or 0) & _HIDDEN:
                    name = hidden_name(name)
                found.append(GivenFile(name, kind, int(upload["size"]), str(upload["url"])))
    return found


async def keep_files(
    interaction: discord.Interaction[Askwell], files: Sequence[GivenFile]
) -> list[int]:
    """Note a member's files; returns their rows. Raises `Invalid("attachment", …)`."""
    if not files:
        return []
    db, user_id = interaction.client.db, interaction.user.id
    now = discord.utils.utcnow()
    return await attaching.keep_files(db, guild_of(interaction), user_id, files, now=now)


async def take_files(
    interaction: discord.Interaction[Askwell], files: Sequence[GivenFile]
) -> Attached:
    """Take the files of a command, before it is known whether they are for an anonymous post: where
    there can be one, they are in no row, but held. Raises `Invalid("attachment", …)`."""
    if not files:
        return ()
    rules = await browsing.rules_of(interaction.client.db, guild_of(interaction))
    if not rules.on("anonymous"):
        return await keep_files(interaction, files)
    check_files((file.name, file.content_type, file.size) for file in files)
    return hold_files(interaction, interaction.id, files)


def hold_files(
    interaction: discord.Interaction[Askwell], origin_id: int, files: Sequence[GivenFile]
) -> Held:
    """Hold a member's files."""
    uploads, now = interaction.client.uploads, discord.utils.utcnow()
    uploads.hold(held_form(interaction, origin_id), files, now)
    return Held(origin_id, len(files))


def held_files(
    interaction: discord.Interaction[Askwell], held: Held
) -> tuple[GivenFile, ...] | None:
    """The files that are held for a member; None if they are gone, and () if they are posted."""
    form = held_form(interaction, held.origin_id)
    return interaction.client.uploads.of(form, discord.utils.utcnow())


def forget_files(interaction: discord.Interaction[Askwell], held: Held | None) -> None:
    """Forget files that are held no longer."""
    if held is not None:
        interaction.client.uploads.forget(held_form(interaction, held.origin_id))


def held_form(interaction: discord.Interaction[Askwell], origin_id: int) -> Form:
    """What a member's files are held by."""
    return Form(guild_of(interaction), interaction.user.id, origin_id)


async def fetch_files(interaction: discord.Interaction[Askwell], file_ids: Sequence[int]) -> None:
    """Fetch the content of noted files. Raises `Invalid("attachment", …)`: `FILE_LOST` if that
    fails, and what `pictures.cleaned` raises for pictures."""
    if not file_ids:
        return
    bot = interaction.client
    files = _theirs(interaction, file_ids)
    limits = (bot.settings.files_per_member_mb, bot.settings.files_per_server_mb)
    room = attaching.Room(*(megabytes * MEGABYTE for megabytes in limits))

    @asynccontextmanager
    async def fetch(file: GivenFile) -> AsyncGenerator[attaching.Fetched]:
        async with (
            downloads.download(bot, file.url, file.size) as downloaded,
            pictures.cleaned(bot.drawing_pictures, file, downloaded) as cleaned,
        ):
            yield cleaned

    try:
        async with bot.holding_members_files.of(None, files.user_id), bot.holding_files:
            await attaching.fetch_files(bot.db, files, fetch, room, now=discord.utils.utcnow())
    except DISCORD_FAILED as error:
        _log.warning("a file could not be read from Discord: %s", error)
        raise Invalid("attachment", Problem.FILE_LOST) from error


def _theirs(
    interaction: discord.Interaction[Askwell], file_ids: Sequence[int]
) -> attaching.MemberFiles:
    return attaching.MemberFiles(guild_of(interaction), interaction.user.id, file_ids)


async def _drop(interaction: discord.Interaction[Askwell], file_ids: Sequence[int]) -> None:
    if file_ids:
        files, now = _theirs(interaction, file_ids), discord.utils.utcnow()
        await attaching.drop_files(interaction.client.db, files, now=now)


async def fetch_for_draft(interaction: discord.Interaction[Askwell], files: Attached) -> None:
    """Fetch the files of a draft, since Discord only keeps them for a while; not those that are
    held. After a failure, this is retried when its form is sent."""
    if isinstance(files, Held):
        return
    try:
        await fetch_files(interaction, files)
    except Invalid as refusal:
        _log.info("a file is fetched later: %s", refusal.reason)


def acceptable_files(message: discord.Message) -> list[GivenFile]:
    """A message's files if all can be kept with a post, else none. It wasn't written as a post, so
    its text is accepted anyway."""
    files = given_files(*message.attachments)
    try:
        check_files((file.name, file.content_type, file.size) for file in files)
    except Invalid as refusal:
        _log.info("a message's files are left out: %s", refusal.reason)
        return []
    return files


async def files_of_message(
    interaction: discord.Interaction[Askwell], files: Sequence[GivenFile]
) -> list[int]:
    """Keep and fetch a message's acceptable files; none if Discord doesn't deliver them."""
    kept: list[int] = []
    try:
        kept = await keep_files(interaction, files)
        await fetch_files(interaction, kept)
    except Invalid as refusal:
        _log.info("a message's files are left out: %s", refusal.reason)
        await _drop(interaction, kept)
        return []
    return kept


def is_about_files(error: Exception) -> bool:
    """Whether a post was refused because of its files."""
    if isinstance(error, Denied):
        return Denial(error.reason) is Denial.NO_FILES
    return isinstance(error, Invalid) and error.field == "attachment"


class FormFiles:
    """The files of a submitted form: those attached before, and those in it."""

    def __init__(self, interaction: discord.Interaction[Askwell], attached: Attached) -> None:
        self._interaction = interaction
        self._held = attached if isinstance(attached, Held) else None
        self._files = [] if isinstance(attached, Held) else list(attached)
        self._noted = False
        self._refused: list[int] = []

    async def taken(self) -> tuple[int, ...]:
        """All files of the form, ready to be attached. Raises `Invalid("attachment", …)`."""
        await self._note()
        await fetch_files(self._interaction, self._files)
        return tuple(self._files)

    async def given_back(self, error: Exception) -> list[int]:
        """The files to give back with a form that failed; none if it failed because of them."""
        if is_about_files(error):
            self._refused, self._files = self._files, []
        else:
            try:
                await self._note()
            except Invalid as refusal:
                _log.info("a form goes back without its new files: %s", refusal.reason)
        return self._files

    async def fetch_for_draft(self) -> None:
        """Fetch the files that were given back, and forget the others, once the member has a
        reply."""
        await _drop(self._interaction, self._refused)
        await fetch_for_draft(self._interaction, self._files)

    async def _note(self) -> None:
        if not self._noted:
            self._noted = True
            uploaded = uploaded_files(self._interaction, FILES)
            if self._held is not None:
                uploaded = [*self._before(self._held), *uploaded]
            self._files += await keep_files(self._interaction, uploaded)
            forget_files(self._interaction, self._held)

    def _before(self, held: Held) -> Sequence[GivenFile]:
        """The files that were held for what turned out to be posted by name."""
        files = held_files(self._interaction, held)
        if not files:
            raise Invalid("attachment", Problem.FILE_LOST)
        return files
