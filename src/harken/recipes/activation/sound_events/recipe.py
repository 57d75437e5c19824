"""Sound events: quantised distillation over the folds of ESC-10 (method 1). Commands: README.md in this folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harken.activation.sound_events import BUNDLE
from harken.activation.sound_network import FILE, KIND
from harken.bundle import Bundle, load_bundle, write_bundle
from harken.errors import DataError
from harken.metrics.result import Result
from harken.recipes.activation.material import features_folder
from harken.recipes.activation.sound_events.compare import Outputs, results_of
from harken.recipes.activation.sound_events.threshold import OFF, Listening, choose_operation, found_results
from harken.settings import save_settings
from harken.train.activation.sound_events.arms import DISTILLED, while_training
from harken.train.activation.sound_events.configs import LoopsConfig, SoundsConfig
from harken.train.activation.sound_events.material import LABELS, dev_speech, sound_recordings
from harken.train.activation.sound_events.scenes import Scaling, SceneMaker, Sound, load_sounds, measure_scaling
from harken.train.activation.store import ClipStore, write_clips
from harken.train.arrays import is_written

if TYPE_CHECKING:
    from harken.train.activation.sound_events.cell import Trained

NAME = "activation/sound_events"
_NO_FOLD = 0


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    limit: int = 0
    """At most this many recordings of each kind; 0: all."""
    folds: tuple[int, ...] = (1, 2, 3, 4)
    """Each is the test set of networks that learn from the others."""
    seeds: tuple[int, ...] = (0, 1, 2)
    shipped_fold: int = 0
    """Fold that the shipped networks have not learned from; 0: none, they learn from all."""
    false_events: float = 1.0
    """Per hour of dev speech and held-back noise, all labels together, at which thresholds are set."""
    sounds: SoundsConfig = field(default_factory=SoundsConfig)
    loops: LoopsConfig = field(default_factory=LoopsConfig)
    rounds: int = 2000
    """Of the bootstrap over field recordings."""


def prepare(config: Config, run: Path) -> None:
    """Compute the frames of the sounds, and of speech that the thresholds are chosen on."""
    for folder, recordings in ((_sounds_folder(), sound_recordings), (_speech_folder(), dev_speech)):
        if not is_written(folder):
            write_clips(folder, recordings(limit=config.limit))


def train(config: Config, run: Path) -> Mapping[str, Any]:
    """Train every network for every seed and fold, and the one that ships on all folds; what is done is kept."""
    save_settings(config, run / "config.json")
    sounds = _load_sounds()
    figures = {}
    for seed in config.seeds:
        for fold in config.folds:
            outputs = _cell(config, run, sounds, seed, fold)
            figures[f"seed {seed}, fold {fold}"] = {arm: round(outputs.accuracy(arm), 4) for arm in outputs.logits}
    _shipped(config, run, sounds)
    return figures


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the bundle: packed weights, calibration, thresholds."""
    sounds = _load_sounds()
    trained, scaling = _shipped(config, run, sounds)
    operation = choose_operation(_listening(config, run, sounds), rate=config.false_events)
    shipped = trained[_arm(config)]
    bundle = write_bundle(
        run / BUNDLE, name=BUNDLE, kind=KIND, files={FILE: shipped.packed(config.sounds.quantization.bucket)},
        card=_card(config), labels=LABELS,
        features={**_facts(scaling), **operation.facts(), "off": OFF, "bits": shipped.bits},
        origin={"recipe": NAME, "config": asdict(config), "date": datetime.now(UTC).date().isoformat()},
        scores={"thresholds": operation.summary()},
    )  # fmt: skip
    return [bundle]


def score(config: Config, run: Path) -> list[Result]:
    """Compare the networks on the folds that they did not learn from, each as its packed file runs without torch.

    For false events in speech and noise, speed and size of the bundle see `benchmarks.quality.sounds`.
    """
    sounds = _load_sounds()
    outputs = [_cell(config, run, sounds, seed, fold) for seed in config.seeds for fold in config.folds]
    bundle = load_bundle(BUNDLE)
    results = list(results_of(outputs, recipe=NAME, shipped=_arm(config), bundle=bundle, rounds=config.rounds))
    return [*results, *found_results(_listening(config, run, sounds), bundle, recipe=NAME)]


