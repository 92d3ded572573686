"""The tables. Declarative classes give typed columns; statements over them are Core, without a
session: rows never leave the transaction that read them.

Every row has a `guild_id` (pieces of a file have the file's), and every query is filtered by it.
Times are `UTCDateTime`. Discord's ids are 64-bit integers.
"""

from data.models.base import Base
from data.models.delivery import (
    Continuation,
    ModeratorsMessage,
    OutboxRow,
    Place,
    Refresh,
    Sign,
    UnwantedReaction,
)
from data.models.people import (
    BlockRow,
    Bonus,
    Consent,
    Draft,
    DraftFile,
    DraftFilePiece,
    DutyRow,
    Follow,
    Hint,
    HourlyCount,
    LedgerEntry,
    Member,
    Name,
    Notice,
    Preference,
    Receipt,
    RefusedVoteRow,
)
from data.models.posts import (
    Attachment,
    AttachmentPiece,
    Flag,
    Post,
    PostTag,
    PostText,
    Removal,
    ReportCardRow,
    Revision,
    Vote,
)
from data.models.search import CountedPost, TitleWord, UncountedPost, WordKey, WrittenWord
from data.models.servers import AuditRow, Category, Deflection, Guild, RoundUpRow, TagSynonym

__all__ = [
    "Attachment",
    "AttachmentPiece",
    "AuditRow",
    "Base",
    "BlockRow",
    "Bonus",
    "Category",
    "Consent",
    "Continuation",
    "CountedPost",
    "Deflection",
    "Draft",
    "DraftFile",
    "DraftFilePiece",
    "DutyRow",
    "Flag",
    "Follow",
    "Guild",
    "Hint",
    "HourlyCount",
    "LedgerEntry",
    "Member",
    "ModeratorsMessage",
    "Name",
    "Notice",
    "OutboxRow",
    "Place",
    "Post",
    "PostTag",
    "PostText",
    "Preference",
    "Receipt",
    "Refresh",
    "RefusedVoteRow",
    "Removal",
    "ReportCardRow",
    "Revision",
    "RoundUpRow",
    "Sign",
    "TagSynonym",
    "TitleWord",
    "UncountedPost",
    "UnwantedReaction",
    "Vote",
    "WordKey",
    "WrittenWord",
]
