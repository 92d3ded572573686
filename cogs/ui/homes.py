"""Rendering where a category's questions are posted, who may ask there, and what is wrong with
it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.cards import Category
from bot.domain.text import shorten, show_line
from bot.i18n import Texts
from cogs.foundation.preflight import MissingPermission
from cogs.ui.help import command_mention


@dataclass(frozen=True, slots=True)
class HomeProblem:
    """One problem with a category's own channel or role."""

    category: str
    channel_id: int = 0
    missing: Sequence[MissingPermission] = ()
    requires_tag: bool = False
    channel_gone: bool = False
    role_gone: bool = False


def problem_lines(problems: Sequence[HomeProblem], ids: Mapping[str, int], t: Texts) -> list[str]:
    """Each problem with what to do about it."""
    lines: list[str] = []
    for problem in problems:
        permissions = permission_lines(problem.missing, t)
        lines += [_sentence(problem, len(permissions), ids, t), *permissions]
    return lines


def _sentence(problem: HomeProblem, missing: int, ids: Mapping[str, int], t: Texts) -> str:
    name, channel = f"**{show_line(problem.category)}**", f"<#{problem.channel_id}>"
    commands = {
        "change": command_mention("category change", ids),
        "reset": command_mention("category reset", ids),
    }
    if problem.channel_gone:
        return t(
            "⚠️ The channel of the category {name} no longer exists, so its questions can't "
            "be shown. Choose another one with {change}, or reset it with {reset}.",
            name=name,
            **commands,
        )
    if problem.role_gone:
        return t(
            "⚠️ The role that can ask in {name} no longer exists, so only moderators can ask "
            "there. Choose another one with {change}, or reset it with {reset}.",
            name=name,
            **commands,
        )
    if problem.requires_tag:
        return t(
            "⚠️ {channel} requires a tag on every post, but questions in {name} have none. "
            "Turn that off in the channel's settings.",
            channel=channel,
            name=name,
        )
    return t.plural(
        "In {channel}, the channel of the category {name}, I'm missing this permission:",
        "In {channel}, the channel of the category {name}, I'm missing these permissions:",
        missing,
        channel=channel,
        name=name,
    )


def permission_lines(missing: Sequence[MissingPermission], t: Texts) -> list[str]:
    """Missing permissions in a channel, each with its purpose."""
    if missing and missing[0].name == "view_channel":  # without it Discord denies all others too
        missing = missing[:1]
    return [f"❌ **{t(m.label)}** {t(m.reason)}" for m in missing]


def home_text(category: Category, channel_id: int | None, t: Texts) -> str:
    """Where new questions of a category are posted; `channel_id` is the server's channel."""
    channel = category.channel_id or channel_id
    if channel is None:
        return ""
    return t(
        "New questions in this category go to {channel}. Older ones stay where they are.",
        channel=f"<#{channel}>",
    )


def role_text(category: Category, t: Texts) -> str:
    """Who may ask in a category."""
    if category.role_id is None:
        return t("Everyone can ask in this category.")
    return t("Only {role} and moderators can ask in this category.", role=f"<@&{category.role_id}>")


class TagTrouble(StrEnum):
    """Why a forum doesn't have all its tags."""

    NOT_ALLOWED = "not_allowed"
    FULL = "full"
    DISCORD = "discord"


@dataclass(frozen=True, slots=True)
class TagOutcome:
    """The outcome of updating tags. `left_out` names categories without a tag."""

    trouble: TagTrouble | None = None
    left_out: tuple[str, ...] = ()


def tags_text(outcome: TagOutcome, t: Texts) -> str:
    """The outcome of updating tags, as lines to append; empty if all went well."""
    match outcome.trouble:
        case None:
            return ""
        case TagTrouble.NOT_ALLOWED:
            return "\n" + t(
                "I couldn't change the forum's tags: I need the *Manage Channels* permission "
                "for that. Everything else works."
            )
        case TagTrouble.FULL:
            names = shorten(", ".join(show_line(name) for name in outcome.left_out), 500)
            return "\n" + t(
                "A forum can have up to 20 tags, so these categories have none: {names}",
                names=names,
            )
        case TagTrouble.DISCORD:
            return "\n" + t(
                "Discord didn't accept the forum's tags just now. Run /setup to try again."
            )
