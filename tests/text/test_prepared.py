"""What methods begin with that read sentences of tokens: vectors of the tokens as their tagger names them, of no other rows."""

import pandas as pd
import pytest
from tests.text.sentences import made

import tenon
from tenon.catalogue import find
from tenon.data.dataset import Dataset
from tenon.tasks import infer_task
from tenon.text.prepared import texts_of, word2vec
from tenon.text.vector_files import read_vectors
from tenon.watch import SILENT, Watch


def tagged(chinese: bool) -> Dataset:
    X, y = made(30, chinese=chinese)
    return tenon.read(pd.DataFrame({"tokens": X, "tags": y}), target="tags")


@pytest.mark.parametrize(
    ("chinese", "more", "new"),
    [
        (False, ["Freeword met a FREEWORD.", ["Agent", "007", "met", "Agent", "008"]], {"freeword", "met", "agent", "000"}),
        (True, ["自由 自由", ["王", "由"]], {"自", "由"}),
    ],
)
def test_vectors_are_of_tokens_as_their_tagger_names_them(chinese, more, new, tmp_path):
    data = tagged(chinese)
    texts = texts_of(data)
    assert texts == data.frame["tokens"].tolist()
    word2vec(texts, more, tmp_path, 0, "quick", SILENT)
    counts = pd.Series([token if chinese else token.lower() for tokens in texts for token in tokens]).value_counts()
    assert set(read_vectors(tmp_path).words) == {*counts.index[counts >= 2], *new}


def test_a_tagger_begins_with_what_its_train_rows_teach():
    pytest.importorskip("torch")
    data, method, heard = tagged(chinese=False), find("bilstm-crf"), []
    task, _ = infer_task(data.target)
    params = method.with_defaults({"vectors": "prepared", "hidden": 8})
    model = method.fit(data, task, params=params, seed=0, budget="quick", watch=Watch(heard.append))
    assert "100 % of the tokens start from vectors of words." in [event.get("text") for event in heard]
    assert model.estimator.net_.of_words.width == 100
    assert [len(tags) for tags in model.predict(pd.DataFrame({"tokens": [["Bo", "left"], []]})).value] == [2, 0]


def test_a_network_without_a_head_for_masked_tokens_gets_one_that_chance_draws(tmp_path):
    """It is told, once a start; what goes on keeps its vocabulary, learns, and gives the same bytes from the same seed."""
    pytest.importorskip("torch")
    from tests.text.encoders import X, small_encoder

    from tenon.text.bert_heads import BertForMasked
    from tenon.text.prepared_nets import masked_tokens

    start, heard, found = small_encoder(tmp_path), [], []
    for name, given in (("first", start), ("again", start), ("then", tmp_path / "first")):
        (tmp_path / name).mkdir()
        masked_tokens(X, tmp_path / name, 3, "quick", Watch(heard.append), start=str(given))
        found.append((tmp_path / name / "model.safetensors").read_bytes())
        assert (tmp_path / name / "vocab.txt").read_bytes() == (start / "vocab.txt").read_bytes()
    said = [event["text"] for event in heard if event["event"] == "note"]
    assert said == [
        f"the network in {start} has no head that foretells masked tokens; one begins as chance draws it, on the vectors of its "
        "tokens."
    ] * 2  # fmt: skip
    assert found[0] == found[1] != found[2]
    assert BertForMasked.from_pretrained(tmp_path / "first").fresh == ()


def test_without_stages_chance_draws_the_network_and_the_texts_its_vocabulary(tmp_path):
    pytest.importorskip("torch")
    from tests.text.encoders import X

    from tenon.text.prepared_nets import masked_tokens

    weights = []
    for stage in ("none", "task"):
        (tmp_path / stage).mkdir()
        masked_tokens(X, tmp_path / stage, 3, "quick", SILENT, stage=stage)
        weights.append((tmp_path / stage / "model.safetensors").read_bytes())
    assert (tmp_path / "none/vocab.txt").read_bytes() == (tmp_path / "task/vocab.txt").read_bytes()
    assert weights[0] != weights[1]


def test_long_texts_are_read_in_short_rows_first():
    """As many tokens in each step, as many passes in all; the last is of rows as long as the network shall know."""
    pytest.importorskip("torch")
    from tenon.text.prepared_nets import in_turn
    from tenon.text.pretrain_nets import NetSettings

    settings = NetSettings("tiny", longest=512, batch_size=16, epochs=10)
    told = [(part.longest, part.batch_size, part.epochs) for part in in_turn(settings, 2_000)]
    assert told == [(128, 16, 9), (512, 4, 1)]
    assert in_turn(settings, 128) == (settings,)
    once = NetSettings("tiny", longest=512, batch_size=16, epochs=1)
    assert in_turn(once, 2_000) == (once,)


def test_progress_of_short_and_long_rows_is_that_of_one_work(tmp_path):
    pytest.importorskip("torch")
    from tests.text.encoders import X

    from tenon.text.prepared_nets import masked_tokens

    heard = []
    masked_tokens([" ".join(X)] * 3, tmp_path, 3, "quick", Watch(heard.append))
    shares = [event["done"] / event["total"] for event in heard if event["event"] == "progress" and "loss" in event]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert any(abs(share - 0.75) < 1e-9 for share in shares)
