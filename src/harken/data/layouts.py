"""Readers of the layouts in which corpora are published: folder -> rows of a manifest, in a fixed order.

A row has 'audio' (a file that may be missing; `prepare` names those), 'split', and whatever else is known. 'duration'
may be absent; `prepare` then reads it from the recording.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from harken.errors import DataError
from harken.text.words import normalize_words

Row = dict[str, Any]
T = TypeVar("T")
AUDIO = (".flac", ".wav", ".opus", ".ogg", ".sph", ".mp3")


def read_layout(name: str, folder: Path) -> Iterator[Row]:
    """Rows of the corpus in `folder`, in its publisher's layout.

    Raises:
        DataError: the folder does not look like that corpus.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; give the one created by unpacking the archive")
    return LAYOUTS[name](folder)


def _librispeech(folder: Path) -> Iterator[Row]:
    """<part>/<speaker>/<chapter>/<speaker>-<chapter>.trans.txt beside <id>.flac; SPEAKERS.TXT knows the sex."""
    sexes = _librispeech_sexes(folder)
    for texts in _files(folder, "*.trans.txt", "LibriSpeech"):
        speaker, part = texts.parent.parent.name, texts.parent.parent.parent.name
        split = part.split("-")[0]
        known = {"speaker": f"ls{speaker}", "language": "en", "accent": "us", "part": part}
        if speaker in sexes:
            known["sex"] = sexes[speaker]
        for line in _lines(texts):
            name, _, text = line.partition(" ")
            yield {
                "audio": _beside(texts.parent / name), "text": text.lower(), **known,
                "split": split if split in ("train", "dev", "test") else "train",
            }  # fmt: skip


def _librispeech_sexes(folder: Path) -> dict[str, str]:
    for place in (folder, folder / "LibriSpeech", folder.parent):
        if (place / "SPEAKERS.TXT").is_file():
            rows = [line.split("|") for line in _lines(place / "SPEAKERS.TXT") if not line.startswith(";")]
            return {row[0].strip(): row[1].strip().lower() for row in rows if len(row) > 1}
    return {}


def _speechocean762(folder: Path) -> Iterator[Row]:
    """train/ and test/ with Kaldi's wav.scp, text, utt2spk, spk2age, spk2gender; every tenth train speaker is dev."""
    for texts in _files(folder, "text", "speechocean762"):
        part = texts.parent
        speakers, audio = _table(part / "utt2spk"), _table(part / "wav.scp")
        ages, sexes = _table(part / "spk2age", optional=True), _table(part / "spk2gender", optional=True)
        for name, text in _table(texts).items():
            speaker = speakers.get(name, "")
            split = "dev" if part.name == "train" and _share(speaker) < 0.1 else part.name
            yield {
                "audio": part.parent / audio.get(name, f"{name} (not in wav.scp)"), "text": text.lower(),
                "speaker": f"so{speaker}", "language": "en", "accent": "mandarin", "split": split,
                **({"age": int(ages[speaker])} if speaker in ages else {}),
                **({"sex": sexes[speaker]} if speaker in sexes else {}),
            }  # fmt: skip


def _an4(folder: Path) -> Iterator[Row]:
    """etc/an4_train.transcription with '<s> WORDS </s> (file)', wav/**/file.sph; the official train and test."""
    sounds = {path.stem: path for path in _audio_files(folder)}
    if not sounds and any(folder.rglob("*.raw")):
        raise DataError(f"{folder} holds headerless .raw files; download the archive an4_sphere.tar.gz instead")
    for split in ("train", "test"):
        for texts in _files(folder, f"an4_{split}.transcription", "AN4"):
            for line in _lines(texts):
                match = re.fullmatch(r"(?:<s>)?\s*(.*?)\s*(?:</s>)?\s*\((\S+)\)", line)
                if match is None:
                    raise DataError(f"{texts}: expected 'WORDS (file)', got {line!r}")
                name = match[2]
                speaker = name.split("-")[1] if name.count("-") == 2 else ""
                yield {
                    "audio": sounds.get(name, texts.parent / name), "text": match[1].lower(),
                    "speaker": f"an4-{speaker}", "sex": speaker[:1], "language": "en", "accent": "us", "split": split,
                }  # fmt: skip


_REGIONS = {
    "United States English": "us", "Canadian English": "canada", "England English": "britain",
    "Scottish English": "britain", "Welsh English": "britain", "Irish English": "ireland",
    "Australian English": "australia", "Filipino": "philippines",
    "India and South Asia (India, Pakistan, Sri Lanka)": "south-asia",
    "Southern African (South Africa, Zimbabwe, Namibia)": "africa",
}  # fmt: skip
"""Accents as speakers of Common Voice choose them -> regions; others stay as they are."""


