"""What a plan expects of an encoder: worked by hand, and beside the processor time that a small one takes."""

import time
from dataclasses import replace

import pandas as pd
import pytest
from tests.datasets import dataset

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import CLASSES, X, small_encoder  # noqa: E402

from tenon.catalogue import find  # noqa: E402
from tenon.text import BertClassifier, BertConfig  # noqa: E402
from tenon.text.bert_cost import (  # noqa: E402
    PER_SECOND,
    PER_SECOND_MASKED,
    SECONDS_OF_STEP,
    SECONDS_TO_MASK,
    seconds_of_encoder,
    seconds_to_answer,
    seconds_to_read,
    seconds_to_tag,
    seconds_to_tune,
    tokens_of_row,
)
from tenon.text.bert_files import write_config  # noqa: E402
from tenon.trials.plan import (  # noqa: E402
    SECONDS_PER_COLUMN,
    SECONDS_PER_TRIAL,
    SECONDS_TO_START,
    SECONDS_TO_START_NETWORKS,
    expected_cost,
)
from tenon.trials.protocol import Protocol  # noqa: E402

TEXT = "a" * 43
DATA = dataset({"t": [TEXT] * 6, "y": ["n", "y"] * 3}, {"t": "text"})
N_TOKENS = 12  # 43 letters over 4.3, and two marks
OF_TOKEN = 3 * 2 * (4 * 8 * 8 + 2 * 8 * 24 + 2 * N_TOKENS * 8)  # 3 layers, 8 wide, 24 within; every product is added, too


@pytest.fixture
def settings(tmp_path):
    write_config(tmp_path, BertConfig(d_model=8, n_layers=3, n_heads=2, d_hidden=24))
    return {"checkpoint": str(tmp_path), "longest": 256, "epochs": 4, "fewest_steps": 0}


def test_reading_by_hand(settings):
    assert tokens_of_row(DATA) == pytest.approx(N_TOKENS)
    assert seconds_to_read(DATA, 5, settings, "normal") == pytest.approx(5 * N_TOKENS * OF_TOKEN / PER_SECOND)


def test_learning_by_hand(settings):
    once = seconds_to_read(DATA, 1, settings, "normal")
    step = 3 * SECONDS_OF_STEP  # of 3 layers
    assert seconds_to_tune(DATA, 100, settings, "normal") == pytest.approx(4 * (3 * 100 * once + 7 * step))  # 16 rows a step
    few = settings | {"fewest_steps": 200}  # 7 a pass, so 29 passes
    assert seconds_to_tune(DATA, 100, few, "normal") == pytest.approx(29 * (3 * 100 * once + 7 * step))
    assert seconds_to_tune(DATA, 6_400, few, "normal") == pytest.approx(4 * (3 * 6_400 * once + 200 * step))  # 32 rows a step
    step_of_16 = 4 * (3 * 6_400 * once + 400 * step)
    assert seconds_to_tag(DATA, 6_400, few, "normal") == pytest.approx(step_of_16)
    windows = {"longest": 8, "stride": 2}  # 12 tokens: 8 in the first window, 2 more in each of two others
    of_window = 3 * seconds_to_read(DATA, 1, settings | windows, "normal")
    expected = 4 * (19_200 * of_window + 1_200 * step)  # 3 windows of each, 16 a step
    assert seconds_to_answer(DATA, 6_400, settings | windows, "normal") == pytest.approx(expected)


def test_steps_of_a_small_encoder_take_about_as_long_as_expected(tmp_path):
    """32 numbers wide, a step takes as long as its operations do, 9 times what it multiplies."""
    checkpoint = str(small_encoder(tmp_path))
    data = dataset({"t": X[:160], "y": CLASSES[:160]}, {"t": "text"})
    for n_steps in (10, 200):  # the first fit, which loads what the other finds loaded, is not judged
        network, began = BertClassifier(checkpoint, 40, 1, n_steps, n_jobs=1, random_state=0), time.process_time()
        network.fit(X[:160], CLASSES[:160])
        seconds = time.process_time() - began
    settings = {"checkpoint": checkpoint, "longest": 40, "epochs": 1, "fewest_steps": n_steps}
    expected = seconds_to_tune(data, 160, settings, "normal")
    assert expected / 4 < seconds < 4 * expected  # a small factor is all that is promised, and a loaded machine takes its part


def test_chinese_texts_and_sentences_have_more_tokens_than_their_length_says():
    chinese = dataset({"t": ["字" * 60] * 4, "y": ["n", "y"] * 2}, {"t": "text"})
    assert tokens_of_row(chinese) == pytest.approx(50 + 2)
    cut = dataset({"t": [["a"] * 10, ["b"] * 10], "y": ["n", "y"]}, {"t": "tokens"})
    assert tokens_of_row(cut) == pytest.approx(13 + 2)


