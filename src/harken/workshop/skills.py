"""Skills as the user handles them: create, build, list, add, remove.

Registered skills are in the user's folder (`skills/NAME`), built ones in the cache. Both are put in place by a rename,
so a kill at any moment leaves either the old or the new one. A running assistant looks there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from harken import paths
from harken.bundle import BUNDLE_FILE, Bundle, load_bundle, write_bundle
from harken.errors import BundleError, SkillError
from harken.folders import in_the_making, put_in_place, recover
from harken.languages.loading import load_locale
from harken.languages.locale import Locale, Today
from harken.nlu.building import SEED, Amounts, train_skill
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import is_shipped, read_shipped_skill, read_shipped_skills, shipped_skill_files
from harken.nlu.skill_file import SKILL_FILE, Skill, read_skill
from harken.nlu.skill_model import KIND, model_bytes, model_file, read_encoder, read_strangers, read_token_encoder
from harken.workshop.skill_start import starting_files

BUILD = 2
"""Version of the building process; raised when old results in the cache must not be used."""
MAX_BYTES = 50_000_000
"""A larger skill folder is refused, because it would be copied into the user's folder."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """A built skill."""

    skill: Skill
    bundle: Bundle
    cached: bool
    """Whether it was already in the cache."""

    @property
    def report(self) -> Mapping[str, Any]:
        """What building measured: intent and slot accuracy on fresh sentences, examples, false alarms, seconds."""
        return dict(self.bundle.info["scores"])


def new_skill(name: str, parent: Path = Path()) -> Path:
    """Write a skill to start from into the folder `parent/name`; returns that folder.

    Raises:
        SkillError: the name is not usable, or the folder exists or cannot be written.
    """
    folder = parent / name
    files = starting_files(name)
    if folder.exists():
        raise SkillError("this already exists; choose another name or remove it", file=folder)
    with _written(folder), in_the_making(folder) as fresh:
        for file, text in files.items():
            (fresh / file).write_text(text, encoding="utf-8")
        fresh.rename(folder)
    return folder


def build_skill(folder: Path, *, force: bool = False, amounts: Amounts | None = None) -> Built:
    """Compile and train a skill, or take the result from the cache; other skills' files are not touched.

    Args:
        folder: the skill.
        force: build even if the cache has it.
        amounts: how much to sample; the usual amounts if None.

    Raises:
        SkillError: the folder is not a skill.
        BundleError: the interpreter of the skill's language is missing.
    """
    skill = read_skill(folder)
    shipped = interpreter_bundle(skill.locale)
    place = _cached_at(skill, shipped, amounts or Amounts())
    if not force and (place / BUNDLE_FILE).is_file():
        try:
            return Built(skill=skill, bundle=_sound(place), cached=True)
        except BundleError:
            shutil.rmtree(place, ignore_errors=True)  # damaged: build anew
    encoder = read_encoder(shipped)
    others = read_shipped_skills(skill.locale)
    strangers = read_strangers(shipped).features
    tokens = read_token_encoder(shipped, skill.locale)
    trained = train_skill(skill, others, encoder, amounts=amounts, strangers=strangers, tokens=tokens)
    bundle = write_bundle(
        place, name=f"skill-{skill.name}", kind="skill", files={model_file(skill.name): model_bytes(trained.model)},
        card=f"# {skill.name}\n\n{skill.about}\n\nTrained from the sentences of its skill.yaml.\n", labels=[skill.name],
        scores=dict(trained.report),
        origin={"skill": skill.digest, "encoder": shipped.hash, "seed": SEED, "build": BUILD},
    )  # fmt: skip
    return Built(skill=skill, bundle=bundle, cached=False)


def interpreter_of(
    skills: Iterable[Skill], *, locale: Locale | None = None, bundle: str = "", today: Today = dt.date.today
) -> Interpreter:
    """An interpreter of these skills; the user's own are built (and cached) first.

    Args:
        skills: the skills.
        locale: their language; English when None.
        bundle: name of the trained bundle; the language's own when empty. In a language without one, only the skills'
            sentences are understood.
        today: for relative dates.

    Raises:
        BundleError: the bundle is missing or damaged.
        SkillError: two skills have the same name, or one is in another language.
    """
    wanted, locale = list(skills), locale or load_locale()
    own = [skill for skill in wanted if not is_shipped(skill)] if locale.bundles.interpreter else []
    built = [build_skill(skill.folder).bundle for skill in own]
    return Interpreter.load(wanted, bundle=bundle, bundles=built, locale=locale, today=today)


