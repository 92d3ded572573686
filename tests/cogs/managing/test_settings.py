"""Settings of a server: looked up, changed, taken back, and what follows from them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import simcord
from simcord.components import walk_components

from bot.app import Askwell
from bot.domain.rules import SETTINGS, Rules
from bot.i18n import texts_for
from bot.sealing import KeyState, Sealing
from bot.usecases import browsing, publishing
from cogs.ui.setting_meanings import MEANINGS
from cogs.ui.setting_titles import TITLES
from cogs.ui.settings import EXPLAINED, SECTIONS, section_of, settings_embed
from data.database import Database
from tests.support.forgery import press, send_form
from tests.support.keys import SEALING
from tests.support.kinds import in_a_forum, in_a_text_channel, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.replies import buttons, fields, filled, open_again, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import Locales, away
from tests.support.wire import Failure, Wire

Configure = Callable[..., Awaitable[None]]
Restart = Callable[[], Awaitable[Any]]
GROUPS = "qa:1:settings.show"
OF_PEOPLE = [name for name, setting in SETTINGS.items() if not setting.internal]


def reactions(card: Card) -> list[str]:
    return [str(reaction.emoji) for reaction in card.message.reactions]


async def value(db: Database, server: Server, name: str) -> str:
    return (await browsing.rules_of(db, server.guild.id)).text(name)


def in_group(section: str) -> str:
    """The select of a group's settings."""
    return f"qa:1:settings.pick:{section}"


async def explained(
    owner: simcord.MemberActor, shown: simcord.InteractionResult, section: str
) -> simcord.InteractionResult:
    """The page of a group, by the first option of its select."""
    return await owner.select(reply_of(shown), [EXPLAINED], custom_id=in_group(section))


def test_a_pattern_in_a_meaning_is_shown_as_it_is_typed() -> None:
    shown = settings_embed(Rules({}), "moderation", texts_for("en")).description or ""
    assert r"word\* also blocks what begins with it, \*word what ends with it" in shown


def test_every_setting_has_a_meaning_and_a_place() -> None:
    assert set(MEANINGS) == set(OF_PEOPLE)
    assert set(TITLES) == set(OF_PEOPLE)
    # A select takes 25 options, of which the first explains; and a message takes five selects.
    assert all(len(section) <= 24 for _, section in SECTIONS.values())
    assert len(SECTIONS) <= 5
    listed = [name for _, names in SECTIONS.values() for name in names]
    assert sorted(listed) == sorted(OF_PEOPLE)


@on_sqlite
@in_a_forum
class TestShowing:
    async def test_all_sections_tell_meaning_value_and_default(
        self, server: Server, owner: simcord.MemberActor, configure: Configure, restart: Restart
    ) -> None:
        await configure("points.answer", "55")
        shown = await owner.slash(server.lounge, "settings show")
        pages = [sentence(shown)]
        assert "What differs from the default here" in pages[0]
        assert "🔹 Points for an answer: **55** (default: **40**)" in pages[0]
        assert "Points for a question" not in pages[0]
        await restart()
        assert shown.response is not None
        first = "general"
        page = await explained(owner, shown, first)
        pages.append(told(page))
        for section in SECTIONS:
            if section != first:
                page = await owner.select(reply_of(page), [section], custom_id=GROUPS)
                pages.append(told(page))
        everything = "\n".join(pages)
        for name in OF_PEOPLE:
            assert TITLES[name] in everything
            assert MEANINGS[name].replace("*", r"\*") in everything
        assert "🔹 Points for an answer: **55** (default: **40**)" in pages[4]
        assert "▫️ Points for a question: **20**" in everything
        assert f"<#{server.channel.id}>" in everything

    async def test_the_longest_page_fits_in_german(
        self,
        server: Server,
        owner: simcord.MemberActor,
        locales: Locales,
        configure: Configure,
    ) -> None:
        locales.speaks(owner, "de")
        await configure("welcome", "Wir sind füreinander da. " * 59)
        shown = await owner.slash(server.lounge, "settings show")
        assert "Willkommenstext" in sentence(shown)
        shown = await explained(owner, shown, "general")
        assert "Willkommenstext" in sentence(shown)

    async def test_names_and_values_are_suggested(
        self, server: Server, owner: simcord.MemberActor
    ) -> None:
        async def offered(option: str, typed: str, **filled: str) -> list[str]:
            found = await owner.autocomplete(server.lounge, "settings set", option, typed, **filled)
            return [choice["name"] for choice in found]

        assert await offered("name", "vote_up") == ["Upvote emoji: ⬆️"]
        assert "Question channel: #questions-forum" in await offered("name", "")
        assert not await offered("name", "solved_tag")
        assert await offered("value", "", name="voting") == ["public", "private"]
        assert await offered("value", "", name="points.answer") == ["40"]
        assert "#lounge" in await offered("value", "lou", name="question_channel")
        assert await offered("value", "", name="moderator_role") == ["@Moderators"]
        assert await offered("value", "", name="nothing") == []


