"""Run the README's tour and put what the terminal shows into it, in both languages.  python benchmarks/readme.py"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")  # the second shows what the first does
BLOCK = re.compile(r"(<!-- shown by: (?P<line>.+?) -->\n```\n).*?(```)", re.DOTALL)


def shown(line: str, folder: Path) -> str:
    """Return what the command prints as its result at 80 columns (or else as its message), after its own line."""
    python = Path(sys.executable).parent
    environment = os.environ | {"COLUMNS": "80", "NO_COLOR": "1", "PATH": f"{python}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return f"$ {line}\n{(done.stdout or done.stderr).rstrip()}\n"


def main() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in READMES}
    with tempfile.TemporaryDirectory() as folder:
        lines = [block["line"] for block in BLOCK.finditer(texts[READMES[0]])]
        said = {line: shown(line, Path(folder)) for line in lines}
    for path, text in texts.items():
        path.write_text(BLOCK.sub(lambda block: block[1] + said[block["line"]] + block[3], text), encoding="utf-8")


if __name__ == "__main__":
    main()
