"""`askwell doctor`: what keeps the bot from working, and how to fix it.

It only uses REST, so that it can run beside the bot: a second gateway session with the same token
would take events from the first one.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
import discord
import discord.http

from bot.domain.rules import Rules
from bot.i18n import texts_for
from bot.settings import Settings
from bot.usecases.inspecting import Home, Inspection
from bot.usecases.publishing import Failure
from cogs.failures import DISCORD_FAILED, meaning_in
from cogs.foundation.automod import names_of_unread, read_rules
from cogs.foundation.duty import RoleTrouble, role_trouble
from cogs.foundation.moderating import NEEDED as REPORTS_NEED
from cogs.foundation.preflight import (
    ChannelKind,
    invite_url,
    missing_permissions,
    rejection,
    say_nothing_of_voice,
    speak_to,
)
from cogs.ui.discord_refusals import PERMISSIONS, own_words

# Interactions must be answered within three seconds, measured by the time in their ids.
_TOLERATED_SKEW = 5.0
# As in pyproject.toml.
_OLDEST_PYTHON = (3, 11)
_NEWEST_PYTHON = (3, 13)
_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was found, and what to do if it isn't well. One that is well and has a fix
    is a warning: nothing fails, but something is to be done."""

    name: str
    well: bool
    finding: str
    fix: str = ""

    @property
    def warns(self) -> bool:
        """Whether it is a warning."""
        return self.well and bool(self.fix)

    def __str__(self) -> str:
        mark = "warn" if self.warns else "ok  " if self.well else "FAIL"
        line = f"{mark}  {self.name:<12}{self.finding}"
        return f"{line}\n{'':18}-> {self.fix}" if self.fix else line


def check_python(version: tuple[int, int, int]) -> Check:
    """Check the version of Python, as the first three of `sys.version_info` tell it."""
    running = ".".join(map(str, version))
    if version[:2] < _OLDEST_PYTHON:
        oldest = ".".join(map(str, _OLDEST_PYTHON))
        fix = f"install Python {oldest} or newer, and make the environment anew with it"
        return Check("Python", False, f"{running} is too old", fix)
    if version[:2] > _NEWEST_PYTHON:
        return Check("Python", True, f"{running}, newer than Askwell is tested with")
    return Check("Python", True, running)


def check_env_file(path: Path, misspelt: Mapping[str, str]) -> list[Check]:
    """Check who can read the file of settings, and its names."""
    name = str(path)
    try:
        mode = path.stat().st_mode
    except OSError:
        return [Check("Settings", True, f"from the environment alone: there is no {name}")]
    checks = [
        Check("Settings", False, f"{wrong} in {name} is not a setting", f"did you mean {meant}?")
        for wrong, meant in misspelt.items()
    ]
    # Windows keeps who may read a file elsewhere.
    if os.name == "posix" and mode & 0o077:
        finding = f"{name} can be read or changed by other users of this machine"
        return [*checks, Check("Settings", False, finding, f"chmod 600 {shlex.quote(name)}")]
    return checks or [Check("Settings", True, f"{name}, for its owner alone")]


def check_database(inspection: Inspection) -> list[Check]:
    """Check the schema and undelivered work of a database that answers."""
    if inspection.schema is None:
        return [Check("Database", True, "answers, and is empty: the first start fills it")]
    if inspection.unfinished:
        fix = "repeat the command that made it: it continues where it was"
        return [Check("Database", False, "a copy into it was interrupted", fix)]
    if not inspection.current:
        found = f"schema {inspection.schema}, where this version works with {inspection.newest}"
        fix = "run `askwell migrate`; if the schema is the newer one, update Askwell"
        return [Check("Database", False, found, fix)]
    checks = [Check("Database", True, f"answers, schema {inspection.schema}")]
    checks.extend(
        Check(
            "Delivery",
            False,
            f"server {failure.guild_id}: {failure.number or f'{failure.kind} {failure.key}'} "
            f"{'was refused for good' if failure.final else 'fails'}: {_why(failure)}",
            "repair the cause; it is tried again when the post changes or /setup is run"
            if failure.final
            else "repair the cause (often a permission); it is tried again by itself",
        )
        for failure in inspection.failures
    )
    if not inspection.failures:
        checks.append(Check("Delivery", True, f"nothing refused, {inspection.waiting} waiting"))
    return checks


