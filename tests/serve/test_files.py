"""A file of rows as a request is answered as `tenon predict` answers it, byte for byte, and refused in the same sentences."""

import asyncio
import json
import tempfile
import threading

import pandas as pd
import pytest

pytest.importorskip("fastapi", reason="needs tenon[serve]")
import httpx2 as httpx  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from starlette.testclient import TestClient  # noqa: E402
from tests.cli.fakes import run  # noqa: E402
from tests.serve.models import of_pictures  # noqa: E402

from tenon.catalogue import find  # noqa: E402
from tenon.data.read import read  # noqa: E402
from tenon.data.tables import TEXTS  # noqa: E402
from tenon.serve import Limits, application  # noqa: E402
from tenon.serve.listen import served  # noqa: E402
from tenon.tasks import infer_task  # noqa: E402

JSON_LINES = {"Accept": "application/x-ndjson"}
ROWS = [(k % 7 + (k % 2) * 5, "红" if k % 3 else "蓝", "是" if k % 2 else "否") for k in range(60)]
COMMENTS = [(f"{'好' if k % 2 else '差'}，第{k}家", "是" if k % 2 else "否") for k in range(60)]


def trained(folder, rows, names):
    """Return a run folder with nothing but a model of a table of these rows."""
    pd.DataFrame(rows, columns=names).to_csv(folder / "data.csv", index=False)
    data = read(folder / "data.csv", names[-1])
    task, _ = infer_task(data.target)
    method = find("naive-bayes")
    method.fit(data, task, params=method.with_defaults({}), seed=0).save(folder / "run" / "model")
    return folder / "run"


def client_of(folder, **limits):
    return TestClient(application(served(folder)[0], Limits(**limits)), base_url="http://localhost")


@pytest.fixture(scope="module")
def of_table(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("table"), ROWS, ["大小", "colour", "label"])


@pytest.fixture(scope="module")
def of_texts(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("texts"), COMMENTS, ["评论", "label"])


@pytest.fixture(scope="module")
def client(of_table):
    return client_of(of_table, megabytes=0.1, rows=100)


