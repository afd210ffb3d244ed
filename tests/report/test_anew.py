"""The same call on a finished run with another language writes the report anew, and nothing else."""

import pandas as pd
import pytest

from tenon import compare
from tenon.errors import SettingsError


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.DataFrame({"x": [i % 17 for i in range(90)], "y": ["a" if i % 17 < 8 else "b" for i in range(90)]})


def test_only_the_report_is_written_anew(frame, tmp_path):
    def report(**wishes) -> str:
        compare(frame, "y", out=tmp_path / "run", methods="baseline,logistic", splits="2x2", jobs=1, **wishes)
        return (tmp_path / "run/report.html").read_text(encoding="utf-8")

    def others() -> dict[str, bytes]:
        files = (path for path in (tmp_path / "run").rglob("*") if path.is_file() and path.name != "report.html")
        return {str(path): path.read_bytes() for path in files}

    english, before = report(), others()
    chinese = report(lang="zh", no_rows=True)
    assert 'lang="en"' in english
    assert 'lang="zh-Hans"' in chinese
    assert others() == before
    assert report() == english


def test_an_unknown_language_is_told_before_anything_is_fitted(frame, tmp_path):
    with pytest.raises(SettingsError, match="no language 'klingon'"):
        compare(frame, "y", out=tmp_path / "run", lang="klingon")
    assert not (tmp_path / "run").exists()
