"""How well the voice is understood and how it sounds: held-out prompts, natural recordings and other voices.

    MOONSHINE_DIR=... HARKEN_DATA=... python -m benchmarks.quality.voice [--peers] [--write] [--keep DIR]

Fifty prompts of kathleen `dev`, none of which is in `train`, are synthesised and transcribed by an external recogniser;
so are the natural recordings of the same prompts. Two networks guess what listeners would say. Intervals are bootstraps
over the prompts.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.bundles import hashes
from benchmarks.peers import hibari
from benchmarks.peers.distillmos import DistillMos
from benchmarks.peers.dnsmos import Dnsmos
from benchmarks.peers.moonshine import Moonshine
from harken.audio.files import resample, write_wav
from harken.data.utterances import Utterance, read_corpus
from harken.events import SAMPLE_RATE, Samples
from harken.languages.loading import load_locale
from harken.metrics.intervals import bootstrap
from harken.metrics.result import Result, append_result
from harken.metrics.wer import word_errors
from harken.text.words import normalize_words
from harken.tts.copies import load_copier
from harken.tts.voice import Voice

SET = "kathleen dev"
RECIPE = "tts/voice"
WER = "word error rate of Moonshine tiny"
COMMAND = "python -m benchmarks.quality.voice"
VOICES = ("voice-kathleen",)
"""Voices that are measured besides the usual one."""
LEVEL = 0.08
"""Root mean square to which every system is scaled, so that loudness does not matter."""

Say = Callable[[Utterance], Samples]


def prompts(count: int = 50) -> list[Utterance]:
    """The first reading of each prompt of `dev`."""
    first: dict[str, Utterance] = {}
    for utterance in read_corpus("kathleen", "dev"):
        first.setdefault(str(utterance.more["prompt"]), utterance)
    return list(first.values())[:count]


def systems(peers: bool) -> dict[str, tuple[Say, tuple[str, ...]]]:
    """Name -> how it says a prompt, and the bundles of ours that take part."""
    copier = load_copier("vocoder")
    usual = load_locale().bundle("voice")
    speakers: dict[str, tuple[Say, tuple[str, ...]]] = {
        "natural recordings": (lambda utterance: utterance.read(), ()),
        "natural through our vocoder": (lambda utterance: copier.copy(utterance.read()), ("vocoder",)),
    }
    for bundle in dict.fromkeys((usual, *VOICES)):
        voice = Voice.load(bundle)
        name = "harken" if bundle == usual else f"harken, {bundle}"
        speakers[name] = (lambda utterance, voice=voice: voice.say(utterance.text or ""), (bundle, "vocoder"))
    if peers:
        for name, command in _PEERS.items():
            if shutil.which(command[0]):
                speakers[name] = (lambda utterance, command=command: _run(command, utterance.text or ""), ())
        if hibari.available():
            other = hibari.Hibari()
            speakers[hibari.NAME] = (lambda utterance: other.say(utterance.text or ""), ())
    return speakers


_PEERS = {
    "espeak-ng (en-us)": ("espeak-ng", "-v", "en-us", "--stdout"),
    "flite (slt)": ("flite", "-voice", "slt", "-o", "/dev/stdout", "-t"),
}


def _run(command: tuple[str, ...], text: str) -> Samples:
    done = subprocess.run([*command, text], capture_output=True, check=True, timeout=60)
    import soundfile

    samples, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float32")
    return resample(samples, rate, SAMPLE_RATE)


def measure(name: str, say: Say, items: list[Utterance], listener: Moonshine, keep: Path | None) -> dict[str, object]:
    """Errors and words of each prompt, opinions, speed."""
    rater, second, rows, opinions, lengths, spent = Dnsmos(), DistillMos(), [], [], 0.0, 0.0
    for number, utterance in enumerate(items):
        started = time.process_time()
        samples = say(utterance)
        spent += time.process_time() - started
        lengths += len(samples) / SAMPLE_RATE
        samples = samples * (LEVEL / (float(np.sqrt(np.square(samples).mean())) + 1e-9))
        peak = float(np.abs(samples).max())
        samples = samples / max(1.0, peak)
        heard = listener.transcribe(np.pad(samples, 3200))
        wanted = normalize_words(utterance.text or "")
        rows.append((word_errors(wanted, normalize_words(heard)).errors, len(wanted)))
        opinions.append({**rater.rate(samples), "DistillMOS": second.rate(samples)})
        if keep:
            write_wav(keep / f"{name.split()[0]}-{number:02d}.wav", samples)
            with (keep / f"{name.split()[0]}.txt").open("a", encoding="utf-8") as log:
                log.write(f"{number:02d} {rows[-1][0]} | {utterance.text} | {heard}\n")
    return {"rows": rows, "opinions": opinions, "rtf": spent / lengths, "seconds": lengths}


def report(name: str, measured: dict[str, object], used: tuple[str, ...], write: bool) -> None:
    """Print a system's figures, and write them when asked."""
    rows: list[tuple[int, int]] = measured["rows"]  # type: ignore[assignment]
    opinions: list[dict[str, float]] = measured["opinions"]  # type: ignore[assignment]
    rng = np.random.default_rng(0)
    errors, span = error_rate(rows), bootstrap(error_rate, rows, rng=rng)
    kinds = ("overall", "signal", "background")
    means = {kind: float(np.mean([opinion[kind] for opinion in opinions])) for kind in kinds}
    mos, distilled = (
        bootstrap(lambda values: float(np.mean(values)), [opinion[kind] for opinion in opinions], rng=rng)
        for kind in ("overall", "DistillMOS")
    )
    distilled_mean = float(np.mean([opinion["DistillMOS"] for opinion in opinions]))
    print(
        f"{name:30s} word errors {errors:5.1f} [{span.low:.1f}, {span.high:.1f}] %   "
        f"DNSMOS overall {means['overall']:.2f} [{mos.low:.2f}, {mos.high:.2f}], signal {means['signal']:.2f}, "
        f"background {means['background']:.2f}   DistillMOS {distilled_mean:.2f} [{distilled.low:.2f}, "
        f"{distilled.high:.2f}]   RTF {measured['rtf']:.4f}   n = {len(rows)}",
        flush=True,
    )
    if not write:
        return
    conditions = {"natural through our vocoder": "natural frames through the vocoder", "harken": ""}
    about = {
        "recipe": RECIPE,
        "set": SET,
        "system": "harken" if used else name,
        "condition": conditions.get(name, used[0] if used else ""),
        "command": f"{COMMAND} --peers",
        "bundles": hashes(used),
        "n": len(rows),
    }
    append_result(Result(metric=WER, unit="%", value=errors, low=span.low, high=span.high, **about))
    append_result(Result(metric="DNSMOS overall", value=means["overall"], low=mos.low, high=mos.high, **about))
    distilled_row = {"value": distilled_mean, "low": distilled.low, "high": distilled.high}
    append_result(Result(metric="DistillMOS", unit="", **distilled_row, **about))
    if name.startswith("harken"):
        rtf = float(str(measured["rtf"]))
        append_result(Result(metric="real-time factor, one core", unit="RTF", value=rtf, **about))


def error_rate(rows: Sequence[tuple[int, int]]) -> float:
    """Percent of the words, from the errors and words of each prompt."""
    return 100 * sum(errors for errors, _ in rows) / sum(words for _, words in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", action="store_true", help="espeak-ng, flite and hibari-tts too, where installed")
    parser.add_argument("--write", action="store_true", help="append the figures to the recipe's results.jsonl")
    parser.add_argument("--keep", type=Path, help="folder for the sounds and transcripts")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--only", default="", help="systems whose name contains this")
    options = parser.parse_args()
    listener, items = Moonshine(), prompts(options.count)
    for name, (say, used) in systems(options.peers).items():
        if options.only not in name:
            continue
        report(name, measure(name, say, items, listener, options.keep), used, options.write)


if __name__ == "__main__":
    main()
