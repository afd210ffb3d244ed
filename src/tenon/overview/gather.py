"""All that is known of the data in one call: look.json."""

from typing import Any

import numpy as np

from tenon.checks import Findings, findings_of
from tenon.checks.command import command
from tenon.checks.subject import Subject, some_rows
from tenon.data.dataset import Dataset
from tenon.overview.clusters import clusters, dense
from tenon.overview.columns import columns
from tenon.overview.density import density
from tenon.overview.gaps import gaps
from tenon.overview.images import images
from tenon.overview.plane import plane
from tenon.overview.profiles import profiles
from tenon.overview.space import dealt, matrix_of, space_of, why_not
from tenon.overview.target import Sides, agreement, sides
from tenon.overview.texts import texts
from tenon.overview.together import together
from tenon.overview.topics import topics
from tenon.tasks import Task

MANY, SOME, FEW = 5_000, 2_000, 1_000  # rows drawn at random: for pairs of columns, texts, images; topics; distances between rows
Content = dict[str, Any]


def look_at(data: Dataset, task: Task | None, seed: int) -> Content:
    """Return the content of look.json. Final rows that the user brought are left alone but for the checks.

    Counts are of every row; what needs more time is of MANY, SOME or FEW rows drawn at random by the seed. The same data and seed
    give the same content. Raises DataError for a number that is infinite, or an image that cannot be read.
    """
    rows = Subject(data, task).train
    many, few = some_rows(rows, MANY, seed), some_rows(rows, FEW, seed)
    findings = findings_of(data, task)
    return {
        "name": data.name,
        "rows": len(rows),
        "final_rows": len(data) - len(rows),
        "target": None if task is None else {"name": task.target, "task": task.kind},
        "seed": seed,
        "notes": list(data.notes),
        "findings": findings.to_json(),
        "next": next_line(data, findings),
        "columns": columns(rows),
        "n_columns": len(rows.schema.columns),
        "gaps": gaps(rows),
        "together": together(many),
        "texts": texts(many),
        "images": images(many, task),
        "topics": topics(some_rows(rows, SOME, seed), seed),
        "density": density(few, seed),
        **_groups(few, sides(few, task), seed),
    }


def next_line(data: Dataset, findings: Findings) -> str:
    """Return the comparison to type next, without the columns that leak, or with the place of a target."""
    if data.schema.with_role("target") is None:
        return command("compare", data, ["--target", "COLUMN"])
    leaks = [option for finding in findings.of("leak") for option in finding.options]
    return command("compare", data, dict.fromkeys(leaks))


def _groups(rows: Dataset, target: Sides | None, seed: int) -> Content:
    """Return map and clusters of the rows."""
    reason = why_not(rows)
    if reason:
        return {"map": {"reason": reason}, "clusters": {"reason": reason}}
    matrix, of = matrix_of(rows)
    space = space_of(matrix, seed)
    if space is None:
        alike = {"reason": "all rows are alike."}
        return {"map": alike, "clusters": alike}
    has_several = len({origin.column for origin in of}) > 1

    def deal(rng: np.random.Generator) -> np.ndarray:
        other = space_of(dealt(matrix, of, rng), seed, len(space.shares))
        assert other is not None  # the columns vary as before
        return other.points

    found, labels = clusters(space, deal if has_several else None, seed)
    seen = plane(space, of)
    if target is not None:
        seen["target"] = {
            "name": target.name, "labels": target.labels, "is_number": target.is_number, "codes": target.codes.tolist()
        }  # fmt: skip
    if "reason" not in found:
        places, by_density = dense(space.points)
        found |= {"profiles": profiles(matrix, of, labels), "dense": places}
        seen["groups"] = labels.tolist()
        if target is not None:
            found["agreement"] = {"kmeans": agreement(labels, target), "dense": agreement(by_density, target)}
    return {"map": seen, "clusters": found}
