"""The way to an anonymous post: from its form through what has to be known and its name to the
post. Between the steps, the private message carries the draft: see decision 37.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.domain.access import Deed, check_may
from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, Invalid, Problem, Refusal
from bot.domain.policies import Action
from bot.domain.posts import check_answer, check_comment, check_question
from bot.domain.review import Wording
from bot.usecases import answering, asking, browsing, commenting, personas
from bot.usecases.answering import AnswerForm
from bot.usecases.drafts import Draft
from bot.usecases.personas import NameOffer, Way
from cogs.foundation.circles import check_circle
from cogs.interaction.anonymous_files import (
    check_pictures,
    drawn_pictures,
    hold_pictures,
)
from cogs.interaction.asked import ask, checked, similar_to, tell_asked
from cogs.interaction.delayed import (
    Telling,
    delay_in,
    name_waiting,
    note_delay,
    number_of,
    wait,
)
from cogs.interaction.files import forget_files, is_about_files
from cogs.interaction.forms import form_failed
from cogs.interaction.names import check_name
from cogs.interaction.people import guild_of, note_actor, reader, server_in
from cogs.interaction.posted import reply_posted
from cogs.interaction.replies import defer, refusal_text, reply
from cogs.interaction.visible import actor_at, card_at
from cogs.ui.anonymous import (
    beginning_buttons,
    name_buttons,
    name_text,
    notice_buttons,
    notice_text,
    pictures_buttons,
    similar_buttons,
    warning_buttons,
    warning_text,
)
from cogs.ui.carried import Carried, Step, carried_embed, carry, with_files, without_files
from cogs.ui.controls import custom_id, view_of
from cogs.ui.form_files import Attached, file_ids
from cogs.ui.modals import NOTIFY
from cogs.ui.questions import similar_embed

if TYPE_CHECKING:
    from bot.app import Askwell


async def send_anonymously(
    interaction: discord.Interaction[Askwell], draft: Draft, attached: Attached = ()
) -> None:
    """Go on with a submitted form whose author wants to post anonymously, or say why they can't.
    `attached` are the files that it was opened with."""
    carried = Carried(without_files(draft), interaction.id)
    try:
        held = hold_pictures(interaction, interaction.id, attached)
    except Exception as error:
        await refuse(interaction, error, carried)
        return
    await resume(interaction, Carried(with_files(draft, held), interaction.id))


async def resume(interaction: discord.Interaction[Askwell], carried: Carried) -> None:
    """Go on with a draft from its form, or from its name if it has one."""
    try:
        actor = await _author(interaction, carried)
        if carried.name:
            await offer_name(interaction, carried, actor.name)
            return
        if carried.form == "ask.form":
            similar = await similar_to(interaction, str(carried.draft.values.get("title", "")))
            if similar:
                await _offer(interaction, carried, similar)
                return
        ready = await go_on(interaction, carried, actor=actor)
    except Exception as error:
        await refuse(interaction, error, carried)
        return
    if ready:
        await post(interaction, carried)


async def add_pictures(interaction: discord.Interaction[Askwell], carried: Carried) -> None:
    """Go on with a draft and the pictures of a submitted form."""
    try:
        held = hold_pictures(interaction, carried.origin_id)
    except Exception as error:
        await refuse(interaction, error, carried)
        return
    added = with_files(carried.draft, held)
    await resume(interaction, Carried(added, carried.origin_id, carried.name))


async def advance(interaction: discord.Interaction[Askwell], carried: Carried, after: Step) -> None:
    """Take the step that comes after another, up to the post."""
    try:
        ready = await go_on(interaction, carried, after)
    except Refusal as refusal:
        if not is_about_files(refusal):
            raise
        await refuse(interaction, refusal, carried)
        return
    if ready:
        await post(interaction, carried)


async def offer_form(
    interaction: discord.Interaction[Askwell], draft: Draft, similar: list[asking.Similar]
) -> None:
    """Show similar questions before the form of a new one, in which *Post anonymously* can be
    ticked."""
    carried = carry(draft, interaction.id)
    buttons = beginning_buttons(carried, reader(interaction))
    await _show_similar(interaction, carried, similar, buttons)


async def go_on(
    interaction: discord.Interaction[Askwell],
    carried: Carried,
    after: Step = Step.GO_ON,
    *,
    actor: Actor | None = None,
) -> bool:
    """Take the step that comes `after` another: who can still know, that few write here, the name.
    Returns True where there is no step left: whoever has a name in the question posts under it."""
    t = reader(interaction)
    actor = actor or await _author(interaction, carried)
    way = await _way(interaction, carried, actor)
    if way.offer.stays:
        return True
    if way.first and after is Step.GO_ON:
        rules = await browsing.rules_of(interaction.client.db, guild_of(interaction))
        text = notice_text(t, unsealing=rules.on("unsealing"))
        await _show(interaction, carried, text, notice_buttons(carried, t))
    elif way.small and after in (Step.GO_ON, Step.UNDERSTOOD):
        text = warning_text(personas.SMALL, t)
        await _show(interaction, carried, text, warning_buttons(carried, t))
    else:
        await offer_name(interaction, carried, way.offer.name)
    return False


async def offer_name(
    interaction: discord.Interaction[Askwell], carried: Carried, name: str, why: str = ""
) -> None:
    """Offer to post under a name; `why` tells why it isn't the one that was typed."""
    t = reader(interaction)
    named = Carried(carried.draft, carried.origin_id, name)
    said = name_text(t, await delay_in(interaction))
    text = f"{why}\n{said}" if why else said
    await _show(interaction, named, text, name_buttons(named, t))


