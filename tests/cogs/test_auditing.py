"""`/audit`: what moderators and managers did, as the server's moderators read it."""

from __future__ import annotations

import csv
import io
import re

import discord
import pytest
import simcord
from sqlalchemy import delete

from bot.domain.audit import AuditFilter, AuditKind
from bot.i18n import texts_for
from cogs.ui.audit import KINDS, audit_view
from data.database import Database
from data.models import AuditRow
from tests.conftest import Restart
from tests.support.forgery import press
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import buttons, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import archive, set_permissions

_DAY = 24 * 3600


@pytest.fixture
async def fresh(server: Server, db: Database) -> Server:
    """The server, as if its setup was long ago."""
    async with db.write() as tx:
        await tx.execute(delete(AuditRow))
    return server


async def audit(person: simcord.MemberActor, server: Server, **options: object) -> str:
    """What a person reads, with times left out."""
    shown = told(await person.slash(server.lounge, "audit", **options))
    return re.sub(r"<t:\d+:f>", "…", shown)


async def test_each_act_is_a_line_with_who_what_where_and_why(
    fresh: Server,
    answer: Card,
    moderator: simcord.MemberActor,
    owner: simcord.MemberActor,
    restart: Restart,
) -> None:
    await moderator.slash(fresh.lounge, "hide", post="#1.1", reason="spam")
    await moderator.slash(fresh.lounge, "show", post="#1.1")
    await owner.slash(fresh.lounge, "settings set", name="flags_to_hide", value="7")
    await owner.slash(fresh.lounge, "bonus", member=moderator, points=5)
    await owner.slash(fresh.lounge, "category add", name="Work")
    await owner.slash(fresh.lounge, "category change", category="Work", emoji="🌙")
    member = fresh.guild.add_member(fresh.env.create_user("adam"))
    await owner.slash(fresh.lounge, "block", member=member, **{"for": "for_good"})
    await owner.slash(fresh.lounge, "unblock", member=member)
    await owner.slash(fresh.lounge, "block", member=member)
    text = await audit(moderator, fresh)
    assert "until: – → for good" in text
    assert "until: – → …" in text, "a time as Discord shows it"
    times = "… · "
    assert text.index("Gave bonus points") < text.index("Changed a setting") < text.index("Hid a")
    assert f"{times}[mona](https://discord.com/users/{moderator.id})" in text
    (shown,) = [card for card in fresh.cards() if card.kind == "answer"]  # its card is a new one
    assert f"**Hid a post** [#1.1]({shown.message.jump_url}) · Spam or advertising" in text
    assert "status: visible → hidden" in text
    assert "status: hidden → visible" in text
    assert "Reports needed to hide a post: **5** → **7**" in text
    assert "points: 100 → 105" in text
    assert "**Changed a category**\ncategory: – → Work" in text
    assert "category: Work · emoji: – → 🌙" in text
    assert "Dark curtains" not in text

    assert "Changed a setting" not in await audit(moderator, fresh, moderator=moderator)
    only = await audit(moderator, fresh, kind="show", post="#1.1", since="24h")
    assert "Showed a post again" in only
    assert "Hid a post" not in only
    reply = await moderator.slash(fresh.lounge, "audit")
    await restart()
    await moderator.select(reply_of(reply), ["bonus"], custom_id="qa:1:audit.kind:0:0.0")
    assert "Gave bonus points" in told(reply)
    assert "Hid a post" not in told(reply)


def test_every_kind_has_a_name_and_fits_into_the_select() -> None:
    assert set(KINDS) == set(AuditKind)
    view = audit_view(
        AuditFilter(10**19 - 1, AuditKind.HIDE, 10**12), 99, more=True, t=texts_for("de")
    )
    (select,) = [item for item in view.children if isinstance(item, discord.ui.Select)]
    assert len(select.options) <= 25
    assert [option.value for option in select.options if option.default] == ["hide"]


