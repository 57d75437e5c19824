"""The two stages that hear a wake word: small networks that suspect it, and the recogniser's phones that judge.

A word with a network of its own (`harken train wakeword`) costs next to nothing until it is suspected. Any other word
or phrase of the profile is listened for at once, by its pronunciation alone, but whenever somebody speaks. So are the
words that silence the assistant, while it speaks.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from harken.activation.front_end import FrontEnd
from harken.activation.over_echo import WordsOverEcho
from harken.activation.stopword import StopWordSpotter
from harken.activation.wakeword import WakeWordScout, bundle_name
from harken.asr.keyword.judge import FEWEST, PhraseJudge
from harken.asr.keyword.phrases import Phrases
from harken.asr.keyword.rule import INTERRUPTING
from harken.assistant.models import Models
from harken.bundle import installed_bundles
from harken.errors import ConfigError
from harken.events import Event, WakeDetected
from harken.phones.pronunciation import Pronunciation
from harken.stage import Kinds

log = logging.getLogger(__name__)


class NoWakeWord:
    """Takes the place of a stage that hears wake words where none is needed: hears nothing, finds nothing."""

    name = "wakeword"
    consumes: Kinds = ()
    emits: Kinds = (WakeDetected,)
    replaces: Kinds = ()
    latency = 0

    def process(self, event: Event) -> list[Event]:
        """Finds nothing."""
        return []

    def flush(self) -> list[Event]:
        """Holds nothing back."""
        return []

    def reset(self) -> None:
        """Remembers nothing."""


def has_network(word: str) -> bool:
    """Whether a network for the word is installed."""
    return bundle_name(word) in installed_bundles()


def make_scout(models: Models, *, front_end: FrontEnd) -> WakeWordScout | NoWakeWord:
    """The first stage, for the words that have a network.

    Raises:
        BundleError: a network is damaged.
    """
    bundles = [models.bundle(bundle_name(word)) for word in models.state.words if has_network(word)]
    return WakeWordScout(bundles, front_end=front_end) if bundles else NoWakeWord()


def make_judge(models: Models, *, threshold: float = 0.0) -> PhraseJudge:
    """The second stage, for all words.

    Args:
        models: with the acoustic model.
        threshold: probability 0..1 from which a word counts as heard; 0 takes the rule's own.

    Raises:
        ConfigError: there is no word, or a word without a network is too short.
        VocabularyError: a word cannot be pronounced.
        BundleError: the acoustic model is missing.
    """
    levels: dict[str, float] = {}
    words = []
    for word in models.state.words:
        if has_network(word):
            facts = models.bundle(bundle_name(word)).features
            levels[str(facts["word"])] = float(facts["threshold"])
            words.append(str(facts["word"]))
        else:
            words.append(word)
            log.warning(
                "the wake word '%s' has no network of its own: it is listened for by its pronunciation, which takes "
                "about 3 %% of a core while somebody speaks; `harken train wakeword --word '%s'` makes it cheaper",
                word, word,
            )  # fmt: skip
    if not words:
        raise ConfigError("the profile has no wake word; name at least one in wake.words")
    return PhraseJudge(models.acoustic, _phrases(words, models), levels=levels, threshold=threshold or None)


def make_stop_spotter(models: Models) -> StopWordSpotter:
    """Hears the words of `wake.stop`, of which there is at least one, while a reply plays.

    Raises:
        ConfigError: a word is too short.
        VocabularyError: a word cannot be pronounced.
        BundleError: the acoustic model is missing.
    """
    return StopWordSpotter(_early_judge(models.profile.wake.stop, models))


def make_words_over_echo(models: Models, *, wake: bool) -> WordsOverEcho | NoWakeWord:
    """Hears the words of `wake.stop` and, where they are needed, the wake words, over its own reply.

    A wake word too short to be told from other speech by its phones alone is left to its network behind the canceller.

    Raises:
        ConfigError, VocabularyError, BundleError: as for `make_stop_spotter`.
    """
    stops = models.profile.wake.stop
    words = [*stops, *(_overheard(models) if wake else ())]
    if not words:
        return NoWakeWord()
    return WordsOverEcho(_early_judge(words, models), own=_early_judge(words, models), stops=stops)


def _overheard(models: Models) -> list[str]:
    """The wake words that are listened for over a reply."""
    words = [word for word in models.state.words if word not in models.profile.wake.stop]
    return [word for word in words if min(_phrases([word], models).sizes) >= FEWEST]


def _early_judge(words: Sequence[str], models: Models) -> PhraseJudge:
    return PhraseJudge(models.acoustic, _phrases(words, models), levels={}, early=True, without_network=INTERRUPTING)


def _phrases(words: Sequence[str], models: Models) -> Phrases:
    return Phrases.of(words, labels=models.acoustic.labels, pronunciation=Pronunciation.load(models.locale))
