import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenon.data.describe import describe
from tenon.data.language import script_of
from tenon.data.read import read
from tenon.tasks import infer_task


def lines_of(path, target, **settings):
    data = read(path, target, **settings)
    return describe(data, *infer_task(data.target, settings.get("task", "")))


def test_reviews(tmp_path):
    rows = [f"{'很好的酒店' * (i % 3 + 2)}第{i}次,{'pos' if i % 4 else 'neg'}" for i in range(40)]
    (tmp_path / "reviews.csv").write_text("\ufefftext,label\n" + "\n".join(rows), encoding="utf-8")
    assert lines_of(tmp_path / "reviews.csv", "label") == [
        "reviews.csv · 40 rows · 2 columns · UTF-8 (BOM removed)",
        "  text   text        Chinese, 13–24 characters, median 19",
        "  label  target      2 classes: pos 75 %, neg 25 %  → binary, scored by AUC      (--task, --metric)",
        "  Wrong? --kind NAME=KIND (number, category, date, text, tokens, image, ignore)",
    ]


def test_tagged_sentences(tmp_path):
    (tmp_path / "t.txt").write_text("EU\tB-ORG\nrejects\tO\n\nno\tO\n\nnever\tO\n", encoding="utf-8")
    assert lines_of(tmp_path / "t.txt", None)[1:-1] == [
        "  tokens  tokens      1–2 tokens a row, median 1",
        "  tags    target      1–2 tags a row, median 1  → tagging (a tag for each token), scored by entity F1      "
        "(--task, --metric)",
    ]


def test_a_line_per_column_with_its_reason(tmp_path):
    frame = pd.DataFrame(
        {
            "价格": [1.5, np.nan, 3.0, 20000.0],
            "zip": ["01234", "90210", "90210", "90210"],
            "day": ["2024-01-01", "2024-03-01", "", ""],
            "x": ["same"] * 4,
            "y": [1.5, 2.5, 3.5, 8.0],
        }
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert lines_of(tmp_path / "t.csv", "y")[1:-1] == [
        "  价格  number      1.5–20,000, median 3, 25 % missing",
        "  zip   category    2 values, most often '90210' (75 %); digits with leading zeros, such as '01234'",
        "  day   date        2024-01-01 to 2024-03-01, 50 % missing",
        "  x     ignored     the same value in every row: 'same'",
        "  y     target      1.5–8, median 3  → regression (numbers with 4 different values), scored by RMSE"
        "      (--task, --metric)",
    ]


def test_roles_notes_and_given_kinds(tmp_path):
    rows = [f"{i % 3},{i % 5},{i},{'b' if i % 2 else 'a'}" for i in range(30)]
    (tmp_path / "t.csv").write_text("k,user,when,y\n" + "\n".join(rows) + "\n1,2,3,\n", encoding="utf-8")
    lines = lines_of(tmp_path / "t.csv", "y", kinds={"k": "category"}, group="user", time="when")
    assert lines[1:4] == [
        "  k     category    3 values, most often '0' (33 %) (--kind)",
        "  user  group       5 groups, kept on one side of every split",
        "  when  time        0–29, median 14.5; rows are trained on the past only",
    ]
    assert lines[-1] == "! t.csv: 1 row has no target and was left out (column 'y')."


def test_a_given_task_is_called_so(tmp_path):
    (tmp_path / "t.csv").write_text("x,y\n1,1\n2,2\n3,3\n", encoding="utf-8")
    target = lines_of(tmp_path / "t.csv", "y", task="regression")[2]
    assert "1–3, median 2  → regression (given by --task), scored by RMSE" in target


@pytest.mark.parametrize("n_columns", [11, 300])
def test_many_columns_are_gathered(n_columns):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(30, n_columns))).add_prefix("feature ")
    frame["empty"] = ""
    frame["y"] = ["a", "b"] * 15
    data = read(frame, "y")
    lines = describe(data, *infer_task(data.target))
    assert len(lines) <= 12
    more = f"feature 5, … {n_columns - 6} more"
    assert f"  {n_columns} columns" in lines[2]
    assert more in lines[2]
    assert "empty" in lines[1]
    assert "empty in every row" in lines[1]


def test_cells_stay_in_one_line(tmp_path):
    """Dates of any year; labels with line ends, and long ones."""
    labels = ["two\nlines", "x" * 60] * 10
    when = np.array(["0001-01-01", "148108-07-06T14:00"], "datetime64[us]")[np.arange(20) % 2]
    table = pa.table({"when": pa.array(when), "label": labels})
    pq.write_table(table, tmp_path / "t.parquet")
    lines = lines_of(tmp_path / "t.parquet", "label")
    assert lines[1] == "  when   date        0001-01-01 00:00 to 148108-07-06 14:00"
    assert f"2 classes: two\\nlines 50 %, {'x' * 40}… 50 %" in lines[2]


def test_many_classes_are_cut():
    frame = pd.DataFrame({"x": np.arange(40) % 7, "y": [f"c{i % 20:02d}" for i in range(40)]})
    data = read(frame, "y")
    assert "20 classes: c00 5.0 %, c01 5.0 %" in describe(data)[-2]
    assert "… 14 more" in describe(data)[-2]


@pytest.mark.parametrize(
    ("texts", "script"),
    [
        (["酒店很好"], "chinese"),
        (["我用的是 iPhone 和 MacBook 电脑很不错"], "chinese"),
        (["これはペンです"], "chinese"),
        (["a good hotel"], "other"),
        (["the sign said 北京, but we were in Shanghai"], "other"),
        (["123 !!!"], "other"),
        ([], "other"),
        ([None, np.nan, "好"], "chinese"),
        (["한국어 문장"], "other"),
    ],
)
def test_script(texts, script):
    assert script_of(texts) == script


def test_real_adult(tenon_data):
    assert lines_of(tenon_data / "adult" / "train.csv.gz", "income") == [
        "train.csv.gz · 32,561 rows · 15 columns · UTF-8",
        "  6 columns  numbers     age, fnlwgt, education_num, capital_gain, capital_loss, hours_per_week",
        "  8 columns  categories  workclass (8), education (16), marital_status (7), occupation (14), relationship (6), "
        "race (5), … 2 more; missing: occupation 5.7 %, workclass 5.6 %, native_country 1.8 %",
        "  income     target      2 classes: <=50K 76 %, >50K 24 %  → binary, scored by AUC      (--task, --metric)",
        "  Wrong? --kind NAME=KIND (number, category, date, text, tokens, image, ignore)",
    ]


@pytest.mark.parametrize("is_there", [True, False])
def test_chinese_texts_without_jieba_say_what_would_read_their_words(monkeypatch, is_there):
    monkeypatch.setattr("tenon.data.describe.find_spec", lambda name: object() if is_there else None)
    texts = [f"房间很干净，服务也不错，下次还会再来{'！' * k}" for k in range(1, 9)]
    for cells, is_chinese in ((texts, True), ([f"a clean room and good service{'!' * k}" for k in range(1, 9)], False)):
        lines = describe(read(pd.DataFrame({"text": cells, "y": ["a", "b"] * 4}), target="y", kinds={"text": "text"}))
        assert ("pip install 'tenon[zh]'" in " ".join(lines)) == (is_chinese and not is_there)