async def take_name(
    interaction: discord.Interaction[Askwell], carried: Carried, typed: str
) -> None:
    """Offer to post under the name that was typed. Raises `Invalid("name", …)`."""
    actor = await _author(interaction, carried)
    way = await _way(interaction, carried, actor)
    name = way.offer.name
    if not way.offer.stays:
        await defer(interaction)
        name = await check_name(server_in(interaction), typed, way.offer.taken)
    await offer_name(interaction, carried, name)


async def post(interaction: discord.Interaction[Askwell], carried: Carried) -> None:
    """Post it, under the name that it carries or the one that its author has in the question; or
    keep it, to appear later."""
    try:
        tell = await _POSTING[carried.form](interaction, carried)
    except Exception as error:
        await defer(interaction)  # what is said next may have to come with a file
        await refuse(interaction, error, carried)
        return
    await tell


async def refuse(
    interaction: discord.Interaction[Askwell], error: Exception, carried: Carried
) -> None:
    """Say why something can't be posted, and give back what was typed. Where it is because of its
    pictures, they are forgotten, and others can be added."""
    if not (isinstance(error, Refusal) and is_about_files(error)):
        await form_failed(interaction, error, carried.draft)
        return
    forget_files(interaction, carried.files)
    bare, t = replace(carried, draft=without_files(carried.draft)), reader(interaction)
    text = f"{refusal_text(interaction, error)} {t('Nothing you typed is lost.')}"
    more = isinstance(error, Invalid) and Problem(error.reason) is not Problem.PICTURES_DELAYED
    await _show(interaction, bare, text, pictures_buttons(bare, t, more=more))


async def _post_question(interaction: discord.Interaction[Askwell], carried: Carried) -> Telling:
    values = carried.draft.values

    async def as_author(actor: Actor) -> Actor:
        return await _check(interaction, actor, carried)

    question, actor = await checked(interaction, values, as_author)
    text = check_question(question.title, question.details, question.tags)
    wording = Wording(text.title, text.details, text.tags)
    tell = await wait(interaction, carried, actor, Action.QUESTIONS, wording)
    if tell is not None:
        return tell
    async with drawn_pictures(interaction, carried.files) as files:
        await defer(interaction)
        question = replace(question, files=files)
        posted = await ask(interaction, actor, question, carried.origin_id)
    note_actor(interaction, actor)
    alike = carried.form == "ask.anyway" and not values.get("category")
    return tell_asked(interaction, posted, question if alike else None)


async def _post_answer(interaction: discord.Interaction[Askwell], carried: Carried) -> Telling:
    values, t = carried.draft.values, reader(interaction)
    typed, notify = str(values.get("answer", "")), NOTIFY in values.get("how", [])
    actor = await _author(interaction, carried)
    wording = Wording("", check_answer(typed), ())
    tell = await wait(interaction, carried, actor, Action.ANSWERS, wording)
    if tell is not None:
        return tell
    where, now = carried.post_id or 0, discord.utils.utcnow()
    async with drawn_pictures(interaction, carried.files) as files:
        form = AnswerForm(typed, notify, files)
        await defer(interaction)
        posted = await answering.answer_question(
            interaction.client.db, actor, where, form, origin_id=carried.origin_id, now=now
        )
    note_actor(interaction, actor)
    later = t("Answer saved as {number}. Discord is slow right now, but it will appear.")
    return reply_posted(interaction, posted, t("Answer posted as {number}."), later)


