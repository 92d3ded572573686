"""The sandbox's people in a real browser: from `/ask` to a pinned best answer, and all the rest."""

from playwright.async_api import Page, expect

from tests.sandbox.running import open_sandbox
from tests.sandbox.visiting import ONE_CHROMIUM, Visitor, needs_chromium

pytestmark = ONE_CHROMIUM


@needs_chromium
async def test_from_a_question_to_its_best_answer(page: Page) -> None:
    with open_sandbox() as (_, address):
        visitor = Visitor(page)
        await visitor.come(address)

        # Noor asks, with the form that /ask opens.
        await page.get_by_role("button", name="Take me there").click()
        await visitor.settled()
        await visitor.command("ask")
        await visitor.fill(
            Title="How do I tell my sister that I need a break from her calls?",
            Details="She calls **every day**, and I love her.",
        )
        link = visitor.view.locator('a[href*="discord.com/channels"]').last
        await link.wait_for()
        await visitor.done("Ask a question")

        # The link in the private reply leads to the question, in a thread of its own.
        await link.click()
        await visitor.settled()
        question = visitor.card("She calls every day", "Follow")
        await expect(question.locator("strong", has_text="every day")).to_be_visible()

        # Teo answers it from its card.
        await visitor.be("Teo")
        await question.get_by_role("button", name="Answer").click()
        await visitor.fill(Your_answer="1. Name a **day and an hour**.\n2. Keep it, and call her.")
        answer = visitor.answer("Name a day and an hour")
        await answer.wait_for()
        await visitor.done("Answer it")

        # Brigid votes for it by a reaction; the score on the card follows.
        await visitor.be("Brigid")
        await answer.hover()
        await answer.get_by_role("button", name="React with ⬆️").click()
        await expect(answer).to_contain_text("+1 vote")
        await visitor.done("Vote")

        # Sam moderates, and finds the choice in the message's menu.
        await visitor.be("Sam")
        await answer.locator(".embed-description").click(button="right")
        await visitor.view.get_by_role("menuitem", name="Mark best answer").click()
        await expect(answer).to_contain_text("✅ Best answer")
        await expect(question).to_contain_text("✅ Best answer")
        await visitor.done("Pin the best answer")

        # It is Discord's own pin, so Discord's own menu takes it back.
        await answer.locator(".embed-description").click(button="right")
        await visitor.view.get_by_role("menuitem", name="Unpin message").click()
        await expect(question).not_to_contain_text("Best answer")

        # The points are there to be seen: 500 of the story's, the answer's 40, and 20 for a vote.
        await visitor.be("Teo")
        await visitor.command("points")
        await expect(visitor.view.locator("article.channel-message").last).to_contain_text(
            "560 points"
        )
        await visitor.done("See what it brought")


@needs_chromium
async def test_what_else_people_do(page: Page) -> None:
    with open_sandbox() as (_, address):
        visitor = Visitor(page)
        await visitor.come(address)
        story = visitor.card("I sat in the waiting room", "Follow")

        # Brigid comments from the card, follows the question, and finds it in her lists.
        await visitor.be("Brigid")
        await story.get_by_role("button", name="⋯").click()
        await visitor.reply.get_by_role("button", name="Comment").click()
        await visitor.fill(Comment="Did she offer you another hour?")
        comment = visitor.card("Did she offer you another hour?", "⋯")
        await comment.wait_for()
        await story.get_by_role("button", name="Follow").click()
        await expect(visitor.reply).to_contain_text("follow")
        await visitor.command("questions")
        await expect(visitor.reply).to_contain_text("Newest questions")
        await visitor.command("search", "appointment")
        await expect(visitor.reply).to_contain_text("My therapist forgot our appointment")

        # Noor has it in her inbox. She edits her question, and can read what changed.
        await visitor.be("Noor")
        await visitor.command("inbox")
        await expect(visitor.reply).to_contain_text("Brigid")
        await visitor.command("edit")
        await visitor.fill(Title="My therapist forgot our appointment. May I be this hurt?")
        await expect(
            page.get_by_text("May I be this hurt?").filter(visible=True).first
        ).to_be_visible()
        await visitor.command("history")
        await expect(visitor.reply).to_contain_text("Am I wrong to")

        # Asking with a title, she is shown a question like it first.
        await visitor.command("ask", title="How do I fall asleep when thoughts race?")
        await expect(visitor.reply).to_contain_text("What helps you fall asleep")
        await visitor.reply.get_by_role("button", name="Ask anyway").click()
        await visitor.fill(Details="Since I changed shifts.")
        await expect(visitor.reply).to_contain_text("Your question is")

        # Teo reports the comment from its menu; Sam decides, closes the question, adds a category.
        await visitor.be("Teo")
        await comment.get_by_text("Did she offer you another hour?").click(button="right")
        await visitor.view.get_by_role("menuitem", name="Report post").click()
        await visitor.fill(**{"What's wrong with it?": "It is off topic."})
        await expect(visitor.reply).to_contain_text("Thanks")
        await visitor.be("Sam")
        await visitor.command("queue")
        await expect(visitor.reply).to_contain_text("It is off topic.")
        await visitor.choose(visitor.reply, "Hide because", "Hide: Against the rules")
        await expect(comment).to_have_count(0)
        await visitor.command("close", "#Off topic")
        await expect(story).to_contain_text("Closed")
        await visitor.command("category add", "Sleep", channel="#questions")
        await expect(visitor.reply).to_contain_text("Added Sleep.")


