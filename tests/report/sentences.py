"""Finds the pieces of English that a module composes sentences of."""

import ast
from collections.abc import Iterator
from pathlib import Path


def pieces_in(path: Path, only_notes: bool = False) -> set[str]:
    """Return every piece of text with at least two words: what stands between the variables of a sentence.

    Docstrings, hints of types and errors do not count. only_notes : nothing but what is put among notes counts.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [text for note in _notes(tree) for text in _texts(note)] if only_notes else _texts(tree)
    return {piece for text in texts if " " in (piece := text.strip(" .,:;()")) and any(c.islower() for c in piece)}


def _notes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield notes.append(…), notes += … and note = …"""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
            is_note = "notes" in ast.unparse(node.func.value)
        else:
            targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets if isinstance(node, ast.Assign) else []
            is_note = any("note" in ast.unparse(target) for target in targets)
        if is_note:
            yield node


def _texts(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Raise | ast.Assert | ast.arg) or _is_docstring(child) or _is_error(child):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        elif isinstance(child, ast.FunctionDef):
            yield from _texts(ast.Module([*child.body], []))  # without the hints of its types
        elif isinstance(child, ast.AnnAssign):
            yield from _texts(ast.Tuple([child.value] if child.value else []))
        else:
            yield from _texts(child)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_error(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error")
