"""From a run folder to a server: in a process of its own it answers, and ends when told to; what cannot be is told before."""

import builtins
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import pytest

pytest.importorskip("fastapi", reason="needs tenon[serve]")
import uvicorn  # noqa: E402
from tests.cli.fakes import run  # noqa: E402

import tenon  # noqa: E402
from tenon.errors import DataError, NeedsExtra, SettingsError  # noqa: E402
from tenon.serve import Limits, application  # noqa: E402
from tenon.serve.listen import bound, check_packages, served  # noqa: E402

ROWS = [(k % 7 + (k % 2) * 5, ("red", "blue")[k % 3 > 0], ("no", "yes")[k % 2]) for k in range(60)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished run beside its data."""
    place = tmp_path_factory.mktemp("serving")
    lines = ["size,colour,label", *(",".join(map(str, row)) for row in ROWS)]
    (place / "数据.csv").write_text("\n".join(lines), encoding="utf-8")
    tenon.compare(place / "数据.csv", "label", methods="naive-bayes", budget="quick", splits="3x1", jobs=1, out=place / "run")
    return place / "run"


def test_the_model_of_a_run_and_rows_of_its_data(folder):
    of, told = served(folder)
    assert (of.name, told, len(of.others)) == ("run", [], 60)
    assert of.others.schema.features() == ["size", "colour"]


def test_rows_beside_a_smaller_model_are_those_of_its_run(folder):
    place = folder / "compressed" / "smaller"
    shutil.copytree(folder / "model", place)
    of, told = served(place)
    assert (of.name, told, len(of.others)) == ("smaller", [], 60)
    answer = of.explained(of.others.frame[:1].reset_index(drop=True))
    assert {one["column"] for one in answer["drivers"]} == {"size", "colour"}


def test_data_that_moved_are_told_of_or_asked_for(folder, tmp_path):
    data = folder.parent / "数据.csv"
    moved = data.rename(tmp_path / "moved.csv")
    try:
        of, [told] = served(folder)
        assert of.others is None
        assert told == (
            f"the data of {folder} cannot be read again: no file {str(data)!r}. --data DATA says where they are now (in Python, "
            "data=). Rows are explained by what the model itself knows."
        )
        assert len(served(folder, str(moved))[0].others) == 60
        (tmp_path / "other.csv").write_text("size,colour,label\n1,red,no\n2,blue,yes\n", encoding="utf-8")
        with pytest.raises(DataError, match="holds other rows"):
            served(folder, str(tmp_path / "other.csv"))
    finally:
        moved.rename(data)


def test_an_address_that_is_taken_or_none(folder):
    with bound("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(SettingsError) as met:
            bound("127.0.0.1", port)
        assert str(met.value) == (
            f"cannot listen at 127.0.0.1, port {port}: Address already in use; another program listens there: give --port "
            "another number."
        )
        done = run("serve", folder, "--port", port)
        assert (done.exit_code, "give --port another number" in done.stderr) == (2, True)
    with pytest.raises(SettingsError, match="--port takes a number from 0 to 65535; got 70000"):
        bound("127.0.0.1", 70_000)
    with pytest.raises(SettingsError, match="cannot listen at 203.0.113.7, port 0"):
        bound("203.0.113.7", 0)


def test_without_its_packages_it_says_which(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "uvicorn":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(NeedsExtra, match=re.escape("tenon serve needs tenon[serve]: pip install 'tenon[serve]'")):
        check_packages()


def test_wishes_that_cannot_be(folder, tmp_path):
    assert "is no folder" in run("serve", tmp_path / "none").stderr
    done = run("serve", folder, "--lang", "xx")
    assert (done.exit_code, "no language 'xx'" in done.stderr) == (2, True)


@pytest.mark.parametrize("told_by", [signal.SIGINT, signal.SIGTERM])
def test_a_server_answers_until_it_is_told_to_end(folder, told_by):
    line = [sys.executable, "-m", "tenon", "serve", str(folder), "--port", "0"]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, encoding="utf-8", env={**os.environ}) as process:
        try:
            told = [process.stderr.readline() for _ in range(4)]
            assert told[0] == "serving  naive-bayes model of label (binary), 2 columns\n"
            place = re.search(r"http://\S+/", told[1])[0]
            body = json.dumps({"rows": [{"size": 11, "colour": "red"}]}).encode()
            request = urllib.request.Request(f"{place}predict", body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=60) as answer:
                [said] = json.load(answer)["predictions"]
            assert said["prediction"] == "yes"
            assert said["p_no"] + said["p_yes"] == pytest.approx(1)
        finally:
            process.send_signal(told_by)
        assert process.wait(30) == 0
        assert "Traceback" not in process.stderr.read()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(place.rsplit(":", 1)[1].strip("/"))), 1)


def half_of_a_request(port):
    """Return a connection over which the first bytes of a body came, and no more."""
    connection = socket.create_connection(("127.0.0.1", port), 30)
    head = "POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
    connection.sendall(f'{head}{{"rows": ['.encode())
    return connection


def rest_of(connection):
    with connection:
        return b"".join(iter(lambda: connection.recv(4096), b"")).decode()


@pytest.mark.parametrize(
    ("seconds", "waits", "code", "said"),
    [(0.2, True, 408, "the request was not whole within 0.2 seconds"), (60.0, False, 503, "the server is being stopped")],
    ids=["too slow", "stopped"],
)
def test_a_request_that_stops_in_its_middle(folder, seconds, waits, code, said, caplog):
    at = bound("127.0.0.1", 0)
    answering = application(served(folder)[0], Limits(seconds=seconds))
    server = uvicorn.Server(uvicorn.Config(answering, log_config=None, timeout_graceful_shutdown=0.1))
    thread = threading.Thread(target=server.run, args=([at],))
    thread.start()
    try:
        connection = half_of_a_request(at.getsockname()[1])
        answer = rest_of(connection) if waits else ""
        while not server.server_state.tasks and not waits:
            time.sleep(0.01)
    finally:
        server.should_exit = True
        thread.join()
    answer = answer or rest_of(connection)
    assert answer.startswith(f"HTTP/1.1 {code} ")
    assert said in answer
    assert "Traceback" not in caplog.text
