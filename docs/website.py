"""Make the pages of build/docs: the documents of the repository, and a page for each method of the catalogue, from its card.

python -m docs.website     needs the extra `docs`; no network, neither to make the pages nor to read them
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import ModuleType

from tenon import image, long, tabular, text, trees
from tenon.catalogue import card, card_files
from tenon.cli.listing import KINDS, card_lines, predicts, takes
from tenon.method import BUDGETS, NONE, Method, Param
from tenon.tasks import PRIMARY

ROOT = Path(__file__).parents[1]
SITE = ROOT / "build" / "docs"
DOCUMENTS = {  # a file of the repository -> its page, and what the page is called at the side
    "README.md": ("index.md", "Five minutes"),
    "docs/verdicts.md": ("verdicts.md", "Verdicts explained"),
    "docs/benchmarks.md": ("benchmarks.md", "Benchmarks"),
    "examples/README.md": ("examples/index.md", "Examples"),
    "docs/design.md": ("design.md", "Design"),
    "docs/mission.md": ("mission.md", "What it is to do"),
    "CONTRIBUTING.md": ("contributing.md", "Contributing"),
    "README.zh-CN.md": ("zh.md", "中文"),
}
FAMILIES: dict[str, ModuleType] = {
    "One matrix": tabular, "Trees": trees, "Images": image, "Texts and sequences": text, "Long documents": long,
}  # fmt: skip
CHOICE, WHEN = "methods.md", "When to use: "
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")  # to a file of the repository
CODE = re.compile(r"`[^`\n]+`")
FORMULAS = re.compile(r";  +")  # between two that share a line
LABEL = re.compile(r"^([A-Z][\w ]{2,20}:) ")  # how a paragraph of a card says what it is about
STYLE = """.wy-nav-content { max-width: 72rem; }
.rst-content table.docutils td, .rst-content table.docutils th { white-space: normal; vertical-align: top; padding: .4rem .6rem; }
.rst-content code { color: inherit; }
.rst-content p code, .rst-content li code { white-space: nowrap; }
.rst-content pre code { white-space: pre; font-size: 80%; line-height: 1.35; }
.rst-content img { max-width: 44rem; width: 100%; }
"""


def write_sources(folder: Path, site: Path) -> None:
    """Write what MkDocs reads into the folder, which is made anew: its settings, and under pages/ the pages."""
    shutil.rmtree(folder, ignore_errors=True)
    pages = dict(_pages())
    for name, body in pages.items():
        path = folder / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, encoding="utf-8")
    for picture in (ROOT / "examples").glob("*.png"):
        shutil.copy(picture, folder / "pages" / "examples")
    (folder / "mkdocs.yml").write_text(json.dumps(_settings(site)), encoding="utf-8")  # JSON is YAML, too


def build(folder: Path, site: Path) -> int:
    """Make the site of the folder's pages; return the exit status, which is not 0 where a link leads nowhere."""
    line = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    return subprocess.run([*line, "--config-file", str(folder / "mkdocs.yml")], check=False).returncode


def _pages() -> Iterator[tuple[str, str]]:
    for source, (name, _) in DOCUMENTS.items():
        yield name, linked((ROOT / source).read_text(encoding="utf-8"), source)
    yield CHOICE, which_when()
    for family in FAMILIES.values():
        for method in family.METHODS:
            yield page_of(method), method_page(method)
    yield "style.css", STYLE


def _settings(site: Path) -> dict:
    titled = {name: {title: name} for name, title in DOCUMENTS.values()}
    methods = [{title: [{m.name: page_of(m)} for m in family.METHODS]} for title, family in FAMILIES.items()]
    nav = [titled.pop("index.md"), {"Which method when": CHOICE}, *titled.values(), *methods]
    return {
        "site_name": "Tenon",
        "docs_dir": "pages",
        "site_dir": str(site),
        "nav": nav,
        "use_directory_urls": False,  # so that the pages can be read without a server
        "theme": {"name": "readthedocs", "highlightjs": False, "navigation_depth": 2, "prev_next_buttons_location": "none"},
        "extra_css": ["style.css"],
        "plugins": [],
        "validation": {
            "links": {"anchors": "warn", "not_found": "warn", "unrecognized_links": "warn", "absolute_links": "warn"},
            "nav": {"omitted_files": "warn", "not_found": "warn"},
        },
    }


