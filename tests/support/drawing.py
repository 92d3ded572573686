"""Everything the bot renders from what people type: cards, lists, forms, refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

import discord

from bot.domain.appeals import About, Appeal, check_words
from bot.domain.blocks import Block
from bot.domain.cards import (
    AnswerLine,
    Author,
    BestAnswer,
    Category,
    Closing,
    Place,
    PostCard,
    QuestionLine,
    Standing,
)
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem
from bot.domain.names import readable_name
from bot.domain.notices import FollowKind, Mail, NoticeCard, NoticeKind
from bot.domain.posts import (
    EDITED_MAX,
    CloseReason,
    HideReason,
    PostKind,
    PostStatus,
    check_answer,
    check_comment,
    check_details,
    check_reason,
    check_tags,
    check_title,
)
from bot.domain.queries import Sort, parse_query, snippet
from bot.domain.ranking import View
from bot.domain.review import Claim, Edit, Report, ReviewItem, Wording
from bot.domain.rules import Rules, check_setting
from bot.domain.typed import collapse, readable_length, tidy
from bot.i18n import texts_for
from bot.usecases import listing, searching
from bot.usecases.appealing import AppealToShow
from bot.usecases.asking import Similar
from bot.usecases.browsing import Board
from bot.usecases.digesting import DigestMail
from bot.usecases.following import Followed, Inbox
from bot.usecases.guilds import SettingChange
from bot.usecases.queueing import QueuePage
from bot.usecases.reporting import Queue
from cogs.ui import (
    appeals,
    blocks,
    cards,
    findings,
    follows,
    history,
    lists,
    modals,
    notices,
    questions,
    reminders,
    review,
    worries,
)
from cogs.ui import settings as settings_ui
from cogs.ui.help import help_embed
from cogs.ui.texts import explain

GUILD = 900000000000000001
AUTHOR = 900000000000000002
_CHANNEL, _MESSAGE = 900000000000000003, 900000000000000004
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_T = texts_for("en")
_PLAIN = "How do I sleep after a night shift?"
_P = TypeVar("_P")

Drawn = discord.Embed | discord.ui.Modal | str


@lru_cache(maxsize=100)
def kept(text: str) -> PostCard:
    """The question made from a text; parts that can't be stored are replaced by plain ones."""
    return PostCard(
        guild_id=GUILD,
        post_id=1,
        kind=PostKind.QUESTION,
        status=PostStatus.VISIBLE,
        question_id=1,
        number=128,
        sub_number=0,
        title=_checked(lambda: check_title(text[:150]), _PLAIN),
        body=_checked(lambda: check_details(text, EDITED_MAX), ""),
        tags=_checked(lambda: check_tags(text[:180]), ()),
        author=Author(AUTHOR, 6300, readable_name(text[:32])),
        score=53,
        created_at=_NOW,
        version=2,
        edited_by=AUTHOR,
        editor_name=readable_name(text[-32:]),
        category=_category(text).name,
        place=Place(_CHANNEL, _MESSAGE, _CHANNEL),
    )


def _checked(check: Callable[[], _P], otherwise: _P) -> _P:
    try:
        return check()
    except Invalid:
        return otherwise


def _below(question: PostCard, text: str, kind: PostKind, number: int) -> PostCard:
    check = check_answer if kind is PostKind.ANSWER else check_comment
    body = _checked(lambda: check(text, EDITED_MAX), _PLAIN)
    return PostCard(
        guild_id=GUILD,
        post_id=number + 1,
        kind=kind,
        status=PostStatus.VISIBLE,
        question_id=1,
        number=128,
        sub_number=number,
        title=question.title,
        body=body,
        tags=(),
        author=Author(AUTHOR, 1, readable_name(text[-32:])),
        score=-1,
        created_at=_NOW,
        place=Place(_CHANNEL, _MESSAGE, _CHANNEL),
    )


def _category(text: str) -> Category:
    name, about = collapse(tidy(text))[:20].strip(), collapse(tidy(text))[:100]
    if not readable_length(name):
        name = "Sleep"
    return Category(1, name, "", about, None, 3, path=(name, "Sleep"))


def _line(card: PostCard) -> QuestionLine:
    return QuestionLine(1, 128, card.title, 53, 2, True, _CHANNEL, _MESSAGE)


