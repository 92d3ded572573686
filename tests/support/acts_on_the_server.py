"""Acts on the server, and those that concern only the acting member."""

from __future__ import annotations

from simcord.enums import ComponentType

from bot.usecases.searching import Search
from tests.support.acts import Act, Cell, Sign

_FORM, _WRITTEN, _SAID = Sign.FORM, Sign.WRITTEN, Sign.SAID


def _named(name: str, /, **options: object) -> Act:
    """A command that only says something."""
    return Act(_SAID, lambda c: c.command(name, **options))


def _writes(name: str, /, **options: object) -> Act:
    return Act(_WRITTEN, lambda c: c.command(name, **options))


def _pressed(*parts: object) -> Act:
    return Act(_SAID, lambda c: c.press(*parts))


def _chosen(value: str, *parts: object) -> Act:
    """A choice in a select that writes."""
    return Act(_WRITTEN, lambda c: c.choose(ComponentType.STRING_SELECT, *parts, value=value))


def _guild(c: Cell) -> int:
    return c.world.server.guild.id


async def _kept(c: Cell, action: str) -> object:
    """They decide about a question that is kept while they look at similar ones."""
    title = "What is it all about, I wonder?"
    return await c.kept_draft(action, "ask.anyway", title=title, details="", tags="")


ON_THE_SERVER: dict[str, Act] = {
    # for everybody
    "/help": _named("help"),
    "help": _pressed("help", "members"),
    "how": _pressed("how"),
    "browse": _pressed("browse"),
    "/about": _named("about"),
    "/profile": _named("profile"),
    "Forum profile": Act(
        _SAID, lambda c: c.menu_of_member("Forum profile", c.world.people["member"])
    ),
    "/leaderboard": _named("leaderboard"),
    "board": _pressed("board", "all", 0),
    "/points": _named("points"),
    "points": _pressed("points", 0),
    "/privacy policy": _named("privacy policy"),
    "/privacy export": _named("privacy export"),
    "/privacy erase": _named("privacy erase"),
    "privacy.erase": Act(_FORM, lambda c: c.press("privacy.erase")),
    "privacy.form": Act(_WRITTEN, lambda c: c.form("privacy.form", name=c.person.name, what=[])),
    "/notifications": _named("notifications"),
    "/notifications, changed": _writes("notifications", dm=True),
    "dms": Act(_WRITTEN, lambda c: c.press("dms")),
    "stop": Act(_WRITTEN, lambda c: c.press("stop", _guild(c), 0)),
    "undigest": Act(_WRITTEN, lambda c: c.press("undigest", _guild(c), 0)),
    "notify": _pressed("notify"),
    "notify.dm": Act(_WRITTEN, lambda c: c.press("notify.dm", "on")),
    "notify.digest": _chosen("daily", "notify.digest"),
    "notify.hour": _chosen("7", "notify.hour", "digest_hour"),
    "notify.zone": _pressed("notify.zone"),
    "notify.zone.chosen": _chosen("Europe/Berlin", "notify.zone.chosen"),
    "notify.zone.other": Act(_FORM, lambda c: c.press("notify.zone.other")),
    "notify.zone.form": Act(_WRITTEN, lambda c: c.form("notify.zone.form", zone="Berlin")),
    "draft, of a time zone": Act(_FORM, lambda c: c.draft("notify.zone.form", zone="Berli")),
    "follow.tag": _chosen("leaf", "follow.tag"),
    "follow.member": Act(
        _WRITTEN,
        lambda c: c.choose(ComponentType.USER_SELECT, "follow.member", value=c.world.bystander.id),
    ),
    "notify.roundup": Act(_WRITTEN, lambda c: c.press("notify.roundup", "off")),
    "roundup.out": Act(_WRITTEN, lambda c: c.press("roundup.out", 0)),
    "roundup.take": Act(_SAID, lambda c: c.press("roundup.take", 0)),
    "unsolved": Act(_SAID, lambda c: c.press("unsolved", _guild(c), 0)),
    "/follow, a tag": _writes("follow", tag="leaf"),
    "/follow, a member": Act(_WRITTEN, lambda c: c.command("follow", member=c.world.bystander)),
    "/unfollow, a tag": _writes("unfollow", tag="leaf"),
    "/ask, without a category": Act(_FORM, lambda c: c.command("ask")),
    "ask": Act(_FORM, lambda c: c.press("ask")),
    "ask.search": Act(_FORM, lambda c: c.press("ask.search", Search("leaf").code())),
    "ask.server": Act(
        _FORM,
        lambda c: c.choose(ComponentType.STRING_SELECT, "ask.server", value=_guild(c)),
    ),
    "ask.form, without a category": Act(
        _WRITTEN,
        lambda c: c.form("ask.form", title="What is it all about, I wonder?", details="", tags=""),
    ),
    "ask.anyway": Act(
        _WRITTEN,
        lambda c: c.form(
            "ask.anyway", title="What is it all about, I wonder?", details="", tags=""
        ),
    ),
    "ask.post": Act(_WRITTEN, lambda c: _kept(c, "ask.post")),
    "ask.helped": Act(_WRITTEN, lambda c: _kept(c, "ask.helped")),
    "anonymous": _pressed("anonymous", "post", "q", "-", 1),
    "anonymous.name": Act(
        _SAID, lambda c: c.form("anonymous.name", "name", "q", "-", 1, name="Quiet Otter")
    ),
    "delayed.back": _pressed("delayed.back", 1),
    "anonymous.files": Act(_SAID, lambda c: c.form("anonymous.files", "files", "q", "-", 1)),
    "draft, of a question": Act(
        _FORM, lambda c: c.draft("ask.form", title="What is it all about?", details="")
    ),
    "Ask about this": Act(_FORM, lambda c: c.menu("Ask about this", c.world.remark)),
    "stray.ask": _pressed("stray.ask", 1),
    "stray.close": _pressed("stray.close", 1),
    "offer.remove": _pressed("offer.remove", 1, 1),
    "appeal": Act(_FORM, lambda c: c.press("appeal", "blocked", 0)),
    "appeal.form": Act(
        _WRITTEN, lambda c: c.form("appeal.form", "blocked", 0, appeal="I sold nothing.")
    ),
    "draft, of an appeal": Act(
        _FORM, lambda c: c.draft("appeal.form", "blocked", 0, appeal="I sold nothing.")
    ),
    # for moderators
    "/duty": _named("duty"),
    "/duty, on": _writes("duty", state="on"),
    "/duty, off, of another": Act(
        _WRITTEN, lambda c: c.command("duty", state="off", member=c.world.bystander)
    ),
    "/block": Act(_WRITTEN, lambda c: c.command("block", member=c.world.bystander)),
    "unsealing": _pressed("unsealing"),
    "/unblock": Act(_WRITTEN, lambda c: c.command("unblock", member=c.world.people["blocked"])),
    "unblock": Act(_WRITTEN, lambda c: c.press("unblock", c.world.people["blocked"].id)),
    "help, for moderators": _pressed("help", "moderators"),
    "/tag synonym": _writes("tag synonym", tag="foliage", target="leaf"),
    "/tag unsynonym": _writes("tag unsynonym", tag="frond"),
    "/tag list": _named("tag list"),
    "tag.list": _pressed("tag.list", 0),
    "/hide, a member": Act(_SAID, lambda c: c.command("hide", member=c.world.bystander)),
    "/show, a member": Act(_SAID, lambda c: c.command("show", member=c.world.bystander)),
    "hide.member": Act(_WRITTEN, lambda c: c.press("hide.member", c.world.bystander.id, "0.spam")),
    "hide.undo": _pressed("hide.undo", 1),
    "show.member": Act(_WRITTEN, lambda c: c.press("show.member", c.world.bystander.id)),
    "/audit": _named("audit"),
    "audit": _pressed("audit", "any", 0, "0.0", 0),
    "audit.kind": Act(
        _SAID,
        lambda c: c.choose(ComponentType.STRING_SELECT, "audit.kind", 0, "0.0", value="hide"),
    ),
    "audit.csv": _pressed("audit.csv", "any", 0, "0.0"),
    "/tag merge": _named("tag merge", tag="alder", into="tree"),
    "tag.merge": _pressed("tag.merge", "nobody-has-it", "tree"),
    # for managers
    "help, for managers": _pressed("help", "managers"),
    "/setup": _named("setup"),
    "setup.open": _pressed("setup.open", "none"),
    "setup.channel": Act(
        _WRITTEN,
        lambda c: c.choose(
            ComponentType.CHANNEL_SELECT, "setup.channel", "none", value=c.place.channel.id
        ),
    ),
    "setup.create": _pressed("setup.create", "none"),
    "setup.role": Act(
        _WRITTEN, lambda c: c.choose(ComponentType.ROLE_SELECT, "setup.role", "none")
    ),
    "setup.preset": Act(
        _SAID, lambda c: c.choose(ComponentType.STRING_SELECT, "setup.preset", value="none")
    ),
    "setup.emoji": Act(_FORM, lambda c: c.press("setup.emoji", "none")),
    "setup.emoji.form": Act(
        _WRITTEN, lambda c: c.form("setup.emoji.form", "none", up="👍", down="👎")
    ),
    "howto.open": _pressed("howto.open"),
    "howto.post": Act(_WRITTEN, lambda c: c.press("howto.post")),
    "howto.back": _pressed("howto.back"),
    "guidelines.post": _pressed("guidelines.post"),
    "guidelines.back": _pressed("guidelines.back"),
    "queue.open": _pressed("queue.open", "queue"),
    "setup.reports": Act(
        _WRITTEN, lambda c: c.choose(ComponentType.CHANNEL_SELECT, "setup.reports", "none")
    ),
    "setup.reports.create": _pressed("setup.reports.create", "none"),
    "setup.called": Act(_FORM, lambda c: c.press("setup.called", "none")),
    "setup.called.form": Act(_WRITTEN, lambda c: c.form("setup.called.form", role=[])),
    "setup.finish": _pressed("setup.finish", "none"),
    "/settings show": _named("settings show"),
    "settings.show": Act(
        _SAID,
        lambda c: c.choose(ComponentType.STRING_SELECT, "settings.show", value="votes"),
    ),
    "settings.show, gone back to": _pressed("settings.show", "votes"),
    "settings.pick": Act(
        _SAID, lambda c: c.choose(ComponentType.STRING_SELECT, "settings.pick", value="voting")
    ),
    "settings.pick, explained": Act(
        _SAID,
        lambda c: c.choose(
            ComponentType.STRING_SELECT, "settings.pick", "votes", value="explained"
        ),
    ),
    "settings.pick, one that is typed": Act(
        _FORM,
        lambda c: c.choose(ComponentType.STRING_SELECT, "settings.pick", value="limit.votes"),
    ),
    "settings.value": _chosen("private", "settings.value", "voting"),
    "settings.reset": Act(_WRITTEN, lambda c: c.press("settings.reset", "voting")),
    "/settings set": _writes("settings set", name="limit.votes", value="7"),
    "/settings set, by a form": Act(_FORM, lambda c: c.command("settings set", name="limit.votes")),
    "settings.form": Act(_WRITTEN, lambda c: c.form("settings.form", "limit.votes", value="7")),
    "draft, of a setting": Act(_FORM, lambda c: c.draft("settings.form", "limit.votes", value="7")),
    "/settings reset": _writes("settings reset", name="limit.votes"),
    "/category add": _writes("category add", name="Shrubs"),
    "/category list": _named("category list"),
    "category.list": _pressed("category.list", 0),
    "/category change": _writes("category change", category="General", description="All else"),
    "/category reset": _writes("category reset", category="General", part="description"),
    "/category remove": _named("category remove", category="alder"),
    "category.remove": Act(_WRITTEN, lambda c: c.press("category.remove", c.place.category_id)),
    "/bonus": Act(_WRITTEN, lambda c: c.command("bonus", member=c.world.bystander, points=5)),
    "/recount": _writes("recount"),
    "/stats": _named("stats"),
}
