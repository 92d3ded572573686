"""Acts on a post, and ways to see one."""

from __future__ import annotations

from dataclasses import replace

import simcord
from simcord.enums import ComponentType

from bot.usecases.searching import Search
from tests.support.acts import Act, Cell, Sign
from tests.support.replies import buttons, reply_of
from tests.support.server import told
from tests.support.simulator import unheard

_TEXT = "Words that were not there before, long enough to be an answer."
_SELECT = ComponentType.STRING_SELECT
_FORM, _WRITTEN, _SAID, _SHOWN = Sign.FORM, Sign.WRITTEN, Sign.SAID, Sign.SHOWN


def _q(c: Cell) -> str:
    return c.number(c.place.question)


def _a(c: Cell) -> str:
    return c.number(c.place.answer)


def _question(c: Cell) -> dict[str, str | list[str]]:
    """A question like no other there, in the place's category."""
    title = "How cold does January usually get?"
    return {"title": title, "details": "", "tags": "", "category": [str(c.place.category_id)]}


async def _react(c: Cell, post_id: int, *, back: bool = False) -> None:
    """Discord tells of a reaction, or (`back`) that one was taken away."""
    card, backend = c.world.cards[post_id], c.world.env.backend
    where = (card.channel_id, card.message_id, "⬆️", c.person.id)
    for reacted in (True, False):
        if reacted is not back:
            backend.set_reaction(*where, reacted=reacted)
            await c.world.env._settle_internal()
        else:
            with unheard(c.world.env):
                backend.set_reaction(*where, reacted=reacted)


async def _anonymously(
    c: Cell, *parts: object, **values: str | list[str]
) -> simcord.InteractionResult:
    """They send a form, *Post anonymously* ticked, and take each step up to the post."""
    result = await c.form(*parts, **values, how=["anonymous"])
    for step in ("Understood", "Post anyway", "Post as "):
        labels = [label for label in buttons(result) if label.startswith(step)]
        assert labels or c.world.refused, told(result)
        if labels:
            result = await c.person.click(reply_of(result), label=labels[0])
    return result


async def _consent(c: Cell, answer: str) -> simcord.InteractionResult:
    said = c.said(c.place.question)
    asked = await c.consent(c.place.question, said)
    return await c.press(f"consent.{answer}", c.person.id, said.id, at=asked)


async def _chosen(c: Cell, value: object, *parts: object) -> simcord.InteractionResult:
    return await c.choose(ComponentType.STRING_SELECT, *parts, value=value)


async def _locked(c: Cell, way: str) -> simcord.InteractionResult:
    """They lock or unlock a thread, which is afterwards as it was before."""
    card, backend = c.world.cards.get(c.place.question), c.world.env.backend
    thread = backend.channels.get(card.thread.id) if card is not None else None
    before = replace(thread.thread_metadata) if thread and thread.thread_metadata else None
    if way.startswith("/"):
        result = await c.command(way[1:], question=_q(c))
    else:
        result = await c.press(way, c.place.question)
    if thread is not None and before is not None:
        state = {"archived": before.archived, "locked": before.locked}
        backend.edit_channel(thread.id, {}, thread_metadata=state)
        await c.world.env.settle()
    return result


async def _offered(c: Cell, answer: str) -> simcord.InteractionResult:
    said = c.said(c.place.question)
    line = await c.offer(c.place.question, said)
    return await c.press(f"offer.{answer}", c.person.id, said.id, at=line)


async def _queue(c: Cell, view: str) -> list[str | simcord.InteractionResult]:
    """All pages of the queue: what each says, as the next one takes its place."""
    first = await c.command("queue", view=view)
    pages = [told(await c.press("queue", view, page)) for page in range(1, 6)]
    return [first, *pages]


async def _filtered(c: Cell, value: str) -> list[str | simcord.InteractionResult]:
    """They choose what the queue shows, and look through it."""
    first = await c.choose(_SELECT, "queue.filter", "reported", "any", value=value)
    return [first, *[told(await c.press("queue", value, page)) for page in range(1, 6)]]


