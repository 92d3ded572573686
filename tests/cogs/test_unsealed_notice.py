"""That two moderators saw who wrote a post: its author reads it, when, and nobody else does."""

from __future__ import annotations

from datetime import timedelta

import pytest
import simcord

from tests.cogs.conftest import Configure
from tests.cogs.test_anonymous_inbox import asked_by, inbox_of, mails
from tests.cogs.test_unsealing import WHY, ask_anonymously, known_for, unseal
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import bell_of, reply_of, sentence
from tests.support.reports import shown_in
from tests.support.server import Server, said
from tests.support.simulator import set_permissions
from tests.support.time import hours_pass

HEAD = "Two moderators saw who wrote this"
MEANING = "They gave a reason. Nobody else can see that it's you."
Person = simcord.MemberActor


@pytest.fixture
async def nell(env: simcord.Env, server: Server, moderators: simcord.RoleHandle) -> Person:
    """Nell, another moderator."""
    return server.guild.add_member(env.create_user("nell"), roles=[moderators])


@pytest.fixture(autouse=True)
async def on(env: simcord.Env, moderator: Person, nell: Person, configure: Configure) -> None:
    """Anonymous posts are on; both moderators have been known for long enough."""
    await configure("anonymous", "on")
    await known_for(env, timedelta(days=8), moderator, nell)


async def agreed(
    env: simcord.Env,
    server: Server,
    moderator: Person,
    nell: Person,
    *,
    danger: Person | None = None,
) -> None:
    """Both moderators agree to unseal #1; a manager may say before that there is danger."""
    assert sentence(await unseal(server, moderator)).startswith("Asked.")
    if danger is not None:
        queue = await danger.slash(server.lounge, "queue")
        done = await danger.click(reply_of(queue), label="Danger: tell the author later")
        assert sentence(done) == "If another moderator agrees, the author is told three days later."
    queue = await nell.slash(server.lounge, "queue")
    seen = await nell.click(reply_of(queue), label="Agree")
    assert "wrote #1." in sentence(seen)
    await env.advance_time(5)


async def none_is_told(server: Server, *people: Person) -> None:
    for person in people:
        assert HEAD not in await inbox_of(server, person)
        assert not [each for each in mails(person) if HEAD in said(each)]


async def test_its_author_alone_reads_it_at_once(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    alice: Person,
    bob: Person,
    carol: Person,
    moderator: Person,
    nell: Person,
    owner: Person,
) -> None:
    question = await asked_by(env, server, alice)
    sentence(await bob.slash(question.thread, "follow"))
    await agreed(env, server, moderator, nell)
    (mail,) = mails(alice)
    assert HEAD in said(mail)
    assert MEANING in said(mail)
    assert "May I cry here at night?" in said(mail)
    assert "🔔" in bell_of(await alice.slash(server.lounge, "about"))
    inbox = await inbox_of(server, alice)
    assert f"🔵 **{HEAD}** · #1" in inbox
    assert MEANING in inbox
    for secret in (WHY, "nell", str(nell.id), str(moderator.id)):
        assert secret not in said(mail) + inbox, "which moderators, and why, isn't said"
    await none_is_told(server, bob, carol, moderator, nell, owner)
    assert not [each for each in shown_in(reports) if HEAD in said(each)]
    await hours_pass(env, 1)
    assert len(mails(alice)) == 1
    assert "🔵" not in await inbox_of(server, alice)


async def test_where_there_is_danger_they_read_it_three_days_later(
    env: simcord.Env,
    server: Server,
    alice: Person,
    bob: Person,
    moderator: Person,
    nell: Person,
    owner: Person,
) -> None:
    await asked_by(env, server, alice)
    await agreed(env, server, moderator, nell, danger=owner)
    await hours_pass(env, 71)
    await none_is_told(server, alice, bob, moderator, nell, owner)
    await hours_pass(env, 2)
    (mail,) = mails(alice)
    assert HEAD in said(mail)
    assert f"🔵 **{HEAD}** · #1" in await inbox_of(server, alice)
    await hours_pass(env, 30)
    assert len(mails(alice)) == 1
    assert "🔵" not in await inbox_of(server, alice)
    await none_is_told(server, bob, moderator, nell, owner)


@on_sqlite
@in_a_forum
class TestItsAuthorIsTold:
    async def test_without_a_message_if_they_did_not_tick_that(
        self, env: simcord.Env, server: Server, alice: Person, moderator: Person, nell: Person
    ) -> None:
        await ask_anonymously(env, server, alice)
        await agreed(env, server, moderator, nell)
        assert mails(alice) == []
        assert f"🔵 **{HEAD}** · #1" in await inbox_of(server, alice)

    @pytest.mark.parametrize("danger", [False, True])
    async def test_though_the_post_is_hidden(
        self,
        env: simcord.Env,
        server: Server,
        alice: Person,
        moderator: Person,
        nell: Person,
        owner: Person,
        *,
        danger: bool,
    ) -> None:
        await asked_by(env, server, alice)
        sentence(await moderator.slash(server.lounge, "hide", post="#1", reason="unkind"))
        await agreed(env, server, moderator, nell, danger=owner if danger else None)
        await hours_pass(env, 73 if danger else 1)
        (mail,) = mails(alice)
        assert HEAD in said(mail)
        assert f"**{HEAD}** · #1" in await inbox_of(server, alice)

    async def test_though_they_have_deleted_it_meanwhile(
        self,
        env: simcord.Env,
        server: Server,
        alice: Person,
        moderator: Person,
        nell: Person,
        owner: Person,
    ) -> None:
        await asked_by(env, server, alice)
        await agreed(env, server, moderator, nell, danger=owner)
        gone = await alice.slash(server.lounge, "delete", post="#1")
        sentence(await alice.click(reply_of(gone), label="Delete"))
        await hours_pass(env, 73)
        assert f"**{HEAD}** · #1" in await inbox_of(server, alice)

    async def test_though_the_channel_is_closed_to_them_by_then(
        self, env: simcord.Env, server: Server, alice: Person, moderator: Person, nell: Person
    ) -> None:
        await asked_by(env, server, alice)
        set_permissions(env, server.channel, alice.id, view_channel=False)
        await agreed(env, server, moderator, nell)
        (mail,) = mails(alice)
        assert HEAD in said(mail)
        assert "🔔" in bell_of(await alice.slash(server.lounge, "about"))
        assert f"**{HEAD}** · #1" in await inbox_of(server, alice)

    async def test_of_a_block_too_though_the_post_is_hidden(
        self, env: simcord.Env, server: Server, alice: Person, bob: Person, moderator: Person
    ) -> None:
        await asked_by(env, server, alice)
        sentence(await moderator.slash(server.lounge, "hide", post="#1", reason="unkind"))
        sentence(await moderator.slash(server.lounge, "block", post="#1"))
        await env.advance_time(5)
        blocked = "Blocked from posting anonymously"
        assert blocked in await inbox_of(server, alice)
        assert blocked not in await inbox_of(server, bob)


@on_sqlite
@in_a_forum
async def test_it_is_told_again_where_it_is_unsealed_again(
    env: simcord.Env, server: Server, alice: Person, moderator: Person, nell: Person
) -> None:
    await asked_by(env, server, alice)
    await agreed(env, server, moderator, nell)
    assert "🔵" in await inbox_of(server, alice)
    await hours_pass(env, 26)
    await agreed(env, server, moderator, nell)
    assert len(mails(alice)) == 2
    assert f"🔵 **{HEAD}** · #1" in await inbox_of(server, alice)
