"""How often does the board test err, and what does it find?  python benchmarks/verdicts.py [--quick] [--only DESIGN] [--resume]

Thousands of boards whose methods are equal in truth, or differ by a known amount, are judged by the library; shares of
false differences, power, coverage of the intervals, the optimism of choosing and the posterior are compared with the
truth. Rows go to benchmarks/results/verdicts.jsonl, cell by cell, and as tables into docs/verdicts.md.
In full some 20 minutes on two cores; the same figures on every run.
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

from calibration.boards import Cell, Outcome, outcomes_of  # noqa: E402
from calibration.cells import CELLS  # noqa: E402
from calibration.summary import rows_of  # noqa: E402
from calibration.tables import markdown, write_into  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "verdicts.jsonl"
PAGE = Path(__file__).parents[1] / "docs" / "verdicts.md"
QUICKER, FEWEST = 50, 4  # --quick: this many times fewer boards, but not fewer than that


def main() -> None:
    """Run the cells that are asked for."""
    options = _options()
    wanted = [cell for cell in CELLS if options.only.lower() in cell.name.lower()]
    if not wanted:
        raise SystemExit(f"no design contains {options.only!r}; known: {', '.join(sorted({cell.design for cell in CELLS}))}")
    if options.resume:
        wanted = [cell for cell in wanted if cell.boards not in _boards_done(cell)]
    if options.quick:
        wanted = [replace(cell, boards=max(FEWEST, cell.boards // QUICKER)) for cell in wanted]
    if not options.table:
        rows = _run(wanted, None if options.quick else RESULTS)
    if options.quick:
        print(markdown(rows))
    else:
        write_into(PAGE, markdown(read_rows(RESULTS)))


def read_rows(path: Path) -> list[dict]:
    """The rows of a results file in the order of the cells."""
    place = {(cell.design, cell.n): i for i, cell in enumerate(CELLS)}
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [row for row in map(json.loads, lines) if (row["design"], row["n"]) in place]
    return sorted(rows, key=lambda row: place[row["design"], row["n"]])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="about a minute: few boards, printed and not kept")
    parser.add_argument("--only", default="", metavar="DESIGN", help="only designs whose name contains this")
    parser.add_argument(
        "--resume", action="store_true", help="only designs that have no results yet, or of other numbers of boards"
    )
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
