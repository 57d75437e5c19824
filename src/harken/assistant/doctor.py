"""What is installed and whether it is intact: versions, bundles, data, voices, microphone, the user's folder."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harken import paths
from harken.activation.wakeword import bundle_name
from harken.assistant.profile import list_profiles, load_profile
from harken.bundle import Bundle, installed_bundles
from harken.data.voices import PROGRAMS
from harken.errors import BundleError, HarkenError

BUDGET = 60_000_000
"""Bytes of all shipped bundles together."""
RUNTIME = (
    "numpy",
    "onnxruntime",
    "soundfile",
    "soxr",
    "hassil",
    "pillow",
    "typer",
    "rich",
)
OPTIONAL = {"torch": "train", "sounddevice": "mic", "pywebrtc-audio": "mic"}
"""Package -> the extra that installs it."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """The outcome of one check."""

    name: str
    ok: bool | None
    """None if something optional is missing, which is not a fault."""
    text: str


def check_all() -> Iterator[Check]:
    """Every check, in the order in which people want to read them."""
    yield Check(
        name="harken", ok=True,
        text=f"{importlib.metadata.version('harken')}, Python {platform.python_version()}, {platform.machine()}",
    )  # fmt: skip
    yield from _packages()
    yield from _bundles()
    yield from _profiles()
    yield _home()
    yield _data()
    yield from _programs()
    yield _microphone()


def stage_rows(profile: str = "en") -> Iterator[dict[str, str | list[str]]]:
    """{"stage", "consumes", "emits", "replaces"} of each stage of a profile's live assistant, in the order of the data.

    Raises:
        ConfigError: the profile is unknown or not understood.
    """
    from harken.assistant.chain import Chain  # here, so that the checks run even if something is missing
    from harken.assistant.models import Models

    models = Models.load(profile)
    for stage in Chain(models, echo=models.profile.sound.echo).stages:
        kinds = {"consumes": stage.consumes, "emits": stage.emits, "replaces": stage.replaces}
        yield {"stage": stage.name, **{what: [event.__name__ for event in events] for what, events in kinds.items()}}


def _packages() -> Iterator[Check]:
    for name in RUNTIME:
        yield _package(name, f"missing; run `{sys.executable} -m pip install harken` again", ok=False)
    for name, extra in OPTIONAL.items():
        yield _package(name, f"not installed; run `pip install 'harken[{extra}]'` to get it", ok=None)


def _package(name: str, missing: str, *, ok: bool | None) -> Check:
    try:
        return Check(name=name, ok=True, text=importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Check(name=name, ok=ok, text=missing)


def _bundles() -> Iterator[Check]:
    shipped = 0
    for name, folder in installed_bundles().items():
        try:
            bundle = Bundle(folder)
        except BundleError as error:
            yield Check(name=f"bundle {name}", ok=False, text=str(error))
            continue
        yield _bundle(bundle)
        if bundle.folder.is_relative_to(paths.PACKAGE):
            shipped += bundle.size
    yield Check(
        name="all bundles", ok=0 < shipped <= BUDGET,
        text=f"{shipped / 1e6:.1f} MB shipped (at most {BUDGET / 1e6:.0f} MB)" if shipped else "none is installed",
    )  # fmt: skip


def _bundle(bundle: Bundle) -> Check:
    whose = "" if bundle.folder.is_relative_to(paths.PACKAGE) else ", yours"
    try:
        bundle.verify()
    except BundleError as error:
        return Check(name=f"bundle {bundle.name}", ok=False, text=str(error))
    text = f"{bundle.size / 1e6:.2f} MB, {len(bundle.info['files'])} files, hashes match ({bundle.hash[:12]}){whose}"
    return Check(name=f"bundle {bundle.name}", ok=True, text=text)


def _profiles() -> Iterator[Check]:
    for name in list_profiles():
        try:
            profile = load_profile(name)
        except HarkenError as error:
            yield Check(name=f"profile {name}", ok=False, text=str(error))
            continue
        words, skills = ", ".join(map(_wake_word, profile.wake.words)), ", ".join(profile.interpreter.skills)
        yield Check(name=f"profile {name}", ok=True, text=f"wakes on {words}; skills: {skills}")


def _wake_word(word: str) -> str:
    return word if bundle_name(word) in installed_bundles() else f"{word} (by its pronunciation)"


def _home() -> Check:
    """Whether files can be written where the user's files are (or will be)."""
    home = paths.home()
    folder = next(parent for parent in (home, *home.parents) if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Check(name="your folder", ok=False, text=f"{home}: {error.strerror}; set HARKEN_HOME to another folder")
    there = "" if home.is_dir() else " (created when first needed)"
    return Check(name="your folder", ok=True, text=f"{home}{there}")


def _data() -> Check:
    try:
        root: Path | None = paths.data_if_any()
    except HarkenError as error:
        return Check(name="recordings", ok=False, text=str(error))
    if root is None:
        return Check(
            name="recordings", ok=None, text="HARKEN_DATA is not set; `harken data list` shows what is available"
        )
    corpora = sorted(path.parent.name for path in (root / "audio").glob("*/manifest.jsonl"))
    return Check(name="recordings", ok=bool(corpora), text=f"{root}: {', '.join(corpora) or 'no corpus'}")


def _programs() -> Iterator[Check]:
    for program in (*PROGRAMS, "ffmpeg"):
        path = shutil.which(program)
        yield Check(name=program, ok=True if path else None, text=path or "not installed (optional)")


def _microphone() -> Check:
    if importlib.util.find_spec("sounddevice") is None:
        return Check(name="microphone", ok=None, text="unknown without `pip install 'harken[mic]'`")
    try:
        import sounddevice

        device = sounddevice.query_devices(kind="input")
    except Exception as error:  # PortAudio is missing or finds no device; its errors share no base class
        return Check(name="microphone", ok=None, text=f"none found ({error})")
    return Check(name="microphone", ok=True, text=str(device["name"]))
