"""What `tenon serve` bears: 200 clients at once for a minute, on this machine, each asking again as soon as it is answered.

python benchmarks/serving.py [--clients 200] [--seconds 60] [--page]

The model is a logistic regression of the sample breast-cancer, 30 columns; a request has one row. Every answer is held against
what the model says of that row. A JSON line tells how many were answered, wrong, refused or lost, how long they took (the 50th,
95th and 99th percentile), and how far the memory of the server rose between the first second and the last; with --page
docs/benchmarks.md. Clients and server share the processor.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from pages import write_part

import tenon
from tenon.data.samples import write_sample

HOST = "127.0.0.1"


def run_in(folder: Path) -> Path:
    write_sample("breast-cancer", folder)
    data = folder / "breast-cancer.csv"
    return tenon.compare(data, "diagnosis", methods="logistic", budget="quick", splits="2x1", out=folder / "run").folder


async def ask(port: int, body: bytes) -> tuple[int, bytes]:
    """Ask once, over a connection of its own. Returns the status and the body of the answer."""
    reader, writer = await asyncio.open_connection(HOST, port)
    head = f"POST /predict HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
    answer = await reader.read(-1)
    writer.close()
    first, _, said = answer.partition(b"\r\n\r\n")
    return int(first.split()[1]), said


async def client(number: int, port: int, rows: list[dict[str, Any]], expected: list[str], end: float, found: list[Any]) -> None:
    """Ask for one row after the other until the end; found : (seconds, what came of it) of each."""
    place = number
    while time.monotonic() < end:
        place = (place + 1) % len(rows)
        start = time.monotonic()
        try:
            status, said = await ask(port, json.dumps({"rows": [rows[place]]}).encode())
            right = status == 200 and json.loads(said)["predictions"][0]["prediction"] == expected[place]
            came = "right" if right else "wrong" if status == 200 else str(status)
        except (OSError, ValueError, IndexError) as error:
            came = type(error).__name__
        found.append((time.monotonic() - start, came))


async def measured(port: int, server: psutil.Process, run: Path, n_clients: int, seconds: float) -> dict[str, Any]:
    model = tenon.load(run)
    data = tenon.read(run.parent / "breast-cancer.csv", "diagnosis")
    frame = data.frame[model.schema.features()]
    rows, expected = frame.to_dict("records"), model.predict(frame).value.tolist()
    found: list[Any] = []
    await client(0, port, rows, expected, time.monotonic() + 1, found)
    before = server.memory_info().rss
    found.clear()
    end = time.monotonic() + seconds
    await asyncio.gather(*(client(i, port, rows, expected, end, found) for i in range(n_clients)))
    took, came = [one for one, _ in found], [what for _, what in found]
    return {
        "clients": n_clients,
        "seconds": seconds,
        "asked": len(found),
        **{f"answer {what}": came.count(what) for what in sorted(set(came))},
        "milliseconds": {str(share): round(1000 * float(np.percentile(took, share)), 1) for share in (50, 95, 99)},
        "megabytes_more": round((server.memory_info().rss - before) / 2**20, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        run = run_in(Path(place))
        line = [sys.executable, "-m", "tenon", "serve", str(run), "--port", "0", "--waiting", "1000"]
        with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
            told = [process.stderr.readline() for _ in range(4)] if process.stderr else []
            port = int(told[1].rstrip("/\n").rsplit(":", 1)[1])
            try:
                said = asyncio.run(measured(port, psutil.Process(process.pid), run, asked.clients, asked.seconds))
            finally:
                process.terminate()
    print(json.dumps(said))
    if asked.page:
        page(said)


def page(said: dict[str, Any]) -> None:
    answers = ", ".join(f"{n:,} {what.removeprefix('answer ')}" for what, n in said.items() if what.startswith("answer "))
    took = said["milliseconds"]
    write_part("serving", [
        "## Serving", "",
        f"Written by `benchmarks/serving.py`: {said['clients']:,} clients at once for {said['seconds']:g} s, beside the server",
        "on one machine, each asking for a row of 30 columns as soon as it was answered.", "",
        "| requests | answers | median ms | 95 % ms | 99 % ms | memory, MB more |", "|---|---|---|---|---|---|",
        f"| {said['asked']:,} | {answers} | {took['50']:g} | {took['95']:g} | {took['99']:g} | {said['megabytes_more']:g} |",
    ])  # fmt: skip


if __name__ == "__main__":
    main()
