"""`tenon look`: a page, its figures as JSON, what to type next, and bad input in a sentence."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.cli.fakes import run
from tests.report.parsed import Page
from tests.report.test_chinese_page import NAMES, TERMS, english_in

from tenon.report.language import language
from tenon.report.look_groups import listed
from tenon.report.look_words import Seen

TERMS_OF_LOOK = set(
    "k means HDBSCAN Ward Spearman Cramér Cram r V BIC EM json look x z kind words red green blue low high s".split()
)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """A table of every kind of column, with gaps and a target, and what was written of it in English."""
    folder = tmp_path_factory.mktemp("look")
    rng = np.random.default_rng(0)
    n = 90
    x = rng.normal(size=n)
    words = ["kind staff", "cold soup", "old house", "late bus", "new bed", "poor room", "fine food"]
    frame = pd.DataFrame(
        {
            "x": x.round(4),
            "z": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n).round(4)),
            "kind": rng.choice(["red", "green", "blue"], n),
            "words": [" ".join(rng.choice(words, 6)) + f" {i}" for i in range(n)],
            "label": np.where(x > 0, "high", "low"),
        }
    )
    frame.to_csv(folder / "t.csv", index=False)
    done = run("look", folder / "t.csv", "--target", "label", "-o", folder / "seen", width=80)
    assert done.exit_code == 0, done.output
    return folder, done


def page_of(folder, *options):
    """Write the page anew from what was found, in the way that the options say."""
    from tenon.report.look import write_look

    content = json.loads((folder / "seen" / "look.json").read_text(encoding="utf-8"))
    lang, no_rows = ("zh" if "zh" in options else "en"), "--no-rows" in options
    return write_look(folder / "again.html", content, lang, no_rows).read_text(encoding="utf-8")


def test_lines(seen):
    folder, done = seen
    lines = done.stdout.splitlines()
    assert lines[0].startswith("90 rows of 5 columns, ")
    assert lines[-2] == f"page     {folder / 'seen' / 'look.html'}"
    assert lines[-1].startswith("next     tenon compare ")
    assert len(lines) <= 20
    assert all(len(line) <= 80 for line in lines[:-3])


def test_the_page_holds_every_part(seen):
    folder, _ = seen
    page = Page((folder / "seen" / "look.html").read_text(encoding="utf-8"))
    ids = [attributes["id"] for tag, attributes in page.tags if tag == "section"]
    assert ids == ["careful", "columns", "gaps", "together", "texts", "map", "clusters", "density", "topics"]
    for tag, attributes in page.tags:
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or (attributes["role"] == "img" and attributes["aria-label"])
        if tag == "th":
            assert attributes.get("scope") in ("col", "row")
    levels = [int(tag[1]) for tag, _ in page.tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))


def test_words_stand_in_quotes_and_values_behind_their_column(seen):
    assert re.search("kind = (red|green|blue) [+−]", page_of(seen[0]))
    word = {"column": "words", "part": "soup", "kind": "text", "weight": 0.25}
    color = {"column": "kind", "part": "red", "kind": "category", "weight": -0.5}
    told = Seen({}, True, language("en"))
    assert listed([word, word], told) == "“soup” +.25, “soup” +.25"
    assert listed([word, color], told) == "words “soup” +.25, kind = red −.50"


@pytest.mark.parametrize("no_rows", [(), ("--no-rows",)], ids=["with cells", "without"])
def test_no_english_is_left_in_chinese(seen, no_rows):
    html = page_of(seen[0], "zh", *no_rows)
    assert 'lang="zh-Hans"' in html
    left = set(english_in(html)) - TERMS - NAMES - TERMS_OF_LOOK
    cells = set("staff cold soup old house late bus new bed poor room fine food".split())
    assert left - cells == set()


def test_no_cell_stands_on_a_page_without_rows(seen):
    folder, _ = seen
    html = page_of(folder, "--no-rows")
    shown = " ".join(Page(html).words)
    frame = pd.read_csv(folder / "t.csv")
    for cell in ("staff", "soup", "red", "green", str(frame["x"].min()), str(frame["x"].max())):
        assert not re.search(rf"(?<![\w.]){re.escape(cell)}(?![\w.])", shown), cell
    assert "staff" in " ".join(Page(page_of(folder)).words)


def test_images_stand_on_the_page_and_not_without_rows(tmp_path):
    for i in range(40):
        for label, grey in (("light", 255 - i), ("dark", i)):
            (tmp_path / "all" / label).mkdir(parents=True, exist_ok=True)
            Image.new("L", (4, 4), grey).save(tmp_path / "all" / label / f"{i}.png")
    done = run("look", tmp_path / "all", "-o", tmp_path / "seen")
    assert done.exit_code == 0, done.output
    pictures = [attributes for tag, attributes in Page(page_of(tmp_path)).tags if tag == "img"]
    assert len(pictures) == 10
    assert "<figcaption>light</figcaption>" in page_of(tmp_path)
    assert "<img" not in page_of(tmp_path, "--no-rows")
    assert "按行均匀取出" in page_of(tmp_path, "zh")


def test_json_is_what_the_file_holds(tmp_path):
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{k % 4},{k % 2}\n" for k in range(30)), encoding="utf-8")
    done = run("look", tmp_path / "t.csv", "--json", "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == json.loads((tmp_path / "out" / "look.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("content", "words", "says"),
    [
        (None, (), "no file"),
        ("", (), "is empty"),
        ("x,y\n", (), "there are no rows"),
        ("x,y\n1,2\n2,3\n", ("--target", "z"), "has no column 'z'"),
        ("x,y\n1,2\n2,3\n", ("--lang", "de"), "no language 'de'"),
        ("x,y\n1,2\n2,3\n", ("--kind", "x"), "--kind takes NAME=KIND"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, content, words, says):
    if content is not None:
        (tmp_path / "t.csv").write_text(content, encoding="utf-8")
    done = run("look", tmp_path / "t.csv", "-o", tmp_path / "out", *words, width=200)
    assert done.exit_code == 2
    assert says in done.stderr
    assert "Traceback" not in done.output
    assert not (tmp_path / "out").exists()


def test_one_row_is_enough_for_a_page(tmp_path):
    (tmp_path / "t.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    done = run("look", tmp_path / "t.csv", "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("1 row of 2 columns, no cell missing")


def test_help_starts_with_an_example():
    said = run("look", "--help").stdout.splitlines()
    assert "tenon look reviews.csv --target label" in [line.strip() for line in said]
