"""A user's own speech for `adaptation`: reading it, choosing what to learn from, and learning from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from harken.asr.acoustic.model import AcousticModel
from harken.asr.ngram.model import END, START, UNKNOWN, NgramModel
from harken.asr.search.space import SearchSpace
from harken.bundle import Bundle
from harken.data.utterances import MANIFEST, Utterance, read_manifest
from harken.errors import DataError
from harken.train.asr.acoustic import AcousticNetwork
from harken.train.asr.data import Piece, Speech, whole_pieces
from harken.train.asr.denominator import PhoneTrigram, estimate_trigram
from harken.train.asr.lexicon import LABELS, TrainingLexicon, phone_ids
from harken.train.asr.selection.choice import STEPS_PER_HOUR, ChoiceConfig, by_local_global, usable
from harken.train.asr.selection.decoding import Decoder, decode_pool, read_pool
from harken.train.asr.selection.evidence import EvidenceConfig, gather_evidence
from harken.train.asr.selection.parts import parts_of, pieces_of
from harken.train.asr.selection.priors import one_edit, text_prior
from harken.train.asr.selection.restoring import bundle_ivectors, restored_network
from harken.train.asr.selection.slots import gather
from harken.train.asr.store import FeatureStore, write_feature_store
from harken.train.asr.task import AcousticTask, TaskConfig
from harken.train.schedule import LoopConfig
from harken.workshop.heard_log import HeardLog

OWN, CHECKED = "own", "checked"
"""Corpus names of the recordings that are learned from, and of those that decide."""


@dataclass(frozen=True, kw_only=True)
class AdaptConfig:
    """How much is needed, chosen and learned; the defaults take some minutes on one core."""

    fewest_checked: int = 20
    """Recordings with what was really said; fewer could not tell better from worse."""
    fewest_minutes: float = 2.0
    """Of speech without text."""
    share: float = 0.7
    """Of it that is learned from."""
    evidence: EvidenceConfig = field(default_factory=EvidenceConfig)
    choice: ChoiceConfig = field(default_factory=ChoiceConfig)
    task: TaskConfig = field(default_factory=lambda: TaskConfig(batch_frames=3000))
    loop: LoopConfig = field(
        default_factory=lambda: LoopConfig(
            steps=60, lr=1e-4, final=0.1, clip=2.0, average=0.95, validate_every=60, checkpoint_seconds=30.0
        )
    )


def own_recordings(folder: Path) -> list[Utterance]:
    """The recordings of a log, or of a folder with a manifest; `text` is what was really said, where that is known.

    Raises:
        DataError: the folder holds neither, or nothing.
    """
    if (folder / MANIFEST).is_file():
        recordings = list(read_manifest(folder / MANIFEST, corpus=OWN))
    else:
        recordings = [
            Utterance(audio=entry.audio, duration=entry.seconds, corpus=OWN, split="train", text=entry.said)
            for entry in HeardLog(folder).entries()
        ]
    if not recordings:
        raise DataError(
            f"{folder} holds no recordings of the log and no {MANIFEST}; `harken log on` lets the assistant keep what "
            "it hears from now on"
        )
    return recordings


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What is learned from, the features of all own recordings, and how many slots were flipped."""

    pieces: list[Piece]
    store: FeatureStore
    flipped: int


