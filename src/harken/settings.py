"""Settings: a frozen dataclass with sections, read from TOML files and `section.key=value`; unknown keys are refused.

Files take precedence over the defaults in the code, later files over earlier ones, and overrides over files.
"""

from __future__ import annotations

import dataclasses
import json
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from harken.errors import ConfigError, nearest

T = TypeVar("T")

_EXPECTED = {
    float: "a number", int: "a whole number", str: "text in quotes", bool: "true or false", Path: "a path in quotes",
}  # fmt: skip


def load_settings(kind: type[T], *files: Path, overrides: Sequence[str] = ()) -> T:
    """Make the settings `kind` (a frozen dataclass whose sections are dataclasses too).

    Args:
        kind: the dataclass; its defaults apply unless overridden.
        files: TOML; a later one replaces individual keys of an earlier one.
        overrides: 'section.key=value' or 'key=value'; values are TOML, and a bare word is text.

    Raises:
        ConfigError: a file that cannot be read, an unknown key (with the nearest name) or a value of the wrong type;
            the message names the file.
    """
    merged: dict[str, Any] = {}
    for file in files:
        values = _read_toml(file)
        try:
            _build(kind, values, "")
        except ConfigError as error:
            raise ConfigError(f"{file}: {error}") from None
        merged = _overlaid(merged, values)
    for override in overrides:
        _apply(merged, override)
    return typing.cast(T, _build(kind, merged, ""))


def settings_from(kind: type[T], values: Mapping[str, Any]) -> T:
    """Settings from plain values, as `save_settings` or a bundle's origin keep them; defaults fill what is missing.

    Raises:
        ConfigError: an unknown key or a value of the wrong type.
    """
    return typing.cast(T, _build(kind, values, ""))


def save_settings(settings: Any, path: Path) -> None:
    """Write resolved settings as JSON, next to the run they belong to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dataclasses.asdict(settings), indent=1, default=str) + "\n", encoding="utf-8")


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"{path} cannot be read as settings ({reason}); expected a TOML file: [section] and key = value"
        ) from error


def _overlaid(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _overlaid(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _apply(values: dict[str, Any], override: str) -> None:
    key, sign, text = override.partition("=")
    if not sign or not key.strip():
        raise ConfigError(f"'{override}' is not a setting; write section.key=value, for example loop.steps=500")
    *sections, last = key.strip().split(".")
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise ConfigError(f"'{section}' in '{override}' is a value, not a section")
    try:
        values[last] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        values[last] = text


def _build(kind: type[Any], values: Mapping[str, Any], where: str, base: Any = None) -> Any:
    """A dataclass; fields that `values` does not name are as in `base`, the default of its section if it has one."""
    fields = {field.name: field for field in dataclasses.fields(kind) if field.init}
    hints = typing.get_type_hints(kind)
    for key in values:
        if key not in fields:
            raise ConfigError(
                f"unknown setting '{where}{key}'; {nearest(f'{where}{key}', (f'{where}{name}' for name in fields))}"
            )
    converted = {
        key: _convert(hints[key], value, f"{where}{key}", _default(fields[key], base)) for key, value in values.items()
    }
    return kind(**converted) if base is None else dataclasses.replace(base, **converted)


def _default(field: dataclasses.Field[Any], base: Any) -> Any:
    if base is not None:
        return getattr(base, field.name)
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else None


def _convert(hint: Any, value: Any, where: str, default: Any = None) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            raise ConfigError(f"'{where}' is a section; write [{where}] or {where}.key=value")
        return _build(hint, value, f"{where}.", default)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = [argument for argument in arguments if argument is not type(None)]
        return value if value is None else _convert(inner[0], value, where)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            what = 'texts, for example ["a", "b"]' if arguments[0] is str else "values, for example [1, 2]"
            raise ConfigError(f"'{where}' is {value!r}; expected a list of {what}")
        return tuple(_convert(arguments[0], item, where) for item in value)
    return _plain(hint, value, where)


def _plain(hint: Any, value: Any, where: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is Path and isinstance(value, str):
        return Path(value)
    if isinstance(hint, type) and (not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool)):
        expected = _EXPECTED.get(hint, hint.__name__)
        raise ConfigError(f"'{where}' is {value!r} ({type(value).__name__}); expected {expected}")
    return value
