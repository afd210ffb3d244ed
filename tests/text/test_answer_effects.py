"""What tokens do to answers: by hand with made-up logits, and networks' answers beside their rows with one id replaced."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import marked_tokens, small_encoder  # noqa: E402
from tests.text.test_bert_answer import SIGNS, rows  # noqa: E402

from tenon.data.questions import Span  # noqa: E402
from tenon.long import CogLTXAnswer  # noqa: E402
from tenon.text import BertAnswer  # noqa: E402
from tenon.text.answer_effects import answer_effects, row_of_answer, row_of_none  # noqa: E402
from tenon.text.answer_spans import ReadRow  # noqa: E402
from tenon.text.marked_reader import MOST_ALONE, PARTS  # noqa: E402

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "who", "?", *"abcd", ".", "在", "北", "京"]
EXACT = {"rtol": 0, "atol": 1e-4}  # of float32 networks, whose batches differ in the last bits
ENGLISH = [("who d?", "the a met b. a b c d. the d had c. a c b a d b. the c met a d."), ("who?", "b met the d")]


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    return marked_tokens(tmp_path_factory.mktemp("words"), WORDS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    texts = [*["问答", SIGNS, "who ? the met had a b c d ."] * 4, *(context for one in ENGLISH for context in one)]
    return small_encoder(tmp_path_factory.mktemp("encoder"), texts=texts, dropout=0.0)


@pytest.fixture(scope="module")
def bert(folder):
    how = {"longest": 14, "stride": 4, "epochs": 12, "rate": 3e-3, "layer_share": 1.0, "n_jobs": 1, "fewest_steps": 0}
    return BertAnswer(folder, **how, longest_answer=3, random_state=0).fit(*rows(240, 0, share_of_none=0.3))


@pytest.fixture(scope="module")
def cogltx(folder):
    how = {"longest": 16, "block": 3, "kept": (1,), "epochs": 4, "rate": 3e-3, "n_jobs": 1, "fewest_steps": 0}
    return CogLTXAnswer(folder, **how, longest_question=3, longest_answer=3, random_state=0).fit(*rows(80, 0))


@pytest.fixture(params=["given", "none"])
def says(request, monkeypatch):
    """Let an estimator always give an answer, or never."""

    def say(model):
        monkeypatch.setattr(model, "threshold_", np.inf if request.param == "given" else -1e9)
        return request.param == "given"

    return say


def test_effects_by_hand(tokens):
    """Of eight tokens, the odds of "c d": half and half is a quarter, 1:3; an eighth and a half 1:15; a half and 3/4 are 3:5."""
    row, place = tokens.encode("who a", "b c d"), (5, 6)
    ids = {word: WORDS.index(word) for word in ("who", "b")}

    def logits_of(read):
        logits = np.zeros((len(read), 8, 2))
        for of_row, one in zip(logits, read, strict=True):
            of_row[5, 0] = np.log(7.0 if ids["who"] in one.ids else 1.0)
            of_row[6, 1] = np.log(7.0 if ids["b"] in one.ids else 21.0)
        return list(logits)

    found = answer_effects(row, place, ("who a", "b c d"), logits_of, tokens.mask)
    assert found.question.spans.tolist() == [[0, 3], [4, 5]]
    assert found.context.spans.tolist() == [[0, 1], [2, 3], [4, 5]]
    np.testing.assert_allclose(found.question.effects, [np.log(5), 0], atol=1e-12)
    np.testing.assert_allclose(found.context.effects, [np.log(5 / 9), 0, 0], atol=1e-12)


@pytest.mark.parametrize(("n", "most"), [(MOST_ALONE, MOST_ALONE), (MOST_ALONE + 44, 20), (4_000, 2 * PARTS)])
def test_of_long_contexts_runs_are_masked_and_each_token_of_the_question(tokens, n, most):
    """Every token in one version, and as the others stay, of one length; the network tells how many are masked."""
    context = "".join(f"{'.' if i % 10 == 9 else 'b'} " for i in range(n))
    row, seen = tokens.encode("who a?", context), []

    def logits_of(read):
        seen.extend(one.ids for one in read)
        return [np.array([[(one.ids == tokens.mask).sum(), 0]] + [[0, 0]] * (len(row.ids) - 1), float) for one in read]

    found = answer_effects(row, (0, 0), ("who a?", context), logits_of, tokens.mask)
    assert (len(found.question.spans), len(seen)) == (3, 1 + 3 + len(found.context.spans))
    assert len(found.context.spans) <= most
    masked = np.array([ids == tokens.mask for ids in seen])
    assert masked.sum(axis=0).tolist() == (row.spans[:, 1] > 0).tolist(), "each token once, and no mark"
    assert all((ids[~of] == row.ids[~of]).all() for ids, of in zip(seen, masked, strict=True))
    assert [context[a:b].count("b") + context[a:b].count(".") for a, b in found.context.spans] == masked.sum(axis=1)[4:].tolist()
    assert (np.concatenate([found.question.effects, found.context.effects]) < 0).all()


def test_an_answer_is_in_the_row_that_gave_it_its_score(tokens):
    """The same letter in two windows, and two tokens for one letter, as bytes are; none is where it is believed least."""
    row = tokens.encode("who", "a b")
    double = row._replace(spans=row.spans[[0, 1, 2, 3, 3, 5]])  # a, twice
    low, high = np.zeros((6, 2)), np.zeros((6, 2))
    low[3], high[3, 0], high[4] = 1.0, 5.0, (2.0, 4.0)
    low[0], high[0] = 3.0, 2.0
    read = [ReadRow(row, low, []), ReadRow(double, high, [])]
    assert row_of_answer(read, Span("a", 0, 2.0)) == (row, (3, 3))
    assert row_of_answer(read, Span("a", 0, 9.0))[1] == (3, 4)
    found, place = row_of_none(read)
    assert found is double
    assert place == (0, 0)


def sureness(model, row, ids, place):
    """Log odds that the answer begins and ends at a place, by the network itself."""
    with torch.no_grad():
        logits = model.net_(torch.tensor(ids)[None], None, torch.tensor(row.segments)[None])[0].double().numpy()
    shares = np.exp(logits) / np.exp(logits).sum(axis=0)
    p = shares[place[0], 0] * shares[place[1], 1]
    return np.log(p / (1 - p))


def by_hand(model, row, places, place):
    whole, effects = sureness(model, row, row.ids, place), []
    for i in places:
        ids = row.ids.copy()
        ids[i] = model.tokens_.mask
        effects.append(whole - sureness(model, row, ids, place))
    return effects


def window_by_hand(model, question, context, is_given):
    """The window and the places of the best answer: over every pair of tokens of every window; or of the least none."""
    best = []
    for window in model.windows_.of(question, context):
        with torch.no_grad():
            logits = model.net_(torch.tensor(window.row.ids)[None], None, torch.tensor(window.row.segments)[None])[0]
        pairs = [(i, j) for i in np.flatnonzero(window.own) for j in range(i, min(i + 3, len(logits) - 1))]
        scored = [(-float(logits[0].sum()), (0, 0))] if not is_given else [
            (float(logits[i, 0] + logits[j, 1]), (int(i), j)) for i, j in pairs
        ]  # fmt: skip
        best += [(score, window, place) for score, place in scored]
    return max(best, key=lambda one: one[0])[1:]


def test_windows_answers_and_none_against_rows_with_one_id_replaced(bert, says):
    """In English and Chinese; of a long context the window alone which holds the answer."""
    is_given, X = says(bert), [*rows(12, 1)[0], *ENGLISH]
    numbers = []
    for (question, context), found in zip(X, bert.answer_effects_in(X), strict=True):
        window, place = window_by_hand(bert, question, context, is_given)
        asked = range(1, 1 + len(found.question.spans))
        held = range(window.first, len(window.row.ids) - 1)
        assert found.context.spans.tolist() == window.row.spans[list(held)].tolist()
        assert [question[a:b] for a, b in found.question.spans] == [question[a:b] for a, b in window.row.spans[list(asked)]]
        np.testing.assert_allclose(found.question.effects, by_hand(bert, window.row, asked, place), **EXACT)
        np.testing.assert_allclose(found.context.effects, by_hand(bert, window.row, held, place), **EXACT)
        numbers.append(int(window.row.spans[window.first, 0] > 0))
    assert {*numbers} == {0, 1}, "some answers stand in a first window, and some in a later one"


def test_blocks_that_were_recalled_against_rows_with_one_id_replaced(cogltx, says):
    is_given, X = says(cogltx), [*rows(8, 1)[0], *ENGLISH]
    said = cogltx.predict(X)
    for (question, context), span, found in zip(X, said, cogltx.answer_effects_in(X), strict=True):
        [document] = cogltx._documents([(question, context)])
        [recalled] = cogltx.reader_.recalled([document])
        row = cogltx.reader_.row(document, recalled.blocks)
        asked, held = range(1, 1 + len(document.question)), np.flatnonzero(row.spans[:, 1])
        assert found.context.spans.tolist() == row.spans[held].tolist(), "of blocks, without the marks between them"
        assert found.question.spans.tolist() == cogltx.tokens_.tokens.encode(question).spans[: len(asked)].tolist()
        starts, ends = (held[row.spans[held, side] == at] for side, at in ((0, span.start), (1, span.start + len(span.text))))
        place = (int(starts[0]), int(ends[0])) if is_given else (0, 0)
        np.testing.assert_allclose(found.question.effects, by_hand(cogltx, row, asked, place), **EXACT)
        np.testing.assert_allclose(found.context.effects, by_hand(cogltx, row, held, place), **EXACT)


@pytest.mark.parametrize("name", ["bert", "cogltx"])
def test_looks_are_those_of_the_row_that_holds_the_answer(name, request):
    """Against the layers' own weights, in English and Chinese; the token of an answer is among those that look."""
    model, X = request.getfixturevalue(name), [*rows(4, 1)[0], *ENGLISH]
    for (_, context), span, found in zip(X, model.predict(X), model.looks_in(X), strict=True):
        assert found.tokens[0] == "[CLS]"
        assert found.weights.shape == (len(model._bert.encoder.layers), len(found.tokens), len(found.tokens))
        np.testing.assert_allclose(found.weights.sum(axis=2), 1, atol=1e-5)
        first = model.tokens_.tokens.encode(context[span.start :]).ids[:1] if span.text else []
        assert all(model.tokens_.tokens.words[i] in found.tokens for i in first)


