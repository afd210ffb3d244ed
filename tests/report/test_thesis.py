"""What a thesis takes: every source that is cited has its entry, the table adds up, and names are safe in LaTeX."""

import re

import pytest
from tests.report.boards import binary_board, rmse_board, row

from tenon.catalogue import METHODS, card
from tenon.report.bibliography import cite, entries_in, keys_in, of_method, of_statistics, of_tenon, with_cites, with_names
from tenon.report.language import language
from tenon.report.thesis import latex_table, sentences, thesis_of
from tenon.tasks import PRIMARY

EN, ZH = language("en"), language("zh")
RUN = {
    "asked": {"target": "y", "versions": {"tenon": "0.1.0", "scikit-learn": "1.9.1"}, "inner": {"tune": 20, "search": "optuna"}}
}
SCHEMA = {"n_rows": 12_000, "columns": [{"role": "group", "name": "user"}]}


def catalogue_board():
    """A board of all methods of the catalogue."""
    board = binary_board()
    board["rows"] = [row(method.name, 0.9 - 0.01 * i, 0.01, tied=i < 2) for i, method in enumerate(METHODS)]
    return board | {"chosen": METHODS[0].name}


@pytest.mark.parametrize("to", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("board", [binary_board(), rmse_board(), catalogue_board()], ids=["binary", "regression", "catalogue"])
def test_every_source_has_an_entry_and_every_entry_is_cited(board, to):
    thesis = thesis_of(board, RUN, SCHEMA, to)
    cited = {key for group in re.findall(r"\\cite\{([^}]+)\}", thesis.latex) for key in group.split(",")}
    assert cited == set(entries_in(thesis.bibtex))
    assert "[@" not in thesis.paragraph + thesis.latex
    assert len(cited) >= 5


def test_the_paragraph_says_what_was_done():
    said = " ".join(sentences(binary_board() | {"nested": {}}, RUN, SCHEMA))
    for words in (
        "5-fold cross-validation, repeated 4 times",
        "Rows of one user",
        "1,553 further rows",
        "20 configurations, optuna",
    ):
        assert words in said
    assert "[@nadeau2003]" in said  # above 10,000 rows its test has to agree
    assert "[@nadeau2003]" not in " ".join(sentences(binary_board(), RUN, {"n_rows": 10_000}))
    assert "0.01" not in said  # the rope is written as the page writes it
    assert "Differences below .01 " in said


@pytest.mark.parametrize("kind", PRIMARY)
def test_what_was_compared_is_said_in_chinese_of_every_task(kind):
    first, *_ = sentences(binary_board() | {"task": kind, "metric": PRIMARY[kind]}, RUN, SCHEMA)
    assert first.startswith(f"To predict y ({kind})")
    assert re.match("为预测 ?y（[^a-z]+），按", ZH(first))


def test_time_order_and_one_method():
    board = rmse_board()
    board["rows"] = board["rows"][:1]
    said = " ".join(sentences(board, RUN, {"columns": [{"role": "time", "name": "day"}]}))
    assert "5 folds in the order of day" in said
    assert "told apart" not in said


def test_names_of_authors():
    entries = of_statistics() | of_method("knn") | of_method("svm-linear") | of_method("naive-bayes") | of_tenon("0.1.0")
    assert with_names("a [@fix1951; @cover1967].", entries) == "a (Fix and Hodges, 1951; Cover and Hart, 1967)."
    assert with_names("a [@fan2008].", entries) == "a (Fan et al., 2008)."
    assert with_names("a [@cawley2010].", entries) == "a (Cawley and Talbot, 2010)."
    assert with_names("甲[@tenon]。", entries) == "甲（The Tenon developers, 0.1.0）。"
    assert with_cites("a [@fix1951; @cover1967].") == r"a \cite{fix1951,cover1967}."
    assert keys_in("[@b] [@a; @b]") == ["b", "a"]
    assert cite([]) == ""


def test_every_method_but_those_that_learn_nothing_names_its_source():
    """A method of the catalogue has cards/NAME.bib beside its card."""
    assert [method.name for method in METHODS if not of_method(method.name)] == ["baseline", "copy"]
    assert of_method("module:Mine") == of_method("module:Mine x=1") == {}
    assert of_method("knn k=3 weights=uniform") == of_method("knn")
    assert of_method("knn of last year") == {}


def test_what_is_said_of_a_setting_brings_its_source():
    """All that begin with an encoder name who learnt one of their own texts first; the entries of the card stand before."""
    assert list(of_method("longformer-answer")) == ["devlin2019", "beltagy2020", "gururangan2020"]
    for method in METHODS:
        assert ("gururangan2020" in of_method(method.name)) == ("Gururangan et al. 2020" in card(method))


@pytest.mark.parametrize("name", ["statistics", *(method.name for method in METHODS)])
def test_entries_are_whole(name):
    entries = of_statistics() if name == "statistics" else of_method(name)
    for key, entry in entries.items():
        assert entry.count("{") == entry.count("}")
        fields = dict(re.findall(r"^  (\w+) = \{(.*?)\},?$", entry, re.DOTALL | re.MULTILINE))
        assert {"author", "title", "year"} <= set(fields)
        assert fields["year"] in key  # keys are first author and year
        assert re.match(r"[a-z]+", key)[0] in re.sub("[^a-z]", "", fields["author"].lower())


def test_the_table_has_a_row_a_method_and_is_balanced():
    text = latex_table(binary_board(), EN)
    assert re.findall(r"\\(toprule|midrule|bottomrule)", text) == ["toprule", "midrule", "bottomrule"]
    lines = [line for line in text.split("\n") if line.endswith(r"\\")][1:]
    assert lines[1].strip() == r"\textbf{logistic-tfidf}\textsuperscript{†} & .949 & $\pm$.004 \\"
    assert len(lines) == 5
    assert all(line.count("&") == 2 for line in lines)
    assert text.count("{") == text.count("}")


def test_names_are_safe_in_latex():
    board = binary_board()
    board["rows"][0]["method"] = r"a_b%c&d#e$f{g}h~i^j\k"
    text = latex_table(board, EN)
    assert r"a\_b\%c\&d\#e\$f\{g\}h\textasciitilde{}i\textasciicircum{}j\textbackslash{}k" in text
