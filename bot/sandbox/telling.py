"""The story as one reads it in a terminal: who does what, and what they then see."""

import re
import textwrap
from collections.abc import Callable, Iterable

from simcord import Env, ResponseMessage

from bot.sandbox.reading import buttons, read
from bot.sandbox.world import Person, World

Out = Callable[[str], None]

WIDTH = 92
_LABEL = 14
_MENTION = re.compile(r"<(@!?|@&|#)(\d+)>")
_COMMAND = re.compile(r"</([^:>]+):\d+>")
_MASKED = re.compile(r"\[([^\]\n]+)\]\((https?://[^)\s]+)\)")
_LINK = re.compile(r"https://discord\.com/channels/\d+/(\d+)(?:/\d+)?")
_TIME = re.compile(r"<t:\d+(?::\w)?>")


class Teller:
    """Prints numbered steps, after as many as were told before. `last` is the step being told, for
    whoever has to say what broke."""

    def __init__(self, world: World, out: Out, steps: int = 0) -> None:
        self.world = world
        self.last = "before the first step"
        self._out = out
        self.steps = steps

    def heading(self, text: str) -> None:
        self._out(f"\n{text}\n{'─' * len(text)}")

    def step(self, person: Person, does: str) -> None:
        self.steps += 1
        self.last = f"step {self.steps}, {person.name} {does}"
        self._out(f"\n{self.steps:>2}. {person.name} {does}")

    def writes(self, label: str, text: str) -> None:
        """A field of a form, as it was filled in."""
        self._lines(label, text.splitlines())

    def sees(self, person: Person, message: ResponseMessage) -> None:
        """A private reply, or a direct message."""
        self._lines(f"{person.name} sees", self._message(message))

    def card(self, message: ResponseMessage, *, brief: bool = False) -> None:
        """A card in a channel, with its buttons and reactions; briefly, each line's beginning."""
        lines = [*self._message(message), *self._reactions(message)]
        if brief:
            lines = [textwrap.shorten(line, WIDTH - _LABEL - 2, placeholder=" …") for line in lines]
        self._lines("Everybody", lines, rule="│ ")

    def remark(self, text: str) -> None:
        self._lines("", [text])

    def end(self, text: str) -> None:
        self._out(f"\n{text}")

    def _lines(self, label: str, lines: Iterable[str], rule: str = "") -> None:
        label = f"{label:<{_LABEL}}"
        for line in lines:
            for part in textwrap.wrap(line, WIDTH - _LABEL - len(rule)) or [""]:
                self._out(f"    {label}{rule}{part}".rstrip())
                label = " " * _LABEL

    def _message(self, message: ResponseMessage) -> list[str]:
        lines = [line for line in self.plain(read(message)).splitlines() if line.strip()]
        labels = [f"[{label}]" for label, _ in buttons(message) if label]
        return [*lines, " ".join(labels)] if labels else lines

    def _reactions(self, message: ResponseMessage) -> list[str]:
        stored = self.world.env.backend.get_message(message.channel_id, message.id)
        shown = [f"{reaction.emoji} {len(reaction.user_ids)}" for reaction in stored.reactions]
        pinned = ["📌 pinned"] if stored.pinned else []
        return ["   ".join([*shown, *pinned])] if shown or pinned else []

    def _place(self, channel_id: int) -> str:
        name = named(self.world.env, "#", channel_id)
        return textwrap.shorten(name, 44, placeholder=" …")

    def plain(self, text: str) -> str:
        """Mentions by their names and links by where they lead, as a Discord client shows them."""
        text = _MENTION.sub(lambda found: named(self.world.env, found[1], int(found[2])), text)
        text = _MASKED.sub(r"\1", text)
        text = _LINK.sub(lambda found: f"→ {self._place(int(found[1]))}", text)
        return _TIME.sub("now", _COMMAND.sub(r"/\1", text))


def named(env: Env, sign: str, snowflake: int) -> str:
    """What a mention is shown as: `@Noor`, `#general`, `@Moderators`."""
    backend = env.backend
    if sign == "#":
        channel = backend.channels.get(snowflake)
        return f"#{channel.name}" if channel is not None else "#unknown"
    if sign == "@&":
        roles = (guild.roles.get(snowflake) for guild in backend.guilds.values())
        return next((f"@{role.name}" for role in roles if role is not None), "@unknown")
    user = backend.users.get(snowflake)
    return f"@{user.global_name or user.name}" if user is not None else "@unknown"
