"""CogLTXAnswer: rows by hand, which blocks are relevant, answers over a mark, evidence beyond a window, files, and refusals."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import marked_tokens, small_encoder  # noqa: E402

from tenon.errors import DataError, SettingsError  # noqa: E402
from tenon.long import CogLTXAnswer  # noqa: E402
from tenon.long.cogltx_answer import place_in, stretches, with_places  # noqa: E402
from tenon.long.cogltx_relevance import given  # noqa: E402
from tenon.long.cogltx_rows import Documents, RecallReader  # noqa: E402
from tenon.text import Bert, MarkedTokens  # noqa: E402
from tenon.text.answer_spans import best_spans, weighed  # noqa: E402
from tenon.text.answer_windows import NO_PLACE  # noqa: E402
from tenon.text.span_answers import NUMBERS, WORDS  # noqa: E402

CONTEXT = "a b, c d. 在北京。 b a c d. d c. "
THINGS = [f"tool{letter}" for letter in "bcdfghjk"]
FILLER = [f"w{a}{b}" for a in "aeiou" for b in "bcdfghjk"]
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "who", "?", *"abcd", ".", ",", "。", *"在北京"]


def long_rows(n, seed, n_words=(60, 120), share_of_none=0.0):
    """Tools are named at any place of a long context; asked is for the one behind "verdict", where there is any."""
    chance = np.random.default_rng(seed)
    X, y = [], []
    for _ in range(n):
        own, *others = chance.permutation(THINGS)[:4].tolist()
        facts = [f"they had {one} then" for one in others]
        has_none = chance.random() < share_of_none
        lines: list[str] = []
        while sum(len(line.split()) for line in lines) < int(chance.integers(*n_words)):
            lines.append(" ".join(chance.choice(FILLER, int(chance.integers(5, 9)))))
        for fact in facts if has_none else (*facts, f"they had verdict {own} then"):
            lines.insert(int(chance.integers(len(lines) + 1)), fact)
        context = "".join(f"{line}. " for line in lines)
        X.append(("which verdict?", context))
        y.append([] if has_none else [{"text": own, "start": context.index(own), "script": "other"}])
    return X, y


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    return marked_tokens(tmp_path_factory.mktemp("words"), VOCABULARY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    X, _ = long_rows(20, 9)
    words = " ".join([*THINGS, *FILLER, "they had then which verdict? ."])
    return small_encoder(tmp_path_factory.mktemp("encoder"), texts=[words] * 4 + [context for _, context in X], dropout=0.0)


@pytest.fixture
def quick(folder):
    few = {"longest": 40, "block": 8, "kept": (1,), "fewest_steps": 0, "epochs": 1, "longest_question": 8}
    return {"checkpoint": folder, **few, "rate": 3e-3, "n_jobs": 1, "random_state": 0}


@pytest.fixture(scope="module")
def learnt(folder):
    settings = {"longest": 40, "block": 8, "kept": (1,), "fewest_steps": 0, "epochs": 12, "rate": 3e-3, "n_jobs": 1}
    return CogLTXAnswer(folder, **settings, longest_question=8, random_state=0).fit(*long_rows(150, 0))


def reader_of(tokens):
    return RecallReader(tokens, 40, 5, (1,), None)


def asked(reader, question, context=CONTEXT):
    return reader.encoded(context)._replace(question=reader.tokens.tokens.encode(question).ids)


@pytest.mark.parametrize("n_segments", [2, 1], ids=["BERT", "RoBERTa"])
def test_rows_by_hand_in_english_and_chinese(tokens, n_segments):
    """Blocks of five: at the comma 3 tokens, then 3, then 4 of Chinese, then 5 and 3; the third, and the first, are read."""
    tokens = MarkedTokens(tokens.tokens, n_segments)
    document = asked(reader := reader_of(tokens), "who a?")
    spans = [document.spans[document.block(i)] for i in range(len(document.ends))]
    assert [CONTEXT[block[0, 0] : block[-1, 1]] for block in spans] == ["a b,", "c d.", "在北京。", "b a c d.", "d c."]
    row = reader.row(document, (2, 0))
    said = [tokens.tokens.words[i] for i in row.ids]
    front = ["[CLS]", "who", "a", "?", "[SEP]"] + ["[SEP]"] * (n_segments == 1)  # which stands for the second kind
    assert said == [*front, "a", "b", ",", "[SEP]", *"在北京。", "[SEP]"]
    assert row.segments.tolist() == [0] * 5 + [1] * (len(row.ids) - 5)
    assert row.spans[: len(front) + 1].tolist() == [[0, 0]] * len(front) + [[0, 1]]
    assert [CONTEXT[a:b] for a, b in row.spans[-5:-1]] == list("在北京。")
    assert reader.length(document, (2, 0)) == len(row.ids) == len(front) + 9
    assert reader.room_of(document) == 40 - len(front)
    assert reader.row(asked(reader, ""), ()).ids.tolist() == [tokens.start, *[tokens.end] * (len(front) - 4)]
    one = reader.encoded("a b")
    alone, pair = reader.row(one._replace(question=document.question), (0,)), tokens.encode("who a?", "a b")
    assert alone.ids.tolist() == pair.ids.tolist(), "one block is laid out as a pair is"
    assert alone.segments.tolist() == pair.segments.tolist()


def test_blocks_that_hold_a_part_of_an_answer_are_relevant(tokens):
    reader = reader_of(tokens)
    one, two, none = ((11, 13),), ((7, 12),), ()
    documents = [asked(reader, "who?") for _ in range(3)]
    assert CONTEXT[11:13] == "北京"
    assert CONTEXT[7:12] == "d. 在北"
    assert given(documents, [one, two, none]).reshape(3, 5).tolist() == [[0, 0, 1, 0, 0], [0, 1, 1, 0, 0], [0] * 5]


def test_places_of_answers_in_rows(tokens):
    """Shape and order as the loss takes them: a row a question, first and last. The first answer that is whole in a row is it."""
    reader = reader_of(tokens)
    documents = Documents([asked(reader, "who?")] * 4)
    answers = [[(11, 13)], [(7, 12)], [], [(0, 1), (19, 20)]]
    rows = [(0, (0, 2)), (1, (1, 2)), (2, (0, 1)), (3, (3,)), (0, (1, 3)), (1, (1, 3)), (1, (2,)), (3, (0, 3))]
    inputs, targets = with_places(reader, documents, answers)(rows).batch(torch.arange(8), torch.device("cpu"))
    # [CLS] who ? [SEP] are 0-3. In the first a b , [SEP] are 4-7, 在 8; in the second c d . [SEP] are 4-7, 在北 8-9
    assert targets.tolist() == [[9, 10], [5, 9], [0, 0], [6, 6], [0, 0], [0, 0], [0, 0], [4, 4]]
    assert targets.dtype == torch.int64
    assert inputs[0].shape == (8, int((inputs[0] != tokens.tokens.pad).sum(dim=1).max()))
    assert CONTEXT[19:20] == "c"
    loss = torch.nn.functional.cross_entropy(torch.randn(8, inputs[0].shape[1], 2), targets, reduction="none")
    assert loss.shape == (8, 2), "a loss for each question, which an intervention could tell apart"


def test_an_answer_of_blanks_or_outside_has_no_place(tokens):
    document = asked(reader := reader_of(tokens), "who?")
    row = reader.row(document, range(5))
    assert place_in(row, document, [(1, 2)]) == NO_PLACE
    assert place_in(row, document, [(900, 901)]) == NO_PLACE
    assert place_in(row, document, [(0, 1)]) == (4, 4)


def test_answers_run_over_a_mark_but_over_no_gap(tokens):
    """Blocks 1, 2 and 4 are read: from d to 京, of two that follow each other, is an answer; from 京 to the d of block 4 none."""
    document, blocks = asked(reader := reader_of(tokens), "who?"), (1, 2, 4)
    row = reader.row(document, blocks)
    logits = np.zeros((len(row.ids), 2))
    found = stretches(document, blocks, row, logits)
    texts = ["".join(CONTEXT[a:b] for a, b in part.spans) for part in found]
    assert texts == ["cd.在北京。", "dc."]
    d, jing = (next(i for i, (a, b) in enumerate(row.spans) if CONTEXT[a:b] == said) for said in "d京")
    logits[d, 0], logits[jing, 1], logits[7] = 2.0, 3.0, 9.0  # and a mark, which is no answer, though the network says so
    found = stretches(document, blocks, row, logits)
    spans, none = weighed(found, [np.array([0.25, 0.5])], CONTEXT, 5, 99)
    assert spans[0] == (CONTEXT[7:13], 7, 5.0)
    assert CONTEXT[7:13] == "d. 在北京"
    assert none == 0.75
    every = {(span.start, span.text) for part in found for span in best_spans(part, CONTEXT, 99, 999)}
    assert len(every) == 7 * 8 // 2 + 3 * 4 // 2, "pairs within a stretch, and no other"
    assert not any("京" in text and "d c" in text for _, text in every)
    assert spans[0] not in weighed(found, [np.zeros(2)], CONTEXT, 4, 99)[0], "d . 在 北 京 are five tokens, the mark is none"


def test_a_judge_in_two_steps_brings_the_right_blocks_together(tokens, monkeypatch):
    """The judge knows block 4 of twelve, and block 9 where it has read 4: both meet, and the question is in every row."""
    reader = RecallReader(tokens, 20, 4, (1,), None)
    context = "a b c. " * 12
    document, seen = asked(reader, "who d?", context), []

    def scores(rows):
        seen.extend(reader.row(*row).ids for row in rows)
        return [np.array([{4: 0.9, 9: 0.8 if 4 in places else 0.02}.get(block, 0.01) for block in places]) for _, places in rows]

    monkeypatch.setattr(reader, "_scores", scores)
    [found] = reader.recalled([document])
    assert found.blocks == (4, 9)
    front = [tokens.start, *document.question.tolist(), tokens.end]
    assert all(ids[: len(front)].tolist() == front and len(ids) <= 20 for ids in seen)
    assert sum(len(ids) == 20 for ids in seen) > 0, "room is for what stands beside the question, and all of that"


@pytest.mark.mission("H4")
def test_evidence_beyond_512_tokens_is_answered(learnt):
    """Rows hold 40 tokens, and one of four tools that are named is asked for; every second answer stands behind token 512."""
    X, y = long_rows(50, 1, n_words=(1_100, 1_200))
    places = [answers[0]["start"] for answers in y]
    spans = [document.spans for document in map(learnt.reader_.encoded, (context for _, context in X))]
    is_far = np.array([np.searchsorted(of[:, 0], place) > 512 for of, place in zip(spans, places, strict=True)])
    said, kept = learnt.predict(X), learnt.recalled_in(X)
    is_right = np.array([span.text == answers[0]["text"] for span, answers in zip(said, y, strict=True)])
    is_kept = [any(a <= place < b for a, b in one.spans.tolist()) for one, place in zip(kept, places, strict=True)]
    assert is_far.sum() > 15
    assert is_right[is_far].mean() > 0.8
    assert np.mean(is_kept) > 0.9
    assert all(context.startswith(span.text, span.start) for span, (_, context) in zip(said, X, strict=True))
    assert list(learnt.history_.before) == ["judge, round 1"]


def test_the_same_in_a_new_process(learnt, folder, tmp_path):
    X, _ = long_rows(8, 2)
    learnt.write_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]
    assert str(folder) not in (tmp_path / WORDS).read_text(encoding="utf-8")
    code = (
        "import json, sys; from pathlib import Path; from tenon.long import CogLTXAnswer; "
        "model = CogLTXAnswer.read_files(Path(sys.argv[1])); X = [tuple(one) for one in json.load(sys.stdin)]; "
        "print(json.dumps([model.candidates(X), model.get_params()]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], input=json.dumps(X), capture_output=True, text=True, check=True
    )
    spans, settings = json.loads(done.stdout)
    assert spans == json.loads(json.dumps(learnt.candidates(X)))
    assert settings == learnt.get_params() | {"checkpoint": "", "judge": None, "kept": [1]}


def test_no_answer_is_learnt_and_chosen_by_held_out_rows(quick):
    X, y = long_rows(60, 3, n_words=(20, 80), share_of_none=0.4)
    is_out = np.arange(60) < 20
    other = [[{"text": context[:4], "start": 0, "script": "other"}] for _, context in X[:20]]
    first, again = (CogLTXAnswer(**quick | {"longest_answer": 2}).fit(X, t, held_out=is_out) for t in (y, other + y[20:]))
    assert np.isfinite(first.threshold_)
    for ours, theirs in zip(first.net_.parameters(), again.net_.parameters(), strict=True):
        assert torch.equal(ours, theirs), "what is held out is not learnt from, by the judge neither"
    first.threshold_ = -1e9
    assert not any(span.text for span in first.predict(X))
    first.threshold_ = np.inf
    assert all(span.text for span in first.predict(X))


def test_contexts_without_words_long_questions_and_one_block(quick):
    X, y = long_rows(20, 4, n_words=(20, 60))
    X, y = [*X, ("what?", ""), ("", "w. "), ("which " * 40, "toolb. ")], [*y, [], [], [{"text": "toolb", "start": 0}]]
    model = CogLTXAnswer(**quick).fit(X, y)
    said = model.predict([("", ""), ("what?", " \n"), ("which " * 99, "toolb."), ("what?", "toolb")])
    assert [span.text for span in said][:2] == ["", ""]
    assert all(span.text in ("", "toolb", "toolb.", ".") for span in said)
    [document] = model._documents([("which " * 99, "toolb.")])
    assert (len(document.question), len(document.ends)) == (8, 1)
    assert len(model.reader_.row(document, (0,)).ids) <= 40
    assert model.recalled_in([("what?", "")])[0].spans.shape == (0, 2)
    assert model.recalled_in([("what?", "toolb.")])[0].spans.tolist() == [[0, 6]]
    assert model.predict([]) == []
    assert CogLTXAnswer(**quick | {"longest_question": 99, "block": 4}).fit(X, y)._room_of_question == 18, "half of 37"


def test_equal_seeds_are_equal_bits(quick):
    X, y = long_rows(20, 5, n_words=(60, 80))
    first, again, other = (CogLTXAnswer(**quick | {"random_state": seed}).fit(X, y) for seed in (0, 0, 1))
    for name, tensor in first.net_.state_dict().items():
        assert torch.equal(again.net_.state_dict()[name], tensor)
    assert not torch.equal(other.net_.state_dict()["reasoner.out.weight"], first.net_.state_dict()["reasoner.out.weight"])
    assert first.candidates(X) == again.candidates(X)


def test_where_nothing_is_ever_answered_the_judge_has_nothing_to_learn(quick):
    """Defect 6: without a block to learn from, the official code ended in an error."""
    X, _ = long_rows(12, 6, n_words=(60, 80))
    model = CogLTXAnswer(**quick).fit(X, [[]] * 12)
    assert model.history_.before == {}
    assert model.longest_answer_ == 1
    assert len(model.predict(X)) == 12


def test_a_network_that_knows_one_kind_of_text_reads_two_marks(quick, folder, tmp_path):
    X, y = long_rows(12, 7, n_words=(60, 80))
    config = replace(Bert.from_pretrained(folder).config, n_segments=1)
    Bert(config).save_pretrained(tmp_path)
    MarkedTokens.from_pretrained(folder).save_pretrained(tmp_path)
    model = CogLTXAnswer(**quick | {"checkpoint": tmp_path}).fit(X, y)
    [document] = model._documents(X[:1])
    assert model.reader_.row(document, (0, 1)).ids.tolist().count(model.reader_.tokens.end) == 4
    model.write_files(tmp_path)
    assert CogLTXAnswer.read_files(tmp_path).candidates(X) == model.candidates(X)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"epochs": 0}, "epochs takes a whole number from 1 on; got 0"),
        ({"longest_question": 0}, "longest_question takes a whole number from 1 on; got 0"),
        ({"n_best": 0}, "n_best takes a whole number from 1 on; got 0"),
        ({"kept": (3,)}, r"a row has room for 40 tokens and needs 46: for a question of 9, 3 kept blocks of 8 and one more"),
    ],
)
def test_what_cannot_be_is_refused(quick, settings, said):
    with pytest.raises(SettingsError, match=said):
        CogLTXAnswer(**quick | settings).fit(*long_rows(4, 8, n_words=(20, 30)))
    with pytest.raises(DataError, match="all questions are held out; none is left to train on"):
        CogLTXAnswer(**quick).fit([("what?", "w")], [[]], held_out=[True])
