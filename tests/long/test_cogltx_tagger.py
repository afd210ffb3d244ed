"""CogLTXTagger: queries and rows by hand, which blocks meet, what interventions ask, a sign far away, files, and refusals."""

import json
import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import marked_tokens, small_encoder  # noqa: E402

from tenon.errors import DataError, SettingsError  # noqa: E402
from tenon.long import CogLTXTagger  # noqa: E402
from tenon.long.cogltx_nets import JudgeAndReasoner  # noqa: E402
from tenon.long.cogltx_queries import by_tags, drawn, in_blocks, queries_of, with_tags  # noqa: E402
from tenon.long.cogltx_rows import Documents, RecallReader  # noqa: E402
from tenon.long.cogltx_training import Plan, Rounds  # noqa: E402
from tenon.text import BertForTags, MarkedTokens  # noqa: E402
from tenon.text.piece_tagger import NUMBERS, WORDS, nats_of_rows  # noqa: E402
from tenon.text.tags import may_follow  # noqa: E402
from tenon.training.recipe import Recipe  # noqa: E402
from tenon.watch import SILENT  # noqa: E402

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcd", "##b", ".", ",", "。", *"在北京"]
SENTENCE = ["ab", ",", "c", "d", ".", "在", "北", "京", "。", "b"]
LONG = "a" + "b" * 9  # ten parts
FILLER = [f"w{a}{b}" for a in "aeiou" for b in "bcdfghjk"]
NAMES, SIGNS = [f"z{a}" for a in "bcdfghjk"], {"PER": "crew", "LOC": "chart"}


