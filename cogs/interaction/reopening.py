"""Reopening forms with what was typed into them before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.access import check_unblocked
from bot.domain.appeals import About
from bot.domain.policies import check_manager, check_moderator
from bot.domain.posts import PostKind
from bot.usecases import browsing, commenting, reporting
from bot.usecases.drafts import Draft
from cogs.interaction.beginning import asker_now, categories_for
from cogs.interaction.choices import tags_in_use
from cogs.interaction.people import guild_of, reader, rules_and_actor
from cogs.interaction.visible import actor_at, card_at, check_writing, own_card_at, rules_at
from cogs.ui.appeals import appeal_form
from cogs.ui.blocks import block_form
from cogs.ui.closing import original_form
from cogs.ui.controls import Control
from cogs.ui.form_files import files_in
from cogs.ui.modals import (
    Offer,
    answer_form,
    ask_form,
    comment_form,
    duplicate_form,
    edit_form,
    report_form,
    tags_form,
)
from cogs.ui.preferences import zone_form
from cogs.ui.settings import setting_form
from cogs.ui.worries import worry_form

if TYPE_CHECKING:
    from bot.app import Askwell


async def form_of(
    interaction: discord.Interaction[Askwell], draft: Draft, *, kept: bool
) -> discord.ui.Modal:
    """The form of a draft, filled with the draft. Raises `Refusal` if the post is gone.

    What was `kept` in a row stood there beside its member's id, and can't become an anonymous post
    any more: decision 37."""
    # One case for each form, longer than a function should be: what each of them checks compares.
    db, guild_id, t = interaction.client.db, guild_of(interaction), reader(interaction)
    action, *arguments = draft.form.split(":")[2:]
    wanted = Control(action, tuple(arguments))
    match action:
        case "answer.form":
            await check_writing(interaction, wanted.number(0))
            card = await card_at(interaction, wanted.number(0))
            files = files_in(arguments, 1)
            anonymous = not kept and (await rules_at(interaction, card.post_id)).on("anonymous")
            return answer_form(
                card.post_id,
                card.title,
                draft.values,
                t,
                files,
                anonymous=anonymous,
            )
        case "edit.form":
            # Filled with the member's own text, whatever the post's text is by now.
            await check_writing(interaction, wanted.number(0))
            card = await own_card_at(interaction, wanted.number(0))
            return edit_form(card.post_id, card.version, card.kind, draft.values, t)
        case "comment.form":
            await check_writing(interaction, wanted.number(0))
            card = await commenting.post_to_comment(db, guild_id, wanted.number(0))
            about = card.title if card.kind is PostKind.QUESTION else card.body
            anonymous = not kept and (await rules_at(interaction, card.post_id)).on("anonymous")
            return comment_form(card.post_id, about, draft.values, t, anonymous=anonymous)
        case "duplicate.form":
            check_unblocked(await actor_at(interaction, wanted.number(0)))
            return original_form(wanted.number(0), draft.values, t)
        case "notify.zone.form":
            return zone_form(str(draft.values.get("zone", "")), t)
        case "report.form":
            actor = await actor_at(interaction, wanted.number(0))
            card = await reporting.post_to_report(db, actor, wanted.number(0))
            return report_form(card.post_id, card.reference, draft.values, t)
        case "worry.form":
            actor = await actor_at(interaction, wanted.number(0))
            card = await reporting.post_to_report(db, actor, wanted.number(0))
            return worry_form(card.post_id, draft.values, t)
        case "report.close.form":
            await actor_at(interaction, wanted.number(0), by_name=True)
            return duplicate_form(wanted.number(0), draft.values, t)
        case "block.form":
            check_moderator(await actor_at(interaction, wanted.number(0), by_name=True))
            return block_form(wanted.number(0), draft.values, t)
        case "appeal.form":
            about, post_id = wanted.one_of(0, About), wanted.number(1) or None
            return appeal_form(about, post_id, "", draft.values, t)
        case "retag.form":
            await check_writing(interaction, wanted.number(0))
            card = await card_at(interaction, wanted.number(0))
            return tags_form(card.post_id, card.version, card.title, draft.values, t)
        case "settings.form":
            rules, actor = await rules_and_actor(interaction)
            check_manager(actor)
            return setting_form(wanted.word(0), rules, draft.values, t)
        case _:
            rules = await browsing.rules_of(db, guild_id)
            check_unblocked(await asker_now(interaction, rules, None))
            categories = await categories_for(interaction, str(draft.values.get("title", "")))
            anonymous = rules.on("anonymous") and not kept
            offer = Offer(categories, await tags_in_use(interaction), anonymous)
            kind = action if action == "ask.anyway" else "ask.form"
            return ask_form(offer, draft.values, t, files_in(arguments, 0), action=kind)
