"""How long people wait for a first sign that the bot has heard them.

From the moment the event is sent to the moment the bot's answer leaves, in the simulated Discord:
what the network adds is Discord's. A reaction needs no answer; it counts once it is on disk.
"""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from bot.domain.voting import Ballot, VoteOutcome
from tests.bench.measuring import Report, milliseconds
from tests.bench.world import World, sqlite_url, world
from tests.support.simulator import Perform, Request, intercepted

ASK, SUBMIT, POSTED = "/ask, until its form opens", "the form, until heard", "…, until posted"
CLICK, VOTE, REACTION = "a click on More", "a click that votes", "a reaction, until on disk"
HEARD = (ASK, SUBMIT, CLICK, VOTE)
LIMIT = 3.0  # seconds: after that Discord tells people that the application did not respond


class Stopwatch:
    """Times what the bot does in answer to what happens; the world is its own meanwhile."""

    def __init__(self, made: World) -> None:
        self._world = made
        self.times: defaultdict[str, list[float]] = defaultdict(list)
        self.what = ""
        self._began = 0.0
        made.env.backend.subscribers.insert(0, self._event)

    def _event(self, event: str, _payload: Any) -> None:
        if event in {"INTERACTION_CREATE", "MESSAGE_REACTION_ADD"}:
            self._began = time.perf_counter()

    async def request(self, request: Request, perform: Perform) -> Any:
        """Stands between bot and Discord."""
        if request.path.endswith("/callback"):
            self._note(self.what)
        elif self.what == SUBMIT and request.path.endswith("/messages/@original"):
            self._note(POSTED)
        return await perform()

    def _note(self, what: str) -> None:
        if what:
            self.times[what].append(time.perf_counter() - self._began)

    def watch_votes(self) -> None:
        """Note when a reaction's vote is on disk."""
        cast = self._world.bot.ballots.cast

        async def noted(ballot: Ballot) -> VoteOutcome:
            outcome = await cast(ballot)
            if self.what == REACTION:
                self._note(REACTION)
            return outcome

        self._world.bot.ballots.cast = noted  # type: ignore[method-assign]


async def measure(folder: Path, turns: int) -> dict[str, list[float]]:
    """Ask, click and react so often, one after the other. Returns seconds by what was done."""
    url = sqlite_url(folder / "acknowledging.sqlite3")
    async with world(url, people=4) as made:
        watch, server = Stopwatch(made), made.server
        watch.watch_votes()
        alice, bob, carol, dora = made.people
        with intercepted(made.env, watch.request):
            for n in range(turns):
                watch.what = ASK
                form = await alice.slash(server.lounge, "ask")
                watch.what = SUBMIT
                # They share no word: what is like another is shown before it is posted.
                title = f"Sleep{n} after{n} night{n} shift{n}?"
                await alice.submit_modal(form, {"title": title, "details": "I lie awake."})
                watch.what = ""
                await made.env.advance_time(600)
                card = max(server.cards(), key=lambda card: card.post_id)
                watch.what = CLICK
                menu = await bob.click(card.message, custom_id=card.control("more"))
                assert menu.response is not None
                watch.what = VOTE
                await bob.click(menu.response, custom_id=f"qa:1:vote:{card.post_id}:up")
                for person in (carol, dora):
                    watch.what = REACTION
                    await person.react(card.message, "⬆️")
                watch.what = ""
                await made.env.advance_time(600)
        post = await _score(made, card.post_id)
        assert post == 3, "what was timed did not happen"
    return dict(watch.times)


async def _score(made: World, post_id: int) -> int:
    from bot.usecases import browsing

    return (await browsing.post_card(made.db, made.server.guild.id, post_id)).score


def tell(report: Report, times: dict[str, list[float]]) -> None:
    """Print the times, and hold the slowest answer against Discord's limit."""
    report.title("Until people are heard, in the simulator (one event at a time)")
    report.line("", "median", "p99", "slowest", "times")
    for what in (ASK, SUBMIT, POSTED, CLICK, VOTE, REACTION):
        report.line(what, *milliseconds(times[what]), str(len(times[what])))
    slowest = max(max(times[what]) for what in HEARD)
    report.promise("slowest answer, seconds", slowest, "under 3 (Discord's)", kept=slowest < LIMIT)
