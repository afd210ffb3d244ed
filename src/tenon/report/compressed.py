"""What became of a model that was made smaller, as lines: a table of size, time and score, and which one to take."""

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size

from tenon.report.figures import aligned, digits, is_bare, on_the_point, plain, probability, short
from tenon.report.text import GAP, wrapped
from tenon.report.words import metric_titles

Content = dict[str, Any]  # of compress.json
Model = dict[str, Any]  # one of its models


def compressed_lines(content: Content, best: str | None, width: int = 80) -> list[str]:
    """Return the table, which model to take, and why other ways are not for this one.

    best : name of the smallest model that is the same in practice.
    """
    said = [
        lead(content),
        conclusion(content, best),
        *_files(content),
        *(f"{name}: {reason}." for name, reason in content["others"].items()),
    ]
    first, *rest = ([*wrapped(one, width, GAP)] for one in said)
    return [*first, "", *_table(content), "", *(line for lines in rest for line in lines)]


def lead(content: Content) -> str:
    """Return which model it is, and what was measured on."""
    return (
        f"{content['method']} and what became of it, on the {content['rows']:,} final rows of {content['data']}; milliseconds of "
        "one prediction on this machine."
    )


def conclusion(content: Content, best: str | None) -> str:
    """Return how much smaller and faster the best is, or that none is the same in practice."""
    original, *smaller = content["models"]
    rope = plain(content["rope"])
    if best is None:
        if reason := smaller[0]["reason"]:
            return f"No verdict: {reason}."
        least = min(smaller, key=lambda one: one["p_worse"])
        return (
            f"None is the same in practice: {least['name']} comes nearest, and is worse by more than {rope} with a probability "
            f"of {probability(least['p_worse'])}, where .05 is the most."
        )
    one = next(one for one in smaller if one["name"] == best)
    return (
        f"The smallest that is the same in practice: {best}, {beside(original['bytes'], one['bytes'])}, "
        f"{_faster(original['one_row']['p50'], one['one_row']['p50'])} on one row; worse by more than {rope} with a "
        f"probability of {probability(one['p_worse'])}."
    )


def _files(content: Content) -> list[str]:
    """Return how a file for other programs compares with the original."""
    of = "in probabilities" if content["labels"] else "in standard deviations of what the original says"
    what, use = "model.onnx, columns and all,", ""
    if "image" in content["kinds"]:
        what = "model.onnx, which takes pictures of the size that the model has learnt from,"
    if "text" in content["kinds"]:
        what = "model.onnx with tokenizer.json, which cuts texts for it,"
        use = (
            ' For other programs: tokenizers.Tokenizer.from_file("tokenizer.json").encode_batch(texts) gives ids, attention_mask '
            "and type_ids, which go in as input_ids, attention_mask and token_type_ids."
        )
    return [
        f"onnx: {what} says what the original says, to {one['largest']:.1e} {of}.{use}"
        for one in content["models"]
        if one["name"] == "onnx"
    ]


def size(n_bytes: int) -> str:
    """Return "23 MB" or "340 kB", to three digits."""
    unit, name = (1e9, "GB") if n_bytes >= 999.5e6 else (1e6, "MB") if n_bytes >= 999.5e3 else (1e3, "kB")
    return f"{n_bytes / unit:.3g} {name}"


def _table(content: Content) -> list[str]:
    models = content["models"]
    bare = is_bare(*(one[key] for one in models for key in ("score", "low", "high")))
    scores = aligned([digits(one["score"], one["low"], one["high"], bare) for one in models])
    times = [
        [short(1000 * one[of][p]) for one in models] for of in ("one_row", "of_batch") for p in ("p50", "p95")
    ]  # fmt: skip
    columns = [
        _column("", [one["name"] for one in models]),
        _column("size", [size(one["bytes"]) for one in models], is_right=True),
        *(_column(heading, on_the_point(cells), is_right=True) for heading, cells in zip(("p50", "p95") * 2, times, strict=True)),
        _column(metric_titles(content)[-1], [f"{score} {half}" for score, half in scores]),
        _column("P(worse)", ["", *(probability(one["p_worse"]) for one in models[1:])], is_right=True),
        _column("", ["", *(one["verdict"] for one in models[1:])]),
    ]
    above = [" " * len(columns[0][0]), " " * len(columns[1][0])]
    for title, (p50, p95) in (("one row", columns[2:4]), (f"{content['batch']} rows", columns[4:6])):
        above.append(title.rjust(len(p50[0]) + len(GAP) + len(p95[0])))
    return [(GAP + GAP.join(cells)).rstrip() for cells in [above, *zip(*columns, strict=True)]]


def _column(heading: str, cells: Sequence[str], is_right: bool = False) -> list[str]:
    """Return the cells under their heading, of one width."""
    width = max(map(cell_len, (heading, *cells)))
    return [one.rjust(width) if is_right else set_cell_size(one, width) for one in (heading, *cells)]


def beside(before: float, after: float) -> str:
    """Return how large what had one size is with another."""
    ratio = before / after
    if _is_about_one(ratio):
        return "about as large"
    return f"{ratio:.2g} times smaller" if ratio > 1 else f"{1 / ratio:.2g} times as large"


def _is_about_one(ratio: float) -> bool:
    """Whether it is 1 to what sizes and times are told to."""
    return 0.95 < ratio < 1.05


def _faster(before: float, after: float) -> str:
    ratio = before / after
    return "about as fast" if _is_about_one(ratio) else f"{ratio:.2g} times as fast"