def far_signs(n, seed, gap=520, n_named=6):
    """Some sentences with a name each; which kind all are of, a sentence says that stands `gap` words away or more."""
    chance = np.random.default_rng(seed)

    def line(*words):
        said = chance.choice(FILLER, int(chance.integers(5, 9))).tolist()
        at = int(chance.integers(len(said) + 1))
        return [*said[:at], *words, *said[at:], "."]

    X, y = [], []
    for _ in range(n):
        kind = str(chance.choice(list(SIGNS)))
        named = [word for _ in range(n_named) for word in line(str(chance.choice(NAMES)))]
        between: list[str] = []
        while len(between) < gap:
            between += line()
        parts = [named, between, line("sign", SIGNS[kind])]
        X.append([word for part in (parts if chance.random() < 0.5 else parts[::-1]) for word in part])
        y.append([f"B-{kind}" if word in NAMES else "O" for word in X[-1]])
    return X, y


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    return marked_tokens(tmp_path_factory.mktemp("words"), VOCABULARY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    words = " ".join([*FILLER, *NAMES, *SIGNS.values(), "sign ."])
    return small_encoder(tmp_path_factory.mktemp("encoder"), texts=[words] * 4, dropout=0.0, n_positions=64)


@pytest.fixture
def quick(folder):
    few = {"longest": 40, "block": 12, "kept": (1,), "queries": 3, "fewest_steps": 0, "epochs": 1}
    return {"checkpoint": folder, **few, "rate": 3e-3, "n_jobs": 1, "random_state": 0}


def reader_of(tokens, longest=40, block=5, judge=None):
    return RecallReader(tokens, longest, block, (1,), judge)


def words_of(tokens, ids):
    return [tokens.tokens.words[i] for i in ids]


@pytest.mark.parametrize("n_segments", [2, 1], ids=["BERT", "RoBERTa"])
def test_rows_by_hand_in_english_and_chinese(tokens, n_segments):
    """Blocks of five parts: ab is two, and with the comma one block; the next ends at the dot; 在北京。b is the cheapest last."""
    tokens = MarkedTokens(tokens.tokens, n_segments)
    document = in_blocks(reader := reader_of(tokens), SENTENCE)
    queries = queries_of(document)
    assert document.spans[:3].tolist() == [[0, 1], [0, 1], [1, 2]]
    assert [one.tokens.tolist() for one in queries] == [[0, 1], [2, 3, 4], [5, 6, 7, 8, 9]]
    assert [one.places.tolist() for one in queries] == [[1, 3], [1, 2, 3], [1, 2, 3, 4, 5]]
    marks = ["[SEP]"] * (3 - n_segments)
    blocks = [["a", "##b", ","], ["c", "d", "."], [*"在北京。", "b"]]
    for i, query in enumerate(queries):
        row = reader.row(query.beside, (1, 0))
        others = [piece for j, block in enumerate(blocks) if j != i for piece in (*block, "[SEP]")]
        assert words_of(tokens, row.ids) == ["[CLS]", *blocks[i], *marks, *others]
        assert words_of(tokens, row.ids[query.places]) == [[*"a,"], [*"cd."], [*"在北京。b"]][i]
        assert row.segments.tolist() == [0] * (2 + len(blocks[i])) + [1] * (len(marks) - 1 + len(others))
        assert reader.length(query.beside, (0, 1)) == len(row.ids)


def test_targets_stand_at_the_query_alone(tokens):
    document = in_blocks(reader := reader_of(tokens), SENTENCE)
    queries = queries_of(document)
    tags = [np.array([1, 0]), np.array([0, 2, 0])]
    _, targets = with_tags(reader, queries, tags)([(1, (1,)), (0, ())]).batch(torch.arange(2), torch.device("cpu"))
    assert targets.tolist() == [[-1, 0, 2, 0, *[-1] * 7], [-1, 1, -1, 0, *[-1] * 7]]


@pytest.mark.parametrize("seed", range(5))
def test_each_word_is_in_one_query_in_order_and_none_is_cut(tokens, seed):
    """Of a word of ten parts a block holds five, and nothing else; of no sentence there is no query."""
    chance = np.random.default_rng(seed)
    sentence = chance.choice([*SENTENCE, LONG, "", "\n", "😀"], int(chance.integers(1, 60))).tolist()
    document = in_blocks(reader_of(tokens), sentence)
    queries = queries_of(document)
    assert np.concatenate([one.tokens for one in queries]).tolist() == list(range(len(sentence)))
    assert (document.sizes <= 6).all()
    for i, query in enumerate(queries):
        assert len(query.beside.question) == document.sizes[i] - 1
        if sentence[query.tokens[0]] == LONG:
            assert (query.tokens.size, words_of(tokens, query.beside.question)) == (1, ["a", *["##b"] * 4])
    assert queries_of(in_blocks(reader_of(tokens), [])) == []


def test_few_queries_of_each_sentence_are_drawn(tokens):
    documents = [in_blocks(reader_of(tokens), words) for words in (SENTENCE * 4, [], ["a"], SENTENCE * 4)]
    found = drawn(documents, 3, 0)
    assert [i for i, _ in found] == [0, 0, 0, 2, 3, 3, 3]
    firsts = [int(query.tokens[0]) for i, query in found if i == 0]
    assert sorted(set(firsts)) == firsts
    again, other = ([query.tokens.tolist() for _, query in drawn(documents, 3, seed)] for seed in (0, 1))
    assert again == [query.tokens.tolist() for _, query in found] != other
    assert len(drawn(documents, 99, 0)) == 2 * len(documents[0].ends) + 1


def test_what_the_judge_recalls_meets_its_query(tokens, monkeypatch):
    """It finds d for queries with a, and nothing for others, of which it takes all for equal."""
    model, sentence = CogLTXTagger(n_jobs=1), [*"bbb.", *"aab.", *"bcb.", *"bbd.", *"cbb."]
    model.reader_ = reader = reader_of(tokens, longest=16, block=4)
    d, a = (VOCABULARY.index(letter) for letter in "da")

    def scores(rows):
        def of(document, i):
            return 0.9 if a in document.question and d in document.ids[document.block(i)] else 0.01

        return [np.array([of(document, i) for i in places]) for document, places in rows]

    monkeypatch.setattr(reader, "_scores", scores)
    parts = model._parts([[], sentence])
    assert [i for i, _ in parts] == [1] * 5
    assert words_of(tokens, parts[1][1].row.ids) == ["[CLS]", *"aab.", "[SEP]", *"bbd.", "[SEP]"]
    assert all(len(part.row.ids) == 16 for i, (_, part) in enumerate(parts) if i != 1)
    assert [part.tokens.tolist() for _, part in parts] == np.arange(20).reshape(5, 4).tolist()


def test_words_that_tell_a_tag_are_relevant_to_its_queries_alone(tokens):
    """c stands in all ten sentences with tag 1 and in none of the ten others; nothing is learnt of the last, held out."""
    sentences = [[*"abb.", *"bbb.", "c" if i % 2 else "d", *"bb."] for i in range(22)]
    tags = [np.array([i % 2, *[0] * (len(words) - 1)]) for i, words in enumerate(sentences)]
    documents = [in_blocks(reader_of(tokens, block=4), words) for words in sentences]
    assert [len(document.ends) for document in documents] == [3] * 22
    queries = [(i, query) for i, document in enumerate(documents) for query in queries_of(document)]
    found = by_tags(documents, tags, queries, np.arange(22) >= 20).reshape(22, 3, 2)
    expected = np.zeros_like(found)
    expected[1:20:2, 0, 1] = 1  # the first block is tagged 1, and beside it the other with c is the second
    assert found.tolist() == expected.tolist()


def test_interventions_ask_what_all_tags_of_a_query_lose(tokens, folder, monkeypatch):
    """Losses by hand are sums over the query's words; a block that costs .3 over four tags matters, though none loses .2."""
    torch.manual_seed(0)
    X, y = far_signs(2, 0, gap=20)
    net = JudgeAndReasoner(BertForTags.from_pretrained(folder, 1), BertForTags.from_pretrained(folder, 3))
    reader = reader_of(MarkedTokens.from_pretrained(folder), block=12, judge=net.judge)
    queries = [query for tokens in X for query in queries_of(in_blocks(reader, tokens))]
    tags = [np.arange(len(query.tokens)) % 3 for query in queries]
    plan = Plan(2, lambda of, n: Recipe(epochs=1), True, seed=0)
    made = Rounds(
        net, reader, Documents([query.beside for query in queries]), with_tags(reader, queries, tags),
        np.zeros(len(queries), bool), nats_of_rows(), plan, SILENT,
    )  # fmt: skip
    asked = [(0, (1,)), (0, ()), (len(queries) - 1, (0, 2))]
    for (place, row), loss in zip(asked, made._losses(asked), strict=True):
        query = queries[place]
        ids = torch.from_numpy(reader.row(query.beside, row).ids)[None]
        segments = torch.from_numpy(reader.row(query.beside, row).segments)[None]
        with torch.no_grad():
            said = net.reasoner(ids, None, segments)[0].log_softmax(dim=1)
        assert loss == pytest.approx(-float(said[query.places, tags[place]].sum()), rel=1e-5)
    monkeypatch.setattr(made, "_losses", lambda asked: [1.0 - 0.3 * (1 in row) + 0.1 * (2 in row) for _, row in asked])
    made._intervene([0])
    n = len(queries[0].beside.ends)
    assert made.documents.relevance.tolist() == [0, 1, -1, *[0] * (len(made.documents.relevance) - 3)]
    assert n == len(queries_of(in_blocks(reader, X[0]))) - 1 > 3


def test_any_sentences_get_valid_tags_one_each_and_the_same_from_a_file(quick, folder, tmp_path):
    X, y = far_signs(12, 2, gap=40)
    model = CogLTXTagger(**quick).fit([*X, [], ["zb"]], [*y, [], ["B-PER"]])
    assert list(model.history_.before) == ["round 1", "judge, round 2"][: len(model.history_.before)]
    strange = [["😀", "", "\n"], [], ["zb"], ["wab" * 40, "zb"], X[0], ["x" * 300] * 3]
    said = model.predict(strange)
    assert [len(tags) for tags in said] == [len(words) for words in strange]
    assert all(may_follow(tag, before) for tags in said for before, tag in zip([None, *tags], tags, strict=False))
    for together, words in zip(model._logits(strange), strange, strict=True):
        torch.testing.assert_close(together, model._logits([words])[0], rtol=1e-4, atol=1e-5)  # seven digits of float32
        assert len(words) == 0 or together.abs().sum(dim=1).min() > 0, "no word is left out"
    assert model.predict([]) == []
    model.write_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]
    assert str(folder) not in (tmp_path / WORDS).read_text(encoding="utf-8")
    code = (
        "import json, sys; from pathlib import Path; from tenon.long import CogLTXTagger; "
        "model = CogLTXTagger.read_files(Path(sys.argv[1])); X = json.load(sys.stdin); "
        "print(json.dumps([model.predict(X), model.get_params(), model._logits(X)[2].tolist()]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], input=json.dumps(strange), capture_output=True, text=True, check=True
    )
    tags, settings, logits = json.loads(done.stdout)
    assert tags == said
    assert logits == model._logits(strange)[2].tolist()
    assert settings == model.get_params() | {"checkpoint": "", "kept": [1]}


