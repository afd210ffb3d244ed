"""Single rows: cells, labels with their probabilities, pictures, and why each row is shown."""

from tests.report.boards import binary_board, rmse_board
from tests.report.insights import PICTURE, rows

from tenon.report.rows import lead_of, rows_view


def test_three_sections_with_their_rows():
    most_wrong, doubtful, label_next = rows_view(rows(binary_board()))
    first = most_wrong["rows"][0]
    assert (first["row"], first["label"], first["prediction"]) == ("1,204", ("好评", ".02"), ("差评", ".97"))
    assert [name for name, _ in first["cells"]] == ["评论", "城市", "图片"]  # the name of the picture's file, too
    assert first["pictures"] == [("图片", PICTURE)]
    assert lead_of(rows(binary_board())).endswith("2 columns are not shown.")
    assert doubtful["lead"] == (
        "212 rows (0.54 %), of which logistic and svm, trained without them, say another label. "
        "They need not be wrong; the clearest come first."
    )
    assert doubtful["rows"][0]["about"] == "95 % say 差评"
    assert [row["about"] for row in label_next["rows"]] == [
        *("the model is unsure", "unlike all labelled rows", "unsure, and unlike all labelled rows"),
    ]
    assert not label_next["has_label"]


def test_numbers_are_shown_as_numbers():
    first = rows_view(rows(rmse_board()))[0]["rows"][0]
    assert (first["label"], first["prediction"]) == (("512", ""), ("100", ""))  # three digits of 512.0 and 100.5
    assert first["about"] == "+412"
    doubtful = rows_view(rows(rmse_board()) | {"doubtful": one_doubt()})[1]
    assert doubtful["lead"] == "1 row (0.01 %), of which knn, trained without it, says a number far away. It need not be wrong."
    assert doubtful["rows"][0]["about"] == "100 %"
    assert doubtful["rows"][0]["label"] == ("51234", "")  # a whole number is what stands in the data


def one_doubt():
    row = rows(rmse_board())["doubtful"]["rows"][0] | {"agreement": 1.0, "label": 51234.0}
    return {"rows": [row], "found": 1, "share": 1e-4, "methods": ["knn"], "repeats": 2}


def test_sections_that_are_left_out_are_not_there():
    kept = rows(binary_board())
    kept["most_wrong"] = {"code": "baseline", "reason": "the baseline says the same of every row", "values": {}}
    kept["doubtful"] |= {"rows": [], "found": 0}
    titles = [part["title"] for part in rows_view(kept)]
    assert titles == ["Labels worth a second look", "Rows worth labelling next"]
    assert rows_view(kept)[0]["lead"] == "No row has a label that the methods agree to doubt."  # none found is a result
    assert rows_view({}) == []


def test_that_no_row_is_wrong_is_a_result():
    kept = rows(binary_board())
    kept["most_wrong"] |= {"rows": []}
    assert rows_view(kept)[0]["lead"] == f"None of {kept['most_wrong']['of']:,} rows was predicted wrongly."


def test_a_picture_that_could_not_be_read_leaves_its_cell():
    kept = rows(binary_board())
    kept["most_wrong"]["rows"][0]["pictures"] = {"图片": None}
    assert ("图片", "a/b.png") in rows_view(kept)[0]["rows"][0]["cells"]
