"""What each setting means, in a sentence for managers."""

from __future__ import annotations

from typing import Final

from bot.i18n import N_

MEANINGS: Final = {
    "question_channel": N_("The forum or text channel for questions."),
    "moderator_role": N_("A role that can moderate, in addition to members with Manage Messages."),
    "moderators_channel": N_("The text channel that each report comes to. Only moderators see it."),
    "report_role": N_("A role that's mentioned with each new report (optional)."),
    "helplines": N_(
        "Where people find help. An author reads this in their inbox if a member is worried about "
        "them."
    ),
    "how_to_help": N_(
        "What a member reads who is worried about someone. If empty, Askwell gives short advice."
    ),
    "reply_spam": N_("What an author reads whose post is hidden or not approved as spam."),
    "reply_unkind": N_("What an author reads whose post is hidden or not approved as unkind."),
    "reply_rules": N_("What an author reads whose post is hidden or not approved for the rules."),
    "reply_other": N_("What an author reads whose post is hidden or not approved otherwise."),
    "reply_off_topic": N_("What an asker reads whose question is closed as off topic."),
    "reply_not_a_question": N_("What an asker reads whose question is closed as no question."),
    "locale": N_("The language of cards, and of search: en (English) or de (Deutsch)."),
    "welcome": N_("Shown first in /help: who you are, what belongs here, where to get help."),
    "voting": N_(
        "public: members vote with reactions. private: they vote with buttons, and nobody sees "
        "who voted."
    ),
    "downvotes": N_("Whether members can downvote posts."),
    "vote_buttons": N_(
        "Whether cards have vote buttons beside the reactions. Private votes always do."
    ),
    "vote_up_emoji": N_("The reaction for upvotes."),
    "vote_down_emoji": N_("The reaction for downvotes."),
    "offers": N_(
        "Whether members who reply to a card, or write in a question's thread, are offered to post "
        "that as an answer."
    ),
    "helper_role": N_(
        "A role that's notified once when a question waits too long for an answer. Its members can "
        "use /duty."
    ),
    "duty_role": N_("A role that members have while they're on duty (optional)."),
    "duty_hours": N_("Hours until someone is off duty by themselves. 0: never."),
    "unanswered_hours": N_(
        "Hours until helpers are notified of a question to which fewer than two people have "
        "replied. 0: never."
    ),
    "queue_hours": N_(
        "Hours until whoever is on duty is called, once, for what waits in the queue; the role for "
        "reports where nobody is on duty. 0: never."
    ),
    "nudge_hours": N_(
        "Hours until an asker with good answers is reminded once to choose the best one. 0: never."
    ),
    "roundup_channel": N_(
        "The text channel for a weekly summary: best answers, what still waits, new helpers. It "
        "tells only what everyone in that channel may read."
    ),
    "roundup_day": N_("The weekday it's sent on."),
    "roundup_hour": N_("The hour it's sent at."),
    "roundup_zone": N_("The time zone of that hour. A city works, too."),
    "anonymous": N_(
        "Whether members can post without their name. Their name is sealed: no member and no "
        "moderator alone can see it."
    ),
    "anonymous_delay": N_(
        "An anonymous post appears after a random part of this time, so that nobody sees who was "
        "there just then. 0: at once."
    ),
    "unsealing": N_(
        "Whether two moderators together can see who wrote an anonymous post, with a reason and an "
        "entry in /audit. Turned on again, it holds after a week, for posts from then on."
    ),
    "unname_left": N_(
        "On: 30 days after someone left the server, their posts are by “Deleted member”, and earn"
        " no points. Their name and inbox go then in any case."
    ),
    "min_account_days": N_("How many days old a Discord account must be to vote."),
    "min_member_days": N_("How many days someone must be a member of the server to vote."),
    "points.start": N_("Points everyone starts with."),
    "points.question": N_("Points for asking a question."),
    "points.answer": N_("Points for posting an answer."),
    "points.choosing_best": N_("Points for choosing the best answer to your own question."),
    "points.best_answer": N_("Points for an answer that's chosen as best answer."),
    "points.question_vote": N_("Points per upvote on a question. A downvote takes away as many."),
    "points.question_votes_lowest": N_("The most points that votes on one question can take away."),
    "points.question_votes_highest": N_("The most points that votes on one question can earn."),
    "points.answer_vote": N_("Points per upvote on an answer. A downvote takes away as many."),
    "points.answer_votes_lowest": N_("The most points that votes on one answer can take away."),
    "points.answer_votes_highest": N_("The most points that votes on one answer can earn."),
    "titles": N_(
        "Titles members get at a number of points, for example: 0 Newcomer, 1000 Regular."
    ),
    "privilege.ask": N_("Points needed to ask. 0: everyone. moderators: moderators only."),
    "privilege.answer": N_("Points needed to answer. 0: everyone. moderators: moderators only."),
    "privilege.vote": N_("Points needed to upvote. 0: everyone. moderators: moderators only."),
    "privilege.down_vote": N_(
        "Points needed to downvote. 0: everyone. moderators: moderators only."
    ),
    "privilege.edit_others": N_(
        "Points needed to edit others' posts. 0: everyone. moderators: moderators only."
    ),
    "privilege.close": N_(
        "Points needed to close others' questions. 0: everyone. moderators: moderators only."
    ),
    "privilege.retag": N_(
        "Points needed to change tags on others' questions. 0: everyone. moderators: moderators "
        "only."
    ),
    "privilege.comment": N_("Points needed to comment. 0: everyone. moderators: moderators only."),
    "limit.questions": N_("Questions a member can ask per hour."),
    "limit.answers": N_("Answers a member can post per hour."),
    "limit.votes": N_("Votes a member can cast per hour."),
    "limit.edits": N_("Edits a member can make per hour."),
    "limit.comments": N_("Comments a member can post per hour."),
    "limit.reports": N_("Reports a member can send per hour."),
    "limit.best": N_("How often a member can choose or clear a best answer per hour."),
    "limit.close": N_("How often a member can close or reopen questions per hour."),
    "report_account_days": N_(
        "How many days old an account must be for its reports to count toward hiding a post."
    ),
    "report_member_days": N_(
        "How many days someone must be a member for their reports to count toward hiding a post."
    ),
    "blocked_words": N_(
        "Words that members can't post, a line each. word* also blocks what begins with it, *word "
        "what ends with it, *word* what contains it."
    ),
    "blocked_words_do": N_(
        "Whether a post with a blocked word goes back to its author, waits for approval, or is "
        "posted and reported to the moderators. Edits of posts that are shown never wait."
    ),
    "hold_points": N_(
        "Members with fewer points wait for a moderator with their first posts. 0: nobody waits."
    ),
    "hold_days": N_(
        "Members whose account or membership is younger wait with their first posts. 0: nobody "
        "waits."
    ),
    "hold_first": N_("How many posts of a newcomer must be shown before the others don't wait."),
    "flags_to_hide": N_(
        "How many members must report a post to hide it until a moderator checks it. 0: never."
    ),
}