@on_sqlite
@in_a_forum
class TestTheView:
    """A setting is changed in four steps at most: the command, the setting, and its value, which
    is sent where it is typed."""

    async def test_a_choice(
        self, server: Server, db: Database, owner: simcord.MemberActor, restart: Restart
    ) -> None:
        shown = await owner.slash(server.lounge, "settings show")
        bot = await restart()
        one = await owner.select(reply_of(shown), ["voting"], custom_id=in_group("votes"))
        assert "Settings · Voting" in sentence(one)
        assert list(buttons(one)) == ["Back"]
        done = await owner.select(
            reply_of(one), ["private"], custom_id="qa:1:settings.value:voting"
        )
        assert sentence(done).startswith("**Voting** is now **private**.")
        assert "🔹 Voting: **private** (default: **public**)" in sentence(done)
        assert await value(bot.db, server, "voting") == "private"

        again = await owner.select(reply_of(done), ["voting"], custom_id=in_group("votes"))
        reset = await owner.click(reply_of(again), label="Reset to default")
        assert sentence(reset).startswith("**Voting** is now **public**.")
        assert await value(bot.db, server, "voting") == "public"

    async def test_a_channel_and_a_role(
        self,
        server: Server,
        db: Database,
        owner: simcord.MemberActor,
        moderators: simcord.RoleHandle,
    ) -> None:
        shown = await owner.slash(server.lounge, "settings show")
        for name, chosen in (("question_channel", server.lounge), ("helper_role", moderators)):
            one = await owner.select(reply_of(shown), [name], custom_id=in_group("general"))
            shown = await owner.select(
                reply_of(one), [chosen], custom_id=f"qa:1:settings.value:{name}"
            )
            assert TITLES[name] in sentence(shown)
            assert await value(db, server, name) == str(chosen.id)

    async def test_a_number_is_typed(
        self, server: Server, db: Database, owner: simcord.MemberActor
    ) -> None:
        shown = await owner.slash(server.lounge, "settings show")
        form = await owner.select(reply_of(shown), ["limit.votes"], custom_id=in_group("limits"))
        refused = await owner.submit_modal(form, {"value": "many"})
        assert sentence(refused).startswith("Votes per hour must be a whole number.")
        form = await open_again(owner, refused)
        done = await owner.submit_modal(form, {"value": "40"})
        assert sentence(done).startswith("**Votes per hour** is now **40**. Before: **300**")
        assert await value(db, server, "limit.votes") == "40"

    async def test_who_can_do_something(
        self, server: Server, db: Database, owner: simcord.MemberActor
    ) -> None:
        shown = await owner.slash(server.lounge, "settings show")
        action = "qa:1:settings.value:privilege.retag"
        for chosen, told_as in (("moderators", "moderators only"), ("0", "everyone")):
            one = await owner.select(
                reply_of(shown), ["privilege.retag"], custom_id=in_group("limits")
            )
            shown = await owner.select(reply_of(one), [chosen], custom_id=action)
            assert f"**Who can change others' tags** is now **{told_as}**." in sentence(shown)
            assert await value(db, server, "privilege.retag") == chosen
        one = await owner.select(reply_of(shown), ["privilege.retag"], custom_id=in_group("limits"))
        form = await owner.select(reply_of(one), ["other"], custom_id=action)
        done = await owner.submit_modal(form, {"value": "75"})
        assert "is now **members with 75 points**." in sentence(done)


