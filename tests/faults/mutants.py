"""Mutants: a module with one thing in it made wrong, for all things worth making wrong.

Left alone are words for people (messages, hints, docstrings, log lines), types and annotations,
and what only says how something is printed: a story about these would be a copy of the source.
So is None in place of False, which says the same to whoever asks.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from types import CodeType
from typing import NamedTuple

_OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
_WORDS = {"message", "hint", "note", "reason", "error", "info", "warning", "debug", "exception"}


class Mutant(NamedTuple):
    """One change: the ``choice``-th that can be made to the ``number``-th node of a module."""

    path: Path
    line: int
    what: str
    lines: range
    """Those of the statement it is in; of one with a body, its head."""
    number: int
    choice: int

    @property
    def code(self) -> CodeType:
        """The whole module with it."""
        tree = ast.parse(self.path.read_text())
        target = next(islice(_in_code(tree, range(0)), self.number, None))[0]
        _, change = list(_changes(target))[self.choice]
        return compile(_replaced(tree, target, change(target)), str(self.path), "exec")

    def __str__(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}:{self.line} {self.what}"


Change = Callable[[ast.AST], ast.AST]


def mutants_of(path: Path) -> list[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    return [
        Mutant(path, getattr(node, "lineno", lines.start), what, lines, number, choice)
        for number, (node, lines) in enumerate(_in_code(ast.parse(path.read_text()), range(0)))
        for choice, (what, _) in enumerate(_changes(node))
    ]


def _in_code(node: ast.AST, lines: range) -> Iterator[tuple[ast.AST, range]]:
    """Nodes that do something, depth first, each with the lines of its statement."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "type_params", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_talk(child):
                inner = _lines(child) if isinstance(child, ast.stmt) else lines
                yield child, inner
                yield from _in_code(child, inner)


def _lines(statement: ast.stmt) -> range:
    match statement:
        case ast.Match(subject=head):
            last = head.end_lineno
        case ast.stmt(body=[first, *_]):  # type: ignore[misc]
            last = max(first.lineno - 1, statement.lineno)
        case _:
            last = statement.end_lineno
    return range(statement.lineno, (last or statement.lineno) + 1)


def _is_talk(node: ast.AST) -> bool:
    """Docstrings, type aliases, f-strings, messages of errors, log lines, assertions."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, (ast.JoinedStr, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.Assert)):
        return not (isinstance(node, ast.AnnAssign) and node.value and node.simple == 0)
    if isinstance(node, ast.keyword):
        return node.arg in _WORDS
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        owner = getattr(getattr(node.func, "value", None), "id", "")
        return owner == "log" or name.endswith("Error") or name in ("changed", "TypeVar", "NewType")
    return False


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:  # noqa: C901 - one case a kind
    """What can be made wrong with one node, and how."""
    match node:
        case ast.Compare(ops=[op, *_]) if type(op) in _OTHER:
            yield f"{type(op).__name__} -> {_OTHER[type(op)].__name__}", _other_comparison
        case ast.BoolOp(op=op) | ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _OTHER:
            yield f"{type(op).__name__} -> {_OTHER[type(op)].__name__}", _other_op
        case ast.UnaryOp(op=ast.Not()):
            yield "not dropped", lambda n: n.operand  # type: ignore[attr-defined]
        case ast.Constant(value=bool()):
            yield f"{node.value} -> {not node.value}", lambda n: ast.Constant(not n.value)  # type: ignore[attr-defined]
        case ast.Constant(value=int()):
            yield f"{node.value} + 1", lambda n: ast.Constant(n.value + 1)  # type: ignore[attr-defined]
        case ast.Constant(value=str()) if node.value:
            yield f"{node.value[:20]!r} changed", lambda n: ast.Constant(f"X{n.value}")  # type: ignore[attr-defined]
        case ast.Expr(value=ast.Call()):
            yield f"without {ast.unparse(node)[:40]}", _without
        case ast.Return(value=value) if value is not None and not _is_no(value):
            yield f"return None, not {ast.unparse(value)[:30]}", _none
        case ast.Continue():
            yield "continue -> break", lambda _: ast.Break()
        case ast.Break():
            yield "break -> continue", lambda _: ast.Continue()
        case ast.If():
            yield f"if True, not {ast.unparse(node.test)[:30]}", _always
            yield f"if False, not {ast.unparse(node.test)[:30]}", _never


def _is_no(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value in (None, False)


def _other_comparison(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Compare)
    node.ops[0] = _OTHER[type(node.ops[0])]()  # type: ignore[assignment]
    return node


def _other_op(node: ast.AST) -> ast.AST:
    assert isinstance(node, (ast.BoolOp, ast.BinOp, ast.AugAssign))
    node.op = _OTHER[type(node.op)]()  # type: ignore[assignment]
    return node


def _without(node: ast.AST) -> ast.AST:
    """Still named, so that a function keeps the cells of what it calls (``super``)."""
    assert isinstance(node, ast.Expr)
    return ast.If(ast.Constant(False), [node], [])


def _none(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Return)
    assert node.value
    node.value = ast.BoolOp(ast.And(), [ast.Constant(None), node.value])
    return node


def _always(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.If)
    node.test = ast.Constant(True)
    return node


def _never(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.If)
    node.test = ast.Constant(False)
    return node


def _replaced(tree: ast.Module, old: ast.AST, new: ast.AST) -> ast.Module:
    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is old else self.generic_visit(node)

    return ast.fix_missing_locations(Replace().visit(tree))
