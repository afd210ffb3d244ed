"""Generated documents of any length whose class one sentence says, or two together, at places that are known.

How hard they are, on purpose:
- One hop: "The key to this document is amber." decides; those of others stand there, too. Two hops: one sentence says who
  keeps the key to this document, another which key that is; others keep keys, too.
- Every class is named equally often in every document, so that counting words tells nothing: a reader has to find the sentence.
- Where each of these sentences stands is spread evenly over all documents, and known.

After the needles of long-context tests, and the hops of HotpotQA (Yang et al. 2018, arXiv:1809.09600).
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tenon.data.long_texts import TOKENS_OF_WORD
from tenon.data.samples.case_words import CHINESE, ENGLISH, CaseLanguage
from tenon.data.samples.sources import csv_bytes
from tenon.data.samples.templates import fill
from tenon.errors import SettingsError

N_DOCUMENTS, N_TOKENS = 400, 2_000  # of the samples
TIMES_NAMED = 2  # each class in a document
Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Statements:
    """What is said of keys, in one language: templates with {key}, {who} and {number}."""

    keys: tuple[str, ...]  # the classes
    this: str
    other: str
    kept: str  # by whom the key to this document is
    kept_other: str
    keeps: str  # who keeps which key
    people: CaseLanguage


SAID: dict[Language, Statements] = {
    "en": Statements(
        keys=("amber", "copper", "ivory", "violet"),
        this="The key to this document is {key}.",
        other="The key to document {number} is {key}.",
        kept="The key to this document is kept by {who}.",
        kept_other="The key to document {number} is kept by {who}.",
        keeps="{who} keeps the {key} key.",
        people=ENGLISH,
    ),
    "zh": Statements(
        keys=("琥珀色", "古铜色", "象牙色", "紫罗兰色"),
        this="本卷的钥匙是{key}的。",
        other="第{number}卷的钥匙是{key}的。",
        kept="本卷的钥匙由{who}保管。",
        kept_other="第{number}卷的钥匙由{who}保管。",
        keeps="{who}保管{key}的钥匙。",
        people=CHINESE,
    ),
}


@dataclass(frozen=True)
class Planted:
    """A document, its class, and for each hop from where to where in its text the sentence stands that decides."""

    text: str
    label: str
    places: tuple[tuple[int, int], ...]

    @property
    def depths(self) -> tuple[float, ...]:
        """Return which share of the text stands before each of these sentences."""
        return tuple(start / len(self.text) for start, _ in self.places)


def planted_documents(
    n: int = N_DOCUMENTS, n_tokens: int = N_TOKENS, hops: int = 1, language: Language = "en", seed: int = 0
) -> list[Planted]:  # fmt: skip
    """Return n documents of about n_tokens tokens each (`tenon.data.long_texts`), no more but for those that decide.

    hops : sentences that decide together, 1 or 2. Classes are equally frequent; each document names each TIMES_NAMED times.
    Raises SettingsError for other hops or languages.
    """
    if hops not in (1, 2) or language not in SAID:
        raise SettingsError(f"planted documents have 1 or 2 hops, and are en or zh; got {hops} and {language!r}.")
    said, rng = SAID[language], random.Random(seed)
    labels = [said.keys[k % len(said.keys)] for k in range(n)]
    rng.shuffle(labels)
    places = [rng.sample([(k + 0.5) / n for k in range(n)], n) for _ in range(hops)]
    return [_document(said, label, place, n_tokens, rng) for label, *place in zip(labels, *places, strict=True)]


def english(seed: int) -> dict[str, bytes]:
    """Files planted.jsonl (`text`, `key`) and planted-evidence.csv (`row`, `hop`, `start`, `stop`, `depth`, `sentence`)."""
    return _files("planted", planted_documents(seed=seed))


def chinese(seed: int) -> dict[str, bytes]:
    """The same in Chinese, as planted-zh.jsonl and planted-zh-evidence.csv."""
    return _files("planted-zh", planted_documents(language="zh", seed=seed))


def _files(name: str, documents: Sequence[Planted]) -> dict[str, bytes]:
    lines = (json.dumps({"text": one.text, "key": one.label}, ensure_ascii=False) + "\n" for one in documents)
    evidence = [
        (row, 1 + hop, start, stop, round(depth, 4), one.text[start:stop])
        for row, one in enumerate(documents)
        for hop, ((start, stop), depth) in enumerate(zip(one.places, one.depths, strict=True))
    ]
    header = ["row", "hop", "start", "stop", "depth", "sentence"]
    return {f"{name}.jsonl": "".join(lines).encode(), f"{name}-evidence.csv": csv_bytes(header, evidence)}


def _document(said: Statements, label: str, places: Sequence[float], n_tokens: int, rng: random.Random) -> Planted:
    decide, others = (_one_hop if len(places) == 1 else _two_hops)(said, label, rng)
    sentences, room = list(others), n_tokens - sum(_n_tokens(one, said) for one in (*decide, *others))
    while True:
        more = _capital(fill(rng.choice(said.people.filler), said.people.words, rng))
        if (room := room - _n_tokens(more, said)) < 0:
            break
        sentences.append(more)
    rng.shuffle(sentences)
    at = [int(place * (len(sentences) + 1)) for place in places]
    order = sorted(range(len(decide)), key=lambda hop: -at[hop])  # from the end, so that places stay what they are
    for hop in order:
        sentences.insert(at[hop], decide[hop])
    text = said.people.between.join(sentences)
    starts = [text.index(one) for one in decide]  # no other sentence is like one of these
    return Planted(text, label, tuple((start, start + len(one)) for start, one in zip(starts, decide, strict=True)))


def _one_hop(said: Statements, label: str, rng: random.Random) -> tuple[list[str], list[str]]:
    """Return the sentences that decide, and those that could be taken for them."""
    others = [key for key in said.keys for _ in range(TIMES_NAMED - (key == label))]
    numbers = rng.sample(range(100, 1_000), len(others))
    return [said.this.format(key=label)], [said.other.format(number=n, key=key) for n, key in zip(numbers, others, strict=True)]


def _two_hops(said: Statements, label: str, rng: random.Random) -> tuple[list[str], list[str]]:
    keys = [label, *(key for key in said.keys for _ in range(TIMES_NAMED - (key == label)))]
    people = _people(len(keys), said, rng)
    numbers = rng.sample(range(100, 1_000), len(keys) - 1)
    keep = [said.keeps.format(who=who, key=key) for who, key in zip(people, keys, strict=True)]
    kept = [said.kept_other.format(number=n, who=who) for n, who in zip(numbers, people[1:], strict=True)]
    return [said.kept.format(who=people[0]), keep[0]], [*keep[1:], *kept]


def _people(n: int, said: Statements, rng: random.Random) -> list[str]:
    """Return n different names."""
    found: dict[str, None] = {}
    while len(found) < n:
        found[fill("{person}", said.people.words, rng)] = None
    return list(found)


def _n_tokens(sentence: str, said: Statements) -> float:
    return len(sentence) if said is SAID["zh"] else TOKENS_OF_WORD * len(sentence.split())


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
