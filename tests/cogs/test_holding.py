"""Posts that wait for approval, as their authors and moderators meet them."""

from __future__ import annotations

import pytest
import simcord

from tests.cogs.conftest import Configure
from tests.conftest import Restart
from tests.support.kinds import SIMPLE, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.replies import buttons, control_in, filled, open_again, reply_of, sentence
from tests.support.reports import closed_channel, shown_in
from tests.support.server import Card, Server, said, told
from tests.support.simulator import set_permissions

TITLE = "Where do I begin in this server?"
SAVED = "Saved as #2. A moderator looks at it first; you'll read it in your inbox."


@pytest.fixture
def nina(env: simcord.Env, server: Server) -> simcord.MemberActor:
    """Nina, who is new here."""
    return server.guild.add_member(env.create_user("nina"))


@pytest.fixture
async def reports(
    env: simcord.Env,
    server: Server,
    moderators: simcord.RoleHandle,
    question: Card,
    configure: Configure,
) -> simcord.ChannelHandle:
    """#reports, in a server where newcomers wait."""
    found = closed_channel(server, "reports", moderators)
    await configure("moderators_channel", f"<#{found.id}>")
    await configure("hold_points", "101")
    await env.advance_time(5)
    return found


async def test_it_waits_and_appears_when_approved(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    nina: simcord.MemberActor,
    moderator: simcord.MemberActor,
    carol: simcord.MemberActor,
    restart: Restart,
) -> None:
    before = len(server.cards())
    reply = await server.try_to_ask(nina, TITLE, "I am new.")
    assert sentence(reply) == f"{SAVED}\nEdit\nDelete"
    await env.advance_time(30)
    assert len(server.cards()) == before
    assert TITLE not in told(await carol.slash(server.lounge, "questions"))
    assert TITLE not in told(await carol.slash(server.lounge, "search", query="begin"))
    inbox = sentence(await nina.slash(server.lounge, "inbox"))
    assert f"⏳ **Waits for approval** · #2 {TITLE}" in inbox
    card = shown_in(reports)[-1]
    assert "New post: #2 · question" in said(card)
    assert "**Waits for approval**" in said(card)
    assert f"||{TITLE}||" in said(card)
    assert "Reported" not in said(card)

    await restart()
    card = shown_in(reports)[-1]
    done = await moderator.click(card, label="Approve")
    assert sentence(done) == "Approved. It will appear."
    await env.advance_time(5)
    (shown,) = [c for c in server.cards() if c.title == TITLE]
    assert "120 points" in shown.by
    decided = shown_in(reports)[-1]
    assert decided.id == card.id
    assert "New post: #2 · question" in said(decided)
    assert "Approved by mona" in said(decided)
    inbox = sentence(await nina.slash(server.lounge, "inbox"))
    assert "**Approved** · #2" in inbox
    assert "Waits" not in inbox
    await server.answer(nina, shown, "I have found it out myself by now, thanks.")
    await assert_consistent(env.bot.db)  # type: ignore[attr-defined]


@on_sqlite
async def test_two_moderators_decide_it_once(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    nina: simcord.MemberActor,
    moderator: simcord.MemberActor,
    owner: simcord.MemberActor,
    question: Card,
) -> None:
    await server.try_to_answer(nina, question, "Buy my curtains, they are the best.")
    await env.advance_time(5)
    card = shown_in(reports)[-1]
    assert "New post: #1.1 · answer" in said(card)
    asked = await moderator.click(card, label="Don't approve…")
    assert sentence(asked).startswith("Why don't you approve it?")
    queue = await owner.slash(server.lounge, "queue", view="held")
    assert "Posts that wait for approval · 1/1" in sentence(queue)
    rejected = await moderator.select(reply_of(asked), ["spam"])
    assert sentence(rejected) == "Not approved. Its author reads why."
    late = await owner.click(reply_of(queue), label="Approve")
    assert "Another moderator was faster. Not approved by mona" in sentence(late)
    assert "No posts wait for approval." in sentence(late)
    await env.advance_time(5)
    assert "Not approved by mona" in said(shown_in(reports)[-1])
    inbox = sentence(await nina.slash(server.lounge, "inbox"))
    assert "**Not approved** · #1.1" in inbox
    assert "A moderator's reason: Spam or advertising" in inbox
    assert [c.kind for c in server.cards()] == ["question"]


