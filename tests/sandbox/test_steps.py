"""How many steps each job takes, in a real browser. A step is a click, a choice in a select, a
field filled or a command typed; looking around between the channels is none."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, Page, expect

from tests.sandbox.running import open_sandbox
from tests.sandbox.visiting import ONE_CHROMIUM, Visitor, needs_chromium

pytestmark = ONE_CHROMIUM
ASKED = "How do I bring up moving out with my mother?"
ALIKE = "How do I tell my mother that I am moving out?"
ANSWERED = "Tell her on a walk: it is easier side by side."
REPLIED = "Write down the three things that you want her to hear, and bring the note."


class Counted(Visitor):
    """Somebody whose steps are counted, from one job to the next."""

    steps = 0

    @property
    def reply(self) -> Locator:
        """The newest private reply; in a text channel, cards come between."""
        messages = self.view.locator("article.channel-message")
        return messages.filter(has_text="Only you can see this").last

    async def press(self, button: Locator) -> None:
        self.steps += 1
        await button.click()

    async def choose(self, message: Locator, select: str, option: str) -> None:
        self.steps += 1
        await super().choose(message, select, option)

    async def write(self, field: str, text: str) -> None:
        self.steps += 1
        await self.view.get_by_role("dialog").get_by_role("textbox", name=field).fill(text)

    async def submit(self) -> None:
        form = self.view.get_by_role("dialog")
        await self.press(form.get_by_role("button", name="Submit"))
        await form.wait_for(state="detached")

    async def say(self, command: str) -> None:
        self.steps += 1
        await self.command(command)

    async def visit(self, place: str) -> None:
        """Look at a channel or a thread, whose name begins so."""
        channels = self.page.get_by_label("Channels")
        await channels.get_by_role("button", name=re.compile(f"^{re.escape(place)}")).first.click()
        await self.settled()

    def button(self, message: Locator, name: str) -> Locator:
        return message.get_by_role("button", name=re.compile(rf"^\W*{re.escape(name)}"))

    async def counted(self, job: Callable[[], Awaitable[None]]) -> int:
        """How many steps a job takes."""
        self.steps = 0
        await job()
        return self.steps


class Jobs:
    """What members, moderators and owners come for."""

    def __init__(self, visitor: Counted, kind: str) -> None:
        self.visitor = visitor
        self.view = visitor.view
        self.place = "questions" if kind == "text" else "ask-the-community"
        self.in_forum = kind == "forum"

    async def set_up(self) -> None:
        """The owner sets the channel up, as `/setup` leads: a how-to, and a moderators' channel."""
        visitor = self.visitor
        await visitor.be("Sam")
        await visitor.visit("general")
        await visitor.command("setup", channel=f"#{self.place}")
        await visitor.button(visitor.reply, "Post a how-to").click()
        await expect(visitor.reply).to_contain_text("The how-to is in")
        await visitor.command("setup")
        await visitor.button(visitor.reply, "Create a moderators' channel").click()
        await expect(visitor.button(visitor.reply, "Create a moderators' channel")).to_have_count(0)

    def how_to(self) -> Locator:
        asking = self.view.get_by_role("button", name="Ask a question")
        return self.view.locator("article.channel-message").filter(has=asking)

    async def find_out(self) -> None:
        await self.visitor.be("Noor")
        await self.visitor.visit("How to ask" if self.in_forum else self.place)
        await expect(self.how_to()).to_be_visible()

    async def ask(self) -> None:
        visitor = self.visitor
        await visitor.press(visitor.button(self.how_to(), "Ask a question"))
        await visitor.write("Title", ASKED)
        await visitor.submit()
        await expect(visitor.reply).to_contain_text("Your question is")

    async def ask_alike(self) -> None:
        visitor = self.visitor
        await visitor.press(visitor.button(self.how_to(), "Ask a question"))
        await visitor.write("Title", ALIKE)
        await visitor.submit()
        await expect(visitor.reply).to_contain_text(ASKED)
        await visitor.press(visitor.button(visitor.reply, "Post mine"))
        await expect(visitor.reply).to_contain_text("Your question is")

    async def come_to(self, title: str) -> None:
        """Look at a question's card: it is in its forum post, or in the text channel."""
        await self.visitor.visit(title if self.in_forum else self.place)

    def card(self, title: str) -> Locator:
        """The card of a question. In a forum, the title is the post's name."""
        return self.visitor.card("" if self.in_forum else title, "Follow").last

    async def answer(self) -> None:
        """From the end of the thread: the newest card has the button."""
        visitor = self.visitor
        await visitor.press(self.view.get_by_role("button", name="Answer", exact=True).last)
        await visitor.write("Your answer", ANSWERED)
        await visitor.submit()
        await visitor.answer(ANSWERED).wait_for()

    async def answer_by_replying(self) -> None:
        """Discord's own reply, which is no step of ours; then one button below it."""
        visitor = self.visitor
        card = self.card(ASKED)
        await card.hover()
        await card.get_by_role("button", name="Reply", exact=True).click()
        await self.view.locator("#channel-composer-input").click()
        await visitor.page.keyboard.type(REPLIED)
        await self.view.locator("#send-message").click()
        await visitor.press(self.view.get_by_role("button", name="Post as answer").last)
        await expect(visitor.reply).to_contain_text("Answer posted")

    async def learn(self) -> None:
        """A private reply, to whatever one does, carries the bell."""
        visitor = self.visitor
        await visitor.press(visitor.reply.get_by_role("button", name=re.compile("new$")))
        await expect(visitor.reply).to_contain_text("New answer")
        await expect(visitor.reply).to_contain_text(ANSWERED)

    async def vote(self) -> None:
        card = self.visitor.answer(ANSWERED)
        await self.visitor.press(card.get_by_role("button", name=re.compile("^▲")))
        await expect(card.get_by_role("button", name=re.compile("^▲ ?1"))).to_be_visible()

    async def hear_of_a_report(self) -> None:
        await self.visitor.visit("reports")
        reported = self.view.locator(
            "article.channel-message", has_text="It sounds like an advert."
        )
        await expect(reported).to_be_visible()

    async def hide(self) -> None:
        visitor = self.visitor
        card = visitor.answer(REPLIED)
        await visitor.press(visitor.button(card, "⋯"))
        await visitor.choose(visitor.reply, "Hide because", "Hide: Spam")
        await expect(card).to_have_count(0)

    async def close_as_duplicate(self) -> None:
        visitor = self.visitor
        await visitor.press(visitor.button(self.card(ALIKE), "⋯"))
        await visitor.press(visitor.button(visitor.reply, "Duplicate of"))
        await visitor.choose(visitor.reply, "Choose the original", ASKED)
        await expect(self.card(ALIKE)).to_contain_text("Closed")

    async def change_a_setting(self) -> None:
        visitor = self.visitor
        await visitor.say("settings show")
        await visitor.choose(visitor.reply, "Change a setting: Votes", "Voting")
        await visitor.choose(visitor.reply, "Choose a value", "Private")
        await expect(visitor.reply).to_contain_text(re.compile("Voting: Private", re.IGNORECASE))

    async def change_a_number(self) -> None:
        visitor = self.visitor
        await visitor.say("settings show")
        await visitor.choose(
            visitor.reply, "Change a setting: Points needed and limits", "Comments per hour"
        )
        await visitor.write("Value", "25")
        await visitor.submit()
        await expect(visitor.reply).to_contain_text("Comments per hour is now 25")

    async def change_a_lists_view(self) -> None:
        visitor = self.visitor
        await visitor.choose(visitor.reply, "Choose a list", "Unanswered")
        await expect(visitor.reply).to_contain_text("Unanswered questions")


