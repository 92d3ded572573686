"""Charts of figures over time. Pure functions: figures in, PNG out.

They are drawn with Pillow, which is imported for the first chart.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.i18n import Texts

WIDTH, HEIGHT = 800, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 44, 36
_BACK, _GRID, _TEXT = "#2b2d31", "#3f4147", "#dbdee1"
_LINE, _FILL = "#5865f2", "#383d6b"
_BARS = ("#5865f2", "#3ba55d")
_STEPS = 4


def _scale(highest: int) -> int:
    """A round number of at least `highest` that is divisible by four steps."""
    size = 1
    while True:
        for factor in (4, 8, 20, 40):
            if size * factor >= highest:
                return size * factor
        size *= 10


class _Canvas:
    def __init__(self, title: str, highest: int, t: Texts) -> None:
        from PIL import Image, ImageDraw, ImageFont

        self.image: Any = Image.new("RGB", (WIDTH, HEIGHT), _BACK)
        self.draw: Any = ImageDraw.Draw(self.image)
        self.small: Any = ImageFont.load_default(14)
        self.top = _scale(max(highest, 1))
        self.draw.text((_LEFT, 12), title, fill=_TEXT, font=ImageFont.load_default(18))
        for step in range(_STEPS + 1):
            y = self.y(self.top * step // _STEPS)
            self.draw.line((_LEFT, y, WIDTH - _RIGHT, y), fill=_GRID)
            label = t.number(self.top * step // _STEPS)
            self.draw.text((_LEFT - 8, y), label, fill=_TEXT, font=self.small, anchor="rm")

    def y(self, value: float) -> float:
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / self.top

    def below(self, x: float, text: str, anchor: str) -> None:
        place = (x, HEIGHT - _BOTTOM + 10)
        self.draw.text(place, text, fill=_TEXT, font=self.small, anchor=anchor)

    def png(self) -> bytes:
        out = io.BytesIO()
        self.image.save(out, "PNG", optimize=True)
        return out.getvalue()


def line_chart(title: str, points: Sequence[tuple[datetime, int]], t: Texts) -> bytes:
    """A curve through at least two points in time, the earliest first; values of 0 or more. Figures
    and days are written in the language of `t`."""
    first, last = points[0][0], points[-1][0]
    span = (last - first).total_seconds() or 1.0
    canvas = _Canvas(title, max(value for _, value in points), t)

    def x(at: datetime) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * (at - first).total_seconds() / span

    # Points stay the same until they change, so the curve consists of steps.
    curve: list[tuple[float, float]] = []
    for at, value in points:
        place, height = round(x(at), 1), canvas.y(value)
        if curve and place == curve[-1][0]:  # thousands of changes share fewer pixels
            curve[-1] = (place, height)
            continue
        if curve:
            curve.append((place, curve[-1][1]))
        curve.append((place, height))
    floor = canvas.y(0)
    canvas.draw.polygon([(_LEFT, floor), *curve, (curve[-1][0], floor)], fill=_FILL)
    canvas.draw.line(curve, fill=_LINE, width=3)
    canvas.below(_LEFT, t.day(first), "lt")
    canvas.below(WIDTH - _RIGHT, t.day(last), "rt")
    return canvas.png()


def bar_chart(
    title: str, labels: tuple[str, str], bars: Sequence[tuple[datetime, int, int]], t: Texts
) -> bytes:
    """Two bars for each time, the earliest first; values of 0 or more. Figures and days are written
    in the language of `t`."""
    canvas = _Canvas(title, max(max(one, other) for _, one, other in bars), t)
    width = (WIDTH - _LEFT - _RIGHT) / len(bars)
    for i, (at, *values) in enumerate(bars):
        left = _LEFT + i * width
        for j, value in enumerate(values):
            start = left + width * (0.15 + 0.35 * j)
            box = (start, canvas.y(value), start + width * 0.33, canvas.y(0))
            canvas.draw.rectangle(box, fill=_BARS[j])
        if i % 3 == 0:
            canvas.below(left + width / 2, t.day(at, year=False), "mt")
    for j, label in enumerate(labels):
        x = WIDTH - _RIGHT - 260 + j * 130
        canvas.draw.rectangle((x, 16, x + 12, 28), fill=_BARS[j])
        canvas.draw.text((x + 18, 22), label, fill=_TEXT, font=canvas.small, anchor="lm")
    return canvas.png()
