"""Symbols to frames: durations, pitch and energy are predicted for each symbol, then decoded to log-mel and pitch.

A bundle whose feature 'states' is 3 has three values of pitch and of energy for each symbol (`harken.tts.prosody`), and
their contour is a line through them. Older ones have one value, which holds for the whole symbol. The feature 'rises'
says that the voice has learned the rise of yes-or-no questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.audio.features import Frames
from harken.bundle import Bundle
from harken.errors import VocabularyError
from harken.tts.frames import BANDS
from harken.tts.manner import Manner
from harken.tts.prosody import DURATION, ENERGY, PITCH, STATES, Floats, contour
from harken.tts.symbols import MARKS, QUESTION, STOP
from harken.tts.transfer import Normaliser

KIND = "voice"
_FEWEST_FRAMES = 2
"""A phone is never shorter than 20 ms: training has none that is."""
_LONGEST_FRAMES = 80
"""Nor longer than 0.8 s, whatever the network predicts for an odd sequence of symbols."""
_RISE_FROM, _RISE_TO = 0.5, 2.0
_TUNE = ("pitch", "energy")
"""Outputs of the encoder: [1, N, 3], of older bundles [1, N]."""
_SEMITONE = np.log(2) / 12
"""In natural log of frequency."""
_STRESSED_SLOWER, _STRESSED_HIGHER, _STRESSED_LOUDER = 0.15, 1.5, 0.4
"""What a moderate emphasis adds: share of the duration, semitones, standard deviations of energy."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a sentence is going to be said."""

    codes: NDArray[np.float32]
    """[N, C] what else the decoder needs to know about each symbol."""
    pitch: NDArray[np.float32]
    """[N, 3] log frequency at the beginning, in the middle and at the end, in the voice's standard deviations."""
    energy: NDArray[np.float32]
    """[N, 3] likewise."""
    durations: NDArray[np.int64]
    """[N] frames; their sum is even."""

    @property
    def frames(self) -> int:
        """Length of the sentence in frames."""
        return int(self.durations.sum())


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """Frames ready for the vocoder."""

    frames: Frames
    """Log-mel [T, 80]."""
    hertz: NDArray[np.float32]
    """Fundamental frequency [T]."""
    voiced: NDArray[np.bool_]
    """[T]"""


def positions(durations: NDArray[np.int64]) -> NDArray[np.float32]:
    """Position of each frame in its symbol, [F, 3]: share done, share left, log duration (in units of e^2 frames)."""
    owners = np.repeat(np.arange(len(durations)), durations)
    starts = np.repeat(np.cumsum(durations) - durations, durations)
    lengths = durations[owners]
    done = (np.arange(len(owners)) - starts + 0.5) / np.maximum(lengths, 1)
    return np.stack([done, 1 - done, np.log(np.maximum(lengths, 1)) / 2], 1).astype(np.float32)


