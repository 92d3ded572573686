"""Forms. Each is filled with known values and earlier input; its custom id names its purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.domain.cards import Category, PostCard
from bot.domain.files import BYTES_MAX, FILES_MAX
from bot.domain.posts import ANSWER_MAX, COMMENT_MAX, DETAILS_MAX, REASON_MAX, TITLE_MAX, PostKind
from bot.domain.splitting import further_fields, join_typed, split_typed
from bot.domain.text import plain_excerpt, plain_line, shorten
from bot.domain.typed import characters, one_line
from bot.i18n import Texts
from cogs.ui.controls import custom_id
from cogs.ui.form_files import Attached, file_ids
from cogs.ui.verdicts import REASONS

Values = Mapping[str, "str | list[str]"]
NO_CATEGORY = "none"
NOTIFY = "notify"
ANONYMOUS = "anonymous"
FILES = "files"
_FIELDS = 5  # Discord's limit of a form
_TEXT_FIELD = 4000  # and of a field
_HINT = 100  # and of a placeholder
_LONG = 3  # fields a long text may take
_BODIES: Final = {
    PostKind.QUESTION: "details",
    PostKind.ANSWER: "answer",
    PostKind.COMMENT: "comment",
}
_OPTIONS = 25  # Discord's limit of a select


def _text(values: Values, name: str, limit: int, *, paragraph: bool) -> str | None:
    value = values.get(name, "")
    if not isinstance(value, str):
        return None
    value = characters(value)
    return (value if paragraph else value.replace("\n", " "))[:limit] or None


def _field(
    label: str,
    name: str,
    values: Values,
    *,
    longest: int,
    required: bool = False,
    paragraph: bool = False,
    hint: str = "",
    about: str | None = None,
) -> discord.ui.Label[Any]:
    # More parameters than a function should have: they are those of Discord's text input.
    style = discord.TextStyle.paragraph if paragraph else discord.TextStyle.short
    known = _text(values, name, longest, paragraph=paragraph)
    return discord.ui.Label(
        text=label[:45],
        description=about[:100] if about else None,
        component=discord.ui.TextInput(
            custom_id=name,
            style=style,
            required=required,
            # Discord counts characters; we count readable ones: see `readable_length`.
            min_length=1 if required else None,
            max_length=longest,
            default=known,
            placeholder=hint[:_HINT] or None,
        ),
    )


def _how(values: Values, t: Texts, notify: str = "", *, anonymous: bool) -> discord.ui.Label[Any]:
    """How to post: with a message when something happens (`notify`, if there is one to have), and
    anonymously, where the server has that."""
    chosen = values.get("how", [])
    offered = [(notify, NOTIFY)] if notify else []
    offered += [(t("Post anonymously"), ANONYMOUS)] if anonymous else []
    return discord.ui.Label(
        text=t("How to post"),
        component=discord.ui.CheckboxGroup(
            custom_id="how",
            required=False,
            min_values=0,
            options=[
                discord.CheckboxGroupOption(label=label[:100], value=value, default=value in chosen)
                for label, value in offered
            ],
        ),
    )


def _form(title: str, action: str, *arguments: object) -> discord.ui.Modal:
    return discord.ui.Modal(title=title[:45], custom_id=custom_id(action, *arguments))


def category_label(category: Category) -> str:
    """A category with its parents: "Relationships › Family"."""
    return one_line(" › ".join((*category.path, category.name)))


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server offers to whoever asks: of its tags, the most used first."""

    categories: Sequence[Category]
    tags: Sequence[str] = ()
    anonymous: bool = False


def ask_form(
    offer: Offer, values: Values, t: Texts, files: Attached = (), *, action: str = "ask.form"
) -> discord.ui.Modal:
    """The form of a question: title, details, category (where there are any), tags, how. `action`
    is `ask.anyway` if similar questions were shown before.

    `files` were attached to the command; without categories, the form has a field for them as well.
    """
    form = _form(t("Ask a question"), action, *file_ids(files))
    form.add_item(
        _field(
            t("Title"),
            "title",
            values,
            longest=TITLE_MAX,
            required=True,
            hint=t("Your question in one sentence"),
        )
    )
    form.add_item(
        _field(
            t("Details"),
            "details",
            values,
            longest=DETAILS_MAX,
            paragraph=True,
            hint=t("What happened, what you tried, what you hope for. You can use formatting."),
        )
    )
    if offer.categories:
        form.add_item(_category_field(offer.categories, values.get("category", []), t))
    form.add_item(_field(t("Tags"), "tags", values, longest=180, hint=_tags_hint(offer.tags, t)))
    if not offer.categories and len(files) < FILES_MAX:
        form.add_item(_files_field(files, t))
    form.add_item(_how(values, t, t("DM me when it's answered"), anonymous=offer.anonymous))
    return form


