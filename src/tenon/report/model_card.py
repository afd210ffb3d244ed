"""The card of a run's model (Mitchell et al. 2019, "Model Cards for Model Reporting"), as Markdown, from the run folder alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenon.files import CHECKSUMS
from tenon.report import asked, pairs
from tenon.report.figures import digits
from tenon.report.kept import Kept, read_kept
from tenon.report.language import CUT, language, without_cells
from tenon.report.leaderboard import scored_rows
from tenon.report.slices import slices_sentence
from tenon.report.words import counted, final_sentence, metric_title, metric_titles, optimism_sentence

MOST_COLUMNS = 50  # that are listed
SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>|#"})
Lines = list[str]


@dataclass(frozen=True)
class Card:
    """What is written, block by block; every sentence is translated, names and figures are not."""

    kept: Kept

    @property
    def chosen(self) -> str:
        return str(self.kept.board["chosen"])

    def lines(self, folder: Path) -> Lines:
        """Return the card; folder : of the run, whose model's checksums stand on it."""
        to, said = self.kept.language, self.kept.run["asked"]
        title = to(f"{self.chosen} predicts {said['target']}")
        blocks = [
            ("What it is", self._what()),
            ("What it was made from", self._data()),
            ("How it was judged", self._judged()),
            ("What it scores", self._scores()),
            ("Where it is weak", self._weak()),
            ("What to be careful about", self._careful()),
            ("Its files", self._files(folder)),
            ("To make it again", ["```", asked.command_line(self.kept.run, self.kept.schema, self.kept.has_cells), "```"]),
        ]
        shown = [line for name, block in blocks if block for line in (f"## {to(name)}", *block, "")]
        return [f"# {_plain(title)}", "", *shown]

    def _what(self) -> Lines:
        board, schema = self.kept.board, self.kept.schema
        columns = [one for one in schema.get("columns", ()) if one["role"] == "feature" and one["kind"] != "ignore"]
        labels = self.kept.task.get("labels", [])
        facts = [
            ("method", f"`{self.chosen}`"),
            ("predicted", self._said(f"{self.kept.run['asked']['target']} ({board['task']})")),
            ("labels", ", ".join(_plain(str(label)) for label in labels)),
            ("reads", self._columns(columns)),
        ]
        meant = (
            "Meant for rows like those it was made from: the same columns, gathered in the same way. On others its scores say "
            "nothing."
        )
        return [*self._list(facts), "", self._said(meant)]

    def _columns(self, columns: Sequence[dict[str, Any]]) -> str:
        """Return the names of the columns, kind by kind, of as many as are listed."""
        to, by_kind = self.kept.language, dict[str, list[str]]()
        for one in columns[:MOST_COLUMNS]:
            by_kind.setdefault(one["kind"], []).append(_plain(one["name"]))
        shown = [f"{', '.join(names)} ({to(kind)})" for kind, names in by_kind.items()]
        more = [to(counted(len(columns) - MOST_COLUMNS, "more column"))] if len(columns) > MOST_COLUMNS else []
        return "; ".join([*shown, *more])

    def _data(self) -> Lines:
        facts = asked.facts(self.kept.board, self.kept.run, self.kept.schema)
        to = self.kept.language
        return self._list([(name, _plain(to(value))) for name, value in facts if name not in ("predicted", "columns used")])

    def _judged(self) -> Lines:
        board = self.kept.board
        said = [asked.done_sentence(board, self.kept.schema), asked.on_one_split(board)]
        if self.kept.verdicts:
            said.append(pairs.pairs_sentence(board, self.kept.verdicts))
        return [self._said(sentence) for sentence in said if sentence]

    def _scores(self) -> Lines:
        """Return what is said of the final rows, and a table of all metrics of the chosen method."""
        board, to = self.kept.board, self.kept.language
        rows = {row["method"]: row for row in scored_rows(board)}
        metrics = {name: of[self.chosen] for name, of in self.kept.scores.get("metrics", {}).items() if self.chosen in of}
        own = rows.get(self.chosen)
        metrics = metrics or ({board["metric"]: own} if own else {})
        lines = [self._said(final_sentence(board)), self._said(optimism_sentence(board)), ""]
        table = [f"| {to('Metric')} | {to('Score')} |", "|---|---|"]
        for name, one in sorted(metrics.items(), key=lambda pair: pair[0] != board["metric"]):
            table.append(
                f"| {_plain(to(metric_titles({'metric': name})[0]))} | {digits(one['score'], one['low'], one['high'])} |"
            )
        said = f"{metric_title(board['metric'])} decided. Scores are of rows held out of the folds, ± half a 95 % interval."
        return [*(line for line in lines if line), "", *table, "", self._said(said)]

    def _weak(self) -> Lines:
        section = self.kept.section("slices")
        return [self._said(slices_sentence(section))] if section else []

    def _careful(self) -> Lines:
        found = [one["sentence"] for one in self.kept.checks] + list(self.kept.board["notes"])
        shown = [text if self.kept.has_cells else without_cells(text) or CUT for text in found]
        return [f"- {self._said(text)}" for text in shown] or [self._said("Nothing was noticed in the data or during the run.")]

    def _files(self, folder: Path) -> Lines:
        sums = folder / "model" / CHECKSUMS
        return ["```", *sums.read_text(encoding="utf-8").splitlines(), "```"] if sums.is_file() else []

    def _list(self, facts: Sequence[tuple[str, str]]) -> Lines:
        return [f"- {self.kept.language(name)}: {value}" for name, value in facts if value]

    def _said(self, sentence: str) -> str:
        return _plain(self.kept.language(sentence)) if sentence else ""


def card_text(run_folder: Path, lang: str = "en", no_rows: bool = False) -> str:
    """Return the card as Markdown. no_rows : without any cell of the data.

    Raises RunFolderError for no finished run, SettingsError for a language that there is not.
    """
    return "\n".join(Card(read_kept(run_folder, not no_rows, language(lang))).lines(run_folder)).rstrip() + "\n"


def _plain(text: str) -> str:
    """Return a text whose signs mean nothing in Markdown, in one line."""
    return " ".join(text.split()).translate(SPECIAL)
