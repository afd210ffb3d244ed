"""Every sample by every verb, as a user goes through them: no verb fails, and what one writes the next one reads."""

import csv
import io
import re

import pytest
from tests.cli.fakes import run

import tenon
from tenon.data.samples import SAMPLES

pytest.importorskip("fastapi", reason="needs tenon[serve]")
from starlette.testclient import TestClient  # noqa: E402

from tenon.serve import Served, application  # noqa: E402

pytestmark = pytest.mark.slow
NO_WAY = re.compile(r"^tenon: (run put no final rows aside, so|nothing to do for this \S+ model:)")
CHEAP = {"regression": "ridge", "tagging": "perceptron", "answer": "lexical-answer"}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_verb(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sample = SAMPLES[name]
    asked, method = sample.example.split()[1:], CHEAP.get(sample.task, "logistic")
    file = asked[1]
    steps = [
        ["sample", name],
        *([verb, *asked[1:]] for verb in ("check", "look")),
        [*asked, "--methods", method, "--budget", "quick", "--jobs", 1, "-o", "run"],
        ["explain", "run", "--row", 3],
        ["card", "run"],
        ["compress", "run"],
        ["predict", "run", file, "-o", "said.csv"],
    ]
    written = ["run/report.html", "run/explain.html", "run/compress.json", f"runs/{name}-look/look.html", "run/card.md"]
    for step in steps:
        done = run(*step)
        if step[0] == "compress" and done.exit_code == 2:  # it says why there is nothing to do, or to judge it on
            assert NO_WAY.search(done.output), done.output
            written.remove("run/compress.json")
        else:
            assert done.exit_code == 0, (step, done.output)
    for path in written:
        assert (tmp_path / path).stat().st_size > 500, path
    model = tenon.load("run/model")
    client = TestClient(application(Served(model, "run")), base_url="http://localhost")
    assert client.get("/health").status_code == 200
    if name == "digits":  # a folder, which is no body of a request
        return
    answer = client.put(f"/predict/{file}", content=(tmp_path / file).read_bytes())
    assert answer.status_code == 200, answer.text
    with (tmp_path / "said.csv").open(encoding="utf-8", newline="") as said:
        assert list(csv.reader(io.StringIO(answer.text))) == list(csv.reader(said))