def _common_voice(folder: Path) -> Iterator[Row]:
    """train.tsv, dev.tsv and test.tsv beside clips/; a delta has validated.tsv alone: every tenth speaker is dev, and
    every tenth test."""
    official = [table for split in ("train", "dev", "test") for table in sorted(folder.rglob(f"{split}.tsv"))]
    for table in official or _files(folder, "validated.tsv", "Common Voice"):
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                accent, sex = row.get("accents") or "", (row.get("gender") or "")[:1]
                yield {
                    "audio": table.parent / "clips" / row["path"], "text": " ".join(normalize_words(row["sentence"])),
                    "speaker": f"cv-{row['client_id'][:16]}", "language": "en",
                    **({"accent": _REGIONS.get(accent, accent)} if accent else {}),
                    **({"sex": sex} if sex in ("m", "f") else {}),
                    "split": table.stem if official else _three_ways(row["client_id"]),
                }  # fmt: skip


def _spelled(folder: Path) -> Iterator[Row]:
    """metadata.csv with a row per recording of audio_data/Names and audio_data/Numbers; spoken addresses are left out,
    as their words are not known. A tenth of the speakers is dev, a tenth test."""
    for table in _files(folder, "metadata.csv", "spelled names and numbers"):
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                audio = table.parent / row["file_name"]
                if audio.parent.name in ("Names", "Numbers"):
                    label = audio.parent.name[:-1]
                    said = [sign for sign in row[label] if sign.isalnum()]
                    yield {
                        "audio": audio, "text": " ".join(normalize_words(" ".join(said))), "label": label.lower(),
                        "speaker": f"sp-{row['Response_ID']}", "accent": row["Native Language"], "language": "en",
                        "split": _three_ways(row["Response_ID"]),
                    }  # fmt: skip


def speech_commands_split(file: str) -> str:
    """The split that the corpus's README computes from the speaker's part of the name: 10 % dev, 10 % test."""
    speaker = re.sub(r"_nohash_.*$", "", Path(file).name)
    largest = 2**27 - 1
    share = int(hashlib.sha1(speaker.encode()).hexdigest(), 16) % (largest + 1) * (100 / largest)
    return "dev" if share < 10 else "test" if share < 20 else "train"


def _speech_commands(folder: Path) -> Iterator[Row]:
    """<word>/<speaker>_nohash_<n>.wav; _background_noise_ is left out."""
    sounds = [path for path in _audio_files(folder) if "_nohash_" in path.name]
    for path in _some(sounds, folder, "Speech Commands"):
        yield {
            "audio": path, "label": path.parent.name, "speaker": f"sc-{path.name.split('_nohash_')[0]}",
            "language": "en", "split": speech_commands_split(path.name),
        }  # fmt: skip


def _digits(folder: Path) -> Iterator[Row]:
    """recordings/<digit>_<speaker>_<take>.wav; takes 0-4 are the test."""
    matches = [(path, re.fullmatch(r"(\d)_(\w+?)_(\d+)", path.stem)) for path in _audio_files(folder)]
    for path, match in _some([(p, m) for p, m in matches if m], folder, "the Free Spoken Digit Dataset"):
        digit, speaker, take = match.groups()
        yield {
            "audio": path, "label": digit, "speaker": f"fsdd-{speaker}", "language": "en",
            "split": "test" if int(take) < 5 else "train",
        }  # fmt: skip


def _one_voice(folder: Path) -> Iterator[Row]:
    """metadata.csv with 'name|text[|...]' as LJSpeech has it, or x.txt beside x.wav; every twentieth prompt is dev."""
    sounds = {path.stem: path for path in _audio_files(folder)}
    tables = sorted(folder.rglob("metadata.csv"))
    if tables:
        pairs = [tuple(line.split("|")[:2]) for table in tables for line in _lines(table) if "|" in line]
    else:
        pairs = [(p.stem, p.read_text(encoding="utf-8").strip()) for p in sorted(folder.rglob("*.txt"))]
        pairs = [(name, text) for name, text in pairs if name in sounds]
    for name, text in _some(pairs, folder, "a voice with metadata.csv or texts next to the recordings"):
        stem = Path(name).stem
        prompt = number[0] if (number := re.search(r"[ab]\d{4}", stem)) else stem
        yield {
            "audio": sounds.get(stem, folder / name), "text": text, "prompt": prompt, "speaker": folder.name,
            "split": "dev" if _share(prompt) < 0.05 else "train",
        }  # fmt: skip


