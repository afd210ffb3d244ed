"""What a thesis needs of a run: a paragraph on methods, a LaTeX table, and the BibTeX of both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tenon.data.wording import enumeration
from tenon.metrics.board import GATE_ABOVE
from tenon.report.asked import on_one_split
from tenon.report.bibliography import cite, keys_in, of_method, of_statistics, of_tenon, with_cites, with_names
from tenon.report.figures import digits, is_bare, plain
from tenon.report.leaderboard import scored_rows
from tenon.report.pairs import UNJUDGED
from tenon.report.words import final_sentence, metric_title

SEARCHES = {"random": "[@bergstra2012]", "optuna": "[@bergstra2011; @akiba2019]"}
LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {c: f"\\{c}" for c in "&%$#_{}"}
SYMBOLS = {"±": r"$\pm$", "×": r"$\times$", "−": r"$-$", "²": r"$^2$", "≤": r"$\leq$", "↓": r"$\downarrow$"}


@dataclass(frozen=True)
class Thesis:
    """Texts to copy."""

    paragraph: str  # as read: "(Cox, 1958)"
    latex: str  # the same with \\cite
    table: str
    bibtex: str


def thesis_of(board: dict[str, Any], run: dict[str, Any], schema: dict[str, Any], translate: Callable[[str], str]) -> Thesis:
    """Return the texts; sentences are translated before their sources are filled in."""
    text = _joined([translate(sentence) for sentence in sentences(board, run, schema)])
    entries = of_statistics() | of_tenon(run["asked"]["versions"].get("tenon", ""))
    for row in scored_rows(board):
        entries |= of_method(row["method"])
    bibtex = "\n\n".join(entries[key] for key in keys_in(text))
    return Thesis(with_names(text, entries), with_cites(_escaped(text)), latex_table(board, translate), bibtex)


def _joined(said: Sequence[str]) -> str:
    """Return the sentences in one paragraph; Chinese has no blank between them."""
    return "".join(sentence if sentence.endswith("。") else f"{sentence} " for sentence in said).strip()


def sentences(board: dict[str, Any], run: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """Return the paragraph on methods, sentence by sentence, with sources as [@key]."""
    asked = run["asked"]
    said = [
        *_of_methods(board, asked),
        *_of_splits(board, schema),
        *_of_inner(asked.get("inner", {})),
        *_of_verdicts(board, schema),
        *_of_choice(board),
        f"All figures were computed with Tenon {asked['versions'].get('tenon', '')} [@tenon] and scikit-learn "
        f"{asked['versions'].get('scikit-learn', '')} [@pedregosa2011].",
    ]
    return [sentence for sentence in said if sentence]


def _of_methods(board: dict[str, Any], asked: dict[str, Any]) -> list[str]:
    names = [f"{row['method']} {cite(of_method(row['method']))}".strip() for row in scored_rows(board)]
    title = metric_title(board["metric"])
    per = " [@zhu2017]" if title.startswith("GAUC") else ""
    return [f"To predict {asked['target']} ({board['task']}), these methods were compared by {title}{per}: {enumeration(names)}."]


def _of_splits(board: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    roles = {column["role"]: column["name"] for column in schema.get("columns", ())}
    folds, _, repeats = board["protocol"].partition("x")
    how = f"{folds}-fold cross-validation"
    if repeats not in ("", "1"):
        how += f", repeated {repeats} times"
    if "time" in roles:
        how = f"{folds} folds in the order of {roles['time']}, each predicted from the rows before it"
    rows = f"{schema['n_rows']:,} rows were" if "n_rows" in schema else "The rows were"
    said = [f"{rows} split by {how}; all methods saw the same splits.", on_one_split(board)]
    if "group" in roles:
        said.append(f"Rows of one {roles['group']} were kept on one side of every split.")
    if final := board.get("final"):
        said.append(
            f"{final['rows']:,} further rows were put aside before anything was fitted and scored once, by the chosen model."
        )
    return said


def _of_inner(inner: dict[str, Any]) -> list[str]:
    said = []
    if inner.get("tune"):
        source = SEARCHES.get(inner["search"], "")
        how = f"{inner['tune']} configurations, {inner['search']} search {source}".rstrip()
        said.append(f"Settings were searched inside the train rows of each split: {how}.")
    if inner.get("cost"):
        said.append("The threshold was chosen on held-out train rows so that mistakes cost least [@elkan2001].")
    return said


def _of_verdicts(board: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    if len(scored_rows(board)) < 2:
        return [_of_intervals(board)]
    if board.get("no_verdict"):
        return [UNJUDGED, _of_intervals(board)]
    gate = ", and the corrected resampled t-test [@nadeau2003] had to agree" if schema.get("n_rows", 0) > GATE_ABOVE else ""
    return [
        "Methods were told apart by a max-T test over all pairs with step-down removal [@westfall1993; @hansen2011], whose "
        f"variance holds that of rows and of training{gate}; the chance of any false difference is at most 5 %.",
        f"Differences below {plain(board.get('rope', 0.0))} were taken not to matter in practice, as the region of practical "
        "equivalence [@benavoli2017].",
        _of_intervals(board),
    ]


def _of_intervals(board: dict[str, Any]) -> str:
    from tenon.metrics.sequences import EVERY_METRIC

    name = board["metric"]
    metric = EVERY_METRIC.get(name)
    if metric and metric.is_zero_one:
        return "Intervals are 95 % intervals after Wilson [@wilson1927]."
    if metric and metric.is_share:
        variance = "; the variance of AUC is that of placement values [@delong1988]" if name == "auc" else ""
        return f"Intervals are 95 % intervals, symmetric on the logit scale{variance}."
    return "Intervals are 95 % intervals from a studentised bootstrap [@diciccio1996]."


def _of_choice(board: dict[str, Any]) -> list[str]:
    said = []
    if sum(bool(row["tied"]) for row in board["rows"]) > 1:
        said.append(
            "Of the methods that could not be told from the best, the cheapest that was probably as good was chosen: "
            f"{board['chosen']}."
        )
    elif board.get("chosen"):
        said.append(f"The best method was chosen: {board['chosen']}.")
    if board.get("nested"):
        said.append(
            "What it scores on new rows was estimated by nested cross-validation, the choice included [@varma2006; @cawley2010]."
        )
    elif board.get("optimism") is not None and len(scored_rows(board)) > 1:
        said.append("What choosing the best adds by luck [@cawley2010] was estimated by a parametric bootstrap.")
    return [*said, final_sentence(board)]


def latex_table(board: dict[str, Any], translate: Callable[[str], str]) -> str:
    """Return the leaderboard as a booktabs table; the tie group is marked by a dagger, the chosen method is bold."""
    title, scored = metric_title(board["metric"]), scored_rows(board)
    bare = is_bare(*(row[key] for row in scored for key in ("score", "low", "high")))
    lines = [_latex_row(row, board, bare) for row in scored]
    caption = translate(f"{title} with 95 % intervals; † not told apart from the best.")
    return "\n".join(
        [
            "% \\usepackage{booktabs}",
            "\\begin{table}",
            "  \\centering",
            f"  \\caption{{{_escaped(caption)}}}",
            "  \\begin{tabular}{lr@{\\,}l}",
            "    \\toprule",
            f"    {_escaped(translate('Method'))} & \\multicolumn{{2}}{{c}}{{{_escaped(translate(title))}}} \\\\",
            "    \\midrule",
            *lines,
            "    \\bottomrule",
            "  \\end{tabular}",
            "\\end{table}",
        ]
    )


def _latex_row(row: dict[str, Any], board: dict[str, Any], bare: bool) -> str:
    score, _, half = digits(row["score"], row["low"], row["high"], bare).partition(" ")
    name = _escaped(row["method"])
    name = f"\\textbf{{{name}}}" if row["method"] == board.get("chosen") else name
    dagger = "\\textsuperscript{†}" if row["tied"] else ""
    return f"    {name}{dagger} & {score} & {_escaped(half)} \\\\"


def _escaped(text: str) -> str:
    """Return text for LaTeX; the marks of sources stay."""
    return "".join(LATEX.get(character, SYMBOLS.get(character, character)) for character in text)
