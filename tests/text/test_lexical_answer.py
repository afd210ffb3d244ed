"""LexicalAnswer: the sentence by BM25 from its definition, the piece and the floor by hand, English and Chinese."""

import math

import numpy as np
import pytest

from tenon.data.questions import NO_ANSWER
from tenon.errors import SettingsError
from tenon.text.lexical_answer import LexicalAnswer, _best_floor, _cut

CONTEXT = "The tower of Arn was built in 1810. 😀 It stands in Bel, near the sea. Nobody knows the builder of the tower."
FILLING = [("Who is it?", "It is a cat. It is in the sea. The dog was in the house of a cat.")] * 2


def truth(text, context, script="other"):
    return [{"text": text, "start": context.index(text), "script": script}]


def fitted(rows, **settings):
    """rows : (question, context, answers)."""
    return LexicalAnswer(**settings).fit([row[:2] for row in rows], [row[2] for row in rows])


ROWS = [
    ("When was the tower of Arn built?", CONTEXT, truth("1810", CONTEXT)),
    ("Where does it stand near the sea?", CONTEXT, truth("in Bel", CONTEXT)),
    ("Who painted Cor?", CONTEXT, []),
]


def test_a_piece_of_the_sentence_that_has_most_of_the_question():
    model = fitted(ROWS)
    when, where, nothing = model.predict([row[:2] for row in ROWS])
    assert (when.text, when.start) == ("in 1810", 27)  # "in" stands in two sentences alone, too few to be common
    assert where.text in "It stands in Bel, near the sea."
    assert CONTEXT[where.start : where.start + len(where.text)] == where.text
    assert nothing == NO_ANSWER
    assert model.piece_ == "stretch"


def test_the_sentence_is_that_of_bm25():
    model = LexicalAnswer(k1=1.5, b=0.6).fit([("x?", CONTEXT)], [[]])
    sentences = [[unit.term for unit in sentence] for sentence in _cut(CONTEXT)]
    asked, mean = {"tower", "built", "the"}, sum(map(len, sentences)) / len(sentences)

    def bm25(sentence):
        total = 0.0
        for term in asked:
            n_with = sum(term in other for other in sentences)
            idf = math.log(1 + (len(sentences) - n_with + 0.5) / (n_with + 0.5))
            n = sentence.count(term)
            total += idf * n * 2.5 / (n + 1.5 * (1 - 0.6 + 0.6 * len(sentence) / mean))
        return total

    weights = dict(zip(model.terms_, model.idf_, strict=True))
    for units, terms in zip(_cut(CONTEXT), sentences, strict=True):
        assert model._match(units, asked, weights) == pytest.approx(bm25(terms))


def test_a_whole_sentence_where_train_rows_want_it():
    context = "Cats sleep all day long in the sun. Dogs run about."
    rows = [("Where do cats sleep?", context, truth("Cats sleep all day long in the sun.", context))] * 3
    model = fitted(rows)
    [said] = model.predict([("Why do dogs run?", context)])
    assert (model.piece_, said.text) == ("sentence", "Dogs run about.")


def test_chinese_characters_are_known_with_the_one_behind_them():
    context = "王明在1988年去了北京。他的妹妹住在上海。"
    rows = [
        ("王明何时去了北京？", context, truth("1988年", context, "chinese")),
        ("妹妹住在哪里？", context, truth("上海", context, "chinese")),
    ]
    first, second = fitted(rows).predict([row[:2] for row in rows])
    assert "1988" in first.text
    assert second.text in "他的妹妹住在上海。"
    assert context[second.start :].startswith(second.text)


@pytest.mark.parametrize("question", ["", "?!", "zzz", "😀"])
@pytest.mark.parametrize("context", ["", " \n", "...", "😀", CONTEXT])
def test_what_has_nothing_in_common_is_not_answered(question, context):
    assert fitted(ROWS).predict([(question, context)])[0].text in ("", "😀")


def brute_floor(scores, f1, none):
    """The best mean of any floor, trying each."""
    return max(np.where(scores >= floor, f1, none).mean() for floor in [*scores, np.inf])


@pytest.mark.parametrize("seed", range(30))
def test_the_floor_is_the_best_there_is(seed):
    chance = np.random.default_rng(seed)
    scores, f1, none = chance.integers(0, 5, 12) / 4, chance.random(12), chance.integers(0, 2, 12).astype(float)
    floor = _best_floor(scores, f1, none)
    assert np.where(scores >= floor, f1, none).mean() == pytest.approx(brute_floor(scores, f1, none))


def test_the_order_of_rows_changes_nothing():
    rows = [*ROWS, *((*one, []) for one in FILLING)]
    asked = [row[:2] for row in rows]
    assert fitted(rows).predict(asked) == fitted(rows[::-1]).predict(asked)


@pytest.mark.parametrize(("settings", "said"), [({"k1": -1.0}, "k1"), ({"b": 1.5}, "b")])
def test_settings_out_of_range(settings, said):
    with pytest.raises(SettingsError, match=said):
        fitted(ROWS, **settings)
