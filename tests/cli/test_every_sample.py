"""Every sample by every verb, as a user goes through them: no verb fails, and what one writes the next one reads."""

import csv
import io

import pytest
from tests.cli.fakes import run

import tenon
from tenon.data.samples import SAMPLES

pytest.importorskip("fastapi", reason="needs tenon[serve]")
from starlette.testclient import TestClient  # noqa: E402

from tenon.serve import Served, application  # noqa: E402

pytestmark = pytest.mark.slow
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
    for step in steps:
        done = run(*step)
        assert done.exit_code == 0, (step, done.output)
    for written in ("run/report.html", "run/explain.html", "run/compress.html", f"runs/{name}-look/look.html", "run/card.md"):
        assert (tmp_path / written).stat().st_size > 1_000, written
    model = tenon.load("run/model")
    client = TestClient(application(Served(model, "run")), base_url="http://localhost")
    assert client.get("/health").status_code == 200
    if name == "digits":
        return
    answer = client.put(f"/predict/{file}", content=(tmp_path / file).read_bytes())
    assert answer.status_code == 200, answer.text
    with (tmp_path / "said.csv").open(encoding="utf-8", newline="") as said:
        assert list(csv.reader(io.StringIO(answer.text))) == list(csv.reader(said))
