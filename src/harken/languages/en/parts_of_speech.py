"""Part of speech of words that are said in two ways: 'I *read* it yesterday', 'please *read* it'.

A few reliable cues on both sides, no parser; where they are silent the word keeps its usual pronunciation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_ARTICLES = frozenset(
    "a an the this that these those my your his her its our their some any no every each another".split()
)
_PRONOUNS = frozenset("i you we they who".split())
_SINGULAR = frozenset("he she it".split())
_MODALS = frozenset(
    "to will would can could should shall may might must do does did don't doesn't didn't can't won't couldn't cannot "
    "shouldn't wouldn't let's please i'll you'll we'll they'll he'll she'll it'll i'd you'd we'd they'd never always "
    "help helps helped not gotta".split()
)
_HAVE = frozenset(
    "have has had i've you've we've they've having haven't hasn't hadn't was were been is are being be get got".split()
)
_BEING = frozenset(
    "is are was were be been am i'm it's that's you're we're they're he's she's there's isn't aren't wasn't being stay "
    "stays keep kept feel feels get got come came so very too as how quite pretty really more most that".split()
)
_OBJECTS = _ARTICLES | frozenset("me him her it us them all both one two three something everything what".split())
_STATING = frozenset("is are was were will would has have had can could of blew blows seems looks fell".split())
_JOINING = frozenset("and or then but so".split())
_PAST = frozenset("yesterday ago last earlier already once previously recently before was were had said did".split())
_HABIT = frozenset("every always often usually daily never sometimes tomorrow will can".split())
_PREPOSITIONS = frozenset("of in on at for from by with into through about".split())


@dataclass(frozen=True)
class _Sight:
    """A word and its neighbours, lower case; '' beyond the sentence."""

    words: Sequence[str]
    place: int

    def at(self, offset: int) -> str:
        place = self.place + offset
        return self.words[place] if 0 <= place < len(self.words) else ""

    @property
    def before(self) -> str:
        return self.at(-1)

    @property
    def after(self) -> str:
        return self.at(1)

    @property
    def begins(self) -> bool:
        return self.place == 0 or self.before in ("please", "just")

    def any_of(self, wanted: frozenset[str]) -> bool:
        return not wanted.isdisjoint(self.words)

    def named(self) -> bool:
        """Whether an article, a preposition or a possessive stands before it, which makes it a noun."""
        return self.before in _ARTICLES | _PREPOSITIONS or self.before.endswith("'s")

    def acts(self) -> bool:
        """Whether it is certainly a verb: behind 'to', 'will', 'I', or as a request with an object."""
        if self.before in _MODALS or (self.before in _PRONOUNS and self.after not in _STATING):
            return True
        requested = self.begins or (self.before in _JOINING and self.place > 1)
        return requested and self.after in _OBJECTS


def _noun_or_verb(sight: _Sight) -> str:
    if sight.named():
        return "noun"
    if sight.acts():
        return "verb"
    if sight.begins and sight.after and sight.after not in _STATING | _PREPOSITIONS | _JOINING:
        return "verb"
    return "" if sight.place == 0 else "noun"


def _adjective_or_verb(sight: _Sight) -> str:
    if sight.acts():
        return "verb"
    return "adjective" if sight.before in _BEING | _ARTICLES else ""


def _read(sight: _Sight) -> str:
    between = _PRONOUNS | _SINGULAR | {"not", "never", "just", "already", "ever"}
    if sight.before in _HAVE or (sight.at(-2) in _HAVE and sight.before in between):
        return "past"
    if sight.after == "only" or sight.before in _MODALS or sight.begins:
        return "verb"
    if sight.any_of(_PAST - {"did"}) or sight.before in _SINGULAR:
        return "past"
    if sight.before == "you" and sight.at(-2) in _MODALS:
        return "verb"
    return "verb" if sight.any_of(_HABIT) or sight.before in ("you", "we", "they", "who") else ""


def _live(sight: _Sight) -> str:
    shown = frozenset(
        "music concert concerts show shows stream streams streaming tv broadcast broadcasts performance wire "
        "video coverage updates data album audience ammunition bait chat event events demo session version from "
        "on".split()
    )
    if sight.acts() or sight.before in ("people", "we", "they", "who", "where"):
        return "verb"
    doing = frozenset("going go went goes broadcast streamed recorded perform performed played watch sing".split())
    named = sight.before in _ARTICLES | _BEING | doing and sight.before not in ("that", "how", "so")
    return "adjective" if named or (sight.after in shown and sight.after != "on") else "verb"


def _lead(sight: _Sight) -> str:
    metal = frozenset("pipe pipes paint poisoning acid pencil pencils weight weights bullet bullets shot".split())
    contained = sight.before in ("of", "contains", "contain", "containing", "with", "unleaded", "molten")
    tail = sight.after in ("", "and", "or", "is") and contained
    return "noun" if sight.after in metal or tail else "verb"


def _use(sight: _Sight) -> str:
    if sight.named() or (sight.before in ("much", "little", "regular", "daily", "further") and not sight.acts()):
        return "noun"
    return "verb"


def _close(sight: _Sight) -> str:
    if sight.before in _MODALS and sight.after != "to":
        return "verb"
    if sight.before in _BEING and not (sight.before == "that" and sight.after in _OBJECTS):
        return "adjective"
    near = frozenset("to by friend friends enough call together range relatives relationship".split())
    if sight.after in near:
        return "adjective"
    return "verb" if sight.acts() or sight.begins or (sight.before in ("and", "or", "not", "the")) else "adjective"


def _wind(sight: _Sight) -> str:
    if sight.named():
        return "noun"
    turned = sight.after in _OBJECTS | frozenset("up down back through around".split())
    return "verb" if sight.before in _MODALS or ((sight.begins or sight.before in _PRONOUNS) and turned) else "noun"


def _tear(sight: _Sight) -> str:
    if sight.after in ("gas", "drop", "drops", "duct", "ducts"):
        return "noun"
    return "noun" if sight.named() else "verb"


def _minute(sight: _Sight) -> str:
    tiny = frozenset("details detail amounts amount quantities quantity particles traces differences".split())
    return "adjective" if sight.after in tiny else "noun"


def _house(sight: _Sight) -> str:
    return "verb" if sight.before in _MODALS and sight.after in _OBJECTS else "noun"


def _content(sight: _Sight) -> str:
    feeling = frozenset("i'm feel feels felt quite very perfectly not is are was were am".split())
    wanting = sight.after in ("", "with", "to", "and")
    return "adjective" if sight.before in feeling and wanting else "noun"


def _bass(sight: _Sight) -> str:
    return "" if sight.any_of(frozenset("fish fishing fished caught catch lake river sea pond".split())) else "noun"


def _wound(sight: _Sight) -> str:
    turned = frozenset("up down around back through its the".split())
    return "past" if sight.after in turned and not sight.named() else "noun"


def _dove(sight: _Sight) -> str:
    return "past" if sight.before in _SINGULAR | _PRONOUNS else "noun"


def _bow(sight: _Sight) -> str:
    return "verb" if sight.acts() or sight.after in ("to", "before", "down", "out") else "noun"


_OWN: Mapping[str, Callable[[_Sight], str]] = {
    "read": _read, "live": _live, "lead": _lead, "use": _use, "close": _close, "wind": _wind, "tear": _tear,
    "minute": _minute, "house": _house, "content": _content, "bass": _bass, "wound": _wound, "dove": _dove, "bow": _bow,
}  # fmt: skip
_ADJECTIVES = frozenset("alternate compact duplicate perfect separate".split())
_NOUNS = frozenset(
    "abuse addict ally annex attribute combat combine commune compound compress concert conduct conflict "
    "conscript console construct contest contract contrast converse convert convict decrease defect desert detail "
    "dictate digest discharge discount escort essay estimate excuse exploit extract ferment finance graduate "
    "impact implant import imprint incense increase insert insult object permit pervert present produce progress "
    "project protest rebel recall recap record refill refund refuse reject segment subject survey suspect torment "
    "transfer transport update upgrade upset".split()
)


def part_of_speech(words: Sequence[str], place: int) -> str:
    """Part of speech of a word as the lexicon marks it; '' for its usual pronunciation.

    Args:
        words: of the sentence, lower case.
        place: of the word.
    """
    word, sight = words[place], _Sight(words, place)
    if word in _OWN:
        return _OWN[word](sight)
    if word in _ADJECTIVES:
        return _adjective_or_verb(sight)
    return _noun_or_verb(sight) if word in _NOUNS else ""
