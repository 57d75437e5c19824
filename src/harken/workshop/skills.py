"""Skills as the user handles them: create, check, build, list, add, remove.

Registered skills are in the user's folder (`skills/NAME`), built ones in the cache; both are put in place by a rename,
so that a process killed at any moment leaves either the old or the new one. A running assistant looks there.
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

import numpy as np

from harken import paths
from harken.bundle import MANIFEST, Bundle, load_bundle, write_bundle
from harken.dialogue.runner import Runner, SkillFailed
from harken.errors import BundleError, SkillError
from harken.folders import in_the_making, put_in_place, recover
from harken.languages.loading import load_locale
from harken.languages.locale import Locale, Today
from harken.nlu.building import SEED, Amounts, evaluate_skill, train_skill
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import is_shipped, read_shipped_skill, read_shipped_skills, shipped_skill_files
from harken.nlu.skill_file import CODE_FILE, SKILL_FILE, Skill, read_skill
from harken.nlu.skill_model import KIND, model_bytes, model_file, read_encoder, read_model
from harken.nlu.templates import grammar_of
from harken.phones.pronunciation import Pronunciation
from harken.workshop.skill_start import starting_files

BUILD = 1
"""Version of what building does; raised when old results in the cache must not be used."""
MAX_BYTES = 50_000_000
"""A skill folder beyond this size is refused: it would be copied into the user's folder."""


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


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of `check_skill`."""

    ok: bool
    text: str


def new_skill(name: str, parent: Path = Path()) -> Path:
    """Write a skill to start from, in the folder `parent/name`; that folder.

    Raises:
        SkillError: the name is not usable, the folder exists or cannot be written.
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


def check_skill(folder: Path) -> list[Finding]:
    """Whether the skill's file can be read, its examples mean what they say, its code loads, its words can be said.

    Raises:
        SkillError: the file cannot be read; with line and column.
    """
    skill = read_skill(folder)
    sentences = sum(len(intent.templates) for intent in skill.intents.values())
    found = [Finding(ok=True, text=f"{skill.name}: {len(skill.intents)} intents, {sentences} sentences")]
    found += _check_examples(skill)
    found.append(_check_code(skill))
    found.append(_check_words(skill))
    return found


def build_skill(folder: Path, *, force: bool = False, amounts: Amounts | None = None) -> Built:
    """Compile and train a skill, or find the result in the cache; other skills' files are not touched.

    Args:
        folder: the skill.
        force: build even when the cache has it.
        amounts: how much to sample; the usual amounts when None.

    Raises:
        SkillError: the folder is not a skill.
        BundleError: the interpreter of the skill's language is missing.
    """
    skill = read_skill(folder)
    shipped = _interpreter_bundle(skill.locale)
    place = _cached_at(skill, shipped, amounts or Amounts())
    if not force and (place / MANIFEST).is_file():
        try:
            return Built(skill=skill, bundle=_sound(place), cached=True)
        except BundleError:
            shutil.rmtree(place, ignore_errors=True)  # damaged: build anew
    encoder = read_encoder(shipped)
    others = read_shipped_skills(skill.locale)
    trained = train_skill(skill, others, encoder, amounts=amounts)
    bundle = write_bundle(
        place, name=f"skill-{skill.name}", kind="skill", files={model_file(skill.name): model_bytes(trained.model)},
        card=f"# {skill.name}\n\n{skill.about}\n\nTrained from the sentences of its skill.yaml.\n", labels=[skill.name],
        features={"thresholds": {skill.name: trained.model.threshold}}, scores=dict(trained.report),
        origin={"skill": skill.digest, "encoder": shipped.hash, "seed": SEED},
    )  # fmt: skip
    return Built(skill=skill, bundle=bundle, cached=False)