class TestItsAuthor:
    pytestmark = SIMPLE

    async def test_changes_it_and_takes_it_back(
        self,
        env: simcord.Env,
        server: Server,
        reports: simcord.ChannelHandle,
        nina: simcord.MemberActor,
        carol: simcord.MemberActor,
        moderator: simcord.MemberActor,
    ) -> None:
        reply = await server.try_to_ask(nina, TITLE, "I am new.")
        form = await nina.click(reply_of(reply), label="Edit")
        refused = await nina.submit_modal(form, {**filled(form), "title": "Hm"})
        again = await open_again(nina, refused)
        saved = await nina.submit_modal(again, {**filled(again), "title": f"{TITLE} Please."})
        assert "Saved your changes to #2." in sentence(saved)
        await env.advance_time(5)
        assert f"||{TITLE} Please.||" in said(shown_in(reports)[-1])
        for person in (carol, moderator):
            other = await person.slash(server.lounge, "edit", post="#2")
            assert "There's no post #2 in this server." in sentence(other)
        asked = await nina.slash(server.lounge, "delete", post="#2")
        assert "Delete #2?" in sentence(asked)
        await nina.click(reply_of(asked), label="Delete")
        await env.advance_time(5)
        assert "Its author took it back." in said(shown_in(reports)[-1])
        assert buttons(await moderator.slash(server.lounge, "queue", view="held")) == {}

    async def test_reads_why_a_question_is_not_approved(
        self,
        env: simcord.Env,
        server: Server,
        reports: simcord.ChannelHandle,
        nina: simcord.MemberActor,
        moderator: simcord.MemberActor,
    ) -> None:
        await server.try_to_ask(nina, TITLE)
        queue = await moderator.slash(server.lounge, "queue", view="held")
        select = control_in(reply_of(queue), "review.reject.because")
        assert "worried" not in str(reply_of(queue).components), "that is no reason to refuse"
        done = await moderator.select(reply_of(queue), ["rules"], custom_id=select)
        assert "Not approved. Its author reads why." in sentence(done)
        inbox = sentence(await nina.slash(server.lounge, "inbox"))
        assert f"**Not approved** · #2 {TITLE}" in inbox
        assert "A moderator's reason: Against the rules" in inbox


@on_sqlite
async def test_it_is_not_quoted_to_those_who_cannot_read_its_home(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    nina: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    helpers = server.guild.create_role("Helpers")
    server.guild.add_member(env.create_user("helen"), roles=[helpers])
    set_permissions(env, reports, helpers.id, view_channel=True, read_message_history=True)
    set_permissions(env, server.channel, helpers.id, view_channel=False)
    await env.settle()
    await server.try_to_ask(nina, TITLE)
    await env.advance_time(5)
    card = shown_in(reports)[-1]
    assert "New post: #2 · question" in said(card)
    assert TITLE not in said(card)
    read = await moderator.click(card, label="Read it")
    assert TITLE in sentence(read)
    assert {"Approve", "Don't approve…"} <= buttons(read).keys()


@on_sqlite
async def test_an_answer_to_a_closed_question_cannot_be_approved(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    nina: simcord.MemberActor,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
) -> None:
    await server.try_to_answer(nina, question, "Try some warm milk before you go to bed.")
    await alice.slash(server.lounge, "close", question="#1", reason="other")
    await env.advance_time(5)
    refused = await moderator.click(shown_in(reports)[-1], label="Approve")
    assert "This question is closed and takes no more answers." in sentence(refused)
