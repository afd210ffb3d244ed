"""What a plan tells of what is learnt before the trials: as often as a run does it, and about as long."""

from collections import Counter

import pandas as pd
import pytest
from tests.datasets import dataset

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

import tenon  # noqa: E402
from tenon.data.unlabelled import Unlabelled  # noqa: E402
from tenon.report.language import language  # noqa: E402
from tenon.text.prepared import OBJECTIVES  # noqa: E402
from tenon.trials.ask import Ask  # noqa: E402
from tenon.trials.beforehand import (  # noqa: E402
    FEW_CHARACTERS,
    PlannedPreparation,
    Texts,
    few_texts,
    read_by_stage,
    seconds_to_prepare,
)
from tenon.trials.curve import curve_jobs  # noqa: E402
from tenon.trials.job import FINAL, Job  # noqa: E402
from tenon.trials.nested import is_nested, nested_jobs  # noqa: E402
from tenon.trials.prepare import prepare  # noqa: E402
from tenon.trials.shared import preparations, with_prepared  # noqa: E402


@pytest.fixture
def files(tmp_path):
    for name in ("domain", "unlabelled"):
        (tmp_path / name).write_text("\n".join(f"a film of the {name} {k}" for k in range(9)), encoding="utf-8")
    return {name: str(tmp_path / name) for name in ("domain", "unlabelled")}


def films(n):
    frame = pd.DataFrame({"review": [f"a {('fine', 'dull')[k % 2]} film {k}" for k in range(n)], "y": ["yes", "no"] * (n // 2)})
    return tenon.read(frame, "y", kinds={"review": "text"})


def jobs_of(ready, ask):
    """Every job of a run whose methods are all fitted again on all rows."""
    trials = [Job(m.name, *trial, ask.settings_of(m.name), 0, "normal") for m in ready.running for trial in ready.trials_of(m)]
    more = [job for job in trials if not ready.is_on_one_split(job.method)]
    extra = [*(nested_jobs(more, ready.bench) if is_nested(ready) else ()), *(curve_jobs(more) if ask.curve else ())]
    return [*trials, *extra, *(Job(m.name, FINAL, 0, ask.settings_of(m.name), 0, "normal") for m in ready.running)]


@pytest.mark.parametrize(("n_rows", "given"), [
    (520, {"splits": "2x1"}), (520, {}), (60, {"splits": "2x2"}), (60, {"splits": "2x1", "curve": True}),
    (520, {"splits": "2x1", "curve": True}), (60, {"methods": "bert,word2vec-logistic"}),
])  # fmt: skip
def test_a_plan_counts_what_a_run_makes(n_rows, given, files, tmp_path):
    ask = Ask(**{"methods": "bert"} | given | files)
    ready = prepare(films(n_rows), ask, tmp_path / "run")
    jobs = [with_prepared(job, ready) for job in jobs_of(ready, ready.ask)]
    made = [tuple(part.partition("-")[0] for part in one.key.split(".")) for one in preparations(jobs, ready.by_name) if one.key]
    told = Counter()
    for one in ready.plan.prepares:
        told[one.stages] += sum(one.often.values())
    assert told == {stages: n for stages, n in Counter(made).items() if stages != ("none",)}


def test_texts_are_counted_in_characters(tmp_path):
    """By hand: 4 letters in each of 4 rows, Chinese tokens without blanks between them, others with."""
    rows = dataset({"t": ["abcd"] * 4, "y": ["n", "y"] * 2}, {"t": "text"})
    more = {"domain": Unlabelled("f", ("王明", "字"), 0), "unlabelled": Unlabelled("f", ("abc",), 0)}
    assert read_by_stage(rows, more) == {"task": Texts(19, "other"), "domain": Texts(3, "chinese")}
    cut = dataset({"t": [["王", "明"], ["字"]], "y": ["n", "y"]}, {"t": "tokens"})
    assert read_by_stage(cut, {})["task"] == Texts(3, "chinese")
    cut = dataset({"t": [["ab", "c"], ["d"]], "y": ["n", "y"]}, {"t": "tokens"})
    assert read_by_stage(cut, {})["task"] == Texts(5, "other")


def test_seconds_by_hand():
    """7 times all train rows, 10 times .8 of them, 6 times a third of .875; two at once."""
    often = {"each split": 6, "each nested fold": 10, "each part of a learning curve": 6, "the model": 1}
    once = OBJECTIVES["word2vec"].takes(1e6, "other", "quick")
    one = PlannedPreparation("word2vec", ("task",), "", ("lstm",), often)
    assert seconds_to_prepare([one], {"task": Texts(1e6, "other")}, "quick", 2) == pytest.approx(once * (7 + 8 + 2 * 0.875) / 2)


def test_few_texts_are_told_of():
    def said(n, *roads, objective="mlm", start=""):
        read = {"task": Texts(n, "other"), "domain": Texts(FEW_CHARACTERS, "other")}
        return few_texts([PlannedPreparation(objective, road, start, ("bert",), {}) for road in roads], read)

    assert said(123_456, ("task",)).startswith("A small BERT learns from about 120,000 characters here; from")
    assert language("zh")(said(123_456, ("task",))).startswith("这里的小型 BERT 只从约 120,000 个字符中学习")
    assert said(FEW_CHARACTERS + 1, ("task",)) == ""
    assert said(5, ("domain",), ("domain", "task"), ("task",)) == "", "the longest road reads enough"
    assert said(5, ("task",), start="models/bert") == said(5, ("task",), objective="word2vec") == said(5) == ""
