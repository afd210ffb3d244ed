"""A server that is killed under load: whoever asks is answered rightly or loses the connection, and it serves again at once."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

pytest.importorskip("fastapi", reason="needs tenon[serve]")
from tests.cli.fakes import run, write_model, write_table  # noqa: E402

pytestmark = pytest.mark.slow
CLIENTS = 6
ROW = {"身高": 3, "邮编": "01"}
FILE = ("身高,邮编\n" + "".join(f"{k % 13},0{k % 3}\n" for k in range(3_000))).encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run folder with nothing but a model."""
    return write_model(write_table(tmp_path_factory.mktemp("run"))).parent


@contextmanager
def listening(folder, port):
    """Serve in a process of its own, which is killed in the end, and yield it with its port."""
    line = [sys.executable, "-m", "tenon", "serve", str(folder), "--port", str(port)]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, encoding="utf-8", env={**os.environ}) as process:
        try:
            told = next(line for line in process.stderr if line.startswith("page"))
            yield process, int(re.search(r":(\d+)/", told)[1])
        finally:
            process.kill()


def asked(port, verb, path, body):
    """Return code and body of an answer. Raises OSError or HTTPException where the connection is lost."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(verb, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Load:
    """Clients that ask one question after the other without a pause. outcomes : (question, what came of it), in their order."""

    def __init__(self, port, questions):
        self.port, self.questions, self.outcomes, self.stop = port, questions, [], threading.Event()
        self.threads = [threading.Thread(target=self._ask, args=(i,)) for i in range(CLIENTS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _ask(self, i):
        while not self.stop.is_set():
            i = (i + 1) % len(self.questions)
            question, is_right = self.questions[i]
            try:
                code, body = asked(self.port, *question)
                said = "right" if code == 200 and is_right(body) else "wrong"
            except ConnectionRefusedError:  # nobody listens yet
                said = "refused"
                self.stop.wait(0.01)
            except (OSError, http.client.HTTPException):
                said = "lost"
            self.outcomes.append((i, said))

    def wait_for(self, n_right):
        """Wait until each question is answered rightly so many times more."""
        start, end = len(self.outcomes), time.monotonic() + 60
        while min(self.outcomes[start:].count((i, "right")) for i in range(len(self.questions))) < n_right:
            assert time.monotonic() < end, self.outcomes[-20:]
            time.sleep(0.02)


def test_a_server_killed_under_load_answers_nothing_wrongly_and_serves_again(folder, tmp_path):
    (tmp_path / "new.csv").write_bytes(FILE)
    assert run("predict", folder, tmp_path / "new.csv", "-o", tmp_path / "out.csv").exit_code == 0
    wanted = (tmp_path / "out.csv").read_bytes()
    row = ("POST", "/predict", json.dumps({"rows": [ROW]}).encode())
    with listening(folder, 0) as (first, port):
        [alone] = json.loads(asked(port, *row)[1])["predictions"]
        label, numbers = alone.pop("prediction"), pytest.approx(alone, rel=1e-12)  # rows that come together are one product

        def is_row(body):
            [said] = json.loads(body)["predictions"]
            return said.pop("prediction") == label and said == numbers

        with Load(port, [(row, is_row), (("PUT", "/predict/new.csv", FILE), wanted.__eq__)]) as load:
            load.wait_for(20)
            first.send_signal(signal.SIGKILL)
            assert first.wait(10) == -signal.SIGKILL
            with listening(folder, port) as (_, again):
                assert again == port
                assert asked(port, *row)[0] == 200  # the first time that it is asked
                load.wait_for(20)
                load.end()
    said = {said for _, said in load.outcomes}
    assert said == {"right", "lost", "refused"}
