"""Planted topics are found with their number and words; coherence and quality by hand."""

import math

import numpy as np
import pytest

from tenon.overview.topics import chinese_words, coherence, counted, pairs_of_characters, quality, topics_of

THEMES = {
    "sea": "ship sail wave harbour captain anchor tide island storm deck".split(),
    "kitchen": "oven flour butter sugar recipe spoon dough cake salt pan".split(),
    "court": "judge jury trial lawyer verdict witness appeal crime guilty sentence".split(),
}


def written(seed: int, n: int = 150, themes=THEMES, sign: str = " ") -> list[str]:
    rng = np.random.default_rng(seed)
    words = list(themes.values())
    return [sign.join(rng.choice(words[i % len(words)], 6, replace=False)) for i in range(n)]


@pytest.mark.mission("B9")
@pytest.mark.parametrize("seed", range(3))
def test_planted_topics(seed):
    found = topics_of(written(seed), 0)
    assert found["n"] == 3
    assert {frozenset(topic["words"]) for topic in found["topics"]} == {frozenset(words) for words in THEMES.values()}
    assert [topic["texts"] for topic in found["topics"]] == [50, 50, 50]
    assert found["quality"][found["ns"].index(3)] == max(found["quality"])


def test_chinese_topics():
    themes = {
        "sea": ["海洋", "轮船", "港口", "船长", "风暴", "岛屿", "海浪", "水手", "潮汐", "码头", "航行"],
        "school": ["老师", "学生", "考试", "课堂", "作业", "校园", "成绩", "教材", "大学", "知识", "毕业"],
        "market": ["股票", "基金", "银行", "利率", "投资", "市场", "经济", "贷款", "债券", "通胀", "汇率"],
    }
    found = topics_of(written(0, 200, themes, "，"), 0)
    assert found["n"] == 3
    assert all(any(set(topic["words"]) <= set(words) for words in themes.values()) for topic in found["topics"])


def test_chinese_words_with_and_without_a_dictionary():
    assert "学生" in chinese_words("学生的老师。")
    assert "的" not in chinese_words("学生的老师。")
    assert pairs_of_characters("大学，X光") == ["大学", "x光"]


def test_coherence_and_quality_by_hand():
    """Of four texts, a and b stand together in two and alone in none; c stands in one of these and in another."""
    is_there = np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1], [0, 0, 0]])
    together = is_there.T @ is_there / 4
    np.testing.assert_array_equal(together, [[0.5, 0.5, 0.25], [0.5, 0.5, 0.25], [0.25, 0.25, 0.5]])
    assert coherence([0, 1], together) == pytest.approx(1.0)
    by_chance = math.log(0.25 / (0.5 * 0.5)) / -math.log(0.25)
    assert coherence([0, 1, 2], together) == pytest.approx((1 + 2 * by_chance) / 3)
    assert coherence([0], together) == 0.0
    never = np.array([[0.5, 0.0], [0.0, 0.5]])
    assert coherence([0, 1], never) == -1.0
    # coherent wholly; two different words among four; in half of the texts
    assert quality([[0, 1], [0, 1]], together, is_there) == pytest.approx((1 + 1.0) / 2 * 0.5 * 0.5)


def test_texts_without_topics():
    assert topics_of(["one"] * 10, 0) == {"reason": "at least 50 texts are needed; there are 10."}
    assert "fewer than 30 words" in topics_of(["the same"] * 60, 0)["reason"]
    assert len(counted(["", "a", "of the"] * 30)[1]) == 0  # stop words only