def _category_field(
    categories: Sequence[Category], chosen: Sequence[str], t: Texts
) -> discord.ui.Label[Any]:
    options = [
        discord.SelectOption(
            label=shorten(category_label(c), 100),
            value=str(c.category_id),
            description=shorten(one_line(c.description), 100) or None,
            emoji=c.emoji or None,
            default=str(c.category_id) in chosen,
        )
        for c in _offered(categories, chosen)
    ]
    # Nothing is chosen beforehand: a question without a choice is asked about afterwards.
    options.append(
        discord.SelectOption(
            label=t("No category"), value=NO_CATEGORY, default=NO_CATEGORY in chosen
        )
    )
    not_there = t("Not in the list? Name it with /ask, and it'll be offered here.")[:100]
    return discord.ui.Label(
        text=t("Category"),
        description=not_there if len(categories) >= _OPTIONS else None,
        component=discord.ui.Select(
            custom_id="category",
            options=options,
            required=False,
            min_values=0,
            placeholder=t("What is your question about?")[:150],
        ),
    )


def _offered(categories: Sequence[Category], chosen: Sequence[str]) -> list[Category]:
    """The categories that fit into a form, including the chosen one."""
    shown = list(categories[: _OPTIONS - 1])
    named = next((c for c in categories if str(c.category_id) in chosen), None)
    if named is not None and named not in shown:
        shown[-1] = named
    return shown


def _tags_hint(used: Sequence[str], t: Texts) -> str:
    """How to enter tags, with as many existing ones as fit into a hint."""
    hint = t("Up to five, separated by commas: sleep, panic attack")
    for most in range(1, len(used) + 1):
        longer = t("Up to five, separated by commas: {tags}", tags=", ".join(used[:most]))
        if len(longer) > _HINT:
            break
        hint = longer
    return hint


def answer_form(
    question_id: int,
    title: str,
    values: Values,
    t: Texts,
    files: Attached = (),
    *,
    anonymous: bool = False,
) -> discord.ui.Modal:
    """The form of an answer to a question; `files` were attached before. `anonymous` is as in
    `Offer`."""
    form = _form(t("Write an answer"), "answer.form", question_id, *file_ids(files))
    form.add_item(
        _field(
            t("Your answer"),
            "answer",
            values,
            longest=ANSWER_MAX,
            required=True,
            paragraph=True,
            hint=t("You can use **bold**, lists, and > quotes"),
            about=shorten(plain_line(title), 100),
        )
    )
    if len(files) < FILES_MAX:
        form.add_item(_files_field(files, t))
    chosen = t("DM me when it's chosen as best answer")
    form.add_item(_how(values, t, chosen, anonymous=anonymous))
    return form


def edit_values(card: PostCard) -> dict[str, str | list[str]] | None:
    """The initial values of a post's edit form; None if the post is too long for any form.

    A long text takes several fields, see `split_typed`.
    """
    most = 1 if card.kind is PostKind.COMMENT else _LONG
    text = split_typed(card.body, _BODIES[card.kind], _TEXT_FIELD, most)
    if text is None:
        return None
    values: dict[str, str | list[str]] = {**text}
    if card.kind is PostKind.QUESTION:
        values |= {"title": card.title, "tags": ", ".join(card.tags)}
    return values


def edited_text(values: Values) -> str:
    """The text of a post that was typed into its form."""
    name = next((body for body in _BODIES.values() if body in values), "")
    return join_typed(values, name)


def edit_form(
    post_id: int, version: int, kind: PostKind, values: Values, t: Texts
) -> discord.ui.Modal:
    """The form that edits a post, filled with its current text (see `edit_values`).

    If its text takes several fields, there may be no room for those of the tags and the reason.
    """
    form = _form(t("Edit"), "edit.form", post_id, version)
    if kind is PostKind.QUESTION:
        form.add_item(_field(t("Title"), "title", values, longest=TITLE_MAX, required=True))
    _add_text(form, kind, values, t)
    if kind is PostKind.QUESTION and len(form.children) < _FIELDS - 1:
        form.add_item(_field(t("Tags"), "tags", values, longest=180))
    if len(form.children) < _FIELDS:
        form.add_item(
            _field(
                t("Reason"),
                "reason",
                values,
                longest=REASON_MAX,
                hint=t("Optional: why you changed it"),
            )
        )
    return form


