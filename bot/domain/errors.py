"""Refusals as values: a reason and its figures, which `cogs.ui.texts` puts into words."""

from __future__ import annotations

from enum import StrEnum


class Denial(StrEnum):
    """Why a person may not do what they asked for."""

    NOT_SET_UP = "not_set_up"
    NOT_IN_SERVER = "not_in_server"
    OWN_POST = "own_post"
    BOT = "bot"
    BOT_MESSAGE = "bot_message"
    BLOCKED_WORD = "blocked_word"
    AUTOMOD = "automod"
    POST_HIDDEN = "post_hidden"
    DOWNVOTES_OFF = "downvotes_off"
    PRIVATE_VOTING = "private_voting"
    COMMENT_VOTE = "comment_vote"
    NEEDS_POINTS = "needs_points"
    NEEDS_MODERATOR = "needs_moderator"
    ACCOUNT_TOO_YOUNG = "account_too_young"
    MEMBERSHIP_TOO_YOUNG = "membership_too_young"
    HOURLY_LIMIT = "hourly_limit"
    NOT_ASKER = "not_asker"
    NOT_AUTHOR = "not_author"
    NOT_EDITOR = "not_editor"
    HAS_ANSWERS = "has_answers"
    NOT_YOUR_MESSAGE = "not_your_message"
    NOT_ITS_WRITER = "not_its_writer"
    NOT_A_MEMBER = "not_a_member"
    THREAD_UNKNOWN = "thread_unknown"
    NOT_ITS_OPENER = "not_its_opener"
    REQUEST_ENDED = "request_ended"
    CARD_OUTDATED = "card_outdated"
    NOT_MODERATOR = "not_moderator"
    NOT_MODERATOR_THERE = "not_moderator_there"
    ALREADY_DECIDED = "already_decided"
    NOT_MANAGER = "not_manager"
    QUESTION_CLOSED = "question_closed"
    QUESTION_GONE = "question_gone"
    EDITED_MEANWHILE = "edited_meanwhile"
    OWN_REPORT = "own_report"
    OWN_FOLLOW = "own_follow"
    ALREADY_REPORTED = "already_reported"
    TOO_LONG_FOR_FORM = "too_long_for_form"
    ANSWER_DELETED = "answer_deleted"
    ERASED = "erased"
    NOT_IN_ROLE = "not_in_role"
    OTHER_CHANNEL = "other_channel"
    CHANNEL_CHANGED = "channel_changed"
    TIMED_OUT = "timed_out"
    PENDING = "pending"
    THREAD_LOCKED = "thread_locked"
    NO_READING = "no_reading"
    NO_ASKING = "no_asking"
    NO_WRITING = "no_writing"
    NO_FILES = "no_files"
    NO_VOTING = "no_voting"
    NOT_ON_CALL = "not_on_call"
    BLOCKED = "blocked"
    BLOCKED_ANONYMOUS = "blocked_anonymous"
    WHOM_TO_BLOCK = "whom_to_block"
    OWN_BLOCK = "own_block"
    BLOCKING_BOT = "blocking_bot"
    BLOCKING_MODERATOR = "blocking_moderator"
    OWN_APPEAL = "own_appeal"
    ALREADY_APPEALED = "already_appealed"
    NOTHING_TO_APPEAL = "nothing_to_appeal"
    DECIDED_FIRST = "decided_first"
    OTHERS_MODERATE = "others_moderate"
    TAKEN = "taken"
    ANONYMOUS_OFF = "anonymous_off"
    NO_KEY = "no_key"
    BUTTONS_ONLY = "buttons_only"
    OWN_IN_DISGUISE = "own_in_disguise"
    SMALL_CIRCLE = "small_circle"
    NOT_ANONYMOUS = "not_anonymous"
    UNSEALING_OFF = "unsealing_off"
    UNSEALING_LATER = "unsealing_later"
    UNSEALING_OPEN = "unsealing_open"
    UNSEALING_LIMIT = "unsealing_limit"
    UNSEALING_OVER = "unsealing_over"
    OWN_UNSEAL = "own_unseal"
    REPORTED_BY_YOU = "reported_by_you"
    MODERATOR_TOO_NEW = "moderator_too_new"
    ASKED_BY_YOU = "asked_by_you"
    ASKED_BY_ANOTHER = "asked_by_another"
    AUTHOR_UNKNOWN = "author_unknown"


