"""Reads a page: checks that its tags are balanced, and gathers its text, tags and attributes."""

from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input"}


def without_wraps(html: str) -> str:
    """Return the page without the tags that do nothing but keep a name on one line."""
    return html.replace("<bdi>", "").replace("</bdi>", "")


class Page(HTMLParser):
    """A parsed page; `words` are its texts in order, those of the style apart."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(without_wraps(html))
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())