def _why(failure: Failure) -> str:
    if meaning_in(failure.error) is None:
        return own_words(failure.error, texts_for("en"))
    return failure.error


async def check_discord(
    settings: Settings, servers: Mapping[int, Sequence[Home]], rules: Mapping[int, Rules]
) -> list[Check]:
    """Check the token, the clock, the permissions in each server's channels for questions, and
    whether the role of those on duty can be given."""
    say_nothing_of_voice()
    speak_to(settings.discord_api_url)
    checks = [await _clock()]
    if not settings.discord_token:
        fix = "put the bot's token into DISCORD_TOKEN (developer portal, page Bot, Reset Token)"
        return [*checks, Check("Token", False, "there is none", fix)]
    # It never connects to the gateway. Without this intent, discord.py warns of what it then lacks.
    client = discord.Client(intents=discord.Intents(guilds=True), max_ratelimit_timeout=30)
    try:
        await client.login(settings.discord_token)
        checks.extend(_identity(client))
        for guild_id, homes in servers.items():
            checks.extend(await _server(client, guild_id, homes, rules.get(guild_id)))
        if not servers:
            fix = "open the link of `make invite` (or `askwell invite`), then use /setup there"
            checks.append(Check("Servers", True, f"none is set up yet; {fix}"))
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        reason = rejection(error)
        text = reason.reason if reason else repr(error)
        checks.append(Check("Discord", False, text, "see above; then try again"))
    finally:
        await client.close()
    return checks


async def _clock() -> Check:
    url = f"{discord.http.Route.BASE}/gateway"
    try:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, session.get(url) as answer:
            header = answer.headers.get("Date")
    except (aiohttp.ClientError, TimeoutError) as error:
        fix = "check the network, a proxy or firewall, and DISCORD_API_URL"
        return Check("Network", False, f"Discord can't be reached ({error})", fix)
    if header is None:
        return Check("Clock", True, "not checked: the answer carried no date")
    try:
        ahead = (discord.utils.utcnow() - parsedate_to_datetime(header)).total_seconds()
    except ValueError:
        return Check("Clock", True, f"not checked: {header!r} is no date")
    if abs(ahead) <= _TOLERATED_SKEW:
        return Check("Clock", True, "agrees with Discord's")
    direction = "ahead of" if ahead > 0 else "behind"
    finding = f"{abs(ahead):.0f} s {direction} Discord's"
    return Check("Clock", False, finding, "let the system set its time (NTP)")


def _identity(client: discord.Client) -> Iterable[Check]:
    user, application = client.user, client.application
    if user is None or application is None:
        raise RuntimeError("logged in without a user")
    yield Check("Token", True, f"{user} ({user.id})")
    yield Check("Intents", True, "none privileged is asked for, none need be switched on")
    if application.interactions_endpoint_url:
        yield Check(
            "Commands",
            False,
            "are sent to an interactions endpoint, not to the bot",
            "empty the field Interactions Endpoint URL in the developer portal",
        )


async def _server(
    client: discord.Client, guild_id: int, homes: Sequence[Home], rules: Rules | None
) -> list[Check]:
    try:
        guild = await client.fetch_guild(guild_id, with_counts=False)
    except (discord.Forbidden, discord.NotFound):
        link = invite_url(client.application_id or 0)
        # Its data is kept in case the bot is invited back; that is no defect.
        return [Check("Server", True, f"{guild_id}: the bot is not there any more ({link})")]
    if not homes:
        return [Check("Server", True, f"{guild.name}: not set up yet, use /setup there")]
    me = await guild.fetch_member(client.user.id if client.user else 0)
    checks = [check for home in homes for check in await _channel(guild, me, home)]
    if not any(home.reports for home in homes):
        finding = f"{guild.name}: nobody is told of reports until a moderators' channel is set"
        checks.append(Check("Reports", True, f"{finding} (/setup)"))
    checks.append(await _automod(guild, me))
    trouble = role_trouble(guild, me, rules) if rules is not None else None
    if trouble is not None:
        fix = f"{_ROLE_FIXES[trouble]}, or choose another one with /settings set duty_role"
        finding = f"{guild.name}: the role of those on duty can't be given"
        checks.append(Check("Duty", False, finding, fix))
    return checks


