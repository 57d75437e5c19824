"""The arms that are compared, and the model that ships: what each classifier sees, training, calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Floats
from harken.asr.passes.confidence import ANSWER, FREE, GRAMMAR, Classifier, ConfidenceModel, logit
from harken.asr.passes.embedding import ContextNetwork, compress
from harken.asr.passes.evidence import WORD_FEATURES, word_summary
from harken.audio.features import Frames
from harken.errors import DataError
from harken.recipes.asr.confidence.material import CALIBRATION, DEV, TRAIN
from harken.recipes.asr.confidence.tables import IGNORED, UNKNOWN, Table
from harken.train.asr.confidence import (
    CORRECT,
    NetworkConfig,
    cross_entropy,
    fit_calibration,
    fit_logistic,
    fit_network,
    principal_axes,
)

DECODER, ACOUSTIC, HYPOTHESIS, BOTH = "decoder features", "acoustic", "hypothesis", "embeddings"
POSTERIOR, ENTROPY, FOUR = "posterior", "entropy", "four features"


@dataclass(frozen=True)
class Arm:
    """What a classifier sees of a word."""

    embeddings: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    """Beginnings of the names of the decoder's features; all of them if none is named."""

    @property
    def columns(self) -> list[int]:
        """Places of the decoder's features."""
        names = [feature.name for feature in WORD_FEATURES]
        return [place for place, name in enumerate(names) if not self.features or name.startswith(self.features)]


COMPARED: Mapping[str, Arm] = {
    DECODER: Arm(), ACOUSTIC: Arm((ACOUSTIC,)), HYPOTHESIS: Arm((HYPOTHESIS,)), BOTH: Arm((ACOUSTIC, HYPOTHESIS)),
}  # fmt: skip
"""The paper's arms."""
SIMPLE: Mapping[str, Arm] = {
    POSTERIOR: Arm(features=("posterior of the word",)), ENTROPY: Arm(features=("entropy of the phones",)),
    FOUR: Arm(features=("posterior of the word", "letters", "language model without", "nodes of the lattice")),
}  # fmt: skip
"""What must be beaten: the calibrated posterior, the entropy of the phones alone, the four features of Kaldi."""
ARMS: Mapping[str, Arm] = {**SIMPLE, **COMPARED}
LOGISTIC, NETWORK = "logistic", "network"
FITS = [*((arm, LOGISTIC) for arm in ARMS), *((arm, NETWORK) for arm in COMPARED)]
"""Every arm and kind of classifier that is compared."""

Tables = Mapping[tuple[str, str], Sequence[Table]]
"""(role, space) -> tables."""


