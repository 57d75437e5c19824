"""What vocoders lose: copies of recordings, the likelihood of recordings, and how far voices lie from those heard.

    HARKEN_DATA=... python -m benchmarks.quality.vocoders [--count 12] [--networks] [--voice DIR ...] [--write]

The recordings are those of `benchmarks.quality.vocoder_sets`. Copies of some sets are compared with them; that needs
the packages pesq and pystoi and the weights in speechmos, and WORLD takes part if pyworld is installed. `--voice` adds
the copies of an exported universal vocoder. With `--networks`, those that `harken train tts/universal_vocoder method`
left say how well they foresee half a second of each recording of all sets, and the frames of their training sets are
compared with the recordings' own. Intervals are bootstraps over speakers, or over recordings where there are few
speakers; tests are paired over the same and corrected for their number.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.bundles import hashes
from benchmarks.peers.dnsmos import Dnsmos
from benchmarks.peers.griffin_lim import griffin_lim
from benchmarks.peers.world import copy_with_world
from benchmarks.quality.vocoder_likelihood import report_likelihoods
from benchmarks.quality.vocoder_sets import SEEN, UNSEEN, Item, make_sets
from harken.audio.files import write_wav
from harken.bundle import Bundle
from harken.events import SAMPLE_RATE, Samples
from harken.metrics.intervals import bootstrap
from harken.metrics.likeness import mel_cepstral_distortion, pitch_errors
from harken.metrics.paired import holm, paired_t_test, relative_score
from harken.metrics.result import OURS, Result, append_result
from harken.recipes.tts.universal_vocoder.material import MANY, ONE
from harken.tts.copies import load_copier
from harken.tts.mel_frames import MelAnalysis
from harken.tts.pitch import track_pitch

RECIPE = "tts/universal_vocoder"
COMMAND = "python -m benchmarks.quality.vocoders"
IDENTITY = "natural"
PRODUCT = "source-filter vocoder"
UNIVERSAL = "universal vocoder, "
ANALYSIS = MelAnalysis()
RELATIVE = "score relative to natural speech"
UNITS = {"PESQ": "", "STOI": "", "MCD": "dB", "F0 RMSE": "Hz", "V/UV errors": "%", "DNSMOS overall": "", "RTF": "RTF"}
LEVEL = 0.08
"""Root mean square to which every sound is scaled before DNSMOS hears it."""

Copy = Callable[[Samples], Samples]


@dataclass(frozen=True)
class Measured:
    """The figures of one system on one set: metric -> a value for each recording."""

    values: Mapping[str, Sequence[float]]
    units: Sequence[str]


def systems(voices: Sequence[Path]) -> dict[str, Copy]:
    """Name -> how it copies a recording."""
    found: dict[str, Copy] = {
        IDENTITY: lambda samples: samples,
        "Griffin-Lim": lambda samples: griffin_lim(ANALYSIS.frames(samples), ANALYSIS, rng=np.random.default_rng(0)),
        PRODUCT: load_copier("vocoder").copy,
    }
    if importlib.util.find_spec("pyworld"):
        found["WORLD"] = copy_with_world
    for folder in voices:
        found[UNIVERSAL + str(Bundle(folder).info["origin"]["speakers"])] = load_copier(folder).copy
    return found


class Judge:
    """Compares a copy with its original."""

    def __init__(self) -> None:
        self._pesq, self._stoi = importlib.import_module("pesq").pesq, importlib.import_module("pystoi").stoi
        self._rater = Dnsmos()

    def judge(self, original: Samples, copy: Samples) -> dict[str, float]:
        """Metric -> value; not a number where a metric finds no speech."""
        copy = np.pad(copy, (0, max(0, len(original) - len(copy))))[: len(original)]
        pitch = pitch_errors(*track_pitch(original), *track_pitch(copy))
        try:
            opinion = float(self._pesq(SAMPLE_RATE, original, copy, "wb"))
        except Exception:  # pesq raises its own unrelated types when it finds no utterance
            opinion = float("nan")
        return {
            "PESQ": opinion,
            "STOI": float(self._stoi(original, copy, SAMPLE_RATE)),
            "MCD": mel_cepstral_distortion(ANALYSIS.frames(original), ANALYSIS.frames(copy)),
            "F0 RMSE": pitch.hertz,
            "V/UV errors": pitch.voicing,
            "DNSMOS overall": self._rater.rate(_at_level(copy))["overall"],
        }


def _at_level(samples: Samples) -> Samples:
    scaled = samples * (LEVEL / (float(np.sqrt(np.square(samples).mean())) + 1e-9))
    return (scaled / max(1.0, float(np.abs(scaled).max()))).astype(np.float32)


def measure(name: str, copy: Copy, items: Sequence[Item], judge: Judge, keep: Path | None) -> Measured:
    """Copy and compare every recording."""
    rows = []
    for number, item in enumerate(items):
        began = time.process_time()
        made = copy(item.samples)
        spent = time.process_time() - began
        rows.append({**judge.judge(item.samples, made), "RTF": spent * SAMPLE_RATE / len(item.samples)})
        if keep:
            write_wav(keep / f"{name.replace(' ', '-')}-{number:02d}.wav", made)
    return Measured({metric: [row[metric] for row in rows] for metric in rows[0]}, [item.unit for item in items])


def by_unit(values: Sequence[float], units: Sequence[str]) -> list[float]:
    """The mean of each unit's values, without those that are no number."""
    kept: dict[str, list[float]] = {}
    for value, unit in zip(values, units, strict=True):
        if np.isfinite(value):
            kept.setdefault(unit, []).append(value)
    return [float(np.mean(own)) for own in kept.values()]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def report_system(name: str, where: str, found: Measured, *, write: bool) -> None:
    """Print and write every metric of a system on a set."""
    parts = []
    for metric, values in found.values.items():
        own = by_unit(values, found.units)
        if len(own) < 2:
            continue
        mean, span = _mean(own), bootstrap(_mean, own, rng=np.random.default_rng(0))
        parts.append(f"{metric} {mean:.3g} [{span.low:.3g}, {span.high:.3g}]")
        if write and not (name == IDENTITY and metric == "RTF"):
            timed = metric == "RTF"
            append_result(
                Result(
                    recipe=RECIPE, metric=metric, unit=UNITS[metric], value=mean, low=None if timed else span.low,
                    high=None if timed else span.high, n=len(own), set=where, **_about(name),
                )
            )  # fmt: skip
    print(f"{where:22s} {name:32s} {'  '.join(parts)}", flush=True)