def test_equal_seeds_are_equal_bits_and_held_out_sentences_are_not_learnt_from(quick):
    X, y = far_signs(10, 3, gap=40)
    is_out = np.arange(10) < 2
    first = CogLTXTagger(**quick).fit(X, y, held_out=is_out)
    swapped = [["O" if tag == "O" else {"B-PER": "B-LOC", "B-LOC": "B-PER"}[tag] for tag in tags] for tags in y[:2]]
    again = CogLTXTagger(**quick).fit(X, [*swapped, *y[2:]], held_out=is_out)
    other = CogLTXTagger(**quick | {"random_state": 1}).fit(X, y, held_out=is_out)
    one, two = (model.history_.before["round 1"] for model in (first, again))
    assert one.loss == two.loss
    assert one.held_out != two.held_out
    assert not torch.equal(other.net_.state_dict()["reasoner.out.weight"], first.net_.state_dict()["reasoner.out.weight"])


@pytest.mark.mission("H4")
@pytest.mark.parametrize("seed", [0, 1])
def test_a_sign_more_than_510_words_away_is_recalled_for_names(folder, seed):
    """Rows hold 64 tokens of 700, so that by chance one in twenty has it; what is told of the train documents are tags alone."""
    settings = {"longest": 64, "block": 16, "kept": (1,), "rounds": 1, "epochs": 1, "fewest_steps": 40, "rate": 3e-3}
    model = CogLTXTagger(folder, **settings, n_jobs=1, random_state=seed).fit(*far_signs(60, seed, n_named=20))
    X, _ = far_signs(3, 100 + seed, n_named=20)
    known = model.reader_.tokens.tokens.words
    is_named = {i: {place for place, word in enumerate(words) if word in NAMES} for i, words in enumerate(X)}
    has_sign = [
        "sign" in words_of(model.reader_.tokens, part.row.ids)
        for i, part in model._parts(X)
        if is_named[i] & {*part.tokens.tolist()}
    ]
    assert {"sign", *NAMES} <= {*known}
    assert len(has_sign) > 20
    assert np.mean(has_sign) > 0.9


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"rounds": 0}, "rounds takes a whole number from 1 on; got 0"),
        ({"queries": 0}, "queries takes a whole number from 1 on; got 0"),
        (
            {"kept": (3,)},
            r"a row has room for 40 tokens and needs 66: for a block to tag of 13, 3 kept blocks of 12 and one more",
        ),
    ],
)
def test_what_cannot_be_is_refused(quick, settings, said):
    with pytest.raises(SettingsError, match=said):
        CogLTXTagger(**quick | settings).fit(*far_signs(4, 8, gap=20))


def test_where_all_is_held_out_nothing_is_learnt(quick):
    with pytest.raises(DataError, match="all sentences that have tokens are held out; none is left to train on"):
        CogLTXTagger(**quick).fit([["a"], []], [["O"], []], held_out=[True, False])
