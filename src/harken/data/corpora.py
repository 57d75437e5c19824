"""The corpora that harken learns from and is measured on: what each is, its licence, its public home, its layout.

`harken data list` prints this list, `fetch` downloads from it, `prepare` uses its layouts. Checksums are given where
the publisher or a widely used reader states them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from harken import paths
from harken.errors import DataError, nearest

OPENSLR = "https://www.openslr.org/resources"


@dataclass(frozen=True, kw_only=True)
class Archive:
    """One file to download."""

    url: str
    sum: str | None = None
    """'sha256:...' or 'md5:...'; None if nobody states one, and then nothing is checked."""

    @property
    def file(self) -> str:
        """Name of the downloaded file."""
        return self.url.rsplit("/", 1)[-1]


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """What is known about a corpus."""

    name: str
    what: str
    hours: float
    """Of the whole public corpus as `fetch` brings it; 0 when unknown."""
    licence: str
    home: str
    """Public page where it is published."""
    layout: str
    """Reader of the publisher's layout: a key of `harken.data.layouts.LAYOUTS`."""
    splits: tuple[str, ...]
    """Splits that its manifest may have."""
    archives: tuple[Archive, ...] = ()
    """Empty if there is no direct download; the home page says how to get it."""
    terms: str = ""
    """What must be accepted before a download; empty if the licence requires nothing."""
    speakers_apart: bool = True
    """Whether each speaker may be in one split only."""


_THREE = ("train", "dev", "test")
_GITHUB_ZIP = "archive/refs/heads/master.zip"

