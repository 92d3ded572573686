"""Anonymous posts that appear later: keeping one that was sent, and posting it when its minute has
come, as if it were sent then. See decision 40."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.domain.actors import Access, Actor
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem
from bot.domain.policies import Action
from bot.domain.review import Wording
from bot.domain.rules import Rules
from bot.usecases import answering, asking, browsing, commenting, delaying, seeing
from bot.usecases.answering import AnswerForm
from bot.usecases.delaying import Delayed, Kept, Opened, Sent
from bot.usecases.seeing import home_in
from cogs.foundation.access import access_in, actor_of, is_locked, silenced
from cogs.foundation.channels import member_channels
from cogs.foundation.circles import check_circle
from cogs.interaction.asked import question_of
from cogs.interaction.people import guild_of, note_actor, reader
from cogs.interaction.replies import defer, reply
from cogs.interaction.visible import card_at
from cogs.ui.carried import Carried
from cogs.ui.controls import view_of
from cogs.ui.delayed import back_button, kept_text
from cogs.ui.modals import NOTIFY

if TYPE_CHECKING:
    from bot.app import Askwell

Telling = Coroutine[Any, Any, None]
"""What is left to do once a post is on disk: a failure of it is none of the post."""
# In an interaction's extras: within how many minutes anonymous posts appear; 0: at once.
_DELAY: Final = "delay"
# The same: the name under which a post of theirs waits in a question.
_NAME: Final = "name_waiting"


def note_delay(interaction: discord.Interaction[Any], rules: Rules) -> None:
    """Note the server's delay, whose rules were read for the interaction."""
    interaction.extras[_DELAY] = rules.number("anonymous_delay")


async def delay_in(interaction: discord.Interaction[Askwell]) -> int:
    """Within how many minutes anonymous posts appear; 0: at once."""
    if _DELAY not in interaction.extras:
        rules = await browsing.rules_of(interaction.client.db, guild_of(interaction))
        note_delay(interaction, rules)
    found: int = interaction.extras[_DELAY]
    return found


async def number_of(interaction: discord.Interaction[Askwell], carried: Carried) -> int | None:
    """The number of the question below which something carried is to stand; None for a new one."""
    if carried.post_id is None:
        return None
    return (await card_at(interaction, carried.post_id)).number


async def name_waiting(interaction: discord.Interaction[Askwell], number: int | None) -> str:
    """The name under which a post of whoever acts waits in a question, which is theirs in it; empty
    if none does, or for a new question (None)."""
    if number is None:
        return ""
    if _NAME not in interaction.extras:
        bot, who = interaction.client, (guild_of(interaction), interaction.user.id)
        interaction.extras[_NAME] = await delaying.name_in(bot.db, bot.sealing, *who, number)
    found: str = interaction.extras[_NAME]
    return found


async def wait(
    interaction: discord.Interaction[Askwell],
    carried: Carried,
    actor: Actor,
    action: Action,
    wording: Wording,
) -> Telling | None:
    """Keep a checked post of an anonymous author, to appear later; None where it is to appear at
    once, or has appeared already. Raises `Denied`, `Invalid("attachment", PICTURES_DELAYED)`."""
    bot, draft = interaction.client, carried.draft
    if bot.sealing is None or not await delay_in(interaction):
        return None
    if carried.files is not None:  # it was turned on just now
        raise Invalid("attachment", Problem.PICTURES_DELAYED)
    post = Delayed(
        user_id=interaction.user.id,
        points=actor.points or 0,
        form=draft.form,
        values=draft.values,
        origin_id=carried.origin_id,
        name=actor.name,
        locale=str(interaction.locale),
        number=await number_of(interaction, carried),
    )
    sent = Sent(action, wording, post)
    await defer(interaction)
    kept = await delaying.keep(bot.db, bot.sealing, actor, sent, now=discord.utils.utcnow())
    note_actor(interaction, actor)
    return None if kept is None else _tell(interaction, kept)


