"""The best answers under logits, against every pair of tokens; the threshold, against every cut."""

import numpy as np
import pytest

pytest.importorskip("torch")

from tenon.data.questions import Span  # noqa: E402
from tenon.text.answer_spans import best_spans, best_threshold, stretch_of, weighed  # noqa: E402
from tenon.text.answer_windows import Window  # noqa: E402
from tenon.text.marked import Marked  # noqa: E402

CONTEXT = "aa 😀b cc 京 dd e"
SPANS = [(0, 2), (3, 4), (4, 5), (6, 8), (9, 10), (11, 13), (14, 15)]
FIRST = 4  # [CLS], two tokens of a question, [SEP]


def window(part=slice(0, 7), own=None):
    spans = np.array([(0, 0), (0, 3), (4, 5), (0, 0), *SPANS[part], (0, 0)], np.int64)
    is_own = np.zeros(len(spans), bool)
    is_own[FIRST:-1] = True if own is None else own
    return Window(Marked(np.arange(len(spans)), np.ones(len(spans), np.int64), spans), FIRST, is_own)


def every_span(of, logits, longest):
    found = []
    for i in range(FIRST, len(logits) - 1):
        for j in range(i, min(i + longest, len(logits) - 1)):
            if of.own[i]:
                start, end = of.row.spans[i, 0], of.row.spans[j, 1]
                found.append((CONTEXT[start:end], int(start), float(logits[i, 0] + logits[j, 1])))
    return sorted(found, key=lambda one: -one[2])


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("longest", [1, 3, 99])
@pytest.mark.parametrize("n_best", [1, 4, 99])
def test_the_best_spans_of_all_that_there_are(seed, longest, n_best):
    chance = np.random.default_rng(seed)
    of = window(own=chance.random(7) < 0.6)
    logits = chance.normal(size=(12, 2))
    logits[:FIRST] += 9.0  # marks and the question are never an answer
    logits[-1] += 9.0
    found = best_spans(stretch_of(of, logits), CONTEXT, longest, n_best)
    wanted = every_span(of, logits, longest)[:n_best]
    assert [(span.text, span.start) for span in found] == [one[:2] for one in wanted]
    assert [span.score for span in found] == pytest.approx([one[2] for one in wanted])
    assert all(CONTEXT.startswith(span.text, span.start) for span in found)


def test_over_windows_each_text_stands_once_and_none_is_believed_least():
    logits = [np.zeros((9, 2)), np.zeros((8, 2))]
    logits[0][FIRST], logits[1][FIRST] = 2.0, 3.0  # aa, cc
    logits[0][0], logits[1][0] = 5.0, 1.0  # none
    parts = [stretch_of(window(slice(0, 4)), logits[0]), stretch_of(window(slice(3, 6)), logits[1])]
    of_none = [one[0] for one in logits]
    spans, none = weighed(parts, of_none, CONTEXT, longest=2, n_best=3)
    assert none == 2.0
    assert [(span.text, span.score) for span in spans] == [("cc", 6.0), ("aa", 4.0), ("cc 京", 3.0)]
    texts = [span.text for span in weighed(parts, of_none, CONTEXT, 9, 99)[0]]
    assert len(set(texts)) == len(texts)


def test_nothing_to_say_where_no_token_is_owned():
    assert weighed([stretch_of(window(slice(0, 0)), np.ones((5, 2)))], [np.ones(2)], CONTEXT, 3, 5) == ([], 2.0)
    assert best_spans(stretch_of(window(own=False), np.ones((12, 2))), CONTEXT, 3, 5) == []


def test_equal_scores_come_in_the_order_of_the_text():
    spans = best_spans(stretch_of(window(), np.zeros((12, 2))), CONTEXT, 2, 99)
    assert spans[:3] == [Span("aa", 0, 0.0), Span("aa 😀", 0, 0.0), Span("😀", 3, 0.0)]


@pytest.mark.parametrize("seed", range(60))
def test_no_cut_is_better_than_the_threshold(seed):
    chance = np.random.default_rng(seed)
    excess, f1, none = chance.integers(-4, 5, 9) / 2.0, chance.random(9), chance.integers(0, 2, 9).astype(float)

    def mean(threshold):
        return np.where(excess > threshold, none, f1).mean()

    threshold = best_threshold(excess, f1, none)
    assert mean(threshold) == pytest.approx(max(mean(cut) for cut in [-99.0, *excess]))
    assert min(abs(threshold - excess)) > 0.1  # half way between rows, or well beside them


def test_of_equally_good_thresholds_the_one_next_to_0():
    excess, f1 = np.array([-3.0, -1.0, 2.0, 5.0]), np.zeros(4)
    assert best_threshold(excess, f1, f1) == 0.5