async def _post_comment(interaction: discord.Interaction[Askwell], carried: Carried) -> Telling:
    text, t = str(carried.draft.values.get("comment", "")), reader(interaction)
    actor = await _author(interaction, carried)
    wording = Wording("", check_comment(text), ())
    tell = await wait(interaction, carried, actor, Action.COMMENTS, wording)
    if tell is not None:
        return tell
    where, now = carried.post_id or 0, discord.utils.utcnow()
    await defer(interaction)
    posted = await commenting.comment_on(
        interaction.client.db, actor, where, text, origin_id=carried.origin_id, now=now
    )
    note_actor(interaction, actor)
    later = t("Comment saved as {number}. Discord is slow right now, but it will appear.")
    return reply_posted(interaction, posted, t("Comment posted as {number}."), later)


_POSTING: Final[Mapping[str, Callable[..., Awaitable[Telling]]]] = {
    "ask.form": _post_question,
    "ask.anyway": _post_question,
    "answer.form": _post_answer,
    "comment.form": _post_comment,
}


async def _author(interaction: discord.Interaction[Askwell], carried: Carried) -> Actor:
    """Whoever acts, as the anonymous author of what is carried, if it could be posted now: they are
    told early what would be refused at the end. Raises `Refusal`."""
    values, post_id = carried.draft.values, carried.post_id
    if post_id is None:

        async def as_author(actor: Actor) -> Actor:
            return await _check(interaction, actor, carried)

        _, actor = await checked(interaction, values, as_author)
        return actor
    named = await actor_at(interaction, post_id, writing=True, by_name=True)
    card = await card_at(interaction, post_id)
    actor = await _check(interaction, named, carried)
    check_may(actor, Deed.WRITE)
    if carried.form == "answer.form":
        check_answer(str(values.get("answer", "")))
        if card.closing is not None:
            raise Denied(Denial.QUESTION_CLOSED, question=card.post_id)
    else:
        check_comment(str(values.get("comment", "")))
    return await interaction.client.automod.screening(actor)


async def _check(
    interaction: discord.Interaction[Askwell],
    actor: Actor,
    carried: Carried,
) -> Actor:
    """A member by name as the anonymous author of what is carried, where the server and the post's
    channel allow that."""
    db = interaction.client.db
    rules = await browsing.rules_of(db, guild_of(interaction))
    if not rules.on("anonymous"):
        raise Denied(Denial.ANONYMOUS_OFF)
    note_delay(interaction, rules)
    number = await number_of(interaction, carried)
    name = await name_waiting(interaction, number) or carried.name
    author = await personas.author(db, actor, name, asks=carried.post_id is None)
    home_id = actor.access.home_id if actor.access is not None else None
    await check_circle(server_in(interaction), home_id)
    check_pictures(interaction, carried.files, author, rules)
    return author


async def _way(interaction: discord.Interaction[Askwell], carried: Carried, actor: Actor) -> Way:
    number = await number_of(interaction, carried)
    name = await name_waiting(interaction, number)
    if name:
        return Way(NameOffer(name, stays=True))
    now = discord.utils.utcnow()
    return await personas.way_to_post(interaction.client.db, actor, number, now)


async def _offer(
    interaction: discord.Interaction[Askwell], carried: Carried, similar: list[asking.Similar]
) -> None:
    """Show similar questions before a new one goes up."""
    form = custom_id("ask.anyway", *file_ids(carried.files or ()))
    seen = Carried(Draft(form, carried.draft.values), carried.origin_id)
    await _show_similar(interaction, seen, similar, similar_buttons(seen, reader(interaction)))


async def _show_similar(
    interaction: discord.Interaction[Askwell],
    carried: Carried,
    similar: list[asking.Similar],
    buttons: list[discord.ui.Button[Any]],
) -> None:
    t = reader(interaction)
    shown = carried_embed(carried, t)
    embed = similar_embed(guild_of(interaction), similar, t, beside=len(shown))
    await reply(interaction, embed=embed, further=shown, view=view_of(*buttons))


async def _show(
    interaction: discord.Interaction[Askwell],
    carried: Carried,
    text: str,
    buttons: list[discord.ui.Button[Any]],
) -> None:
    embed = carried_embed(carried, reader(interaction))
    await reply(interaction, text, embed=embed, view=view_of(*buttons))
