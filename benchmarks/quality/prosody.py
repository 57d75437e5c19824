"""How closely the voice follows the melody of a recording: F0 RMSE, correlation and frame errors, with and without.

    HARKEN_DATA=... python -m benchmarks.quality.prosody [--voice NAME] [--count 12] [--world] [--write]

References are recordings that the voice has not learned from: of kathleen and librispeech `dev`, four other speakers,
and the `dev` part of what the voice's own speaker said, where HARKEN_RUNS has it. The text is said by the voice alone,
and following the reference (`harken say --like`); the vocoder's copy of the reference is the floor. The melody that is
wanted is the reference's, moved to the height and range of the voice. `--world` asks WORLD for the pitch instead of our
own tracker, which has also measured what is followed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers import world
from harken import paths
from harken.asr.acoustic.model import AcousticModel
from harken.bundle import load_bundle
from harken.data.utterances import Utterance, read_corpus
from harken.data.voice_folder import read_voice_folder
from harken.errors import ConfigError
from harken.events import Samples
from harken.metrics.intervals import bootstrap
from harken.metrics.melody import Melodies, cepstra, warp
from harken.metrics.result import Result, append_result
from harken.tts.frames import speech_frames
from harken.tts.pitch import track_pitch
from harken.tts.prosody import Floats
from harken.tts.text import Line
from harken.tts.transfer import Normaliser
from harken.tts.vocoder import Vocoder
from harken.tts.voice import Voice
from harken.workshop.following import follow

COMMAND = "python -m benchmarks.quality.prosody"
RECIPE = "tts/voice"
ALONE, FOLLOWING, COPY = "the voice alone", "following the recording", "the vocoder's copy of the recording"
UNSEEN = "unseen speakers"
_SHORTEST, _LONGEST = 2.5, 9.0
"""Seconds of a recording of librispeech."""
Tracker = Callable[[Samples], tuple[NDArray[np.float32], NDArray[np.bool_]]]
_MEASURES: Mapping[str, tuple[str, Callable[[Melodies], float]]] = {
    "F0 RMSE": ("Hz", lambda one: one.deviation),
    "F0 correlation": ("", lambda one: one.correlation),
    "F0 frame error": ("%", lambda one: 100 * one.frame_error),
}


class Speakers:
    """Ways to say the text of a recording.

    Raises:
        ConfigError: the voice does not say what is usual for it.
    """

    def __init__(self, name: str):
        self.voice, self._vocoder, self._model = Voice.load(name), Vocoder.load(), AcousticModel.load()
        if self.voice.usual is None:
            raise ConfigError(f"{self.voice.name} cannot follow a recording; name another voice with --voice")
        self.usual: Normaliser = self.voice.usual

    def ways(self) -> Mapping[str, Callable[[Utterance], Samples]]:
        """Name -> how it says the text of a recording."""
        return {
            ALONE: lambda one: self._say(self.voice.read(one.text or "")),
            FOLLOWING: lambda one: self._say(self._follow(one)),
            COPY: self._copy,
        }

    def _say(self, lines: Sequence[Line]) -> Samples:
        return np.concatenate([piece.samples for piece in self.voice.speak(lines)])

    def _follow(self, one: Utterance) -> Sequence[Line]:
        return follow(self.voice.read(one.text or ""), one.read(), self.usual, self._model).lines

    def _copy(self, one: Utterance) -> Samples:
        natural = one.read()
        hertz, voiced = track_pitch(natural)
        return self._vocoder.synthesize(speech_frames(natural), hertz, voiced)


@dataclass(frozen=True)
class Heard:
    """What of a sound is compared."""

    shape: Floats
    """Mel-cepstra [T, 24]."""
    height: Floats
    """Log Hz [T]."""
    voiced: NDArray[np.bool_]
    """[T]"""

    @classmethod
    def of(cls, samples: Samples, track: Tracker) -> Heard:
        """Of samples [n] at 16 kHz."""
        hertz, voiced = track(samples)
        return cls(cepstra(speech_frames(samples)), np.log(hertz.astype(np.float64)), voiced)

    def moved(self, usual: Normaliser) -> Heard:
        """In the height and range of a voice."""
        own = self.height[self.voiced]
        normal = (self.height - own.mean()) / max(float(own.std()), 1e-3)
        return Heard(self.shape, usual.mean[1] + normal * usual.deviation[1], self.voiced)


def melodies(wanted: Heard, heard: Heard) -> Melodies:
    """Both melodies along the path that aligns their spectra."""
    rows, columns = warp(wanted.shape, heard.shape)
    return Melodies(
        wanted=np.exp(wanted.height)[rows], wanted_voiced=wanted.voiced[rows],
        heard=np.exp(heard.height)[columns], heard_voiced=heard.voiced[columns],
    )  # fmt: skip


def references(voice: str, count: int) -> Mapping[str, list[Utterance]]:
    """Name of a set -> its recordings."""
    others = _spread(read_corpus("kathleen", "dev"), count // 2)
    read = [one for one in read_corpus("librispeech", "dev") if _SHORTEST <= one.duration <= _LONGEST]
    speakers = sorted({one.speaker or "" for one in read})
    for speaker in speakers:
        others += _spread([one for one in read if one.speaker == speaker], max(1, count // 2 // len(speakers)))
    sets = {UNSEEN: others}
    own = paths.runs() / "tts" / "synthetic" / voice.removeprefix("voice-")
    if own.is_dir():
        sets["its own speaker"] = _spread(read_voice_folder(own, "dev"), count)
    return sets


def _spread(utterances: Sequence[Utterance], count: int) -> list[Utterance]:
    return list(utterances[:: max(1, len(utterances) // count)][:count])


def figures(found: Mapping[str, Sequence[Melodies]]) -> Iterator[tuple[str, str, str, Sequence[float]]]:
    """Condition, metric, unit and the value of each recording; NaN where it has none."""
    for way, each in found.items():
        for metric, (unit, measure) in _MEASURES.items():
            yield way, metric, unit, [measure(one) for one in each]
    gain = [one.correlation - other.correlation for one, other in zip(found[FOLLOWING], found[ALONE], strict=True)]
    yield "per phone against no reference", "difference of the F0 correlation", "", gain


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", default="")
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--world", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    speakers = Speakers(options.voice)
    track: Tracker = world.track_pitch if options.world else track_pitch
    opened = [load_bundle(name) for name in (options.voice or speakers.voice.name, "vocoder", "acoustic-en")]
    for name, utterances in references(speakers.voice.name, options.count).items():
        found: dict[str, list[Melodies]] = {}
        for one in utterances:
            recorded = Heard.of(one.read(), track)
            for way, say in speakers.ways().items():
                wanted = recorded if way == COPY else recorded.moved(speakers.usual)
                found.setdefault(way, []).append(melodies(wanted, Heard.of(say(one), track)))
        for condition, metric, unit, values in figures(found):
            known = [value for value in values if np.isfinite(value)]
            span = bootstrap(lambda drawn: float(np.mean(drawn)), known, rng=np.random.default_rng(0))
            mean = float(np.mean(known))
            print(
                f"{name:16s} {condition:36s} {metric:33s} {mean:7.2f} [{span.low:.2f}, {span.high:.2f}] {unit}",
                flush=True,
            )
            if options.write:
                append_result(
                    Result(
                        recipe=RECIPE, metric=metric, unit=unit, value=mean, low=span.low, high=span.high, n=len(known),
                        set=name, condition=f"{condition}, pitch by WORLD" if options.world else condition, seeds=(0,),
                        command=f"{COMMAND} --count {options.count}{' --world' if options.world else ''}",
                        bundles={bundle.name: bundle.hash for bundle in opened},
                    )
                )  # fmt: skip


if __name__ == "__main__":
    main()
