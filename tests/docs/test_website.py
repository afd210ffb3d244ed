"""The pages of `make docs`: every method has one, every link leads somewhere, nothing comes from elsewhere."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

from docs import website
from tenon.catalogue import METHODS, card_files

EXTERNAL = ("http", "https", "mailto")


class Read(HTMLParser):
    """Places and links of a page, what it loads, and its text."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.loads, self.text = set(), [], [], ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids |= {given["id"]} if given.get("id") else set()
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        self.loads += [given[name] for name in ("src", "href") if tag != "a" and given.get(name)]

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("website")
    website.write_sources(folder / "sources", folder / "site")
    assert website.build(folder / "sources", folder / "site") == 0
    return {
        path.relative_to(folder / "site").as_posix(): Read(path) for path in (folder / "site").rglob("*.html")
    }, folder / "site"


def test_every_method_has_a_page_with_its_settings_and_sources(site):
    pages, _ = site
    assert {f"methods/{method.name}.html" for method in METHODS} == {name for name in pages if name.startswith("methods/")}
    for method in METHODS:
        page = pages[f"methods/{method.name}.html"]
        assert {f"methods/{method.name}.html"} <= {*pages["methods.html"].links}
        for name, param in method.params.items():
            assert name in page.text
            assert all(str(choice) in page.text for choice in param.choices)
        for key in re.findall(r"^@\w+\{([^,]+),", card_files(method, ".bib"), re.MULTILINE):
            assert key in page.text


def test_settings_by_hand(site):
    text = " ".join(site[0]["methods/knn.html"].text.split())
    assert "k 15 1 to 100, by ratios weights distance uniform, distance scaling standard standard, minmax, unit" in text
    assert "--set knn.NAME=VALUE" in text
    assert "max_depth" not in text
    assert "n_estimators 50 200 500" in " ".join(site[0]["methods/boosting.html"].text.split())


def test_every_link_leads_to_a_page_and_a_place_on_it(site):
    pages, folder = site
    for name, page in pages.items():
        if name == "404.html":  # which a server shows at any address, so that its links begin at the root
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme in EXTERNAL:
                continue
            target = ((folder / name).parent / unquote(parts.path)).resolve() if parts.path else folder / name
            assert target.is_file(), f"{name}: {link}"
            if parts.fragment:
                assert unquote(parts.fragment) in pages[target.relative_to(folder.resolve()).as_posix()].ids, f"{name}: {link}"


def test_no_list_or_table_was_read_as_prose(site):
    """MkDocs' Markdown wants an empty line before a list and a table, others do not."""
    _, folder = site
    for path in folder.rglob("*.html"):
        for prose in re.findall(r"<p>(.*?)</p>", path.read_text(encoding="utf-8"), re.DOTALL):
            assert not re.search(r"^(- |\d+\. |\||#)|\]\(|\*\*|`", prose, re.MULTILINE), f"{path.name}: {prose}"


def test_nothing_comes_from_elsewhere(site):
    pages, folder = site
    loads = {(name, one) for name, page in pages.items() if name != "404.html" for one in page.loads}
    assert all(
        urlsplit(one).scheme == "" and ((folder / name).parent / unquote(urlsplit(one).path)).is_file() for name, one in loads
    )
    assert not [
        path for path in folder.rglob("*.css") if re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", path.read_text("utf-8"))
    ]


def test_a_link_that_leads_nowhere_is_an_error(tmp_path, capfd):
    website.write_sources(tmp_path / "sources", tmp_path / "site")
    page = tmp_path / "sources" / "pages" / "verdicts.md"
    page.write_text("# Verdicts\n\n[one](no-such-page.md) [other](design.md#no-such-heading)\n", encoding="utf-8")
    assert website.build(tmp_path / "sources", tmp_path / "site") != 0
    said = capfd.readouterr().err
    assert "no-such-page.md" in said
    assert "no-such-heading" in said


def test_links_of_a_document_by_hand():
    text = "[a](docs/design.md) [b](docs/design.md#words) [c](LICENSE) [d](https://x.org) [e](none.md) `x\\|y`"
    expected = "[a](design.md) [b](design.md#words) c (`LICENSE`) [d](https://x.org) [e](none.md) `x|y`"
    assert website.linked(text, "README.md") == expected
    assert website.linked("[a](../docs/design.md) ![b](forgetting.png)", "examples/README.md") == (
        "[a](../design.md) ![b](forgetting.png)"
    )
