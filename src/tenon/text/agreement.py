"""How well vectors agree with people: files of word pairs with scores, and of analogies.

Word pairs as in WordSim-353 (Finkelstein et al. 2002): Spearman's correlation. Analogies as in questions-words.txt (Mikolov
et al. 2013, arXiv:1301.3781, section 4.1): share of right first answers.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from tenon.data.lines import read_lines
from tenon.errors import DataError
from tenon.text.vectors import WordVectors


@dataclass(frozen=True)
class PairScore:
    """Spearman's correlation over the pairs whose words both have vectors; NaN where these are fewer than 3."""

    spearman: float
    n_pairs: int
    n_unknown: int  # further pairs, with a word that has no vector


@dataclass(frozen=True)
class AnalogyScore:
    """Share of right answers to the questions all four words of which have vectors; NaN where there is none."""

    accuracy: float
    n_questions: int
    n_unknown: int
    by_section: dict[str, float]


def evaluate(vectors: WordVectors, path: "Path | str") -> PairScore | AnalogyScore:
    """Return how well vectors do on a file; a word that is unknown as it is written is looked for in lower case.

    Pairs: "word<TAB>word<TAB>score" a line, # before comments. Analogies: ": section" and "a b c d" lines.
    Raises DataError, with the line, for a file of another form.
    """
    lines = [(number, line) for number, line in enumerate(read_lines(path), 1) if not line.startswith("#")]
    is_of_analogies = bool(lines) and lines[0][1].startswith(":")
    return (_analogies if is_of_analogies else _pairs)(vectors, lines, Path(path).name)


def _pairs(vectors: WordVectors, lines: list[tuple[int, str]], name: str) -> PairScore:
    said, found, n_unknown = [], [], 0
    for number, line in lines:
        parts = line.split("\t")
        try:
            score = float(parts[2])
        except (IndexError, ValueError):
            raise DataError(
                f"{name}, line {number:,}: takes two words and a score with tabs between; got {line[:60]!r}."
            ) from None
        a, b = (_known(vectors, word) for word in parts[:2])
        if a is None or b is None:
            n_unknown += 1
            continue
        said.append(score)
        found.append(vectors.similarity(a, b))
    spearman = float(spearmanr(said, found).statistic) if len(set(said)) > 1 and len(said) > 2 else float("nan")
    return PairScore(spearman, len(said), n_unknown)


def _analogies(vectors: WordVectors, lines: list[tuple[int, str]], name: str) -> AnalogyScore:
    questions, answers, sections, n_unknown, section = [], [], [], 0, ""
    for number, line in lines:
        if line.startswith(":"):
            section = line[1:].strip()
            continue
        if len(words := line.split()) != 4:
            raise DataError(f"{name}, line {number:,}: takes four words, a is to b as c to d; got {line[:60]!r}.")
        known = [_known(vectors, word) for word in words]
        if None in known:
            n_unknown += 1
            continue
        a, b, c, d = (str(word) for word in known)
        questions.append((a, b, c))
        answers.append(d)
        sections.append(section)
    is_right = np.array(vectors.analogies(questions), object) == np.array(answers, object)
    of = np.array(sections, object)
    by_section = {section: float(is_right[of == section].mean()) for section in dict.fromkeys(sections)}
    return AnalogyScore(float(is_right.mean()) if len(is_right) else float("nan"), len(is_right), n_unknown, by_section)


def _known(vectors: WordVectors, word: str) -> str | None:
    return next((form for form in (word, word.lower()) if form in vectors), None)
