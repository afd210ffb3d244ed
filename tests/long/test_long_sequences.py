"""Contexts and sentences that are read at once: which tokens see all, as the BERT before, learnt from afar, and files."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import small_encoder  # noqa: E402
from tests.text.sentences import made  # noqa: E402
from tests.text.test_bert_answer import SIGNS, rows  # noqa: E402
from tests.text.test_bert_tagger import encoder_for  # noqa: E402

from tenon.metrics.answers import answer_scores  # noqa: E402
from tenon.metrics.entities import entities  # noqa: E402
from tenon.text import (  # noqa: E402
    Bert,
    BertAnswer,
    BertConfig,
    BertForSpans,
    BertForTags,
    BertTagger,
    MarkedTokens,
    fine_tuning,
)
from tenon.text.answer_windows import Windows  # noqa: E402
from tenon.text.bert import question_of  # noqa: E402
from tenon.text.marked_rows import MarkedRows  # noqa: E402
from tenon.text.stretch import reaching  # noqa: E402

CPU = torch.device("cpu")
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "who", "?", "a", "b", "c", "d", "北", "京", "在", "谁"]
SMALL = BertConfig(
    kind="longformer", vocab_size=len(WORDS), d_model=8, n_layers=1, n_heads=2, d_hidden=16, n_positions=60, windows=(2,),
    dropout=0.0, attention_dropout=0.0,
)  # fmt: skip
PAIRS = [("who?", "a b c d a b c d a b"), ("谁在北京?", "a 在 北京"), ("", "b a"), ("a b c d", "")]
N_ASKED = [2, 5, 0, 4]
TOLD = pytest.mark.parametrize("n_segments", [1, 2])


def marked(folder, n_segments):
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    return MarkedTokens(MarkedTokens.from_pretrained(folder).tokens, n_segments)


def batch_of(folder, n_segments, pairs):
    windows = Windows(marked(folder, n_segments), 50, 10, 20)
    found = [window.row for pair in pairs for window in windows.of(*pair)]
    assert len(found) == len(pairs)
    return MarkedRows(found, torch.zeros(len(found)), 0).inputs(torch.arange(len(found)), CPU)


def seeded(net):
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape))
    return net.eval()


@TOLD
def test_a_question_and_cls_see_all_and_no_other_token_does(n_segments, tmp_path):
    """By hand, in English and Chinese, of rows with padding; no mark behind the question is one of them."""
    ids, _, segments = batch_of(tmp_path, n_segments, PAIRS)
    expected = [[i <= n for i in range(ids.shape[1])] for n in N_ASKED]
    assert question_of(segments).tolist() == expected
    assert [[WORDS[i] for i in row[: n + 1]] for row, n in zip(ids.tolist(), N_ASKED, strict=True)] == [
        ["[CLS]", "who", "?"], ["[CLS]", "谁", "在", "北", "京", "?"], ["[CLS]"], ["[CLS]", "a", "b", "c", "d"],
    ]  # fmt: skip


def test_where_no_second_text_is_told_of_cls_alone_sees_all():
    """As a RoBERTa's rows come from elsewhere: all of one kind."""
    segments = torch.tensor([[0, 0, 0, 0], [0, 0, 1, 1]])
    assert question_of(segments).tolist() == [[True, False, False, False], [True, False, False, False]]
    assert question_of(torch.tensor([[0, 0, 0, 1]])).tolist() == [[True, True, False, False]]


@TOLD
@pytest.mark.parametrize("seed", range(3))
def test_padding_moves_nothing(n_segments, seed, tmp_path):
    chance, letters = np.random.default_rng(seed), WORDS[7:]
    pairs = [(" ".join(chance.choice(letters, n)), " ".join(chance.choice(letters, 17 - n))) for n in chance.integers(0, 16, 6)]
    pairs = [(question, context[: int(chance.integers(0, 30))]) for question, context in pairs]
    net = seeded(BertForSpans(Bert(replace(SMALL, n_segments=n_segments, n_layers=2, windows=(2, 2), dilations=()))))
    ids, mask, segments = batch_of(tmp_path, n_segments, pairs)
    together = net(ids, mask, segments)
    for i, pair in enumerate(pairs):
        own_ids, own_mask, own_segments = batch_of(tmp_path, n_segments, [pair])
        n = own_ids.shape[1]
        assert question_of(own_segments).tolist() == question_of(segments)[i : i + 1, :n].tolist()
        torch.testing.assert_close(together[i : i + 1, :n], net(own_ids, own_mask, own_segments), rtol=0, atol=1e-5)


