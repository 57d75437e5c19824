"""Settings of a recipe: frozen dataclass defaults < TOML file < `section.key=value`. Unknown keys are refused."""

from __future__ import annotations

import dataclasses
import difflib
import json
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from harken.errors import ConfigError

T = TypeVar("T")


def load_config(kind: type[T], path: Path | None = None, overrides: Sequence[str] = ()) -> T:
    """Make the settings `kind` (a frozen dataclass whose sections are dataclasses too).

    Args:
        kind: the dataclass; its defaults hold where nothing else is said.
        path: TOML file, or None.
        overrides: 'section.key=value' or 'key=value'; values are TOML, bare words count as strings.

    Raises:
        ConfigError: a file that cannot be read, an unknown key (with the nearest name) or a value of the wrong type.
    """
    values = {} if path is None else _read_toml(path)
    for override in overrides:
        _apply(values, override)
    return typing.cast(T, _build(kind, values, ""))


def save_config(config: Any, path: Path) -> None:
    """Write the resolved settings as JSON beside the run they belong to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dataclasses.asdict(config), indent=1, default=str) + "\n", encoding="utf-8")


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.toml"))) or "none"
        raise ConfigError(f"there is no configuration {path.name} (there are: {known})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error


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
    """A dataclass; what `values` does not name is as in `base`, the section's own default where it has one."""
    fields = {field.name: field for field in dataclasses.fields(kind) if field.init}
    hints = typing.get_type_hints(kind)
    for key in values:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, 1)
            hint = f"did you mean '{where}{near[0]}'?" if near else f"known are {', '.join(sorted(fields))}"
            raise ConfigError(f"unknown setting '{where}{key}'; {hint}")
    made = {
        key: _convert(hints[key], value, f"{where}{key}", _default(fields[key], base)) for key, value in values.items()
    }
    return kind(**made) if base is None else dataclasses.replace(base, **made)


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
            raise ConfigError(f"'{where}' is {value!r}; expected a list, for example [1, 2]")
        return tuple(_convert(arguments[0], item, where) for item in value)
    return _plain(hint, value, where)


def _plain(hint: Any, value: Any, where: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is Path and isinstance(value, str):
        return Path(value)
    if isinstance(hint, type) and (not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool)):
        raise ConfigError(f"'{where}' is {value!r} ({type(value).__name__}); expected {hint.__name__}")
    return value
