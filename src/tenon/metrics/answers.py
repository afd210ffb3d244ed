"""How well an answer matches those that are given: F1 and exact match by the official rules.

Of contexts with blanks between words as SQuAD scores (Rajpurkar et al. 2016, arXiv:1606.05250, section 6.1): lower case, without
punctuation and a, an, the; F1 is of the words in common. Of Chinese ones as CMRC 2018 scores (Cui et al. 2019, arXiv:1810.07366,
section 4): a character is a unit, F1 is of the longest stretch in common. Runs of other scripts in there are cut into words by
`WORD`, where CMRC asks nltk. Either way the best match of all given answers counts; where none is given, none is right.
"""

import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import numpy as np

ARTICLE = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = str.maketrans("", "", string.punctuation)
CHINESE_MARKS = str.maketrans("", "", "-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")  # those alone that CMRC takes out
WORD = re.compile(r"[\u4e00-\u9fa5]|[^\W\u4e00-\u9fa5]+(?:[.,'’][^\W\u4e00-\u9fa5]+)*|[^\w\s]")


def answer_scores(truth: Iterable[Sequence[Mapping[str, Any]]], said: Iterable[str]) -> np.ndarray:
    """Return (n, 2) float64: F1 and exact match of each row, in [0, 1].

    truth : the answers {text, script} of each row; none: there is none. said : what is answered, "" for none.
    """
    return np.array([_scores(*row) for row in zip(truth, said, strict=True)], np.float64).reshape(-1, 2)


def _scores(answers: Sequence[Mapping[str, Any]], said: str) -> tuple[float, float]:
    is_chinese = any(answer["script"] == "chinese" for answer in answers)
    plain, f1 = (plain_chinese, chinese_f1) if is_chinese else (plain_words, words_f1)
    wanted = [answer["text"] for answer in answers if plain(answer["text"])] or [""]
    return max(f1(one, said) for one in wanted), float(plain(said) in map(plain, wanted))


def plain_words(text: str) -> str:
    """Return what SQuAD compares.

    >>> plain_words("The  Beatles, U.K.")
    'beatles uk'
    """
    return " ".join(ARTICLE.sub(" ", text.lower().translate(PUNCTUATION)).split())


def words_f1(wanted: str, said: str) -> float:
    """Return F1 of words, each as often as it stands; 1 where both have none.

    >>> round(words_f1("the Scotland Act", "Scotland Act 1998"), 3)
    0.8
    """
    ours, theirs = plain_words(said).split(), plain_words(wanted).split()
    if not ours or not theirs:
        return float(ours == theirs)
    return _f1((Counter(ours) & Counter(theirs)).total(), len(ours), len(theirs))


def plain_chinese(text: str) -> str:
    """Return what CMRC compares.

    >>> plain_chinese("《北京》 ABC。")
    '北京 abc'
    """
    return text.lower().strip().translate(CHINESE_MARKS)


def chinese_f1(wanted: str, said: str) -> float:
    """Return F1 of the longest stretch of units in common; 1 where both have none.

    >>> round(chinese_f1("1998年成立", "于1998年"), 3)
    0.571
    """
    ours, theirs = (WORD.findall(plain_chinese(text)) for text in (said, wanted))
    if not ours or not theirs:
        return float(ours == theirs)
    return _f1(SequenceMatcher(None, ours, theirs, autojunk=False).find_longest_match().size, len(ours), len(theirs))


def _f1(n_common: int, n_ours: int, n_theirs: int) -> float:
    return 2 * n_common / (n_ours + n_theirs)