def _card(config: Config) -> str:
    folds = ", ".join(str(fold) for fold in config.folds if fold != config.shipped_fold)
    return Path(__file__).with_name("CARD.md").read_text(encoding="utf-8").format(folds=folds)


def _arm(config: Config) -> str:
    return while_training(DISTILLED, config.sounds.quantization.shipped)


def _sounds_folder() -> Path:
    return features_folder() / "sounds"


def _speech_folder() -> Path:
    return features_folder() / "speech-dev"


def _load_sounds() -> list[Sound]:
    return load_sounds(ClipStore(_sounds_folder()))


def _cell(config: Config, run: Path, sounds: Sequence[Sound], seed: int, fold: int) -> Outputs:
    """Outputs of all networks of a cell on its test fold; trained and measured once."""
    folder = run / f"seed{seed}-fold{fold}"
    if not Outputs.is_written(folder):
        trained, scaling = _train(config, run, folder, sounds, seed, fold)
        tested = [sound for sound in sounds if sound.fold == fold]
        files = {arm: one.packed(config.sounds.quantization.bucket) for arm, one in trained.items()}
        (folder / FILE).write_bytes(files[_arm(config)])
        (folder / "facts.json").write_text(json.dumps(_facts(scaling)) + "\n", encoding="utf-8")
        Outputs.measure(files, tested, scaling, seed=seed, fold=fold).write(folder)
    return Outputs.read(folder)


def _shipped(config: Config, run: Path, sounds: Sequence[Sound]) -> tuple[dict[str, Trained], Scaling]:
    """What ships, and its teacher."""
    seed, fold = config.seeds[0], config.shipped_fold
    folder = "shipped" if fold == _NO_FOLD else f"seed{seed}-fold{fold}"
    return _train(config, run, run / folder, sounds, seed, fold)


def _train(
    config: Config, run: Path, folder: Path, sounds: Sequence[Sound], seed: int, fold: int
) -> tuple[dict[str, Trained], Scaling]:
    """Networks that have not heard a fold, with the one teacher of that fold; without a fold only what ships."""
    from harken.train.activation.sound_events.cell import train_students, train_teacher

    learned = [sound for sound in sounds if sound.fold != fold or fold == _NO_FOLD]
    scaling = measure_scaling(learned)
    scenes = SceneMaker(learned, scaling, config.sounds.scenes)
    settings = config.sounds, config.loops
    teacher = train_teacher(scenes, *settings, seed=config.seeds[0], run=run / f"teacher{fold}")
    students = train_students(
        scenes, teacher, *settings, seed=seed, run=folder, only_shipped=fold == _NO_FOLD
    )  # fmt: skip
    return students, scaling


def _facts(scaling: Scaling) -> dict[str, list[float]]:
    """What the run time normalises with, in full precision."""
    return {"centre": scaling.centre.tolist(), "deviation": scaling.deviation.tolist()}


def _listening(config: Config, run: Path, sounds: Sequence[Sound]) -> list[Listening]:
    """What the first seed's networks hear: in the fold that each has not learned from, and where no sound is.

    Raises:
        DataError: one of them is not trained yet.
    """
    folders = {fold: run / f"seed{config.seeds[0]}-fold{fold}" for fold in config.folds}
    missing = [str(folder) for folder in folders.values() if not Outputs.is_written(folder)]
    if missing:
        raise DataError(
            f"{', '.join(missing)} not trained yet, but thresholds come from the networks of all folds; run "
            f"`harken train {NAME}` to its end first, with the same settings and run folder"
        )
    speech = ClipStore(_speech_folder())
    quiet = [speech.of(clip) for clip in speech.clips] + [sound.frames for sound in sounds if sound.held_back]
    heard = []
    for fold, folder in folders.items():
        facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
        tested = [sound for sound in sounds if sound.fold == fold]
        heard.append(Listening.of((folder / FILE).read_bytes(), facts, tested, quiet))
    return heard
