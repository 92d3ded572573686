"""What a person reads in a message: its text, whatever parts of Discord carry it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simcord import ResponseMessage


def read(message: ResponseMessage) -> str:
    """All the text of a message in reading order, a line for each part; markup is kept."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.author.name or "", embed.title or "", embed.description or ""]
        parts += [f"{field.name}\n{field.value}" for field in embed.fields]
        parts.append(embed.footer.text or "")
    parts += [str(part["content"]) for part in walk(message.components) if part.get("content")]
    return "\n".join(part for part in parts if part.strip())


def buttons(message: ResponseMessage) -> list[tuple[str, str]]:
    """(label, custom id) of each button, in order; of a link, its address is the second."""
    return [
        (str(part.get("label") or ""), str(part.get("custom_id") or part.get("url") or ""))
        for part in walk(message.components)
        if part.get("type") == 2
    ]


def fields(form: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The controls of a form (a modal's payload) by their custom ids."""
    return {
        str(part["custom_id"]): dict(part)
        for part in walk(form.get("components") or [])
        if part.get("custom_id")
    }


def walk(parts: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Each component, parents before children."""
    for part in parts:
        yield part
        yield from walk(part.get("components") or [])
        for inner in ("component", "accessory"):
            if isinstance(part.get(inner), Mapping):
                yield from walk([part[inner]])
