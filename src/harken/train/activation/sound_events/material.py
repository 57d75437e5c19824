"""What the sound events are learned from: ESC-10, noises and speech of the data root, as log-mel frames.

Some noises are examples of ESC-10's classes (rain on a tent, a campfire), others may hold one of them unnoticed
(a village at night, a river), and are left out. The rest, and speech, are none of them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from harken.activation.sound_network import NOTHING
from harken.data.utterances import Utterance, read_corpus
from harken.events import Samples
from harken.train.activation.store import Clip

log = logging.getLogger(__name__)

SOUNDS = "esc10"
NOISE = "noise"
LABELS = (
    "baby cry", "chainsaw", "clock tick", "dog bark", "fire crackling", "helicopter", "person sneeze", "rain",
    "rooster", "sea waves",
)  # fmt: skip
"""ESC-10's classes, in the order of the networks' outputs."""
EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "dog-barking": "dog bark", "clock": "clock tick", "campfire": "fire crackling", "fireplace": "fire crackling",
        "waves": "sea waves", "heavy-rain": "rain", "light-rain": "rain", "rain": "rain", "rain-on-leaves": "rain",
        "rain-on-tent": "rain", "rain-on-umbrella": "rain", "rain-on-window": "rain",
    }
)  # fmt: skip
"""Label of a noise -> the class that it is an example of."""
DOUBTFUL = frozenset(
    {
        "rain-on-car-roof", "thunder", "storm", "windshield-wipers", "droplets", "river", "waterfall", "seagulls",
        "sailboat", "boat", "rowing-boat", "night-village", "jungle", "summer-night", "construction-site", "crowd",
        "vinyl-effect", "wolf", "paper", "fireworks",
    }
)  # fmt: skip
"""Labels of noises in which one of the classes may be heard, or nearly."""
SPEECH: Mapping[str, int] = MappingProxyType({"librispeech": 100, "common-voice": 120, "speech-commands": 60})
"""Corpus of speech -> how many recordings of its `train` part are learned from."""
DEV_SPEECH = ("librispeech", "common-voice")
"""Corpora of speech whose `dev` parts the thresholds are chosen on."""


def event_of(corpus: str, label: str) -> str:
    """The class of a recording, or `NOTHING`."""
    if corpus == SOUNDS:
        return label
    return EXAMPLES.get(label, NOTHING) if corpus == NOISE else NOTHING


def is_clear(corpus: str, label: str) -> bool:
    """Whether it is known which of the classes a recording holds."""
    return corpus != NOISE or label not in DOUBTFUL


def sound_recordings(*, limit: int = 0) -> Iterator[tuple[Clip, Samples]]:
    """Everything that is learned from.

    Args:
        limit: at most this many recordings of each split of a corpus, 0 for all; for ESC-10, of each class of a fold.
    """
    counts: dict[tuple[str, str], int] = {}
    for utterance in read_corpus(SOUNDS):
        kind = utterance.split, utterance.label or ""
        counts[kind] = counts.get(kind, 0) + 1
        if not limit or counts[kind] <= limit:
            yield _clip(utterance), utterance.read()
    noises = [u for u in read_corpus(NOISE, "train") if is_clear(NOISE, u.label or "")]
    for utterance in noises[: limit or None]:
        yield _clip(utterance), utterance.read()
    for corpus, count in SPEECH.items():
        yield from _spread(read_corpus(corpus, "train"), min(count, limit or count))


def dev_speech(*, limit: int = 0) -> Iterator[tuple[Clip, Samples]]:
    """Speech of the `dev` parts, which holds none of the classes; at most `limit` recordings of each corpus."""
    for corpus in DEV_SPEECH:
        utterances = read_corpus(corpus, "dev")
        yield from _spread(utterances, limit or len(utterances))


def _spread(utterances: list[Utterance], count: int) -> Iterator[tuple[Clip, Samples]]:
    """`count` recordings, evenly spread over the corpus."""
    for utterance in utterances[:: max(1, len(utterances) // count)][:count]:
        yield _clip(utterance), utterance.read()


def _clip(utterance: Utterance) -> Clip:
    """Facts; a sound's `speaker` is the field recording that it was cut from (2-82538 of 2-82538-A)."""
    source = utterance.audio.stem.rpartition("-")[0] if utterance.corpus == SOUNDS else utterance.speaker
    return Clip(
        corpus=utterance.corpus, split=utterance.split, speaker=source or "", label=utterance.label or ""
    )  # fmt: skip
