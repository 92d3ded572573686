"""What a member reads who has done something as often as they may within the hour."""

from __future__ import annotations

from typing import Final

from bot.domain.policies import Action
from bot.i18n import NP_

LIMITS: Final = {
    Action.QUESTIONS: NP_(
        "You've asked {n} question this hour. That's the limit. Try again {when}.",
        "You've asked {n} questions this hour. That's the limit. Try again {when}.",
    ),
    Action.ANSWERS: NP_(
        "You've posted {n} answer this hour. That's the limit. Try again {when}.",
        "You've posted {n} answers this hour. That's the limit. Try again {when}.",
    ),
    Action.VOTES: NP_(
        "You've voted {n} time this hour. That's the limit. Try again {when}.",
        "You've voted {n} times this hour. That's the limit. Try again {when}.",
    ),
    Action.EDITS: NP_(
        "You've made {n} edit this hour. That's the limit. Try again {when}.",
        "You've made {n} edits this hour. That's the limit. Try again {when}.",
    ),
    Action.COMMENTS: NP_(
        "You've posted {n} comment this hour. That's the limit. Try again {when}.",
        "You've posted {n} comments this hour. That's the limit. Try again {when}.",
    ),
    Action.REPORTS: NP_(
        "You've reported {n} post this hour. That's the limit. Try again {when}.",
        "You've reported {n} posts this hour. That's the limit. Try again {when}.",
    ),
    Action.BEST: NP_(
        "You've changed a best answer {n} time this hour. That's the limit. Try again {when}.",
        "You've changed a best answer {n} times this hour. That's the limit. Try again {when}.",
    ),
    Action.CLOSE: NP_(
        "You've closed or reopened a question {n} time this hour. That's the limit. Try again "
        "{when}.",
        "You've closed or reopened questions {n} times this hour. That's the limit. Try again "
        "{when}.",
    ),
}