def tags_form(post_id: int, version: int, title: str, values: Values, t: Texts) -> discord.ui.Modal:
    """The form that changes a question's tags alone."""
    form = _form(t("Change tags"), "retag.form", post_id, version)
    form.add_item(
        _field(
            t("Tags"),
            "tags",
            values,
            longest=180,
            hint=t("Up to five, separated by commas: sleep, panic attack"),
            about=shorten(plain_line(title), 100),
        )
    )
    form.add_item(
        _field(
            t("Reason"),
            "reason",
            values,
            longest=REASON_MAX,
            hint=t("Optional: why you changed it"),
        )
    )
    return form


def _add_text(form: discord.ui.Modal, kind: PostKind, values: Values, t: Texts) -> None:
    name = _BODIES[kind]
    longest, required, label = {
        PostKind.QUESTION: (_TEXT_FIELD, False, t("Details")),
        PostKind.ANSWER: (_TEXT_FIELD, True, t("Answer text")),
        PostKind.COMMENT: (COMMENT_MAX, True, t("Comment text")),
    }[kind]
    # An imported comment may be longer than the limit.
    longest = max(longest, min(len(str(values.get(name, ""))), _TEXT_FIELD))
    form.add_item(_field(label, name, values, longest=longest, required=required, paragraph=True))
    for further in further_fields(values, name):
        continued = t("{field}, continued", field=label)
        form.add_item(_field(continued, further, values, longest=longest, paragraph=True))


def comment_form(
    post_id: int, about: str, values: Values, t: Texts, *, anonymous: bool = False
) -> discord.ui.Modal:
    """The form of a comment on a post. `anonymous` is as in `Offer`."""
    form = _form(t("Write a comment"), "comment.form", post_id)
    form.add_item(
        _field(
            t("Your comment"),
            "comment",
            values,
            longest=COMMENT_MAX,
            required=True,
            paragraph=True,
            hint=t(
                "A follow-up question or a remark. If it solves the question, post it as an answer."
            ),
            about=shorten(plain_excerpt(about), 100),
        )
    )
    if anonymous:
        form.add_item(_how(values, t, anonymous=True))
    return form


def report_form(post_id: int, number: str, values: Values, t: Texts) -> discord.ui.Modal:
    """The form that reports a post to the moderators."""
    form = _form(t("Report {number}", number=number), "report.form", post_id)
    chosen = values.get("why", [])
    options = [
        discord.SelectOption(label=t(text)[:100], value=why, default=why.value in chosen)
        for why, text in REASONS.items()
    ]
    select: discord.ui.Select[Any] = discord.ui.Select(
        custom_id="why", options=options, required=False, placeholder=t("Optional")
    )
    form.add_item(discord.ui.Label(text=t("Why are you reporting it?")[:45], component=select))
    form.add_item(
        _field(
            t("What's wrong with it?"),
            "reason",
            values,
            longest=REASON_MAX,
            paragraph=True,
            hint=t("Optional. Only moderators can read it."),
        )
    )
    return form


def duplicate_form(post_id: int, values: Values, t: Texts) -> discord.ui.Modal:
    """The form for the original of a reported question that is closed as a duplicate."""
    form = _form(t("Close as a duplicate"), "report.close.form", post_id)
    form.add_item(
        _field(
            t("The original question"),
            "original",
            values,
            longest=200,
            required=True,
            hint=t("Its number or link, such as #12"),
        )
    )
    return form


def _files_field(files: Attached, t: Texts) -> discord.ui.Label[Any]:
    about = t("Images, PDFs or text files, up to {size} MB in total", size=BYTES_MAX // 2**20)
    if files:
        given = t.plural("{n} file already added.", "{n} files already added.", len(files))
        about = f"{given} {about}"
    return discord.ui.Label(
        text=t("Files"),
        description=about[:100],
        component=discord.ui.FileUpload(
            custom_id=FILES, required=False, min_values=0, max_values=FILES_MAX - len(files)
        ),
    )
