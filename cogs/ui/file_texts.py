"""Why a file can't be kept with a post, in words."""

from __future__ import annotations

from typing import Final

from bot.domain.errors import Problem
from bot.i18n import N_

FILE_PROBLEMS: Final = {
    Problem.FILE_KIND: N_("{name} can't be attached. Allowed file types: {kinds}."),
    Problem.FILE_EMPTY: N_("{name} is empty, so it can't be attached."),
    Problem.FILES_TOO_BIG: N_("That's too large. All files together can be at most {maximum}."),
    Problem.NO_ROOM: N_(
        "Too many files are waiting to be posted in this server. "
        "Please try again later, or post without files."
    ),
    Problem.FILE_LOST: N_(
        "I can no longer get the file from Discord. Open the form again to post without it, or "
        "attach it again."
    ),
    Problem.FILE_NOT_ANONYMOUS: N_(
        "Anonymous posts can only have pictures. PDFs and other files often say who made them."
    ),
    Problem.PICTURES_AGAIN: N_(
        "Please add your pictures again. Before an anonymous post goes up, I only remember them "
        "for a while."
    ),
    Problem.PICTURES_DELAYED: N_(
        "Anonymous posts can't have pictures in this server, since they appear with a delay."
    ),
    Problem.PICTURE_KIND: N_(
        "{name} can't be attached. Please save the picture as JPEG or PNG first."
    ),
    Problem.PICTURE_NOT: N_(
        "{name} isn't a picture that I can read. Please save it as JPEG or PNG, then attach it "
        "again."
    ),
    Problem.PICTURE_DAMAGED: N_(
        "{name} is damaged or incomplete, so I can't read it. Please attach it again, or a "
        "screenshot of it."
    ),
    Problem.PICTURE_PIXELS: N_(
        "{name} is too large. Pictures can have up to {maximum} million pixels, so please make "
        "it smaller first."
    ),
    Problem.PICTURE_HEAVY: N_(
        "{name} takes too much time or memory to open. Please attach a smaller version, or a "
        "screenshot of it."
    ),
    Problem.PICTURE_ANIMATED: N_(
        "{name} is animated, and anonymous posts can only have still pictures. Please attach a "
        "screenshot of it instead."
    ),
    Problem.PICTURE_FAILED: N_(
        "Something went wrong on our side with {name}. Please try again, or post without it."
    ),
}
