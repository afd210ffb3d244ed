"""Curves of training: means by hand, the epoch that was kept at its place, and every sentence in Chinese."""

import json
import math

import pytest
from tests.report.boards import binary_board
from tests.report.folders import write_full_run
from tests.report.insights import history
from tests.report.parsed import Page

from tenon.report.axis import Axis
from tenon.report.kept import read_kept
from tenon.report.language import language
from tenon.report.page import write_report
from tenon.report.training import charts, loss_chart, sentences, thinned

EN, ZH = language("en"), language("zh")


def test_many_steps_become_means_of_equally_many():
    assert thinned([]) == []
    assert thinned([5.0]) == [(1.0, 5.0)]
    points = thinned([float(k) for k in range(250)])  # by threes
    assert points[:2] == [(3.0, 1.0), (6.0, 4.0)]
    assert points[-1] == (250.0, 249.0)  # the one that is left
    assert len(points) == 84


def test_the_epoch_that_was_kept_is_marked():
    made = history()
    loss, norm, rate = charts(made, EN)
    [dot] = loss.dots
    assert dot.x == pytest.approx(loss.width * 8 / 12, abs=0.1)  # after the eighth of twelve epochs
    judged = loss.lines[0]
    assert judged.name == "held-out rows"
    assert (dot.x, dot.y) == judged.points[7] == max(judged.points, key=lambda point: point[1])  # the lowest: pixels go down
    assert {point.split(",")[0] for point in loss.guide.split()} == {str(dot.x)}
    for chart in (loss, norm, rate):
        assert all(0 <= x <= chart.width and 0 <= y <= chart.height for line in chart.lines for x, y in line.points)
    assert [(c.x_title, c.y_title) for c in (norm, rate)] == [("steps", "gradient norm"), ("steps", "learning rate")]


def test_without_held_out_rows_nothing_is_marked():
    made = history() | {"held_out": [], "best_epoch": None, "stopped": ""}
    loss = charts(made, EN)[0]
    assert [line.name for line in loss.lines] == ["rows trained on"]
    assert (loss.dots, loss.guide) == ((), "")
    assert sentences(made) == ["Trained for 600 steps; no rows were held out, so the last weights are kept."]
    assert charts(history() | {"loss": []}, EN) == []


def test_what_was_trained_before_is_told_and_drawn():
    layers = {f"layer {k}": history(n_epochs=2) | {"loss": [2.0 / k / step for step in range(1, 101)]} for k in (1, 2)}
    made = history() | {"before": layers}
    assert sentences(made)[0] == "First, parts of it were trained in turn, for 100 steps each."
    assert sentences(made)[1:] == sentences(history())
    assert ZH(sentences(made)[0]) == "先依次训练各部分，每部分 100 步。"
    *others, before = charts(made, ZH)
    assert others == charts(history(), ZH)
    first, second = before.lines
    assert (first.name, second.name) == ("第 1 层", "第 2 层")
    assert [x for x, _ in first.points] == pytest.approx([before.width * step / 100 for step in range(1, 101)], abs=0.1)
    halved = {low - high for (_, low), (_, high) in zip(second.points, first.points, strict=True)}
    assert max(halved) - min(halved) <= 0.2  # on a logarithmic axis half of it is equally far below everywhere
    assert min(halved) > 0


def test_parts_whose_loss_is_nothing_are_drawn():
    made = history() | {"before": {"layer 1": history() | {"loss": [0.0] * 5}}}
    [line] = charts(made, EN)[-1].lines
    assert len(line.points) == 5


def test_a_flat_loss_and_an_infinite_norm_are_drawn():
    made = history() | {"loss": [0.5] * 600, "held_out": [0.5] * 12, "norm": [math.inf] * 600, "rate": [0.0] * 600}
    loss, rate = charts(made, EN)  # no gradient of finite length: no picture of it
    assert {y for line in loss.lines for _, y in line.points} == {loss.height / 2}
    assert rate.y_title == "learning rate"


def test_sentences_in_both_languages():
    said = sentences(history())
    assert said == [
        "Trained for 12 epochs of 50 steps; kept are the weights after epoch 8, whose loss on the held-out rows is the least "
        "(0.400).",
        "Training ended early: no better loss of the held-out rows in 4 epochs.",
    ]
    assert [ZH(sentence) for sentence in said] == [
        "共训练 12 轮，每轮 50 步；保留第 8 轮之后的权重，其留出行上的损失最小（0.400）。",
        "训练提前结束：留出行上的损失连续 4 轮没有改善。",
    ]
    short = {"loss": [0.5], "held_out": [0.4], "stopped": "", "before": {"the heads": history() | {"loss": [1.0]}}}
    once = sentences(history(best=0) | short)
    assert once == [
        "First, parts of it were trained in turn, for 1 step each.",
        "Trained for 1 epoch of 1 step; kept are the weights after epoch 1, whose loss on the held-out rows is the least "
        "(0.400).",
    ]
    assert [ZH(sentence) for sentence in once] == [
        "先依次训练各部分，每部分 1 步。",
        "共训练 1 轮，每轮 1 步；保留第 1 轮之后的权重，其留出行上的损失最小（0.400）。",
    ]
    assert ZH("no better loss of the held-out rows in 1 epoch") == "留出行上的损失连续 1 轮没有改善"


def test_what_chose_the_epoch_is_told_where_it_was_not_the_loss():
    [kept, _] = sentences(history(best=3) | {"judged": [0.5] * 12})
    assert (
        kept == "Trained for 12 epochs of 50 steps; kept are the weights after epoch 4, whose score on the held-out rows is best."
    )
    assert ZH(kept) == "共训练 12 轮，每轮 50 步；保留第 4 轮之后的权重，其在留出行上的得分最好。"
    assert ZH("no better score of the held-out rows in 2 epochs") == "留出行上的得分连续 2 轮没有改善"
    diverged = "the loss was nan in step 2 of epoch 3, or its gradient infinite: weights before it are kept; "
    diverged += "a lower rate than 0.001, or clip, may help"
    assert (
        ZH(diverged)
        == "第 3 轮第 2 步的损失为 nan，或梯度为无穷大：保留此前的权重；把 rate 降到 0.001 以下或设置 clip 可能有帮助"
    )
    assert [line.name for line in loss_chart(history(), Axis(0.0, 600.0), ZH).lines] == ["留出行", "训练行"]


@pytest.mark.mission("A10")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_shows_the_first_trial_of_each_network(tmp_path, lang):
    board = binary_board()
    folder = write_full_run(tmp_path, board)
    name = board["chosen"]
    for split, best in (("0-1", 3), ("0-0", 5)):
        place = folder / "trials" / name / split
        place.mkdir(parents=True, exist_ok=True)
        (place / "history.json").write_text(json.dumps(history(best=best)), encoding="utf-8")
    assert list(read_kept(folder, True, language(lang)).histories) == [name]
    page = Page(write_report(folder, lang=lang).read_text(encoding="utf-8"))
    assert {"en": "after epoch 6,", "zh": "保留第 6 轮之后的权重"}[lang] in page.text
    assert {"en": "learning rate", "zh": "学习率"}[lang] in page.text
