"""One sentence template in Home Assistant's syntax -> a tree of words, choices and list references.

`[optional]`, `(one|other)`, `(any;order)`, `{list}`, `{list:slot}`, `{0..100:slot}`, `<rule>`; parsed by hassil.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from harken.languages.locale import Locale
from harken.text.grammar import Choice, ListRef, Node, Sequence, Words
from harken.text.words import normalize_words

if TYPE_CHECKING:
    from harken.nlu.template_parser import TemplateParser

NOTHING = Words(())
MAX_SPELLINGS = 2_000
"""Most variants of one list value or of one word with glued parts."""
_PLAIN = re.compile(r"[A-Za-z' ]*[A-Za-z][A-Za-z' ]*")
"""Text that the parser is not needed for."""
_LATIN_LETTERS = "æœøßðþłđıÆŒØÐÞŁĐ"
"""Letters that are not a-z with accents but have a Latin reading."""
MAX_DEPTH = 30
"""Deepest nesting of brackets; the parser recurses at each."""
_BRACKETS = {"(": ")", "[": "]", "{": "}", "<": ">"}


class TemplateError(ValueError):
    """A template cannot be read; `offset` counts letters from its start."""

    def __init__(self, message: str, offset: int = 0):
        super().__init__(message)
        self.offset = offset


def parse_template(text: str, locale: Locale) -> Node:
    """The tree of a template without rules; `{list}` stays a reference.

    Raises:
        TemplateError: unbalanced brackets, a rule, letters that the language does not have.
    """
    return TemplateReader({}, locale).read(text)


def spellings(text: str, locale: Locale) -> tuple[tuple[str, ...], ...]:
    """Every way to say a template without lists, as words.

    Raises:
        TemplateError: as `parse_template`; or it refers to a list, or has too many ways.
    """
    if _PLAIN.fullmatch(text):
        return (spoken_words(text, locale),)
    variants = dict.fromkeys(itertools.islice(_sentences(parse_template(text, locale)), MAX_SPELLINGS + 1))
    if len(variants) > MAX_SPELLINGS:
        raise TemplateError(f"this has more than {MAX_SPELLINGS} variants; make it a list of its own")
    return tuple(words for words in variants if words)


def check_letters(text: str, locale: Locale) -> None:
    """Refuse letters that have no reading in the language; accents are dropped elsewhere (café -> cafe).

    Raises:
        TemplateError: with the offset of the letter.
    """
    if text.isascii():
        return
    for offset, letter in enumerate(text):
        base = unicodedata.normalize("NFKD", letter)[0]
        if letter.isalpha() and not (base.isascii() or letter in _LATIN_LETTERS or letter.lower() in locale.letters):
            name = unicodedata.name(letter, "unknown letter").lower()
            raise TemplateError(f"'{letter}' ({name}) has no {locale.name} spelling; write it as it is said", offset)


def references(node: Node) -> Iterator[ListRef]:
    """Every list reference in a tree."""
    if isinstance(node, ListRef):
        yield node
    elif isinstance(node, Sequence | Choice):
        for child in node.parts if isinstance(node, Sequence) else node.options:
            yield from references(child)


def can_be_silent(node: Node) -> bool:
    """Whether a template can be said with no word at all."""
    if isinstance(node, Sequence):
        return all(can_be_silent(part) for part in node.parts)
    if isinstance(node, Choice):
        return any(can_be_silent(option) for option in node.options)
    return isinstance(node, Words) and not node.words


def surely_filled(node: Node) -> Counter[str]:
    """Slot -> how often every sentence of a template fills it."""
    if isinstance(node, ListRef):
        return Counter([node.slot])
    if isinstance(node, Sequence):
        return sum(map(surely_filled, node.parts), Counter[str]())
    if isinstance(node, Choice):
        first, *others = map(surely_filled, node.options)
        for other in others:
            first &= other
        return first
    return Counter()


def sequence(parts: list[Node]) -> Node:
    """A sequence without needless nesting: neighbouring words are joined."""
    flat: list[Node] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Sequence) else (part,):
            if piece == NOTHING:
                continue
            if isinstance(piece, Words) and flat and isinstance(flat[-1], Words):
                flat[-1] = Words(flat[-1].words + piece.words)
            else:
                flat.append(piece)
    return flat[0] if len(flat) == 1 else Sequence(tuple(flat)) if flat else NOTHING


def choice(options: list[Node]) -> Node:
    """A choice without duplicates and needless nesting."""
    unique = tuple(dict.fromkeys(options))
    return unique[0] if len(unique) == 1 else Choice(unique)


@lru_cache(maxsize=65_536)
def spoken_words(text: str, locale: Locale) -> tuple[str, ...]:
    """The words of literal text, as the recogniser would write them."""
    return tuple(normalize_words(text, locale))


def _check_brackets(text: str) -> None:
    waiting: list[tuple[str, int]] = []
    for offset, letter in enumerate(text):
        if offset and text[offset - 1] == "\\":
            continue
        if letter in _BRACKETS:
            waiting.append((letter, offset))
            if len(waiting) > MAX_DEPTH:
                raise TemplateError(f"more than {MAX_DEPTH} brackets are open here; move parts into a rule", offset)
        elif letter in _BRACKETS.values():
            if not waiting or _BRACKETS[waiting[-1][0]] != letter:
                opened = f" ('{waiting[-1][0]}' is open)" if waiting else ""
                raise TemplateError(f"'{letter}' closes nothing{opened}; remove it or add the opening bracket", offset)
            waiting.pop()
    if waiting:
        letter, offset = waiting[-1]
        raise TemplateError(f"'{letter}' is never closed; add '{_BRACKETS[letter]}'", offset)


class TemplateReader:
    """Turns templates into trees of words, and checks them.

    Args:
        rules: rule name -> template; each is read once.
        locale: the language.
    """

    def __init__(self, rules: Mapping[str, str], locale: Locale):
        self.rules, self.locale = rules, locale

    def read(self, text: str) -> Node:
        """The tree of a template; `{list}` stays a reference, `<rule>` is expanded.

        Raises:
            TemplateError: unbalanced brackets, an unknown or circular rule, letters that the language does not have.
        """
        check_letters(text, self.locale)
        _check_brackets(text)
        return self._parser.tree(text)

    def read_sentence(self, text: str) -> Node:
        """The tree of a whole sentence.

        Raises:
            TemplateError: as `read`; or it can be said with no word, or fills a slot twice.
        """
        node = self.read(text)
        if can_be_silent(node) and text.strip("[](){}<>|;., "):
            raise TemplateError(
                f"every part of '{text}' is optional, so any of them alone would be enough; make one required"
            )
        for slot, count in surely_filled(node).items():
            if count > 1:
                raise TemplateError(f"'{text}' fills {{{slot}}} twice; name the second value: {{LIST:other_{slot}}}")
        return node

    @cached_property
    def _parser(self) -> TemplateParser:
        from harken.nlu.template_parser import TemplateParser  # imports hassil, which cached skills do not need

        return TemplateParser(self.rules, self.locale)


def _sentences(node: Node) -> Iterator[tuple[str, ...]]:
    if isinstance(node, Words):
        yield node.words
    elif isinstance(node, Choice):
        for option in node.options:
            yield from _sentences(option)
    elif isinstance(node, Sequence):
        for picked in itertools.product(*(list(_sentences(part)) for part in node.parts)):
            yield tuple(word for words in picked for word in words)
    else:
        raise TemplateError(f"a list value cannot refer to a list ({{{node.list}}})")
