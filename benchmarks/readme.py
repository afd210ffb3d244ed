"""Run the README's tour and put what the terminal shows into the README.  python benchmarks/readme.py"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"(<!-- shown by: (?P<line>.+?) -->\n```\n).*?(```)", re.DOTALL)


def shown(line: str, folder: Path) -> str:
    """Return what the command prints as its result at 80 columns (or else as its message), after its own line."""
    python = Path(sys.executable).parent
    environment = os.environ | {"COLUMNS": "80", "NO_COLOR": "1", "PATH": f"{python}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return f"$ {line}\n{(done.stdout or done.stderr).rstrip()}\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = README.read_text(encoding="utf-8")
        text = BLOCK.sub(lambda block: block[1] + shown(block["line"], Path(folder)) + block[3], text)
        README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