def cards_of(text: str) -> Iterator[tuple[str, PostCard]]:
    """The posts whose cards show a text, wherever a card does."""
    question = kept(text)
    answer = _below(question, text, PostKind.ANSWER, 1)
    closing = Closing(
        CloseReason.DUPLICATE, AUTHOR, _checked(lambda: check_reason(text), ""), 1, _line(question)
    )
    best = BestAnswer(2, 1, answer.body, _CHANNEL, _MESSAGE)
    duplicates = (_line(question),) * 20
    yield "a question", question
    yield "an answer", answer
    yield "a comment", _below(question, text, PostKind.COMMENT, 2)
    yield (
        "a question with all there can be",
        replace(question, best=best, closing=closing, duplicates=duplicates),
    )


def drawn(texts: Sequence[str]) -> Iterator[tuple[str, Drawn]]:
    """What the bot renders from ten texts: forms and pages of each of them, and lists of all."""
    for text, before in zip(texts, (texts[-1], *texts), strict=False):
        yield from _forms(text)
        yield from _pages(text, before)
        yield from _refusals(text)
    posts = [kept(text) for text in texts]
    yield from _lists(posts, texts)
    yield from _news(posts, texts[0])


def _forms(text: str) -> Iterator[tuple[str, Drawn]]:
    question, categories = kept(text), [_category(text)]
    answer = _below(question, text, PostKind.ANSWER, 1)
    comment = _below(question, text, PostKind.COMMENT, 2)
    typed: dict[str, str | list[str]] = dict.fromkeys(
        ("title", "details", "tags", "answer", "comment", "reason", "value"), text
    )
    yield "the form of a question", modals.ask_form(modals.Offer(categories), typed, _T)
    yield "the form of an answer", modals.answer_form(1, question.title, typed, _T)
    yield "the form of a comment", modals.comment_form(1, answer.body, typed, _T)
    yield "the form of a report", modals.report_form(1, "#128", typed, _T)
    yield "the form of a block", blocks.block_form(1, typed, _T)
    yield "the form of a worry", worries.worry_form(1, typed, _T)
    stored = _checked(lambda: check_setting("helplines", text[:1500]), "")
    own = Rules({"how_to_help": stored, "helplines": stored})
    yield "how to help", worries.how_to_help(own, _T)
    for card in (question, answer, comment):
        values = modals.edit_values(card)
        if values is not None:
            yield "the form of an edit", modals.edit_form(1, 1, card.kind, values, _T)
    for name in ("welcome", "vote_up_emoji", "limit.questions"):
        yield f"the form of {name}", settings_ui.setting_form(name, Rules({}), typed, _T)


def _lists(posts: Sequence[PostCard], typed: Sequence[str]) -> Iterator[tuple[str, Drawn]]:
    lines, first = [_line(card) for card in posts], posts[0]
    tag = first.tags[0] if first.tags else None
    similar = [Similar(line, line.title) for line in lines[:5]]
    yield "similar questions", questions.similar_embed(GUILD, similar, _T)
    listed = listing.Listed(lines, True, _category(typed[0]), tag)
    wanted = listing.Selection(View.HOT, 1, tag, 1)
    yield "a list of questions", questions.questions_embed(GUILD, wanted, listed, _T)
    tags = [(tag, 1) for card in posts for tag in card.tags]
    yield "a list of tags", questions.tags_embed(tags, 0, _T, more=True)
    answers = [
        AnswerLine(1, 128, 1, card.body, card.author, 3, 1, True, _CHANNEL, _MESSAGE)
        for card in posts[:5]
    ]
    yield "a list of answers", questions.answers_embed(first, answers, 0, _T)
    people = [Standing(n, AUTHOR, 6300, "Regular", p.author.name) for n, p in enumerate(posts, 1)]
    yield "a leaderboard", lists.board_embed(Board(people, True, people[-1]), "all", 0, 1, _T)
    categories = [_category(text) for text in typed]
    yield "a list of categories", lists.categories_embed(categories, 0, _T)
    yield "what was found", _search(posts, typed[0], _category(typed[0]), tag)


def _search(
    posts: Sequence[PostCard], typed: str, category: Category, tag: str | None
) -> discord.Embed:
    found = [
        searching.Finding(
            "#128.1",
            PostKind.ANSWER,
            card.title,
            snippet(card.body, parse_query("the therapist night"), 200),
            *(1, 2, True, True, _CHANNEL, _MESSAGE),
        )
        for card in posts[:5]
    ]
    wanted = searching.Search(typed[:200], 1, tag, AUTHOR, True, Sort.NEWEST)
    page = searching.Found(found, True, False, category, tag)
    return findings.findings_embed(GUILD, wanted, page, _T)


