"""The page in a real browser: a row is typed or an image dropped, and its prediction and what drove it are seen."""

import base64
import shutil
import threading
from contextlib import contextmanager

import pytest

pytest.importorskip("fastapi", reason="needs tenon[serve]")
import uvicorn  # noqa: E402
from playwright.sync_api import expect, sync_playwright  # noqa: E402
from tests.serve.models import KINDS, TABLE, of_pictures, of_sentences, picture, served  # noqa: E402

from tenon.serve import application  # noqa: E402
from tenon.serve.listen import bound  # noqa: E402

pytestmark = pytest.mark.slow
DROP = """(place, encoded) => {
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0)), carried = new DataTransfer();
  carried.items.add(new File([bytes], "light.png", {type: "image/png"}));
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
    assert complaints == []


@pytest.fixture(scope="module")
def table():
    with listening(served(TABLE, KINDS, "logistic")) as address:
        yield address


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
        page.locator(".drop").evaluate(DROP, base64.b64encode(picture(250)).decode())
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
