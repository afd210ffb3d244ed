"""Clients that go away while they wait, are answered, or still ask cost nothing to the others, and nothing is left of them."""

import http.client
import json
import logging
import socket
import struct
import threading
import time

import pandas as pd
import pytest

pytest.importorskip("fastapi", reason="needs tenon[serve]")
import uvicorn  # noqa: E402
from tests.serve.models import KINDS, ROW, TABLE  # noqa: E402
from tests.serve.models import served as served_model  # noqa: E402

from tenon.data.chunks import Chunks  # noqa: E402
from tenon.serve import Limits, application  # noqa: E402
from tenon.serve.listen import bound  # noqa: E402

WAITING = 3  # requests that may wait
TIMES = 3 * WAITING  # that a client goes away
JSON = json.dumps({"rows": [ROW]}).encode()
WAYS = {
    "predict": ("POST /predict", JSON),
    "explain": ("POST /explain", json.dumps({"row": ROW}).encode()),
    "file": ("PUT /predict/new.csv", pd.DataFrame([ROW]).to_csv(index=False).encode()),
}


class Server:
    """Serves a model that works only while its gate is open. n_begun : how often it began, n_rows : of all that it was asked."""

    def __init__(self, monkeypatch):
        of = served_model(TABLE, KINDS, "logistic")
        self.gate, self.n_begun, self.n_rows, plain = threading.Event(), 0, 0, of.model.predict_rows
        self.gate.set()

        def gated(data):
            self.n_begun += 1
            self.n_rows += len(data)
            assert self.gate.wait(30)
            return plain(data)

        monkeypatch.setattr(of.model, "predict_rows", gated)
        at = bound("127.0.0.1", 0)
        self.port = at.getsockname()[1]
        config = uvicorn.Config(application(of, Limits(waiting=WAITING)), log_config=None, timeout_graceful_shutdown=5)
        self.uvicorn = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.uvicorn.run, args=([at],))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.gate.set()
        self.uvicorn.should_exit = True
        self.thread.join()

    def send(self, way, body=None, length=None):
        """Return a connection over which a request went out. length : of the body, where it is another than that of what goes."""
        line, usual = WAYS[way]
        body = usual if body is None else body
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", self.port))
        head = f"Host: localhost\r\nContent-Type: application/json\r\nContent-Length: {length or len(body)}"
        connection.sendall(f"{line} HTTP/1.1\r\n{head}\r\n\r\n".encode() + body)
        return connection

    def asked(self, verb, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(verb, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        code, said = answer.status, answer.read()
        connection.close()
        return code, said

    def waiting(self):
        return json.loads(self.asked("GET", "/health")[1])["waiting"]

    def until(self, holds):
        end = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < end
            time.sleep(0.005)

    def begun(self, n):
        self.until(lambda: self.n_begun >= n)

    def rests(self):
        """Tell whether an ordinary request is answered, and nothing is left then."""
        code, said = self.asked("POST", "/predict", JSON)
        assert (code, json.loads(said)["predictions"][0]["prediction"]) == (200, "yes")
        assert self.waiting() == 0
        self.until(lambda: not self.uvicorn.server_state.tasks and not self.uvicorn.server_state.connections)
        return True


@pytest.fixture
def server(monkeypatch, caplog):
    caplog.set_level(logging.WARNING)
    with Server(monkeypatch) as one:
        yield one
    assert [record.getMessage() for record in caplog.get_records("call")] == []


def leave(connection, politely=True):
    """Close the connection; else by a reset, as one that breaks."""
    if not politely:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize("way", WAYS)
def test_who_goes_away_in_the_queue_is_never_computed_and_keeps_no_place(server, way):
    server.gate.clear()
    first = server.send("predict")
    server.begun(1)
    for i in range(TIMES):
        gone = server.send(way)
        server.until(lambda: server.waiting() == 1)
        leave(gone, i % 2 == 0)
        server.until(lambda: server.waiting() == 0)
    server.gate.set()
    assert b" 200 OK" in first.recv(4096)
    leave(first)
    assert server.n_rows == 1
    assert server.rests()


@pytest.mark.parametrize("way", WAYS)
def test_who_goes_away_while_it_is_computed_leaves_nothing(server, way):
    for i in range(TIMES):
        server.gate.clear()
        begun, gone = server.n_begun, server.send(way)
        server.begun(begun + 1)
        leave(gone, i % 2 == 0)
        server.until(lambda: server.waiting() == 0)
        server.gate.set()
    assert server.rests()


def test_a_file_is_computed_no_further_than_somebody_waits_for_it(server, monkeypatch):
    monkeypatch.setattr(Chunks.even, "__defaults__", (10, 1 << 25))
    server.gate.clear()
    gone = server.send("file", pd.DataFrame([ROW] * 100).to_csv(index=False).encode())
    server.begun(1)
    leave(gone)
    server.until(lambda: server.waiting() == 0)
    server.gate.set()
    assert server.rests()
    assert server.n_rows == 10 + 1


@pytest.mark.parametrize("way", ["predict", "file"])
def test_who_goes_away_in_the_middle_of_an_answer_leaves_nothing(server, way):
    """The answer is larger than what lies ready for a client that reads little."""
    rows = [ROW] * 10_000
    body = json.dumps({"rows": rows}).encode() if way == "predict" else pd.DataFrame(rows).to_csv(index=False).encode()
    for i in range(TIMES):
        gone = server.send(way, body)
        assert gone.recv(12) == b"HTTP/1.1 200"
        leave(gone, i % 2 == 0)
    assert server.rests()


@pytest.mark.parametrize("way", WAYS)
def test_who_goes_away_while_it_asks_leaves_nothing(server, way):
    for i in range(TIMES):
        gone = server.send(way, length=10_000)
        server.until(lambda: server.uvicorn.server_state.tasks)
        leave(gone, i % 2 == 0)
    server.until(lambda: not server.uvicorn.server_state.tasks)
    assert server.n_begun == 0
    assert server.rests()
