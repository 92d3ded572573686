"""Texts in the reader's language, through gettext catalogues in `bot/locale`.

The English text is the key. `Texts` renders it: `t("Hello {name}", name=…)`.
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
# The separators of thousands and decimals, in place of English's , and .
_FIGURES = {"de": str.maketrans(",.", ".,")}
# How percentages and dates are written, where it differs from English.
_PERCENT = {"de": "{}\N{NO-BREAK SPACE}%"}
_DAYS = {"de": ("%d.%m.%Y", "%d.%m.")}


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text for the catalogues that is rendered elsewhere."""
    return text


def NP_(one: str, many: str) -> tuple[str, str]:  # noqa: N802 - after `N_`
    """Mark a text and its plural for the catalogues that are rendered elsewhere."""
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
        """The text for `n` things in this language; `{n}` stands for the number as written in this
        language."""
        return self._catalogue.ngettext(one, many, n).format(n=self.number(n), **values)

    def number(self, figure: int | str) -> str:
        """A number as written in this language: "1,234" and "6.3k", or "1.234" and "6,3k".

        A string is a number already written in English.
        """
        english = f"{figure:,}" if isinstance(figure, int) else figure
        return english.translate(_FIGURES.get(self.locale, {}))

    def percent(self, share: int) -> str:
        """A percentage as written in this language: "20%", or "20 %"."""
        return _PERCENT.get(self.locale, "{}%").format(self.number(share))

    def day(self, at: datetime, *, year: bool = True) -> str:
        """A date in figures as written in this language: "2026-11-27", or "27.11.2026"."""
        with_year, without = _DAYS.get(self.locale, ("%Y-%m-%d", "%m-%d"))
        return f"{at:{with_year if year else without}}"

    def has(self, text: str) -> bool:
        """Whether this language has its own translation of a text."""
        return self._catalogue.gettext(text) != text


@cache
def _texts(locale: str) -> Texts:
    if locale == "en":
        return Texts(locale, gettext.NullTranslations())
    return Texts(locale, gettext.translation(DOMAIN, str(LOCALE_DIR), [locale], fallback=True))


def texts_for(locale: str) -> Texts:
    """Texts for a Discord locale such as `de` or `en-GB`; English if we don't have the language."""
    language = locale.replace("_", "-").split("-", 1)[0].lower()
    return _texts(language if language in LOCALES else "en")
