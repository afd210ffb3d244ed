"""Every message that the library raises is read, word for word, by some test: a message nobody has read may be wrong."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TELLING = 4  # words in a row: fewer may stand in a test by chance
ERROR = re.compile(r"\w+(Error|Extra)")  # how every class of errors is called, ours and Python's


def parsed(folder: str) -> dict[str, ast.Module]:
    """What stands in each file of the folder, by its path."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in paths if path != Path(__file__)}


def texts(node: ast.AST) -> list[str]:
    """The literal parts of a text, those between its variables."""
    return [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def makers(module: ast.Module) -> set[str]:
    """The functions of a module that return an error made of what they are given."""
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef) and node.returns]
    return {function.name for function in functions if ERROR.fullmatch(ast.unparse(function.returns))}


def messages(module: ast.Module) -> Iterator[tuple[int, list[str]]]:
    """The line of each call that makes an error, and the parts of its message to be read: the long ones, or the longest."""
    known = makers(module)
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
        name = ast.unparse(call.func).split(".")[-1]
        parts = [text.strip(" .,:;()") for arg in [*call.args, *call.keywords] for text in texts(arg)]
        if any(parts) and (name in known or ERROR.fullmatch(name)):
            yield call.lineno, [part for part in parts if len(part.split()) >= TELLING] or [max(parts, key=len)]


def stands_in(part: str, tested: str) -> bool:
    """Tell whether the part, or TELLING words in a row of a long one, is in the tests."""
    words = part.split()
    n = min(TELLING, len(words))
    return any(" ".join(words[i : i + n]) in tested for i in range(len(words) - n + 1))


def test_a_test_reads_every_message():
    tested = "\n".join(re.sub(r"\\(.)", r"\1", text) for module in parsed("tests").values() for text in texts(module))
    said = [
        (f"{path}:{line}", part) for path, module in parsed("src").items() for line, parts in messages(module) for part in parts
    ]
    assert len(said) > 300
    unread = [f"{place} says “{part}”" for place, part in said if not stands_in(part, tested)]
    assert not unread, (
        "no test reads what these lines say; trigger each and check its sentence, in tests/bad_input/cases_*.py if a user of the "
        "command line can meet it, else in the tests of its room:\n" + "\n".join(unread)
    )