def built_bundles(name: str) -> list[Bundle]:
    """What this version of harken built for a skill of this name, the newest first; the cache keeps older states."""
    places = [path for path in (paths.cache() / "skills").glob(f"{name}-*") if (path / BUNDLE_FILE).is_file()]
    bundles = [Bundle(path) for path in sorted(places, key=lambda path: path.stat().st_mtime, reverse=True)]
    return [bundle for bundle in bundles if bundle.info["origin"].get("build") == BUILD]


def registered_folders() -> list[Path]:
    """Folders of the skills that the user has added."""
    recover(_registry())
    return sorted(path.parent for path in _registry().glob(f"[!.]*/{SKILL_FILE}"))


def add_skill(folder: Path, *, amounts: Amounts | None = None) -> Built:
    """Build a skill and register it, replacing an older one of the same name.

    Args:
        folder: the skill.
        amounts: as for `build_skill`.

    Raises:
        SkillError: the folder is not a skill, is too large, or has the name of a skill that comes with harken.
        BundleError: the built skill cannot be stored.
    """
    built = build_skill(folder, amounts=amounts)
    name = built.skill.name
    if name in shipped_skill_files(built.skill.locale):
        raise SkillError(f"'{name}' is the name of a skill that comes with harken; rename yours", file=folder)
    size = sum(path.stat().st_size for path in built.skill.folder.rglob("*") if path.is_file())
    if size > MAX_BYTES:
        raise SkillError(f"{size} bytes are too many to copy (limit {MAX_BYTES}); remove what it does not need",
                         file=folder)  # fmt: skip
    with _written(_registry() / name), in_the_making(_registry() / name) as fresh:
        shutil.copytree(
            built.skill.folder, fresh, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", ".*")
        )
        put_in_place(fresh, _registry() / name)
    return Built(skill=read_skill(_registry() / name), bundle=built.bundle, cached=built.cached)


def remove_skill(name: str) -> Path:
    """Unregister a skill; returns where it was.

    Raises:
        SkillError: no skill of that name is registered.
    """
    folders = {folder.name: folder for folder in registered_folders()}
    if name not in folders:
        known = ", ".join(folders) or "none"
        raise SkillError(f"no skill '{name}' was added (added: {known}); those that come with harken cannot be removed")
    old = folders[name].with_name(f".{name}-removed")
    shutil.rmtree(old, ignore_errors=True)
    folders[name].rename(old)
    shutil.rmtree(old, ignore_errors=True)
    return folders[name]


def list_skills(locale: Locale | None = None) -> list[dict[str, Any]]:
    """{"name", "about", "intents", "sentences", "origin", "folder", "error"} of every skill.

    `origin` is 'shipped' or 'added'; `folder` holds the sentences. A skill that cannot be read is listed with its
    error.

    Args:
        locale: the language of the shipped skills; English when None.
    """
    locale = locale or load_locale()
    rows = [_row(name, "shipped", path.parent, partial(read_shipped_skill, locale, name))
            for name, path in shipped_skill_files(locale).items()]  # fmt: skip
    return rows + [_row(path.name, "added", path, partial(read_skill, path)) for path in registered_folders()]


def _row(name: str, origin: str, folder: Path, read: Callable[[], Skill]) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "origin": origin, "folder": str(folder), "error": ""}
    try:
        skill = read()
    except SkillError as error:
        return row | {"about": "", "intents": 0, "sentences": 0, "error": str(error)}
    sentences = sum(len(intent.templates) for intent in skill.intents.values())
    return row | {"about": skill.about, "intents": len(skill.intents), "sentences": sentences}


def interpreter_bundle(locale: Locale) -> Bundle:
    """The trained interpreter of a language; skills are built on its encoder.

    Raises:
        BundleError: it is missing.
        ConfigError: the language has none.
    """
    return load_bundle(locale.bundle("interpreter")).expect(KIND)


def _cached_at(skill: Skill, shipped: Bundle, amounts: Amounts) -> Path:
    key = hashlib.sha256(f"{BUILD} {skill.digest} {shipped.hash} {amounts}".encode()).hexdigest()[:16]
    return paths.cache() / "skills" / f"{skill.name}-{key}"


def _sound(place: Path) -> Bundle:
    bundle = Bundle(place).expect("skill")
    bundle.verify()
    return bundle


def _registry() -> Path:
    return paths.home() / "skills"


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    """Turn a system error while a skill folder is written into a SkillError that names the folder."""
    try:
        yield
    except OSError as error:
        raise SkillError(f"cannot write here ({error}); check that the disk has room and the folder is writable",
                         file=folder) from error  # fmt: skip