def choose(
    own: Sequence[Utterance], seed: Bundle, space: SearchSpace, language: NgramModel, root: Path, run: Path,
    config: AdaptConfig, report: Callable[[str], None],
) -> Chosen:  # fmt: skip
    """Decode a user's recordings and choose what to learn from.

    Args:
        own: recordings without text.
        seed: acoustic bundle.
        space: what can be said.
        language: tells how usual words are.
        root: folder of the recordings.
        run: keeps what was decoded.
        config: how much is chosen.
        report: called as the work proceeds.

    Raises:
        DataError: nothing was understood well enough.
    """
    decode_pool(Decoder(AcousticModel.from_bundle(seed), space), own, run / "decoded", root=root, report=report)
    write_feature_store(run / "features", own, root=root, report=report)
    store, (decoded, vectors) = FeatureStore(run / "features"), read_pool(run / "decoded")
    slots = gather([row.slots for row in decoded], vectors)
    lexicon, steps = TrainingLexicon({}), [row.steps for row in decoded]
    evidence = gather_evidence(
        slots, config.evidence, rng=np.random.default_rng(0), prior=text_prior(language),
        kind=lambda word, rival: one_edit(lexicon.pronounce(word)[0], lexicon.pronounce(rival)[0]),
    )  # fmt: skip
    phones = [sum(len(lexicon.pronounce(word)[0]) for word in row.words) for row in decoded]
    order = by_local_global(
        slots, evidence, steps, config.share * sum(steps) / STEPS_PER_HOUR,
        usable(decoded, phones, config.choice), config.choice,
    )  # fmt: skip
    entries = {entry.name: entry for entry in store.entries}
    bounds = np.searchsorted(slots.recording, np.arange(len(decoded) + 1))
    pieces = []
    for n in order:
        parts = parts_of(decoded[n], evidence.flipped[bounds[n] : bounds[n + 1]].tolist())
        pieces += pieces_of(decoded[n], parts, entries[decoded[n].name], source=0, corpus=OWN)
    if not pieces:
        raise DataError("nothing was understood well enough to learn from; nothing was changed")
    return Chosen(pieces=pieces, store=store, flipped=int(evidence.flipped.sum()))


def own_task(
    network: AcousticNetwork, chosen: Chosen, checked: Sequence[Utterance], seed: Bundle, language: NgramModel,
    root: Path, run: Path, config: AdaptConfig,
) -> AcousticTask:  # fmt: skip
    """Learning from the chosen pieces, measured on the checked recordings."""
    write_feature_store(run / "checked", [replace(u, corpus=CHECKED) for u in checked], root=root)
    checked_store = FeatureStore(run / "checked")
    lexicon, normalizer = TrainingLexicon({}), AcousticModel.from_bundle(seed).normalizer

    def speech(store: FeatureStore, pieces: Sequence[Piece], whole: Sequence[Piece], name: str) -> Speech:
        heard = Speech([store], whole, lexicon, normalizer, network.look_ahead)
        ivectors = bundle_ivectors(seed, restored_network(seed), heard, run / name)
        return Speech([store], pieces, lexicon, normalizer, network.look_ahead, ivectors)

    own = [
        Piece(source=0, entry=entry, first=0, frames=entry.frames, words=("a",), corpus=entry.corpus)
        for entry in chosen.store.entries
    ]
    said, _ = whole_pieces([checked_store], {})
    trigram = usual_trigram(language, lexicon, np.random.default_rng(0))
    return AcousticTask(
        network, speech(chosen.store, chosen.pieces, own, "voices"),
        speech(checked_store, said, said, "checked-voices"), trigram, None, config.task,
    )  # fmt: skip


def usual_trigram(
    language: NgramModel, lexicon: TrainingLexicon, rng: np.random.Generator, *, sentences: int = 4000
) -> PhoneTrigram:
    """Phone trigram of sentences of eight words drawn by how usual they are: training texts are not at hand.

    Args:
        language: a language model of words.
        lexicon: their pronunciations.
        rng: draws.
        sentences: how many.
    """
    chances = np.exp(language.orders[0].log_prob.astype(np.float64))
    chances[[UNKNOWN, START, END]] = 0
    drawn = rng.choice(len(chances), (sentences, 8), p=chances / chances.sum())
    ways = {number: phone_ids(lexicon.pronounce(language.words[number])) for number in np.unique(drawn).tolist()}
    said = [[ways[number] for number in sentence] for sentence in drawn.tolist()]
    return estimate_trigram(said, len(LABELS), rng)
