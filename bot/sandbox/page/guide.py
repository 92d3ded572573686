"""What to try next, and whether it has been done: the list beside the page."""

from dataclasses import dataclass
from typing import Any, Literal

from discord import Interaction

from bot.sandbox.page.record import Fact, Record
from bot.sandbox.world import HARBOUR, WELLNESS, World

Place = Literal["general", "newest", "harbour"]


@dataclass(frozen=True, slots=True)
class Step:
    key: str
    title: str
    how: str
    """What to do, with `code` and **bold** as in Discord."""
    who: str
    """The key of the person to be."""
    where: Place
    """Where to do it: #general, the newest question's thread, or the other server."""


SET_UP = Step(
    "setup",
    "Set the server up",
    "Be **Sam**, who owns it. Type `/setup` and press **Enter** twice: the wizard asks for the "
    "channel and the kind of community.",
    "sam",
    "general",
)
STEPS = (
    Step(
        "ask",
        "Ask a question",
        "Be **Noor**. Type `/ask` below, press **Enter** twice, and fill in the form.",
        "noor",
        "general",
    ),
    Step(
        "answer",
        "Answer it",
        "Be **Teo**. In the question’s thread, type `/answer` or press **Answer** on its card.",
        "teo",
        "newest",
    ),
    Step(
        "vote",
        "Vote",
        "Be **Brigid**. Press ⬆️ below a card (or ▲ on it, where votes are private). The score on "
        "it follows in a moment.",
        "brigid",
        "newest",
    ),
    Step(
        "best",
        "Pin the best answer",
        "Be **Sam**, who moderates. Right-click an answer and choose **Mark best answer**, or "
        "Discord’s own **Pin message**: it means the same.",
        "sam",
        "newest",
    ),
    Step(
        "points",
        "See what it brought",
        "Be **Teo** again and type `/points`, `/profile` or `/leaderboard`.",
        "teo",
        "newest",
    ),
    Step(
        "visit",
        "Visit a quieter server",
        "**Quiet Harbour** has the preset for support groups: members can ask without their name, "
        "and nobody sees who liked what. A short story plays there first.",
        "teo",
        "harbour",
    ),
)
HARBOUR_STEPS = (
    Step(
        "vote",
        "Vote, and leave no trace",
        "Be **Sam**. In the thread, press **▲** below the second answer: the number follows, and "
        "no reaction says whose vote it is.",
        "sam",
        "newest",
    ),
    Step(
        "comment",
        "Add a remark",
        "Be **Noor**. Press **⋯** on an answer, and **Comment**: it is shown as a reply.",
        "noor",
        "newest",
    ),
    Step(
        "settings",
        "See what makes it quiet",
        "Be **Sam**, who owns it. Type `/settings show` and look at the settings about votes.",
        "sam",
        "general",
    ),
    Step(
        "ask",
        "Ask without your name",
        "Be **Brigid**, type `/ask`, and tick **Post anonymously**. The card in **#support** has a "
        "name that says nothing of her, and its answers are in the thread below it.",
        "brigid",
        "general",
    ),
)

MORE = (
    "Vote for your own post, and see what happens.",
    "Type `/ask` with a *title*: questions like it come first.",
    "`/search` for *sleep*, look through `/questions`, `/categories` and `/tags`.",
    "`/comment` on a post, `/follow` its question, and see your `/inbox`.",
    "`/edit` your post, and read its `/history`; **⋯** on a card has the rest.",
    "As Sam: `/close` a question, report a post by its menu and open the `/queue`.",
    "As Sam, `/setup` with the channel **#questions** works in a text channel instead.",
    "Each person’s **EN** is the language of their Discord: switch it, and run a command.",
    "`/help` lists everything.",
)


HARBOUR_MORE = (
    "Vote for your own post, and see what happens.",
    "Press **▲** a second time: the vote is gone.",
    "As Sam, `/settings set` *voting* to *public*: people then vote by reacting.",
    "As Sam, report a post by its menu and open the `/queue`.",
    "Each person’s **EN** is the language of their Discord: switch it, and run a command.",
    "The other server is above the channels.",
)

# Commands that only show something: a step is done when one of them has shown it.
SHOWING = {
    "settings show": "settings",
    "points": "points",
    "profile": "points",
    "leaderboard": "points",
    "Forum profile": "points",
}
_STEPS = {WELLNESS.key: STEPS, HARBOUR.key: HARBOUR_STEPS}
_MORE = {WELLNESS.key: MORE, HARBOUR.key: HARBOUR_MORE}


class Guide:
    """Ticks steps off by what is true: what the bot has written down since, however it was done,
    and the commands it has answered. What it refused, or what was only tried, ticks nothing."""

    def __init__(self, world: World, record: Record) -> None:
        self.steps = _STEPS[world.key]
        self.done: set[str] = set()
        self._more = _MORE[world.key]
        self._record = record
        self._guild_id = world.guild.id
        self._before: frozenset[Fact] | None = None

    @property
    def begun(self) -> bool:
        """Whether what is done counts already."""
        return self._before is not None

    def begin(self) -> None:
        """From now on, what is done counts: what is there already is the story's."""
        self._before = self._record.facts()
        if not any(fact.guild_id == self._guild_id for fact in self._before):
            self.steps = (SET_UP, *self.steps)

    def visited(self, server: str) -> None:
        """Somebody is in that server, and its story is over."""
        if any(step.key == "visit" and step.where == server for step in self.steps):
            self.done.add("visit")

    async def answered(self, interaction: Interaction, command: Any) -> None:
        """A command was run to its end; what is refused raises, and never gets here."""
        step = SHOWING.get(command.qualified_name)
        if self._before is not None and step is not None and interaction.guild_id == self._guild_id:
            self.done.add(step)

    def look(self) -> None:
        """Tick what the bot has written down since the beginning."""
        if self._before is not None:
            new = self._record.facts() - self._before
            self.done.update(fact.step for fact in new if fact.guild_id == self._guild_id)

    def as_json(self) -> dict[str, Any]:
        current = next((step.key for step in self.steps if step.key not in self.done), None)
        return {
            "steps": [
                {
                    "key": step.key,
                    "title": step.title,
                    "how": step.how,
                    "done": step.key in self.done,
                    "current": step.key == current,
                }
                for step in self.steps
            ],
            "more": list(self._more),
        }
