"""The closer look of the report: confusion matrix, curves, what was found inside the train rows."""

from tenon.report.closer import SIDE, confusion_view, curve_view, inside_sentences, roc_view

BOARD = {
    "chosen": "knn",
    "rows": [
        {"method": "logistic", "tied": True},
        {"method": "knn", "tied": True},
        {"method": "baseline", "tied": False},
    ],
}
SCORES = {
    "labels": ["是", "否"],
    "classes": {
        "knn": {"confusion": [[8.0, 2.0], [0.0, 0.0]], "precision": [1.0, 0.0], "recall": [0.8, None], "f1": [0.889, None]}
    },
    "roc": {"baseline": [0, 0.5, 1], "logistic": [0, 0.8, 1], "knn": [0, 1, 1]},
}


def test_confusion_shades_by_share_of_the_true_class():
    view = confusion_view(BOARD, SCORES)
    first, second = view["rows"]
    assert first["cells"] == [("8", 0.8), ("2", 0.2)]
    assert (first["label"], first["n"], first["shares"]) == ("是", "10", ["1.00", ".80", ".89"])
    assert second["cells"] == [("0", 0.0), ("0", 0.0)]  # a class without rows divides by nothing
    assert second["shares"] == [".00", "–", "–"]


def test_numbers_have_no_confusion():
    assert confusion_view(BOARD, {"labels": [], "classes": {}}) is None


def test_roc_shows_the_tied_methods_with_the_chosen_one_first():
    lines = roc_view(BOARD, SCORES)
    assert [line["method"] for line in lines] == ["knn", "logistic"]
    assert lines[1]["points"] == f"0.0,{SIDE:.1f} {SIDE / 2:.1f},{SIDE * 0.2:.1f} {SIDE:.1f},0.0"


def test_learning_curves_end_at_the_right_and_stay_inside():
    def point(rows, score):
        return {"rows": rows, "score": score, "low": score - 0.1, "high": score + 0.1}

    curves = {"knn": [point(50, 0.6), point(400, 0.8)], "logistic": [point(50, 0.7)], "baseline": [point(50, 0.5)]}
    view = curve_view(BOARD, curves)
    assert [line["method"] for line in view["lines"]] == ["logistic", "knn"]
    places = [tuple(map(float, pair.split(","))) for pair in view["lines"][1]["points"].split()]
    assert places[0][1] == SIDE  # the lowest score stands at the bottom
    assert places[1] == (520.0, 0.0)  # the last and highest, at the right and the top
    assert curve_view(BOARD, {}) is None


def test_what_was_found_inside_the_train_rows_is_said():
    inside = {
        "search": "random",
        "tuned": {"k": 7, "weights": "distance"},
        "tries": [{}] * 20,
        "threshold": {"positive": "是", "value": 0.16667},
    }
    assert inside_sentences({"inside": inside}) == [
        "Settings found among 20 tried inside the train rows (random): k 7, weights distance.",
        "It says 是 from a probability of 0.167 on, where mistakes cost least.",
    ]
    assert inside_sentences({}) == []
