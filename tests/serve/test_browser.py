"""The page in a real browser: a row typed, an image or a file of rows dropped, and what is predicted and what drove it seen."""

import base64
import csv
import io
import shutil
import threading
from contextlib import contextmanager

import pytest

pytest.importorskip("fastapi", reason="needs tenon[serve]")
import pandas as pd  # noqa: E402
import uvicorn  # noqa: E402
from playwright.sync_api import expect, sync_playwright  # noqa: E402
from tests.serve.models import KINDS, TABLE, of_pictures, of_sentences, picture, served  # noqa: E402

from tenon.serve import application  # noqa: E402
from tenon.serve.listen import bound  # noqa: E402

NO_BROWSER = pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's package chromium")
pytestmark = [pytest.mark.slow, NO_BROWSER]
REFUSED = "the server responded with a status of 4"  # the browser tells of each answer that says what is wrong
DROP = """(place, [name, encoded]) => {
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0)), carried = new DataTransfer();
  carried.items.add(new File([bytes], name));
  place.dispatchEvent(new DragEvent("drop", {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""


@contextmanager
def listening(of):
    """Serve a model at a port of its own meanwhile, and yield the address."""
    at = bound("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(application(of), log_level="error"))
    thread = threading.Thread(target=server.run, args=([at],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{at.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser):
    """A page of the browser; whatever its program complains of fails the test."""
    opened, complaints = browser.new_page(), []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield opened
    opened.close()
    assert [text for text in complaints if REFUSED not in text] == []


@pytest.fixture(scope="module")
def of_table():
    return served(TABLE, KINDS, "logistic")


@pytest.fixture(scope="module")
def table(of_table):
    with listening(of_table) as address:
        yield address


def drop(place, name, content):
    place.evaluate(DROP, [name, base64.b64encode(content).decode()])


def cells(row):
    return row.locator("th, td").all_inner_texts()


def field(page, name):
    return page.locator(f'label[data-name="{name}"] input')


def test_a_typed_row_is_predicted_and_explained(page, table):
    page.goto(table)
    field(page, "size").fill("1.5")
    field(page, "colour").fill("red")
    field(page, "when").fill("2024-02-01")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#said")).to_have_text("yes")
    expect(page.locator("#why")).to_contain_text("size")
    field(page, "size").fill("-3")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#said")).to_have_text("no")


def test_what_is_no_number_is_told_and_an_example_mends_it(page, table):
    page.goto(table)
    field(page, "size").fill("tall")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#said")).to_have_text("size: “tall” is no number.")
    page.get_by_role("button", name="An example").click()
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#said")).to_have_text({"no": "no", "yes": "yes"}[TABLE["y"][0]])


def test_in_chinese(page, table):
    page.goto(table)
    page.get_by_role("link", name="中文").click()
    page.get_by_role("button", name="示例").click()
    page.get_by_role("button", name="预测").click()
    expect(page.locator("#said")).to_have_text(str(TABLE["y"][0]))
    expect(page.get_by_role("link", name="English")).to_be_visible()


def test_a_dropped_image(page):
    with listening(of_pictures()) as address:
        page.goto(address)
        drop(page.locator(".drop"), "light.png", picture(250))
        expect(page.locator("#file")).to_have_count(0)  # cells of a file would be paths
        expect(page.locator(".drop img")).to_be_visible()
        page.get_by_role("button", name="Predict").click()
        expect(page.locator("#said")).to_have_text("yes")
        page.close()


def test_a_typed_sentence_is_tagged(page):
    with listening(of_sentences()) as address:
        page.goto(address)
        page.locator("textarea").fill("Anna lives in  Paris")
        page.get_by_role("button", name="Predict").click()
        expect(page.locator("#said")).to_have_text("B-PER O O B-LOC")
        expect(page.locator("#why")).to_contain_text("Paris")
        page.close()


NOTES = ['a, "b"', "zwei\nZeilen", "你好", "", "x" * 300, *"abcdefg"]


def test_a_dropped_file_is_answered_as_a_table_and_as_a_file(page, table, of_table):
    rows = [{"note": note, "when": "2024-02-01", "colour": "red", "size": k - 5.5} for k, note in enumerate(NOTES)]
    page.goto(table)
    drop(page.locator("#file .drop"), "新 行.csv", pd.DataFrame(rows).to_csv(index=False).encode())
    expect(page.locator("#file .told")).to_have_text("Predicted rows: 12. The first of them:")
    with page.expect_download() as download:
        page.locator("#file a").click()
    assert download.value.suggested_filename == "新 行-predictions.csv"
    written = list(csv.DictReader(io.StringIO(download.value.path().read_bytes().decode())))
    assert [row["prediction"] for row in written] == of_table.model.predict(pd.DataFrame(rows)).value.tolist()
    assert [row["note"] for row in written] == NOTES
    names, *shown = map(cells, page.locator("#file tr").all())
    assert names == ["prediction", "p_no", "p_yes", "note", "when", "colour", "size"]
    assert [row[0] for row in shown] == [row["prediction"] for row in written[:10]]
    assert [float(row[2]) for row in shown] == pytest.approx([float(row["p_yes"]) for row in written[:10]], rel=1e-3)
    assert [row[3].replace("\n", " ") for row in shown] == ['a, "b"', "zwei Zeilen", "你好", "", "x" * 200 + "…", *"abcde"]


def test_a_chosen_file_that_is_wrong_is_told_and_another_is_taken(page, table):
    page.goto(f"{table}?lang=zh")
    choose = page.locator("#file input")
    choose.set_input_files({"name": "new.csv", "mimeType": "text/csv", "buffer": b"size,colour\n1,red\n"})
    expect(page.locator("#file .told.wrong")).to_contain_text("new.csv")
    expect(page.locator("#file .done")).to_be_hidden()
    choose.set_input_files({"name": "new.csv", "mimeType": "text/csv", "buffer": b"size,colour,when\n1,red,2024-02-01\n"})
    expect(page.locator("#file .told")).to_have_text("已预测 1 行，前几行如下：")
    expect(page.locator("#file tbody td").first).to_have_text("yes")
