"""Generated case files of thousands of words in which one sentence, anywhere in the file, alone decides the outcome.

How hard they are, on purpose:
- A reader who finds the evidence sentence is always right; nothing else in the file depends on the outcome.
- Where it stands is spread evenly over the whole file, so who reads only the first tenth sees it in every tenth file.
- Two thirds of the evidence sentences use words of their own ("annulled", "upheld"): a bag of words can learn them. The rest
  use words that stand in 3 to 8 decoys as well ("an earlier appeal by Ada Holt was refused"), so that counting words
  helps little there.
"""

import json
import random

from tenon.data.samples.case_words import CHINESE, ENGLISH, CaseLanguage
from tenon.data.samples.sources import csv_bytes
from tenon.data.samples.templates import fill

N_DOCUMENTS = 300
N_DECOYS = (3, 8)
TELLING = 2 / 3  # share of the evidence sentences with words of their own
PARAGRAPH = (4, 9)  # sentences


def english(seed: int) -> dict[str, bytes]:
    """Files long-documents.jsonl (`text`, `outcome`) and long-documents-evidence.csv (`row`, `start`, `stop`, `sentence`)."""
    return _files("long-documents", ENGLISH, random.Random(seed))


def chinese(seed: int) -> dict[str, bytes]:
    """The same in Chinese, as long-documents-zh.jsonl and long-documents-zh-evidence.csv."""
    return _files("long-documents-zh", CHINESE, random.Random(seed))


def _files(name: str, language: CaseLanguage, rng: random.Random) -> dict[str, bytes]:
    """The evidence has a file of its own, since a model must not read it; `row` counts the lines of the other from 0."""
    lines, evidence = [], []
    outcomes = [list(language.verdicts)[k % 2] for k in range(N_DOCUMENTS)]
    places = [(k + 0.5) / N_DOCUMENTS for k in range(N_DOCUMENTS)]
    rng.shuffle(outcomes)
    rng.shuffle(places)
    for row, (outcome, place) in enumerate(zip(outcomes, places, strict=True)):
        text, sentence = _document(language, outcome, place, rng)
        lines.append(json.dumps({"text": text, "outcome": outcome}, ensure_ascii=False) + "\n")
        start = text.index(sentence)
        evidence.append((row, start, start + len(sentence), sentence))
    return {
        f"{name}.jsonl": "".join(lines).encode(),
        f"{name}-evidence.csv": csv_bytes(["row", "start", "stop", "sentence"], evidence),
    }


def _document(language: CaseLanguage, outcome: str, place: float, rng: random.Random) -> tuple[str, str]:
    """Return the text and its evidence sentence, which stands at the share `place`, in [0, 1), of all sentences."""
    n_sentences = rng.randint(*language.n_sentences)
    sentences = [_sentence(rng.choice(language.filler), language, rng) for _ in range(n_sentences)]
    for k in rng.sample(range(n_sentences), rng.randint(*N_DECOYS)):
        verdict = rng.choice(list(language.verdicts.values()))
        sentences[k] = _sentence(rng.choice(language.decoys).replace("{verdict}", verdict), language, rng)
    evidence = _evidence(language, outcome, rng)
    sentences.insert(int(place * (n_sentences + 1)), evidence)
    return _paragraphs(sentences, language.between, rng), evidence


def _evidence(language: CaseLanguage, outcome: str, rng: random.Random) -> str:
    templates = language.telling[outcome] if rng.random() < TELLING else language.plain
    return _sentence(rng.choice(templates).replace("{verdict}", language.verdicts[outcome]), language, rng)


def _sentence(template: str, language: CaseLanguage, rng: random.Random) -> str:
    text = fill(template, language.words, rng)
    return text[0].upper() + text[1:]


def _paragraphs(sentences: list[str], between: str, rng: random.Random) -> str:
    paragraphs, start = [], 0
    while start < len(sentences):
        stop = start + rng.randint(*PARAGRAPH)
        paragraphs.append(between.join(sentences[start:stop]))
        start = stop
    return "\n\n".join(paragraphs)
