"""The page for those who do not see it: headings in order, every picture named, tables with headings, contrast enough."""

import re

import pytest
from tests.report.boards import binary_board, rmse_board
from tests.report.folders import write_full_run
from tests.report.parsed import Page

from tenon.report.page import write_report

AA = 4.5  # contrast of text to its ground, WCAG 2.1, 1.4.3


@pytest.fixture(params=[binary_board, rmse_board], ids=["binary", "regression"])
def page(request, tmp_path):
    return Page(write_report(write_full_run(tmp_path, request.param())).read_text(encoding="utf-8"))


def test_headings_go_down_by_one(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))


def test_every_picture_says_what_it_shows(page):
    for tag, attributes in page.tags:
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or (attributes["role"] == "img" and attributes["aria-label"])
        if tag == "img":
            assert attributes["alt"]


def test_every_heading_of_a_table_has_a_scope(page):
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in page.tags if tag == "th")


def test_every_link_leads_to_a_part_of_the_page(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert set(links) == {f"#{name}" for name in ids}


def luminance(colour: str) -> float:
    """Relative luminance of "#0b6b74" (WCAG 2.1)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["accent", "ink", "soft"])
def test_text_has_contrast_enough(tmp_path, name):
    html = write_report(write_full_run(tmp_path, binary_board())).read_text(encoding="utf-8")
    colour = re.search(rf"--{name}: (#\w{{6}})", html)[1]
    for ground in ("#ffffff", "#f4f7f7"):
        assert (luminance(ground) + 0.05) / (luminance(colour) + 0.05) >= AA
