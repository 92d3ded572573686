"""The moderators' channel: a card for each reported post, the way into the queue, and what Discord
refused for good. Each step may be repeated, and is recorded at once."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.domain.outbox import Job, Priority
from bot.domain.review import AGAIN, DECIDED, Fixture, ShownMessage
from bot.domain.rules import Rules
from bot.i18n import texts_for
from bot.usecases import alerting, duty
from bot.usecases.alerting import ChannelState, ReportToShow
from bot.usecases.duty import OnDuty
from cogs.delivery.continuing import SKEW, digest
from cogs.delivery.mailing import nonce_of
from cogs.delivery.pinning import take_notices_away
from cogs.delivery.showing import each_by_itself
from cogs.failures import Code, code_of
from cogs.foundation.duty import Call, call
from cogs.foundation.moderating import moderators_channel
from cogs.foundation.readers import readers_may_read
from cogs.ui.controls import Control, controls_in, view_of
from cogs.ui.reports import Look, is_of_report, queue_look, refusals_look, report_look
from cogs.ui.worries import any_worry

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_SEARCHED = 200  # messages, the newest, for one that may have been sent


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that should stand in the channel. `is_it` recognises it by one of its controls;
    `name` is what its nonce is made of, and `state` what its digest begins with. `call` says who is
    called when it is sent. One that is `left` isn't sent again if it was deleted."""

    look: Look
    name: str
    is_it: Callable[[Control], bool]
    since: datetime
    state: str = ""
    call: Callable[[], Awaitable[Call]] | None = None
    left: bool = False
    pinned: bool = False

    @property
    def shown(self) -> str:
        """The digest of how it should look."""
        return self.state + self.look.digest(digest)


@dataclass(slots=True)
class Keeper:
    """Brings one message in the channel up to date. `uncertain` means that it may have been sent
    without being recorded; `record` stores what is shown where."""

    bot: Askwell
    guild_id: int
    channel: discord.TextChannel | None
    message: ShownMessage
    record_message: Callable[[ShownMessage], Awaitable[None]]
    uncertain: bool

    async def follow(self, wanted: Wanted | None) -> None:
        """Send, change or delete the message."""
        here = self.channel.id if self.channel is not None else None
        if self.message.channel_id not in (None, here) or wanted is None:
            await self.take_away()
        if wanted is None or self.channel is None:
            return
        if self.message.message_id is not None and not await self._edit(wanted) and wanted.left:
            return
        if self.message.message_id is None and not wanted.left:
            await self._send(self.channel, wanted)

    async def _record(self, **changes: object) -> None:
        self.message = replace(self.message, **changes)  # type: ignore[arg-type]
        await self.record_message(self.message)

    async def _forget(self) -> None:
        """Record that the message is nowhere; the next one gets another nonce."""
        times = self.message.times + 1
        await self._record(channel_id=None, message_id=None, shown="", times=times)
        self.uncertain = False

    def _recorded(self) -> discord.PartialMessage:
        channel = self.bot.get_partial_messageable(
            self.message.channel_id or 0, guild_id=self.guild_id
        )
        return channel.get_partial_message(self.message.message_id or 0)

    async def take_away(self) -> None:
        """Delete the message, from a former channel too, as far as Discord lets the bot."""
        if self.message.message_id is not None:
            try:
                await self._recorded().delete()
            except discord.NotFound:
                pass  # it is gone, as intended
            except discord.Forbidden as error:
                _log.info("a message stays in a former moderators' channel: %s", error)
        if self.message != ShownMessage(times=self.message.times):
            await self._forget()

    async def _edit(self, wanted: Wanted) -> bool:
        """Change the message if it looks different; False if it was deleted."""
        if self.message.shown == wanted.shown:
            return True
        try:
            await self._recorded().edit(
                embed=wanted.look.embed,
                view=view_of(*wanted.look.controls) if wanted.look.controls else None,
                allowed_mentions=discord.AllowedMentions.none(),
            )
        except discord.NotFound as error:
            if code_of(error) not in (Code.UNKNOWN_MESSAGE, Code.UNKNOWN_CHANNEL):
                raise
            await self._forget()
            return False
        await self._done(wanted)
        return True

    async def _send(self, channel: discord.TextChannel, wanted: Wanted) -> None:
        message = await self._sent(channel, wanted) if self.uncertain else None
        if self.message.channel_id != channel.id:
            await self._record(channel_id=channel.id)  # first, because the response may get lost
        if message is None:
            called = await wanted.call() if wanted.call is not None else Call()
            sent = await channel.send(
                called.text or None,
                embed=wanted.look.embed,
                view=view_of(*wanted.look.controls),
                allowed_mentions=called.allowed,
                nonce=nonce_of(f"{wanted.name}/{self.message.times}"),
            )
            await self._record(message_id=sent.id)
            await self._done(wanted)
        else:
            await self._record(message_id=message)
            await self._edit(wanted)

    async def _done(self, wanted: Wanted) -> None:
        if wanted.pinned:
            await self._recorded().pin()
            if self.uncertain and self.message.channel_id is not None:
                # Nobody may have heard of the notice of an earlier attempt's pin.
                await take_notices_away(self.bot, self.guild_id, self.message.channel_id)
        await self._record(shown=wanted.shown)

    async def _sent(self, channel: discord.TextChannel, wanted: Wanted) -> int | None:
        """The message, if an attempt without a confirmation has sent it."""
        mine = self.bot.user.id if self.bot.user else 0
        history = channel.history(limit=_SEARCHED, after=wanted.since - SKEW, oldest_first=False)
        async for message in history:
            if message.author.id == mine and any(
                map(wanted.is_it, controls_in(message.components))
            ):
                return message.id
        return None


