"""Finds code that could reach clinicians' own reactions from outside the folders that keep them.

Import contracts see imports of the module. These functions also see the ways around it: the class by name,
the table in SQL, `get_model`, a reverse accessor, a template.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

CLASSES = {"Reaction", "ReactionSharing", "SealedReaction"}
STRINGS = re.compile(r"\b(clinic[._])?(reaction|reactionsharing|sealedreaction)\b", re.IGNORECASE)
FEATURE = "clinician/reactions/"
FOLDERS = (FEATURE, "models/", "policy/", "migrations/")  # of the clinic
TAG = re.compile(r"{{.*?}}|{%.*?%}")
QUOTED = re.compile(r"""("[^"]*"|'[^']*')""")
ACCESSOR = re.compile(r"\.(reactions?|reaction_set|reactionsharing_set|sharings)\b")


def named_in(source: str) -> set[str]:
    """Names and strings of a Python module that stand for a table of reactions."""
    tree = ast.parse(source)
    docstrings = {id(text) for text in _docstrings(tree)}
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names |= {alias.name.split(".")[-1] for alias in node.names} & CLASSES
            if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("models.reaction"):
                names.add(node.module or "")
        elif isinstance(node, ast.Name | ast.Attribute):
            names |= {node.id if isinstance(node, ast.Name) else node.attr} & CLASSES
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            names |= {match.group() for match in STRINGS.finditer(node.value) if _is_table(match, node.value)}
    return names


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            yield body[0].value


def _is_table(match: re.Match[str], text: str) -> bool:
    """A class or table name; neither the address of a page ("reaction") nor an action ("reaction.read")."""
    return match.group(1) is not None or match.group() in CLASSES


def knowing_modules(clinic: Path) -> set[str]:
    """Modules of the clinic, by path, that name a table of reactions."""
    paths = {path: str(path.relative_to(clinic)) for path in clinic.rglob("*.py")}
    return {name for path, name in paths.items() if named_in(path.read_text(encoding="utf-8"))}


def outsiders(names: Iterable[str]) -> set[str]:
    return {name for name in names if not name.startswith(FOLDERS)}


def accessors_to(private: Collection[type], others: Iterable[Any]) -> set[str]:
    """Reverse accessors through which another model reaches a private one."""
    return {
        f"{model.__name__}.{relation.get_accessor_name()}"
        for model in others
        if model not in private
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete and relation.related_model in private
        if not (relation.related_name or "").endswith("+")
    }


def template_reaches(text: str) -> set[str]:
    """What a template outside the feature would read or include of reactions."""
    reached: set[str] = set()
    for tag in TAG.findall(text):
        includes = re.match(r"{%\s*(include|extends)\b", tag) is not None
        reached |= {q for q in QUOTED.findall(tag) if includes and "reaction" in q}
        reached |= {match.group() for match in ACCESSOR.finditer(QUOTED.sub("", tag))}
    return reached