def score_skill(folder: Path) -> dict[str, Any]:
    """Measure a built skill again (see `evaluate_skill`); builds it when it is not."""
    built = build_skill(folder)
    model = read_model(built.bundle, built.skill.name)
    assert model is not None
    encoder = read_encoder(_interpreter_bundle(built.skill.locale))
    return evaluate_skill(built.skill, model, encoder, np.random.default_rng(SEED + 1))


def interpreter_of(
    skills: Iterable[Skill], *, locale: Locale | None = None, bundle: str = "", today: Today = dt.date.today
) -> Interpreter:
    """An interpreter of these skills; those of the user are built (and cached) first.

    Args:
        skills: the skills.
        locale: their language; English when None.
        bundle: name of the trained bundle; the language's own when empty. A language without one is read by the
            sentences of the skills alone.
        today: for relative dates.

    Raises:
        BundleError: the bundle is missing or damaged.
        SkillError: two skills have the same name, or one is in another language.
    """
    wanted, locale = list(skills), locale or load_locale()
    own = [skill for skill in wanted if not is_shipped(skill)] if locale.bundles.interpreter else []
    built = [build_skill(skill.folder).bundle for skill in own]
    return Interpreter.load(wanted, bundle=bundle, bundles=built, locale=locale, today=today)


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
        BundleError: what was built cannot be kept.
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

    `origin` is 'shipped' or 'added'; `folder` holds the sentences. One that cannot be read is listed with its error.

    Args:
        locale: whose sentences the shipped ones have; English when None.
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


def _check_examples(skill: Skill) -> list[Finding]:
    """Examples through exact reading alone: they show whether the sentences cover them."""
    reader = Interpreter({skill.name: skill}, {}, None, locale=skill.locale)
    wrong = []
    for example in skill.examples:
        found = reader.understand(example.text)
        if (found.intent, found.values) != (example.intent, dict(example.slots)):
            came = f"{found.intent} {found.values}" if not found.rejected else "no sentence covers it"
            wrong.append(
                Finding(
                    ok=False,
                    text=f"line {example.place.line}: '{example.text}' should be {example.intent} "
                    f"{dict(example.slots)}, but is understood as: {came}",
                )
            )
    right = len(skill.examples) - len(wrong)
    summary = f"{right} of {len(skill.examples)} examples are understood correctly" if skill.examples else "no examples"
    return [*wrong, Finding(ok=not wrong, text=summary)]


def _check_code(skill: Skill) -> Finding:
    if skill.code is None:
        silent = [name for name, intent in skill.intents.items() if not intent.responses]
        if silent:
            hint = f"no {CODE_FILE}; intents without 'responses' answer 'Okay.': {', '.join(silent)}"
            return Finding(ok=True, text=hint)
        return Finding(ok=True, text=f"no {CODE_FILE}: {SKILL_FILE} contains the responses")
    try:
        Runner().check(skill.name, skill.code)
    except SkillFailed as error:
        return Finding(ok=False, text=f"{CODE_FILE} cannot be loaded: {error}")
    return Finding(ok=True, text=f"{CODE_FILE} loads")


def _check_words(skill: Skill) -> Finding:
    """Words that are not in the dictionary, whose pronunciation is guessed."""
    words = grammar_of(skill).vocabulary()
    try:
        known = Pronunciation.load(skill.locale).is_known
    except BundleError as error:
        return Finding(ok=True, text=f"{len(words)} words; pronunciations not checked: {error}")
    unknown = sorted(word for word in words if not known(word))
    if unknown:
        return Finding(ok=True, text=f"{len(words)} words; pronunciation guessed for: {', '.join(unknown[:20])}")
    return Finding(ok=True, text=f"{len(words)} words, all in the dictionary")


def _interpreter_bundle(locale: Locale) -> Bundle:
    """The trained interpreter of a language, on whose embedding skills are built.

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
    """What the system refuses while a skill folder is written becomes an error with its place."""
    try:
        yield
    except OSError as error:
        raise SkillError(f"cannot write here ({error}); check that the disk has room and the folder is writable",
                         file=folder) from error  # fmt: skip