def test_of_long_rows_no_looks_are_told(bert, monkeypatch):
    monkeypatch.setattr("tenon.text.span_answers.MOST_SHOWN", 8)
    assert bert.looks_in(rows(2, 1)[0]) == []


def test_what_was_learnt_is_told(bert):
    """The answer stands behind 答, without which it is less sure, and more so than without any other token but the answer."""
    X, y = rows(40, 5)
    most = []
    for (_, context), answers, span, found in zip(X, y, bert.predict(X), bert.answer_effects_in(X), strict=True):
        if span.start != answers[0]["start"]:
            continue
        effects = {context[a:b]: effect for (a, b), effect in zip(*found.context, strict=True) if a != span.start}
        most.append(max(effects, key=effects.__getitem__))
    assert len(most) > 30
    assert np.mean([sign == "答" for sign in most]) > 0.9


@pytest.mark.parametrize("name", ["bert", "cogltx"])
def test_nothing_to_read_and_the_same_from_a_file(name, request, tmp_path):
    model = request.getfixturevalue(name)
    X = [("", ""), ("问", " "), ("", "甲"), ("who? " * 9, ""), *rows(3, 2)[0]]
    found = model.answer_effects_in(X)
    assert [[len(of.spans) for of in one] for one in found[:3]] == [[0, 0], [1, 0], [0, 1]]
    assert len(found[3].context.spans) == 0
    assert all(np.isfinite(of.effects).all() and len(of.effects) == len(of.spans) for one in found for of in one)
    assert model.answer_effects_in([]) == []
    model.write_files(tmp_path)
    for ours, theirs in zip(found, type(model).read_files(tmp_path).answer_effects_in(X), strict=True):
        for own, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(own.spans, other.spans)
            np.testing.assert_array_equal(own.effects, other.effects)
