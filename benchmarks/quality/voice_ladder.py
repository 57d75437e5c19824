"""Where the quality of the voice goes: what it predicts is exchanged with what was recorded, one thing after another.

    MOONSHINE_DIR=... HARKEN_DATA=... python -m benchmarks.quality.voice_ladder [--count 20] [--write] [--keep DIR]

The prompts are those of `benchmarks.quality.voice`; durations are those of our own alignment, learned from `train`.
Each rung states what of a recording is left in it; what is lost against the recordings is paired over the prompts. Two
rungs divide the vocoder's loss: its magnitudes with the recording's phase, and the reverse.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.bundles import hashes
from benchmarks.peers.moonshine import Moonshine
from benchmarks.quality.voice import RECIPE, SET, WER, error_rate, measure, prompts
from harken.audio.features import Frames
from harken.bundle import load_bundle
from harken.data.utterances import Utterance, read_corpus
from harken.events import Samples
from harken.metrics.intervals import bootstrap
from harken.metrics.result import Result, append_result
from harken.phones.pronunciation import Pronunciation
from harken.train.tts.align import PAUSE, Aligner, AlignmentInput, learn
from harken.train.tts.sentences import symbols_of
from harken.tts.acoustic import Spoken, VoiceModel
from harken.tts.frames import speech_frames
from harken.tts.pitch import track_pitch
from harken.tts.prosody import STATES
from harken.tts.symbols import COMMA, GAP, MARKS
from harken.tts.text import Pronounce
from harken.tts.vocoder import Vocoder
from harken.tts.voice import Voice

COMMAND = "python -m benchmarks.quality.voice_ladder"
NATURAL = "natural recordings"
BUNDLES = ("voice-kathleen", "vocoder")
_TEACHERS = 300
"""Recordings of `train` from which the alignment is learned."""
_WINDOW, _HOP = 512, 128

Rung = Callable[[Utterance], Samples]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What a recording holds, in the terms of the voice."""

    samples: Samples
    frames: Frames
    hertz: NDArray[np.float32]
    voiced: NDArray[np.bool_]
    symbols: tuple[str, ...]
    durations: NDArray[np.int64]
    """Frames [N] of the symbols; their sum is even and at most T."""


