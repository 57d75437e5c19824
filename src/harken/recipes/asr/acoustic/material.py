"""Data of the acoustic model for training and measurement: settings, stores, transcripts, lexicon, tables."""

from __future__ import annotations

import io
import itertools
import json
import tarfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from harken import paths
from harken.asr.acoustic.ivector import Extractor
from harken.asr.acoustic.model import IVECTORS
from harken.audio.features import Normalizer, with_sound
from harken.data.utterances import Utterance, corpus_folder, read_corpus
from harken.errors import DataError
from harken.recipes.asr.acoustic import toy
from harken.train.arrays import is_written
from harken.train.asr.acoustic import AcousticNetwork, NetworkConfig
from harken.train.asr.align import align_sentence, cut_points
from harken.train.asr.data import Piece, Speech, cut, read_transcripts, silent_pieces, whole_pieces
from harken.train.asr.denominator import PhoneTrigram, estimate_trigram
from harken.train.asr.export import whole_scores
from harken.train.asr.ivector_data import Ivectors, learn_extractor, listen, phone_filter
from harken.train.asr.kept import is_kept
from harken.train.asr.lexicon import LABELS, TrainingLexicon
from harken.train.asr.store import FeatureStore, write_feature_store
from harken.train.asr.task import AcousticTask, TaskConfig
from harken.train.schedule import LoopConfig

LABEL_WORDS: Mapping[str, str] = {
    **{f"digits:{n}": word for n, word in enumerate("zero one two three four five six seven eight nine".split())},
    "community-keywords:heysavant": "hey savant",
    "community-keywords:heycomputer": "hey computer",
    "community-keywords:heychatterbox": "hey chatterbox",
}
"""Words of recordings with a label instead of a text, where the label is not itself the words."""

WAKE_WORDS: Mapping[str, Sequence[str]] = {
    "alexa": ["AH L EH K S AH"], "amelia": ["AH M IY L Y AH", "AH M IY L IY AH"], "athena": ["AH TH IY N AH"],
    "chatterbox": ["CH AE T ER B AA K S"], "dracarys": ["D R AH K AA R IH S", "D R AE K ER IH S", "D R AH K EH R IH S"],
    "fenrir": ["F EH N R IH R", "F EH N R ER"], "hadouken": ["HH AH D UW K EH N", "HH AA D OW K EH N"],
    "jarvis": ["JH AA R V IH S"], "savant": ["S AH V AA N T", "S AE V AH N T"], "snowboy": ["S N OW B OY"],
}  # fmt: skip
"""Pronunciations of wake words that dictionaries lack."""

