"""What a trained voice makes of its own training sentences: frames for a vocoder to learn from.

A vocoder that has only seen frames of recordings meets flatter ones when a voice speaks; so it learns, at the end, from
frames that the voice predicts with the durations, pitch and energy of the recordings, and from these recordings' sound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from harken.train.arrays import write_arrays
from harken.train.tts.acoustic import VoiceNet
from harken.train.tts.acoustic_task import AlignedSentence, VoiceStatistics, collate, decode_batch
from harken.train.tts.corpus import SpeechCorpus
from harken.tts.frames import BANDS


def write_predicted(
    folder: Path, corpus: SpeechCorpus, sentences: Sequence[AlignedSentence], net: VoiceNet, statistics: VoiceStatistics
) -> int:
    """Write a corpus like `corpus` whose frames are those that the network predicts; return how many recordings.

    Args:
        folder: to write; what was there is replaced.
        corpus: recordings.
        sentences: the same, aligned.
        net: trained.
        statistics: of the voice.
    """
    return write_arrays(folder, _predicted(corpus, sentences, net.eval(), statistics))


def _predicted(
    corpus: SpeechCorpus, sentences: Sequence[AlignedSentence], net: VoiceNet, statistics: VoiceStatistics
) -> Iterator[tuple[Mapping[str, Any], dict[str, NDArray[Any]]]]:
    for number, sentence in enumerate(sentences):
        batch = collate([sentence])
        with torch.no_grad():
            codes = net.encoder(batch.symbols, batch.symbol_mask)[0]
            normal = decode_batch(net, batch, codes)[0, :, :BANDS].numpy()
        recording, count = corpus[number], len(normal)
        yield (
            dict(recording.about),
            {
                "samples": recording.samples.reshape(-1, recording.samples.size // len(recording.frames))[:count],
                "frames": (normal * statistics.scale + statistics.mean).astype(np.float16),
                "hertz": recording.hertz[:count],
                "voiced": recording.voiced[:count],
            },
        )
