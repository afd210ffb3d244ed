"""What is answered over HTTP is what the model says, of tables, texts, tagged sentences and images; what is wrong is told."""

import base64
import json

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("fastapi", reason="needs tenon[serve]")
from starlette.testclient import TestClient  # noqa: E402
from tests.serve.models import KINDS, ROW, TABLE, N, X, of_pictures, of_sentences, picture, served  # noqa: E402

from tenon.data.conform import conform  # noqa: E402
from tenon.explain.single import explained_row  # noqa: E402
from tenon.serve import Limits, Served, application  # noqa: E402


@pytest.fixture(scope="module")
def of_table():
    return served(TABLE, KINDS, "logistic")


@pytest.fixture(scope="module")
def client(of_table):
    return TestClient(application(of_table, Limits(megabytes=0.1, rows=100)), base_url="http://localhost")


def said_by(model, rows):
    return model.predict(pd.DataFrame(rows)).to_frame(model.task.labels).to_dict("records")


def test_rows_are_predicted_as_the_model_does(client, of_table):
    rows = [ROW, {"when": None, "colour": None, "size": None, "more": [1]}, {**ROW, "size": -3}]
    answer = client.post("/predict", json={"rows": rows})
    assert answer.status_code == 200
    assert answer.json()["predictions"] == said_by(of_table.model, rows)
    assert list(answer.json()["predictions"][0]) == ["prediction", "p_no", "p_yes"]
    assert [one["prediction"] for one in answer.json()["predictions"][::2]] == ["yes", "no"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"rows": [{**ROW, "size": "1.5"}]}, "row 1, 'size': a number is wanted."),
        ({"rows": [ROW, {**ROW, "when": "yesterday"}]}, "the request, row 2, column 'when': 'yesterday' is not a date"),
        ({"rows": [{"size": 1.0, "colour": "red"}]}, "row 1, 'when': is missing."),
        ({"rows": []}, "the request: there are none; send one at least."),
        ({"rows": [ROW] * 101}, "there are 101; send 100 at most at once"),
        ({"rows": [{**ROW, "colour": "\ud800"}]}, "row 1, column 'colour': the text holds half a character"),
        ({}, "is missing."),
        ([], "the request is no JSON object; send {"),
        ({"rows": [ROW, None]}, "row 2: an object is wanted, {column: value}."),
    ],
    ids=["no number", "no date", "a column lacks", "no rows", "too many", "half a character", "nothing", "a list", "no row"],
)  # fmt: skip
def test_what_is_wrong_is_told_in_a_sentence(client, body, said):
    answer = client.post("/predict", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert list(answer.json()) == ["error"]
    assert said in answer.json()["error"]


@pytest.mark.parametrize("path", ["/predict", "/explain"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/csv; charset=utf-8"])
def test_another_type_than_json_is_not_taken(client, path, kind):
    """The second as `curl -d` sends it."""
    answer = client.post(path, content=json.dumps({"rows": [ROW], "row": ROW}), headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert answer.json()["error"] == (
        f"rows are taken as JSON, with the header Content-Type: application/json; this request says {kind.partition(';')[0]}."
    )
    assert "415" in client.get("/openapi.json").json()["paths"][path]["post"]["responses"]


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/vnd.rows+json"])
def test_json_by_another_name_is_taken(client, kind):
    answer = client.post("/predict", content=json.dumps({"rows": [ROW]}), headers={"Content-Type": kind})
    assert (answer.status_code, len(answer.json()["predictions"])) == (200, 1)


def test_no_text_is_predicted_as_an_empty_cell_of_a_file():
    columns = {"review": np.where(X > 0, "good film", "bad plot"), "more": X, "y": TABLE["y"]}
    of = served(columns, {"review": "text", "more": "number", "y": "category"}, "logistic")
    alone = TestClient(application(of), base_url="http://localhost")
    rows = [{"review": None, "more": 1.0}, {"review": "", "more": 1.0}]
    said = alone.post("/predict", json={"rows": rows}).json()["predictions"]
    file = alone.put("/predict/new.csv", content="review,more\n,1.0\n", headers={"Accept": "application/x-ndjson"}).json()
    assert said[0] == said[1]
    assert (said[0]["prediction"], said[0]["p_yes"]) == (
        file["prediction"],
        pytest.approx(file["p_yes"], rel=1e-14),
    )  # its digits
    row = alone.get("/openapi.json").json()["components"]["schemas"]["Row"]["properties"]
    assert row["review"]["description"] == "a text; null, or an empty one, is predicted as an empty cell of a file is"
    assert all("empty cell" in one["description"] for one in row.values())


def test_what_is_no_json_or_too_large_or_nowhere_is_told(client):
    headers = {"Content-Type": "application/json"}
    answer = client.post("/predict", content=b'{"rows": [', headers=headers)
    assert (answer.status_code, "the request is no JSON" in answer.json()["error"]) == (422, True)
    answer = client.post("/predict", content=b" " * 200_000, headers=headers)
    assert (answer.status_code, "a request has 0.1 MB at most" in answer.json()["error"]) == (413, True)
    answer = client.post("/predict", content=iter([b" " * 100_000] * 3), headers=headers)  # of no length that is told
    assert answer.status_code == 413
    answer = client.post("/predict", content=b"\xd5e", headers=headers)  # which is no text, either
    assert (answer.status_code, "the request is no JSON" in answer.json()["error"]) == (422, True)
    for method, path in (("GET", "/nothing"), ("PUT", "/predict/")):
        answer = client.request(method, path, follow_redirects=False)
        said = {"error": f"there is nothing at {path}; GET /openapi.json tells what there is."}
        assert (answer.status_code, answer.json()) == (404, said)
    assert client.get("/predict").status_code == 405


def test_json_that_does_not_say_that_it_is_json_is_told_what_to_say(client):
    said = 'the request is no JSON object; send {"rows": [{column: value}]} with the header Content-Type: application/json.'
    answer = client.post("/predict", content=json.dumps({"rows": [ROW]}))  # without any header
    assert (answer.status_code, answer.json()) == (422, {"error": said})


def test_only_names_of_this_machine_are_answered(of_table):
    """A page elsewhere whose name leads here cannot ask (DNS rebinding)."""
    strange = TestClient(application(of_table), base_url="http://evil.example")
    assert strange.get("/health").status_code == 400
    assert TestClient(application(of_table, hosts=()), base_url="http://evil.example").get("/health").status_code == 200


def test_health_tells_how_much_was_asked(of_table):
    own = TestClient(application(of_table), base_url="http://127.0.0.1")
    assert own.get("/health").json()["answered"] == 0
    own.post("/predict", json={"rows": [ROW]})
    told = {"status": "ok", "run": "run", "method": "logistic", "target": "y", "answered": 1, "waiting": 0}
    assert own.get("/health").json() == told


def test_a_row_is_explained_as_on_the_page_of_an_explanation(client, of_table):
    said = client.post("/explain", json={"row": ROW}).json()
    row = conform(pd.DataFrame([ROW]), of_table.model.schema)
    assert said == json.loads(json.dumps(explained_row(of_table.model, row, of_table.others, 0)))
    assert said["drivers"][0]["column"] == "size"
    shown = client.post("/explain?lang=zh", json={"row": ROW}, headers={"Accept": "text/html"})
    assert shown.headers["content-type"].startswith("text/html")
    assert "size" in shown.text
    assert "What drove it" not in shown.text


def test_without_the_data_columns_are_not_told_apart(of_table):
    alone = TestClient(application(Served(of_table.model, "run")), base_url="http://localhost")
    said = alone.post("/explain", json={"row": ROW}).json()
    assert (said["drivers"], said["prediction"]) == (None, "yes")
    why = "Which columns drove it is not known: the server found no rows of the run to compare with; --data DATA names "
    assert said["note"] == f"{why}them."
    shown = alone.post("/explain", json={"row": ROW}, headers={"Accept": "text/html"}).text
    assert why in shown
    assert "不知道是哪些列影响了它" in alone.post("/explain?lang=zh", json={"row": ROW}, headers={"Accept": "text/html"}).text
    assert "No column changes this prediction" not in shown


def test_the_page_has_a_field_for_each_column_in_both_languages(client):
    page = client.get("/").text
    assert all(f'data-kind="{KINDS[name]}" data-name="{name}"' in page for name in ROW)
    assert '<option value="blue">' in page
    assert "An example" in page
    chinese = client.get("/?lang=zh").text
    assert ("示例" in chinese, "An example" in chinese, 'lang="zh-Hans"' in chinese) == (True, False, True)
    assert client.get("/?lang=xx").status_code == 422


def test_cells_of_the_data_are_no_part_of_the_program_of_the_page():
    evil = "</script><script>alert(1)</script>"
    columns = {"size": X, "note": [f"{evil} {i}" for i in range(N)], "y": TABLE["y"]}
    page = application(served(columns, {"size": "number", "note": "text", "y": "category"}, "logistic"))
    assert "<script>alert" not in TestClient(page, base_url="http://localhost").get("/").text


def test_texts_in_chinese():
    texts = [f"{'好' if x > 0 else '差'}，第{i}家" for i, x in enumerate(X)]
    own = served({"评论": texts, "y": TABLE["y"]}, {"评论": "text", "y": "category"}, "logistic")
    client = TestClient(application(own), base_url="http://localhost")
    answer = client.post("/predict", json={"rows": [{"评论": "好"}, {"评论": "差"}, {"评论": ""}]})
    assert answer.json()["predictions"] == said_by(own.model, [{"评论": "好"}, {"评论": "差"}, {"评论": ""}])
    assert [word for word, _ in client.post("/explain", json={"row": {"评论": "好"}}).json()["words"]] == ["好"]


def test_tagged_sentences():
    client = TestClient(application(of_sentences()), base_url="http://localhost")
    tokens, tags = [["Anna", "lives", "in", "Paris"]], [["B-PER", "O", "O", "B-LOC"]]
    assert client.post("/predict", json={"rows": [{"tokens": tokens[0]}]}).json()["predictions"] == [{"prediction": tags[0]}]
    assert client.post("/explain", json={"row": {"tokens": tokens[0]}}).json()["prediction"] == [["PER", 0, 4], ["LOC", 14, 19]]
    shown = client.post("/explain", json={"row": {"tokens": tokens[0]}}, headers={"Accept": "text/html"}).text
    assert "Found: 2." in shown
    assert client.post("/predict", json={"rows": [{"tokens": "Anna"}]}).status_code == 422


def test_images_come_as_base64_and_are_never_looked_for_as_files(tmp_path):
    client = TestClient(application(of_pictures()), base_url="http://localhost")
    light = base64.b64encode(picture(250)).decode()
    for sent in (light, f"data:image/png;base64,{light}"):
        [said] = client.post("/predict", json={"rows": [{"image": sent}]}).json()["predictions"]
        assert said["prediction"] == "yes"
    (tmp_path / "here.png").write_bytes(picture(250))
    answer = client.post("/predict", json={"rows": [{"image": str(tmp_path / "here.png")}]})
    assert (answer.status_code, "this is no Base64; give an image file as Base64" in answer.json()["error"]) == (422, True)
    answer = client.post("/predict", json={"rows": [{"image": base64.b64encode(b"no image").decode()}]})
    assert (answer.status_code, "the request, row 1, column 'image'" in answer.json()["error"]) == (422, True)
    assert 'type="file"' in client.get("/").text


def test_requests_are_answered_one_by_one_where_one_of_them_spoils_all(of_table, monkeypatch):
    """The model fails on a size of 99; what came with it is answered none the less."""
    model, rows = of_table.model, [pd.DataFrame([{**ROW, "size": size}]) for size in (1.0, 99.0, -1.0)]
    plain = type(model).predict_rows
    monkeypatch.setattr(model, "predict_rows", lambda data: 1 / 0 if 99 in data.frame["size"].tolist() else plain(model, data))
    said = of_table.answers(rows)
    assert [one["prediction"].iloc[0] for one in (said[0], said[2])] == ["yes", "no"]
    assert "the model of run fails on these rows: ZeroDivisionError" in str(said[1])


def test_openapi_names_columns_answers_and_errors(client):
    told = client.get("/openapi.json").json()
    row = told["components"]["schemas"]["Row"]
    assert (sorted(row["properties"]), sorted(row["required"])) == (sorted(ROW), sorted(ROW))
    assert sorted(told["components"]["schemas"]["Prediction"]["properties"]) == ["p_no", "p_yes", "prediction"]
    assert set(told["paths"]["/predict"]["post"]["responses"]) >= {"200", "413", "422", "503", "504"}


def test_a_model_that_fails_on_a_row_is_told(of_table, monkeypatch):
    monkeypatch.setattr(of_table.model, "predict_rows", lambda data: 1 / 0)
    client = TestClient(application(of_table), base_url="http://localhost")
    for path, body in (("/predict", {"rows": [ROW]}), ("/explain", {"row": ROW})):
        answer = client.post(path, json=body)
        assert (answer.status_code, answer.json()["error"].split(": ")[0]) == (422, "the model of run fails on these rows")