class Exchange:
    """Makes the rungs' sounds; a recording is analysed once."""

    def __init__(self) -> None:
        bundle = load_bundle(BUNDLES[0])
        self._model, self._vocoder, self._voice = VoiceModel(bundle), Vocoder.load(), Voice.load(BUNDLES[0])
        table = bundle.arrays("statistics.npz")
        self._pitch, self._energy = table["pitch"], table["energy"]
        self._pronounce = Pronunciation.load().usual
        self._aligner = _learn_alignment(self._pronounce)
        self._known: dict[Path, Recorded] = {}

    def rungs(self) -> Mapping[str, Rung]:
        """Name -> how it says a prompt, the least changed first."""
        return {
            NATURAL: lambda one: self._recorded(one).samples,
            "recorded magnitudes, the vocoder's phase": lambda one: _exchange_phase(
                self._recorded(one).samples, self._copy(one)
            ),
            "the vocoder's magnitudes, recorded phase": lambda one: _exchange_phase(
                self._copy(one), self._recorded(one).samples
            ),
            "recorded frames, pitch, durations": self._copy,
            "recorded frames and durations": self._predicted_pitch,
            "recorded pitch and durations": lambda one: self._predicted_frames(one, spread=False),
            "recorded pitch and durations, spread of recorded frames": lambda one: self._predicted_frames(
                one, spread=True
            ),
            "recorded durations": self._predicted_frames_and_pitch,
            "nothing recorded": lambda one: self._voice.say(one.text or ""),
        }

    def _copy(self, one: Utterance) -> Samples:
        seen = self._recorded(one)
        return self._vocoder.synthesize(seen.frames, seen.hertz, seen.voiced)

    def _predicted_pitch(self, one: Utterance) -> Samples:
        seen, spoken = self._recorded(one), self._decoded(one, recorded_pitch=False)
        return self._vocoder.synthesize(seen.frames[: len(spoken.hertz)], spoken.hertz, spoken.voiced)

    def _predicted_frames(self, one: Utterance, *, spread: bool) -> Samples:
        seen, spoken = self._recorded(one), self._decoded(one, recorded_pitch=True)
        frames, count = spoken.frames, len(spoken.frames)
        if spread:
            wanted = seen.frames[:count]
            frames = (frames - frames.mean(0)) * (wanted.std(0) / (frames.std(0) + 1e-3)) + frames.mean(0)
        return self._vocoder.synthesize(frames.astype(np.float32), seen.hertz[:count], seen.voiced[:count])

    def _predicted_frames_and_pitch(self, one: Utterance) -> Samples:
        spoken = self._decoded(one, recorded_pitch=False)
        return self._vocoder.synthesize(spoken.frames, spoken.hertz, spoken.voiced)

    def _decoded(self, one: Utterance, *, recorded_pitch: bool) -> Spoken:
        """The voice's frames and pitch for the recording's durations, and for its pitch and energy if wanted."""
        seen = self._recorded(one)
        plan = replace(self._model.plan(seen.symbols), durations=seen.durations)
        if recorded_pitch:
            pitch, energy = self._pitch_and_energy(seen)
            plan = replace(plan, pitch=pitch, energy=energy)
        spoken = self._model.decode(plan)
        return spoken

    def _pitch_and_energy(self, seen: Recorded) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Normalised mean pitch (0 without a voiced frame) and energy of each symbol [N, 3], as this voice learned."""
        count = int(seen.durations.sum())
        owner = np.repeat(np.arange(len(seen.durations)), seen.durations)
        voiced = seen.voiced[:count].astype(np.float64)
        height = (np.log(seen.hertz[:count]) - self._pitch[0]) / self._pitch[1]
        sums = [
            np.bincount(owner, weight, len(seen.durations))
            for weight in (height * voiced, voiced, seen.frames[:count].mean(1))
        ]
        pitch = np.where(sums[1] > 0, sums[0] / np.maximum(sums[1], 1), 0)
        level = (sums[2] / np.maximum(seen.durations, 1) - self._energy[0]) / self._energy[1]
        level = np.where(seen.durations > 0, level, 0)
        pitch, energy = (np.repeat(one[:, None], STATES, 1).astype(np.float32) for one in (pitch, level))
        return pitch, energy

    def _recorded(self, one: Utterance) -> Recorded:
        if one.audio not in self._known:
            samples = one.read()
            frames, (hertz, voiced) = speech_frames(samples), track_pitch(samples)
            line, symbols = _line(frames, one.text or "", self._pronounce)
            durations = self._aligner.align(line).sum(1)
            if durations.sum() % 2:
                durations[np.flatnonzero(durations)[-1]] -= 1
            self._known[one.audio] = Recorded(
                samples=samples, frames=frames, hertz=hertz, voiced=voiced, symbols=symbols, durations=durations
            )
        return self._known[one.audio]


def _learn_alignment(pronounce: Pronounce) -> Aligner:
    """Our alignment, learned from recordings spread over `train`."""
    train = read_corpus("kathleen", "train")
    chosen = train[:: max(1, len(train) // _TEACHERS)]
    return learn([_line(speech_frames(one.read()), one.text or "", pronounce)[0] for one in chosen], rounds=9)


def _line(frames: Frames, text: str, pronounce: Pronounce) -> tuple[AlignmentInput, tuple[str, ...]]:
    symbols = symbols_of(text, pronounce)
    line = AlignmentInput(
        frames=frames.astype(np.float16),
        models=tuple(PAUSE if symbol in MARKS else symbol.rstrip("012") for symbol in symbols),
        optional=tuple(symbol in (GAP, COMMA) for symbol in symbols),
    )
    return line, symbols


def _exchange_phase(magnitudes: Samples, phases: Samples) -> Samples:
    """A sound with the magnitudes of one short-time spectrum and the phase of another."""
    count = min(len(magnitudes), len(phases))
    window = np.hanning(_WINDOW + 1)[:-1]
    spectra = []
    for sound in (magnitudes, phases):
        padded = np.pad(sound[:count], _WINDOW)
        spectra.append(np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP] * window))
    pieces = np.fft.irfft(np.abs(spectra[0]) * np.exp(1j * np.angle(spectra[1])), _WINDOW) * window
    out, weight = np.zeros(count + 2 * _WINDOW), np.full(count + 2 * _WINDOW, 1e-8)
    for number, piece in enumerate(pieces):
        out[number * _HOP : number * _HOP + _WINDOW] += piece
        weight[number * _HOP : number * _HOP + _WINDOW] += window**2
    return (out / weight)[_WINDOW : _WINDOW + count].astype(np.float32)


def report(name: str, measured: Mapping[str, object], whole: Sequence[float], *, write: bool) -> None:
    """Print a rung's figures and its paired difference to the recordings, and write them when asked."""
    rows: Sequence[tuple[int, int]] = measured["rows"]  # type: ignore[assignment]
    rated: Sequence[Mapping[str, float]] = measured["opinions"]  # type: ignore[assignment]
    opinions = [one["overall"] for one in rated]
    rng = np.random.default_rng(0)
    errors, mos = bootstrap(error_rate, rows, rng=rng), bootstrap(_mean, opinions, rng=rng)
    parts = {kind: _mean([one[kind] for one in rated]) for kind in ("signal", "background")}
    lost = [other - own for own, other in zip(opinions, whole, strict=True)]
    gap = bootstrap(_mean, lost, rng=rng)
    print(
        f"{name:56s} word errors {error_rate(rows):5.1f} [{errors.low:.1f}, {errors.high:.1f}] %   "
        f"DNSMOS overall {_mean(opinions):.2f} [{mos.low:.2f}, {mos.high:.2f}]   "
        f"signal {parts['signal']:.2f}, background {parts['background']:.2f}   "
        f"lost {_mean(lost):.2f} [{gap.low:.2f}, {gap.high:.2f}]   n = {len(rows)}",
        flush=True,
    )
    if not write:
        return
    ours = name != NATURAL
    about = {
        "recipe": RECIPE, "set": f"{SET}, first {len(rows)} prompts", "condition": name, "command": COMMAND,
        "n": len(rows), "system": "harken" if ours else NATURAL, "bundles": hashes(BUNDLES) if ours else {},
    }  # fmt: skip
    append_result(Result(metric=WER, unit="%", value=error_rate(rows), low=errors.low, high=errors.high, **about))
    append_result(Result(metric="DNSMOS overall", value=_mean(opinions), low=mos.low, high=mos.high, **about))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def main() -> None:
    """Measure every rung."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20, help="prompts")
    parser.add_argument("--write", action="store_true", help="append the figures to the recipe's results.jsonl")
    parser.add_argument("--keep", type=Path, help="folder for the sounds and transcripts")
    options = parser.parse_args()
    listener, items = Moonshine(), prompts(options.count)
    whole: list[float] = []
    for number, (name, say) in enumerate(Exchange().rungs().items()):
        keep = options.keep / f"{number}" if options.keep else None
        measured = measure(name, say, items, listener, keep)
        whole = whole or [one["overall"] for one in measured["opinions"]]  # type: ignore[attr-defined]
        report(name, measured, whole, write=options.write)


if __name__ == "__main__":
    main()
