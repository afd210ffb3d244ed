"""Pages of several kinds of run in Chinese: no English word is left but names, options and the terms that Chinese keeps."""

import json
import re
from pathlib import Path

import pytest
from tests.report.boards import binary_board, rmse_board, row
from tests.report.folders import of_classes, write_full_run
from tests.report.insights import calibration, classes_precision_recall
from tests.report.parsed import Page

from tenon.report.page import write_report

TERMS = set(
    "AUC GAUC ROC F k RMSE MAE R P p Tenon tenon LaTeX BibTeX booktabs Brier Wilson logit placement values t max T MB RUN".split()
)
TERMS |= set(
    "number category text ignore tokens image date quick normal thorough scikit learn Optuna numpy python UTF GB".split()
)
NAMES = set(
    "logistic ridge knn svm nb tfidf linear baseline bert mine Broken slow rbf label user zip code order a b png csv".split()
)
OPTIONS = re.compile(
    r"[0-9a-f]{16}|\d s\b|--[\w-]+( all\.calibrate=isotonic)?|pip install '[^']+'|tenon\[\w+\]|leaderboard\.json"
)
CODE = {"pre", "code", "style"}


def english_in(html: str) -> list[str]:
    """Words of Latin letters that are none of the above, in texts, titles and labels; code and reasons of crashes apart."""
    page = Page(html)
    spoken = [
        value or "" for _, attributes in page.tags for name, value in attributes.items() if name in ("title", "aria-label", "alt")
    ]
    texts = [text for text in [*prose(html), *spoken] if "ValueError" not in text]
    words = re.findall(r"[A-Za-z]+", " ".join(OPTIONS.sub(" ", text) for text in texts))
    return sorted(set(words) - TERMS - NAMES)


def prose(html: str) -> list[str]:
    """Texts of the page but for code and the names of authors (in brackets before a year)."""
    for tag in CODE:
        html = re.sub(rf"<{tag}\b.*?</{tag}>", " ", html, flags=re.DOTALL)
    html = re.sub(r"[（(][^（）()]*, [\d.]+[）)]", " ", html)
    return Page(html).words


def several_classes(folder: Path) -> None:
    """Make the run one of fourteen classes: too many for a square of confusions."""
    labels = [f"类{i}" for i in range(14)]
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    insights = json.loads((folder / "insights.json").read_text(encoding="utf-8"))
    insights |= {"calibration": calibration(is_off=False) | {"of": "predicted", "label": None}}
    insights |= {"pr": classes_precision_recall(labels[:10], "ridge")}
    write(
        folder, "scores.json", scores | of_classes(json.loads((folder / "leaderboard.json").read_text(encoding="utf-8")), labels)
    )
    write(folder, "insights.json", insights)


def write(folder: Path, name: str, content: object) -> None:
    (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def multiclass(folder: Path) -> Path:
    write_full_run(folder, binary_board() | {"task": "multiclass", "metric": "macro_f1"})
    several_classes(folder)
    return folder


def tuned(folder: Path) -> Path:
    """Tuning, costs, nested folds in the place of final rows, time order, a metric per user, and all that can be noted."""
    inside = {
        "search": "random",
        "tuned": {"k": 7},
        "tries": [{}] * 20,
        "balance": "weights",
        "augment": "eda",
        "calibrate": "isotonic",
    }
    inside["threshold"] = {"positive": "差评", "value": 0.16667}
    board = binary_board() | {"metric": "auc per user", "final": None, "inside": inside, "nested": {"score": 0.94}}
    board["rows"][1] |= {"rows_to_confirm": 81_234, "rows_to_call_same": 2_345}
    board["rows"][2]["read_share"] = 0.12
    board["notes"] += ["knn ran in the main process, where no limit of time or memory holds it."]
    write_full_run(folder, board)
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    run["asked"]["inner"] = {"tune": 20, "search": "optuna", "cost": {"fn": 5, "fp": 1, "positive": None}}
    write(folder, "run.json", run)
    return folder


def failed(folder: Path) -> Path:
    """One method got through, and the insights could not be made."""
    board = rmse_board()
    board["rows"] = [
        row("ridge", 2.2, 0.1, tied=True),
        row("knn", None, status="failed", reason="failed in 3 of 20 trials: no language"),
    ]
    board |= {"sentence": "ridge is best by RMSE: every other method is worse."}
    board["rows"][1]["reason"] = "failed in 3 of 20 trials: it predicts a missing or infinite number"
    write_full_run(folder, board)
    reason = {"code": "few_rows", "reason": "41 rows were predicted; at least 60 are needed", "values": {"rows": 41, "least": 60}}
    insights = json.loads((folder / "insights.json").read_text(encoding="utf-8"))
    write(folder, "insights.json", {name: reason if isinstance(part, dict) else part for name, part in insights.items()})
    return folder


KINDS = {
    "binary": lambda folder: write_full_run(folder, binary_board()),
    "regression": lambda folder: write_full_run(folder, rmse_board()),
    "multiclass": multiclass,
    "tuned": tuned,
    "failed": failed,
}


@pytest.mark.parametrize("no_rows", [False, True], ids=["with cells", "without"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_english_is_left(tmp_path, kind, no_rows):
    html = write_report(KINDS[kind](tmp_path), lang="zh", no_rows=no_rows).read_text(encoding="utf-8")
    assert 'lang="zh-Hans"' in html
    assert english_in(html) == []


def test_figures_are_those_of_the_english_page(tmp_path):
    """Every number of the English page stands on the Chinese one as often."""

    def numbers(lang: str) -> list[str]:
        html = write_report(tmp_path, lang=lang).read_text(encoding="utf-8")
        return sorted(re.findall(r"\d[\d.,]*\d|\d", " ".join(prose(html))))

    write_full_run(tmp_path, binary_board())
    assert numbers("zh") == numbers("en")


def test_names_stay_though_they_are_english_words(tmp_path):
    board = binary_board()
    write_full_run(tmp_path, board)
    scores = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    write(tmp_path, "scores.json", scores | of_classes(board, ["better", "rows"]))
    page = Page(write_report(tmp_path, lang="zh").read_text(encoding="utf-8"))
    assert page.words.count("better") == 2  # the label as a heading of its column and of its row
    assert page.words.count("rows") == 2
