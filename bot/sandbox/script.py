"""What the people of the story write, in each language. All of it is invented."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question that was there before, and what somebody answered."""

    title: str
    details: str
    tags: str
    category: int
    """Its place in the list of categories, from 0."""
    answer: str


@dataclass(frozen=True, slots=True)
class Script:
    earlier: tuple[Earlier, Earlier]
    thanks: str
    """A comment on the first of their answers."""
    title: str
    details: str
    tags: str
    first_answer: str
    second_answer: str
    afterthought: str
    """What the first answer gains when it is edited."""
    reason: str


@dataclass(frozen=True, slots=True)
class SupportScript:
    """The story of the support group."""

    title: str
    details: str
    tags: str
    first_answer: str
    second_answer: str
    thanks: str


SCRIPTS: Final = {
    "en": Script(
        earlier=(
            Earlier(
                title="How do I say no to my family without an argument?",
                details=(
                    "Every holiday I say yes to everything, and then I am tired for a week. I "
                    "love them. I would just like to come for one day instead of four."
                ),
                tags="family, boundaries",
                category=1,
                answer=(
                    "Say it early, say it once, and say what you *will* do: “We are coming on "
                    "Sunday, and we are looking forward to it.” A no with a plan in it is hard "
                    "to argue with."
                ),
            ),
            Earlier(
                title="What helps you fall asleep when your thoughts race?",
                details=(
                    "I lie down tired, and then the whole day is there again. Reading keeps me "
                    "up, and the phone does it even more."
                ),
                tags="sleep, worry",
                category=2,
                answer=(
                    "A sheet of paper beside the bed. I write down what wants to be thought, one "
                    "line each, and tell myself that **it will still be there in the morning**. "
                    "It always is, and I have slept."
                ),
            ),
        ),
        thanks="“A no with a plan in it”: I am going to keep that one. Thank you!",
        title="My therapist forgot our appointment. Am I wrong to be this hurt?",
        details=(
            "I sat in the waiting room for forty minutes. Nobody came, and nobody called. She "
            "wrote in the evening that she had *mixed up the weeks* and that she was sorry.\n\n"
            "I know that people make mistakes. But I had been gathering courage for that hour "
            "all week, and now I don't want to go back at all. How do I bring this up without "
            "sounding as if I accused her?"
        ),
        tags="therapy, trust",
        first_answer=(
            "You are not wrong. That hour was yours, and you had prepared for it. It may help "
            "to go back *because* of this, not in spite of it:\n\n"
            "1. **Write down what it was like** while you waited, before you think about her "
            "reasons.\n"
            "2. **Say it in the first five minutes.** “I was hurt last week, and I would like "
            "to talk about it” is not an accusation.\n"
            "3. **Ask what happens when she has to cancel**, so that next time somebody calls "
            "you.\n\n"
            "How she takes it will tell you more than the missed hour did."
        ),
        second_answer=(
            "This happened to me, too. I nearly left, and said so at the door. My therapist "
            "thanked me, and **we spoke about that hour for three sessions**. They were the "
            "best we had. If saying it aloud is too much, a short e-mail beforehand does the "
            "same work."
        ),
        afterthought=(
            "And you may ask not to pay for the missed hour. That is a fair question, too."
        ),
        reason="one more thing to ask",
    ),
    "de": Script(
        earlier=(
            Earlier(
                title="Wie sage ich meiner Familie nein, ohne dass es Streit gibt?",
                details=(
                    "Jedes Fest sage ich zu allem ja, und danach bin ich eine Woche lang müde. "
                    "Ich habe sie lieb. Ich möchte nur einen Tag kommen statt vier."
                ),
                tags="familie, grenzen",
                category=1,
                answer=(
                    "Sag es früh, sag es einmal, und sag, was du *tun* wirst: „Wir kommen am "
                    "Sonntag und freuen uns darauf.“ Mit einem Nein, in dem ein Plan steckt, "
                    "streitet es sich schlecht."
                ),
            ),
            Earlier(
                title="Was hilft euch beim Einschlafen, wenn die Gedanken kreisen?",
                details=(
                    "Ich lege mich müde hin, und dann ist der ganze Tag wieder da. Lesen hält "
                    "mich wach, und das Telefon erst recht."
                ),
                tags="schlaf, sorgen",
                category=2,
                answer=(
                    "Ein Blatt Papier neben dem Bett. Ich schreibe auf, was gedacht werden will, "
                    "je eine Zeile, und sage mir, dass **es morgen früh noch da ist**. Das ist "
                    "es immer, und ich habe geschlafen."
                ),
            ),
        ),
        thanks="„Ein Nein, in dem ein Plan steckt“: Das merke ich mir. Danke!",
        title="Meine Therapeutin hat unseren Termin vergessen. Darf mich das so verletzen?",
        details=(
            "Ich saß vierzig Minuten im Wartezimmer. Niemand kam, und niemand rief an. Abends "
            "schrieb sie, sie habe *die Wochen verwechselt*, und es tue ihr leid.\n\n"
            "Ich weiß, dass Menschen Fehler machen. Aber ich hatte die ganze Woche Mut für "
            "diese Stunde gesammelt, und jetzt möchte ich gar nicht mehr hingehen. Wie spreche "
            "ich es an, ohne dass es nach Vorwurf klingt?"
        ),
        tags="therapie, vertrauen",
        first_answer=(
            "Du darfst. Diese Stunde gehörte dir, und du hattest dich vorbereitet. Vielleicht "
            "hilft es, gerade *deswegen* wieder hinzugehen:\n\n"
            "1. **Schreib auf, wie das Warten war**, bevor du über ihre Gründe nachdenkst.\n"
            "2. **Sag es in den ersten fünf Minuten.** „Letzte Woche hat mich verletzt, und ich "
            "möchte darüber sprechen“ ist kein Vorwurf.\n"
            "3. **Frag, was geschieht, wenn sie absagen muss**, damit dich beim nächsten Mal "
            "jemand anruft.\n\n"
            "Wie sie es aufnimmt, sagt dir mehr als die verpasste Stunde."
        ),
        second_answer=(
            "Das ist mir auch passiert. Ich wäre beinahe gegangen und habe es an der Tür gesagt. "
            "Mein Therapeut hat mir gedankt, und **wir haben drei Sitzungen lang über diese "
            "Stunde gesprochen**. Es waren unsere besten. Wenn es laut zu viel ist, tut eine "
            "kurze Mail vorher dieselbe Arbeit."
        ),
        afterthought=(
            "Und du darfst fragen, ob du die verpasste Stunde bezahlen musst. Auch das ist "
            "eine faire Frage."
        ),
        reason="noch eine Frage an sie",
    ),
}

