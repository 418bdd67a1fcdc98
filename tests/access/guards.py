"""Finds every guard in the clinic's code, and takes one away for a while.

A guard is: a call that asks the policy; a filter by organisation; an `if` that ends in a refusal; a decorator
of a view. They are found by reading the code, so a new one is tried as soon as it is written. Taking one away
changes the running code in this process alone. The empty cells of the policy's tables: `widenings`.
"""

from __future__ import annotations

import ast
import builtins
import copy
import gc
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from django.urls import URLPattern, get_resolver

import accord.clinic
from accord.clinic.models import Engagement, Person

# The packages in which people's requests are answered.
ROOMS = (
    "accounts",
    "audit",
    "client",
    "clinician",
    "facts",
    "monitoring",
    "policy",
    "programme",
    "site",
    "web",
)
# What no request runs: commands, the demonstration, backups; what jobs compute for an organisation.
NO_REQUEST = (
    "site.commands",
    "site.demo",
    "site.backup",
    "programme.outcomes.compute",
    "monitoring.assessment",
)
REFUSALS = {"Denied", "Http404", "LinkProblem"}
DECORATORS = {"for_people", "for_staff", "hiding", "require_safe", "require_POST", "require_http_methods"}
# What asks the policy -> what it would answer if nobody asked.
ASKS: dict[str, Callable[..., Any]] = {
    "check": lambda *args, **named: None,
    "can": lambda *args, **named: True,
    "visible_to": lambda *args, **named: Engagement.objects.all(),
    "clients_visible_to": lambda *args, **named: Person.objects.filter(kind=Person.Kind.CLIENT),
    "rows_visible_to": lambda person, model, *args, **named: model._default_manager.all(),
}
OPEN = "__accord_unasked__"  # where a changed function finds them


@dataclass(frozen=True)
class Guard:
    """One guard: in which module and function, what it is, and its place among those of the module."""

    module: str
    function: str
    what: str
    at: int

    def __str__(self) -> str:
        return f"{self.module.removeprefix('accord.clinic.')}.{self.function}: {self.what}"


def modules() -> Iterator[ModuleType]:
    top = accord.clinic.__name__
    for room in ROOMS:
        package = importlib.import_module(f"{top}.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.ispkg and _answers_requests(module.name.removeprefix(f"{top}.")):
                yield importlib.import_module(module.name)


def _answers_requests(name: str) -> bool:
    return not name.startswith(NO_REQUEST) and not name.endswith(".demo")


def guards() -> list[Guard]:
    found = []
    for module in modules():
        for at, (function, node) in enumerate(_sites(_tree(module))):
            found.append(Guard(module.__name__, function, _told(node), at))
    return found


@contextmanager
def without(guard: Guard) -> Iterator[None]:
    """The running code as if this guard had never been written."""
    module = importlib.import_module(guard.module)
    tree = _tree(module)
    _, node = list(_sites(tree))[guard.at]
    setattr(builtins, OPEN, ASKS)
    if isinstance(node, _Decorator):
        yield from _undecorated(module, guard.function, node)
        return
    _open(tree, node)
    changed = compile(ast.fix_missing_locations(tree), str(module.__file__), "exec")
    new = _code(changed, guard.function)
    held = [(function, function.__code__) for function in _running(module, guard.function, new)]
    if not held:
        raise LookupError(f"found no running function {guard}, expected one")
    try:
        for function, _ in held:
            function.__code__ = new
        yield
    finally:
        for function, old in held:
            function.__code__ = old


class _Decorator(ast.AST):
    """A decorator of a view, as a place of its own."""

    def __init__(self, node: ast.expr, at: int) -> None:
        super().__init__()
        self.node, self.at = node, at


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))


