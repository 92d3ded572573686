"""A member's own data as files: JSON for programs, HTML to read."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any, Final

import discord

from bot.i18n import N_, Texts

LARGEST: Final = 8 * 1024 * 1024  # bytes of both together; beyond, they are packed
_HEADINGS: Final = {
    "posts": N_("Your posts"),
    "anonymous posts": N_("Your anonymous posts"),
    "anonymous posts that wait": N_("Your anonymous posts that wait to appear"),
    "name": N_("Your name"),
    "points": N_("Your points"),
    "earned": N_("What your points came from"),
    "bonuses": N_("Bonuses"),
    "votes": N_("Your votes"),
    "reports": N_("Your reports"),
    "appeals": N_("Your appeals"),
    "follows": N_("What you follow"),
    "inbox": N_("Your inbox"),
    "receipts": N_("What you weren't told of yet"),
    "refused votes": N_("Votes that were refused"),
    "drafts": N_("Your drafts"),
    "files of drafts": N_("Files you attached to drafts"),
    "preferences": N_("Your preferences"),
    "requests": N_("Messages you were asked about"),
    "hints": N_("Threads in which you were told how to post"),
    "block": N_("Your block"),
    "duty": N_("Your duty"),
    "moderator": N_("Since when you were seen as a moderator"),
    "presence": N_("Whether you're still in this server"),
    "acts as moderator": N_("What you did as a moderator"),
    "acts of moderators on you": N_("What moderators did about you"),
}
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}"
    "dl{border-top:1px solid #8888;padding-top:.5rem}dt{color:#777;font-size:.85rem}"
    "dd{margin:0 0 .5rem;white-space:pre-wrap;overflow-wrap:anywhere}"
    ":root{color-scheme:light dark}"
)


def json_of(data: Mapping[str, Any]) -> bytes:
    """Own data as JSON, in UTF-8."""
    return json.dumps(data, ensure_ascii=False, indent=1).encode(errors="replace")


def html_of(data: Mapping[str, Any], server: str, t: Texts) -> bytes:
    """Own data as a page that loads nothing from elsewhere."""
    title = _escaped(t("What Askwell keeps of you in {server}", server=server))
    parts = [
        f'<!doctype html><html lang="{t.locale}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>"
        f"<p>{_escaped(str(data['written at']))}</p>"
    ]
    for section, heading in _HEADINGS.items():
        if section in data:
            parts.append(f"<h2>{_escaped(t(heading))}</h2>")
            parts += [_record(each) for each in data[section]]
    return "\n".join(parts).encode(errors="replace")


def _escaped(text: str) -> str:
    # It brings a table of all of HTML's entities along: a third of a megabyte, seldom needed.
    from html import escape

    return escape(text)


def _record(record: Mapping[str, Any]) -> str:
    shown = ((name, value) for name, value in record.items() if value not in (None, "", []))
    return (
        "<dl>"
        + "".join(f"<dt>{_escaped(name)}</dt><dd>{_value(value)}</dd>" for name, value in shown)
        + "</dl>"
    )


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return _record(value)  # pyright: ignore[reportUnknownArgumentType] - of JSON
    if isinstance(value, list):
        return "".join(_value(each) for each in value)  # pyright: ignore[reportUnknownVariableType]
    return _escaped(str(value))


def files_of(data: Mapping[str, Any], server: str, t: Texts) -> list[discord.File]:
    """Both files, or one that holds them where they are large."""
    both = {"askwell-data.json": json_of(data), "askwell-data.html": html_of(data, server, t)}
    if sum(map(len, both.values())) <= LARGEST:
        return [discord.File(io.BytesIO(content), name) for name, content in both.items()]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in both.items():
            archive.writestr(name, content)
    packed.seek(0)
    return [discord.File(packed, "askwell-data.zip")]