def looked_at(net, *inputs):
    """Whether what one layer says of each token changes with each other one, (T, T) bool, by trying."""
    ids, before = inputs[0], net(*inputs)
    found = []
    for place in range(ids.shape[1]):
        other = ids.clone()
        other[0, place] = 14 if ids[0, place] != 14 else 13
        found.append((net(other, *inputs[1:]) - before).abs().amax(dim=(0, 2)) > 1e-6)
    return torch.stack(found, dim=1)


@TOLD
def test_what_one_layer_sees_of_pairs_and_of_sentences(n_segments, tmp_path):
    """Two tokens to either side; and all that of a question, of a sentence [CLS] alone, which all see in turn."""
    ids, mask, segments = batch_of(tmp_path, n_segments, PAIRS[:1])
    places, config = torch.arange(ids.shape[1]), replace(SMALL, n_segments=n_segments)
    near = (places[:, None] - places).abs() <= 2
    for net, n_global in ((BertForSpans(Bert(config)), 3), (BertForTags(Bert(config), 3), 1)):
        is_global = places < n_global
        expected = near | is_global[:, None] | is_global
        assert torch.equal(looked_at(seeded(net), ids, mask, segments), expected)


def test_two_layers_join_what_stands_far_apart(tmp_path):
    """By [CLS], in a sentence of which windows alone join tokens that are four apart at most."""
    ids, mask, segments = batch_of(tmp_path, 2, [("", "a b c d a b c d a b c d a b")])
    net = seeded(BertForTags(Bert(replace(SMALL, n_layers=2, windows=(2, 2), dilations=())), 3))
    assert looked_at(net, ids, mask, segments).all()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With first weights ten times as large as usual, from which so small a network learns in a few steps."""
    folder = small_encoder(tmp_path_factory.mktemp("encoder"), texts=["问答天地字", SIGNS] * 4, dropout=0.0)
    net = Bert.from_pretrained(folder)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(10.0 if parameter.ndim > 1 else 1.0)
    net.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def quick(folder):
    return {"checkpoint": folder, "fewest_steps": 0, "random_state": 0, "rate": 3e-3, "layer_share": 1.0, "n_jobs": 1}


def test_contexts_that_fit_the_window_are_answered_as_by_the_bert(quick):
    """Rows of up to 14 tokens, windows of 16 to either side."""
    model, X = BertAnswer(**quick, longest=14, stride=4, epochs=3).fit(*rows(60, 0)), rows(20, 1)[0]
    before = model.candidates(X)
    bert, model.net_.bert = model.net_.bert, reaching(model.net_.bert, 60, {"window": 16})
    assert (bert.config.kind, model.net_.bert.config.kind) == ("bert", "longformer")
    for own, other in zip(before, model.candidates(X), strict=True):
        assert [span[:2] for span in own] == [span[:2] for span in other]
        np.testing.assert_allclose([span.score for span in own], [span.score for span in other], rtol=1e-4)


def test_sentences_that_fit_the_window_are_tagged_as_by_the_bert(quick):
    model, X = BertTagger(**quick, epochs=1).fit(*made(40)), made(10, seed=1)[0]
    before = model._logits(X)
    model.net_.bert = reaching(model.net_.bert, 60, {"window": 40})
    for own, other in zip(before, model._logits(X), strict=True):
        torch.testing.assert_close(own, other, rtol=0, atol=1e-5)


def far_apart(n, seed, far=515):
    """Which of two signs is the answer, the question tells at the front of the row, and both stand behind `far` others."""
    chance = np.random.default_rng(seed)
    X, y = [], []
    for _ in range(n):
        said = ["字"] * (far + 10)
        places = dict(zip("甲乙", (far + chance.choice(10, 2, replace=False)).tolist(), strict=True))
        for sign, place in places.items():
            said[place] = sign
        asked = str(chance.choice(["甲", "乙"]))
        X.append(({"甲": "天", "乙": "地"}[asked] * 8, "".join(said)))
        y.append([{"text": asked, "start": places[asked], "script": "chinese"}])
    return X, y


def test_a_question_tells_of_what_stands_far_behind_it_and_the_same_from_a_file(quick, tmp_path):
    """Two layers see two tokens to either side, and the question."""
    settings = quick | {"epochs": 6, "rate": 5e-3, "longest": 600, "batch_size": 4}
    model = BertAnswer(**settings, stretch={"window": 1}).fit(*far_apart(64, 0))
    X, y = far_apart(20, 1)
    said = model.predict(X)
    assert answer_scores(y, [span.text for span in said])[:, 0].mean() > 0.9
    assert len(model._cut(X)) == len(X)
    [effects] = model.answer_effects_in(X[:1])
    assert effects.question.spans.tolist() == [[i, i + 1] for i in range(8)]
    strongest = effects.context.spans[effects.context.effects.argmax()]
    assert len(effects.context.spans) < 40, "runs of tokens"
    assert strongest[0] <= said[0].start < strongest[1]
    model.write_files(tmp_path)
    loaded = BertAnswer.read_files(tmp_path)
    assert loaded.candidates(X[:5]) == model.candidates(X[:5])
    assert loaded.get_params() == model.get_params() | {"checkpoint": ""}
    assert (loaded.net_.bert.config.kind, loaded.net_.bert.config.longest) == ("longformer", 600)


def documents(n, seed=0):
    """Six sentences in a row, which are more parts of words than the encoder's 40 places."""
    X, y = made(6 * n, seed=seed)
    return tuple([[one for own in all_[6 * i : 6 * i + 6] for one in own] for i in range(n)] for all_ in (X, y))


