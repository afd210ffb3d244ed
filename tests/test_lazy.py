"""Public names are imported when they are first asked for, and all are listed."""

import sys

import pytest

from tenon.lazy import exports


def test_a_name_loads_its_module_alone(tmp_path, monkeypatch):
    package = tmp_path / "lazy_sample"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text("FIRST = 1")
    (package / "two.py").write_text("SECOND = 2")
    monkeypatch.syspath_prepend(tmp_path)
    get, names = exports("lazy_sample", {"SECOND": "two", "FIRST": "one"})
    assert names() == ["FIRST", "SECOND"]
    assert get("SECOND") == 2
    assert "lazy_sample.two" in sys.modules
    assert "lazy_sample.one" not in sys.modules
    with pytest.raises(AttributeError, match="module 'lazy_sample' has no attribute 'THIRD'"):
        get("THIRD")