class VoiceModel:
    """One voice's acoustic model.

    Args:
        bundle: of kind 'voice': graphs encoder.onnx and decoder.onnx, table statistics.npz, labels = symbols.
    """

    def __init__(self, bundle: Bundle):
        bundle.expect(KIND)
        self._encoder, self._decoder = bundle.session("encoder.onnx"), bundle.session("decoder.onnx")
        table = bundle.arrays("statistics.npz")
        self._mean, self._scale = table["mean"], table["scale"]
        self.usual = Normaliser.from_arrays(table) if "prosody" in table else None
        """The prosody that is usual for the voice; None for a bundle that does not say."""
        self._pitch, self._energy = ((float(table[name][0]), float(table[name][1])) for name in _TUNE)
        self._codes = {symbol: code for code, symbol in enumerate(bundle.labels)}
        self._is_mark = np.array([symbol in MARKS for symbol in bundle.labels])
        self._states = int(bundle.features.get("states", 1))
        self._rises = bool(bundle.features.get("rises", False))
        self._contrast = contrast_matrix(float(bundle.features.get("contrast", 1.0)))

    def plan(
        self, symbols: Sequence[str], *, rate: float = 1.0, question: bool = False, manners: Sequence[Manner] = (),
        prosody: Floats | None = None,
    ) -> Plan:  # fmt: skip
        """Durations, pitch and energy of symbols.

        Args:
            symbols: [N] of `harken.tts.symbols`, N >= 1.
            rate: speed; 2.0 takes half the time.
            question: whether the tune rises at the end; by a rule, if the voice has not learned it.
            manners: [N] how each symbol is said; as the network predicts when empty.
            prosody: log Hz, log energy and frames [N, 7] (`harken.tts.prosody`) instead of those that the network
                predicts, except where they are NaN.

        Raises:
            VocabularyError: a symbol that the voice has not learned.
        """
        if QUESTION not in self._codes:
            symbols = [STOP if symbol == QUESTION else symbol for symbol in symbols]
        unknown = sorted({symbol for symbol in symbols if symbol not in self._codes})
        if unknown or not symbols:
            raise VocabularyError(f"the voice has no symbols {unknown or '(none given)'}; it has {list(self._codes)}")
        codes = np.array([self._codes[symbol] for symbol in symbols], np.int64)
        out = self._encoder.run(x=codes[None])
        pitch, energy = (np.broadcast_to(out[name][0].reshape(len(codes), -1), (len(codes), STATES)) for name in _TUNE)
        if question and not self._rises:
            pitch = pitch + _rise(symbols)[:, None]
        frames = np.expm1(out["duration"][0])
        if prosody is not None:
            pitch = _known((prosody[:, PITCH] - self._pitch[0]) / self._pitch[1], pitch)
            energy = _known((prosody[:, ENERGY] - self._energy[0]) / self._energy[1], energy)
            frames = _known(prosody[:, DURATION], frames)
        speed: float | NDArray[np.float64] = rate
        if manners:
            speed = rate * np.array([manner.rate / (1 + _STRESSED_SLOWER * manner.emphasis) for manner in manners])
            pitch = self._tune(pitch, codes, manners)
            energy = energy + np.array([[_STRESSED_LOUDER * manner.emphasis] for manner in manners])
        durations = self._frames(frames / speed, codes, speed)
        return Plan(
            codes=out["y"][0], pitch=pitch.astype(np.float32), energy=energy.astype(np.float32), durations=durations
        )

    def decode(self, plan: Plan) -> Spoken:
        """Frames of a plan."""
        tune = np.stack([self._contour(values, plan.durations) for values in (plan.pitch, plan.energy)], 1)
        spread = np.concatenate([np.repeat(plan.codes, plan.durations, 0), tune, positions(plan.durations)], 1)
        y = self._decoder.run(x=spread.reshape(1, len(spread) // 2, -1).astype(np.float32))["y"][0]
        voiced = y[:, BANDS + 1] > 0
        # The decoder adds what happens within a symbol. A pitch that is unusual for the voice it brings back towards
        # the usual; so what it adds is taken around its own mean, and the sentence is as high as the plan says.
        added = y[:, BANDS] - tune[:, 0]
        pitch = tune[:, 0] + added - (added[voiced].mean() if voiced.any() else 0.0)
        return Spoken(
            frames=((y[:, :BANDS] * self._scale + self._mean) @ self._contrast).astype(np.float32),
            hertz=np.clip(np.exp(pitch * self._pitch[1] + self._pitch[0]), 60, 420).astype(np.float32),
            voiced=voiced,
        )

    def _contour(self, values: NDArray[np.float32], durations: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.repeat(values[:, 0], durations) if self._states == 1 else contour(values, durations)

    def _tune(
        self, pitch: NDArray[np.float32], codes: NDArray[np.int64], manners: Sequence[Manner]
    ) -> NDArray[np.float64]:
        """Predicted pitch [N, 3], in standard deviations, with another range around its mean, and shifted."""
        phones = ~self._is_mark[codes]
        middle = pitch[phones].mean() if phones.any() else 0.0
        ranges = np.array([[manner.pitch_range] for manner in manners])
        shifts = np.array([[manner.pitch + _STRESSED_HIGHER * manner.emphasis] for manner in manners])
        return np.asarray(pitch + (pitch - middle) * (ranges - 1) + shifts * _SEMITONE / self._pitch[1])

    def _frames(
        self, wanted: NDArray[np.float32], codes: NDArray[np.int64], speed: float | NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Whole frames [N] of wanted durations [N], each limited to what a voice can do; their sum is even."""
        fewest = np.where(self._is_mark[codes], 0, _FEWEST_FRAMES)
        longest = np.maximum(_FEWEST_FRAMES, np.rint(_LONGEST_FRAMES / np.minimum(speed, 1.0)))
        frames = np.clip(np.rint(wanted), fewest, longest).astype(np.int64)
        if frames.sum() == 0 or frames.sum() % 2:
            frames[-1] += 1 if frames.sum() else 2
        return frames


def contrast_matrix(strength: float) -> NDArray[np.float32]:
    """Matrix [80, 80] that makes the peaks and valleys of log-mel frames [T, 80] `strength` times as high.

    Because they are learned with absolute differences, frames come out flatter than those of speech; this scales their
    cepstra from the third on, so that level and tilt stay the same.
    """
    order = np.arange(BANDS)
    cosines = np.cos(np.pi / BANDS * (order[:, None] + 0.5) * order) * np.sqrt(2 / BANDS)
    cosines[:, 0] /= np.sqrt(2)
    weights = np.where(order < 2, 1.0, strength)
    return np.asarray((cosines * weights) @ cosines.T, np.float32)


def _known(given: Floats, predicted: NDArray[np.floating]) -> NDArray[np.floating]:
    """What is given, and what is predicted where that is NaN."""
    return np.where(np.isnan(given), predicted, given)


def _rise(symbols: Sequence[str]) -> NDArray[np.float32]:
    """What a yes-or-no question adds to the pitch of its symbols [N], in standard deviations.

    A rule, for voices that learned from statements only or from questions that do not rise: from the last main stress
    on, the tune rises.
    """
    stressed = [place for place, symbol in enumerate(symbols) if symbol.endswith("1")]
    rise = np.zeros(len(symbols), np.float32)
    if stressed:
        rise[stressed[-1] :] = np.linspace(_RISE_FROM, _RISE_TO, len(symbols) - stressed[-1])
    return rise
