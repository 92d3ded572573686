"""Texts in the reader's language, through gettext catalogues in `bot/locale`.

The English text is the key. `Texts` is what renders it: `t("Hello {name}", name=…)`.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

LOCALE_DIR = Path(__file__).parent / "locale"
DOMAIN = "askwell"
LOCALES = ("en", "de")
# What stands in a figure between thousands, and before tenths, instead of English's , and .
_FIGURES = {"de": str.maketrans(",.", ".,")}
# How a share of a hundred and a day are written, where it is not as in English.
_PERCENT = {"de": "{}\N{NO-BREAK SPACE}%"}
_DAYS = {"de": ("%d.%m.%Y", "%d.%m.")}


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text for the catalogues where it is not rendered on the spot."""
    return text


def NP_(one: str, many: str) -> tuple[str, str]:  # noqa: N802 - after `N_`
    """Mark a text and its plural for the catalogues where they are not rendered on the spot."""
    return one, many


@dataclass(frozen=True, slots=True)
class Texts:
    """Renders texts in one language. Call it with a text and the values for its `{names}`."""

    locale: str
    _catalogue: gettext.NullTranslations

    def __call__(self, text: str, /, **values: object) -> str:
        """The text in this language, its `{names}` filled in."""
        translated = self._catalogue.gettext(text) if text else ""
        return translated.format(**values) if values else translated

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The text for `n` things in this language; `{n}` stands for the number, as it is written
        in this language."""
        return self._catalogue.ngettext(one, many, n).format(n=self.number(n), **values)

    def number(self, figure: int | str) -> str:
        """A figure as it is written in this language: "1,234" and "6.3k", or "1.234" and "6,3k".

        A text is a figure that is written in English already.
        """
        english = f"{figure:,}" if isinstance(figure, int) else figure
        return english.translate(_FIGURES.get(self.locale, {}))

    def percent(self, share: int) -> str:
        """Hundredths as they are written in this language: "20%", or "20 %"."""
        return _PERCENT.get(self.locale, "{}%").format(self.number(share))

    def day(self, at: datetime, *, year: bool = True) -> str:
        """A day as it is written in figures in this language: "2026-11-27", or "27.11.2026"."""
        with_year, without = _DAYS.get(self.locale, ("%Y-%m-%d", "%m-%d"))
        return f"{at:{with_year if year else without}}"

    def has(self, text: str) -> bool:
        """Whether this language has a text of its own for this one."""
        return self._catalogue.gettext(text) != text


@cache
def _texts(locale: str) -> Texts:
    if locale == "en":
        return Texts(locale, gettext.NullTranslations())
    return Texts(locale, gettext.translation(DOMAIN, str(LOCALE_DIR), [locale], fallback=True))


def texts_for(locale: str) -> Texts:
    """Texts for a Discord locale such as `de` or `en-GB`; English where we have no other."""
    language = locale.replace("_", "-").split("-", 1)[0].lower()
    return _texts(language if language in LOCALES else "en")
