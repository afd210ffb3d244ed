"""What the checks and readers really say, of data made to provoke it, is known to the Chinese table."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tenon import read
from tenon.checks import findings_of
from tenon.report.language import language, without_cells
from tenon.tasks import infer_task

ZH = language("zh")
N = 400
KEPT = set("AUC R F kind ignore group time text NAME per set all balance weights cost fn fp label number csv final".split())
KEPT |= set("data missing n v t".split())
WORDS = ("great stay", "poor room", "fine food", "late bus", "cold soup", "kind staff", "old house", "new bed")


def numbers(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(N, 2)).round(6)
    y = np.where(x[:, 0] + rng.normal(size=N) > 0, "yes", "no")
    return pd.DataFrame({"甲": x[:, 0], "乙": x[:, 1], "标签": y})


def identity() -> pd.DataFrame:
    frame = numbers()
    return frame.assign(标签=2 * frame["甲"] - frame["乙"])


def leak() -> pd.DataFrame:
    frame = numbers()
    return frame.assign(丙=np.where(frame["标签"] == "yes", 1.5, 0.5) + frame["乙"] / 100, 丁=frame["标签"] + "!")


def length() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    labels = rng.choice(["yes", "no"], N)
    texts = [" ".join(rng.choice(WORDS, 30 if label == "yes" else 8)) + f" {i}" for i, label in enumerate(labels)]
    return pd.DataFrame({"评论": texts, "标签": labels})


def word() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    labels = rng.choice(["yes", "no"], N)
    texts = [
        ("spamword " if label == "yes" else "") + " ".join(rng.choice(WORDS, 12)) + f" {i}" for i, label in enumerate(labels)
    ]
    return pd.DataFrame({"评论": texts, "标签": labels})


def copies() -> pd.DataFrame:
    frame = length()
    return pd.concat(
        [frame, frame.iloc[:40], frame.iloc[:5].assign(标签="maybe"), frame.iloc[:9].assign(评论=frame["评论"][:9] + ".")]
    )


def table_copies() -> pd.DataFrame:
    frame = numbers()
    return pd.concat([frame, frame.iloc[:20], frame.iloc[20:40] * 1, frame.iloc[:3].assign(标签="maybe")])


def near_copies() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    x = rng.uniform(100, 200, size=(N, 3))
    again = x[:15] * (1 + 1e-7)
    frame = pd.DataFrame(np.concatenate([x, again]), columns=["甲", "乙", "丙"])
    return frame.assign(标签=rng.choice(["yes", "no"], len(frame)))


def rare() -> pd.DataFrame:
    frame = numbers()
    frame.loc[:4, "标签"] = "rare"
    return frame


def uneven() -> pd.DataFrame:
    frame = numbers()
    return frame.assign(标签=["a"] * 12 + ["b"] * (N - 12))


def columns() -> pd.DataFrame:
    frame = numbers()
    rng = np.random.default_rng(0)
    return frame.assign(
        空=np.where(np.arange(N) % 20 == 0, 1.0, np.nan),
        user_id=rng.integers(0, 60, N).astype(str),
        名=[f"名 {i}" for i in rng.permutation(N)],
        行=np.arange(N) * 3 + 7.0,
        日期=pd.date_range("2020-01-01", periods=N, freq="h").astype(str),
    )


def unlabelled() -> pd.DataFrame:
    frame = numbers()
    frame.loc[: N // 2, "标签"] = None
    return frame


def drifted() -> pd.DataFrame:
    frame = numbers(1)
    return frame.assign(甲=frame["甲"] + 3, 乙=np.where(np.arange(N) % 2, np.nan, frame["乙"]))


MADE: dict[str, Callable[[], pd.DataFrame]] = {
    made.__name__: made
    for made in (identity, leak, length, word, copies, table_copies, near_copies, rare, uneven, columns, unlabelled)
}


def english_in(text: str, frame: pd.DataFrame) -> set[str]:
    """Latin words of a translated text that are neither names nor options."""
    text = re.sub(r"'[^']*'", " ", text)
    return set(re.findall(r"[A-Za-z]+", text)) - KEPT - {word for name in frame.columns for word in re.findall("[A-Za-z]+", name)}


def told(frame: pd.DataFrame, final: pd.DataFrame | None = None) -> list[str]:
    data = read(frame, "标签", final=final)
    findings = findings_of(data, infer_task(data.target)[0])
    return [*data.notes, *(text for finding in findings for text in (finding.sentence, finding.advice) if text)]


@pytest.mark.parametrize("name", MADE)
def test_every_finding_is_translated(name):
    frame = MADE[name]()
    said = told(frame)
    assert said
    for text in said:
        assert without_cells(text), f"not in the table: {text}"
        assert not english_in(ZH(text), frame), ZH(text)


def test_final_rows_that_differ_or_were_seen():
    frame = numbers()
    final = pd.concat([drifted(), frame.iloc[:10]])
    for text in told(frame, final):
        assert without_cells(text), f"not in the table: {text}"
        assert not english_in(ZH(text), frame), ZH(text)


def test_cells_in_doubt():
    frame = numbers().astype({"甲": str})
    frame.loc[:3, "甲"] = "n.v.t."
    frame["丙"] = [f"{i},5" for i in range(N)]
    frame["丁"] = [f"{i:,}" for i in range(1000, 1000 + N)]
    frame["戊"] = [f"{i % 28 + 1}.3.2024" for i in range(N)]
    frame["己"] = [str(i) if i % 3 else f"x{i}" for i in range(N)]
    said = [text for text in told(frame) if text.startswith("Column")]
    assert len(said) >= 4
    for text in said:
        assert without_cells(text), f"not in the table: {text}"
        assert not english_in(ZH(text), frame), ZH(text)
        assert "n.v.t." not in without_cells(text)
