"""The sentences with a remedy that the source can raise, read from its text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("bench", "datasets", "methods", "reports")
HELPERS = {"refuse", "LineError"}  # calls that end in a refusal, beside `raise`


@dataclass(frozen=True)
class Sentence:
    """One sentence: the file it stands in, and its text, in pieces around what is filled in."""

    file: str
    pieces: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sentence with {} for what is filled in."""
        return "{}".join(self.pieces)

    def is_said_by(self, said: str) -> bool:
        """Whether a refusal that was seen is this sentence."""
        return re.search(".*?".join(map(re.escape, self.pieces)), said, re.DOTALL) is not None


def sentences(root: Path) -> list[Sentence]:
    """Every sentence below `root` whose words after the last semicolon are written out, each once."""
    found: dict[Sentence, None] = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            for pieces in _raised(ast.parse(path.read_text(encoding="utf-8"))):
                if re.search("[a-z]{3}", "".join(pieces)) and ";" in "".join(pieces):
                    found[Sentence(path.relative_to(root).as_posix(), pieces)] = None
    return list(found)


def _raised(tree: ast.Module) -> Iterator[tuple[str, ...]]:
    """The texts that `raise` and the helpers are given, and those that functions they call return."""
    makers = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        call = node.exc if isinstance(node, ast.Raise) else node
        helps = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in HELPERS
        if not isinstance(call, ast.Call) or not (isinstance(node, ast.Raise) or helps):
            continue
        texts = [text for text in call.args if not isinstance(text, ast.Starred)]
        if isinstance(call.func, ast.Name) and call.func.id == "LineError" and len(texts) == 2:
            yield _joined(texts)
            continue
        for text in texts:
            yield from (_pieces(one) for one in _choices(text, makers))


def _choices(text: ast.expr, makers: dict[str, ast.FunctionDef]) -> list[ast.expr]:
    """The texts that an expression may be: both of an `if`, what a function of the module returns."""
    if isinstance(text, ast.IfExp):
        return [text.body, text.orelse]
    if isinstance(text, ast.Call) and isinstance(text.func, ast.Name) and text.func.id in makers:
        returned = [n.value for n in ast.walk(makers[text.func.id]) if isinstance(n, ast.Return)]
        return [value for value in returned if value is not None]
    return [text]


def _joined(texts: Sequence[ast.expr]) -> tuple[str, ...]:
    """The pieces of what was seen, and of the remedy behind a semicolon."""
    seen, remedy = map(_pieces, texts)
    return (*seen[:-1], f"{seen[-1]}; {remedy[0]}", *remedy[1:])


def _pieces(text: ast.expr) -> tuple[str, ...]:
    """A text around what is filled in: N + 1 pieces for N holes; two empty ones for no text at all."""
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        return (text.value,)
    if isinstance(text, ast.BinOp) and isinstance(text.op, ast.Add):
        left, right = _pieces(text.left), _pieces(text.right)
        return (*left[:-1], left[-1] + right[0], *right[1:])
    if not isinstance(text, ast.JoinedStr):
        return ("", "")
    pieces = [""]
    for part in text.values:
        if isinstance(part, ast.Constant):
            pieces[-1] += str(part.value)
        else:
            pieces.append("")
    return tuple(pieces)