SUPPORT_SCRIPTS: Final = {
    "en": SupportScript(
        title="How do you tell people at work that you have panic attacks?",
        details=(
            "It has happened twice in meetings. I said that I felt sick and went out. People are "
            "kind, and I still don't want everybody to know. But hiding it makes it worse."
        ),
        tags="panic attack, work",
        first_answer=(
            "Tell **one** person first, somebody who can leave the room with you. I told the "
            "colleague I share an office with. One sentence was enough: “I sometimes have panic "
            "attacks, they pass in ten minutes, and I need nothing but air.”"
        ),
        second_answer=(
            "You don't owe anybody the word. “I have to step out for a moment” is true, and it "
            "is all that a meeting needs to know. Whom you tell more is your choice, later."
        ),
        thanks="I wrote that sentence down, and told one person. She nodded. That was all.",
    ),
    "de": SupportScript(
        title="Wie sagt ihr auf der Arbeit, dass ihr Panikattacken habt?",
        details=(
            "Es ist zweimal in Besprechungen passiert. Ich sagte, mir sei schlecht, und ging "
            "hinaus. Alle sind freundlich, und trotzdem sollen es nicht alle wissen. Aber "
            "verstecken macht es schlimmer."
        ),
        tags="panikattacke, arbeit",
        first_answer=(
            "Sag es erst **einem** Menschen, der mit dir hinausgehen kann. Ich habe es der "
            "Kollegin in meinem Büro gesagt. Ein Satz hat gereicht: „Ich habe manchmal "
            "Panikattacken, die gehen in zehn Minuten vorbei, und ich brauche nur Luft.“"
        ),
        second_answer=(
            "Das Wort schuldest du niemandem. „Ich muss kurz hinaus“ ist wahr, und mehr braucht "
            "eine Besprechung nicht zu wissen. Wem du mehr sagst, entscheidest du später."
        ),
        thanks="Den Satz habe ich mir aufgeschrieben und einer gesagt. Sie hat genickt. Das war's.",
    ),
}
