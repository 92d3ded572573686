"""Why something about an anonymous post's author is refused."""

from __future__ import annotations

from typing import Final

from bot.domain.errors import Denial
from bot.i18n import N_, Texts
from bot.sealing import KeyState

NO_KEY_YET: Final = N_(
    "Anonymous posts need a key first. Whoever runs this bot makes it with `askwell key`, then "
    "starts the bot again."
)
"""What those who manage a server read."""
_KEY: Final = {
    KeyState.THERE: "",
    KeyState.MADE: N_(
        "I made the key that seals who wrote. Whoever runs this bot should keep a copy of it "
        "elsewhere: the log says where it is."
    ),
    KeyState.MISSING: NO_KEY_YET,
}
SEALED: Final = {
    Denial.WHOM_TO_BLOCK: N_("Choose a member, or enter the number of a post."),
    Denial.NOT_ANONYMOUS: N_("This post isn't anonymous. Its card says who wrote it."),
    Denial.UNSEALING_OFF: N_("This server has turned unsealing off: nobody sees who wrote it."),
    Denial.UNSEALING_LATER: N_(
        "Unsealing was turned on again, but only for posts written after {since}."
    ),
    Denial.UNSEALING_OPEN: N_("Someone has already asked about this post. Look in /queue."),
    Denial.UNSEALING_LIMIT: N_(
        "Moderators here can ask {most} times a day, and they already have. Try again tomorrow."
    ),
    Denial.UNSEALING_OVER: N_("This request is over. If you still need it, ask again: /unseal."),
    Denial.OWN_UNSEAL: N_("You wrote this post, so others decide. Only you see this."),
    Denial.REPORTED_BY_YOU: N_("You reported this post, so other moderators decide."),
    Denial.MODERATOR_TOO_NEW: N_(
        "You can take part from {until}. By then I'll have known you as a moderator for seven days."
    ),
    Denial.ASKED_BY_YOU: N_("You asked for this, so another moderator has to agree."),
    Denial.ASKED_BY_ANOTHER: N_(
        "This is for the moderator who asked. Only the two who asked and agreed see it, once each."
    ),
}


def key_text(state: KeyState, t: Texts) -> str:
    """What those who turn anonymous posts on have to know of the key; "" if nothing."""
    return t(_KEY[state]) if _KEY[state] else ""
