"""Methods for long documents: where they stand on the board, settings that reach the network, one line in the plan, a run."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.datasets import sequences, texts  # noqa: E402
from tests.text.encoders import BAD, EITHER, GOOD, small_encoder  # noqa: E402

import tenon  # noqa: E402
from tenon.catalogue import find  # noqa: E402
from tenon.cli.wording import plan_lines  # noqa: E402
from tenon.data.dataset import Column, Dataset, Schema  # noqa: E402
from tenon.long.methods import METHODS, not_long  # noqa: E402
from tenon.report.language import language  # noqa: E402
from tenon.tasks import Task  # noqa: E402
from tenon.trials.ask import Ask  # noqa: E402
from tenon.trials.prepare import prepare  # noqa: E402

TASK = Task("binary", "y", ("no", "yes"))


def schema(*shares):
    return Schema((*(Column(f"t{i}", "text", long_share=s) for i, s in enumerate(shares)), Column("y", "category", "target")), 9)


def test_what_is_declined():
    assert not_long(schema(0.05)) is None
    assert not_long(schema(1.0)) is None
    said = "texts are short: 4.9 % of them are longer than 510 parts of words; bert reads the others whole with longest=512"
    assert not_long(schema(0.049)) == said
    assert not_long(schema(0.5, 0.5)) == "reads one column of texts; there are 2"
    assert {method.accepts(schema(0.049), TASK) for method in METHODS} == {said}
    assert {method.accepts(schema(1.0), TASK) for method in METHODS} == {None}
    numbers = Schema((Column("n", "number"), Column("y", "category", "target")), 9)
    assert {method.accepts(numbers, TASK) for method in METHODS} == {"reads columns of text; there is none"}


def of_sequences(kind: str, share: float) -> tuple[Dataset, Task]:
    """Sequences of which this share is long; of questions that of the contexts, while all questions are."""
    data, task = sequences(kind)
    columns = [replace(c, long_share=share) if c.name in ("x", "context") else c for c in data.schema.columns]
    return replace(data, schema=Schema(tuple(columns), len(data))), task


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        (
            "longformer-tagger",
            "tagging",
            "sentences are short: 4.9 % of them are longer than 510 parts of words; bert-tagger reads the others whole",
        ),
        (
            "cogltx-tagger",
            "tagging",
            "sentences are short: 4.9 % of them are longer than 510 parts of words; bert-tagger reads the others whole",
        ),
        (
            "longformer-answer",
            "answer",
            "contexts are short: 4.9 % of them are longer than 510 parts of words; bert-answer reads the others in two",
        ),
    ],
)
def test_those_of_sequences_stand_aside_where_few_are_long(name, kind, said):
    method, (data, task) = find(name), of_sequences(kind, 0.05)
    assert method.accepts(data.schema, task) is None
    short, _ = of_sequences(kind, 0.049)
    told = method.accepts(short.schema, task)
    assert told.startswith(said)
    assert told.endswith("with longest=512")
    assert "4.9 % 超过 510 个子词" in language("zh")(told)
    assert "510" not in method.accepts(schema(0.0), TASK)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("longformer-tagger", {"rate": 1e-4, "frozen_layers": 1, "learns": "gradual"}),
        ("longformer-answer", {"stride": 600, "longest_question": 9, "n_best": 3, "longest_answer": 5}),
    ],
)
def test_settings_of_sequences_reach_the_network(name, given, folder):
    data, task = sequences("tagging" if name == "longformer-tagger" else "answer")
    method = find(name)
    params = method.with_defaults({"checkpoint": str(folder), "fewest_steps": 3, "window": 40, **given})
    model = method.fit(data, task, params=params, seed=0, budget="quick").estimator
    assert {key: getattr(model, key) for key in given} == given
    assert (model.longest, model.stretch) == (4096, {"kind": "longformer", "window": 40})
    config = model.net_.bert.config
    assert (config.kind, config.longest, set(config.windows)) == ("longformer", 4096, {40})


def fitted(name, folder, **given):
    data, task = texts("binary")
    method = find(name)
    params = method.with_defaults({"checkpoint": str(folder), "fewest_steps": 0, **given})
    return method.fit(data, task, params=params, seed=0, budget="quick").estimator


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("bert-head", {"smoothing": 0.1, "distil": 0.5}, {"keeps": "head", "longest": 512, "smoothing": 0.1, "distil": 0.5}),
        ("bert-tail", {"longest": 20}, {"keeps": "tail", "longest": 20}),
        ("bert-head-tail", {}, {"keeps": "ends"}),
        ("bert-select", {}, {"keeps": "bm25"}),
        ("bert-select", {"by": "textrank"}, {"keeps": "textrank"}),
        (
            "bert-pool-mean",
            {"cut": "pauses", "most_segments": 3},
            {"pool": "mean", "cut": "pauses", "most_segments": 3, "longest": 256},
        ),
        ("bert-pool-mean", {"pool": "votes", "overlap": 5}, {"pool": "votes", "overlap": 5}),
        ("bert-pool-max", {}, {"pool": "max"}),
        ("bert-pool-max", {"pool": "both", "smoothing": 0.1}, {"pool": "both", "smoothing": 0.1}),
        ("bert-windows-lstm", {}, {"pool": "lstm"}),
        ("longformer", {"window": 40}, {"stretch": {"kind": "longformer", "window": 40}, "longest": 4096}),
        ("bigbird", {"n_random": 1}, {"stretch": {"kind": "big_bird", "block": 64, "n_random": 1}, "longest": 4096}),
        ("blockbert", {"n_parts": 3}, {"stretch": {"kind": "blockbert", "n_parts": 3}, "longest": 4096}),
    ],
)
def test_settings_reach_the_network(name, given, expected, folder):
    model = fitted(name, folder, **given)
    assert {key: getattr(model, key) for key in expected} == expected
    if "stretch" in expected:
        config = model.net_.bert.config
        assert (config.longest, config.kind) == (4096, expected["stretch"]["kind"])


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("transformer-xl", {"length": 32, "n_layers": 1}, {"n_layers": 1, "n_heads": 4, "length": 32}),
        ("reformer", {"n_rounds": 1, "n_heads": 2}, {"n_layers": 2, "n_heads": 2, "n_rounds": 1, "chunk": 64}),
    ],
)
def test_settings_reach_networks_that_begin_by_chance(name, given, expected):
    data, task = texts("binary")
    method = find(name)
    model = method.fit(data, task, params=method.with_defaults(given), seed=0, budget="quick").estimator
    assert (model.net, model.settings, model.longest) == (name, expected, 4096)


CHANCE = np.random.default_rng(0)
IS_GOOD = np.arange(120) % 2 == 0


@pytest.fixture(scope="module")
def documents():
    """Of 400 words each; the telling one is the last."""
    said = [[*CHANCE.choice(EITHER, 400), CHANCE.choice(GOOD if good else BAD)] for good in IS_GOOD]
    return pd.DataFrame({"text": [" ".join(one) for one in said], "label": np.where(IS_GOOD, "p", "q")})


def test_those_that_decline_share_a_line_of_the_plan(folder, documents, tmp_path):
    names = [method.name for method in METHODS]
    short = documents.assign(text=documents["text"].str[-40:])
    ask = Ask(methods=names, checkpoint=str(folder))
    lines = plan_lines(prepare(tenon.read(short, "label", kinds={"text": "text"}), ask, tmp_path / "short").plan, 300)
    said = "texts are short: 0 % of them are longer than 510 parts of words; bert reads the others whole with longest=512"
    assert [line.strip() for line in lines if "short" in line] == [f"{', '.join(names)}: {said}"]
    plan = prepare(tenon.read(documents, "label"), ask, tmp_path / "long").plan
    assert {row.status for row in plan.rows} == {"ok"}


@pytest.mark.parametrize(("name", "share"), [("bert-head", 38 / 401), ("bert-select", 38 / 401), ("bert-pool-max", 1.0)])
def test_predictions_tell_how_much_was_read(name, share, folder, documents):
    """The encoder knows 40 places, two of them for marks."""
    data, method = tenon.read(documents, "label"), find(name)
    params = method.with_defaults({"checkpoint": str(folder), "fewest_steps": 0, "rate": 1e-4})
    model = method.fit(data, Task("binary", "label", ("p", "q")), params=params, seed=0, budget="quick")
    said = model.predict(documents[["text"]][:30])
    assert said.read_share == pytest.approx(share, abs=0.01)  # blocks may leave a few places free
    assert set(said.value) <= {"p", "q"}


def test_explained_are_sentences_of_long_texts(folder, documents):
    data, method = tenon.read(documents, "label"), find("bert-pool-max")
    params = method.with_defaults({"checkpoint": str(folder), "fewest_steps": 0})
    model = method.fit(data, Task("binary", "label", ("p", "q")), params=params, seed=0, budget="quick")
    readings = model.explain(data.rows(data.row_ids[:1]))["readings"]
    assert "".join(readings["token"]).replace(" ", "") == documents["text"][0].replace(" ", "")
    assert 401 / 38 <= len(readings) < 40


@pytest.mark.slow
@pytest.mark.mission("H7")
def test_all_ways_of_reading_on_one_board(folder, documents, tmp_path):
    """One command: scores with intervals, a verdict on each pair, seconds, memory, the share that was read, scores by length."""
    short = documents["text"].str[-1200:].where(np.arange(120) % 4 < 2, documents["text"])
    data = tenon.read(documents.assign(text=short), "label", kinds={"text": "text"})
    names = ["logistic", "bilstm-attention", *(method.name for method in METHODS)]
    sizes = {name: {"longest": 512} for name in ("longformer", "bigbird", "blockbert", "transformer-xl", "reformer")}
    settings = {name: {"fewest_steps": 0} for name in names if "fewest_steps" in find(name).params}
    settings = {name: settings.get(name, {}) | sizes.get(name, {}) for name in names}
    done = tenon.compare(
        data, out=tmp_path / "run", methods=names, checkpoint=folder, settings=settings, splits="2x1", budget="quick", jobs=1
    )
    rows = {row["method"]: row for row in done.board["rows"]}
    assert set(rows) == {"baseline", *names}
    assert {row["status"] for row in rows.values()} == {"ok"}
    assert all(row["low"] <= row["score"] <= row["high"] for row in rows.values())
    assert len(done.verdicts) == len(rows) * (len(rows) - 1) / 2
    read = {name: rows[name]["read_share"] for name in names}
    assert read["bert-head"] == read["bert-tail"] == read["bert-head-tail"] < 0.3
    assert read["bert-pool-max"] == read["logistic"] == 1.0
    insights = json.loads((tmp_path / "run" / "insights.json").read_text(encoding="utf-8"))
    costs = {row["method"]: row for row in insights["cost"]["rows"]}
    assert set(costs) == set(rows)
    assert all(row[what] > 0 for row in costs.values() for what in ("fit_seconds", "predict_seconds", "held_bytes"))
    assert "length" in {one["by"] for one in insights["slices"]["shown"]}
