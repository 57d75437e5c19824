"""Confidence: the probability that a word, and a sentence, is what was said, from everything the recogniser knows.

Swarup, Maas, Garimella, Mallidi and Hoffmeister, "Improving ASR confidence scores for Alexa using acoustic and
hypothesis embeddings" (Interspeech 2019): a classifier over the decoder's features (`evidence`), an embedding of the
word's sound and one of its neighbours (`embedding`). Its answer is calibrated on speakers that it did not learn from,
free speech and speech for which there is a grammar apart. A share of the lattice is no such probability: what the
search never thought of has no share.

Without a trained model for the acoustic model in use, the posteriors of free speech are calibrated alone, and those of
speech with a grammar stay as its own pass has left them (`harken.asr.passes.fit`).

    confidence = Confidence.load(acoustic_model)
    recognizer = Recognizer(acoustic_model, space, confidence=confidence)
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.acoustic.model import AcousticModel
from harken.asr.arrays import Floats
from harken.asr.ngram.model import NgramModel
from harken.asr.ngram.table import load_ngram
from harken.asr.passes.embedding import ContextNetwork, acoustic_embedding, compress, stretch_embedding
from harken.asr.passes.evidence import (
    SENTENCE_FEATURES,
    WORD_FEATURES,
    frame_facts,
    sentence_evidence,
    spans_of,
    word_evidence,
    word_summary,
)
from harken.asr.passes.record import HeardStretch
from harken.asr.search.heard import HeardSentence
from harken.audio.features import Frames
from harken.bundle import Bundle, installed_bundles, load_bundle
from harken.errors import BundleError
from harken.languages.loading import load_locale
from harken.languages.locale import Locale

log = logging.getLogger(__name__)

KIND = "confidence"
"""Kind of the bundles that hold `classifiers.npz` and `context.npz`."""
CLASSIFIERS, CONTEXT = "classifiers.npz", "context.npz"
FREE, GRAMMAR, ANSWER = "free", "grammar", "answer"
"""Kinds of speech: free; with a grammar; answers, as long as a yes-or-no question is open. Words have a calibration for
each of the first two, sentences a classifier; that for a grammar has another calibration for answers."""
WORD_POSTERIOR, SENTENCE_POSTERIOR = (0.36, -0.92), (0.93, -1.14)
"""Slope and offset by which the logit of a posterior in free speech becomes that of a probability: fitted on 3,321
words and 299 sentences of common-voice speakers that the acoustic model had not learned from. Exports fit them too."""
EDGE = 1e-4
"""Confidences stay this far from 0 and 1: nothing is certain."""


@dataclass(frozen=True, eq=False)
class Classifier:
    """A small network; without hidden layers, as the shipped ones are, a logistic regression.

    Attributes:
        mean, deviation: of each input [n].
        layers: weights [n, m] and bias [m] of each layer, rectified but for the last, which has m = 1.
        calibrations: kind of speech -> slope and offset of the logit.
    """

    mean: Floats
    deviation: Floats
    layers: tuple[tuple[Floats, Floats], ...]
    calibrations: Mapping[str, tuple[float, float]]

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Classifier:
        """The classifier of that name among the arrays of a bundle."""
        own = {key.removeprefix(f"{name}."): value for key, value in arrays.items() if key.startswith(f"{name}.")}
        count = sum(key.startswith("weights") for key in own)
        layers = tuple((own[f"weights{n}"].astype(float), own[f"bias{n}"].astype(float)) for n in range(count))
        calibrations = {
            kind: (float(own[kind][0]), float(own[kind][1])) for kind in (FREE, GRAMMAR, ANSWER) if kind in own
        }
        return cls(own["mean"].astype(float), own["deviation"].astype(float), layers, calibrations)

    def to_arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Arrays for a bundle."""
        arrays: dict[str, NDArray[Any]] = {"mean": self.mean, "deviation": self.deviation}
        for number, (weights, bias) in enumerate(self.layers):
            arrays |= {f"weights{number}": weights.astype(np.float16), f"bias{number}": bias.astype(np.float16)}
        arrays |= {kind: np.array(values) for kind, values in self.calibrations.items()}
        return {f"{name}.{key}": value for key, value in arrays.items()}

    def logits(self, inputs: Floats) -> Floats:
        """Before calibration, [items]."""
        values = (inputs - self.mean) / self.deviation
        for number, (weights, bias) in enumerate(self.layers):
            values = (np.maximum(values, 0) if number else values) @ weights + bias
        return np.asarray(values[:, 0])

    def __call__(self, inputs: Floats, kind: str) -> Floats:
        """Probability [items] that each item with these inputs [items, n] is right."""
        slope, offset = self.calibrations[kind]
        return probability(slope * self.logits(inputs) + offset)