CORPORA: tuple[Corpus, ...] = (
    Corpus(
        name="librispeech", what="read English books, 16 kHz; mini-LibriSpeech train and dev, test-clean", hours=12.4,
        licence="CC BY 4.0", home="https://www.openslr.org/12", layout="librispeech", splits=_THREE,
        archives=(
            Archive(url=f"{OPENSLR}/31/train-clean-5.tar.gz", sum="md5:5df7d4e78065366204ca6845bb08f490"),
            Archive(url=f"{OPENSLR}/31/dev-clean-2.tar.gz", sum="md5:6d7ab67ac6a1d2c993d050e16d61080d"),
            Archive(
                url=f"{OPENSLR}/12/test-clean.tar.gz",
                sum="sha256:39fde525e59672dc6d1551919b1478f724438a95aa55f874b576be21967e6c23",
            ),
        ),
    ),
    Corpus(
        name="librispeech-100", what="read English books, 16 kHz: train-clean-100", hours=100.6, licence="CC BY 4.0",
        home="https://www.openslr.org/12", layout="librispeech", splits=_THREE,
        archives=(
            Archive(
                url=f"{OPENSLR}/12/train-clean-100.tar.gz",
                sum="sha256:d4ddd1d5a6ab303066f14971d768ee43278a5f2a0aa43dc716b0e64ecbbbf6e2",
            ),
        ),
    ),
    Corpus(
        name="librispeech-excerpts", what="one utterance each of many LibriSpeech speakers, part of it without text",
        hours=0, licence="CC BY 4.0", home="https://www.openslr.org/12", layout="librispeech", splits=_THREE,
    ),
    Corpus(
        name="speechocean762", what="English sentences by Mandarin speakers, half of them children", hours=6,
        licence="free for any use (OpenSLR 101)", home="https://www.openslr.org/101", layout="speechocean762",
        splits=_THREE, archives=(Archive(url=f"{OPENSLR}/101/speechocean762.tar.gz"),),
    ),
    Corpus(
        name="an4", what="US speakers spell names, streets and numbers, say dates and short commands", hours=0.8,
        licence="free for any purpose (Carnegie Mellon University)", home="http://www.speech.cs.cmu.edu/databases/an4/",
        layout="an4", splits=("train", "test"),
        archives=(Archive(url="http://www.speech.cs.cmu.edu/databases/an4/an4_sphere.tar.gz"),),
    ),
    Corpus(
        name="common-voice", what="ordinary people with their own microphones and accents read sentences", hours=0,
        licence="CC0", home="https://commonvoice.mozilla.org/en/datasets", layout="common-voice", splits=_THREE,
    ),
    Corpus(
        name="spelled", what="people spell a name letter by letter and read a phone number digit by digit", hours=0,
        licence="MIT", home="https://github.com/Sakshee5/alphanumeric-audio-dataset", layout="spelled", splits=_THREE,
        archives=(Archive(url="https://github.com/Sakshee5/alphanumeric-audio-dataset/archive/HEAD.zip"),),
    ),
    Corpus(
        name="kathleen", what="one US English woman reads the Arctic prompts, 24 kHz", hours=1.3, licence="CC0",
        home="https://github.com/rhasspy/dataset-voice-kathleen", layout="one-voice", splits=("train", "dev"),
        archives=(Archive(url=f"https://github.com/rhasspy/dataset-voice-kathleen/{_GITHUB_ZIP}"),),
        speakers_apart=False,
    ),
    Corpus(
        name="voices", what="further single voices with text: German woman (kerstin), Dutch man (flemishguy)", hours=0,
        licence="CC0", home="https://github.com/rhasspy/dataset-voice-kerstin", layout="one-voice",
        splits=("train", "dev"), speakers_apart=False,
    ),
    Corpus(
        name="speech-commands", what="single words by many speakers, one second each", hours=29.4, licence="CC BY 4.0",
        home="https://arxiv.org/abs/1804.03209", layout="speech-commands", splits=_THREE,
        archives=(
            Archive(
                url="https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
                sum="sha256:af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
            ),
        ),
    ),
    Corpus(
        name="digits", what="0-9, six speakers, 8 kHz (Free Spoken Digit Dataset)", hours=0.4, licence="CC BY-SA 4.0",
        home="https://github.com/Jakobovski/free-spoken-digit-dataset", layout="digits", splits=("train", "test"),
        archives=(Archive(url=f"https://github.com/Jakobovski/free-spoken-digit-dataset/{_GITHUB_ZIP}"),),
        speakers_apart=False,
    ),
    Corpus(
        name="wake-words", what="alexa, computer, jarvis, smart mirror, snowboy by many voices", hours=0,
        licence="Apache-2.0", home="https://github.com/Picovoice/wake-word-benchmark", layout="keywords",
        splits=(*_THREE, "demo"), archives=(Archive(url=f"https://github.com/Picovoice/wake-word-benchmark/{_GITHUB_ZIP}"),),
    ),
    Corpus(
        name="coffee-commands", what="spoken coffee orders with intent and slots", hours=1.5, licence="Apache-2.0",
        home="https://github.com/Picovoice/speech-to-intent-benchmark", layout="coffee-commands", splits=_THREE,
        archives=(Archive(url=f"https://github.com/Picovoice/speech-to-intent-benchmark/{_GITHUB_ZIP}"),),
    ),
    Corpus(
        name="community-keywords", what="wake words spoken by volunteers, with near misses", hours=0,
        licence="public-domain waivers", home="https://github.com/MycroftAI/Precise-Community-Data", layout="keywords",
        splits=("train", "dev"),
        archives=(Archive(url=f"https://github.com/MycroftAI/Precise-Community-Data/{_GITHUB_ZIP}"),),
    ),
    Corpus(
        name="custom-keywords", what="further keywords (dracarys, hadouken, ...) on phones and laptops", hours=0,
        licence="CC BY 4.0", home="", layout="keywords", splits=("train", "dev"),
    ),
    Corpus(
        name="esc10", what="ten classes of sounds, 40 recordings of 5 s each, in folds", hours=0.6,
        licence="CC BY 3.0 (the ten classes of ESC-50)", home="https://github.com/karolpiczak/ESC-50", layout="esc10",
        splits=("fold1", "fold2", "fold3", "fold4", "fold5"),
        archives=(Archive(url=f"https://github.com/karolpiczak/ESC-50/{_GITHUB_ZIP}"),),
        terms="the archive is the whole of ESC-50, whose other forty classes are CC BY-NC 3.0",
    ),
    Corpus(
        name="noise", what="kitchen, cafe, street, rain, machines, ... as background", hours=0,
        licence="Apache-2.0 (kitchen), CC0, CC BY, Pixabay: each its own", home="https://freesound.org",
        layout="recordings", splits=("train", "test"),
    ),
    Corpus(
        name="rooms", what="measured room impulse responses", hours=0, licence="CC BY 4.0 and others: each its own",
        home="https://www.openair.hosted.york.ac.uk", layout="recordings", splits=("train", "test"),
    ),
    Corpus(
        name="meeting-talk", what="spontaneous talk between people, overlapping (AMI meetings)", hours=100,
        licence="CC BY 4.0", home="https://groups.inf.ed.ac.uk/ami/corpus/", layout="recordings",
        splits=("train", "dev"),
    ),
)  # fmt: skip


def find_corpus(name: str) -> Corpus:
    """The corpus of that name.

    Raises:
        DataError: there is none; the message suggests the nearest.
    """
    for corpus in CORPORA:
        if corpus.name == name:
            return corpus
    raise DataError(f"no corpus '{name}' is known; {nearest(name, (corpus.name for corpus in CORPORA))}")


def root() -> Path:
    """Where corpora are put: `HARKEN_DATA` if set, else `data` in the user's folder. It need not exist yet."""
    named = os.environ.get("HARKEN_DATA")
    if not named:
        return paths.home() / "data"
    return Path(named) / "data" if (Path(named) / "data" / "audio").is_dir() else Path(named)


def folder(name: str) -> Path:
    """Folder of a corpus under `root()`."""
    return root() / "audio" / find_corpus(name).name


def has_manifest(name: str) -> bool:
    """Whether the corpus is ready for use."""
    return (folder(name) / "manifest.jsonl").is_file()
