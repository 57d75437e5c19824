"""How closely the voice follows the melody of a recording: F0 RMSE, correlation and frame errors, with and without.

    HARKEN_DATA=... python -m benchmarks.quality.prosody [--voice NAME] [--count 20] [--write]

References are recordings that the voice has not learned from: kathleen `dev`, another speaker, and the `dev` part of
what the voice's own speaker said, where HARKEN_RUNS has it. The text is said by the voice alone, and following the
reference (`harken say --like`); the vocoder's copy of the reference is the floor. The melody that is wanted is the
reference's, moved to the height and range of the voice.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence

import numpy as np

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
from harken.tts.text import Line
from harken.tts.transfer import Normaliser
from harken.tts.vocoder import Vocoder
from harken.tts.voice import Voice
from harken.workshop.following import follow

COMMAND = "python -m benchmarks.quality.prosody"
RECIPE = "tts/voice"
FOLLOWING = "following the recording"
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
            "the voice alone": lambda one: self._say(self.voice.read(one.text or "")),
            FOLLOWING: lambda one: self._say(self._follow(one)),
            "the vocoder's copy of the recording": self._copy,
        }

    def _say(self, lines: Sequence[Line]) -> Samples:
        return np.concatenate([piece.samples for piece in self.voice.speak(lines)])

    def _follow(self, one: Utterance) -> list[Line]:
        return follow(self.voice.read(one.text or ""), one.read(), self.usual, self._model)

    def _copy(self, one: Utterance) -> Samples:
        natural = one.read()
        hertz, voiced = track_pitch(natural)
        return self._vocoder.synthesize(speech_frames(natural), hertz, voiced)


def melodies(wanted: Samples, heard: Samples, usual: Normaliser | None) -> Melodies:
    """Both melodies along the path that aligns their spectra; the wanted one in the height and range of the voice."""
    rows, columns = warp(cepstra(speech_frames(wanted)), cepstra(speech_frames(heard)))
    (hertz, voiced), (other, sounding) = track_pitch(wanted), track_pitch(heard)
    height = np.log(hertz.astype(np.float64))
    if usual is not None:
        own = height[voiced]
        height = usual.mean[1] + (height - own.mean()) / max(float(own.std()), 1e-3) * usual.deviation[1]
    return Melodies(
        wanted=np.exp(height)[rows], wanted_voiced=voiced[rows], heard=other.astype(np.float64)[columns],
        heard_voiced=sounding[columns],
    )  # fmt: skip


def references(voice: str, count: int) -> Mapping[str, list[Utterance]]:
    """Name of a set -> its recordings."""
    sets = {"kathleen dev": _spread(read_corpus("kathleen", "dev"), count)}
    own = paths.runs() / "tts" / "synthetic" / voice.removeprefix("voice-")
    if own.is_dir():
        sets[f"{own.name} dev"] = _spread([one for one in read_voice_folder(own) if one.split == "dev"], count)
    return sets


def _spread(utterances: Sequence[Utterance], count: int) -> list[Utterance]:
    return list(utterances[:: max(1, len(utterances) // count)][:count])


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", default="")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    speakers = Speakers(options.voice)
    bundles = {
        name: load_bundle(name).hash for name in (options.voice or speakers.voice.name, "vocoder", "acoustic-en")
    }
    for name, utterances in references(speakers.voice.name, options.count).items():
        for way, say in speakers.ways().items():
            usual = None if "copy" in way else speakers.usual
            found = [melodies(one.read(), say(one), usual) for one in utterances]
            for metric, (unit, measure) in _MEASURES.items():
                values = [value for value in map(measure, found) if np.isfinite(value)]
                span = bootstrap(lambda drawn: float(np.mean(drawn)), values, rng=np.random.default_rng(0))
                mean = float(np.mean(values))
                print(
                    f"{name:14s} {way:38s} {metric:15s} {mean:7.2f} [{span.low:.2f}, {span.high:.2f}] {unit}",
                    flush=True,
                )
                if options.write:
                    append_result(
                        Result(
                            recipe=RECIPE, metric=metric, unit=unit, value=mean, low=span.low, high=span.high,
                            n=len(values), set=name, condition=way, command=f"{COMMAND} --count {options.count}",
                            bundles={key.rsplit("/", 1)[-1]: value for key, value in bundles.items()},
                        )
                    )  # fmt: skip


if __name__ == "__main__":
    main()
