"""F1 and exact match of answers: by hand, and against short versions of the official rules."""

import collections
import random
import re
import string

import numpy as np
import pytest

from tenon.metrics.answers import answer_scores
from tenon.metrics.evidence import gather
from tenon.metrics.intervals import final_interval
from tenon.metrics.sequences import SEQUENCE_METRICS

MARKS = list("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』") + ["……"]  # sp_char of the official script of CMRC 2018


def scores(answers, said, script="other"):
    return answer_scores([[{"text": text, "script": script} for text in answers]], [said])[0].tolist()


@pytest.mark.parametrize(
    ("answers", "said", "f1", "match"),
    [
        (["Scotland Act 1998"], "the scotland act 1998.", 1, 1),
        (["Scotland Act 1998", "Scotland Act"], "Scotland Act", 1, 1),
        (["Scotland Act 1998"], "Act 1999", 0.4, 0),  # 1 of 2, 1 of 3
        (["a b c", "c d"], "c", 2 / 3, 0),  # the article goes: b c against c is 2/3, and so is c d
        (["go go go"], "go", 0.5, 0),
        (["x"], "", 0, 0),
        ([], "", 1, 1),
        ([], "x", 0, 0),
        ([], "the", 1, 1),  # nothing but an article is no answer by the official rules
        (["the"], "", 1, 1),
        (["U.S."], "us", 1, 1),
        (["ten-year"], "ten year", 0, 0),
    ],
)
def test_words_by_hand(answers, said, f1, match):
    assert scores(answers, said) == pytest.approx([f1, match])


@pytest.mark.parametrize(
    ("answers", "said", "f1", "match"),
    [
        (["踢爆"], "踢爆。", 1, 1),
        (["4分钟"], "则4分钟内", 0.75, 0),  # 4 分 钟 of 3, of 则 4 分 钟 内
        (["甲乙丙"], "丙乙甲", 1 / 3, 0),  # the longest stretch in common, not the bag
        (["水枪、小枪"], "水枪小枪", 1, 1),
        (["NEXON公司"], "nexon", 0.5, 0),  # one unit of three
        (["花青素(cyanidin)"], "花青素", 2 * 3 / 9, 0),  # ( cyanidin ) are three units
        (["北京"], "", 0, 0),
        (["the 北京"], "北京", 0.8, 0),  # no article is taken out
        (["北京市", "北京"], "北京", 1, 1),
    ],
)
def test_characters_by_hand(answers, said, f1, match):
    assert scores(answers, said, "chinese") == pytest.approx([f1, match])


def official_squad(answers, said):
    def normal(text):
        text = "".join(one for one in text.lower() if one not in set(string.punctuation))
        return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())

    def f1(gold):
        theirs, ours = normal(gold).split(), normal(said).split()
        same = sum((collections.Counter(theirs) & collections.Counter(ours)).values())
        if len(theirs) == 0 or len(ours) == 0:
            return int(theirs == ours)
        if same == 0:
            return 0
        precision, recall = same / len(ours), same / len(theirs)
        return 2 * precision * recall / (precision + recall)

    wanted = [one for one in answers if normal(one)] or [""]
    return [max(map(f1, wanted)), max(int(normal(one) == normal(said)) for one in wanted)]


def official_cmrc(answers, said):
    def bare(text):
        return "".join(one for one in text.lower().strip() if one not in MARKS)

    def f1(answer):
        theirs, ours = (list(bare(text).replace(" ", "")) for text in (answer, said))
        length = [[0] * (len(ours) + 1) for _ in range(len(theirs) + 1)]
        for i, one in enumerate(theirs):
            for j, other in enumerate(ours):
                length[i + 1][j + 1] = length[i][j] + 1 if one == other else 0
        most = max(map(max, length))
        return 0 if most == 0 else 2 * most / (len(ours) + len(theirs))

    return [max(map(f1, answers)), max(int(bare(one) == bare(said)) for one in answers)]


ENGLISH = ["the", "a", "Act", "act", "1998", ".", ",", "U.S.", "x-y", " ", "’s"]
CHARACTERS = "甲乙丙丁。，《》-： "  # without runs of letters, which the official script gives to nltk


@pytest.mark.parametrize("seed", range(300))
def test_words_as_the_official_rules_have_it(seed):
    chance = random.Random(seed)
    *answers, said = (" ".join(chance.choices(ENGLISH, k=chance.randint(0, 6))) for _ in range(chance.randint(1, 4)))
    assert scores(answers, said) == pytest.approx(official_squad(answers, said))


@pytest.mark.parametrize("seed", range(300))
def test_characters_as_the_official_rules_have_it(seed):
    chance = random.Random(seed)
    *answers, said = ("".join(chance.choices(CHARACTERS, k=chance.randint(0, 9))) for _ in range(chance.randint(2, 4)))
    answers = ["甲" + answer for answer in answers]  # none without a character, of which the official script knows nothing
    assert scores(answers, said, "chinese") == pytest.approx(official_cmrc(answers, said))


def test_both_metrics_are_means_over_rows():
    truth = np.empty(4, object)
    truth[:] = [[{"text": text, "script": "other"}] for text in ("x y", "x", "y", "z")]
    guess = answer_scores(truth, ["x", "x", "x", "z"])
    f1, match = (SEQUENCE_METRICS[name] for name in ("answer_f1", "exact_match"))
    assert f1.score(truth, guess) == pytest.approx((2 / 3 + 1 + 0 + 1) / 4)
    assert match.score(truth, guess) == 0.5
    evidence = gather(f1, ["m"], truth, [[guess]], np.array([[0, 0, 1, 1]]))
    assert evidence.level[0] == pytest.approx(8 / 12)


@pytest.mark.parametrize("name", ["answer_f1", "exact_match"])
@pytest.mark.parametrize("n_right", [0, 15, 30])
def test_intervals_stay_between_0_and_1_and_hold_the_score(name, n_right):
    truth = np.empty(30, object)
    truth[:] = [[{"text": "x", "script": "other"}]] * 30
    score, low, high = final_interval(
        SEQUENCE_METRICS[name], truth, answer_scores(truth, ["x"] * n_right + ["y"] * (30 - n_right))
    )
    assert score == n_right / 30
    assert 0 <= low <= score <= high <= 1
    assert 0.1 < high - low < 0.5
