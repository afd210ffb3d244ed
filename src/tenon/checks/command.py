"""The line that looks at the same data again, or compares methods on it, as one would type it."""

import shlex
from collections.abc import Iterable

from tenon.checks.finding import Finding
from tenon.data.dataset import GIVEN, Dataset
from tenon.data.questions import ANSWER, PASSAGE


def command(verb: str, data: Dataset, options: Iterable[str] = ()) -> str:
    """Return "tenon compare hour.csv --target cnt --kind casual=ignore"; options : to be added, ready for a shell."""
    words = ["tenon", verb, data.source or data.name]
    for column in data.schema.columns:
        if data.task == "language":  # whose target is how long the texts are, the only other column
            words += ["--target", column.name] if column.role == "feature" else []
            continue
        if column.role == "group" and column.name == PASSAGE:
            continue  # the groups that questions make by themselves
        if data.schema.is_of_questions and not data.task and column.name in ("id", ANSWER):
            continue  # what questions are known by
        if column.role in ("target", "group", "time"):
            words += [f"--{column.role}", column.name]
        elif column.role in ("weight", "id"):
            words += ["--kind", f"{column.name}={column.role}"]
        elif column.reason == GIVEN:
            words += ["--kind", f"{column.name}={column.kind}"]
    if data.final_source:
        words += ["--final", data.final_source]
    words += ["--task", data.task] * bool(data.task) + ["--no-quoting"] * (not data.quoting)
    return " ".join([shlex.join(words), *options])


def next_line(data: Dataset, findings: Iterable[Finding]) -> str:
    """Return what to type next: the comparison, without the columns that leak; or the check again, with a target."""
    if data.schema.with_role("target") is None:
        return command("check", data, ["--target", "COLUMN"])
    leaks = [option for finding in findings if finding.severity == "leak" for option in finding.options]
    return command("compare", data, dict.fromkeys(leaks))