def _news(posts: Sequence[PostCard], typed: str) -> Iterator[tuple[str, Drawn]]:
    first = posts[0]
    told = tuple(NoticeCard(1, NoticeKind.ANSWERED, card, card, False, _NOW) for card in posts)

    def mail(*news: NoticeCard, more: int = 0) -> discord.Embed:
        return notices.mail_embed(Mail(GUILD, AUTHOR, news, more, "en", 1, 1, False, _NOW), _T)

    for notice in told:
        yield "a message", mail(notice)
    yield "one message of several", mail(*told, more=3)
    yield "an inbox", notices.inbox_embed(Inbox(list(told[:8]), True, 3), 1, _T, {})
    digest = DigestMail(GUILD, AUTHOR, _NOW, told, 9, tuple(map(_line, posts)), "en")
    yield "a digest", reminders.digest_embed(digest, typed[:100] or "Mind", _T)
    followed = [Followed(FollowKind.QUESTION, "1", question=card) for card in posts]
    followed += [Followed(FollowKind.MEMBER, "7", name=card.author.name) for card in posts]
    followed += [Followed(FollowKind.TAG, tag) for tag in first.tags]
    followed.append(Followed(FollowKind.CATEGORY, "1", category=_category(typed)))
    yield "what one follows", follows.follows_embed(followed, 0, _T)[0]
    yield "a thing one follows", follows.followed_text(followed[-1], _T)


def _pages(typed: str, typed_before: str) -> Iterator[tuple[str, Drawn]]:
    question, other = kept(typed), kept(typed_before)
    reason = _checked(lambda: check_reason(typed), "")
    reports = tuple(Report(AUTHOR, reason, _NOW, question.author.name) for _ in range(12))
    item = ReviewItem(question, reports, 0, 3)
    claim = Claim(AUTHOR, _NOW, question.author.name)
    queued = QueuePage(0, 3, post=item, claim=claim)
    yield "a page of the queue", review.review_embed(queued, item, Queue.REPORTED, _T)
    yield from _appeals(question, typed, claim)
    before, after = (Wording(card.title, card.body, card.tags) for card in (question, other))
    edit = Edit(1, before, after, AUTHOR, reason, _NOW, 0, 2, question.author.name)
    yield "an edit", history.edit_embed(question, edit, _T)
    welcome = _checked(lambda: check_setting("welcome", typed), "")
    rules = Rules({"welcome": welcome, "question_channel": str(_CHANNEL)})
    yield "the settings", settings_ui.settings_embed(rules, "general", _T)
    yield "a setting", settings_ui.change_text(SettingChange("welcome", welcome, ""), _T)
    changed = SettingChange("welcome", welcome, welcome + "!")
    yield "a changed setting", settings_ui.change_text(changed, _T)
    yield "the help", help_embed(rules, [], [], {}, manages=False, t=_T)
    name = typed[:32]
    profile = lists.Profile(AUTHOR, 1, 1, 1, 1, 1, 1, 1)
    yield (
        "a profile",
        lists.profile_embed(
            profile, name, "https://cdn.example/a.png", own=True, private_voting=False, t=_T
        ),
    )


def _appeals(question: PostCard, typed: str, claim: Claim) -> Iterator[tuple[str, Drawn]]:
    words, why = _checked(lambda: check_words(typed), ""), HideReason.SPAM
    block = Block(None, _checked(lambda: check_reason(typed), ""))
    name, about = question.author.name, About.HIDDEN
    told = Appeal(1, GUILD, AUTHOR, about, 1, words, _NOW, (), name, why, question, block)
    queued = QueuePage(0, 3, appeal=told, claim=claim)
    yield "an appeal in the queue", appeals.page_embed(queued, told, _T)
    card = AppealToShow(told, _CHANNEL, Rules(), claim)
    yield "an appeal's card", appeals.appeal_look(card, _T, quoted=True).embed
    yield "an appeal's form", appeals.appeal_form(about, 1, "#1", {"appeal": typed}, _T)


def _refusals(typed: str) -> Iterator[tuple[str, Drawn]]:
    for refusal in (
        NotFound(Missing.POST, typed=typed),
        Invalid("name", Problem.DUPLICATE, name=typed[:20]),
        Denied(Denial.BLOCKED, end=None, why=typed[:200]),
        Invalid("attachment", Problem.FILE_KIND, name=typed[:80], kinds="PNG"),
    ):
        yield f"a refusal ({refusal.reason})", explain(refusal, _T)


def thread_names(text: str) -> Iterator[str]:
    """The name of a question's thread."""
    yield cards.thread_name(kept(text))
