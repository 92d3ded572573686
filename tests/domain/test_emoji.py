"""Which texts are one emoji."""

from __future__ import annotations

import pytest

from bot.domain.emoji import custom_emoji, is_emoji


@pytest.mark.parametrize(
    "text",
    [
        *("⬆️", "⬆", "👍", "👍🏽", "❤️", "❤", "🛋️", "🌊", "🇩🇪", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👩‍❤️‍💋‍👩", "1️⃣", "#️⃣"),
        *("‼️", "🏳️‍🌈", "🧑🏽‍🚀", "㊗️", "✅", "➕", "🫠"),
        "<:up:123456789012345678>",
        "<a:party_x:123456789012345678>",
    ],
)
def test_one_emoji(text: str) -> None:
    assert is_emoji(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a", "1", "#", "€", "★", "✓", "°", "👍👍", "👍 ", "⬆️⬇️", "🇩", "️", "\u200d"),
        *(":thumbsup:", "<:up:1>", "<:u:123456789012345678>", "@everyone", "<@123456789012345678>"),
    ],
)
def test_no_emoji(text: str) -> None:
    assert not is_emoji(text)


def test_the_id_of_a_servers_own_emoji() -> None:
    assert custom_emoji("<:up:123456789012345678>") == 123456789012345678
    assert custom_emoji("⬆️") is None