class Steps:
    """An owner who changes settings from what `/settings show` replies. A command typed, a choice
    in a select, a field filled and a click are a step each."""

    def __init__(self, owner: simcord.MemberActor, server: Server) -> None:
        self.owner, self.server, self.taken = owner, server, 0

    async def show(self) -> simcord.InteractionResult:
        self.taken += 1
        return await self.owner.slash(self.server.lounge, "settings show")

    async def choose(self, shown: simcord.InteractionResult, select: str, value: Any) -> Any:
        self.taken += 1
        return await self.owner.select(reply_of(shown), [value], custom_id=select)

    async def type(self, form: simcord.InteractionResult, value: str) -> simcord.InteractionResult:
        self.taken += 2  # the field and *Submit*
        return await self.owner.submit_modal(form, {"value": value})


@on_sqlite
@in_a_forum
class TestSteps:
    async def typed(self, steps: Steps, name: str, value: str) -> simcord.InteractionResult:
        form = await steps.choose(await steps.show(), in_group(section_of(name)), name)
        return await steps.type(form, value)

    async def chosen(self, steps: Steps, name: str, value: Any) -> simcord.InteractionResult:
        one = await steps.choose(await steps.show(), in_group(section_of(name)), name)
        return await steps.choose(one, f"qa:1:settings.value:{name}", value)

    @pytest.mark.parametrize(
        ("name", "new"),
        [
            ("points.answer", "55"),
            ("limit.votes", "40"),
            ("welcome", "Be kind."),
            ("titles", "0 Newcomer, 100 Regular"),
            ("vote_up_emoji", "👍"),
        ],
    )
    async def test_what_is_typed_takes_four(
        self, server: Server, db: Database, owner: simcord.MemberActor, name: str, new: str
    ) -> None:
        steps, before = Steps(owner, server), await value(db, server, name)
        await self.typed(steps, name, new)
        assert steps.taken == 4
        assert await value(db, server, name) != before

    @pytest.mark.parametrize(
        ("name", "new"),
        [("downvotes", "off"), ("voting", "private"), ("privilege.ask", "moderators")],
    )
    async def test_what_is_chosen_takes_three(
        self, server: Server, db: Database, owner: simcord.MemberActor, name: str, new: str
    ) -> None:
        steps = Steps(owner, server)
        await self.chosen(steps, name, new)
        assert steps.taken == 3
        assert await value(db, server, name) == new

    @pytest.mark.parametrize("name", ["question_channel", "helper_role"])
    async def test_a_channel_or_a_role_takes_three(
        self,
        server: Server,
        db: Database,
        owner: simcord.MemberActor,
        moderators: simcord.RoleHandle,
        name: str,
    ) -> None:
        place = moderators if name == "helper_role" else server.lounge
        steps = Steps(owner, server)
        await self.chosen(steps, name, place)
        assert steps.taken == 3
        assert await value(db, server, name) == str(place.id)

    async def test_every_setting_is_one_choice_away(
        self, server: Server, owner: simcord.MemberActor
    ) -> None:
        shown = reply_of(await owner.slash(server.lounge, "settings show"))
        selects = list(walk_components(shown.components))
        offered = [o["value"] for select in selects for o in select.get("options", ())]
        assert sorted(o for o in offered if o != EXPLAINED) == sorted(OF_PEOPLE)


