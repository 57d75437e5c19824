"""How soon an answer sounds, live: from the end of what somebody said to the first sound of the reply.

    HARKEN_DATA=... taskset -c 0 python -m benchmarks.speed.live [--split test] [--limit 60] [--write]

Orders that people spoke to a coffee machine (`coffee-commands`) reach the shipped assistant through a simulated sound
card, 20 ms at a time; a button opens the turn. The time until the turn is taken to be over is counted in sound that was
heard after the speaker's last sound; the time from then on is taken by the clock. The devices' own delay comes on top.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.bundles import hashes
from benchmarks.quality.live import Bench, Trial, spoken
from harken.assistant.listening import Listening
from harken.assistant.simulated_card import SimulatedCard
from harken.data.utterances import read_corpus
from harken.events import SAMPLE_RATE, SpeechChunk, TurnEnded
from harken.metrics.intervals import bootstrap
from harken.metrics.result import Result, append_result

RECIPE, COMMAND = "assistant", "python -m benchmarks.speed.live"
BUNDLES = ("vad", "acoustic-en", "voice-kokoro", "vocoder")
PATIENCE = 6.0
"""Seconds after the end of the request in which the answer must begin."""
BREATH = 1.0
"""Seconds between a reply and the next request."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Seconds from the end of speech to the decision, and from there to the first sound."""

    decided: float
    sounded: float


def main() -> None:
    """Measure, print, record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--limit", type=int, default=60, help="requests, at most")
    parser.add_argument("--write", action="store_true", help="append to the recipe's results.jsonl")
    options = parser.parse_args()
    bench = Bench(write=False)
    card = SimulatedCard(noise=bench.noise)
    requests = read_corpus("coffee-commands", options.split)[: options.limit]
    with Listening(bench.models, card, live=False) as listening:
        listening.open()
        trial = Trial(card, listening, bench.clock)
        answers = [ask(trial, spoken(request.read())) for request in requests]
    report(answers, what=f"coffee-commands {options.split}", write=options.write)


def ask(trial: Trial, request: np.ndarray) -> Answered | None:
    """A request and its answer; None without one."""
    trial.run(BREATH)
    trial.listening.press()
    end = trial.card.position + len(request)
    trial.card.say(request)
    decided, since, answer = 0, 0.0, None
    while answer is None and trial.card.position < end + PATIENCE * SAMPLE_RATE:
        begun = time.perf_counter()
        trial.clock.seconds += 0.02
        for event in trial.listening.step():
            if isinstance(event, TurnEnded):
                decided, since = trial.card.position, begun
            elif isinstance(event, SpeechChunk) and decided and answer is None:
                answer = Answered(decided=(decided - end) / SAMPLE_RATE, sounded=time.perf_counter() - since)
    trial.listening.stop_speaking()
    return answer


def report(answers: Sequence[Answered | None], *, what: str, write: bool) -> None:
    """Medians and 95th percentiles, in ms; requests that were cut off are counted apart."""
    given = [answer for answer in answers if answer is not None]
    whole = [answer for answer in given if answer.decided >= 0]
    print(f"{len(answers)} requests, {len(given)} answered, {len(given) - len(whole)} cut off before their end")
    figures = {
        "end of speech to first sound": [answer.decided + answer.sounded for answer in whole],
        "end of speech to end of turn": [answer.decided for answer in whole],
        "end of turn to first sound": [answer.sounded for answer in whole],
    }
    for name, seconds in figures.items():
        for share in (50, 95):
            show(name, [1000 * value for value in seconds], share, what=what, write=write)


def show(name: str, values: Sequence[float], share: int, *, what: str, write: bool) -> None:
    """One percentile with its interval."""
    value = float(np.percentile(values, share))
    low, high = bootstrap(lambda drawn: float(np.percentile(drawn, share)), values, rng=np.random.default_rng(0))
    print(f"  {name}, p{share}: {value:.0f} ms ({low:.0f}-{high:.0f}), n = {len(values)}", flush=True)
    if write:
        append_result(
            Result(
                recipe=RECIPE, metric=f"{name}, p{share}", unit="ms", value=value, low=min(low, value),
                high=max(high, value), n=len(values), set=what, condition="live, after a button", command=COMMAND,
                bundles=hashes(BUNDLES),
            )
        )  # fmt: skip


if __name__ == "__main__":
    main()
