"""The servers' rules of Discord's AutoMod, as Discord tells them to a bot with Manage Server.

They are kept in memory alone, and read again once they are a minute old or have changed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import discord

from bot.domain.actors import Actor
from bot.domain.automod import AutoModRule, RuleText
from cogs.failures import DISCORD_FAILED

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)

_Trigger = discord.AutoModRuleTriggerType
_Action = discord.AutoModRuleActionType
# A time-out is left to Discord.
_APPLIED: Final = (_Action.block_message, _Action.send_alert_message)
_FRESH: Final = 60.0  # seconds
# Seconds for which a member waits while the rules are read, of the three that Discord gives them.
_PATIENCE: Final = 1.0


@dataclass(frozen=True, slots=True)
class AutoModState:
    """How far a server's AutoMod is applied. `allowed` tells whether the bot has Manage Server,
    `failed` that its rules couldn't be read. `rules` is the number of those that are applied;
    `unread` are the names of those that can't be read completely."""

    allowed: bool = False
    failed: bool = False
    rules: int = 0
    unread: tuple[str, ...] = ()


@dataclass(slots=True)
class _Known:
    """What is known of a server's rules: those that were read last, and when that was tried."""

    rules: tuple[AutoModRule, ...] = ()
    tried_at: float | None = None
    failed: bool = False
    reading: asyncio.Task[None] | None = field(default=None)

    def is_fresh(self, now: float) -> bool:
        return self.tried_at is not None and now - self.tried_at < _FRESH


class AutoMod:
    """The rules of all servers."""

    def __init__(self, bot: Askwell) -> None:
        self._bot = bot
        self._servers: dict[int, _Known] = {}

    async def screening(self, actor: Actor) -> Actor:
        """An actor with the rules that apply to what they write in the home of the post they act
        on. Discord exempts whoever manages the server, and so does this; but nobody who acts
        anonymously, since a text that others couldn't post would tell who wrote it."""
        guild = self._bot.get_guild(actor.guild_id)
        if guild is None or actor.is_manager or not _may_read(guild):
            return actor
        home_id = actor.access.home_id if actor.access is not None else None
        home = guild.get_channel(home_id or 0)
        channels = {home_id or 0, (home.category_id if home is not None else None) or 0}
        rules = (await self._read(guild)).rules
        roles = frozenset[int]() if actor.is_anonymous else actor.roles
        return replace(actor, automod=tuple(r for r in rules if r.applies_to(roles, channels)))

    async def state(self, guild: discord.Guild) -> AutoModState:
        """How far the rules of a server are applied."""
        if not _may_read(guild):
            return AutoModState()
        known = await self._read(guild)
        return AutoModState(True, known.failed, len(known.rules), names_of_unread(known.rules))

    def changed(self, guild_id: int) -> None:
        """Have a server's rules read before they are applied again."""
        known = self._servers.get(guild_id)
        if known is not None:
            known.tried_at = None

    def forget(self, guild_id: int) -> None:
        """Forget the rules of a server that the bot has left."""
        self._servers.pop(guild_id, None)

    async def _read(self, guild: discord.Guild) -> _Known:
        """What is known of a server's rules, read again if need be. Whoever writes meanwhile waits
        for the same request, but not for long: then the rules from before apply."""
        known = self._servers.setdefault(guild.id, _Known())
        if known.reading is None and not known.is_fresh(_now()):
            known.tried_at = _now()  # first: what changes during the request counts
            known.reading = asyncio.create_task(self._request(guild, known))
        if known.reading is not None:
            await asyncio.wait([known.reading], timeout=_PATIENCE)
        return known

    async def _request(self, guild: discord.Guild, known: _Known) -> None:
        known.failed = True
        try:
            known.rules = read_rules(await guild.fetch_automod_rules())
            known.failed = False
        except DISCORD_FAILED as error:
            _log.warning("AutoMod's rules of server %s could not be read: %s", guild.id, error)
        finally:
            known.reading = None


def _now() -> float:
    return asyncio.get_running_loop().time()


def _may_read(guild: discord.Guild) -> bool:
    return guild.me.guild_permissions.manage_guild


def read_rules(rules: Iterable[discord.AutoModRule]) -> tuple[AutoModRule, ...]:
    """Those of a server's rules that can be applied: to messages, by keywords, expressions or
    mentions, to block or to alert. Discord keeps the words of its own lists to itself."""
    return tuple(
        _read_rule(rule)
        for rule in rules
        if rule.enabled
        and rule.event_type is discord.AutoModRuleEventType.message_send
        and rule.trigger.type in (_Trigger.keyword, _Trigger.mention_spam)
        and any(action.type in _APPLIED for action in rule.actions)
    )


def _read_rule(rule: discord.AutoModRule) -> AutoModRule:
    trigger, mentions = rule.trigger, None
    if trigger.type is _Trigger.mention_spam:
        mentions = trigger.mention_limit
    actions = {action.type: action for action in rule.actions}
    block = actions.get(_Action.block_message)
    return AutoModRule(
        rule.name,
        RuleText(
            tuple(trigger.keyword_filter),
            tuple(trigger.regex_patterns),
            tuple(trigger.allow_list),
            mentions,
        ),
        blocks=block is not None,
        alerts=_Action.send_alert_message in actions,
        message=(block.custom_message or "") if block is not None else "",
        exempt=rule.exempt_role_ids | rule.exempt_channel_ids,
    )


def names_of_unread(rules: Iterable[AutoModRule]) -> tuple[str, ...]:
    """The names of the rules that have an expression which isn't applied."""
    return tuple(rule.name for rule in rules if rule.unread)
