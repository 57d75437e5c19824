"""Phrases that must not be mistaken for a wake word, as text for a synthesiser."""

from __future__ import annotations

import re

EVERYDAY = (
    "what time is it", "turn on the light in the kitchen", "play some music", "set a timer for ten minutes",
    "how is the weather tomorrow", "I will be home at seven", "can you pass me the salt please",
    "the meeting starts at half past nine", "did you feed the cat this morning", "she left her keys on the table",
    "we should buy milk, bread and butter", "he has been working there for twenty years", "one two three four five",
    "six seven eight nine ten", "thank you very much", "good morning everybody", "see you later", "I do not know",
    "where did you put the remote control", "the train was late again today", "call me when you get there",
    "my grandmother lives near the river", "open the window, it is too warm in here", "what do you want for dinner",
    "there is a football match on television tonight", "remember to take out the rubbish", "this is a beautiful song",
    "the dog is barking at the neighbours", "I would like a large coffee with milk", "please close the door behind you",
    "hey, how are you", "okay, let us go", "hello there", "oh no, not again", "yes", "no", "maybe", "stop", "alright",
    "come over here for a moment", "could you repeat that", "the quick brown fox jumps over the lazy dog",
    "according to the report, prices will rise by two percent next year", "children were playing in the garden",
    "it was a dark and stormy night, and nobody was on the road", "the doctor said I should drink more water",
)  # fmt: skip
"""Sentences that people say at home."""

_ONSETS = ("b", "d", "k", "m", "s", "t", "p", "w")
_VOWELS = "aeiou"


def near_phrases(word: str) -> list[str]:
    """Phrases that sound like parts or variations of `word`: halves, other first sounds, other vowels.

    Args:
        word: one or several words, lower case.
    """
    parts = word.split()
    phrases = [part for part in parts if len(parts) > 1]
    for place, part in enumerate(parts):
        for other in _distortions(part):
            phrases += [other, " ".join([*parts[:place], other, *parts[place + 1 :]])]
    if len(parts) > 1:
        phrases += [" ".join(reversed(parts)), f"{parts[0]} there", f"oh {parts[-1]}"]
    return [phrase for phrase in dict.fromkeys(phrases) if phrase != word and len(phrase) > 1]


def _distortions(word: str) -> list[str]:
    if len(word) < 3:
        return []
    half = (len(word) + 1) // 2
    variants = [word[:half], word[half:] if len(word) > 4 else word[1:], word[: half + 1]]
    tail = re.sub(f"^[^{_VOWELS}]+", "", word)
    variants += [onset + tail for onset in _ONSETS if onset + tail != word][:5]
    vowels = [match.start() for match in re.finditer(f"[{_VOWELS}]", word)]
    for place in (vowels[:1] + vowels[-1:]) if vowels else []:
        variants += [word[:place] + vowel + word[place + 1 :] for vowel in "aio" if vowel != word[place]]
    return [text for text in dict.fromkeys(variants) if any(letter in _VOWELS + "y" for letter in text)]