def report_relative(where: str, found: Mapping[str, Measured], *, write: bool) -> None:
    """Print and write DNSMOS relative to natural speech, with tests against it that are corrected for their number."""
    natural = by_unit(found[IDENTITY].values["DNSMOS overall"], found[IDENTITY].units)
    others = {name: by_unit(one.values["DNSMOS overall"], one.units) for name, one in found.items() if name != IDENTITY}
    chances = holm([paired_t_test(own, natural).p for own in others.values()])
    for (name, own), p in zip(others.items(), chances, strict=True):
        pairs = list(zip(own, natural, strict=True))
        span = bootstrap(lambda drawn: relative_score(*zip(*drawn, strict=True)), pairs, rng=np.random.default_rng(0))
        score = relative_score(own, natural)
        print(f"{where:22s} {name:32s} {score:.1f} [{span.low:.1f}, {span.high:.1f}] % of natural, p = {p:.2g}")
        if write:
            append_result(
                Result(
                    recipe=RECIPE, metric=RELATIVE, unit="%", value=score, low=span.low, high=span.high, n=len(own),
                    set=where, note=f"DNSMOS overall; paired t-test against natural, Holm: p = {p:.2g}",
                    **_about(name),
                )
            )  # fmt: skip
    few, many = (others.get(UNIVERSAL + speakers) for speakers in (ONE, MANY))
    if few and many:
        _report_gain(where, few, many, natural, write=write)


def _report_gain(
    where: str, few: Sequence[float], many: Sequence[float], natural: Sequence[float], *, write: bool
) -> None:
    """What many speakers gain over one, in points of the score relative to natural speech."""

    def gain(drawn: Sequence[tuple[float, float, float]]) -> float:
        ours, theirs, whole = zip(*drawn, strict=True)
        return relative_score(ours, whole) - relative_score(theirs, whole)

    rows = list(zip(many, few, natural, strict=True))
    span, value = bootstrap(gain, rows, rng=np.random.default_rng(0)), gain(rows)
    print(f"{where:22s} {MANY} against {ONE}: {value:+.1f} [{span.low:.1f}, {span.high:.1f}] points")
    if write:
        append_result(
            Result(
                recipe=RECIPE, metric=f"difference of the {RELATIVE}", unit="points", value=value, low=span.low,
                high=span.high, n=len(rows), set=where, condition=f"{MANY} against {ONE}", seeds=(0,), command=COMMAND,
            )
        )  # fmt: skip


def _about(name: str) -> dict[str, object]:
    """System, condition, command and what the figure belongs to."""
    about: dict[str, object] = {"system": name, "command": COMMAND}
    if name == PRODUCT:
        about |= {"system": OURS, "condition": PRODUCT, "bundles": hashes(["vocoder"])}
    if name.startswith(UNIVERSAL):
        about |= {"system": OURS, "condition": name.removeprefix(UNIVERSAL), "seeds": (0,)}
    return about


def main() -> None:
    """Measure copies, then likelihoods."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=12, help="recordings of each set")
    parser.add_argument("--sets", nargs="*", default=[SEEN, UNSEEN], help="sets that are copied; all are foreseen")
    parser.add_argument("--networks", action="store_true", help="likelihoods of the universal vocoder's networks")
    parser.add_argument("--voice", type=Path, nargs="*", default=[], help="folders of exported universal vocoders")
    parser.add_argument("--keep", type=Path, help="folder for the sounds")
    parser.add_argument("--write", action="store_true", help="append the figures to the recipe's results.jsonl")
    options = parser.parse_args()
    sets = make_sets(options.count)
    judge = Judge() if options.sets else None
    for where in options.sets:
        found = {}
        for name, copy in systems(options.voice).items():
            found[name] = measure(name, copy, sets[where], judge, options.keep)
            report_system(name, where, found[name], write=options.write)
        report_relative(where, found, write=options.write)
    if options.networks:
        report_likelihoods(sets, recipe=RECIPE, command=f"{COMMAND} --networks", write=options.write)


if __name__ == "__main__":
    main()
