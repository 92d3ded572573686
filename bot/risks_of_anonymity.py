"""What the draft of a risk assessment says of anonymous posts, risk by risk: nothing where a server
has none. `sealed` tells whether who wrote some is kept there, also where there are no new ones."""

from __future__ import annotations

from bot.domain.rules import Rules


def recognised(rules: Rules, *, sealed: bool) -> list[str]:
    """Who can know who wrote a post."""
    if not rules.on("anonymous"):
        named = "Posts carry the member's name: **no new posts are anonymous** here."
        earlier = (
            "Earlier ones are. No member and no moderator alone can see who it was. Whoever has "
            "the database and the key can, and so can Discord."
        )
        return [named, earlier] if sealed else [named]
    return [
        "Members can post anonymously, under a made-up name. No member and no moderator alone can "
        "see who it was. Whoever has the database and the key can, and so can Discord.",
        "Members read that before their first anonymous post, and that style and details can give "
        "them away.",
        _appearing(rules.number("anonymous_delay")),
    ]


def _appearing(minutes: int) -> str:
    if not minutes:
        return (
            "Anonymous posts appear at once, so **whoever sees who is online may guess**: see "
            "*Delay of anonymous posts, in minutes*."
        )
    most = "1 minute" if minutes == 1 else f"{minutes} minutes"
    return f"Anonymous posts appear after a random time of at most {most}."


def left_to_people(rules: Rules, *, sealed: bool) -> list[str]:
    """What the owner writes down about the key."""
    if not (sealed or rules.on("anonymous")):
        return []
    return ["Who has both the key of anonymous posts and the database: [FILL IN]"]


def blocked(rules: Rules) -> list[str]:
    """What stops an anonymous author."""
    if not rules.on("anonymous"):
        return []
    return [
        "`/block` on an anonymous post keeps its author from posting anonymously. Nobody learns "
        "who it is."
    ]


def leaked(rules: Rules, *, sealed: bool) -> list[str]:
    """What a thief learns."""
    if not (sealed or rules.on("anonymous")):
        return []
    return [
        "Who wrote an anonymous post is sealed with a key that is in neither the database nor its "
        "backups. Whoever gets both knows."
    ]


def unsealed(rules: Rules, *, sealed: bool) -> list[str]:
    """What moderators can learn."""
    if not (sealed or rules.on("anonymous")):
        return []
    if not rules.on("unsealing"):
        return ["No moderators can see who wrote an anonymous post, not even in an emergency."]
    return [
        "Two moderators together can see who wrote an anonymous post, with a reason that stays in "
        "`/audit`. **Two who agree to abuse that can.** The author is told."
    ]