@on_sqlite
@in_a_forum
class TestChanging:
    @pytest.mark.parametrize(
        ("name", "typed", "stored"),
        [
            ("voting", "PRIVATE", "private"),
            ("downvotes", "off", "off"),
            ("points.answer", "−5", "-5"),
            ("limit.votes", " 40 ", "40"),
            ("locale", "de", "de"),
            ("vote_up_emoji", "👍🏽", "👍🏽"),
        ],
    )
    async def test_a_value_is_kept_and_told(
        self,
        server: Server,
        db: Database,
        owner: simcord.MemberActor,
        name: str,
        typed: str,
        stored: str,
    ) -> None:
        reply = await owner.slash(server.lounge, "settings set", name=name, value=typed)
        assert f"**{TITLES[name]}** is " in sentence(reply)
        assert await value(db, server, name) == stored
        again = await owner.slash(server.lounge, "settings set", name=name, value=typed)
        assert "is still" in sentence(again)
        back = await owner.slash(server.lounge, "settings reset", name=name)
        assert sentence(back)
        assert await value(db, server, name) == SETTINGS[name].default

    @pytest.mark.parametrize(
        ("name", "typed", "why"),
        [
            ("voting", "secret", "must be one of these: public, private"),
            ("points.answer", "many", "must be a whole number"),
            ("points.answer", "1001", "must be between -1,000 and 1,000"),
            ("limit.votes", "0", "must be between 1 and 10,000"),
            ("vote_up_emoji", "⬇️", "need different emoji"),
            ("vote_up_emoji", "ok", "must be a single emoji"),
            ("vote_down_emoji", "<:no:123456789012345678>", "it's from another server"),
            ("question_channel", "123456789012345678", "text or forum channel in this server"),
            ("question_channel", "#nowhere", "text or forum channel in this server"),
            ("moderator_role", "@everyone", "other than @everyone"),
            ("moderator_role", "9" * 20, "must be a role in this server"),
            ("welcome", "x" * 1501, "can have at most 1,500 characters"),
            ("solved_tag", "1", "That setting doesn't exist"),
            ("colour", "blue", "That setting doesn't exist"),
        ],
    )
    async def test_a_value_it_cannot_take_is_refused(
        self,
        server: Server,
        db: Database,
        owner: simcord.MemberActor,
        name: str,
        typed: str,
        why: str,
    ) -> None:
        before = (await browsing.rules_of(db, server.guild.id)).values
        reply = await owner.slash(server.lounge, "settings set", name=name, value=typed)
        assert why in sentence(reply)
        assert (await browsing.rules_of(db, server.guild.id)).values == before

    async def test_a_channel_and_a_role_by_mention_name_or_id(
        self,
        server: Server,
        db: Database,
        guild: simcord.GuildHandle,
        owner: simcord.MemberActor,
        moderators: simcord.RoleHandle,
    ) -> None:
        for typed in (f"<#{server.lounge.id}>", "#lounge", "lounge", str(server.lounge.id)):
            reply = await owner.slash(
                server.lounge, "settings set", name="question_channel", value=typed
            )
            assert f"<#{server.lounge.id}>" in sentence(reply)
        assert await value(db, server, "question_channel") == str(server.lounge.id)
        for typed in (f"<@&{moderators.id}>", "Moderators", str(moderators.id)):
            reply = await owner.slash(
                server.lounge, "settings set", name="moderator_role", value=typed
            )
            assert f"<@&{moderators.id}>" in sentence(reply)

    async def test_an_emoji_of_the_servers_own(
        self,
        server: Server,
        env: simcord.Env,
        db: Database,
        guild: simcord.GuildHandle,
        owner: simcord.MemberActor,
        restart: Restart,
    ) -> None:
        made = guild.create_emoji("hug")
        await env.settle()
        typed = f"<:hug:{made.id}>"
        reply = await owner.slash(server.lounge, "settings set", name="vote_up_emoji", value=typed)
        assert typed in sentence(reply)
        assert await value(db, server, "vote_up_emoji") == typed

        await restart()
        env.backend.guilds[guild.id].emojis.pop(made.id)  # of which no event tells the bot
        reply = await owner.slash(
            server.lounge, "settings set", name="vote_down_emoji", value=f"<:gone:{made.id}>"
        )
        assert "it's from another server" in sentence(reply)

    async def test_a_welcome_of_several_lines_in_a_form(
        self, server: Server, db: Database, owner: simcord.MemberActor, alice: simcord.MemberActor
    ) -> None:
        shown = await owner.slash(server.lounge, "settings set", name="welcome")
        assert fields(shown)["value"]["style"] == 2
        text = "Welcome.\n\n- Be kind.\n- No diagnoses."
        reply = await owner.submit_modal(shown, {"value": text})
        assert sentence(reply).startswith(
            r"**Welcome text** is now Welcome. \- Be kind. \- No diagnoses. Before: Welcome."
        )
        assert text in sentence(await alice.slash(server.lounge, "help"))
        again = await owner.slash(server.lounge, "settings set", name="welcome")
        assert filled(again)["value"] == text

    async def test_a_choice_in_a_form(
        self, server: Server, db: Database, owner: simcord.MemberActor
    ) -> None:
        shown = await owner.slash(server.lounge, "settings set", name="voting")
        assert filled(shown)["value"] == ["public"]
        await owner.submit_modal(shown, {"value": ["private"]})
        assert await value(db, server, "voting") == "private"

    async def test_a_refused_form_comes_back_with_what_was_typed(
        self, server: Server, db: Database, owner: simcord.MemberActor, restart: Restart
    ) -> None:
        shown = await owner.slash(server.lounge, "settings set", name="points.best_answer")
        refused = await owner.submit_modal(shown, {"value": "a lot"})
        assert "must be a whole number" in sentence(refused)
        bot = await restart()
        again = await open_again(owner, refused)
        assert filled(again)["value"] == "a lot"
        await owner.submit_modal(again, {"value": "500"})
        assert await value(bot.db, server, "points.best_answer") == "500"

    async def test_without_a_channel_nobody_can_ask(
        self, server: Server, owner: simcord.MemberActor, alice: simcord.MemberActor
    ) -> None:
        reply = await owner.slash(server.lounge, "settings reset", name="question_channel")
        assert "Nobody can ask" in sentence(reply)
        refused = await alice.slash(server.lounge, "ask")
        assert "isn't set up" in sentence(refused)

    async def test_members_cannot_change_anything(
        self,
        server: Server,
        db: Database,
        owner: simcord.MemberActor,
        alice: simcord.MemberActor,
        moderator: simcord.MemberActor,
    ) -> None:
        for person in (alice, moderator):
            with pytest.raises(simcord.SetupError):
                await person.slash(server.lounge, "settings show")
            card = await person.send(server.lounge, "hello")
            told_them = await press(person, card, "qa:1:category.remove:1")
            assert "*Manage Server*" in sentence(told_them)
            form = await send_form(
                person, server.lounge, "qa:1:settings.form:voting", {"value": "private"}
            )
            assert "*Manage Server*" in sentence(form)
        assert await value(db, server, "voting") == "public"