@dataclass(frozen=True, kw_only=True, eq=False)
class ConfidenceModel:
    """What a bundle knows.

    Attributes:
        words: classifier of words from their features and both embeddings.
        sentences: kind of speech -> classifier of sentences.
        word_axes, stretch_axes: mean and axes to which acoustic embeddings are compressed.
        context: the hypothesis embedding.
        acoustic: hash of the acoustic bundle whose hidden layer it knows.
    """

    words: Classifier
    sentences: Mapping[str, Classifier]
    word_axes: tuple[Frames, Frames]
    stretch_axes: tuple[Frames, Frames]
    context: ContextNetwork
    acoustic: str

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> ConfidenceModel:
        """The model of a bundle.

        Raises:
            BundleError: another kind, or features that this version does not compute.
        """
        bundle.expect(KIND)
        facts = bundle.features
        for key, features in (("words", WORD_FEATURES), ("sentences", SENTENCE_FEATURES)):
            if facts[key] != [feature.name for feature in features]:
                raise BundleError(
                    f"{bundle.folder} was trained with other features of {key} than this harken has; train it again"
                )
        arrays = bundle.arrays(CLASSIFIERS)
        return cls(
            words=Classifier.from_arrays(arrays, "words"),
            sentences={kind: Classifier.from_arrays(arrays, f"sentences {kind}") for kind in (FREE, GRAMMAR)},
            word_axes=_axes(arrays, "word"), stretch_axes=_axes(arrays, "stretch"),
            context=ContextNetwork.from_arrays(bundle.arrays(CONTEXT)), acoustic=str(facts["acoustic"]),
        )  # fmt: skip

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays of `CLASSIFIERS`."""
        axes = {"word": self.word_axes, "stretch": self.stretch_axes}
        arrays: dict[str, NDArray[Any]] = {f"{name}.centre": mean for name, (mean, _) in axes.items()}
        arrays |= {f"{name}.axes": values.astype(np.float16) for name, (_, values) in axes.items()}
        for kind, classifier in self.sentences.items():
            arrays |= classifier.to_arrays(f"sentences {kind}")
        return arrays | self.words.to_arrays("words")

    def embed(self, hidden: Frames, sentence: HeardSentence) -> Floats:
        """Both embeddings of the words of a sentence, [words, ...]: sound, whole stretch, neighbours."""
        sound = compress(acoustic_embedding(hidden, spans_of(sentence.words)), *self.word_axes)
        stretch = compress(stretch_embedding(hidden)[None], *self.stretch_axes)
        around = np.broadcast_to(stretch, (len(sound), stretch.shape[1]))
        return np.concatenate([sound, around, self.context(sentence.texts)], axis=1)


class Confidence:
    """Replaces the confidences of words and sentences by calibrated probabilities; sentences keep their order.

    Args:
        model: trained for the acoustic model in use; None calibrates the posteriors of free speech alone.
        language: general language model; needed with a model.
    """

    name = "confidence"

    def __init__(self, model: ConfidenceModel | None = None, language: NgramModel | None = None):
        self._model, self._language = model, language

    @classmethod
    def load(cls, acoustic: AcousticModel, *, language_model: str = "", locale: Locale | None = None) -> Confidence:
        """With the language's installed bundle, if there is one and it knows this acoustic model.

        Args:
            acoustic: the model in use.
            language_model: bundle of the general language model; the language's own when empty.
            locale: the language; English when None.

        Raises:
            BundleError: the bundle is damaged or of another version.
        """
        locale = locale or load_locale()
        name = locale.bundles.confidence
        if name not in installed_bundles():
            return cls()
        model = ConfidenceModel.from_bundle(load_bundle(name))
        if model.acoustic != acoustic.fingerprint:
            log.info("bundle '%s' is for another acoustic model and is not used", name)
            return cls()
        return cls(model, load_ngram(load_bundle(language_model or locale.bundle("language_model"))))

    @property
    def is_trained(self) -> bool:
        """Whether there is a model."""
        return self._model is not None

    def __call__(self, heard: HeardStretch, before: Sequence[str]) -> HeardStretch:
        """The same sentences with calibrated confidences; where nothing was heard, nothing changes."""
        if heard.lattice is None or not any(sentence.words for sentence in heard.sentences):
            return heard
        kind = FREE if heard.options.consensus else GRAMMAR
        if self._model is None or self._language is None or heard.outputs.hidden is None:
            return replace(heard, sentences=tuple(map(_by_posterior, heard.sentences))) if kind == FREE else heard
        return replace(heard, sentences=_judged(self._model, self._language, heard, before, kind))


def _judged(
    model: ConfidenceModel, language: NgramModel, heard: HeardStretch, before: Sequence[str], kind: str
) -> tuple[HeardSentence, ...]:
    hidden, facts = heard.outputs.hidden, frame_facts(heard)
    assert hidden is not None
    evidence = [word_evidence(heard, sentence, facts, language, before) for sentence in heard.sentences]
    inputs = [
        np.concatenate([own, model.embed(hidden, sentence)], axis=1)
        for own, sentence in zip(evidence, heard.sentences, strict=True) if sentence.words
    ]  # fmt: skip
    known = iter(model.words(np.concatenate(inputs), kind))
    words = [np.array([next(known) for _ in sentence.words]) for sentence in heard.sentences]
    inputs_of = np.concatenate([sentence_evidence(heard), word_summary(words, evidence)], axis=1)
    answers = np.array([sentence.answer for sentence in heard.sentences])
    whole = model.sentences[kind](inputs_of, kind)
    if answers.any():
        whole = np.where(answers, model.sentences[GRAMMAR](inputs_of, ANSWER), whole)
    if kind == FREE:  # at most one was said; with a grammar, several may mean what was said
        whole = whole / max(1.0, float(whole.sum()))
    return tuple(map(_with, heard.sentences, words, whole))


def _with(sentence: HeardSentence, words: Floats, whole: float) -> HeardSentence:
    if not sentence.words:
        return sentence
    pairs = zip(sentence.words, words.tolist(), strict=True)
    return replace(sentence, words=tuple(replace(w, confidence=p) for w, p in pairs), confidence=float(whole))


def _by_posterior(sentence: HeardSentence) -> HeardSentence:
    words = calibrated(np.array([word.confidence for word in sentence.words]), *WORD_POSTERIOR)
    return _with(sentence, words, float(calibrated(np.array([sentence.confidence]), *SENTENCE_POSTERIOR)[0]))


def calibrated(posterior: Floats, slope: float, offset: float) -> Floats:
    """Posteriors 0..1 as probabilities of being right."""
    return probability(slope * logit(posterior) + offset)


def logit(p: Floats) -> Floats:
    """Log odds of probabilities, kept `EDGE` away from 0 and 1."""
    kept = np.clip(p, EDGE, 1 - EDGE)
    return np.asarray(np.log(kept / (1 - kept)), np.float64)


def probability(logits: Floats) -> Floats:
    """Probabilities of logits, `EDGE` away from 0 and 1."""
    return np.clip(1 / (1 + np.exp(-np.clip(logits, -30, 30))), EDGE, 1 - EDGE)


def _axes(arrays: Mapping[str, NDArray[Any]], name: str) -> tuple[Frames, Frames]:
    return arrays[f"{name}.centre"].astype(np.float32), arrays[f"{name}.axes"].astype(np.float32)
