"""The house rules that no linter holds: what loads when, public names, cards, words that must not appear, and skips."""

import ast
import importlib
import json
import pkgutil
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

import tenon
from tenon.catalogue import FAMILIES
from tenon.data.samples import write_sample
from tenon.tasks import infer_task

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "tenon"
HEAVY = {"torch", "numba", "pandas", "sklearn", "scipy", "pyarrow", "skops", "matplotlib"}
UNSAFE = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}  # reading these runs code
REGISTRY_HOSTS = ("pypi" ".org", "python" "hosted", "npm" "js", "anaconda" ".org", "deb" "ian.org", "crates" ".io")  # fmt: skip
PACKAGES = [tenon, *(importlib.import_module(m.name) for m in pkgutil.walk_packages(tenon.__path__, "tenon.") if m.ispkg)]


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def loaded_by(code: str) -> set[str]:
    """Names of the packages that a new Python has loaded after running this code."""
    code += "\nimport json, sys\nprint(json.dumps(sorted({name.split('.')[0] for name in sys.modules})), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_import_loads_nothing_heavy():
    loaded = loaded_by("import tenon")
    assert loaded & (HEAVY | {"numpy", "typer", "rich"}) == set()


def test_what_every_verb_imports_loads_nothing_heavy():
    """So that a verb shows a sign of life before scikit-learn and pandas are loaded."""
    assert loaded_by("import tenon.api, tenon.cli.app, tenon.serve.listen") & HEAVY == set()


@pytest.mark.parametrize("line", [["--help"], ["compare", "--help"], ["sample"]])
def test_help_loads_nothing_heavy(line):
    code = f"""
import runpy, sys
sys.argv = ["tenon", *{line}]
try:
    runpy.run_module("tenon", run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code"""
    loaded = loaded_by(code)
    assert "typer" in loaded
    assert loaded & HEAVY == set()


def test_version_is_that_of_the_installation():
    assert tenon.__version__ == version("tenon")


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_public_names_are_sorted_and_import(package):
    """Every submodule is imported first: one of the same name as a public name would hide it."""
    names = list(getattr(package, "__all__", []))
    assert names == sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if module.name != "tenon.__main__":
            importlib.import_module(module.name)
    hidden = [name for name in names if isinstance(getattr(package, name), ModuleType)]
    assert hidden == []
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        _ = package.no_such_name


def test_the_design_names_every_file_of_every_room():
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    rows = [line for line in design.splitlines() if line.startswith("|")]
    for room in (path for path in SOURCE.iterdir() if (path / "__init__.py").exists()):
        [row] = [row for row in rows if row.startswith(f"| `{room.name}/` |")]
        files = {path.name for path in room.glob("*.py")} - {"__init__.py"}
        assert set(re.findall(r"`(\w+\.py)`", row)) == files, room.name


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_method_has_a_card(family):
    cards = Path(family.__file__).parent / "cards"
    assert {method.card for method in family.METHODS} == {path.name for path in cards.glob("*.md")}
    assert all((cards / method.card).read_text(encoding="utf-8").strip() for method in family.METHODS)


def test_only_the_command_line_prints():
    printing = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        if path.relative_to(SOURCE).parts[0] != "cli"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


def test_nothing_that_runs_code_is_read_or_written():
    unsafe = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Attribute):
                names = [node.attr.removeprefix("read_").removeprefix("to_")]  # pandas.read_pickle, frame.to_pickle
            elif isinstance(node, ast.keyword):
                names = ["pickle"] if node.arg == "allow_pickle" else []
            else:
                continue
            unsafe += [f"{path.relative_to(ROOT)}:{name}" for name in names if name.split(".")[0] in UNSAFE]
    assert unsafe == []


def test_no_text_names_a_registry():
    texts = [p for p in ROOT.glob("*") if p.is_file() and p.suffix in {".md", ".toml", ".txt", ".yaml", ""}]
    for folder in ("docs", "src", "tests", "benchmarks", "examples", ".ci"):
        texts += [p for p in (ROOT / folder).rglob("*") if p.suffix in {".md", ".py", ".html", ".css", ".js", ""} and p.is_file()]
    naming = re.compile("|".join(map(re.escape, REGISTRY_HOSTS)))
    assert [str(p.relative_to(ROOT)) for p in texts if naming.search(p.read_text(encoding="utf-8"))] == []


def test_the_example_of_contributing_works(tmp_path):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict = {}
    exec(compile(example, "CONTRIBUTING.md", "exec"), names)
    [path] = write_sample("iris", tmp_path)
    data = tenon.read(path, target="species")
    task, _ = infer_task(data.target)
    method = names["EXTRA_TREES"]
    model = method.fit(data, task, params=method.with_defaults({}), seed=0, budget="quick")
    assert method.accepts(data.schema, task) is None
    assert (model.predict(data).value == data.target.to_numpy()).all()  # trees down to single rows know their train rows


@pytest.mark.parametrize("where", ["mark", "call", "module"])
@pytest.mark.parametrize(("reason", "outcome"), [("no GPU here", 0), ("TENON_DATA not found: x", 0), ("not today", None)])
def test_a_skip_is_an_error_but_for_data_and_gpu(where, reason, outcome, tmp_path):
    code = {
        "mark": f"import pytest\n@pytest.mark.skip(reason={reason!r})\ndef test_it(): pass",
        "call": f"import pytest\ndef test_it(): pytest.skip({reason!r})",
        "module": f"import pytest\npytest.skip({reason!r}, allow_module_level=True)",
    }[where]
    (tmp_path / "test_skip.py").write_text(code + "\n\ndef test_runs(): pass\n")
    line = [sys.executable, "-m", "pytest", "-c", "/dev/null", "--rootdir", str(tmp_path), "-p", "tests.conftest", str(tmp_path)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    if outcome is None:
        assert done.returncode in (1, 2), done.stdout  # failed, or could not be collected
        assert "was skipped" in done.stdout
        assert "not today" in done.stdout
    else:
        assert "1 skipped" in done.stdout
        assert "failed" not in done.stdout