async def _tell(interaction: discord.Interaction[Askwell], kept: Kept) -> None:
    t = reader(interaction)
    text = kept_text(kept, interaction.client.command_ids, t)
    await reply(interaction, text, view=view_of(back_button(kept.row_id, t)))


async def appear(bot: Askwell, guild: discord.Guild, found: Opened) -> None:
    """Post what has waited. Its author is looked up in Discord, and all is checked again.

    Raises `Refusal` where it can't be posted, and one of `DISCORD_FAILED` where Discord doesn't
    say whether it can.
    """
    try:
        member = await guild.fetch_member(found.post.user_id)
    except discord.NotFound:
        raise Denied(Denial.NOT_A_MEMBER) from None
    why = silenced(member)
    if why is not None:
        raise Denied(why)
    carried = Carried(found.post.draft, found.post.origin_id)
    await _APPEARING[carried.form](bot, member, found, carried)


async def _ask(bot: Askwell, member: discord.Member, found: Opened, carried: Carried) -> None:
    guild, question = member.guild, question_of(found.post.values)
    rules = await browsing.rules_of(bot.db, guild.id)
    known = {c.category_id: c for c in await browsing.categories_of(bot.db, guild.id)}
    category = known.get(question.category_id or 0)
    if category is None and question.category_id is not None:
        raise Invalid("category", Problem.UNKNOWN)
    access = access_in(member, home_in(category, rules), rules)
    actor = await _author(bot, member, found, rules, access, asks=True)
    await asking.ask_question(
        bot.db,
        actor,
        question,
        origin_id=carried.origin_id,
        channels=member_channels(guild, member),
        now=discord.utils.utcnow(),
    )


async def _answer(bot: Askwell, member: discord.Member, found: Opened, carried: Carried) -> None:
    values, actor = found.post.values, await _writer(bot, member, found, carried)
    form = AnswerForm(str(values.get("answer", "")), NOTIFY in values.get("how", []))
    where, now = carried.post_id or 0, discord.utils.utcnow()
    origin_id = carried.origin_id
    await answering.answer_question(bot.db, actor, where, form, origin_id=origin_id, now=now)


async def _comment(bot: Askwell, member: discord.Member, found: Opened, carried: Carried) -> None:
    actor = await _writer(bot, member, found, carried)
    text = str(found.post.values.get("comment", ""))
    where, now = carried.post_id or 0, discord.utils.utcnow()
    origin_id = carried.origin_id
    await commenting.comment_on(bot.db, actor, where, text, origin_id=origin_id, now=now)


_APPEARING: Final[Mapping[str, Callable[..., Awaitable[None]]]] = {
    "ask.form": _ask,
    "ask.anyway": _ask,
    "answer.form": _answer,
    "comment.form": _comment,
}


async def _writer(bot: Askwell, member: discord.Member, found: Opened, carried: Carried) -> Actor:
    """The author of an answer or comment. What is read of the post doesn't say who wants it."""
    guild = member.guild
    home = await seeing.home_of(bot.db, guild.id, carried.post_id or 0)
    if home is None:
        raise NotFound(Missing.POST)
    locked = await is_locked(guild, home.thread_id)
    access = access_in(member, home.channel_id, home.rules, locked=locked)
    if access.read is not None:
        raise NotFound(Missing.POST)
    return await _author(bot, member, found, home.rules, access, asks=False)


async def _author(
    bot: Askwell,
    member: discord.Member,
    found: Opened,
    rules: Rules,
    access: Access,
    *,
    asks: bool,
) -> Actor:
    if bot.sealing is None:
        raise Denied(Denial.NO_KEY)
    await check_circle(member.guild, access.home_id)
    actor = actor_of(member, member.guild.id, rules, access)
    return await bot.automod.screening(found.author(actor, bot.sealing, asks=asks))
