"""Generated pairs of English sentences that say the same or not."""

import random
from dataclasses import dataclass, replace

from tenon.data.samples.sources import csv_bytes
from tenon.data.samples.templates import DAYS, FIRST_NAMES, Words, fill, weighted

N_PAIRS = 1_200


@dataclass(frozen=True)
class Event:
    """What a sentence of a pair says."""

    agent: str
    patient: str
    verb: int  # position in VERBS
    place: str
    day: str
    is_denied: bool = False


PEOPLE = ["the {trade}", "{first}", "{first} from {town}"]
PAIRED: Words = {
    "trade": "baker engineer nurse printer surveyor teacher violinist gardener pilot judge".split(),
    "first": FIRST_NAMES,
    "town": "Ashford Colden Dunham Fenwick Granby Harrow Kirkby Marlow".split(),
    "person": PEOPLE,
    "place": [
        "at the station",
        "in the library",
        "on the bridge",
        "behind the mill",
        "in {town}",
        "near {town}",
        "at the market",
    ],
    "day": DAYS,
}
VERBS = (  # words that say the same, each as (plain form, past, participle)
    (("praise", "praised", "praised"), ("commend", "commended", "commended")),
    (("accuse", "accused", "accused"), ("blame", "blamed", "blamed")),
    (("hire", "hired", "hired"), ("employ", "employed", "employed")),
    (("find", "found", "found"), ("discover", "discovered", "discovered")),
    (("help", "helped", "helped"), ("assist", "assisted", "assisted")),
    (("frighten", "frightened", "frightened"), ("scare", "scared", "scared")),
    (("choose", "chose", "chosen"), ("select", "selected", "selected")),
    (("deceive", "deceived", "deceived"), ("trick", "tricked", "tricked")),
)
CHANGES = {"roles": 3.0, "verb": 2.0, "place": 1.0, "day": 1.0, "denial": 1.0, "everything": 4.0}  # chances of each


def sentence_pairs(seed: int) -> dict[str, bytes]:
    """File sentence-pairs.csv: `sentence1`, `sentence2`, `label` (paraphrase or different), half of each.

    How hard: a paraphrase changes the order (active, passive, stressed) and often the verb. Of the others a third are about
    something else, which shared words show; the rest differ in who did it to whom, in the verb, place or day, or in a
    "not", and share as many words as paraphrases do.
    """
    rng = random.Random(seed)
    labels = ["paraphrase", "different"] * (N_PAIRS // 2)
    rng.shuffle(labels)
    rows = []
    for label in labels:
        event = _event(rng)
        other = event if label == "paraphrase" else _changed(event, rng)
        first, second = rng.sample((_active, _passive, _stressed), 2)
        rows.append((_capital(first(event, rng)), _capital(second(other, rng)), label))
    return {"sentence-pairs.csv": csv_bytes(["sentence1", "sentence2", "label"], rows)}


def _event(rng: random.Random) -> Event:
    agent = patient = fill("{person}", PAIRED, rng)
    while patient == agent:
        patient = fill("{person}", PAIRED, rng)
    verb, place, day = rng.randrange(len(VERBS)), fill("{place}", PAIRED, rng), rng.choice(DAYS)
    return Event(agent, patient, verb, place, day, is_denied=rng.random() < 0.1)


def _changed(event: Event, rng: random.Random) -> Event:
    what = weighted(rng, CHANGES)
    if what == "roles":
        return replace(event, agent=event.patient, patient=event.agent)
    if what == "denial":
        return replace(event, is_denied=not event.is_denied)
    other = _event(rng)
    if what == "everything":
        return other if other != event else _changed(event, rng)
    changed = replace(event, **{what: getattr(other, what)})
    return changed if changed != event else _changed(event, rng)


def _active(event: Event, rng: random.Random) -> str:
    plain, past, _ = rng.choice(VERBS[event.verb])
    verb = f"did not {plain}" if event.is_denied else past
    return f"{event.agent} {verb} {event.patient} {event.place} on {event.day}."


def _passive(event: Event, rng: random.Random) -> str:
    _, _, participle = rng.choice(VERBS[event.verb])
    verb = f"was {'not ' if event.is_denied else ''}{participle}"
    return f"on {event.day}, {event.patient} {verb} by {event.agent} {event.place}."


def _stressed(event: Event, rng: random.Random) -> str:
    _, past, _ = rng.choice(VERBS[event.verb])
    start = "it is not true that it was" if event.is_denied else "it was"
    return f"{start} {event.agent} who {past} {event.patient} {event.place} on {event.day}."


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
