"""Model and run folders that were damaged or tampered with: one sentence, never a traceback, and nothing of them is run."""

import io
import json
import shutil
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tenon import Result
from tenon.catalogue import find, load_model
from tenon.errors import ModelFileError, RunFolderError
from tenon.files import CHECKSUMS, seal
from tenon.trials.folder import RunFolder
from tests.datasets import table

MANY = settings(
    max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
VALUES = st.sampled_from([None, -1, 99, 1.5, True, "x", "os:system", [], {}, [1], {"a": 1}])
HARMLESS = {"versions"}  # what model.json tells for people


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A folder with a model of naive Bayes."""
    data, task = table()
    method = find("naive-bayes")
    folder = tmp_path_factory.mktemp("made") / "model"
    method.fit(data, task, params=method.with_defaults({}), seed=0).save(folder)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """The JSON files of a run, sealed as a run seals them."""
    folder = RunFolder(tmp_path_factory.mktemp("made") / "run")
    folder.write("leaderboard.json", {"rows": [{"method": "knn", "score": 0.5}], "chosen": "knn"})
    folder.write("verdicts.json", [{"method_a": "knn", "method_b": "baseline", "effect": 0.1}])
    return folder.path


def damaged(content: bytes, draw) -> bytes:
    """Cut, flipped in some bits, or other bytes altogether; never the same."""
    how = draw(st.sampled_from(["cut", "flip", "other"]))
    if how == "cut":
        return content[: draw(st.integers(0, len(content) - 1))]
    if how == "other":
        return b"no " + draw(st.binary(max_size=200))
    changed = bytearray(content)
    changed[draw(st.integers(0, len(content) - 1))] ^= 1 << draw(st.integers(0, 7))
    return bytes(changed)


def places(content, path=()):
    """Yield the path of every value in a JSON content."""
    yield path
    if isinstance(content, dict):
        for key in content:
            yield from places(content[key], (*path, key))
    if isinstance(content, list):
        for i, one in enumerate(content):
            yield from places(one, (*path, i))


def with_value(content, path, value):
    """Return the content with another value at this path; None as a path's end is deleted."""
    if not path:
        return value
    inside = content
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    return content


@pytest.mark.parametrize("name", ["model.json", "estimator.skops", CHECKSUMS])
@MANY
@given(data=st.data())
def test_no_damaged_file_of_a_model_is_loaded(model, name, data):
    with TemporaryDirectory() as place:
        folder = shutil.copytree(model, Path(place) / "model")
        content = (folder / name).read_bytes()
        other = damaged(content, data.draw)
        assume(
            not set(other.splitlines()) <= set(content.splitlines())
        )  # whole lines of checksums: of the others nothing is known
        (folder / name).write_bytes(other)
        with pytest.raises(ModelFileError, match="damaged|changed|missing"):
            load_model(folder)


@MANY
@given(data=st.data())
def test_no_other_value_in_model_json_is_a_traceback(model, data):
    """Somebody who also takes the checksums away, or makes them anew, gets a model of the same kind or a sentence."""
    raw = json.loads((model / "model.json").read_text(encoding="utf-8"))
    path = data.draw(st.sampled_from([path for path in places(raw) if not HARMLESS & {*path}]))
    value = data.draw(VALUES)
    with TemporaryDirectory() as place:
        folder = shutil.copytree(model, Path(place) / "model")
        (folder / "model.json").write_text(json.dumps(with_value(raw, path, value)), encoding="utf-8")
        (folder / CHECKSUMS).unlink()
        if data.draw(st.booleans()):
            seal(folder)
        try:
            loaded = load_model(folder)
        except ModelFileError:
            return
        assert loaded.method_name == "naive-bayes"


@MANY
@given(data=st.data())
def test_no_damaged_part_is_a_traceback_without_checksums(model, data):
    """One member of the archive is damaged and packed again, so that the archive itself is sound."""
    with TemporaryDirectory() as place:
        folder = shutil.copytree(model, Path(place) / "model")
        (folder / CHECKSUMS).unlink()
        with zipfile.ZipFile(folder / "estimator.skops") as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        name = data.draw(st.sampled_from(sorted(members)))
        members[name] = damaged(members[name], data.draw)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        (folder / "estimator.skops").write_bytes(buffer.getvalue())
        with suppress(ModelFileError):
            load_model(folder)


@pytest.mark.parametrize("name", ["leaderboard.json", "verdicts.json"])
@MANY
@given(data=st.data())
def test_no_damaged_file_of_a_run_is_read(run, name, data):
    with TemporaryDirectory() as place:
        folder = shutil.copytree(run, Path(place) / "run")
        content = (folder / name).read_bytes()
        if data.draw(st.booleans()):
            raw = json.loads(content)
            path = data.draw(st.sampled_from(list(places(raw))))
            other = json.dumps(with_value(raw, path, data.draw(VALUES)), indent=1, sort_keys=True).encode() + b"\n"
        else:
            other = damaged(content, data.draw)
        (folder / name).write_bytes(other)
        with pytest.raises(RunFolderError, match=f"{name} is damaged or was changed"):
            _ = Result(folder).board if name == "leaderboard.json" else Result(folder).verdicts


def test_a_present_class_that_no_label_stands_for_is_refused(model, tmp_path):
    """The parts are sound, but of a model with more classes."""
    folder = shutil.copytree(model, tmp_path / "model")
    raw = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    raw["task"]["labels"] = raw["task"]["labels"][:1]
    (folder / "model.json").write_text(json.dumps(raw), encoding="utf-8")
    seal(folder)
    with pytest.raises(ModelFileError, match="holds parts that do not make a model of 'y'"):
        load_model(folder)


def test_versions_are_named_where_a_model_cannot_be_loaded(model, tmp_path):
    folder = shutil.copytree(model, tmp_path / "model")
    raw = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    raw["versions"]["scikit-learn"] = "0.24.2"
    raw["method"] = "mine"
    (folder / "model.json").write_text(json.dumps(raw), encoding="utf-8")
    seal(folder)

    def load(*_):
        raise AttributeError("no such part in this version")

    with pytest.raises(ModelFileError, match=r"AttributeError: no such part .*\. It was made with scikit-learn 0\.24\.2, here "):
        load_model(folder, [replace(find("knn"), name="mine", load=load)])


def test_equal_models_are_equal_files(tmp_path):
    """Nothing of the place in memory or of the time is in them."""
    for data, task in (table(), table("regression")):
        method = find("ridge" if task.is_regression else "logistic")
        for name in ("one", "two"):
            filler = [np.empty(1000 * k) for k in range(len(name))]  # so that the second lies elsewhere
            method.fit(data, task, params=method.with_defaults({}), seed=0).save(tmp_path / task.kind / name)
            del filler
        names = sorted(path.name for path in (tmp_path / task.kind / "one").iterdir())
        assert names == [CHECKSUMS, "estimator.skops", "model.json"]
        for name in names:
            assert (tmp_path / task.kind / "one" / name).read_bytes() == (tmp_path / task.kind / "two" / name).read_bytes()