SINGLE_WORDS = ("speech-commands", "digits", "wake-words", "custom-keywords", "community-keywords")
"""Corpora of single words, which would spoil the phone trigram of running speech."""


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """What is learned from."""

    toy: int = 0
    """Number of artificial recordings to use instead of the corpora; 0: use the corpora."""
    train: tuple[str, ...] = (
        "librispeech", "librispeech-excerpts", "speechocean762", "an4", "kathleen", "coffee-commands", *SINGLE_WORDS,
    )  # fmt: skip
    dev: tuple[str, ...] = ("librispeech", "speechocean762", "kathleen", "librispeech-excerpts")
    texts: str = ""
    """Folder of machine-made transcripts of recordings without text (`label.py` makes them): <corpus>.jsonl."""
    longest: float = 22.0
    """Seconds; longer recordings are left out."""
    cut: int = 150
    """Steps (30 ms) that a part has at most after the flat start."""
    silence: bool = False
    """Also learn from the recorded noises that nothing is said in them; their share is that of the corpus 'noise'."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    data: DataConfig = field(default_factory=DataConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    task: TaskConfig = field(default_factory=TaskConfig)
    start: str = ""
    """Bundle (name or folder) whose weights training starts from, instead of the flat start."""
    start_share: float = 0.0
    """Share 0..1 of the weights of `start` in what is exported: their mean with the trained ones keeps more of what
    the network knew (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022)."""
    flat: LoopConfig = field(default_factory=LoopConfig)
    """Flat start on whole recordings."""
    loop: LoopConfig = field(default_factory=LoopConfig)
    """Training on the parts."""
    prior_frames: float = 100.0
    """Weight of the training mean at the start of a stream, in frames."""
    eight_bit: bool = True
    seed: int = 0


class Material:
    """Everything that training, export and measurement need from the data, made when first used.

    Args:
        config: the recipe's settings.
        run: run folder, which keeps the normaliser's statistics; None: the features' folder keeps them.
    """

    def __init__(self, config: Config, run: Path | None = None):
        self.config, self.run, self.folder = config, run, features_folder(config)

    @cached_property
    def lexicon(self) -> TrainingLexicon:
        """Pronunciations."""
        return TrainingLexicon.read(self.folder / "dictionary", WAKE_WORDS)

    @cached_property
    def stores(self) -> list[FeatureStore]:
        """Features of the train parts, and of noise if silence is learned from it."""
        stores = [FeatureStore(self.folder / f"{name}.train") for name in _corpora(self.config, "train")]
        return [*stores, self.noise] if self.noise is not None and self.config.data.silence else stores

    @cached_property
    def pieces(self) -> list[Piece]:
        """Recordings to learn from, without the speakers that are kept for the confidence; wordless ones last."""
        spoken = self.stores[: len(_corpora(self.config, "train"))]
        pieces, _ = whole_pieces(spoken, _texts(self.config), longest=self.config.data.longest)
        silent = [silent_pieces(store, n) for n, store in enumerate(self.stores[len(spoken) :], len(spoken))]
        heard = (p for p in pieces if _plausible(p) and not is_kept(p.corpus, p.entry.speaker or ""))
        return [*heard, *itertools.chain.from_iterable(silent)]

    @cached_property
    def dev(self) -> Speech:
        """Recordings to measure on while learning."""
        stores = [FeatureStore(self.folder / f"{name}.dev") for name in _corpora(self.config, "dev")]
        return self.speech(stores, whole_pieces(stores, {}, longest=18.0)[0])

    @cached_property
    def trigram(self) -> PhoneTrigram:
        """The denominator's prior, from running speech."""
        speech = self.speech(self.stores, [p for p in self.pieces if p.words and p.corpus not in SINGLE_WORDS])
        sentences = [speech.pronunciations(piece) for piece in speech.pieces]
        return estimate_trigram(sentences, len(LABELS), np.random.default_rng([self.config.seed, 7]))

    @cached_property
    def noise(self) -> FeatureStore | None:
        """Recorded noise."""
        return None if self.config.data.toy else FeatureStore(self.folder / "noise.train")

    @cached_property
    def normalizer(self) -> Normalizer:
        """Training mean and deviation of each band, over frames with sound."""
        file = (self.run or self.folder) / "normalizer.npz"
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            spoken = [piece for piece in self.pieces if piece.words]
            chosen = np.random.default_rng([self.config.seed, 8]).permutation(len(spoken))[:1500]
            picked = [self.stores[spoken[n].source].features(spoken[n].entry) for n in chosen]
            frames = with_sound(np.concatenate(picked)).astype(np.float64)
            np.savez(file, mean=frames.mean(0).astype(np.float32), deviation=frames.std(0).astype(np.float32))
        with np.load(file, allow_pickle=False) as tables:
            return Normalizer(mean=tables["mean"], deviation=tables["deviation"], prior=self.config.prior_frames)

    def speech(
        self, stores: Sequence[FeatureStore], pieces: Sequence[Piece], ivectors: Ivectors | None = None
    ) -> Speech:
        """Pieces with their features and graphs."""
        return Speech(stores, pieces, self.lexicon, self.normalizer, 1 + sum(self.config.network.right), ivectors)

    def task(
        self, network: AcousticNetwork, pieces: Sequence[Piece], ivectors: tuple[Ivectors, Ivectors] | None = None
    ) -> AcousticTask:
        """Learning from these pieces; i-vectors of train and of dev for a network that takes them."""
        train, dev = ivectors or (None, None)
        speech = self.speech(self.stores, pieces, train)
        listening = self.speech(self.dev.stores, self.dev.pieces, dev)
        return AcousticTask(network, speech, listening, self.trigram, self.noise, self.config.task)

    def ivectors(self, network: AcousticNetwork, pieces: Sequence[Piece], folder: Path) -> tuple[Ivectors, Ivectors]:
        """I-vectors for train and dev; extractor and posteriors come from a network without i-vectors, and are kept.

        Args:
            network: gives the posteriors.
            pieces: what the extractor learns from.
            folder: gets them.
        """
        phones, file = phone_filter(self.trigram), folder / IVECTORS
        train, dev = (
            listen(network, speech, phones, folder / split)
            for split, speech in (("train", self.speech(self.stores, self.pieces)), ("dev", self.dev))
        )
        if not file.is_file():
            speech = self.speech(self.stores, pieces)
            rng = np.random.default_rng([self.config.seed, 9])
            rank, augment = self.config.network.speaker, self.config.task.augment
            extractor, likelihoods = learn_extractor(speech, train, rank=rank, augment=augment, rng=rng)
            (folder / "likelihoods.json").write_text(json.dumps(likelihoods) + "\n", encoding="utf-8")
            np.savez(file, allow_pickle=False, **extractor.to_arrays())
        extractor = self.extractor(folder)
        ahead = network.look_ahead
        return Ivectors(extractor, train, ahead), Ivectors(extractor, dev, ahead)

    def extractor(self, folder: Path) -> Extractor:
        """The extractor that `ivectors` saved in a folder."""
        with np.load(folder / IVECTORS, allow_pickle=False) as tables:
            return Extractor.from_arrays(tables)

    def parts(self, network: AcousticNetwork, file: Path) -> list[Piece]:
        """The pieces, long ones cut where the network hears pauses; the cuts are kept in `file`, and resumed."""
        if not file.is_file():
            begun = file.with_suffix(".begun")
            done = begun.read_text(encoding="utf-8").splitlines() if begun.is_file() else []
            with begun.open("a", encoding="utf-8", buffering=1) as out:
                out.writelines(self._cuts(network, {json.loads(line)["name"] for line in done}))
            begun.rename(file)
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        cuts = {row["name"]: row["parts"] for row in rows}
        shortest = 0 if self.config.data.toy else 30
        pieces = []
        for piece in self.pieces:
            parts = cuts.get(f"{piece.corpus}/{piece.entry.name}")
            pieces += [piece] if parts is None else cut(piece, parts)
        return [piece for piece in pieces if piece.frames >= shortest]

    def _cuts(self, network: AcousticNetwork, done: Collection[str]) -> Iterator[str]:
        speech, longest = self.speech(self.stores, self.pieces), self.config.data.cut
        for piece in self.pieces:
            name = f"{piece.corpus}/{piece.entry.name}"
            if piece.frames > 3.45 * longest and name not in done:  # 15 % over the limit is not worth a cut
                scores = whole_scores(network, self.normalizer, speech.features(piece))
                alignment = align_sentence(scores, speech.graph(piece))
                if alignment is not None:
                    row = {"name": name, "parts": cut_points(alignment, longest)}
                    yield json.dumps(row) + "\n"


