"""What to try next, and whether it has been done: the list beside the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Place = Literal["general", "newest"]


@dataclass(frozen=True, slots=True)
class Step:
    key: str
    title: str
    how: str
    """What to do, with `code` and **bold** as in Discord."""
    who: str
    """The key of the person to be."""
    where: Place
    """Where to do it: #general, or the newest question's thread."""


SET_UP = Step(
    "setup",
    "Set the server up",
    "Be **Sam**, who owns it. Type `/setup` and press **Enter** twice: the wizard asks for the "
    "channel (take **#ask-the-community**) and the kind of community.",
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
        "Be **Brigid**. Press ⬆️ below a card (or **⋯**, where votes are private). The score on "
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
)

MORE = (
    "Vote for your own post, and see what happens.",
    "Type `/ask` with a *title*: questions like it come first.",
    "`/search` for *sleep*, look through `/questions`, `/categories` and `/tags`.",
    "`/comment` on a post, `/follow` its question, and see your `/inbox`.",
    "`/edit` your post, and read its `/history`; **⋯** on a card has the rest.",
    "As Sam: `/close` a question, report a post by its menu and open the `/queue`.",
    "As Sam, `/setup` with the channel **#questions** works in a text channel instead.",
    "`/help` lists everything.",
)


@dataclass(slots=True)
class Guide:
    """Ticks steps off by what happens in the simulated Discord, however it was done."""

    people: frozenset[int]
    votes: frozenset[str]
    """The emoji that are votes."""
    steps: tuple[Step, ...] = STEPS
    done: set[str] = field(default_factory=set[str])

    def watch(self, event: str, payload: Mapping[str, Any]) -> None:
        """See one gateway event; a subscriber of the simulator's."""
        step = self._step(event, payload)
        if step:
            self.done.add(step)

    def _step(self, event: str, payload: Mapping[str, Any]) -> str | None:
        if event == "MESSAGE_REACTION_ADD":
            voted = payload["emoji"].get("name") in self.votes
            return "vote" if voted and int(payload["user_id"]) in self.people else None
        if event == "CHANNEL_PINS_UPDATE":
            return "best"
        if event != "INTERACTION_CREATE":
            return None
        data: Mapping[str, Any] = payload.get("data") or {}
        # A form that was sent ("qa:1:ask.form"), a control that was used ("qa:1:vote:128:up"), or
        # a command's name.
        parts = str(data.get("custom_id") or "").split(":")
        action = parts[2].partition(".")[0] if len(parts) > 2 else str(data.get("name") or "")
        kind = payload.get("type")
        if (kind == 2 and action == "setup" and data.get("options")) or "setup.finish" in parts:
            return "setup"
        if kind == 5 and action in ("ask", "answer"):
            return action
        if kind == 3 and action == "vote":
            return "vote"
        if kind == 2:
            return {
                "Post as answer": "answer",
                "vote": "vote",
                "points": "points",
                "profile": "points",
                "leaderboard": "points",
                "Forum profile": "points",
            }.get(action)
        return None

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
            "more": list(MORE),
        }
