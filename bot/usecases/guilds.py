"""Setting a server up: its channel, its settings and presets."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.errors import Invalid, Missing, NotFound, Problem
from bot.domain.notices import Act
from bot.domain.outbox import Cause
from bot.domain.policies import check_manager
from bot.domain.rules import SETTINGS, Rules, SettingKind, check_setting
from bot.domain.text import normal_emoji
from bot.domain.voting import DOWN, UP
from bot.i18n import LOCALES, Texts, texts_for
from bot.usecases import alerting, noting, unsealing_again
from bot.usecases.categories import CATEGORIES_MAX, CategoryForm, add_to
from bot.usecases.guiding import redraw_how_to
from bot.usecases.presets import PRESETS
from bot.usecases.recounting import Progress, Recounted, corrections
from data import guilds, receipts, refreshes, round_ups, votes
from data.database import Database, Transaction, writing

_SHOWN_ON_CARDS = frozenset(
    {"voting", "downvotes", "vote_buttons", "vote_up_emoji", "vote_down_emoji", "locale"}
)
_SHOWN_TO_MODERATORS = frozenset({"moderators_channel", "locale"})


@dataclass(frozen=True, slots=True)
class SetupForm:
    """The question channel, moderators' role and preset of a server, the channel for reports and
    the role that is called for them; None leaves each as it is."""

    channel_id: int | None = None
    moderator_role_id: int | None = None
    preset: str | None = None
    moderators_channel_id: int | None = None
    report_role_id: int | None = None


@writing
async def set_up(
    tx: Transaction, actor: Actor, form: SetupForm, *, locale: str, now: datetime
) -> Rules:
    """Apply the given choices of question channel, moderators' role and preset.

    A preset sets its settings, adds its categories unless their names exist, and sets its welcome
    text unless the server has written its own. Nothing is removed. Raises `Denied(NOT_MANAGER)`,
    `Invalid("preset", UNKNOWN)`.
    """
    check_manager(actor)
    preset = form.preset
    if preset is not None and preset not in PRESETS:
        raise Invalid("preset", Problem.UNKNOWN, choices=", ".join(PRESETS))
    changes: dict[str, str | None] = {}
    if form.channel_id is not None:
        changes["question_channel"] = str(form.channel_id)
    if form.moderator_role_id is not None:
        changes["moderator_role"] = str(form.moderator_role_id)
    if form.moderators_channel_id is not None:
        changes["moderators_channel"] = str(form.moderators_channel_id)
    if form.report_role_id is not None:
        changes["report_role"] = str(form.report_role_id)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    if "locale" not in rules.values:
        changes["locale"] = texts_for(locale).locale
    if preset is not None:
        t = texts_for(changes.get("locale") or rules.text("locale"))
        changes |= _preset_settings(preset, rules, t)
        await _add_preset_categories(tx, actor, preset, t, now)
    if form != SetupForm():
        await receipts.note(tx, actor, Act.SET_UP, now)
    return await _save(tx, actor, rules, changes, now)


def _preset_settings(preset: str, rules: Rules, t: Texts) -> dict[str, str | None]:
    about = {name for each in PRESETS.values() for name in each.settings}
    changes: dict[str, str | None] = {name: PRESETS[preset].settings.get(name) for name in about}
    ours = {texts_for(code)(p.welcome) for code in LOCALES for p in PRESETS.values()}
    if rules.text("welcome") in ours | {""}:
        changes["welcome"] = t(PRESETS[preset].welcome) or None
    return changes


async def _add_preset_categories(
    tx: Transaction, actor: Actor, preset: str, t: Texts, now: datetime
) -> None:
    for name, emoji in PRESETS[preset].categories:
        known = await guilds.categories(tx, actor.guild_id)
        taken = t(name).casefold() in {c.name.casefold() for c in known}
        if not taken and len(known) < CATEGORIES_MAX:
            await add_to(tx, actor, known, t(name), CategoryForm(emoji=emoji), now=now)


@dataclass(frozen=True, slots=True)
class SettingChange:
    """The outcome of changing a setting: its stored values before and after."""

    name: str
    old: str
    new: str

    @property
    def changed(self) -> bool:
        """Whether the value has changed."""
        return self.old != self.new

    @property
    def recounted(self) -> bool:
        """Whether all points were recomputed for it."""
        return self.changed and SETTINGS[self.name].affects_points

    @property
    def reindexed(self) -> bool:
        """Whether `finish_indexing` has to re-index all posts for it."""
        return self.changed and self.name == "locale"

    @property
    def on_cards(self) -> bool:
        """Whether all cards are updated for it."""
        return self.changed and (self.name in _SHOWN_ON_CARDS or self.recounted)


async def change_setting(
    db: Database,
    actor: Actor,
    name: str,
    typed: str | None,
    *,
    now: datetime,
    progress: Progress | None = None,
) -> SettingChange:
    """Change a setting, or (None) reset it to its default.

    Changing a weight of points starts a recount; changing what cards show refreshes the cards. A
    change of language leaves re-indexing to `finish_indexing`. Raises `Denied(NOT_MANAGER)`,
    `NotFound(SETTING)`, `Invalid(name, …)`.
    """
    check_manager(actor)
    if name not in SETTINGS or SETTINGS[name].internal:
        raise NotFound(Missing.SETTING, name=name[:50])
    value = None if typed is None else check_setting(name, typed)
    async with db.write() as tx:
        before = await guilds.lock_rules(tx, actor.guild_id, now)
        after = await _save(tx, actor, before, {name: value}, now)
        await receipts.note(tx, actor, Act.SETTING, now, name)
    change = SettingChange(name, before.text(name), after.text(name))
    if change.recounted:
        async for _ in corrections(db, actor.guild_id, now=now, progress=progress):
            pass
    return change


@writing
async def choose_vote_emoji(
    tx: Transaction, actor: Actor, up: str, down: str, *, now: datetime
) -> Rules:
    """Choose both vote emoji. Raises `Denied(NOT_MANAGER)`, `Invalid("vote_…_emoji", …)`."""
    check_manager(actor)
    changes: dict[str, str | None] = {
        "vote_up_emoji": check_setting("vote_up_emoji", up),
        "vote_down_emoji": check_setting("vote_down_emoji", down),
    }
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    await receipts.note(tx, actor, Act.SET_UP, now)
    return await _save(tx, actor, rules, changes, now)


async def _save(
    tx: Transaction,
    actor: Actor,
    before: Rules,
    changes: dict[str, str | None],
    now: datetime,
) -> Rules:
    """Save settings, and update everything that depends on them."""
    guild_id = actor.guild_id
    await guilds.save_settings(tx, guild_id, changes)
    if any(name.startswith("roundup_") for name in changes):
        await round_ups.note_change(tx, guild_id, now)
    after = await guilds.read_rules(tx, guild_id)
    up, down = (normal_emoji(after.emoji_of(value)) for value in (UP, DOWN))
    if up == down:
        name = "vote_up_emoji" if "vote_up_emoji" in changes else "vote_down_emoji"
        raise Invalid(name, Problem.SAME_EMOJI)
    # Votes given with an emoji that no longer votes stay votes. Nobody can take them back by
    # reaction, and a comparison with Discord's reactions must not find them missing.
    orphans = [
        value
        for value in (UP, DOWN)
        if _offers(before, value) and _offered(before, value) != _offered(after, value)
    ]
    if orphans:
        await votes.detach_reactions(tx, guild_id, orphans)
    changed = {name for name in SETTINGS if before.text(name) != after.text(name)}
    await _note(tx, actor, before, after, now)
    if any(SETTINGS[name].affects_points for name in changed):
        # This also holds if the process ends during the recount. The cards follow at its end.
        await guilds.save_settings(tx, guild_id, {"recount_due": secrets.token_hex(8)})
    if "unsealing" in changed:
        await _unseal_or_not(tx, guild_id, after, now)
    if before.text("locale") != after.text("locale"):
        await guilds.save_settings(tx, guild_id, _reindexing(before))
        await redraw_how_to(tx, guild_id, now)
    if not changed.isdisjoint(_SHOWN_ON_CARDS):
        await refreshes.start(tx, guild_id, Cause.POSTS, "", now)
    if not changed.isdisjoint(_SHOWN_TO_MODERATORS):
        await alerting.refresh(tx, guild_id, now)
    return after


async def _unseal_or_not(tx: Transaction, guild_id: int, rules: Rules, now: datetime) -> None:
    if rules.on("unsealing"):
        await unsealing_again.switched_on(tx, guild_id, rules, now)
    else:
        await unsealing_again.switched_off(tx, guild_id, now)


# Texts that managers write: the audit log only says that they changed.
_WRITTEN = frozenset({SettingKind.TEXT, SettingKind.TITLES, SettingKind.WORDS})


async def _note(tx: Transaction, actor: Actor, before: Rules, after: Rules, now: datetime) -> None:
    """Keep in the audit log which settings changed, each with its values."""
    for name, setting in SETTINGS.items():
        values = before.text(name), after.text(name)
        if setting.internal or values[0] == values[1]:
            continue
        change = noting.Change({name: values[0]}, {name: values[1]})
        if setting.kind in _WRITTEN:
            change = noting.Change({}, {name: "changed"})
        await noting.on_server(tx, actor, AuditKind.SETTING, change, now)


def _reindexing(before: Rules) -> dict[str, str | None]:
    """Re-index all posts from the first one, even if that was under way already. Until it is done,
    a search uses the stems of each language in which posts may be indexed."""
    return {"reindex_after": "0", "reindex_from": " ".join(before.languages)}


def _offers(rules: Rules, value: int) -> bool:
    return rules.emoji_of(value) in rules.vote_emoji


def _offered(rules: Rules, value: int) -> str:
    return normal_emoji(rules.emoji_of(value)) if _offers(rules, value) else ""


async def recount_server(
    db: Database, actor: Actor, *, now: datetime, progress: Progress | None = None
) -> Recounted:
    """Recompute every cached figure of a manager's server. Raises `Denied(NOT_MANAGER)`."""
    check_manager(actor)
    found = corrections(db, actor.guild_id, now=now, progress=progress, by=actor)
    return await Recounted.of(found)
