"""A folder of synthetic speech to learn a voice from: sentences spoken by a mixture of Kokoro's voices, with text.

The synthesiser gets the words that our own front end reads out of a text ('4:30 PM' as 'four thirty P M'), and a
sentence whose sounds it would pronounce otherwise is left out: symbols and speech belong together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from harken.audio.files import write_wav
from harken.data.utterances import MANIFEST
from harken.errors import DataError
from harken.events import SAMPLE_RATE, Samples
from harken.languages.loading import load_locale
from harken.languages.locale import Locale
from harken.metrics.wer import word_errors
from harken.text.speakable import expand_text
from harken.train.tts.sentences import symbols_of
from harken.tts.symbols import MARKS
from harken.tts.text import Pronounce

MOST_APART = 0.15
"""Share of a sentence's sounds that the synthesiser may read otherwise than our front end."""
DEV_EVERY = 20
"""Every so many sentences one is for `dev`."""
_BEFORE, _AFTER = 0.1, 0.2
"""Seconds of silence that stay before and after a sentence."""
_FLOOR = 0.01
"""Amplitude below which a frame is silence, relative to the loudest frame (-40 dB)."""
_FRAME = SAMPLE_RATE // 100
_NOTE_EVERY = 20

_ARPABET = {
    "A": "EY", "I": "AY", "O": "OW", "W": "AW", "Y": "OY", "ʤ": "JH", "ʧ": "CH", "ɑ": "AA", "æ": "AE", "ə": "AH",
    "ᵊ": "AH", "ʌ": "AH", "ɐ": "AH", "ɛ": "EH", "ɜ": "ER", "i": "IY", "ɪ": "IH", "ᵻ": "IH", "ɔ": "AO", "u": "UW",
    "ʊ": "UH", "ð": "DH", "θ": "TH", "ŋ": "NG", "ɹ": "R", "ʃ": "SH", "ʒ": "ZH", "T": "T", "ɡ": "G", "j": "Y", "h": "HH",
} | {letter: letter.upper() for letter in "bdfklmnpstvwz"}  # fmt: skip
"""Misaki's signs; stress and length are left out."""
_SAME = {"IH": "AH", "AO": "AA"}
"""Sounds that dictionaries of American English do not agree on."""


class Speaker(Protocol):
    """What speaks: see `harken.train.kokoro.Kokoro`."""

    def phonemes(self, text: str) -> str:
        """How a text is read, in misaki's alphabet."""

    def speak(self, text: str) -> Samples:
        """Samples [n] at 16 kHz."""


def write_synthetic(
    folder: Path,
    texts: Iterable[tuple[str, str]],
    speaker: Speaker,
    pronounce: Pronounce,
    *,
    name: str,
    note: Callable[[str], None] = print,
) -> None:
    """Speak sentences into a folder (wav/NNNNN.wav and a manifest).

    Those that are there already are kept, unless our front end reads them otherwise by now: these are spoken again.

    Args:
        folder: of the corpus.
        texts: kind and text of each sentence, in the order in which they are spoken; the same at every call.
        speaker: who speaks.
        pronounce: a word's phones, of our front end.
        name: of the speaker, for the manifest.
        note: is called with the progress.

    Raises:
        DataError: the folder has speech of another speaker.
    """
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / MANIFEST
    rows = _kept_rows(manifest, pronounce)
    others = {row["speaker"] for row in rows} - {name}
    if others:
        raise DataError(f"{folder} has speech of {', '.join(others)} already; give '{name}' another folder")
    done, seconds = {row["audio"] for row in rows}, sum(row["duration"] for row in rows)
    left_out = 0
    with manifest.open("a", encoding="utf-8") as file:
        for number, (kind, text) in enumerate(texts):
            audio = f"wav/{number:05d}.wav"
            if audio in done:
                continue
            said = reading(text, load_locale())
            phonemes = speaker.phonemes(said)
            if apart(symbols_of(text, pronounce), phonemes) > MOST_APART:
                left_out += 1
                continue
            samples = trim_silence(speaker.speak(said))
            write_wav(folder / audio, samples)
            seconds += len(samples) / SAMPLE_RATE
            row = {
                "audio": audio, "duration": round(len(samples) / SAMPLE_RATE, 3), "text": text, "speaker": name,
                "language": "en", "split": "dev" if number % DEV_EVERY == DEV_EVERY - 1 else "train", "kind": kind,
                "phonemes": phonemes,
            }  # fmt: skip
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            if number % _NOTE_EVERY == 0:
                note(f"{number + 1} sentences, {seconds / 3600:.2f} h of speech; {left_out} left out")
    note(f"done: {seconds / 3600:.2f} h of speech; {left_out} sentences left out")


def _kept_rows(manifest: Path, pronounce: Pronounce) -> list[dict[str, Any]]:
    """Rows of a manifest whose text is still read as it was spoken; the others are removed from it.

    So is a line that an interrupted run has not finished.
    """
    if not manifest.is_file():
        return []
    text = manifest.read_text(encoding="utf-8")
    lines = text[: text.rfind("\n") + 1].splitlines(keepends=True)
    rows = [json.loads(line) for line in lines]
    fits = [apart(symbols_of(row["text"], pronounce), row["phonemes"]) <= MOST_APART for row in rows]
    kept = "".join(line for line, fit in zip(lines, fits, strict=True) if fit)
    if kept != text:
        draft = manifest.with_name(f".{MANIFEST}")
        draft.write_text(kept, encoding="utf-8")
        draft.replace(manifest)
    return [row for row, fit in zip(rows, fits, strict=True) if fit]


def reading(text: str, locale: Locale) -> str:
    """The words and marks that our front end reads out of a text, as the synthesiser is to read them.

    Letters that are said by their names are capital ones; for 'A' the phonemes are given, since it is a word too.
    """
    said = ""
    for token in expand_text(text, locale):
        word = token.text
        if token.is_word and len(word) == 1 and word.lower() not in "ai":
            word = word.upper()
        if word.lower() == "a" and token.end - token.start > 1:
            word = "[A](/ˈA/)"
        said += f" {word}" if token.is_word and said else word
    return said


def apart(symbols: Sequence[str], phonemes: str) -> float:
    """Share of the sounds of a sentence's symbols that differ from those of misaki's phonemes."""
    ours = [symbol.rstrip("012") for symbol in symbols if symbol not in MARKS]
    errors = word_errors(
        [_SAME.get(sound, sound) for sound in ours], [_SAME.get(sound, sound) for sound in _sounds(phonemes)]
    ).errors
    return errors / max(1, len(ours))


def _sounds(phonemes: str) -> list[str]:
    sounds: list[str] = []
    for sign in phonemes:
        if sign == "ɹ" and sounds and sounds[-1] in ("AH", "ER"):
            sounds[-1] = "ER"
        elif sign in _ARPABET:
            sounds.append(_ARPABET[sign])
    return sounds


def trim_silence(samples: Samples) -> Samples:
    """Samples [n] at 16 kHz with at most 0.1 s of silence before and 0.2 s after the speech."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    level = np.sqrt(np.square(frames).mean(1)) if len(frames) else np.zeros(0)
    loud = np.flatnonzero(level > _FLOOR * level.max(initial=0.0))
    if not len(loud):
        return samples
    first = int(loud[0]) * _FRAME - round(_BEFORE * SAMPLE_RATE)
    last = (int(loud[-1]) + 1) * _FRAME + round(_AFTER * SAMPLE_RATE)
    return samples[max(0, first) : last]
