"""What harken hears where nobody speaks, and what silence inside a recording does to the words around it.

    HARKEN_DATA=... python -m benchmarks.quality.silence [--split test] [--clips 500] [--show] [--write]
                                                         [--parts asked question live answers muted]

Clips of 0.1 to 30 s without speech: digital silence, white and pink noise, hum, tones, clicks, and (with HARKEN_DATA)
every noise of the split, half of them as they sound in its rooms. Each is heard with all shipped skills

- `asked`: as a recorded turn (`ask FILE`);
- `question`: the same while "Shall I unlock the front door?" is open;
- `live`: after the wake word was granted.

`answers`: spoken yes and no of speech-commands, while the question is open. `muted`: sentences of librispeech and
common-voice with zeros, dropouts and clipped stretches before or inside; compared are the words outside them with those
of the same recording without. Nothing is tuned on `test`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.bundles import RECOGNIZER, hashes
from harken.asr.recognizer import Recognizer
from harken.assistant.assistant import Assistant
from harken.assistant.models import Models
from harken.data.mixing import cut_noise
from harken.data.rooms import convolve
from harken.data.speechless import KINDS, speechless
from harken.data.utterances import read_corpus
from harken.dialogue.store import Store
from harken.events import SAMPLE_RATE, Event, Interpretation, Reply, Samples, StateChanged, Transcript, WakeDetected
from harken.metrics.edits import align
from harken.metrics.intervals import wilson
from harken.metrics.result import Result, append_result
from harken.paths import data

RECIPE, COMMAND = "assistant", "python -m benchmarks.quality.silence"
BUNDLES = ("acoustic-en", "ngram-en", "lexicon-en", "confidence-en", "interpreter-en", "vad")
SHORTEST, LONGEST = 0.1, 30.0
"""Seconds of a clip."""
QUESTION, UNLOCKED = "unlock the front door", "The front door is unlocked."
ANSWERS = {"yes": "affirm", "no": "deny"}
SENTENCES = 40
"""Of each corpus, for `muted`."""
MUTES = (2, 10, 60)
"""Seconds of zeros."""
PARTS = ("asked", "question", "live", "answers", "muted")


@dataclass(frozen=True)
class Clip:
    """A piece of sound and what it is."""

    kind: str
    samples: Samples


@dataclass(frozen=True)
class Outcome:
    """What became of one clip."""

    words: str
    """Everything that was shown, partial results included."""
    replies: tuple[str, ...]
    acted: bool
    unlocked: bool


def clips(count: int, split: str, seed: int = 0) -> list[Clip]:
    """At least `count` clips: as many made ones as pieces of recorded noises, if there are recordings."""
    rng, kinds = np.random.default_rng(seed), list(KINDS)
    recorded = list(_recorded(count // 2, split, rng)) if (data() / "audio" / "noise").is_dir() else []
    made = [kinds[n % len(kinds)] for n in range(count - len(recorded))]
    return [*(Clip(kind, speechless(kind, _seconds(rng), rng)) for kind in made), *recorded]


def _recorded(count: int, split: str, rng: np.random.Generator) -> Iterator[Clip]:
    """Pieces of all noises of a split in turn, every other one in a room."""
    noises = [(u.label or u.audio.stem, u.read()) for u in read_corpus("noise", split)]
    rooms = [u.read() for u in read_corpus("rooms", split)]
    for number in range(max(count, len(noises))):
        name, noise = noises[number % len(noises)]
        clip = cut_noise(noise, round(SAMPLE_RATE * _seconds(rng)), rng=rng)
        if number // len(noises) % 2:
            yield Clip(f"{name} in a room", convolve(clip, rooms[int(rng.integers(len(rooms)))]))
        else:
            yield Clip(name, clip)


def _seconds(rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(np.log(SHORTEST), np.log(LONGEST))))


def asked(assistant: Assistant, clip: Samples) -> Outcome:
    """A clip as a recorded turn."""
    assistant.reset()
    return outcome(assistant.ask_audio(clip))


def with_question(assistant: Assistant, clip: Samples) -> Outcome:
    """A clip while the user is asked whether to unlock a door."""
    assistant.reset()
    assistant.ask_text(QUESTION)
    return outcome(assistant.ask_audio(clip))


def live(assistant: Assistant, clip: Samples) -> Outcome:
    """A clip after the wake word, which is taken as heard; then the stream ends."""
    assistant.reset()
    begun = list(assistant.chain.hearing.process(WakeDetected(word="computer", start=0, end=0, score=1.0)))
    return outcome([*begun, *assistant.process(clip), *assistant.flush()])


def outcome(events: Sequence[Event]) -> Outcome:
    """What the events of a turn say."""
    shown = [event.text for event in events if isinstance(event, Transcript) and event.text]
    replies = tuple(event.text for event in events if isinstance(event, Reply))
    acted = any(isinstance(event, StateChanged) and event.state.get("acted") == event.turn for event in events)
    return Outcome(shown[-1] if shown else "", replies, acted, UNLOCKED in replies)


def hear_clips(part: str, models: Models, found: Sequence[Clip], *, show: bool) -> Iterator[tuple[str, int, int]]:
    """(what, how many clips, of how many) for one way of hearing them."""
    hear: Callable[[Assistant, Samples], Outcome] = {"asked": asked, "question": with_question, "live": live}[part]
    assistant = Assistant.over(models, wake=part == "live", voice=False)
    outcomes = []
    for number, clip in enumerate(found, 1):
        outcomes.append(hear(assistant, clip.samples))
        if show and (outcomes[-1].words or outcomes[-1].replies):
            print(f"  {part}: {clip.kind}, {len(clip.samples) / SAMPLE_RATE:.1f} s: {outcomes[-1]}", flush=True)
        if number % 50 == 0:
            print(f"  {part}: {number} of {len(found)} clips", flush=True)
    yield "words", sum(bool(one.words) for one in outcomes), len(outcomes)
    yield "replies", sum(bool(one.replies) for one in outcomes), len(outcomes)
    yield "actions", sum(one.acted for one in outcomes), len(outcomes)
    if part == "question":
        yield "unlocked", sum(one.unlocked for one in outcomes), len(outcomes)


def hear_answers(models: Models, split: str, *, show: bool) -> Iterator[tuple[str, int, int]]:
    """Spoken yes and no while the question is open."""
    assistant, right = Assistant.over(models, wake=False, voice=False), Counter[str]()
    words = [u for u in read_corpus("speech-commands", split) if u.label in ANSWERS]
    for utterance in words:
        assistant.reset()
        assistant.ask_text(QUESTION)
        events = assistant.ask_audio(utterance.read())
        meant = [event.intent for event in events if isinstance(event, Interpretation) and not event.rejected]
        good = meant == [ANSWERS[utterance.label or ""]]
        right["understood"] += good
        right["nothing"] += not meant and not outcome(events).words
        if show and not good:
            print(f"  answers: {utterance.label} ({utterance.audio.name}) heard as {outcome(events)}", flush=True)
    yield "yes and no understood", right["understood"], len(words)
    yield "yes and no taken for silence", right["nothing"], len(words)


@dataclass(frozen=True)
class Damage:
    """A recording in which something is lost, and where: spans [start, end) of the undamaged one."""

    samples: Samples
    spans: tuple[tuple[int, int], ...] = ()


def damages(samples: Samples, rng: np.random.Generator) -> Iterator[tuple[str, Damage]]:
    """A recording [n] with zeros, dropouts and clipped stretches."""
    pause = _quietest(samples)
    for seconds in MUTES:
        zeros = np.zeros(seconds * SAMPLE_RATE, np.float32)
        yield f"{seconds} s of zeros before", Damage(np.concatenate([zeros, samples]))
        inside = np.concatenate([samples[:pause], zeros, samples[pause:]])
        yield f"{seconds} s of zeros inside", Damage(inside, ((pause, pause),))
    spans = [(at, at + int(rng.integers(320, 1280))) for at in range(SAMPLE_RATE, len(samples), 2 * SAMPLE_RATE)]
    dropped, clipped = samples.copy(), samples.copy()
    for start, end in spans:
        dropped[start:end] = 0
        clipped[start:end] = np.clip(100 * clipped[start:end], -1, 1)
    yield "dropouts of 20 to 80 ms", Damage(dropped, tuple(spans))
    yield "clipped stretches of 20 to 80 ms", Damage(clipped, tuple(spans))
    loud = np.clip(100 * rng.standard_normal(SAMPLE_RATE), -1, 1).astype(np.float32)
    yield "1 s of clipped noise before", Damage(np.concatenate([loud, samples]))


def _quietest(samples: Samples) -> int:
    """The middle of the quietest fifth of a second, not at the edges."""
    size = SAMPLE_RATE // 5
    starts = range(SAMPLE_RATE // 2, len(samples) - SAMPLE_RATE // 2 - size, size // 4)
    powers = [float(np.square(samples[at : at + size], dtype=np.float64).sum()) for at in starts]
    return starts[int(np.argmin(powers))] + size // 2 if powers else len(samples) // 2


def hear_muted(models: Models, split: str, *, show: bool) -> Iterator[tuple[str, int, int]]:
    """Words outside the damage that differ from those of the recording without it, by kind of damage."""
    recognizer = Recognizer.load(locale=models.locale)
    wrong, total = Counter[str](), Counter[str]()
    for corpus in ("librispeech", "common-voice"):
        utterances = [u for u in read_corpus(corpus, split) if 3 < u.duration < 12]
        for place in np.random.default_rng(0).permutation(len(utterances))[:SENTENCES]:
            samples = utterances[place].read()
            words = recognizer.transcribe(samples).hypotheses[0].words
            for kind, damage in damages(samples, np.random.default_rng(int(place))):
                outside = [all(w.end <= a or w.start >= b for a, b in damage.spans) for w in words]
                heard = recognizer.transcribe(damage.samples).text.split()
                pairs = [pair for pair in align([w.text for w in words], heard) if pair[0] is not None]
                lost = [a for keep, (a, b) in zip(outside, pairs, strict=True) if keep and a != b]
                wrong[kind] += len(lost)
                total[kind] += sum(outside)
                if show and lost:
                    print(f"  muted: {kind}: {lost} in {' '.join(heard)!r}", flush=True)
    for kind in total:
        yield f"other words after {kind}", wrong[kind], total[kind]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=["train", "dev", "test"], default="test", help="noises have no dev: train")
    parser.add_argument("--clips", type=int, default=500)
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--show", action="store_true", help="print every clip in which something was heard")
    parser.add_argument("--write", action="store_true", help="add the figures to the recipe's results.jsonl")
    options = parser.parse_args()
    models = Models.load("en", store=Store(":memory:"))
    noises = "train" if options.split == "dev" else options.split
    found = clips(options.clips, noises) if {"asked", "question", "live"} & {*options.parts} else []
    for part in options.parts:
        if part in ("answers", "muted"):
            hear = hear_answers if part == "answers" else hear_muted
            rows = hear(models, options.split, show=options.show)
        else:
            rows = hear_clips(part, models, found, show=options.show)
        report(part, rows, noises if part in ("asked", "question", "live") else options.split, write=options.write)


def report(part: str, rows: Iterator[tuple[str, int, int]], split: str, *, write: bool) -> None:
    """Print, and record if asked."""
    sets = {"answers": f"speech-commands {split}, yes and no", "muted": f"librispeech and common-voice {split}"}
    conditions = {"asked": "recorded turn", "question": "a question open", "live": "after the wake word",
                  "answers": "a question open", "muted": "dictation"}  # fmt: skip
    for metric, hits, n in rows:
        low, high = wilson(hits, n)
        result = Result(
            recipe=RECIPE, metric=f"without speech: {metric}" if part not in sets else metric, unit="%",
            value=round(100 * hits / n, 2), low=round(100 * low, 2), high=round(100 * high, 2), n=n,
            set=sets.get(part, f"sound without speech, noise and rooms {split}"), condition=conditions[part],
            command=f"{COMMAND} --parts {part} --split {split}", note=f"{hits} of {n}",
            bundles=hashes(RECOGNIZER if part == "muted" else BUNDLES),
        )  # fmt: skip
        print(f"{part:9} {metric:45} {result.figure}  {hits} of {n}", flush=True)
        if write:
            append_result(result)


if __name__ == "__main__":
    main()
