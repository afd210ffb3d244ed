"""Generated English sentences with the names of persons, places and organisations tagged."""

import random
import re

from tenon.data.samples.templates import DAYS, FIRST_NAMES, STEMS, Words, pieces

N_SENTENCES = 1_000

TAGGED: Words = {
    "either": "Washington Jordan Florence Lincoln Chelsea Austin Paris Stafford Sydney Kent Preston Carlisle".split(),
    "stem": [*STEMS, *(f"{stem}{middle}" for stem in STEMS for middle in ("er", "en", "le"))],
    "shared_ending": "ton ford ley wood field well".split(),
    "coined": ["{stem}{shared_ending}"],
    "last": ["{stem}son", "{stem}man", "{stem}ter", "{coined}", "{coined}", "{either}"],
    "town": ["{stem}ham", "{stem}burgh", "{stem}mouth", "{coined}", "{coined}", "{either}"],
    "first": FIRST_NAMES,
    "PER": ["{first} {last}", "{first} {last}", "{last}"],
    "LOC": ["{town}", "{town}", "North {town}", "{town} Bay"],
    "ORG": ["{town} Council", "{last} Brothers", "University of {town}", "{town} United", "{last} & Co", "Bank of {town}"],
    "day": DAYS,
    "trade": "baker engineer nurse printer surveyor teacher violinist gardener".split(),
    "topic": "prices roads schools trains water wages bread theatre".split(),
}
TAGGED_TEMPLATES = (
    "{PER} moved from {LOC} to {LOC} on {day}.",
    "{ORG} opened an office in {LOC}.",
    "Dr {PER} of {ORG} spoke about {topic}.",
    "The {trade} {PER} was born near {LOC}.",
    "On {day}, {ORG} sued {PER} over {topic}.",
    "Trains from {LOC} to {LOC} stopped on {day}.",
    "{PER} and {PER} met in {LOC}.",
    "Shares of {ORG} fell after {PER} resigned.",
    "Nobody in {LOC} talks about {topic} any more.",
    "The {trade} asked about {topic} on {day}.",
    "{PER} said that {topic} matter most.",
    "{ORG} beat {ORG} on {day}.",
    "{PER} was in the news on {day}.",
    "{LOC} was in the news on {day}.",
)


def tagged_text(seed: int) -> dict[str, bytes]:
    """File tagged-text.txt: `token<TAB>tag` a line, an empty line after each sentence; BIO tags of PER, LOC and ORG.

    How hard: town and family names come from the same stems and endings, many occur once only, and some are plainly both
    ("Lincoln"), so a list of names fails and the words around decide; in a few sentences ("Lincoln was in the news")
    nothing does. Organisations hold the name of a town or family, so the whole span has to be found.
    """
    rng = random.Random(seed)
    sentences = [_tagged(rng.choice(TAGGED_TEMPLATES), rng) for _ in range(N_SENTENCES)]
    return {"tagged-text.txt": "".join(f"{lines}\n" for lines in sentences).encode()}


def _tagged(template: str, rng: random.Random) -> str:
    lines = []
    for slot, text in pieces(template, TAGGED, rng):
        for k, token in enumerate(re.findall(r"\w+|[^\w\s]", text)):
            tag = f"{'I' if k else 'B'}-{slot}" if slot.isupper() else "O"
            lines.append(f"{token}\t{tag}\n")
    return "".join(lines)