_ESC50 = {
    "dog": "dog bark", "rain": "rain", "sea_waves": "sea waves", "crying_baby": "baby cry", "clock_tick": "clock tick",
    "sneezing": "person sneeze", "helicopter": "helicopter", "chainsaw": "chainsaw", "rooster": "rooster",
    "crackling_fire": "fire crackling",
}  # fmt: skip


def _esc10(folder: Path) -> Iterator[Row]:
    """The rows with esc10=True of ESC-50's meta/esc50.csv, or ESC-10's '001 - Dog bark/<fold>-..ogg'."""
    tables = sorted(folder.rglob("esc50.csv"))
    if tables:
        with tables[0].open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["esc10"].strip().lower() == "true":
                    path = tables[0].parent.parent / "audio" / row["filename"]
                    yield _sound(path, int(row["fold"]), _ESC50[row["category"]])
        return
    named = [(p, re.fullmatch(r"\d{3} - (.+)", p.parent.name)) for p in _audio_files(folder)]
    for path, match in _some([(p, m) for p, m in named if m], folder, "ESC-10 or ESC-50"):
        yield _sound(path, int(path.name[0]), match[1].lower())


def _sound(path: Path, fold: int, label: str) -> Row:
    return {"audio": path, "label": label, "fold": fold, "split": f"fold{fold}"}


def _keywords(folder: Path) -> Iterator[Row]:
    """<word>/[<language>/]x.wav: the folder is the label. Speakers are not known, so a voice may be in both splits."""
    for path in _some(_audio_files(folder), folder, "a folder of recordings per word"):
        inner = path.relative_to(folder).parts[:-1]
        word = next((part for part in inner if part not in ("audio", "data", "en", "es")), "")
        if word:
            split = "dev" if _share(path.stem) < 0.2 else "train"
            yield {"audio": path, "label": re.sub(r"[-_]+", " ", word).lower(), "split": split}


def _coffee_commands(folder: Path) -> Iterator[Row]:
    """data/label/label.json and data/speech/clean/*.wav. All of it is test, as voices are not named."""
    for table in _files(folder, "label.json", "the coffee commands"):
        clean = table.parent.parent / "speech" / "clean"
        for name, row in json.loads(table.read_text(encoding="utf-8")).items():
            slots = {slot: value.strip() for slot, value in row["slots"].items()}
            yield {
                "audio": clean / name, "intent": row["intent"], "slots": slots, "language": "en", "split": "test",
            }  # fmt: skip


def _recordings(folder: Path) -> Iterator[Row]:
    """Any recordings: the name is the label. 'kitchen' is for testing, the rest for training."""
    for path in _some(_audio_files(folder), folder, "recordings"):
        yield {"audio": path, "label": path.stem, "split": "test" if "kitchen" in path.stem else "train"}


LAYOUTS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "an4": _an4,
    "coffee-commands": _coffee_commands,
    "common-voice": _common_voice,
    "digits": _digits,
    "esc10": _esc10,
    "keywords": _keywords,
    "librispeech": _librispeech,
    "one-voice": _one_voice,
    "recordings": _recordings,
    "speech-commands": _speech_commands,
    "speechocean762": _speechocean762,
    "spelled": _spelled,
}


def _share(name: str) -> float:
    """A number in 0..1 that depends on the name alone: the same split on every machine."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") / 2**32


def _three_ways(speaker: str) -> str:
    """A split that depends on the speaker alone: a tenth is dev, a tenth test."""
    share = _share(speaker)
    return "dev" if share < 0.1 else "test" if share < 0.2 else "train"


def _audio_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in AUDIO)


def _beside(stem: Path) -> Path:
    """The recording of that name, whatever its format; the published one when there is none."""
    return next((p for ending in AUDIO if (p := stem.with_name(stem.name + ending)).is_file()), Path(f"{stem}.flac"))


def _files(folder: Path, pattern: str, what: str) -> list[Path]:
    return _some(sorted(folder.rglob(pattern)), folder, f"{what} (a file {pattern})")


def _some(items: list[T], folder: Path, what: str) -> list[T]:
    """The items, of which there must be at least one."""
    if not items:
        raise DataError(f"{folder} does not look like {what}: nothing like it was found there or below")
    return items


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _table(path: Path, *, optional: bool = False) -> dict[str, str]:
    """Kaldi's two columns: a name, white space, the rest of the line."""
    if optional and not path.is_file():
        return {}
    if not path.is_file():
        raise DataError(f"{path} is missing; a Kaldi folder has wav.scp, text and utt2spk")
    rows = (line.split(maxsplit=1) for line in _lines(path))
    return {row[0]: row[1] if len(row) > 1 else "" for row in rows}