def test_documents_are_tagged_in_one_row_and_the_same_from_a_file(quick, tmp_path):
    settings = quick | {"checkpoint": encoder_for(tmp_path), "longest": 90, "epochs": 12, "batch_size": 4}
    model = BertTagger(**settings, stretch={"window": 4}).fit(*documents(40))
    X, y = documents(20, seed=1)
    lengths = [len(part.row.ids) for tokens in X for part in model.reader_.parts(tokens)]
    assert len(lengths) == len(X)
    assert np.mean(lengths) > 40
    assert model.score(X, y) > 0.9
    assert model.looks_in(X[:1]) == []
    [found] = model.entity_effects_in(X[:1])
    assert [one.entity for one in found] == entities(model.predict(X[:1])[0])
    assert all(one.effects.shape == (len(one.runs),) == (len(X[0]),) for one in found)
    model.write_files(tmp_path)
    loaded = BertTagger.read_files(tmp_path)
    assert loaded.predict(X) == model.predict(X)
    assert torch.equal(loaded._logits(X[:1])[0], model._logits(X[:1])[0])
    assert loaded.get_params() == model.get_params() | {"checkpoint": ""}
    assert (loaded.net_.bert.config.kind, loaded.net_.bert.config.longest) == ("longformer", 90)


@pytest.mark.parametrize("kind", [BertAnswer, BertTagger])
def test_rows_that_are_too_much_for_memory_are_learnt_from_in_parts_of_a_step(kind, quick, monkeypatch):
    """Of 42 rows by 16 a step stays a step."""
    sizes, taken = [], MarkedRows.inputs
    monkeypatch.setattr(fine_tuning, "tokens_at_once", lambda config, longest: 3 * longest)
    monkeypatch.setattr(MarkedRows, "inputs", lambda rows, ids, device: sizes.append(len(ids)) or taken(rows, ids, device))
    X, y = rows(42, 0) if kind is BertAnswer else made(42)
    settings = quick | {"longest": 20 if kind is BertAnswer else 256, "epochs": 1}
    model = kind(**settings).fit(X, y, held_out=np.zeros(42, bool))
    assert set(sizes) == {2}
    assert len(model.history_.loss) == 3  # of 16, 16 and 10 rows
    assert model.history_.loss[0] > 0


@pytest.mark.parametrize("stretch", [None, {"kind": "longformer", "window": 16}], ids=str)
def test_a_longformer_from_a_folder_stays_as_it_is(stretch, folder, quick, tmp_path):
    """One that knows no segments, as their own."""
    config = replace(Bert.from_pretrained(folder).config, kind="longformer", n_segments=1, windows=(4, 6))
    Bert(config).save_pretrained(tmp_path)
    MarkedTokens.from_pretrained(folder).save_pretrained(tmp_path)
    common = quick | {"checkpoint": tmp_path, "epochs": 1, "stretch": stretch}
    answering = BertAnswer(**common, longest=20).fit(*rows(20, 0))
    tagging = BertTagger(**common).fit(*made(20))
    assert answering.net_.bert.config == tagging.net_.bert.config == config
    tagging.write_files(tmp_path)
    assert BertTagger.read_files(tmp_path).reader_.tokens.n_segments == tagging.reader_.tokens.n_segments == 1
    [window] = answering.windows_.of("问", "甲乙")
    end = answering.windows_.tokens.end
    assert (window.row.ids == end).tolist() == [False, False, True, True, False, False, True]
    answering.write_files(tmp_path)
    assert BertAnswer.read_files(tmp_path).candidates(rows(5, 1)[0]) == answering.candidates(rows(5, 1)[0])