@on_sqlite
@in_a_forum
async def test_pages_and_times(
    env: simcord.Env, fresh: Server, answer: Card, moderator: simcord.MemberActor
) -> None:
    for name in ("hide", "show") * 6:
        await moderator.slash(fresh.lounge, name, post="#1.1")
    shown = await moderator.slash(fresh.lounge, "audit", kind="hide", since="7d")
    assert list(buttons(shown)) == ["CSV"]
    shown = await moderator.slash(fresh.lounge, "audit", since="7d")
    assert told(shown).count("status:") == 10
    await moderator.click(reply_of(shown), label="Next")
    assert told(shown).count("status:") == 2
    await moderator.click(reply_of(shown), label="Previous")
    assert told(shown).count("status:") == 10
    await env.advance_time(8 * _DAY)
    assert "Nothing to show." in await audit(moderator, fresh, since="7d")
    # A button keeps the time that was chosen, not the span.
    await moderator.click(reply_of(shown), label="Next")
    assert told(shown).count("status:") == 2


@on_sqlite
@in_a_forum
async def test_the_table_is_a_private_file(
    fresh: Server, answer: Card, moderator: simcord.MemberActor
) -> None:
    await moderator.slash(fresh.lounge, "hide", post="#1.1", reason="spam")
    shown = await moderator.slash(fresh.lounge, "audit", kind="hide")
    given = await moderator.click(reply_of(shown), label="CSV")
    assert reply_of(given).flags.ephemeral
    (file,) = reply_of(given).attachments
    header, row = csv.reader(io.StringIO((await file.read()).decode("utf-8-sig")))
    assert dict(zip(header, row, strict=True)) | {"time": ""} == {
        "time": "",
        "moderator_id": str(moderator.id),
        "moderator": "mona",
        "act": "hide",
        "post": "#1.1",
        "member_id": "",
        "member": "",
        "reason": "spam",
        "before": "status: visible",
        "after": "status: hidden",
    }


@on_sqlite
@in_a_forum
async def test_a_closed_channels_posts_are_numbers(
    env: simcord.Env,
    fresh: Server,
    channel: simcord.ChannelHandle,
    answer: Card,
    moderator: simcord.MemberActor,
    owner: simcord.MemberActor,
) -> None:
    await owner.slash(fresh.lounge, "hide", post="#1.1")
    await owner.slash(fresh.lounge, "show", post="#1.1")
    assert "[#1.1](" in await audit(moderator, fresh)
    set_permissions(env, channel, moderator.id, view_channel=False)
    text = await audit(moderator, fresh)
    assert "**Hid a post** #1.1" in text
    assert "[#1.1](" not in text
    assert str(channel.id) not in text


@on_sqlite
async def test_locks_of_the_bot_and_of_people(
    env: simcord.Env, fresh: Server, question: Card, moderator: simcord.MemberActor
) -> None:
    await moderator.slash(question.thread, "lock")
    await moderator.slash(question.thread, "unlock")
    assert (await audit(moderator, fresh)).count("[mona]") == 2
    await archive(env, question.thread, archived=False, locked=True)
    await archive(env, question.thread, archived=False, locked=False)
    text = await audit(moderator, fresh)
    assert text.count("Someone in Discord") == 2
    assert text.count("Locked a thread") == text.count("Unlocked a thread") == 2
    # The bot locks a hidden question's thread, and unlocks it once it is shown again.
    await moderator.send(question.thread, "A word of somebody's, so that the thread stays.")
    await moderator.slash(question.thread, "hide")
    await moderator.slash(fresh.lounge, "show", post="#1")
    await env.advance_time(5)
    text = await audit(moderator, fresh)
    assert text.count("Locked a thread") == text.count("Unlocked a thread") == 2
    assert "Showed a post again" in text


@on_sqlite
@in_a_forum
async def test_it_is_for_the_servers_moderators(
    env: simcord.Env,
    fresh: Server,
    channel: simcord.ChannelHandle,
    answer: Card,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    for keeps_channel in (False, True):  # Manage Messages there alone
        set_permissions(env, channel, bob.id, manage_messages=keeps_channel)
        for control in ("audit:any:0:0.0:0", "audit.csv:any:0:0.0"):
            refused = await press(bob, answer.message, f"qa:1:{control}")
            assert sentence(refused).startswith("Only moderators")
            assert reply_of(refused).attachments == []
    shown = await moderator.slash(fresh.lounge, "audit")
    env.backend.edit_member(fresh.guild.id, moderator.id, {"role_ids": []})
    given = await moderator.click(reply_of(shown), label="CSV")
    assert sentence(given).startswith("Only moderators")
    assert reply_of(given).attachments == []