class TestWhatFollows:
    """Cards, reactions and votes after settings change."""

    @in_a_text_channel
    async def test_private_voting_takes_the_reactions_off_and_keeps_the_votes(
        self,
        server: Server,
        env: simcord.Env,
        db: Database,
        question: Card,
        answer: Card,
        carol: simcord.MemberActor,
        configure: Configure,
    ) -> None:
        await carol.react(answer.message, "⬆️")
        await configure("voting", "private")
        await env.advance_time(10)
        assert reactions(answer) == []
        assert reactions(question) == []
        assert "▲ 1" in answer.text()
        async with away(env):  # a new session compares reactions with votes
            pass
        await env.advance_time(10)
        assert "▲ 1" in answer.text()
        await assert_consistent(db)

        await configure("voting", "public")
        await env.advance_time(10)
        assert reactions(answer) == ["⬆️", "⬇️"]
        assert "+1 vote" in answer.text()

    @on_sqlite
    @in_a_forum
    async def test_other_emoji_replace_those_under_the_cards(
        self,
        server: Server,
        env: simcord.Env,
        db: Database,
        question: Card,
        carol: simcord.MemberActor,
        bob: simcord.MemberActor,
        configure: Configure,
    ) -> None:
        await carol.react(question.message, "⬆️")
        await configure("vote_up_emoji", "👍")
        await env.advance_time(10)
        assert sorted(reactions(question)) == ["⬇️", "👍"]
        async with away(env):
            pass
        assert "+1 vote" in question.text()
        await bob.react(question.message, "👍")
        await carol.react(question.message, "👍")
        await env.advance_time(10)
        assert "+2 votes" in question.text()
        await carol.unreact(question.message, "👍")
        await env.advance_time(10)
        assert "+1 vote" in question.text()
        await assert_consistent(db)

    @on_sqlite
    @in_a_forum
    async def test_an_emoji_that_was_deleted_makes_room_for_another(
        self,
        server: Server,
        env: simcord.Env,
        db: Database,
        guild: simcord.GuildHandle,
        alice: simcord.MemberActor,
        configure: Configure,
        wire: Wire,
    ) -> None:
        hug = guild.create_emoji("hug")
        await env.settle()
        await configure("vote_up_emoji", f"<:hug:{hug.id}>")
        of_it = f"/channels/*/reactions/hug*{hug.id}*"
        wire.fail("*", of_it, Failure.UNKNOWN_EMOJI, times=None)
        question = await server.ask(alice, "How do I sleep after a night shift?")
        assert reactions(question) == ["⬇️"], "the other one is there"
        (failure,) = await publishing.failures_of(db)
        assert "10014" in failure.error

        wire.mend()
        early = await server.ask(alice, "What helps against a racing mind?")
        assert len(reactions(early)) == 2
        wire.fail("*", of_it, Failure.UNKNOWN_EMOJI, times=None)
        await configure("vote_up_emoji", "👍")
        await env.advance_time(10)
        assert "👍" in reactions(question)
        assert "👍" in reactions(early)
        assert await publishing.failures_of(db) == []

    @on_sqlite
    @in_a_forum
    async def test_down_votes_off_takes_their_emoji_away(
        self, server: Server, env: simcord.Env, question: Card, configure: Configure
    ) -> None:
        await configure("downvotes", "off")
        await env.advance_time(10)
        assert reactions(question) == ["⬆️"]

    @on_sqlite
    @in_a_forum
    async def test_cards_follow_the_language(
        self,
        server: Server,
        env: simcord.Env,
        owner: simcord.MemberActor,
        question: Card,
    ) -> None:
        reply = await owner.slash(server.lounge, "settings set", name="locale", value="de")
        assert "All cards will update soon" in sentence(reply)

    @in_a_forum
    async def test_search_follows_the_language(
        self,
        server: Server,
        env: simcord.Env,
        db: Database,
        owner: simcord.MemberActor,
        alice: simcord.MemberActor,
        locales: Locales,
    ) -> None:
        """It is told, it is done without anybody waiting for it, and it is done once."""

        async def found(word: str) -> bool:
            return "nachts?" in told(await alice.slash(server.lounge, "search", query=word))

        await server.ask(alice, "Wer ist freundlich, auch nachts?")
        locales.speaks(owner, "de")
        assert not await found("freundlicheren")
        reply = await owner.slash(server.lounge, "settings set", name="locale", value="de")
        assert "Auch die Suche wird auf diese Sprache umgestellt." in sentence(reply)
        await env.settle()
        assert not await value(db, server, "reindex_after")
        assert (await browsing.rules_of(db, server.guild.id)).languages == ("de",)
        assert await found("freundlicheren")
        back = await owner.slash(server.lounge, "settings reset", name="locale")
        assert "Suche" in sentence(back)
        assert await found("freundlich"), "whatever is done already"
        await env.settle()
        assert not await found("freundlicheren")

    @in_a_forum
    async def test_weights_are_followed_by_a_recount(
        self,
        server: Server,
        env: simcord.Env,
        db: Database,
        owner: simcord.MemberActor,
        bob: simcord.MemberActor,
        answer: Card,
    ) -> None:
        reply = await owner.slash(server.lounge, "settings set", name="points.answer", value="60")
        assert "points were recalculated" in sentence(reply)
        assert (await browsing.profile(db, server.guild.id, bob.id)).points == 160
        await assert_consistent(db)
        await env.advance_time(10)
        assert answer.by == "bob · 160 points"

    @on_sqlite
    @in_a_forum
    async def test_the_locale_renames_the_tag_of_solved(
        self, server: Server, env: simcord.Env, configure: Configure
    ) -> None:
        before = env.backend.get_channel(server.channel.id).available_tags[0]["id"]
        await configure("locale", "de")
        tags = env.backend.get_channel(server.channel.id).available_tags
        assert [tag["id"] for tag in tags].count(before) == 1
        assert len(tags) == 2  # Solved and General: none was made anew


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("state", KeyState)
async def test_anonymous_posts_need_a_key(
    env: simcord.Env, server: Server, owner: simcord.MemberActor, state: KeyState
) -> None:
    """Whoever turns them on reads whether there is one."""
    bot = env.bot
    assert isinstance(bot, Askwell)
    if state is not KeyState.THERE:
        bot.sealing = None
    if state is KeyState.MADE:

        async def made() -> tuple[Sealing, KeyState]:
            return SEALING, KeyState.MADE

        bot.make_key = made
    changed = await owner.slash(server.lounge, "settings set", name="anonymous", value="on")
    shown = told(await owner.slash(server.lounge, "setup"))
    said = sentence(changed)
    assert ("makes it with `askwell key`" in said) is (state is KeyState.MISSING)
    assert ("makes it with `askwell key`" in shown) is (state is KeyState.MISSING)
    assert ("keep a copy of it" in said) is (state is KeyState.MADE)
    assert (bot.sealing is None) is (state is KeyState.MISSING)
