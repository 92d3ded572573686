"""Posts: their kinds, their numbers, and the checks of their texts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from bot.domain.errors import Invalid, Problem
from bot.domain.markup import Kind, read
from bot.domain.text import shorten
from bot.domain.typed import calm, collapse, letters_length, readable_length, tidy

TITLE_MIN, TITLE_MAX = 10, 150
TITLE_LETTERS_MIN = 3  # letters or digits; the rest may be signs and emoji
DETAILS_MAX = 4000
ANSWER_MIN, ANSWER_MAX = 20, 4000
COMMENT_MIN, COMMENT_MAX = 3, 600
EDITED_MAX = 12_000  # of details or an answer, once it is edited; Question2Answer's longest text
TAGS_MAX, TAG_MAX = 5, 30
REASON_MAX = 200
ID_LIMIT = 2**63  # Discord's ids are smaller; databases hold no larger integers


class PostKind(StrEnum):
    """What a post is."""

    QUESTION = "question"
    ANSWER = "answer"
    COMMENT = "comment"


class PostStatus(StrEnum):
    """Whether a post is shown. Only visible posts earn points and are counted. A held one waits for
    a moderator's approval, and was never shown."""

    VISIBLE = "visible"
    HELD = "held"
    HIDDEN = "hidden"
    DELETED = "deleted"


class CloseReason(StrEnum):
    """Why a question takes no more answers."""

    DUPLICATE = "duplicate"
    OFF_TOPIC = "off_topic"
    NOT_A_QUESTION = "not_a_question"
    OTHER = "other"


class HideReason(StrEnum):
    """Why a post is hidden, as its author reads it: a moderator's reason (a `ReportReason`), or
    what hid it instead."""

    SPAM = "spam"
    UNKIND = "unkind"
    RULES = "rules"
    OTHER = "other"
    REPORTS = "reports"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class PostReference:
    """A reference to a post: by number, by Discord message, or by row.

    Exactly one of `number`, `message_id` and `post_id` is set; `sub_number` goes with `number`.
    """

    number: int | None = None
    sub_number: int = 0
    message_id: int | None = None
    post_id: int | None = None


@dataclass(frozen=True, slots=True)
class QuestionText:
    """What a question says, checked. Tags are lower-cased, unique and in the order typed."""

    title: str
    details: str
    tags: tuple[str, ...] = ()


def post_number(number: int, sub_number: int) -> str:
    """Write a post's number as people see it: `#128`, or `#128.3` below a question."""
    return f"#{number}.{sub_number}" if sub_number else f"#{number}"


_NUMBER = re.compile(r"#?\s*(\d{1,9})(?:\.(\d{1,6}))?")
_BRACKETS = re.compile(r"^<(.*)>$")
_LINK = re.compile(
    r"https?://(?:\w+\.)?discord(?:app)?\.com/channels/(\d{1,20})/(\d{1,20})(?:/(\d{1,20}))?/?"
)


def parse_post_reference(typed: str, guild_id: int) -> PostReference:
    """Read a post's number (`#128.3`, `128`) or the link to its message or thread, also within the
    `<>` that suppress Discord's preview.

    Raises `Invalid("post", NOT_A_POST)` for anything else, and for links to other servers.
    """
    text = typed.strip()
    if found := _NUMBER.fullmatch(text):
        return PostReference(number=int(found[1]), sub_number=int(found[2] or 0))
    if (found := _LINK.fullmatch(_BRACKETS.sub(r"\1", text))) and int(found[1]) == guild_id:
        message_id = int(found[3] or found[2])
        if message_id < ID_LIMIT:
            return PostReference(message_id=message_id)
    raise Invalid("post", Problem.NOT_A_POST, typed=text[:80])


def check_question(title: str, details: str, tags: str, longest: int = DETAILS_MAX) -> QuestionText:
    """Check what was typed for a question. Raises `Invalid` naming the field and its limits."""
    return QuestionText(check_title(title), check_details(details, longest), check_tags(tags))


def check_title(typed: str) -> str:
    """A title of 10-150 readable characters on one line, three of them letters or digits.

    Raises `Invalid("title", …)`.
    """
    title = collapse(tidy(typed))
    _check_length("title", title, TITLE_MIN, TITLE_MAX)
    if letters_length(title) < TITLE_LETTERS_MIN:
        raise Invalid("title", Problem.NO_LETTERS, minimum=TITLE_LETTERS_MIN)
    return title


