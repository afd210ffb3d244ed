"""The report and an explanation on a phone, in a real browser: names stay whole, letters legible, what is wider moves."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import sync_playwright
from tests.report.boards import binary_board
from tests.report.folders import of_classes, write_full_run, write_run
from tests.report.test_explained import content
from tests.report.test_sequences import content as of_sequences

import tenon
from tenon.report.explained import write_explained
from tenon.report.page import write_report

NO_BROWSER = pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's package chromium")
pytestmark = [pytest.mark.slow, NO_BROWSER]
WIDTH = 390
LABELS = ["abbreviation", "description", "entity", "human", "location", "number"]
N_LINES = "cells => cells.map(cell => { const range = document.createRange(); range.selectNodeContents(cell);" \
          " return new Set([...range.getClientRects()].map(box => Math.round(box.top / 8))).size; })"  # fmt: skip


LEAST_LETTER = 9  # pixels
LETTERS = "drawings => drawings.map(svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width * 12.5)"


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield started
        started.close()


def opened(browser, path):
    page = browser.new_page(viewport={"width": WIDTH, "height": 900})
    page.goto(path.as_uri())
    return page


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    board = json.loads(json.dumps(binary_board()).replace('"nb-tfidf"', '"convolutions"'))
    folder = write_full_run(tmp_path_factory.mktemp("run"), board)
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8")) | of_classes(board, LABELS)
    scores["classes"] = json.loads(json.dumps(scores["classes"]).replace("900.0", "90.0"))
    (folder / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    return opened(browser, write_report(folder))


@pytest.fixture(scope="module")
def explanation(browser, tmp_path_factory):
    """A page with a broad picture, disturbances of long names, and a row with bars."""
    figures = {"mean": [0.1, 0.3], "low": [0.0, 0.25], "high": [0.2, 0.35], "least": [0, 0], "most": [1, 1]}
    names = ["a rather long name of a category", "another long name of a category"]
    varied = {"column": "c", "kind": "category", "values": names, "answers": [{"answer": "yes", **figures}]}
    fall = {"score": 0.9, "fall": 0.0123, "low": 0.01, "high": 0.02, "p_value": 0.01, "verdict": "worse"}
    rows = [
        fall | {"what": "noise of 0.1 standard deviations on numbers"},
        fall | {"what": "pixels 3 % of the range off, as harms most"},
    ]
    told = content(dependence=[varied], robustness={"n_draws": 3, "rows": rows})
    return opened(browser, write_explained(write_run(tmp_path_factory.mktemp("explained"), binary_board()), told))


@pytest.fixture(scope="module")
def overview(browser, tmp_path_factory):
    """A page of what a table with texts and two numbers of long names holds."""
    rng, folder = np.random.default_rng(0), tmp_path_factory.mktemp("look")
    letters = "bcdfgklmnprst"
    words = [f"{a}{vowel}{b}ing" for a in letters for b in "lmnrst" for vowel in "ao"]
    frame = pd.DataFrame({name: rng.normal(size=90).round(4) for name in ("employment_since", "installment_rate")})
    texts = [" ".join(rng.choice(words[50 * (i % 3) :][:50], 12)) for i in range(90)]
    tenon.look(frame.assign(words=texts), out=folder)
    return opened(browser, folder / "look.html")


def test_names_in_the_table_of_costs_stand_in_one_line(page):
    names = page.locator("[aria-label='Score against cost'].wide tbody th")
    assert any("convolutions" in name for name in names.all_inner_texts())
    assert set(names.evaluate_all(N_LINES)) == {1}


def test_a_confusion_matrix_of_six_classes_is_seen_whole(page):
    box = page.locator(".wide:has(> .confusion)")
    assert box.locator("thead th").count() == 1 + len(LABELS) + 4
    assert box.evaluate("box => box.scrollWidth - box.clientWidth") == 0


def test_nothing_is_wider_than_the_phone(page):
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTH


def test_disturbances_are_named_in_two_lines_at_most(explanation):
    assert max(explanation.locator(".sturdy tbody th").evaluate_all(N_LINES)) <= 2


def test_a_broad_picture_is_moved_sideways_and_not_made_too_small_to_read(explanation):
    assert min(explanation.locator("figure.chart > svg").evaluate_all(LETTERS)) >= LEAST_LETTER
    assert explanation.evaluate("document.documentElement.scrollWidth") == WIDTH


def test_a_cell_stands_between_its_column_and_the_bar(explanation):
    row = explanation.locator(".drivers").first.locator("tbody tr").first
    name, cell, bar = (row.locator(f".{part}").bounding_box() for part in ("name", "cell", "bar"))
    assert name["y"] < cell["y"] < bar["y"]


def test_a_context_takes_the_whole_width(browser, tmp_path):
    """Its name stands above it and not beside it."""
    page = opened(browser, write_explained(write_run(tmp_path, binary_board()), of_sequences("answer")))
    name, text = (page.locator(f"#sequences tbody tr:last-child {tag}").first.bounding_box() for tag in ("th", "td"))
    assert name["y"] < text["y"]
    assert text["x"] == name["x"]
    page.close()


def test_topics_and_pairs_of_columns_are_seen_whole(overview):
    for section in ("topics", "together"):
        box = overview.locator(f"#{section} .wide").first
        assert box.evaluate("box => box.scrollWidth - box.clientWidth") == 0
        assert set(box.locator("tbody th").evaluate_all(N_LINES)) == {1}
    assert overview.evaluate("document.documentElement.scrollWidth") == WIDTH
