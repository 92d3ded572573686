"""What the people of the story write, in each language. All of it is invented."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Script:
    title: str
    details: str
    tags: str
    first_answer: str
    second_answer: str
    afterthought: str
    """What the first answer gains when it is edited."""
    reason: str


SCRIPTS: Final = {
    "en": Script(
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
