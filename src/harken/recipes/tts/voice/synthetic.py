"""The synthetic recordings of a voice: which sentences are spoken is written down once, then they are spoken."""

from __future__ import annotations

import json
from pathlib import Path

from harken.errors import ConfigError
from harken.phones.pronunciation import Pronunciation
from harken.recipes.tts.voice.texts import training_texts
from harken.train.kokoro import Kokoro, parse_mixture
from harken.train.tts.synthetic import write_synthetic

TEXTS = "texts.jsonl"
"""File of the folder with kind and text of each sentence."""


def speak_sentences(folder: Path, mixture: str, count: int) -> None:
    """Let a mixture of Kokoro's voices speak `count` sentences into a folder; what is there is kept.

    Raises:
        ConfigError: no sentences are asked for, or the mixture is not one.
        MissingKokoro: Kokoro is not installed.
        DataError: a text archive is missing, or the folder has another speaker.
    """
    if count < 1:
        raise ConfigError(f"sentences is {count}; say how many '{mixture}' is to speak, for example sentences=2500")
    speaker, pronounce = Kokoro(parse_mixture(mixture)), Pronunciation.load().usual
    file = folder / TEXTS
    texts = [tuple(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
    if len(texts) < count:
        known = set(texts)
        texts += [one for one in training_texts(count, pronounce) if one not in known][: count - len(texts)]
        folder.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{TEXTS}")
        draft.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in texts), encoding="utf-8")
        draft.replace(file)
    write_synthetic(folder, texts[:count], speaker, pronounce, name=speaker.mixture.id)
