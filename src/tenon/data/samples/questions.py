"""Generated questions on generated paragraphs about buildings; the answer is a passage, or is not there."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenon.data.samples.templates import FIRST_NAMES, STEMS, Words, fill

N_PARAGRAPHS, PARAGRAPHS_PER_TITLE, QUESTIONS_PER_PARAGRAPH = 150, 5, 4


@dataclass(frozen=True)
class Fact:
    """Something a paragraph may state about a building, and ways to ask for it in other words."""

    value: str  # template of the answer
    said: tuple[str, ...]
    asked: tuple[str, ...]


FACTS = (
    Fact(
        "1{digit8}{digit}{digit}",
        ("{name} was completed in {value}.", "In {value} the last stone of {name} was laid."),
        ("When was {name} finished?", "In which year was {name} completed?"),
    ),
    Fact(
        "{person}",
        ("{value} drew the plans for {name}.", "The plans of {name} are by {value}."),
        ("Who designed {name}?", "Who was the architect of {name}?"),
    ),
    Fact(
        "{number} thousand pounds",
        ("{name} cost {value}.", "For {name} the town paid {value}."),
        ("How expensive was {name}?", "What was the price of {name}?"),
    ),
    Fact(
        "{material}",
        ("{name} is built of {value}.", "The walls of {name} are of {value}."),
        ("What is {name} made of?", "Which material was used for {name}?"),
    ),
    Fact(
        "{number} metres",
        ("{name} measures {value} from end to end.", "From one side of {name} to the other it is {value}."),
        ("How long is {name}?", "What is the length of {name}?"),
    ),
    Fact(
        "the {owner}",
        ("{name} belongs to {value}.", "Today {value} looks after {name}."),
        ("Who owns {name}?", "Whose property is {name}?"),
    ),
)
BUILDINGS: Words = {
    "digit8": ["7", "8", "9"],
    "digit": list("0123456789"),
    "number": [str(k) for k in range(11, 100)],
    "first": FIRST_NAMES,
    "last": "Abbott Berger Castle Dunmore Ekman Farrow Garside Holt Ivers Jarvis Keller Lorne".split(),
    "person": ["{first} {last}"],
    "material": ["red sandstone", "oak", "grey granite", "yellow brick", "cast iron", "limestone", "concrete", "larch"],
    "owner": ["railway company", "parish", "county", "harbour authority", "water board", "university", "guild of weavers"],
    "stem": STEMS,
    "town": ["{stem}ham", "{stem}mouth", "{stem}burgh"],
    "name": ["the {town} {kind}"],
    "kind": "Bridge Viaduct Mill Museum Lighthouse Theatre Station Chapel".split(),
    "filler": [
        "Visitors come mostly in {season}.",
        "A path leads from {name} down to the river.",
        "It is open from {season} on.",
    ],
    "season": ["spring", "summer", "autumn"],
}


def questions(seed: int) -> dict[str, bytes]:
    """File questions.json in the form of SQuAD 2.0: data, paragraphs, qas, answers with `text` and `answer_start` (characters).

    How hard: each paragraph is about two buildings and states the same kinds of facts of both, so the kind of answer alone
    (a year, a person) does not tell which; questions use other words than the text. About a third cannot be answered: the
    fact is missing for the building asked about, though the other often has it.
    """
    rng = random.Random(seed)
    paragraphs = [_paragraph(number, rng) for number in range(N_PARAGRAPHS)]
    starts = range(0, N_PARAGRAPHS, PARAGRAPHS_PER_TITLE)
    data = [
        {"title": f"Buildings {k + 1}", "paragraphs": paragraphs[start : start + PARAGRAPHS_PER_TITLE]}
        for k, start in enumerate(starts)
    ]
    return {"questions.json": (json.dumps({"version": "v2.0", "data": data}, indent=1) + "\n").encode()}


def _paragraph(number: int, rng: random.Random) -> dict[str, Any]:
    names = _two_different("{name}", rng)
    values = {fact: _two_different(fact.value, rng) for fact in FACTS}
    stated = [(fact, which) for which in (0, 1) for fact in rng.sample(FACTS, 4)]
    sentences: list[tuple[tuple[Fact, int] | None, str]] = [(None, fill("{filler}", BUILDINGS, rng)) for _ in range(2)]
    sentences += [(key, rng.choice(key[0].said).replace("{name}", names[key[1]])) for key in stated]
    rng.shuffle(sentences)
    context, start_of = "", {}
    for key, template in sentences:
        if key is not None:
            start_of[key] = len(context) + template.index("{value}")
            template = template.replace("{value}", values[key[0]][key[1]])
        context += template[0].upper() + template[1:] + " "
    return {"context": context.rstrip(), "qas": _ask(number, names, values, start_of, rng)}


def _ask(
    number: int,
    names: tuple[str, str],
    values: Mapping[Fact, tuple[str, str]],
    start_of: Mapping[tuple[Fact, int], int],
    rng: random.Random,
) -> list[dict[str, Any]]:
    everything = [(fact, which) for fact in FACTS for which in (0, 1)]
    qas = []
    for k, (fact, which) in enumerate(rng.sample(everything, QUESTIONS_PER_PARAGRAPH)):
        start = start_of.get((fact, which))
        answers = [] if start is None else [{"text": values[fact][which], "answer_start": start}]
        question = rng.choice(fact.asked).replace("{name}", names[which])
        qas.append({"id": f"{number:03d}-{k}", "question": question, "answers": answers, "is_impossible": start is None})
    return qas


def _two_different(template: str, rng: random.Random) -> tuple[str, str]:
    first = second = fill(template, BUILDINGS, rng)
    while second == first:
        second = fill(template, BUILDINGS, rng)
    return first, second
