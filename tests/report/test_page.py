"""The report: one well-formed page that needs nothing from outside, complete, and safe with any name in it."""

import json
import re
import shlex

import pytest
from tests.report.boards import binary_board, rmse_board, row
from tests.report.folders import write_full_run, write_run
from tests.report.parsed import Page

from tenon.errors import RunFolderError
from tenon.report.asked import done_sentence, facts, on_one_split
from tenon.report.leaderboard import key_figures
from tenon.report.page import leaderboard_html, write_report

EVIL = "</td><script>alert('x')</script><img src=x onerror=\"y\">"


@pytest.fixture(params=[binary_board, rmse_board])
def board(request):
    return request.param()


def report(folder, board) -> str:
    return write_report(write_run(folder, board)).read_text(encoding="utf-8")


def rows_of(html: str, lead: str) -> list[list[str]]:
    """The texts of the cells of the first table after this sentence, row by row."""
    table = html[html.index(lead) :]
    body = table[table.index("<tbody>") : table.index("</tbody>")]
    return [[text for _, text in re.findall(r"<t([hd])[^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in body.split("<tr>")[1:]]


def full_report(folder, board, **wishes) -> str:
    return write_report(write_full_run(folder, board), **wishes).read_text(encoding="utf-8")


def test_well_formed_and_complete(tmp_path, board):
    page = Page(report(tmp_path, board))
    assert page.tags[0][0] == "html"
    assert page.tags[0][1]["lang"] == "en"
    assert board["sentence"] in page.text
    for r in board["rows"]:
        assert r["method"] in page.text
        assert r["reason"] in page.text
    for note in board["notes"]:
        assert note in page.text
    assert "评论.csv" in page.text
    assert "numpy 2.4.0" in page.text


def test_of_what_is_chosen_without_a_verdict_nothing_is_said_twice(tmp_path):
    board = binary_board()
    board["chosen"] = board["leader"]
    for one in board["rows"][1:]:
        one["word"] = "no verdict"
    said = re.findall('<td class="said">(.*?)</td>', report(tmp_path, board))
    assert said == [' <span class="mark">chosen</span>', "", "", "", ""]


def test_the_share_that_was_read_is_called_so_where_there_is_no_room_for_titles(tmp_path):
    board = binary_board()
    assert "Reads" not in report(tmp_path, board)
    board["rows"][1]["read_share"] = 0.224
    assert re.findall(r'class="reads" data-label="Reads">(.*?)<', report(tmp_path, board)) == ["100 %", "22 %", *["100 %"] * 3]


def test_nothing_comes_from_outside(tmp_path, board):
    html = full_report(tmp_path, board)
    assert "http:" not in html
    assert "https:" not in html
    assert "//" not in re.sub(r"data:image/png;base64,[\w+/=]+", "", html.replace("</", ""))
    assert "url(" not in html
    assert "@import" not in html
    page = Page(html)
    assert {"script", "link", "iframe", "object"}.isdisjoint(tag for tag, _ in page.tags)
    links = [value for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "href")]
    assert all(link.startswith(("#", "data:image/")) for link in links)
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_columns_that_no_method_sees_are_called_ignored(tmp_path):
    html = report(tmp_path, binary_board())
    cells = {row[0]: row[1:] for row in rows_of(html, "What each column was taken for")}
    assert cells["order"] == ["ignore", "ignored", "counts the rows from 1 on"]
    assert cells["zip code"][:2] == ["category", "feature"]


def test_any_name_is_only_text(tmp_path):
    board = binary_board()
    for r in board["rows"]:
        r["method"] += EVIL
        r["reason"] += EVIL
    board |= {"sentence": EVIL, "chosen": board["rows"][1]["method"], "leader": board["rows"][0]["method"], "notes": [EVIL]}
    page = Page(report(tmp_path, board))
    fragment = Page(leaderboard_html(board))
    for parsed in (page, fragment):
        assert {"script", "img"}.isdisjoint(tag for tag, _ in parsed.tags)
        assert EVIL in parsed.text
    columns = Page(write_report(write_run(tmp_path / "columns", binary_board(), target=EVIL)).read_text(encoding="utf-8"))
    assert {"script", "img"}.isdisjoint(tag for tag, _ in columns.tags)
    assert EVIL in columns.text


def test_bars_stand_where_the_scores_are(tmp_path):
    """Places are per cent of one axis: the differences of the dots are proportional to those of the scores."""
    board = binary_board()
    page = Page(report(tmp_path, board))
    dots = [float(a["cx"].rstrip("%")) for tag, a in page.tags if tag == "circle"]
    scores = [r["score"] for r in board["rows"][:4]]  # the baseline stands off the axis
    assert len(dots) == 4
    scale = (dots[0] - dots[3]) / (scores[0] - scores[3])
    for dot, score in zip(dots, scores, strict=True):
        assert dots[0] - dot == pytest.approx(scale * (scores[0] - score), abs=0.02)  # places are written to two decimals
        assert 0 < dot < 100


def test_matrix_says_each_pair_from_both_sides(tmp_path):
    cells = [row[1:] for row in rows_of(report(tmp_path, binary_board()), "What can be said of the method in the row")]
    assert cells[0] == ["·", "?", "better", "better", "better"]
    assert cells[4] == ["worse", "worse", "worse", "worse", "·"]
    opposite = {"better": "worse", "worse": "better", "?": "?", "·": "·"}
    assert all(cells[i][j] == opposite[cells[j][i]] for i in range(5) for j in range(5))


def test_command_line_runs_the_same_again(tmp_path):
    page = Page(report(tmp_path, binary_board()))
    words = shlex.split(page.text[page.text.index("tenon compare") :])
    assert words[:5] == ["tenon", "compare", "评论.csv", "--target", "label"]
    assert words[words.index("--kind") + 1] == "zip code=category"
    assert words[words.index("--group") + 1] == "user"
    assert words[words.index("--missing") + 1] == "n.v.t."
    assert words[words.index("--set") + 1] == "knn.n_neighbors=7"
    assert words[words.index("--metric") + 1] == "auc"
    assert words[words.index("--seed") + 1] == "3"
    assert {"--task", "--splits", "--budget", "--methods", "--rope"}.isdisjoint(words)  # nobody gave them


def test_the_metric_that_decided_stands_first_among_all(tmp_path):
    html = report(tmp_path, binary_board())
    table = html[html.index("The same predictions scored otherwise") :]
    assert re.findall(r'<th scope="col"[^>]*>([^<]+)', table[: table.index("</thead>")]) == ["Method", "AUC", "accuracy"]
    assert "chosen by AUC alone" in Page(html).text


def test_names_and_options_are_kept_on_one_line(tmp_path):
    board = binary_board() | {"sentence": f"naive-bayes <b> {'long-' * 9}name --kind a"}
    html = report(tmp_path, board)
    heading = html[html.index("<h1>") : html.index("</h1>")]
    assert heading == f"<h1><bdi>naive-bayes</bdi> &lt;b&gt; {'long-' * 9}name <bdi>--kind</bdi> a"
    assert "&lt;bdi" not in html


def test_names_in_tables_are_kept_on_one_line_and_figures_stand_alone(tmp_path):
    html = report(tmp_path, binary_board())
    assert '<th scope="row" class="name"><bdi>svm-tfidf</bdi></th>' in html  # of the other metrics
    assert '<th scope="row" class="name">1 <bdi>svm-tfidf</bdi></th>' in html  # of the matrix
    figures = re.findall(r'<td class="figure[^"]*"[^>]*>([^<]*)</td>', html)
    assert figures
    assert not any("\n" in one for one in figures)  # which would be seen: their blanks are kept, for the points to align


def test_the_head_says_what_was_done_and_how_much_to_mind(tmp_path):
    board = binary_board()
    head = Page(report(tmp_path, board).partition("<main>")[0] + "</body></html>").text
    assert "Scored on 5 folds × 4 repeats of 6,212 rows; 1,553 further rows were put aside for the method chosen." in head
    assert "1 thing to be careful about" in head
    calm = binary_board() | {"notes": [], "protocol": "5x1", "final": None}
    text = Page(report(tmp_path / "calm", calm)).text
    assert "Scored on 5 folds of 6,212 rows." in text
    assert "thing to be careful about" not in text
    schema = {"n_rows": 80_000, "columns": [{"name": "day", "role": "time"}]}
    assert done_sentence(calm, schema) == "Scored on 5 folds of 80,000 rows, in the order of day."
    rows = [
        {"method": name, "score": 0.5, "splits": "1 split", "trials": n} for name, n in (("bert", 1), ("knn", 20), ("lenet", 1))
    ]
    dear = {**calm, "rows": rows}  # of which knn is judged on the rows of one split, and was fitted on all
    assert on_one_split(dear) == "bert and lenet were fitted on one of these splits alone, by whose rows all are compared."


def test_the_smallest_difference_is_that_of_the_middle_pair(tmp_path):
    board = binary_board()
    assert "that four in five such runs would find, median over pairs of methods" in Page(report(tmp_path, board)).text
    two = board | {"rows": board["rows"][:2]}
    assert key_figures(two)[-1][0] == "smallest difference in AUC that four in five such runs would find"


def test_what_was_done_and_on_what(tmp_path):
    text = Page(report(tmp_path, binary_board())).text
    for said in ("6,212, to compare and to fit", "1,553, put aside", "grouped by user", "5 folds × 4 repeats", "label (binary)"):
        assert said in text
    assert "none put aside" in Page(report(tmp_path / "b", rmse_board())).text


@pytest.mark.mission("H7")
def test_what_a_method_did_not_read_is_a_column(tmp_path):
    board = binary_board()
    assert "12 %" not in Page(report(tmp_path, board)).text
    board["rows"][2]["read_share"] = 0.12
    assert "12 %" in Page(report(tmp_path, board)).text
    board["rows"][2]["read_share"] = 0.9996  # not all
    assert "99 %" in Page(report(tmp_path, board)).text


def test_same_folder_same_bytes(tmp_path, board):
    assert report(tmp_path, board) == report(tmp_path, board)


def test_what_is_seen_in_tables_stands_above_them(tmp_path):
    board = binary_board()
    text = Page(report(tmp_path, board)).text
    assert "9 of 10 pairs can be told apart." in text  # two of five methods are tied
    assert f"Best by accuracy: {board['leader']}." in text


def test_works_with_the_two_necessary_files_alone(tmp_path, board):
    folder = write_run(tmp_path, board)
    for name in ("verdicts.json", "timings.json", "scores.json", "model/model.json"):
        (folder / name).unlink()
    assert board["sentence"] in Page(write_report(folder).read_text(encoding="utf-8")).text


def test_a_board_of_one_method(tmp_path):
    board = rmse_board()
    board["rows"] = [row("ridge", 2.2, tied=True)]
    page = Page(report(tmp_path, board))
    assert "Every pair" not in page.text


def test_unfinished_and_damaged_folders_are_refused(tmp_path):
    with pytest.raises(RunFolderError, match=r"is no finished run: it has no leaderboard\.json"):
        write_report(tmp_path)
    folder = write_run(tmp_path, binary_board())
    (folder / "verdicts.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"verdicts\.json is damaged"):
        write_report(folder)
    assert not (folder / "report.html").exists()


def test_notebook_fragment_is_complete(board):
    page = Page(leaderboard_html(json.loads(json.dumps(board))))
    assert page.tags[0][0] == "div"
    assert all(r["method"] in page.text for r in board["rows"])
    assert board["sentence"] in page.text


def test_what_methods_start_from_is_named_with_its_checksum():
    asked = {
        "target": "label",
        "seed": 0,
        "budget": "quick",
        "fingerprint": "a" * 64,
        "versions": {},
        "weights": {"models/bert": "0123456789abcdef99"},
    }
    told = dict(facts(binary_board(), {"asked": asked}, {}))
    assert told["weights to start from"] == "models/bert (0123456789abcdef)"
    assert "weights to start from" not in dict(facts(binary_board(), {"asked": asked | {"weights": {}}}, {}))
