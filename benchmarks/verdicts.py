"""How often does the board test err, and what does it find?  python benchmarks/verdicts.py [--full] [--only DESIGN]

Thousands of boards whose methods are equal in truth, or differ by a known amount, are judged by the library; shares of
false differences, power, coverage of the intervals, the optimism of choosing and the posterior are compared with the
truth. Every fourth board takes less than 20 minutes on two cores and is printed. With --full all boards, whose bounds are
narrower: rows go to benchmarks/results/verdicts.jsonl, design by design, and as tables into docs/verdicts.md.
The same figures on every run.
"""

import os

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"  # before NumPy is loaded: two processes work, each on one core

import argparse  # noqa: E402
import json  # noqa: E402
import time  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from dataclasses import replace  # noqa: E402
from functools import partial  # noqa: E402
from multiprocessing import Pool  # noqa: E402
from pathlib import Path  # noqa: E402

from calibration.boards import outcomes_of  # noqa: E402
from calibration.cell import Cell, Outcome  # noqa: E402
from calibration.cells import CELLS  # noqa: E402
from calibration.summary import rows_of  # noqa: E402
from calibration.tables import markdown, write_into  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "verdicts.jsonl"
PAGE = Path(__file__).parents[1] / "docs" / "verdicts.md"
PARTS = {"quick": 50, "normal": 4, "full": 1}  # one board in so many
FEWEST = 4


def main() -> None:
    """Run the cells that are asked for."""
    options = _options()
    wanted = [cell for cell in CELLS if options.only.lower() in cell.name.lower()]
    if not wanted:
        raise SystemExit(f"no design contains {options.only!r}; known: {', '.join(sorted({cell.design for cell in CELLS}))}")
    if options.resume:
        wanted = [cell for cell in wanted if cell.boards not in _boards_done(cell)]
    if not options.table:
        of = PARTS[options.size]
        rows = _run([replace(cell, boards=max(FEWEST, cell.boards // of)) for cell in wanted], RESULTS if of == 1 else None)
    if options.table or options.size == "full":
        write_into(PAGE, markdown(read_rows(RESULTS)))
    else:
        print(markdown(rows))


def read_rows(path: Path) -> list[dict]:
    """The rows of a results file in the order of the cells."""
    place = {(cell.design, cell.n): i for i, cell in enumerate(CELLS)}
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [row for row in map(json.loads, lines) if (row["design"], row["n"]) in place]
    return sorted(rows, key=lambda row: place[row["design"], row["n"]])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", dest="size", action="store_const", const="quick", help="about a minute: a few boards")
    size.add_argument("--full", dest="size", action="store_const", const="full", help="about an hour: all boards, kept")
    parser.set_defaults(size="normal")
    parser.add_argument("--only", default="", metavar="DESIGN", help="only designs whose name contains this")
    parser.add_argument("--resume", action="store_true", help="with --full: only designs without results of as many boards")
    parser.add_argument("--table", action="store_true", help="run nothing, write the tables of the rows that are there")
    return parser.parse_args()


def _run(cells: list[Cell], results: Path | None) -> list[dict]:
    """Run the cells one after another; where there is a results file, a cell's rows replace its earlier ones."""
    rows: list[dict] = []
    with Pool(2) as pool:
        for cell in cells:
            start = time.perf_counter()
            found = rows_of(cell, _boards(pool, cell))
            print(f"{cell.name}: {cell.boards} boards, {time.perf_counter() - start:.0f} s, {_worst(found)}", flush=True)
            rows += found
            if results:
                kept = [row for row in read_rows(results) if (row["design"], row["n"]) != (cell.design, cell.n)]
                results.write_text("".join(json.dumps(row) + "\n" for row in kept + found), encoding="utf-8")
    return rows


def _boards_done(cell: Cell) -> set[int]:
    return {row["boards"] for row in read_rows(RESULTS) if (row["design"], row["n"]) == (cell.design, cell.n)}


def _boards(pool, cell: Cell) -> Iterator[Outcome]:
    for outcomes in pool.imap(partial(outcomes_of, cell), range(cell.boards), chunksize=4):
        yield from outcomes


def _worst(rows: list[dict]) -> str:
    row = max(rows, key=lambda row: row["upper"])
    return f"most errors {row['error']:.3f}, upper bound {row['upper']:.3f} ({row['metric']}, m={row['m']}, {row['splits']})"


if __name__ == "__main__":
    main()