class Problem(StrEnum):
    """What is wrong with something a person typed."""

    EMPTY = "empty"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NO_LETTERS = "no_letters"
    NOT_A_WORD = "not_a_word"
    TOO_MANY = "too_many"
    UNKNOWN = "unknown"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_PRIVILEGE = "not_a_privilege"
    OUT_OF_RANGE = "out_of_range"
    NOT_AN_EMOJI = "not_an_emoji"
    SAME_EMOJI = "same_emoji"
    FOREIGN_EMOJI = "foreign_emoji"
    NOT_TITLES = "not_titles"
    NOT_A_CHANNEL = "not_a_channel"
    NOT_A_TEXT_CHANNEL = "not_a_text_channel"
    NOT_A_ROLE = "not_a_role"
    DUPLICATE = "duplicate"
    SAME_QUESTION = "same_question"
    REPEATED_QUESTION = "repeated_question"
    REPEATED_ANSWER = "repeated_answer"
    TOO_DEEP = "too_deep"
    BELOW_ITSELF = "below_itself"
    NOT_BESIDE = "not_beside"
    NOT_EMPTY = "not_empty"
    NOT_AN_ANSWER = "not_an_answer"
    NOT_A_POST = "not_a_post"
    NOT_A_CARD = "not_a_card"
    FILE_KIND = "file_kind"
    FILE_EMPTY = "file_empty"
    FILES_TOO_BIG = "files_too_big"
    FILE_LOST = "file_lost"
    FILE_NOT_ANONYMOUS = "file_not_anonymous"
    PICTURE_KIND = "picture_kind"
    PICTURE_NOT = "picture_not"
    PICTURE_DAMAGED = "picture_damaged"
    PICTURE_PIXELS = "picture_pixels"
    PICTURE_HEAVY = "picture_heavy"
    PICTURE_ANIMATED = "picture_animated"
    PICTURE_FAILED = "picture_failed"
    NO_ROOM = "no_room"
    SAME_TAG = "same_tag"
    LEADS_BACK = "leads_back"
    TAG_IN_USE = "tag_in_use"
    STICKER = "sticker"
    VOICE_MESSAGE = "voice_message"
    NAME_MARKUP = "name_markup"
    NAME_LINK = "name_link"
    NAME_TAKEN = "name_taken"
    PICTURES_AGAIN = "pictures_again"
    PICTURES_DELAYED = "pictures_delayed"


class Missing(StrEnum):
    """What could not be found."""

    POST = "post"
    UNNAMED = "unnamed"
    THREAD = "thread"
    OWN_POSTS = "own_posts"
    TO_CHOOSE = "to_choose"
    QUESTIONS = "questions"
    OPEN_QUESTIONS = "open_questions"
    CLOSED_QUESTIONS = "closed_questions"
    NO_ANSWERS = "no_answers"
    CATEGORY = "category"
    DRAFT = "draft"
    REVISION = "revision"
    SETTING = "setting"
    TAG = "tag"
    SYNONYM = "synonym"
    APPEAL = "appeal"
    WAITING = "waiting"


class Refusal(Exception):
    """A request that is refused. `data` are the values for its sentence."""

    def __init__(self, reason: StrEnum, **data: object) -> None:
        super().__init__(f"{reason.value} {data}" if data else reason.value)
        self.reason = reason
        self.data = data


class Denied(Refusal):
    """The person isn't allowed to do this."""

    def __init__(self, reason: Denial, **data: object) -> None:
        super().__init__(reason, **data)


class Invalid(Refusal):
    """What the person typed in `field` can't be used."""

    def __init__(self, field: str, reason: Problem, **data: object) -> None:
        super().__init__(reason, **data)
        self.field = field


class NotFound(Refusal):
    """What the person named doesn't exist in this server."""

    def __init__(self, what: Missing, **data: object) -> None:
        super().__init__(what, **data)