def _sites(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Every guard of a module, with the qualified name of the function it stands in."""
    yield from _inside(tree, ())


def _inside(node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            own = (*names, child.name)
            for at, decorator in enumerate(child.decorator_list):
                if _name(decorator) in DECORATORS:
                    yield child.name, _Decorator(decorator, at)
            yield from _inside(child, (*own, "<locals>"))
        elif isinstance(child, ast.ClassDef):
            yield from _inside(child, (*names, child.name))
        else:
            if names and names[-1] == "<locals>" and _is_guard(child):
                yield ".".join(names[:-1]), child
            yield from _inside(child, names)


def _is_guard(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        last = node.body[-1]
        return isinstance(last, ast.Raise) and last.exc is not None and _name(last.exc) in REFUSALS
    if isinstance(node, ast.Call):
        return _name(node) in ASKS or any(key.arg == "organisation" for key in _filtering(node))
    return False


def _filtering(node: ast.Call) -> list[ast.keyword]:
    is_query = isinstance(node.func, ast.Attribute) and node.func.attr in ("filter", "get", "exclude")
    return node.keywords if is_query else []


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        return _name(node.func)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _told(node: ast.AST) -> str:
    if isinstance(node, _Decorator):
        return f"@{ast.unparse(node.node)}"
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}: raise"
    assert isinstance(node, ast.Call)
    return ast.unparse(node) if _name(node) in ASKS else f"organisation= of {ast.unparse(node)[:60]}"


def _open(tree: ast.Module, node: ast.AST) -> None:
    """Changes the tree in place: the guard is still there to be read, and is never asked.

    It stays in the code so that a function keeps the names it shares with the one around it.
    """
    if isinstance(node, ast.If):
        node.test = ast.BoolOp(ast.And(), [ast.Constant(False), node.test])
        return
    assert isinstance(node, ast.Call)
    asked = copy.deepcopy(node)
    if _name(node) in ASKS:
        unasked = ast.Subscript(ast.Name(OPEN, ast.Load()), ast.Constant(_name(node)), ast.Load())
        instead = ast.Call(unasked, asked.args, asked.keywords)
    else:
        kept = [key for key in asked.keywords if key.arg != "organisation"]
        instead = ast.Call(asked.func, asked.args, kept)
    new = ast.IfExp(ast.Constant(True), instead, copy.deepcopy(node))
    _Swap(node, ast.copy_location(new, node)).visit(tree)


class _Swap(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


def _code(whole: CodeType, name: str) -> CodeType:
    for constant in whole.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_qualname == name:
                return constant
            if name.startswith(constant.co_qualname + "."):
                return _code(constant, name)
    raise LookupError(f"found no {name} in {whole.co_filename}")


def _running(module: ModuleType, name: str, new: CodeType) -> list[FunctionType]:
    """Every function made from this piece of code, also those that decorators hold."""
    gc.unfreeze()  # frozen objects are not listed
    return [
        one
        for one in gc.get_objects()
        if type(one) is FunctionType  # and not isinstance: that would wake lazy objects
        and one.__code__.co_filename == module.__file__
        and one.__code__.co_qualname == name
        and one.__code__.co_firstlineno == new.co_firstlineno
    ]


def _undecorated(module: ModuleType, name: str, gone: _Decorator) -> Iterator[None]:
    """The site with this view under all its decorators but one."""
    view = bare = getattr(module, name)
    while hasattr(bare, "__wrapped__"):
        bare = bare.__wrapped__
    function = next(
        node for node in _tree(module).body if isinstance(node, ast.FunctionDef) and node.name == name
    )
    changed = bare
    for at, decorator in reversed(list(enumerate(function.decorator_list))):
        if at != gone.at:
            made = compile(ast.Expression(decorator), str(module.__file__), "eval")
            changed = eval(made, vars(module))(changed)
    patterns = [pattern for pattern in _patterns(get_resolver()) if pattern.callback is view]
    if not patterns:
        raise LookupError(f"found no address for {module.__name__}.{name}, expected one")
    try:
        for pattern in patterns:
            pattern.callback = changed
        yield
    finally:
        for pattern in patterns:
            pattern.callback = view


def _patterns(resolver: Any) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from _patterns(pattern)