@needs_chromium
@pytest.mark.parametrize("kind", ["forum", "text"])
async def test_how_many_steps_each_job_takes(page: Page, kind: str) -> None:
    with open_sandbox() as (_, address):
        visitor = Counted(page)
        await visitor.come(address)
        jobs, steps = Jobs(visitor, kind), dict[str, int]()

        async def count(job: Callable[[], Awaitable[None]]) -> None:
            steps[job.__name__] = await visitor.counted(job)

        await jobs.set_up()
        await count(jobs.find_out)
        await count(jobs.ask)
        await count(jobs.ask_alike)
        await visitor.be("Teo")
        await jobs.come_to(ASKED)
        await count(jobs.answer_by_replying)
        await visitor.visit(ASKED)
        await count(jobs.answer)
        await visitor.be("Noor")
        await visitor.command("points")
        await count(jobs.learn)
        await visitor.be("Sam")
        await count(jobs.change_a_setting)
        await count(jobs.change_a_number)
        await visitor.be("Brigid")
        await visitor.visit(ASKED)
        await count(jobs.vote)
        await visitor.answer(REPLIED).locator(".embed-description").click(button="right")
        await visitor.view.get_by_role("menuitem", name="Report post").click()
        await visitor.fill(**{"What's wrong with it?": "It sounds like an advert."})
        await visitor.be("Sam")
        await count(jobs.hear_of_a_report)
        await visitor.visit(ASKED)
        await count(jobs.hide)
        await jobs.come_to(ALIKE)
        await count(jobs.close_as_duplicate)
        await visitor.command("questions")
        await count(jobs.change_a_lists_view)
    assert steps == {
        "find_out": 0,
        "ask": 3,
        "ask_alike": 4,
        "answer_by_replying": 1,
        "answer": 3,
        "learn": 1,
        "change_a_setting": 3,
        "change_a_number": 4,
        "vote": 1,
        "hear_of_a_report": 0,
        "hide": 2,
        "close_as_duplicate": 3,
        "change_a_lists_view": 1,
    }
