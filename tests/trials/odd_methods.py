"""Methods that misbehave, for the executor's tests; workers find them as `tests.trials.odd_methods:NAME`."""

import errno
import json
import os
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from tenon.catalogue import find
from tenon.data.dataset import Dataset, Schema
from tenon.method import Method, Model, Predictions
from tenon.tasks import Task


class Constant(Model):
    """Says the first label, or zero."""

    def predict_rows(self, dataset: Dataset) -> Predictions:
        n = len(dataset)
        if self.task.is_regression:
            return Predictions(dataset.row_ids, np.zeros(n))
        proba = np.zeros((n, len(self.task.labels)))
        proba[:, 0] = 1.0
        return Predictions(dataset.row_ids, self.task.decode(np.zeros(n, int)), proba)

    def save_parts(self, folder: Path) -> None:
        (folder / "constant.json").write_text(json.dumps({}), encoding="utf-8")


def _accepts(schema: Schema, task: Task) -> None:
    return None


def _load(folder: Path, schema: Schema, task: Task) -> Constant:
    return Constant(schema, task, "constant")


def _method(name: str, act) -> Method:
    def fit(train, task, *, params, seed, budget, watch):
        act(train, watch)
        return Constant(train.without_target().schema, task, name)

    return Method(name=f"{__name__}:{name}", card="", cost_rank=1, accepts=_accepts, fit=fit, load=_load)


def _raise(train, watch):
    raise ArithmeticError("cannot divide by the moon")


def _eat_memory(train, watch):
    held = []
    while True:
        held.append(np.ones(2**22))  # 32 MB a bite
        time.sleep(0.02)


fine = _method("fine", lambda train, watch: watch.progress(1, 1))
raising = _method("raising", _raise)
dying = _method("dying", lambda train, watch: os._exit(7))
hanging = _method("hanging", lambda train, watch: time.sleep(3600))
chatty = _method("chatty", lambda train, watch: print("noise on standard output that must not disturb the protocol"))
greedy = _method("greedy", _eat_memory)


def _note_rows(train, watch):
    """Leave the ids of the train rows where the test can find them."""
    folder = Path(os.environ["TENON_TEST_ROWS"])
    folder.mkdir(exist_ok=True)
    (folder / f"{os.getpid()}-{time.monotonic_ns()}.json").write_text(json.dumps(train.row_ids.tolist()), encoding="utf-8")


noting = _method("noting", _note_rows)


def _tell_and_wait(train, watch):
    watch.progress(0, 1)
    time.sleep(0.5)


def _noise(train, watch):
    os.write(2, b"\xc4\xe3\xba\xc3\n" * 50_000)  # 250 kB in GBK: more than a pipe holds
    assert os.read(0, 10) == b""


slow = _method("slow", _tell_and_wait)
noisy = _method("noisy", _noise)


def _fill_the_disk(train, watch):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/scratch/mine.tmp")


def _allow_no_file(train, watch):
    """From here on this process can write no file of more than 16 bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, resource.RLIM_INFINITY))


def _say_much(train, watch):
    raise ValueError("much " * 1000 + "\nand a second line")


def _cannot_load(folder, schema, task):
    raise KeyError("weights")


forgetful = replace(find("naive-bayes"), load=_cannot_load)
filling = _method("filling", _fill_the_disk)
unwritable = _method("unwritable", _allow_no_file)
wordy = _method("wordy", _say_much)
counting = _method("counting", lambda train, watch: watch.progress(np.int64(1), 2, loss=np.float32(0.5)))