def question_of_message(
    message: str, *, quoted_from: str | None = None, titled: bool = True
) -> tuple[str, str]:
    """The title and the details to begin with when a message is made a question. Its first line is
    the title if it can be one, and if `titled` allows it.

    With `quoted_from`, the link to somebody else's message, the details quote it and lead there.
    """
    first, _, rest = message.strip().partition("\n")
    try:
        title = check_title(first if titled else "")
    except Invalid:
        title, rest = "", message
    details = rest.strip()
    if quoted_from is None:
        return title, details[:DETAILS_MAX]
    quotation = "\n".join(f"> {line}" for line in details.splitlines())
    quotation = shorten(quotation, DETAILS_MAX - len(quoted_from) - 1)
    return title, f"{quotation}\n{quoted_from}".strip()


def check_details(typed: str, longest: int = DETAILS_MAX) -> str:
    """Details of up to 4,000 characters, or none. Raises `Invalid("details", …)`."""
    details = tidy(typed)
    if readable_length(details) == 0:
        return ""
    _check_length("details", details, 0, longest)
    return details


_CHANNEL_LINK = re.compile(r"discord(?:app)?\.com/channels/([0-9]{1,20})/([0-9]{1,20})")
_LINKS_MAX = 5  # of a text that are looked at


def linked_channels(text: str, guild_id: int) -> list[int]:
    """The channels and threads of a server that a text links to, at most five."""
    found = [
        int(m[2]) for m in islice(_CHANNEL_LINK.finditer(text), _LINKS_MAX) if int(m[1]) == guild_id
    ]
    return [each for each in dict.fromkeys(found) if each < ID_LIMIT]


def check_answer(typed: str, longest: int = ANSWER_MAX) -> str:
    """An answer of 20-4,000 readable characters. Raises `Invalid("answer", …)`."""
    answer = tidy(typed)
    _check_length("answer", answer, ANSWER_MIN, longest, seen=_seen(answer))
    return answer


def check_comment(typed: str, longest: int = COMMENT_MAX) -> str:
    """A comment of 3-600 readable characters. Raises `Invalid("comment", …)`."""
    comment = tidy(typed)
    _check_length("comment", comment, COMMENT_MIN, longest, seen=_seen(comment))
    return comment


def check_tags(typed: str) -> tuple[str, ...]:
    """Up to five tags, separated by commas, or by spaces where there is no comma.

    They are lower-cased, and keep letters, digits and `_+.#-`; a space within a tag becomes `-`.
    Raises `Invalid("tags", …)` when there are too many or one is longer than 30 characters.
    """
    text = calm(tidy(typed)).lower()
    tags: list[str] = []
    for word in text.split(",") if "," in text else text.split():
        kept = (c for c in word if c in " _+.#-" or _of_a_word(c))
        tag = "-".join("".join(kept).lstrip("# ").split())
        if not readable_length(tag) or tag in tags:
            continue
        if len(tag) > TAG_MAX:
            raise Invalid("tags", Problem.TOO_LONG, maximum=TAG_MAX, length=len(tag))
        tags.append(tag)
    if len(tags) > TAGS_MAX:
        raise Invalid("tags", Problem.TOO_MANY, maximum=TAGS_MAX)
    return tuple(tags)


def check_tag(typed: str) -> str:
    """A single tag, whose words may be separated by spaces. Raises `Invalid("tags", …)`."""
    tags = list(check_tags(typed.strip().replace(" ", "-")))
    if not tags:
        raise Invalid("tags", Problem.EMPTY, minimum=1)
    if len(tags) > 1:
        raise Invalid("tags", Problem.TOO_MANY, maximum=1)
    return tags[0]


def _of_a_word(c: str) -> bool:
    # Marks too: Hindi and Thai words need them.
    return c.isalnum() or unicodedata.category(c).startswith("M")


def check_reason(typed: str) -> str:
    """Why an edit was made: optional, one line, at most 200 characters."""
    reason = collapse(tidy(typed))
    _check_length("reason", reason, 0, REASON_MAX)
    return reason


def _seen(text: str) -> str:
    """A post's text without the marks of bold and the like, which aren't words."""
    begins, ends = Kind.OPEN, Kind.CLOSE
    kept = [(start, end) for kind, start, end, _ in read(text) if kind not in (begins, ends)]
    return "".join([text[start:end] for start, end in kept])


def _check_length(
    field: str, text: str, minimum: int, maximum: int, *, seen: str | None = None
) -> None:
    if len(text) > maximum:
        raise Invalid(field, Problem.TOO_LONG, maximum=maximum, length=len(text))
    length = readable_length(text if seen is None else seen)
    if minimum and not length:
        raise Invalid(field, Problem.EMPTY, minimum=minimum)
    if length < minimum:
        raise Invalid(field, Problem.TOO_SHORT, minimum=minimum, length=length)
