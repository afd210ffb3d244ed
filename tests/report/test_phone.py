"""The report on a phone, in a real browser: no name is parted, and what is wider moves within its own box."""

import json
import shutil

import pytest
from playwright.sync_api import sync_playwright
from tests.report.boards import binary_board
from tests.report.folders import of_classes, write_full_run

from tenon.report.page import write_report

NO_BROWSER = pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's package chromium")
pytestmark = [pytest.mark.slow, NO_BROWSER]
WIDTH = 390
LABELS = ["abbreviation", "description", "entity", "human", "location", "number"]
N_LINES = "cells => cells.map(cell => { const range = document.createRange(); range.selectNodeContents(cell);" \
          " return new Set([...range.getClientRects()].map(box => Math.round(box.top / 8))).size; })"  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    board = json.loads(json.dumps(binary_board()).replace('"nb-tfidf"', '"convolutions"'))
    folder = write_full_run(tmp_path_factory.mktemp("run"), board)
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8")) | of_classes(board, LABELS)
    scores["classes"] = json.loads(json.dumps(scores["classes"]).replace("900.0", "90.0"))
    (folder / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": WIDTH, "height": 900})
        opened.goto(write_report(folder).as_uri())
        yield opened
        browser.close()


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