def linked(page: str, source: str) -> str:
    """Return a document of the repository as a page of the site: links lead to pages, files without a page are named alone."""

    def place(match: re.Match[str]) -> str:
        words, target, heading = match[1], match[2], match[3] or ""
        found = (ROOT / source).parent.joinpath(target).resolve()
        known = found.relative_to(ROOT).as_posix() if found.is_relative_to(ROOT) else ""
        if known in DOCUMENTS:
            return f"[{words}]({_way(DOCUMENTS[source][0], DOCUMENTS[known][0])}{heading})"
        return match[0] if found.suffix == ".png" or not found.is_file() else f"{words} (`{known}`)"

    page = CODE.sub(lambda match: match[0].replace(r"\|", "|"), page)  # a stroke in code divides no cells here
    return LINK.sub(place, page)


def _way(page: str, other: str) -> str:
    """Return the path from one page to another."""
    return "../" * (len(PurePosixPath(page).parts) - 1) + other


def page_of(method: Method) -> str:
    """Return the path of a method's page."""
    return f"methods/{method.name}.md"


def which_when() -> str:
    """Return the page on which method is for what: a table for each family, cheapest first."""
    lines = [
        "# Which method when",
        "",
        "`tenon compare` runs all that fit and says which differences are real, so that nobody has to choose beforehand. "
        "What each is for, cheapest first; dear ones run on one split, the others on every fold.",
    ]
    for title, family in FAMILIES.items():
        lines += ["", f"## {title}", "", "| method | when to use | reads | predicts | cost |", "|---|---|---|---|---|"]
        for method in sorted(family.METHODS, key=lambda method: method.cost_rank):
            cells = (f"[{method.name}]({page_of(method)})", when_to_use(method), _reads(method), ", ".join(predicts(method)))
            lines.append(f"| {' | '.join(cells)} | {method.cost} |")
    return "\n".join(lines) + "\n"


def paragraphs(method: Method) -> list[str]:
    """Return the card's lines, each paragraph in one, each formula in one of its own, indented."""
    lines = card_lines(card(method), sys.maxsize)
    return [FORMULAS.sub(";\n    ", line).replace("`", "") if line.startswith("    ") else line for line in lines]


def when_to_use(method: Method) -> str:
    """Return what the card says about when to use it, as a cell of a table."""
    [found] = [line.removeprefix(WHEN) for line in paragraphs(method) if line.startswith(WHEN)]
    return f"{found[:1].upper()}{found[1:]}".replace("|", r"\|")


def _reads(method: Method) -> str:
    kinds = [kind for kind in KINDS if any(takes(method, task, kind) for task in PRIMARY)]
    return "any column" if kinds == list(KINDS) else ", ".join(kinds)


def method_page(method: Method) -> str:
    """Return the page of a method: its card, its settings, what a budget means, and its sources."""
    needs = f"the extra `{method.needs}`" if method.needs else "nothing more"
    lines = [
        *(LABEL.sub(r"\n**\1** ", line) for line in paragraphs(method)),
        "",
        "## On the board",
        "",
        "| predicts | reads | cost | needs |",
        "|---|---|---|---|",
        f"| {', '.join(predicts(method))} | {_reads(method)} | {method.cost} | {needs} |",
        "",
        f"    tenon compare DATA --target COLUMN --methods {method.name}",
        "",
        *_settings_of(method),
    ]
    if method.work:
        lines += ["## Budget", "", f"| `--budget` | {' | '.join(BUDGETS)} |", "|---|---|---|---|"]
        lines += [f"| `{name}` | {' | '.join(map(str, amounts))} |" for name, amounts in method.work.items()] + [""]
    if sources := card_files(method, ".bib"):
        lines += ["## Sources", "", "```", sources.rstrip(), "```"]
    return "\n".join(lines) + "\n"


def _settings_of(method: Method) -> list[str]:
    if not method.params:
        return []
    head = [
        "## Settings",
        "",
        f"`--set {method.name}.NAME=VALUE`, or `--also` for a row of its own. `--tune` searches the range.",
        "",
        "| name | default | range |",
        "|---|---|---|",
    ]
    return [*head, *(f"| `{name}` | {_default(param)} | {_range(param)} |" for name, param in method.params.items()), ""]


def _default(param: Param) -> str:
    if param.is_required:
        return "none; has to be given"
    return "by the data and the task" if param.default in (None, "") else f"`{param.default}`"


def _range(param: Param) -> str:
    if param.objective:
        return f"a path, `prepared` or `{NONE}`"
    if param.choices:
        return ", ".join(f"`{choice}`" for choice in param.choices)
    if param.low is None:
        return "not searched"
    return f"{param.low:,g} to {param.high:,g}{', by ratios' if param.log else ''}"


def main() -> None:
    sources = SITE.with_name("docs-source")
    write_sources(sources, SITE)
    sys.exit(build(sources, SITE))


if __name__ == "__main__":
    main()