@dataclass(frozen=True, kw_only=True)
class ArmConfig:
    """Sizes and training of the classifiers."""

    word_axes: int = 64
    """Numbers of the acoustic embedding of a word."""
    stretch_axes: int = 32
    """Numbers of the embedding of a whole stretch."""
    decays: tuple[float, ...] = (1e-4, 1e-3, 1e-2, 1e-1)
    """Weights of the norm in a logistic regression to choose from on dev."""
    network: NetworkConfig = field(default_factory=NetworkConfig)
    sentence_decay: float = 1e-2
    """Weight of the norm of the classifier of sentences in free speech, where a network is no better."""
    sentences: NetworkConfig = field(
        default_factory=lambda: NetworkConfig(
            hidden=(64,), dropout=0.5, decay=0.1, rate=2e-3, batch=64, epochs=25, patience=25
        )
    )
    """The classifier of sentences with a grammar."""
    first: int = 4
    """How often a sentence that was heard first counts for the classifier of sentences; an alternative counts once."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Extractors:
    """What makes embeddings of what was heard: learned first, then fixed."""

    word_axes: tuple[Frames, Frames]
    stretch_axes: tuple[Frames, Frames]
    context: ContextNetwork

    def inputs(self, table: Table, arm: str) -> Floats:
        """What the classifiers of an arm see of the words [N, ...] of a table."""
        columns: list[Floats] = [table.features[:, ARMS[arm].columns].astype(np.float64)]
        if ACOUSTIC in ARMS[arm].embeddings:
            columns.append(compress(table.sound.astype(np.float32), *self.word_axes))
            stretches = compress(table.hidden.astype(np.float32), *self.stretch_axes)
            columns.append(stretches[table.stretch[table.sentence]])
        if HYPOTHESIS in ARMS[arm].embeddings:
            vectors = [self.context(text.split()) for text in table.texts.tolist()]
            columns.append(np.concatenate(vectors).astype(np.float64))
        return np.concatenate(columns, axis=1)


class Arms:
    """All classifiers of one seed.

    Args:
        tables: what was heard, by role and space.
        context: the hypothesis embedding.
        config: sizes and training.

    Raises:
        DataError: no speech of one role.
    """

    def __init__(self, tables: Tables, context: ContextNetwork, config: ArmConfig):
        for role in (TRAIN, DEV, CALIBRATION):
            if not any(table.best.any() for table in _of(tables, role)):
                raise DataError(f"there is no speech with text for '{role}'; add sources of it to the configuration")
        self._tables, self._config, self._context = tables, config, context

    @cached_property
    def extractors(self) -> Extractors:
        """Learned from the best sentences of the train part."""
        train = [table for table in _of(self._tables, TRAIN) if table.best.any()]
        sound = np.concatenate([table.sound[table.best] for table in train]).astype(np.float32)
        hidden = np.concatenate([table.hidden for table in train]).astype(np.float32)
        return Extractors(
            word_axes=principal_axes(sound, self._config.word_axes),
            stretch_axes=principal_axes(hidden, self._config.stretch_axes), context=self._context,
        )  # fmt: skip

    def fit(self, arm: str, method: str, *, seed: int) -> Classifier:
        """A calibrated classifier of words."""
        train, dev = (self._lessons(arm, role) for role in (TRAIN, DEV))
        if method == LOGISTIC:
            tried = [fit_logistic(*train, decay=decay) for decay in self._config.decays]
            found = min(tried, key=lambda one: cross_entropy(one, *dev))
        else:
            found = fit_network(*train, dev, self._config.network, seed=seed)
        return self._calibrated(found, arm)

    def ship(self, *, acoustic: str) -> ConfidenceModel:
        """The model that ships: a logistic regression over both embeddings, and classifiers of sentences.

        Args:
            acoustic: hash of the acoustic bundle that heard the speech.
        """
        words = self.fit(BOTH, LOGISTIC, seed=0)
        extractors = self.extractors
        sentences = {FREE: self._sentences(words, FREE), GRAMMAR: self._sentences(words, GRAMMAR, ANSWER)}
        return ConfidenceModel(
            words=words, sentences=sentences, word_axes=extractors.word_axes, stretch_axes=extractors.stretch_axes,
            context=extractors.context, acoustic=acoustic,
        )  # fmt: skip

    def posterior(self) -> dict[str, tuple[float, float]]:
        """Slope and offset that calibrate the posteriors of words and sentences in free speech by themselves."""
        tables = _of(self._tables, CALIBRATION, FREE) or _of(self._tables, CALIBRATION)
        spoken = [(table.rank == 0) & (table.texts != "") for table in tables]
        words = np.concatenate([table.posterior[table.best] for table in tables])
        shares = np.concatenate([table.share[some] for table, some in zip(tables, spoken, strict=True)])
        right = np.concatenate([table.right[some] for table, some in zip(tables, spoken, strict=True)])
        correct = np.concatenate([table.types[table.best] == CORRECT for table in tables])
        return {
            "words": fit_calibration(logit(words), correct), "sentences": fit_calibration(logit(shares), right),
        }  # fmt: skip

    def sentence_inputs(self, words: Classifier, table: Table, space: str) -> Floats:
        """What a classifier of sentences sees of the sentences of a table, [S, ...]."""
        known = words(self.extractors.inputs(table, BOTH), GRAMMAR if space == ANSWER else space)
        ends = np.searchsorted(table.sentence, np.arange(len(table.right) + 1))
        rows = list(pairwise(ends))
        words_of = [known[first:last] for first, last in rows]
        summary = word_summary(words_of, [table.features[first:last] for first, last in rows])
        return np.concatenate([table.evidence, summary], axis=1)

    def _lessons(self, arm: str, role: str, space: str = "") -> tuple[Floats, NDArray[np.bool_]]:
        """Inputs and truths of all words of a role whose truth is known."""
        tables = [table for table in _of(self._tables, role, space) if table.best.any()]
        inputs = np.concatenate([self.extractors.inputs(table, arm)[table.best] for table in tables])
        return inputs, np.concatenate([table.types[table.best] == CORRECT for table in tables])

    def _calibrated(self, classifier: Classifier, arm: str) -> Classifier:
        found: dict[str, tuple[float, float]] = {}
        for space in (FREE, GRAMMAR):
            heard = any(table.best.any() for table in _of(self._tables, CALIBRATION, space))
            inputs, right = self._lessons(arm, CALIBRATION, space if heard else "")
            found[space] = fit_calibration(classifier.logits(inputs), right)
        return replace(classifier, calibrations=found)

    def _sentences(self, words: Classifier, *spaces: str) -> Classifier:
        """Learned from `dev`, and from those recordings of `train` whose words are not: of others, the words'
        probabilities are too good. What was heard first counts more than the alternatives to it. The calibrations are
        apart."""
        lessons = [self._sentence_lessons(words, self._learned(space), space) for space in spaces]
        inputs, right, first = (np.concatenate(column) for column in zip(*lessons, strict=True))
        times = np.where(first, self._config.first, 1)
        inputs, right = np.repeat(inputs, times, axis=0), np.repeat(right, times)
        if spaces == (FREE,):
            found = fit_logistic(inputs, right, decay=self._config.sentence_decay)
        else:
            found = fit_network(inputs, right, (inputs, right), self._config.sentences, seed=0)
        return replace(found, calibrations={space: self._sentence_calibration(words, found, space) for space in spaces})

    def _learned(self, space: str) -> list[Table]:
        unseen = [table for table in _of(self._tables, TRAIN, space) if (table.types == UNKNOWN).all()]
        return [*(_of(self._tables, DEV, space) or _of(self._tables, DEV)), *unseen]

    def _sentence_calibration(self, words: Classifier, found: Classifier, space: str) -> tuple[float, float]:
        held_out = _of(self._tables, CALIBRATION, space) or _of(self._tables, CALIBRATION)
        inputs, right, first = self._sentence_lessons(words, held_out, space)
        return fit_calibration(found.logits(inputs[first]), right[first])

    def _sentence_lessons(
        self, words: Classifier, tables: Sequence[Table], space: str
    ) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:  # fmt: skip
        """Inputs of all sentences that count, whether they are right, and whether they were heard first."""
        chosen = [(table.texts != "") & (table.rank != IGNORED) for table in tables]
        inputs = [self.sentence_inputs(words, t, space)[some] for t, some in zip(tables, chosen, strict=True)]
        right, rank = (
            np.concatenate([getattr(table, name)[some] for table, some in zip(tables, chosen, strict=True)])
            for name in ("right", "rank")
        )
        return np.concatenate(inputs), right, rank == 0


def classifier_file(run: Path, arm: str, method: str, seed: int) -> Path:
    """Where a run keeps a classifier of a comparison."""
    return run / f"{arm.replace(' ', '-')}.{method}.{seed}.npz"


def save_classifier(classifier: Classifier, file: Path) -> None:
    """Keep a classifier of a comparison."""
    np.savez(file, allow_pickle=False, **classifier.to_arrays("words"))


def load_classifier(file: Path) -> Classifier:
    """What `save_classifier` kept."""
    with np.load(file, allow_pickle=False) as arrays:
        return Classifier.from_arrays({name: arrays[name] for name in arrays.files}, "words")


def _of(tables: Tables, role: str, space: str = "") -> list[Table]:
    """Tables of a role, in one space or in all."""
    return [table for (own, kind), found in tables.items() if own == role and space in ("", kind) for table in found]
