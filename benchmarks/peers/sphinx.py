"""pocketsphinx as a yardstick: its default English model, with its own language model or with a grammar of ours."""

from __future__ import annotations

import importlib.metadata

import numpy as np
from pocketsphinx import Decoder

from harken.events import Samples
from harken.phones.pronunciation import Unstressed
from harken.text.grammar import Choice, Grammar, ListRef, Node, Sequence, Words
from harken.text.words import normalize_words

NAME = f"pocketsphinx {importlib.metadata.version('pocketsphinx')}"


class Sphinx:
    """The recogniser with its default acoustic model and dictionary.

    Args:
        grammar: what can be said; its own general language model when None. Words that its dictionary lacks get their
            pronunciations from our lexicon, so that it knows as much as we do.
    """

    def __init__(self, grammar: Grammar | None = None):
        if grammar is None:
            self._decoder = Decoder(loglevel="FATAL")
            return
        self._decoder = Decoder(loglevel="FATAL", lm=None)
        spelling = Unstressed()
        for word in sorted(grammar.vocabulary()):
            if self._decoder.lookup_word(word) is None:
                for number, phones in enumerate(spelling(word), 1):
                    self._decoder.add_word(word if number == 1 else f"{word}({number})", " ".join(phones), False)
        self._decoder.add_jsgf_string("commands", as_jsgf(grammar))
        self._decoder.activate_search("commands")

    def text(self, samples: Samples) -> str:
        """What is said in one recording [n] at 16 kHz, its normalised words."""
        pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return " ".join(normalize_words(hypothesis.hypstr)) if hypothesis is not None else ""


def as_jsgf(grammar: Grammar) -> str:
    """A grammar in the Java Speech Grammar Format."""
    names = {name: f"list{number}" for number, name in enumerate(grammar.lists)}
    rules = [f"<{names[name]}> = {_choice([' '.join(e) for e in entries])};" for name, entries in grammar.lists.items()]
    return "\n".join(["#JSGF V1.0;", "grammar commands;", *rules, f"public <said> = {_expand(grammar.root, names)};"])


def _expand(node: Node, names: dict[str, str]) -> str:
    if isinstance(node, Words):
        return " ".join(node.words)
    if isinstance(node, ListRef):
        return f"<{names[node.list]}>"
    if isinstance(node, Sequence):
        return " ".join(part for part in (_expand(part, names) for part in node.parts) if part)
    assert isinstance(node, Choice)
    return _choice([_expand(option, names) for option in node.options])


def _choice(options: list[str]) -> str:
    said = list(dict.fromkeys(option for option in options if option))
    inner = " | ".join(said)
    return f"[ {inner} ]" if any(not option for option in options) else f"( {inner} )"
