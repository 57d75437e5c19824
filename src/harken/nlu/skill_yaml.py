"""YAML with positions: every error in a skill file names its line and column and says what to do.

Read by the core schema of YAML 1.2: only `true` and `false` are booleans; `on`, `no`, `12:30` and dates are text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import yaml

from harken.errors import SkillError, nearest

_PLAIN_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_UNQUOTED, _TEXT = "unquoted", "tag:yaml.org,2002:str"
"""Tags of scalars."""


class _Loader(_PLAIN_LOADER):  # type: ignore[misc]
    """Parses, and leaves it to `Located.plain` what an unquoted scalar is."""

    yaml_implicit_resolvers: ClassVar[dict[str | None, Any]] = {None: [(_UNQUOTED, re.compile(""))]}


_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CUT = re.compile(r" #.*")
"""What follows an unquoted text that a '#' cuts; a comment has two spaces before its '#'."""
_MAX_BYTES = 4_000_000
"""A skill file beyond this size is a mistake (a recording, a dump), not a skill."""


class Located:
    """A YAML node that knows its position.

    Args:
        node: the composed node.
        file: the file it came from.
        lines: the lines of the file.
    """

    def __init__(self, node: yaml.Node, file: Path, lines: Sequence[str] = ()):
        self.node, self.file, self._lines = node, file, lines

    @property
    def line(self) -> int:
        """Line, from 1."""
        return int(self.node.start_mark.line) + 1

    @property
    def column(self) -> int:
        """Column, from 1; the first letter of quoted text."""
        quoted = isinstance(self.node, yaml.ScalarNode) and self.node.style in ("'", '"')
        return int(self.node.start_mark.column) + 1 + quoted

    @property
    def is_mapping(self) -> bool:
        """Whether it is written as key: value."""
        return isinstance(self.node, yaml.MappingNode)

    def error(self, message: str, *, offset: int = 0) -> SkillError:
        """An error at this place, `offset` letters to the right."""
        return SkillError(message, file=self.file, line=self.line, column=self.column + offset)

    def text(self, what: str) -> str:
        """Non-empty text.

        Raises:
            SkillError: it is something else.
        """
        if not isinstance(self.node, yaml.ScalarNode) or not str(self.node.value).strip():
            raise self.error(f"{what} must be text, got {self._kind()}; write it in quotes")
        return str(self.node.value)

    def sentence(self, what: str) -> str:
        """Text that people say or hear.

        Raises:
            SkillError: it is something else, or an unquoted '#' cuts it off.
        """
        text = self.text(what)
        end = self.node.end_mark
        rest = self._lines[end.line][end.column :] if end.line < len(self._lines) else ""
        if isinstance(self.node, yaml.ScalarNode) and self.node.tag == _UNQUOTED and _CUT.fullmatch(rest):
            message = f"the '#' cuts {what} off after '{text}'; write it in quotes (before a comment, two spaces)"
            raise SkillError(message, file=self.file, line=end.line + 1, column=end.column + 2)
        return text

    def items(self, what: str) -> list[Located]:
        """Members of a list; a single text counts as a list of one.

        Raises:
            SkillError: it is a mapping or empty.
        """
        if isinstance(self.node, yaml.ScalarNode) and str(self.node.value).strip():
            return [self]
        if not isinstance(self.node, yaml.SequenceNode) or not self.node.value:
            raise self.error(f"{what} must be a list with at least one entry, got {self._kind()}")
        return [self._inner(item) for item in self.node.value]

    def entries(self, what: str, known: Iterable[str] | None = None) -> dict[str, tuple[Located, Located]]:
        """Key -> (the key, its value). With `known`, other keys are refused and the nearest name is suggested.

        Raises:
            SkillError: it is not a mapping, a key occurs twice, or a key is unknown.
        """
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"{what} must be a mapping (key: value), got {self._kind()}")
        entries: dict[str, tuple[Located, Located]] = {}
        for key_node, value_node in self.node.value:
            key = self._inner(key_node)
            name = key.text(f"a key of {what}")
            if name in entries:
                first = entries[name][0]
                raise key.error(f"'{name}' occurs twice in {what} (first on line {first.line}); keep one or join them")
            if known is not None:
                _check_known(key, name, tuple(known), what)
            entries[name] = key, self._inner(value_node)
        return entries

    def flag(self, what: str) -> bool:
        """True or false.

        Raises:
            SkillError: it is something else.
        """
        value = self.plain()
        if not isinstance(value, bool):
            raise self.error(f"{what} must be true or false, got {self._kind()}")
        return value

    def plain(self) -> Any:
        """The value as JSON has it: numbers, text, truth values, null, lists and mappings.

        Raises:
            SkillError: it is not finite, or has a tag of YAML's that JSON has no value for.
        """
        if isinstance(self.node, yaml.MappingNode):
            return {name: value.plain() for name, (_, value) in self.entries("a value").items()}
        if isinstance(self.node, yaml.SequenceNode):
            return [self._inner(item).plain() for item in self.node.value]
        if self.node.tag not in (_UNQUOTED, _TEXT):
            raise self.error(f"the tag '{self.node.tag}' cannot be used here; write the value without it")
        return self._plain_value() if self.node.tag == _UNQUOTED else str(self.node.value)

    def _plain_value(self) -> Any:
        text = str(self.node.value)
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text):
            return int(text, 0) if text[1:2] in ("o", "x") else int(text)
        if _NO_NUMBER.fullmatch(text) or (_FLOAT.fullmatch(text) and not math.isfinite(float(text))):
            raise self.error(f"'{text}' is not a number that can be used; write it in quotes if it is text")
        return float(text) if _FLOAT.fullmatch(text) else text

    def _inner(self, node: yaml.Node) -> Located:
        return Located(node, self.file, self._lines)

    def _kind(self) -> str:
        if isinstance(self.node, yaml.MappingNode):
            return "a mapping"
        if isinstance(self.node, yaml.SequenceNode):
            return "a list" if self.node.value else "an empty list"
        return f"'{self.node.value}'" if str(self.node.value).strip() else "nothing"


def read_located(path: Path) -> Located:
    """Parse a YAML file.

    Raises:
        SkillError: it is missing, too large, not UTF-8, or not YAML; with line and column where possible.
    """
    text = _read_text(path)
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, path, text) from error
    except yaml.reader.ReaderError as error:
        before = text[: text.find(chr(error.character))]  # its own position counts bytes
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        message = f"the character U+{error.character:04X} is not allowed in text; remove it"
        raise SkillError(message, file=path, line=line, column=column) from error
    if node is None:
        raise SkillError("the file is empty; `harken skill new NAME` writes one to start from", file=path, line=1)
    _check_aliases(node, path)
    return Located(node, path, text.split("\n"))


def _check_known(key: Located, name: str, known: tuple[str, ...], what: str) -> None:
    if name not in known:
        raise key.error(f"{what} has no key '{name}'; {nearest(name, known)}")


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise SkillError(f"there is no {path.name}; `harken skill new NAME` writes one", file=path) from None
    except OSError as error:
        raise SkillError(f"the file cannot be read ({error.strerror})", file=path) from error
    if len(data) > _MAX_BYTES:
        raise SkillError(f"{len(data)} bytes is too large for a skill file (limit {_MAX_BYTES})", file=path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise SkillError(message, file=path, line=line, column=column) from error


def _syntax_error(error: yaml.MarkedYAMLError, path: Path, text: str) -> SkillError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    shown = lines[line - 1] if line <= len(lines) else ""
    if "\t" in shown[: column + 1] or (error.problem and "\\t" in error.problem):
        message = "there is a tab where YAML expects spaces; replace it with spaces"
    else:
        why = " ".join(part for part in (error.context, error.problem) if part)
        message = f"this is not YAML: {why}; check quotes, colons and indentation here"
    return SkillError(message, file=path, line=line, column=column)


def _check_aliases(node: yaml.Node, path: Path) -> None:
    """Refuse aliases: a few lines of them can expand to gigabytes, and a node would have two places."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, yaml.CollectionNode):
            continue
        if id(current) in seen:
            raise Located(current, path).error("YAML anchors (&name, *name) are not supported; write the entry out")
        seen.add(id(current))
        for child in current.value:
            waiting += child if isinstance(child, tuple) else [child]