def write_features(config: Config) -> None:
    """Features of all data for training and measurement; existing ones are kept."""
    folder = features_folder(config)
    if config.data.toy:
        _write_toy(folder, config.data.toy, np.random.default_rng(config.seed))
        return
    names = [f"{c}.train" for c in (*config.data.train, "noise")] + [f"{c}.dev" for c in config.data.dev]
    for name in names:
        corpus_store(config, *name.rsplit(".", 1))
    _copy_dictionary(folder / "dictionary")


def corpus_store(config: Config, corpus: str, split: str) -> FeatureStore:
    """Features of one part of a corpus, computed if they are missing."""
    folder = features_folder(config) / f"{corpus}.{split}"
    if not is_written(folder):
        wanted = [u for u in read_corpus(corpus, split) if u.language in (None, "en") and u.label != "kitchen"]
        write_feature_store(folder, wanted, root=corpus_folder(corpus))
    return FeatureStore(folder)


def features_folder(config: Config) -> Path:
    """The folder of the features, one for all runs."""
    return paths.runs() / "asr" / "acoustic" / (f"toy{config.data.toy}" if config.data.toy else "features")


def _corpora(config: Config, split: str) -> Sequence[str]:
    if config.data.toy:
        return ["toy"]
    return config.data.train if split == "train" else config.data.dev


def _write_toy(folder: Path, count: int, rng: np.random.Generator) -> None:
    utterances: list[Utterance] = toy.write_toy(folder / "audio", train=count, dev=count // 5, rng=rng)
    for split in ("train", "dev"):
        write_feature_store(folder / f"toy.{split}", [u for u in utterances if u.split == split], root=folder / "audio")
    (folder / "dictionary").write_text(toy.toy_dictionary(), encoding="utf-8")


def _plausible(piece: Piece) -> bool:
    """Machine-made transcripts sometimes stop early: at least seven letters a second."""
    return piece.corpus != "librispeech-excerpts" or sum(map(len, piece.words)) >= 7 * piece.frames / 100


def _texts(config: Config) -> dict[str, str]:
    """Words of recordings that have none in their manifest."""
    texts = dict(LABEL_WORDS)
    for file in sorted(Path(config.data.texts).glob("*.jsonl")) if config.data.texts else []:
        texts |= read_transcripts(file)
    return texts


def _copy_dictionary(target: Path) -> None:
    archive = paths.data() / "text" / "cmudict.tar.xz"
    try:
        with tarfile.open(archive) as tar:
            member = tar.extractfile("cmudict/cmudict.dict") or io.BytesIO()
            target.write_bytes(member.read())
    except (OSError, KeyError, tarfile.TarError) as error:
        raise DataError(
            f"{archive} contains no cmudict/cmudict.dict ({error}); get it with `harken data fetch cmudict`"
        ) from error