async def _automod(guild: discord.Guild, me: discord.Member) -> Check:
    """Check whether the rules of the server's AutoMod can be read."""
    if not me.guild_permissions.manage_guild:
        finding = f"{guild.name}: left to Discord, the bot has no Manage Server (and needs none)"
        return Check("AutoMod", True, finding)
    try:
        rules = read_rules(await guild.fetch_automod_rules())
    except DISCORD_FAILED as error:
        finding = f"{guild.name}: its rules can't be read ({error})"
        return Check("AutoMod", False, finding, "try again; they are read once a minute")
    names = ", ".join(map(repr, names_of_unread(rules)))
    if names:
        finding = f"{guild.name}: expressions that can't be read in {names}"
        fix = "write them as https://github.com/google/re2/wiki/Syntax has them, or as keywords"
        return Check("AutoMod", False, finding, fix)
    return Check("AutoMod", True, f"{guild.name}: rules that are applied: {len(rules)}")


_ROLE_FIXES = {
    RoleTrouble.GONE: "it was deleted: reset it with /settings reset duty_role",
    RoleTrouble.NOT_ALLOWED: "give the bot's role Manage Roles",
    RoleTrouble.TOO_HIGH: "move the bot's role above it",
    RoleTrouble.MANAGED: "Discord keeps it for others",
    RoleTrouble.TOO_MIGHTY: "take its permissions to moderate and manage away",
}


async def _channel(guild: discord.Guild, me: discord.Member, home: Home) -> list[Check]:
    """Check the permissions in one channel for questions."""
    if home.reports:
        what, another = "the moderators' channel", "choose another one with /setup"
    elif home.category is None:
        what, another = "the question channel", "choose another one with /setup"
    else:
        what = f"the channel of the category {home.category!r}"
        another = "choose another one with /category change, or take it back with /category reset"
    try:
        channel = await guild.fetch_channel(home.channel_id)
    except discord.NotFound:
        finding = f"{guild.name}: {what} {home.channel_id} was deleted"
        return [Check("Server", False, finding, another)]
    except discord.Forbidden:
        finding = f"{guild.name}: the bot can't see {what} {home.channel_id}"
        return [Check("Server", False, finding, "give it View Channel there")]
    if home.reports and isinstance(channel, discord.TextChannel):
        return _reports(guild, me, channel)
    kind = _kind(channel)
    if kind is None:
        finding = f"{guild.name}: #{channel.name} is neither a text nor a forum channel"
        return [Check("Server", False, finding, another)]
    missing = missing_permissions(channel.permissions_for(me), kind)
    where = f"{guild.name}, #{channel.name}"
    if not missing:
        return [Check("Server", True, f"{where}: every permission is there")]
    return [
        Check(
            "Server",
            False,
            f"{where}: {lacking.label} is missing ({lacking.reason})",
            "allow it for the bot's role in the channel's permissions",
        )
        for lacking in missing
    ]


def _reports(guild: discord.Guild, me: discord.Member, channel: discord.TextChannel) -> list[Check]:
    """Check the permissions in the channel that reports come to."""
    where, allowed = f"{guild.name}, #{channel.name}", channel.permissions_for(me)
    missing = [name for name in REPORTS_NEED if not getattr(allowed, name)]
    if not missing:
        return [Check("Reports", True, f"{where}: reports come here")]
    named = ", ".join(PERMISSIONS[name] for name in missing)
    finding = f"{where}: nobody is told of reports, {named} is missing"
    return [Check("Reports", False, finding, "allow it for the bot's role in the channel")]


def _kind(channel: discord.abc.GuildChannel | discord.Thread) -> ChannelKind | None:
    if isinstance(channel, discord.ForumChannel):
        return "forum"
    return "text" if isinstance(channel, discord.TextChannel) else None
