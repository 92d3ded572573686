"""Rendering tags and their synonyms for moderators."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.domain.typed import calm
from bot.i18n import Texts
from bot.usecases.tagging import Synonym
from cogs.ui.controls import button, view_of

_COLOUR = 0x5865F2


def tag_text(tag: str) -> str:
    """A tag within a sentence."""
    return f"`{calm(tag).replace('`', '')}`"


def synonyms_embed(found: Sequence[Synonym], page: int, *, more: bool, t: Texts) -> discord.Embed:
    """A page of synonyms, with one line for each tag."""
    lines: dict[str, list[str]] = {}
    for each in found:
        shown = tag_text(each.tag)
        if each.left:
            left = t.plural("{n} question left", "{n} questions left", each.left)
            shown += f" ⏳ {left}"
        lines.setdefault(each.target, []).append(shown)
    text = "\n".join(f"{tag_text(target)} ← {', '.join(tags)}" for target, tags in lines.items())
    if any(each.left for each in found):
        text += "\n\n" + t(
            "⏳ A merge was interrupted here. Run the same /tag merge again to continue."
        )
    empty = t("No synonyms yet. Add them with /tag synonym or /tag merge.")
    embed = discord.Embed(title=t("Synonyms"), description=text or empty, colour=_COLOUR)
    if page or more:
        embed.set_footer(text=t("Page {number}", number=page + 1))
    return embed


def merge_text(merge: Synonym, t: Texts) -> str:
    """What a merge will do, as a question."""
    return t.plural(
        "Merge {tag} into {target}? {n} question gets {target} instead, and so does anyone who "
        "types {tag} from now on. This can't be undone.",
        "Merge {tag} into {target}? {n} questions get {target} instead, and so does anyone who "
        "types {tag} from now on. This can't be undone.",
        merge.left,
        tag=tag_text(merge.tag),
        target=tag_text(merge.target),
    )


def merge_view(merge: Synonym, t: Texts) -> discord.ui.View:
    """The button that merges."""
    danger = discord.ButtonStyle.danger
    return view_of(button(t("Merge"), "tag.merge", merge.tag, merge.target, style=danger))