def as_predict_writes(folder, name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    done = run("predict", folder, tmp_path / name, "-o", tmp_path / "out.csv")
    assert done.exit_code == 0, done.stderr
    return (tmp_path / "out.csv").read_bytes()


TABLES = {
    "新 的.csv": 'colour,大小,note\n红,3,\n蓝,,"a, b"\n绿,0.1,c\n'.encode(),
    "new.TSV": "大小\tcolour\n1\t红\n12\t蓝\n".encode("utf-8-sig"),
    "old.csv": "大小,colour\n1,红\n12,蓝\n3,红色的\n".encode("gb18030"),
    "new.jsonl": '{"大小": 3, "colour": "红", "l": [1, 2]}\n{"colour": null, "大小": 1.5, "l": []}\n'.encode(),
    "new.json": '[{"大小": 3, "colour": "红"}, {"大小": 4, "colour": "蓝"}]'.encode(),
    "twice.csv": "大小,colour,prediction,p_是\n1,红,x,y\n".encode(),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_answered_as_predict_writes_it(client, of_table, tmp_path, name):
    answer = client.put(f"/predict/{name}", content=TABLES[name])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.content == as_predict_writes(of_table, name, TABLES[name], tmp_path)


def test_chinese_texts_a_line(of_texts, tmp_path):
    texts = "好，很好\n差，很差\n不 好\n".encode()
    answer = client_of(of_texts).put("/predict/评论.txt", content=texts)
    assert answer.content == as_predict_writes(of_texts, "评论.txt", texts, tmp_path)
    assert answer.text.splitlines()[0] == "评论,prediction,p_否,p_是"
    assert [line.split(",")[-3] for line in answer.text.splitlines()[1:3]] == ["是", "否"]


def test_json_lines_for_who_accepts_them(client, of_table, tmp_path):
    answer = client.put("/predict/new.jsonl", content=TABLES["new.jsonl"], headers=JSON_LINES)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    (tmp_path / "new.jsonl").write_bytes(TABLES["new.jsonl"])
    wanted = json.loads(run("predict", of_table, tmp_path / "new.jsonl", "--json").stdout)
    assert [json.loads(line) for line in answer.text.splitlines()] == wanted
    assert [row["l"] for row in wanted] == [[1, 2], []]


FAULTS = {
    "a column lacks": "大小\n1\n",
    "no such column": "大小,color\n1,红\n",
    "no number": "大小,colour\n1,红\ntall,红\n",
    "empty": "",
    "blank": "\n\n",
    "names alone": "大小,colour\n",
    "broken encoding": "大小,colour\n1,".encode() + b"\xff\xfe\xfa" * 9,
    "ragged": "大小,colour\n1,红,3,4\n",
    "no table": b"\x00\x01\x02" * 40,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_told_as_predict_tells_it(client, of_table, tmp_path, fault):
    content = FAULTS[fault] if isinstance(FAULTS[fault], bytes) else FAULTS[fault].encode()
    answer = client.put("/predict/new.csv", content=content)
    (tmp_path / "new.csv").write_bytes(content)
    done = run("predict", of_table, tmp_path / "new.csv", width=10_000)
    assert (answer.status_code, done.exit_code) == (422, 2)
    assert " ".join(answer.json()["error"].split()) in " ".join(done.stderr.split())
    assert "new.csv" in answer.json()["error"]


@pytest.mark.parametrize("name", ["new.csv.gz", "new.zip", "new.xlsx", "new.parquet", "picture.png", "new", ".csv"])
def test_other_files_are_not_taken(client, name):
    answer = client.put(f"/predict/{name}", content=TABLES["new.json"])
    assert (answer.status_code, list(answer.json())) == (415, ["error"])
    assert answer.json()["error"].startswith(
        f"{name}: a file of rows is wanted, as it is, not packed; its name ends in .csv, .tsv"
    )
    assert all(ending in answer.json()["error"] for ending in TEXTS)


@pytest.mark.parametrize("name", ["..%2Fnew.csv", "%2e%2e%5cnew.csv", "c%3Anew.csv", "a%00.csv", "*.csv", "好" * 57 + ".csv"])
def test_what_is_no_name_of_a_file_is_refused(client, name):
    assert client.put(f"/predict/{name}", content=b"x").status_code in (404, 422)
    assert client.put("/predict/", content=b"x").status_code in (404, 405)


def test_the_longest_name_is_taken(client):
    assert client.put(f"/predict/{'好' * 56}.csv", content="大小,colour\n1,红\n".encode()).status_code == 200


def test_a_file_has_as_many_bytes_and_rows_as_any_request(client):
    answer = client.put("/predict/new.csv", content=b"a,b\n" * 30_000)
    assert (answer.status_code, "a request has 0.1 MB at most" in answer.json()["error"]) == (413, True)
    for n_rows, code in ((100, 200), (101, 413)):
        answer = client.put("/predict/new.csv", content=("大小,colour\n" + "1,红\n" * n_rows).encode())
        assert answer.status_code == code
    assert answer.json() == {"error": "new.csv has more than 100 rows; send 100 at most at once."}


def test_cells_of_a_file_never_name_images_of_this_machine(tmp_path):
    client = TestClient(application(of_pictures()), base_url="http://localhost")
    answer = client.put("/predict/new.csv", content=f"image\n{tmp_path / 'secret.png'}\n".encode())
    assert (answer.status_code, "POST /predict takes them" in answer.json()["error"]) == (415, True)


def test_the_file_is_gone_afterwards(client, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for content, code in ((TABLES["新 的.csv"], 200), (b"", 422)):
        assert client.put("/predict/new.csv", content=content).status_code == code
        assert list(tmp_path.iterdir()) == []


def test_a_model_that_fails_on_the_rows_is_told(of_table, monkeypatch):
    of, _ = served(of_table)
    monkeypatch.setattr(of.model, "predict_rows", lambda data: 1 / 0)
    answer = TestClient(application(of), base_url="http://localhost").put("/predict/new.csv", content=TABLES["old.csv"])
    assert (answer.status_code, answer.json()["error"].split(": ")[0]) == (422, "the model of run fails on these rows")


def test_files_at_once_among_single_rows(of_table, tmp_path):
    """Each is answered as if it were alone."""
    names = [f"{i}.csv" for i in range(20)]
    files = {
        name: ("大小,colour\n" + "".join(f"{k % 13},红\n" for k in range(i * 40 + 1))).encode() for i, name in enumerate(names)
    }
    wanted = {name: as_predict_writes(of_table, name, files[name], tmp_path) for name in names}
    app = application(served(of_table)[0])
    row = {"大小": 11, "colour": "红"}

    async def asked():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost", timeout=60) as client:
            rows = [client.post("/predict", json={"rows": [row]}) for _ in range(40)]
            return await asyncio.gather(*(client.put(f"/predict/{name}", content=files[name]) for name in names), *rows)

    answers = asyncio.run(asked())
    assert [answer.content for answer in answers[:20]] == [wanted[name] for name in names]
    [alone] = pd.DataFrame([row]).pipe(served(of_table)[0].model.predict).to_frame(("否", "是")).to_dict("records")
    assert alone.pop("prediction") == "是"
    for answer in answers[20:]:
        [said] = answer.json()["predictions"]
        assert said.pop("prediction") == "是"
        assert said == pytest.approx(alone, rel=1e-12)  # rows that come together are one product of matrices


def test_more_files_than_may_wait_are_turned_away(of_table, monkeypatch):
    of, _ = served(of_table)
    go_on, plain = threading.Event(), of.model.predict_rows
    monkeypatch.setattr(of.model, "predict_rows", lambda data: (go_on.wait(30), plain(data))[1])
    app = application(of, Limits(waiting=2))

    async def asked():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost", timeout=60) as client:
            sent = [asyncio.create_task(client.put("/predict/old.csv", content=TABLES["old.csv"])) for _ in range(3)]
            done, _ = await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED)
            waiting = (await client.get("/health")).json()["waiting"]
            go_on.set()
            return [one.result().status_code for one in done], waiting, sorted([(await one).status_code for one in sent])

    assert asyncio.run(asked()) == ([503], 2, [200, 200, 503])


def test_the_document_gives_files_that_are_taken(client):
    told = client.get("/openapi.json").json()["paths"]["/predict/{name}"]["put"]
    sent, answered = told["requestBody"]["content"], told["responses"]["200"]["content"]
    for media, ending in (("text/csv", "csv"), ("text/tab-separated-values", "tsv"), ("application/x-ndjson", "jsonl")):
        answer = client.put(f"/predict/new.{ending}", content=sent[media]["example"].encode())
        assert answer.status_code == 200
        assert answer.text.splitlines()[0] == answered["text/csv"]["example"].splitlines()[0]
    answer = client.put("/predict/new.csv", content=sent["text/csv"]["example"].encode(), headers=JSON_LINES)
    assert list(json.loads(answer.text)) == list(json.loads(answered["application/x-ndjson"]["example"]))
    assert {"413", "415", "422", "503", "504"} <= set(told["responses"])


@pytest.mark.parametrize("ending", TEXTS)
def test_no_file_breaks_the_server(client, ending):
    marks = st.sampled_from(
        [b"\n", b",", b"\t", b'"', b"[", b"]", b"{", b"}", b":", b"1", "大小".encode(), b"colour", b"\xff", b"\x00"]
    )
    loose = st.lists(marks, max_size=40).map(b"".join) | st.binary(max_size=200)

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(loose, st.booleans())
    def sent(body, has_names):
        answer = client.put(f"/predict/new{ending}", content="大小,colour\n".encode() + body if has_names else body)
        assert answer.status_code in (200, 422)

    sent()
