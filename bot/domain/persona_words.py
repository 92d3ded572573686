"""The words that anonymous authors' names are made of.

A name stands above whatever its author asks: about grief, sleep, money, courage, faithfulness, a
body. So no word praises or names what such a question may be about, as *brave*, *cheerful*, *calm*
or *patient* would. None says something of body, mind, age, gender, origin or belief; none is a
first name, an insult or a pet name, or has a second meaning that is one. What is left: colours,
patterns, light and seasons, and the plainest kindness; animals, plants and things.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ADJECTIVES: Final = _words(
    """
    amiable considerate cordial courteous curious friendly gentle helpful kind mild polite quiet
    thoughtful
    apricot aquamarine azure blueberry cerulean cobalt copper cranberry emerald indigo lilac magenta
    mint mulberry periwinkle plum teal topaz turquoise ultramarine vermilion
    dappled dotted embroidered knitted linen marble painted patterned pewter quartz quilted slate
    striped tiled woollen woven
    gleaming glimmering lamplit moonlit shimmering sparkling starlit sunlit twinkling
    autumnal coastal evening forest garden hillside humming lakeside leafy meadow morning mossy
    mountain orchard riverside rustling seaside springtime upland valley wintry woodland
    """
)
NOUNS: Final = _words(
    """
    alpaca beetle bumblebee butterfly crane cricket curlew dolphin dragonfly falcon finch firefly
    hare hedgehog kestrel kingfisher lark lynx marten nightingale osprey otter owl penguin plover
    puffin salmon sandpiper seal sparrow squirrel starling turtle
    acorn alder birch bluebell cedar chestnut clover cornflower crocus dandelion elm larch linden
    maple oak snowdrop sunflower tulip
    accordion atlas comet compass lantern lighthouse notebook pebble piano planet postcard sailboat
    teapot thimble umbrella violin windmill
    """
)

# German adjectives without their endings, and nouns by gender: stiller Otter, stille Eule, stilles
# Reh. Only adjectives that take -er, -e and -es as they are.
GERMAN_ADJECTIVES: Final = _words(
    """
    freundlich gastfreundlich gütig herzlich hilfsbereit höflich leis liebenswürdig mild
    nachdenklich neugierig rücksichtsvoll sanft still wohlwollend zugewandt zuvorkommend
    apfelgrün bernsteinfarben bunt fliederfarben himmelblau honigfarben kirschrot kobaltblau kupfern
    lavendelfarben lindgrün meerblau meergrün minzgrün moosgrün pflaumenfarben safrangelb
    smaragdgrün sonnengelb tannengrün tintenblau türkisfarben ziegelrot
    bemalt bestickt geflochten gemustert gepunktet geringelt gesprenkelt gestreift gestrickt getupft
    gewebt gewellt kariert marmoriert
    funkelnd glänzend glitzernd leuchtend mondhell schimmernd sternenhell
    abendlich frühlingshaft herbstlich moosig morgendlich plätschernd raschelnd sommerlich summend
    winterlich
    """
)
MASCULINE: Final = _words(
    """
    Ahorn Apfelbaum Bleistift Delfin Eisvogel Elch Falke Fink Igel Käfer Kirschbaum Klee Komet
    Kompass Kranich Krokus Lachs Leuchtturm Löwenzahn Luchs Marder Milan Otter Papageitaucher
    Pinguin Planet Regenschirm Rucksack Schmetterling Seehund Sperling Stieglitz
    """
)
FEMININE: Final = _words(
    """
    Amsel Bachstelze Birke Buche Eiche Erle Eule Feldlerche Fichte Geige Glockenblume Insel Kastanie
    Kornblume Lärche Laterne Libelle Linde Möwe Nachtigall Postkarte Robbe Schildkröte Schwalbe
    Sonnenblume Teekanne Tulpe Windmühle Wolke Zeder
    """
)
NEUTER: Final = _words(
    """
    Ahornblatt Akkordeon Alpaka Baumhaus Eichhörnchen Fahrrad Farnblatt Fernrohr Gänseblümchen
    Klavier Kleeblatt Notizbuch Reh Rotkehlchen Ruderboot Seepferdchen Segelboot Windrad
    """
)