async def follow_report(bot: Askwell, job: Job, *, uncertain: bool) -> None:
    """Bring the card of a post's reports up to date. Where nobody can be reached, nothing is shown:
    moderators find the reports in the queue and in their inbox."""
    found = await alerting.report_to_show(bot.db, job, discord.utils.utcnow())
    guild = bot.get_guild(job.guild_id)
    if found is None or guild is None:
        return
    report, rules = found.report, found.rules
    channel = moderators_channel(guild, rules)
    quoted = channel is not None and readers_may_read(guild, channel.id, found.home_id)
    t = texts_for(rules.text("locale"))
    # Reports that waited for a channel call nobody: they would call as often as there are reports.
    called = job.priority is not Priority.BULK
    wanted = Wanted(
        report_look(found, t, quoted=quoted),
        f"report/{job.guild_id}/{job.key}",
        partial(is_of_report, job.key),
        job.created_at,
        state="" if report.waiting else DECIDED,
        call=partial(_call, bot, guild, channel, found) if called else None,
        left=not report.waiting,
    )
    keeper = Keeper(
        bot,
        job.guild_id,
        channel,
        report.message,
        lambda message: alerting.record_report(bot.db, job, message, discord.utils.utcnow()),
        uncertain,
    )
    moved = channel is None or report.message.channel_id not in (None, channel.id)
    if moved and not report.waiting:
        return  # what was decided stays where it was said
    if report.message.shown == AGAIN:
        await keeper.take_away()
    await keeper.follow(wanted)


async def _call(
    bot: Askwell, guild: discord.Guild, channel: discord.TextChannel | None, found: ReportToShow
) -> Call:
    """Whom a card calls: the role, and where somebody is worried those on duty before it."""
    role_id, people = role_to_call(guild, found.rules), list[OnDuty]()
    if any_worry(found.reports):
        people = await duty.people(bot.db, guild.id, discord.utils.utcnow())
    on_duty = [each.user_id for each in people]
    return await call(guild, channel, on_duty, found.rules, role_id=role_id)


def role_to_call(guild: discord.Guild, rules: Rules) -> int | None:
    """The role to call; None if there is none any more."""
    role = guild.get_role(rules.identity("report_role") or 0)
    return role.id if role is not None and not role.is_default() else None


async def follow_fixtures(bot: Askwell, job: Job, *, uncertain: bool) -> None:
    """Bring the messages up to date that stand in a server's moderators' channel besides cards."""
    guild = bot.get_guild(job.guild_id)
    if guild is None:
        return
    state = await alerting.channel_state(bot.db, job.guild_id)
    channel = moderators_channel(guild, state.rules)
    t = texts_for(state.rules.text("locale"))
    wanted = {
        Fixture.QUEUE: Wanted(
            queue_look(t),
            f"queue/{job.guild_id}",
            lambda control: control == Control("queue.open", (Fixture.QUEUE,)),
            job.created_at,
            pinned=True,
        ),
        Fixture.REFUSALS: _refusals(guild, channel, state, job),
    }

    async def follow(name: Fixture) -> None:
        async def record(message: ShownMessage) -> None:
            now = discord.utils.utcnow()
            await alerting.record_fixture(bot.db, job.guild_id, name, message, now)

        keeper = Keeper(bot, job.guild_id, channel, state.messages[name], record, uncertain)
        await keeper.follow(wanted[name] if channel is not None else None)

    await each_by_itself([partial(follow, name) for name in Fixture])


def _refusals(
    guild: discord.Guild, channel: discord.TextChannel | None, state: ChannelState, job: Job
) -> Wanted | None:
    """What Discord refused for good, of posts that everybody in the channel may read; others are
    only counted."""
    if channel is None or not state.refusals:
        return None
    told = [
        failure
        for failure, home_id in state.refusals
        if home_id is None or readers_may_read(guild, channel.id, home_id)
    ]
    t = texts_for(state.rules.text("locale"))
    return Wanted(
        refusals_look(told, len(state.refusals) - len(told), t),
        f"refusals/{job.guild_id}",
        lambda control: control == Control("queue.open", (Fixture.REFUSALS,)),
        job.created_at,
    )