def test_no_more_is_read_than_the_longest(settings):
    long = dataset({"t": [TEXT * 100] * 4, "y": ["n", "y"] * 2}, {"t": "text"})
    of_token = 3 * 2 * (4 * 8 * 8 + 2 * 8 * 24 + 2 * 256 * 8)
    assert seconds_to_read(long, 1, settings, "normal") == pytest.approx(256 * of_token / PER_SECOND)


def test_a_plan_knows_the_encoder_that_was_asked_for(settings):
    method, data = find("bert"), pd.concat([DATA.frame] * 50, ignore_index=True)
    rows = replace(DATA, frame=data)
    given = {"bert": {"checkpoint": settings["checkpoint"], "fewest_steps": 0}}
    for budget, epochs in (("quick", 2), ("normal", 4), ("thorough", 10)):
        seconds, _ = expected_cost((method,), rows, Protocol(2, 1, 0.0), 1, budget, settings=given)
        fit = seconds_to_tune(DATA, 150, settings | {"epochs": epochs}, budget)
        beside = SECONDS_TO_START + SECONDS_TO_START_NETWORKS
        trial = SECONDS_PER_TRIAL + 3 * SECONDS_PER_COLUMN
        assert seconds == pytest.approx(beside + 2 * (trial + fit), rel=1e-9)  # the split, and the model
    small, _ = expected_cost((method,), rows, Protocol(2, 1, 0.0), 1)  # one of 2 layers of 128, and 200 steps
    config = BertConfig.of_size("tiny")
    of_token = 2 * (8 * config.d_model**2 + 4 * config.d_model * (4 * config.d_model + N_TOKENS))
    fit = 20 * (3 * 150 * N_TOKENS * of_token / PER_SECOND + 10 * 2 * SECONDS_OF_STEP)  # 10 steps a pass
    assert small == pytest.approx(beside + 2 * (trial + fit), rel=1e-3)


def test_a_larger_encoder_takes_longer_to_prepare(tmp_path):
    """By hand: layers of 64 numbers, 100 within each, and the vocabulary for 15 tokens in a hundred."""
    (tmp_path / "config.json").write_text(
        '{"model_type": "bert", "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 100, '
        '"vocab_size": 500}',
        encoding="utf-8",
    )
    own = 3 * (8 * 64 * 64 + 4 * 64 * 100) + 0.15 * 2 * 64 * 500
    tiny = 2 * (8 * 128 * 128 + 4 * 128 * 512) + 0.15 * 2 * 128 * 8_000
    mini = 4 * (8 * 256 * 256 + 4 * 256 * 1024) + 0.15 * 2 * 256 * 8_000

    def seconds(of_token, n_tokens):
        return n_tokens * (3 * of_token / PER_SECOND_MASKED + SECONDS_TO_MASK)

    assert seconds_of_encoder(4300, "other", "normal", start=str(tmp_path)) == pytest.approx(seconds(own, 10 * 1000))
    assert seconds_of_encoder(4300, "other", "quick") == pytest.approx(seconds(tiny, 4 * 1000))
    assert seconds_of_encoder(1200, "chinese", "normal") == pytest.approx(seconds(tiny, 10 * 1000))
    assert seconds_of_encoder(1200, "chinese", "thorough") == pytest.approx(seconds(mini, 20 * 1000))
    assert seconds_of_encoder(4300, "other", "normal", stage="domain") == pytest.approx(seconds(tiny, 4 * 1000))


def test_long_texts_by_hand(settings):
    """1,002 tokens: in segments of 98 and two marks, of which neighbours share 20, at most 5; or whole, where each sees few."""
    long = dataset({"t": ["a" * 4300] * 4, "y": ["n", "y"] * 2}, {"t": "text"})
    of_token = 3 * 2 * (4 * 8 * 8 + 2 * 8 * 24)
    segments = settings | {"longest": 100, "overlap": 20}
    many, few = (seconds_to_read(long, 1, segments | {"most_segments": n}, "normal") for n in (64, 5))
    seen = 3 * 2 * 2 * 8
    assert many == pytest.approx(1002 * 98 / 78 * (of_token + seen * 100) / PER_SECOND)
    assert few == pytest.approx(500 * (of_token + seen * 100) / PER_SECOND)
    whole = seconds_to_read(long, 1, settings | {"longest": 4096, "window": 16}, "normal")
    assert whole == pytest.approx(1002 * (of_token + seen * 33) / PER_SECOND)
    for own, n_seen in (({"block": 16, "n_random": 1}, (5 + 1) * 16), ({"n_parts": 3}, 1002 / 3)):
        sparse = seconds_to_read(long, 1, settings | {"longest": 4096} | own, "normal")
        assert sparse == pytest.approx(1002 * (of_token + seen * n_seen) / PER_SECOND)
    all_shared = segments | {"most_segments": 64, "overlap": 98}
    assert 0 < seconds_to_read(long, 1, all_shared, "normal") < float("inf")
