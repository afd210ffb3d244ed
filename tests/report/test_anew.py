"""The same call on a finished run with another language writes the report anew, and nothing else."""

import pandas as pd
import pytest

from tenon import compare
from tenon.errors import SettingsError
from tenon.report.page import write_report
from tenon.trials.folder import RunFolder


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


def test_what_an_earlier_version_left_is_made_again(frame, tmp_path):
    def report() -> str:
        compare(frame, "y", out=tmp_path, methods="baseline,logistic", splits="2x2", jobs=1)
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    made, folder = report(), RunFolder(tmp_path)
    insights, run = folder.read("insights.json"), folder.read("run.json")
    slices = {name: part for name, part in insights["slices"].items() if name != "limits"}
    folder.write("insights.json", insights | {"format": 1, "slices": slices})
    folder.write("run.json", {name: part for name, part in run.items() if name != "given"})
    assert "Parts of the rows" not in write_report(tmp_path).read_text(encoding="utf-8")
    assert report() == made
    assert (folder.read("insights.json"), folder.read("run.json")) == (insights, run)


def test_an_unknown_language_is_told_before_anything_is_fitted(frame, tmp_path):
    with pytest.raises(SettingsError, match="no language 'klingon'"):
        compare(frame, "y", out=tmp_path / "run", lang="klingon")
    assert not (tmp_path / "run").exists()
