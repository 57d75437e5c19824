"""What vocoders are tried on: voices heard and unheard, other languages, noise, echo, sounds that are no speech."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from harken.data.mixing import mix_at_snr
from harken.data.rooms import convolve
from harken.data.utterances import Utterance, read_corpus
from harken.events import SAMPLE_RATE, Samples

SEEN, UNSEEN, LANGUAGE = "seen speaker", "unseen speakers", "unseen languages"
NOISY, ECHO, BOTH, CRIES = "noisy", "reverberant", "noisy and reverberant", "cries and sneezes"
SNR_DB = 10
LONGEST = 4.0
"""Seconds of each recording."""
SHORTEST = 1.2


@dataclass(frozen=True)
class Item:
    """A recording to copy."""

    unit: str
    """What is drawn as a whole for intervals: a speaker; a recording where there are few speakers."""
    samples: Samples
    """[n] at 16 kHz."""


def make_sets(count: int) -> dict[str, list[Item]]:
    """Name -> `count` recordings each. None is of `train`; only kathleen's voice is heard there."""
    unseen = [one for name in ("librispeech", "common-voice") for one in _spread(read_corpus(name, "test"), count // 2)]
    noises = _spread(read_corpus("noise", "test"), count)
    rooms = [one.read() for one in read_corpus("rooms", "test")]
    cries = [one for one in read_corpus("esc10") if one.label in ("baby cry", "person sneeze")]
    clean = _items(unseen, unit=lambda one: one.speaker or one.audio.name)
    rng = np.random.default_rng(0)
    beds = [_loudest(one.read(), LONGEST) for one in noises]

    def noisy(items: Iterable[Item]) -> list[Item]:
        return [
            Item(item.unit, mix_at_snr(item.samples, beds[n % len(beds)], SNR_DB, rng=rng))
            for n, item in enumerate(items)
        ]

    echoing = [Item(item.unit, convolve(item.samples, rooms[n % len(rooms)])) for n, item in enumerate(clean)]
    return {
        SEEN: _items(_spread(read_corpus("kathleen", "dev"), count)),
        UNSEEN: clean,
        LANGUAGE: _items(_spread(read_corpus("voices", "dev"), count)),
        NOISY: noisy(clean),
        ECHO: echoing,
        BOTH: noisy(echoing),
        CRIES: _items(_spread(cries, count)),
    }


def _spread(utterances: Sequence[Utterance], count: int) -> list[Utterance]:
    """Recordings from all over a list, of 1.2 s or more."""
    long = [one for one in utterances if one.duration >= SHORTEST]
    return [long[n * len(long) // count] for n in range(count)] if len(long) > count else long


def _items(
    utterances: Iterable[Utterance], *, unit: Callable[[Utterance], str] = lambda one: one.audio.name
) -> list[Item]:  # fmt: skip
    return [Item(unit(one), _loudest(one.read(), LONGEST)) for one in utterances]


def _loudest(samples: Samples, seconds: float) -> Samples:
    """The stretch of a recording that holds most energy; the whole if it is shorter."""
    size = int(seconds * SAMPLE_RATE)
    if len(samples) <= size:
        return samples
    power = np.cumsum(np.concatenate([[0.0], np.square(samples, dtype=np.float64)]))
    first = int(np.argmax(power[size:] - power[:-size]))
    return samples[first : first + size]