@needs_chromium
async def test_on_a_phone(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    with open_sandbox() as (_, address):
        visitor = Visitor(page)
        await visitor.come(address)
        sidebar, guide = page.locator("#sidebar"), page.locator("#guide")
        await expect(sidebar).to_be_hidden()

        # What to try is a panel; Escape puts it away, and what is chosen there does as well.
        opener = page.get_by_role("button", name="Try: Ask a question")
        await opener.click()
        await expect(guide.get_by_role("button", name="Take me there")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(guide).to_be_hidden()
        await expect(opener).to_be_focused()
        await opener.click()
        await guide.get_by_role("button", name="Take me there").click()
        await visitor.settled()
        await expect(guide).to_be_hidden()

        # The form has room for what is to be filled in.
        await visitor.command("ask")
        details = visitor.view.get_by_role("textbox", name="Details")
        await expect(details).to_be_in_viewport(ratio=1)
        await visitor.fill(Title="Where do I begin when all of it is too much?")
        await expect(visitor.reply).to_contain_text("Your question is")

        # Another person is in the other panel.
        await page.get_by_role("button", name="Noor in #general").click()
        await visitor.be("Teo")
        await expect(sidebar).to_be_hidden()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390


@needs_chromium
async def test_a_form_that_was_dismissed_does_not_come_back(page: Page) -> None:
    with open_sandbox() as (_, address):
        visitor = Visitor(page)
        await visitor.come(address)
        await visitor.be("Teo")
        await (
            visitor.answer("You are not wrong").locator(".embed-description").click(button="right")
        )
        await visitor.view.get_by_role("menuitem", name="Edit post").click()
        form = visitor.view.get_by_role("dialog")
        await form.get_by_role("button", name="Cancel").click()
        await expect(form).to_be_hidden()
        await page.reload()
        await visitor.settled()
        await expect(form).to_be_hidden()

        # Two tabs are one person: who is changed by the other one is told so.
        assert page.context.browser is not None
        other = await page.context.browser.new_page()
        await other.goto(address)
        await Visitor(other).be("Sam")
        await page.bring_to_front()
        await expect(page.get_by_role("alert")).to_contain_text("You are Sam now")


@needs_chromium
async def test_in_a_text_channel(page: Page) -> None:
    with open_sandbox() as (process, address):
        visitor = Visitor(page)
        await visitor.come(address)
        await visitor.be("Sam")
        await visitor.command("setup", channel="#questions")
        await expect(visitor.reply).to_contain_text("I have every permission I need")
        await visitor.command("ask")
        await visitor.fill(Title="Where do I begin when all of it is too much?")
        await expect(visitor.reply).to_contain_text("Your question is")

        # The thread hangs from the card, and the page leads from the one to the other.
        await page.get_by_role("button", name="Where do I begin").click()
        await page.get_by_role("button", name="card, with its buttons and votes").click()
        await visitor.settled()
        question = visitor.card("Where do I begin", "Answer")
        await question.get_by_role("button", name="Answer").click()
        await visitor.fill(Your_answer="With the one thing that is next, and with no other.")
        await visitor.view.locator(".thread-summary").click()
        await visitor.answer("With the one thing").wait_for()

        # Whoever looks at the page when the sandbox ends is told what to do.
        process.terminate()
        await expect(page.get_by_role("alert")).to_contain_text("The sandbox has been closed")