ON_POSTS: dict[str, Act] = {
    # asking where the post stands
    "/ask": Act(_FORM, lambda c: c.command("ask", category=c.place.word)),
    "ask.form": Act(_WRITTEN, lambda c: c.form("ask.form", **_question(c))),
    "ask.anyway": Act(_WRITTEN, lambda c: c.form("ask.anyway", **_question(c))),
    "ask.post": Act(_WRITTEN, lambda c: c.kept_draft("ask.post", "ask.anyway", **_question(c))),
    "ask.form, anonymously": Act(_WRITTEN, lambda c: _anonymously(c, "ask.form", **_question(c))),
    "ask.anyway, anonymously": Act(
        _WRITTEN, lambda c: _anonymously(c, "ask.anyway", **_question(c))
    ),
    # answering
    "/answer": Act(_FORM, lambda c: c.command("answer", question=_q(c))),
    "answer": Act(_FORM, lambda c: c.press("answer", c.place.question)),
    "answer.form": Act(_WRITTEN, lambda c: c.form("answer.form", c.place.question, answer=_TEXT)),
    "answer.form, anonymously": Act(
        _WRITTEN, lambda c: _anonymously(c, "answer.form", c.place.question, answer=_TEXT)
    ),
    "draft, of an answer": Act(
        _FORM, lambda c: c.draft("answer.form", c.place.question, answer=_TEXT)
    ),
    "Post as answer, one's own message": Act(
        _WRITTEN, lambda c: c.menu("Post as answer", c.said(c.place.question))
    ),
    "Post as answer, another's": Act(
        _WRITTEN,
        lambda c: c.menu("Post as answer", c.said(c.place.question, c.world.bystander)),
    ),
    "Post as answer, another's, by the asker": Act(
        _SAID,
        lambda c: c.menu("Post as answer", c.said(c.place.my_question, c.world.bystander)),
    ),
    "consent.yes": Act(_WRITTEN, lambda c: _consent(c, "yes")),
    "offer.answer": Act(_WRITTEN, lambda c: _offered(c, "answer")),
    "offer.comment": Act(_WRITTEN, lambda c: _offered(c, "comment")),
    "offer.no": Act(_SAID, lambda c: _offered(c, "no")),
    "consent.no": Act(_SAID, lambda c: _consent(c, "no")),
    # commenting
    "/comment": Act(_FORM, lambda c: c.command("comment", post=_a(c))),
    "comment": Act(_FORM, lambda c: c.press("comment", c.place.question)),
    "comment.form": Act(
        _WRITTEN, lambda c: c.form("comment.form", c.place.answer, comment="Says who, though?")
    ),
    "comment.form, anonymously": Act(
        _WRITTEN,
        lambda c: _anonymously(c, "comment.form", c.place.answer, comment="Says who, though?"),
    ),
    "draft, of a comment": Act(
        _FORM, lambda c: c.draft("comment.form", c.place.answer, comment="Says who?")
    ),
    # voting
    "/vote": Act(_WRITTEN, lambda c: c.command("vote", direction="up", post=_a(c))),
    "/vote, taken back": Act(_WRITTEN, lambda c: c.command("vote", direction="clear", post=_a(c))),
    "/vote, one's own": Act(
        _WRITTEN, lambda c: c.command("vote", direction="up", post=c.number(c.place.my_answer))
    ),
    "vote": Act(_WRITTEN, lambda c: c.press("vote", c.place.question, "up")),
    "vote, taken back": Act(_WRITTEN, lambda c: c.press("vote", c.place.question, "clear")),
    "vote, one's own": Act(_WRITTEN, lambda c: c.press("vote", c.place.my_question, "up")),
    "reaction": Act(_WRITTEN, lambda c: _react(c, c.place.answer), tidied=True),
    "reaction, taken back": Act(_WRITTEN, lambda c: _react(c, c.place.answer, back=True)),
    "reaction, one's own": Act(_WRITTEN, lambda c: _react(c, c.place.my_answer), tidied=True),
    # choosing
    "/best": Act(_WRITTEN, lambda c: c.command("best", answer=_a(c))),
    "/best, by the asker": Act(
        _WRITTEN, lambda c: c.command("best", answer=c.number(c.place.answer_to_me))
    ),
    "best": Act(_WRITTEN, lambda c: c.press("best", c.place.answer)),
    "best, by the asker": Act(_WRITTEN, lambda c: c.press("best", c.place.answer_to_me)),
    "unbest": Act(_WRITTEN, lambda c: c.press("unbest", c.place.answer)),
    "unbest, by the asker": Act(_WRITTEN, lambda c: c.press("unbest", c.place.answer_to_me)),
    "solved": Act(_WRITTEN, lambda c: c.press("solved", c.world.server.guild.id, c.place.answer)),
    "solved, by the asker": Act(
        _WRITTEN, lambda c: c.press("solved", c.world.server.guild.id, c.place.answer_to_me)
    ),
    "Mark best answer": Act(_WRITTEN, lambda c: c.menu("Mark best answer", c.card(c.place.answer))),
    "Mark best answer, by the asker": Act(
        _WRITTEN, lambda c: c.menu("Mark best answer", c.card(c.place.answer_to_me))
    ),
    # editing
    "/edit": Act(_FORM, lambda c: c.command("edit", post=_a(c))),
    "/edit, one's own": Act(_FORM, lambda c: c.command("edit", post=c.number(c.place.my_answer))),
    "Edit post": Act(_FORM, lambda c: c.menu("Edit post", c.card(c.place.answer))),
    "Edit post, one's own": Act(_FORM, lambda c: c.menu("Edit post", c.card(c.place.my_question))),
    "edit": Act(_FORM, lambda c: c.press("edit", c.place.question)),
    "edit, one's own": Act(_FORM, lambda c: c.press("edit", c.place.my_answer)),
    "/edit, one's own that waits": Act(
        _FORM, lambda c: c.command("edit", post=c.number(c.place.my_held))
    ),
    "edit, one's own that waits": Act(_FORM, lambda c: c.press("edit", c.place.my_held)),
    "edit, another's that waits": Act(_FORM, lambda c: c.press("edit", c.place.held)),
    "edit.form, one's own that waits": Act(
        _WRITTEN, lambda c: c.form("edit.form", c.place.my_held, 1, answer=_TEXT, reason="")
    ),
    "draft, of one's own edit that waits": Act(
        _FORM, lambda c: c.draft("edit.form", c.place.my_held, 1, answer=_TEXT, reason="")
    ),
    "edit.form": Act(
        _WRITTEN, lambda c: c.form("edit.form", c.place.answer, 1, answer=_TEXT, reason="")
    ),
    "edit.form, one's own": Act(
        _WRITTEN, lambda c: c.form("edit.form", c.place.my_answer, 1, answer=_TEXT, reason="")
    ),
    "draft, of one's own edit": Act(
        _FORM, lambda c: c.draft("edit.form", c.place.my_answer, 1, answer=_TEXT, reason="")
    ),
    "/retag": Act(_WRITTEN, lambda c: c.command("retag", post=_q(c), tags="leaf")),
    "/retag, one's own": Act(
        _WRITTEN,
        lambda c: c.command("retag", post=c.number(c.place.my_question), tags="leaf"),
    ),
    "retag": Act(_FORM, lambda c: c.press("retag", c.place.question)),
    "retag, one's own": Act(_FORM, lambda c: c.press("retag", c.place.my_question)),
    "retag.form": Act(
        _WRITTEN, lambda c: c.form("retag.form", c.place.question, 1, tags="leaf", reason="")
    ),
    "retag.form, one's own": Act(
        _WRITTEN, lambda c: c.form("retag.form", c.place.my_question, 1, tags="leaf", reason="")
    ),
    "draft, of one's own tags": Act(
        _FORM, lambda c: c.draft("retag.form", c.place.my_question, 1, tags="leaf", reason="")
    ),
    "/move": Act(_WRITTEN, lambda c: c.command("move", question=_q(c), category=c.world.open.word)),
    "/move, one's own": Act(
        _WRITTEN,
        lambda c: c.command(
            "move", question=c.number(c.place.my_question), category=c.world.open.word
        ),
    ),
    "/history": Act(_SAID, lambda c: c.command("history", post=_a(c))),
    "/history, one's own": Act(
        _SAID, lambda c: c.command("history", post=c.number(c.place.my_answer))
    ),
    "history": Act(_SAID, lambda c: c.press("history", c.place.answer)),
    "history, one's own": Act(_SAID, lambda c: c.press("history", c.place.my_question)),
    "revert": Act(_WRITTEN, lambda c: c.press("revert", c.place.answer_to_me, 1, 2)),
    # closing
    "/close": Act(_WRITTEN, lambda c: c.command("close", question=_q(c), reason="other")),
    "/close, one's own": Act(
        _WRITTEN,
        lambda c: c.command("close", question=c.number(c.place.my_question), reason="other"),
    ),
    "/close, one's own as a duplicate of this": Act(
        _WRITTEN,
        lambda c: c.command(
            "close",
            question=c.number(c.world.open.my_question),
            reason="duplicate",
            duplicate_of=_q(c),
        ),
    ),
    "/reopen": Act(_SAID, lambda c: c.command("reopen", question=_q(c))),
    "/reopen, one's own": Act(
        _SAID, lambda c: c.command("reopen", question=c.number(c.place.my_question))
    ),
    "close": Act(_SAID, lambda c: c.press("close", c.place.question)),
    "close.as": Act(_WRITTEN, lambda c: _chosen(c, "off_topic", "close.as", c.place.question)),
    "close.as, one's own": Act(
        _WRITTEN, lambda c: _chosen(c, "off_topic", "close.as", c.place.my_question)
    ),
    "duplicate": Act(_SAID, lambda c: c.press("duplicate", c.place.question)),
    "duplicate, one's own": Act(_SAID, lambda c: c.press("duplicate", c.place.my_question)),
    "duplicate.of": Act(
        _WRITTEN,
        lambda c: _chosen(c, c.world.open.my_question, "duplicate.of", c.place.question),
    ),
    "duplicate.of, one's own as a duplicate of this": Act(
        _WRITTEN,
        lambda c: _chosen(c, c.place.question, "duplicate.of", c.world.open.my_question),
    ),
    "duplicate.other": Act(_FORM, lambda c: c.press("duplicate.other", c.place.question)),
    "duplicate.form": Act(
        _WRITTEN,
        lambda c: c.form(
            "duplicate.form", c.place.question, original=c.number(c.world.open.my_question)
        ),
    ),
    "draft, of a duplicate": Act(
        _FORM, lambda c: c.draft("duplicate.form", c.place.question, original="#1", note="")
    ),
    "reopen": Act(_SAID, lambda c: c.press("reopen", c.place.question)),
    "move": Act(_SAID, lambda c: c.press("move", c.place.question)),
    "move.to": Act(
        _WRITTEN, lambda c: _chosen(c, c.world.open.category_id, "move.to", c.place.question)
    ),
    "move.to, one's own": Act(
        _WRITTEN, lambda c: _chosen(c, c.world.open.category_id, "move.to", c.place.my_question)
    ),
    # without a name
    "pick, an edit": Act(_FORM, lambda c: _chosen(c, c.place.answer, "pick", "edit")),
    "pick, an edit of one's own": Act(
        _FORM, lambda c: _chosen(c, c.place.my_answer, "pick", "edit")
    ),
    "lock": Act(_SAID, lambda c: _locked(c, "lock")),
    "unlock": Act(_SAID, lambda c: _locked(c, "unlock")),
    "/lock": Act(_SAID, lambda c: _locked(c, "/lock")),
    "/unlock": Act(_SAID, lambda c: _locked(c, "/unlock")),
    "picks": Act(_SAID, lambda c: c.press("picks", "comment", 0)),
    # taking away
    "/delete": Act(_SAID, lambda c: c.command("delete", post=_a(c))),
    "/delete, one's own": Act(
        _SAID, lambda c: c.command("delete", post=c.number(c.place.my_answer))
    ),
    "delete, one's own that waits": Act(_SAID, lambda c: c.press("delete", c.place.my_held)),
    "delete.yes, one's own that waits": Act(
        _WRITTEN, lambda c: c.press("delete.yes", c.place.my_held)
    ),
    "delete": Act(_SAID, lambda c: c.press("delete", c.place.answer)),
    "delete, one's own": Act(_SAID, lambda c: c.press("delete", c.place.my_answer)),
    "delete.yes": Act(_WRITTEN, lambda c: c.press("delete.yes", c.place.answer)),
    "delete.yes, one's own": Act(_WRITTEN, lambda c: c.press("delete.yes", c.place.my_answer)),
    "files": Act(_SAID, lambda c: c.press("files", c.place.answer)),
    "files, one's own": Act(_SAID, lambda c: c.press("files", c.place.my_answer)),
    "files.yes": Act(_WRITTEN, lambda c: c.press("files.yes", c.place.answer)),
    "files.yes, one's own": Act(_WRITTEN, lambda c: c.press("files.yes", c.place.my_answer)),
    # reporting, and deciding
    "Report post": Act(_FORM, lambda c: c.menu("Report post", c.card(c.place.answer))),
    "report": Act(_FORM, lambda c: c.press("report", c.place.answer)),
    "report.form": Act(
        _WRITTEN, lambda c: c.form("report.form", c.place.answer, reason="It is spam.")
    ),
    "report.form, one's own": Act(
        _WRITTEN, lambda c: c.form("report.form", c.place.my_answer, reason="It is spam.")
    ),
    "worry": Act(_FORM, lambda c: c.press("worry", c.place.answer)),
    "worry.form": Act(_WRITTEN, lambda c: c.form("worry.form", c.place.answer, reason="So alone.")),
    "worry.form, one's own": Act(
        _WRITTEN, lambda c: c.form("worry.form", c.place.my_answer, reason="So alone.")
    ),
    "draft, of a worry": Act(
        _FORM, lambda c: c.draft("worry.form", c.place.answer, reason="So alone.")
    ),
    "draft, of a report": Act(
        _FORM, lambda c: c.draft("report.form", c.place.answer, reason="It is spam.")
    ),
    "/hide": Act(_WRITTEN, lambda c: c.command("hide", post=_a(c))),
    "/show": Act(_WRITTEN, lambda c: c.command("show", post=c.number(c.place.hidden))),
    "report.read": Act(
        _SHOWN, lambda c: c.press("report.read", c.place.answer), "A {word} wants sun"
    ),
    "report.look": Act(
        _SHOWN,
        lambda c: c.choose(_SELECT, "report.look", value=c.place.answer),
        "A {word} wants sun",
    ),
    "report.hide": Act(_SAID, lambda c: c.press("report.hide", c.place.question)),
    "report.hide.because": Act(
        _WRITTEN, lambda c: c.choose(_SELECT, "report.hide.because", c.place.question, value="spam")
    ),
    "report.show": Act(_WRITTEN, lambda c: c.press("report.show", c.place.question)),
    "report.dismiss": Act(_WRITTEN, lambda c: c.press("report.dismiss", c.place.question)),
    "report.close": Act(_SAID, lambda c: c.press("report.close", c.place.question)),
    "report.close.because": Act(
        _WRITTEN,
        lambda c: c.choose(_SELECT, "report.close.because", c.place.question, value="other"),
    ),
    "report.close.form": Act(
        _WRITTEN,
        lambda c: c.form(
            "report.close.form", c.place.question, original=c.number(c.place.my_question)
        ),
    ),
    "/block, of a post's author": Act(_WRITTEN, lambda c: c.command("block", post=_a(c))),
    "/unblock, of a post's author": Act(_SAID, lambda c: c.command("unblock", post=_a(c))),
    "/unseal": Act(
        _WRITTEN, lambda c: c.command("unseal", post=_a(c), reason="They threaten somebody.")
    ),
    "unseal.agree": Act(_SAID, lambda c: c.press("unseal.agree", c.place.answer)),
    "unseal.look": Act(_SAID, lambda c: c.press("unseal.look", c.place.answer)),
    "unseal.refuse": Act(_SAID, lambda c: c.press("unseal.refuse", c.place.answer)),
    "unseal.danger": Act(_SAID, lambda c: c.press("unseal.danger", c.place.answer)),
    "report.block": Act(_FORM, lambda c: c.press("report.block", c.place.answer)),
    "block.form": Act(
        _WRITTEN, lambda c: c.form("block.form", c.place.answer, span=["1d"], reason="It is spam.")
    ),
    "review.hide.because": Act(
        _WRITTEN,
        lambda c: c.choose(
            _SELECT, "review.hide.because", c.place.answer, "reported", 0, value="spam"
        ),
    ),
    "review.show": Act(_WRITTEN, lambda c: c.press("review.show", c.place.hidden, "hidden", 0)),
    "review.dismiss": Act(
        _WRITTEN, lambda c: c.press("review.dismiss", c.place.question, "reported", 0)
    ),
    "report.approve": Act(_WRITTEN, lambda c: c.press("report.approve", c.place.held)),
    "report.reject": Act(_SAID, lambda c: c.press("report.reject", c.place.held)),
    "report.reject.because": Act(
        _WRITTEN, lambda c: c.choose(_SELECT, "report.reject.because", c.place.held, value="spam")
    ),
    "review.approve": Act(_WRITTEN, lambda c: c.press("review.approve", c.place.held, "held", 0)),
    "review.reject.because": Act(
        _WRITTEN,
        lambda c: c.choose(_SELECT, "review.reject.because", c.place.held, "held", 0, value="spam"),
    ),
    "hide.as": Act(_WRITTEN, lambda c: _chosen(c, "spam", "hide.as", c.place.answer)),
    "show": Act(_WRITTEN, lambda c: c.press("show", c.place.hidden)),
    # following
    "/follow": Act(_WRITTEN, lambda c: c.command("follow", question=_q(c))),
    "/follow, a category": Act(_WRITTEN, lambda c: c.command("follow", category=c.place.word)),
    "follow": Act(_WRITTEN, lambda c: c.press("follow", c.place.question)),
    "/unfollow": Act(_WRITTEN, lambda c: c.command("unfollow", question=_q(c))),
    "unfollow": Act(_WRITTEN, lambda c: c.press("unfollow", c.place.question)),
    # reading
    "more": Act(_SAID, lambda c: c.press("more", c.place.answer, at=c.shown(c.place.answer))),
    "answers": Act(_SHOWN, lambda c: c.press("answers", c.place.question, 0)),
    "answers, to one's own": Act(
        _SHOWN,
        lambda c: c.press("answers", c.place.my_question, 0),
        "How old does a {word} become here?",
    ),
    "/search": Act(
        _SHOWN, lambda c: c.command("search", query=f"{c.place.word} deep soil"), typed=True
    ),
    "search": Act(_SHOWN, lambda c: c.press("search", 0, Search(c.place.word).code()), typed=True),
    "search, with a category": Act(
        _SHOWN,
        lambda c: c.press("search", 0, Search("soil", category_id=c.place.category_id).code()),
    ),
    "/questions": Act(_SHOWN, lambda c: c.command("questions", tag=c.place.word), typed=True),
    "/questions, of a category": Act(
        _SHOWN, lambda c: c.command("questions", category=c.place.word), typed=True
    ),
    "list.view": Act(_SHOWN, lambda c: _chosen(c, "active", "list.view", c.place.category_id)),
    "list.category": Act(
        _SHOWN, lambda c: _chosen(c, c.place.category_id, "list.category", "newest", 0)
    ),
    "categories.open": Act(_SHOWN, lambda c: _chosen(c, c.place.category_id, "categories.open")),
    "tags.open": Act(_SHOWN, lambda c: _chosen(c, c.place.word, "tags.open"), typed=True),
    "follow.category": Act(_WRITTEN, lambda c: _chosen(c, c.place.category_id, "follow.category")),
    "unfollow.chosen": Act(
        _WRITTEN, lambda c: _chosen(c, f"question:{c.place.question}", "unfollow.chosen")
    ),
    "list": Act(_SHOWN, lambda c: c.press("list", "newest", c.place.category_id, 0)),
    "/categories": Act(_SHOWN, lambda c: c.command("categories"), "**{word}**"),
    "categories": Act(_SHOWN, lambda c: c.press("categories", 0), "**{word}**"),
    "/tags": Act(_SHOWN, lambda c: c.command("tags"), "`{word}`"),
    "tags": Act(_SHOWN, lambda c: c.press("tags", 0), "`{word}`"),
    "/inbox": Act(_SHOWN, lambda c: c.command("inbox")),
    "inbox": Act(_SHOWN, lambda c: c.press("inbox", 0)),
    "news": Act(_SHOWN, lambda c: c.press("news")),
    "/follow, nothing named": Act(_SHOWN, lambda c: c.command("follow")),
    "follows": Act(_SHOWN, lambda c: c.press("follows", 0)),
    "item.take": Act(_WRITTEN, lambda c: c.press("item.take", f"p{c.place.question}")),
    "item.pass": Act(_WRITTEN, lambda c: c.press("item.pass", f"p{c.place.question}")),
    "item.take, of an appeal": Act(_WRITTEN, lambda c: c.press("item.take", f"a{c.place.appeal}")),
    "queue.filter": Act(
        _SHOWN,
        lambda c: _filtered(c, "hidden"),
        "Nobody wants the {word}",
    ),
    "/queue, appeals": Act(_SHOWN, lambda c: _queue(c, "appeals"), "Nobody wants the {word}"),
    "appeal.read": Act(
        _SHOWN, lambda c: c.press("appeal.read", c.place.appeal), "The {word} deserves better."
    ),
    "appeal.stands": Act(_WRITTEN, lambda c: c.press("appeal.stands", c.place.appeal)),
    "appeal.undo": Act(_WRITTEN, lambda c: c.press("appeal.undo", c.place.appeal)),
    "/queue": Act(_SHOWN, lambda c: _queue(c, "reported")),
    "queue": Act(_SHOWN, lambda c: _queue(c, "hidden"), "Nobody wants the {word}"),
}
