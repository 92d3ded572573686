"""Delivery: empties the outbox into Discord, whenever something was put there.

One finite task per kick reads the due jobs and hands each question's jobs, in order, to their own
task; a sweep every two seconds looks for jobs that were put off. Nothing is decided here: delivery
reads the facts again, shows them, and records what is shown.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

from bot.domain.outbox import (
    BURST,
    CHANNEL_GONE,
    OF_NO_POST,
    WAITS_FOR_THREAD,
    Done,
    Failed,
    GivenUp,
    Job,
    JobKind,
    Later,
    Outcome,
    Priority,
)
from bot.usecases import mailing, publishing, removing, seeing
from cogs.delivery.appeals import follow_appeal
from cogs.delivery.card import CardMessage
from cogs.delivery.consents import follow_request
from cogs.delivery.mailing import readable_mail, send_mail
from cogs.delivery.moderators import follow_fixtures, follow_report
from cogs.delivery.naming import follow_title
from cogs.delivery.publishing import NotYet
from cogs.delivery.reactions import take_off
from cogs.delivery.round_ups import follow_round_up
from cogs.delivery.showing import show
from cogs.delivery.signs import follow_sign
from cogs.delivery.unsealings import follow_unsealing
from cogs.delivery.waiting import call_helpers, call_moderators
from cogs.delivery.workload import Group, Workload
from cogs.failures import Code, Meaning, Unshowable, code_of, is_refusal, meaning_of, said_of

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_READ = 100
# The kinds of jobs that aren't about what stands in a post's home.
_SIGNS = (JobKind.HOW_TO, JobKind.OFFER, JobKind.STRAY, JobKind.UNSEALING)
_OF_NO_HOME = (*OF_NO_POST, *_SIGNS)
_BETWEEN_EDITS = 1.0  # of one channel: Discord allows 5 edits in 5 s
_SWEEP = 2.0
_HOLD = 5.0  # pause for a job whose failure the database can't record
_SET_BACK = timedelta(seconds=30)  # more than clocks are corrected by
_MOST_ATTEMPTS = 12  # attempts at a job that fails by a bug: about an hour of doubling pauses


class Delivery(commands.Cog):
    """Shows in Discord what the outbox asks for."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._pump_task: asyncio.Task[None] | None = None
        self._again = False
        self._unloaded = False
        self._workload = Workload()
        self._edited: dict[int, float] = {}  # on the monotonic clock
        self._next_bulk: dict[int, datetime] = {}  # until when bulk edits of a channel are spread
        self._held: dict[Group, float] = {}
        self._unrecorded: set[tuple[JobKind, int, int]] = set()  # kind, server, key
        self._wake_at: datetime | None = None
        self._started = discord.utils.utcnow()
        self._offset = self._started - timedelta(seconds=time.monotonic())

    async def cog_load(self) -> None:
        """Listen for commits that left something in the outbox."""
        self.bot.db.on_enqueue = self.kick
        self._sweep.start()

    async def cog_unload(self) -> None:
        """Stop. What is left in the outbox is done after the next start."""
        self.bot.db.on_enqueue = None
        self._sweep.cancel()
        self._unloaded = True  # a task kicks once more as it ends
        await self.bot.ending.end([*self._workload.tasks(), self._pump_task])

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Do the jobs left by the last run, or from the time without a connection."""
        await self._clock_set_back(seen=False)  # it may have been, meanwhile
        self.kick()

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Try again what failed while the bot was not in the server."""
        await publishing.retry_failures(self.bot.db, guild.id, discord.utils.utcnow())

    def kick(self) -> None:
        """Look into the outbox now."""
        if self._unloaded or not self.bot.is_ready():
            return
        if self._pump_task is not None and not self._pump_task.done():
            self._again = True
            return
        self._pump_task = asyncio.create_task(self._pump(), name="delivery")

    @tasks.loop(seconds=_SWEEP)
    async def _sweep(self) -> None:
        if self._is_set_back():
            await self._clock_set_back(seen=True)
        if self._wake_at is not None and self._wake_at <= discord.utils.utcnow():
            self.kick()

    def _is_set_back(self) -> bool:
        """Whether the clock was set back, compared with the monotonic one."""
        offset = discord.utils.utcnow() - timedelta(seconds=time.monotonic())
        back, self._offset = self._offset - offset, offset
        return back > _SET_BACK

    async def _clock_set_back(self, *, seen: bool) -> None:
        """Do the jobs now that were put off by the clock before it was set back."""
        now = discord.utils.utcnow()
        self._next_bulk.clear()
        try:
            await publishing.clock_set_back(self.bot.db, now, seen=seen)
        except Exception:
            _log.exception("the outbox could not be put right after the clock was set back")
            self._offset += 2 * _SET_BACK  # once more at the next look
        self._wake_at = now

    @commands.Cog.listener()
    async def on_guild_available(self, _guild: discord.Guild) -> None:
        """Do the jobs that waited for an unavailable server."""
        self.kick()

    def _served(self) -> frozenset[int] | None:
        """The servers to deliver for; None for all. It excludes unavailable servers, whose channels
        only seem to be deleted, and those of other processes that share the database."""
        there = frozenset(guild.id for guild in self.bot.guilds if not guild.unavailable)
        if len(there) == len(self.bot.guilds) and not self.bot.settings.shard_ids:
            return None
        return there

    async def _pump(self) -> None:
        try:
            while True:
                self._again = False
                now = discord.utils.utcnow()
                self._workload.about_to_read()
                outlook = await publishing.look_out(self.bot.db, now, _READ, self._served())
                if self._unloaded:  # nobody would wait for what is begun now
                    return
                jobs = outlook.jobs
                groups: defaultdict[Group, list[Job]] = defaultdict(list)
                for job in jobs:
                    groups[job.kind, job.group].append(job)
                ticks = time.monotonic()
                fresh = ticks - _BETWEEN_EDITS
                self._edited = {c: at for c, at in self._edited.items() if at > fresh}
                self._next_bulk = {c: at for c, at in self._next_bulk.items() if at > now}
                self._held = {g: until for g, until in self._held.items() if until > ticks}
                servers = self._workload.servers(jobs)
                for group, members in groups.items():
                    waits = self._workload.works_on(group) or group in self._held
                    if not waits and self._workload.has_room(members[0], servers):
                        work = self._work(group, members[:BURST])
                        self._workload.begin(group, members[0], work)
                more = await publishing.refresh_more(self.bot.db, outlook.unfinished, now)
                if not (self._again or more):
                    break
            held = now + timedelta(seconds=_HOLD) if self._held else None
            self._wake_at = min((t for t in (outlook.due, held) if t), default=None)
        except Exception:
            _log.exception("the outbox could not be read; it is tried again")
            self._wake_at = discord.utils.utcnow() + timedelta(seconds=5)

    async def _work(self, group: Group, jobs: list[Job]) -> None:
        try:
            for job in jobs:
                began = time.monotonic()
                await self._do(job)
                if job.priority is Priority.BULK and self._workload.others_at_work():
                    await self._workload.give_way(time.monotonic() - began)
        finally:
            self._workload.ended(group)
            self.kick()  # what came for this question meanwhile, or waited for it

    async def _do(self, job: Job) -> None:
        """Do one job and record its outcome; its failure doesn't affect other jobs."""
        try:
            failure: Exception | None = None
            try:
                outcome = await self._done(job)
            except Exception as error:
                failure, outcome = error, await self._failed(job, error)
            if outcome is not None:
                await publishing.settle(self.bot.db, job, outcome)
                self._tell(job, outcome, failure)
            self._unrecorded.discard((job.kind, job.guild_id, job.key))
        except Exception:
            _log.exception("how a job went could not be recorded; it is tried again")
            self._unrecorded.add((job.kind, job.guild_id, job.key))
            self._held[job.kind, job.group] = time.monotonic() + _HOLD

    async def _done(self, job: Job) -> Outcome | None:
        """Do a job. Returns None if its outcome was recorded with the act: what a message told,
        until when a request is shown."""
        match job.kind:
            case JobKind.CARD:
                return await self._show_card(job)
            case JobKind.WAITING:
                await call_helpers(self.bot, job, uncertain=self._uncertain(job))
            case JobKind.NAME:
                return await self._name_thread(job)
            case JobKind.REACTIONS:
                await take_off(self.bot, job)
            case JobKind.CONSENT:
                await follow_request(self.bot, job, uncertain=self._uncertain(job))
                return None
            case JobKind.REPORT:
                await follow_report(self.bot, job, uncertain=self._uncertain(job))
            case JobKind.APPEAL:
                await follow_appeal(self.bot, job, uncertain=self._uncertain(job))
            case JobKind.UNSEAL:
                await follow_unsealing(self.bot, job, uncertain=self._uncertain(job))
            case JobKind.OVERDUE:
                await call_moderators(self.bot, job, uncertain=self._uncertain(job))
            case JobKind.MODERATORS:
                await follow_fixtures(self.bot, job, uncertain=self._uncertain(job))
            case JobKind.NOTICE:
                return await self._send_notice(job)
            case JobKind.ROUND_UP:
                await follow_round_up(self.bot, job)
            case JobKind.HOW_TO | JobKind.OFFER | JobKind.STRAY | JobKind.UNSEALING:
                return await follow_sign(self.bot, job, uncertain=self._uncertain(job))
        return Done()

    async def _show_card(self, job: Job) -> Outcome:
        async with self.bot.publications.turn(job.guild_id, job.key):
            return await self._show_in_turn(job)

    async def _show_in_turn(self, job: Job) -> Outcome:
        item = await publishing.card_to_show(self.bot.db, job)
        now = discord.utils.utcnow()
        if item is not None:
            channel_id = item.card.place.channel_id
            waits = job.priority >= Priority.REFRESH and not job.attempts
            rest = self._rest(channel_id, now) if channel_id and waits else None
            if rest is not None and channel_id and job.priority is Priority.BULK:
                # Each has its own time, or all of them would be read again every second.
                rest = max(rest, self._next_bulk.get(channel_id, rest))
                rest += timedelta(seconds=_BETWEEN_EDITS)
                self._next_bulk[channel_id] = rest
            if rest is not None:
                return Later(rest)
            edited = await show(CardMessage(self.bot, item, uncertain=self._uncertain(job)))
            if edited and channel_id:
                self._edited[channel_id] = time.monotonic()
        return Done()

    async def _name_thread(self, job: Job) -> Outcome:
        item = await publishing.card_to_show(self.bot.db, job)
        it = CardMessage(self.bot, item, uncertain=False) if item else None
        until = await follow_title(it) if it else None
        return Later(until) if until else Done()

    def _rest(self, channel_id: int, now: datetime) -> datetime | None:
        """Until when a channel's cards aren't edited after an edit; None means not at all."""
        last = self._edited.get(channel_id)
        rest = 0.0 if last is None else last + _BETWEEN_EDITS - time.monotonic()
        # What is left of it may be less than a time can tell: then the job would be due at once.
        until = now + timedelta(seconds=rest)
        return until if until > now else None

    async def _send_notice(self, job: Job) -> Outcome | None:
        now = discord.utils.utcnow()
        mail = await mailing.mail_to_send(self.bot.db, job, now, self.bot.sealing)
        if isinstance(mail, Later):
            return mail
        if mail is None:
            await mailing.nothing_to_send(self.bot.db, job)
            return None
        uncertain = mail.tried or mail.since < self._started or self._is_unrecorded(job)
        mail = await readable_mail(self.bot, mail)
        there = await send_mail(self.bot, mail, uncertain=uncertain)
        if there:
            await mailing.mail_was_sent(self.bot.db, mail, there)
            return await self._send_notice(job)  # what came since is news
        await mailing.mail_sent(self.bot.db, mail, job)
        return None

    def _uncertain(self, job: Job) -> bool:
        """Whether a failed attempt, or an earlier process's, may have reached Discord."""
        return job.attempts > 0 or job.created_at < self._started or self._is_unrecorded(job)

    def _is_unrecorded(self, job: Job) -> bool:
        """Whether a job was done as far as anybody knows, which could not be recorded."""
        return (job.kind, job.guild_id, job.key) in self._unrecorded

    async def _failed(self, job: Job, error: Exception) -> Outcome | None:
        """The outcome of a failed job. None if its post was hidden, since new facts follow."""
        now = discord.utils.utcnow()
        if isinstance(error, discord.RateLimited):  # nothing was done, nor is to be until then
            return Later(now + timedelta(seconds=error.retry_after))
        if isinstance(error, NotYet):
            return Failed(WAITS_FOR_THREAD, now)
        if isinstance(error, Unshowable):
            return GivenUp(error.said)
        if job.kind is JobKind.CARD and code_of(error) == Code.UNKNOWN_MESSAGE:
            # People deleted it while the bot was away: they didn't want the post to be shown.
            await removing.hide_post(self.bot.db, job.guild_id, job.key, now=now)
            return None
        if code_of(error) == Code.UNKNOWN_CHANNEL and await self._home_is_gone(job):
            return GivenUp(CHANNEL_GONE)
        return self._refused(job, error, now)

    async def _home_is_gone(self, job: Job) -> bool:
        """Whether the channel of a job's question was deleted, and not only its thread."""
        guild = self.bot.get_guild(job.guild_id)
        if guild is None or job.kind in _OF_NO_HOME:
            return False
        home = await seeing.home_of(self.bot.db, job.guild_id, job.key)
        channel_id = home.channel_id if home is not None else None
        return await self.bot.homes.is_gone(guild, channel_id, doubted=True)

    def _refused(self, job: Job, error: Exception, now: datetime) -> Outcome:
        """Retry a failure that may pass; give up a final one, and record it."""
        meaning, said, refused = meaning_of(error), said_of(error), is_refusal(error)
        if meaning is Meaning.FINAL:
            _log.warning("Discord refuses %s %s for good: %s", job.kind, job.key, said)
            return GivenUp(said)
        if meaning is Meaning.PASSING:
            _log.info("%s %s is tried again: %s", job.kind, job.key, said)
        else:
            _log.error("%s %s failed", job.kind, job.key, exc_info=error)
            if meaning is Meaning.OURS or job.attempts >= _MOST_ATTEMPTS:
                return GivenUp(said)
        return Failed(said, now, refused)

    def _tell(self, job: Job, outcome: Outcome, error: Exception | None) -> None:
        """Report a job's outcome to those who wait for it."""
        refused = isinstance(outcome, Failed) and outcome.refused
        if refused and error is not None and meaning_of(error) is Meaning.PASSING:
            # A change in the server may lift it.
            self.bot.dispatch("refused", job.guild_id, code_of(error))
        elif not isinstance(outcome, Done | GivenUp):
            return
        if job.kind is JobKind.HOW_TO:
            self.bot.dispatch("how_to_followed", job.guild_id, error)
        if job.kind is JobKind.CARD:
            if isinstance(outcome, GivenUp) and outcome.error == CHANNEL_GONE:
                error = Unshowable(CHANNEL_GONE)
            self.bot.dispatch("post_delivered", job.key, error)
            if job.attempts and error is None:  # what was refused is done: others may be as well
                self.bot.dispatch("refusal_lifted", job.guild_id)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Delivery(bot))
