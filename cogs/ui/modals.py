"""Forms. Each is made of what is known and what was typed before; its custom id says what for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.domain.cards import Category
from bot.domain.posts import ANSWER_MAX, ANSWER_MIN, DETAILS_MAX, REASON_MAX, TITLE_MAX, TITLE_MIN
from bot.domain.text import calm, shorten
from bot.i18n import Texts
from cogs.ui.controls import custom_id

Values = Mapping[str, "str | list[str]"]
NO_CATEGORY = "none"
NOTIFY = "notify"
_OPTIONS = 25  # Discord's limit of a select


def _text(values: Values, name: str, limit: int, *, paragraph: bool) -> str | None:
    value = values.get(name, "")
    if not isinstance(value, str):
        return None
    return (value if paragraph else value.replace("\n", " "))[:limit] or None


def _field(
    label: str,
    name: str,
    values: Values,
    *,
    longest: int,
    shortest: int = 0,
    paragraph: bool = False,
    hint: str = "",
    about: str | None = None,
) -> discord.ui.Label[Any]:
    style = discord.TextStyle.paragraph if paragraph else discord.TextStyle.short
    known = _text(values, name, longest, paragraph=paragraph)
    # Discord refuses a form filled with less than a field asks for. What is sent is checked anyway.
    lowest = min(shortest, len(known)) if known else shortest
    return discord.ui.Label(
        text=label[:45],
        description=about[:100] if about else None,
        component=discord.ui.TextInput(
            custom_id=name,
            style=style,
            required=shortest > 0,
            min_length=lowest or None,
            max_length=longest,
            default=known,
            placeholder=hint[:100] or None,
        ),
    )


def _how(values: Values, t: Texts, notify: str) -> discord.ui.Label[Any]:
    chosen = values.get("how", [])
    return discord.ui.Label(
        text=t("How to post"),
        component=discord.ui.CheckboxGroup(
            custom_id="how",
            required=False,
            min_values=0,
            options=[
                discord.CheckboxGroupOption(
                    label=notify[:100], value=NOTIFY, default=NOTIFY in chosen
                )
            ],
        ),
    )


def _form(title: str, action: str, *arguments: object) -> discord.ui.Modal:
    return discord.ui.Modal(title=title[:45], custom_id=custom_id(action, *arguments))


def category_label(category: Category) -> str:
    """A category with its parents: "Relationships › Family"."""
    return calm(" › ".join((*category.path, category.name)))


def ask_form(categories: Sequence[Category], values: Values, t: Texts) -> discord.ui.Modal:
    """The form of a question: title, details, category (where there are any), tags, how."""
    form = _form(t("Ask a question"), "ask.form")
    form.add_item(
        _field(
            t("Title"),
            "title",
            values,
            longest=TITLE_MAX,
            shortest=TITLE_MIN,
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
            hint=t("What happened, what you tried, what you hope for. Formatting works."),
        )
    )
    if categories:
        chosen = values.get("category", [])
        options = [
            discord.SelectOption(
                label=shorten(category_label(c), 100),
                value=str(c.category_id),
                description=shorten(calm(c.description), 100) or None,
                emoji=c.emoji or None,
                default=str(c.category_id) in chosen,
            )
            for c in categories[: _OPTIONS - 1]
        ]
        options.append(
            discord.SelectOption(
                label=t("No category"),
                value=NO_CATEGORY,
                default=not any(o.default for o in options),
            )
        )
        form.add_item(
            discord.ui.Label(
                text=t("Category"),
                component=discord.ui.Select(
                    custom_id="category", options=options, required=False, min_values=0
                ),
            )
        )
    form.add_item(
        _field(
            t("Tags"),
            "tags",
            values,
            longest=180,
            hint=t("Up to five, separated by commas: sleep, panic attack"),
        )
    )
    form.add_item(_how(values, t, t("Tell me by DM when it is answered")))
    return form


def answer_form(question_id: int, title: str, values: Values, t: Texts) -> discord.ui.Modal:
    """The form of an answer to a question."""
    form = _form(t("Answer"), "answer.form", question_id)
    form.add_item(
        _field(
            t("Your answer"),
            "answer",
            values,
            longest=ANSWER_MAX,
            shortest=ANSWER_MIN,
            paragraph=True,
            hint=t("Formatting works: **bold**, lists, > quotes"),
            about=shorten(calm(title), 100),
        )
    )
    form.add_item(_how(values, t, t("Tell me by DM when it is chosen as best answer")))
    return form


def edit_form(
    post_id: int, version: int, is_question: bool, values: Values, t: Texts
) -> discord.ui.Modal:
    """The form that edits a post, filled with what it says."""
    form = _form(t("Edit"), "edit.form", post_id, version)
    if is_question:
        form.add_item(_field(t("Title"), "title", values, longest=TITLE_MAX, shortest=TITLE_MIN))
        form.add_item(_field(t("Details"), "details", values, longest=DETAILS_MAX, paragraph=True))
        form.add_item(_field(t("Tags"), "tags", values, longest=180))
    else:
        form.add_item(
            _field(
                t("Answer"),
                "answer",
                values,
                longest=ANSWER_MAX,
                shortest=ANSWER_MIN,
                paragraph=True,
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
