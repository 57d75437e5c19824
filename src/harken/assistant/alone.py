"""Single stages as a profile configures them, for commands that do not need a complete assistant.

Each function loads only what it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harken.assistant.profile import Profile
from harken.errors import BundleError, ConfigError, DataError, PipelineError, VocabularyError
from harken.events import Interpretation

if TYPE_CHECKING:
    from harken.nlu.interpreter import Interpreter
    from harken.tts.markup import Marked
    from harken.tts.voice import Voice
    from harken.workshop.following import Followed


def load_interpreter(profile: Profile, *, skills: Sequence[Path] = ()) -> Interpreter:
    """The interpreter of the active skills and further folders.

    Raises:
        SkillError: a folder is not a skill.
        BundleError: the interpreter's bundle is missing.
    """
    from harken.assistant.installed import Installed

    return Installed(profile, skills).interpreter()


def user_act(meant: Interpretation) -> str:
    """The universal act of a sentence: 'request', a talk act (greet, affirm, ...), or 'unknown' if rejected."""
    from harken.dialogue.skill import TALK

    if meant.rejected and not meant.refused:
        return "unknown"
    return meant.intent if meant.skill == TALK else "request"


def load_voice(profile: Profile) -> Voice:
    """The profile's voice.

    Raises:
        BundleError: its bundle is missing.
    """
    from harken.languages.loading import load_locale
    from harken.tts.voice import Voice

    locale = load_locale(profile.language)
    return Voice.load(profile.voice.bundle, vocoder=profile.voice.vocoder, locale=locale)


def reading_like(profile: Profile, voice: Voice, recording: Path) -> Callable[[str | Marked], Followed]:
    """A function from a text to the lines of a voice, said as a recording of the same words says them.

    Raises:
        ConfigError: the voice does not say what is usual for it.
        AudioError: the recording cannot be read.
        BundleError: the recogniser's acoustic model is missing.
        VocabularyError: (of the function) the text contains nothing that can be spoken.
        DataError: (of the function) the recording says something else, is too short for the text, or nothing in it is
            voiced.
    """
    from harken.asr.acoustic.model import AcousticModel
    from harken.audio.files import read_audio
    from harken.languages.loading import load_locale
    from harken.workshop.agreement import agrees
    from harken.workshop.following import follow

    usual = voice.usual
    if usual is None:
        raise ConfigError(
            f"{voice.name} cannot follow a recording: it does not say how it usually speaks; train it again"
        )
    samples = read_audio(recording)
    model = AcousticModel.load(profile.recognizer.bundle or load_locale(profile.language).bundle("acoustic"))

    def read(text: str | Marked) -> Followed:
        words = text if isinstance(text, str) else text.text
        lines = voice.read(text)
        if not lines:
            raise VocabularyError(f"there is nothing to say in {words[:60]!r}; give words, numbers or letters")
        followed = follow(lines, samples, usual, model)
        if not agrees(followed.alignment):
            raise DataError(
                f"{recording} says something else than the text: {_heard(profile, recording)}expected "
                f"{words.strip()[:200]!r}; give a recording of these words and nothing else, or the words that it says"
            )
        return followed

    return read


def _heard(profile: Profile, recording: Path) -> str:
    """What the recogniser hears in a recording, for an error; empty if this language has no recogniser."""
    from harken.assistant.transcriber import Transcriber

    try:
        heard = Transcriber.load(profile).whole(recording)
    except (BundleError, ConfigError):
        return ""
    return f"heard {heard.hypotheses[0].text[:200]!r}, " if heard.hypotheses else "heard no words, "


def wake_finder(
    profile: Profile, *, words: Sequence[str] = (), threshold: float = 0.0
) -> Callable[[Path | str], list[dict[str, Any]]]:
    """A function from a recording to its wake words: [{"word", "start", "end", "score"}], times in seconds.

    Raises:
        ConfigError, VocabularyError: a word cannot be a wake word.
        BundleError: a bundle is missing or damaged.
        AudioError: (of the function) the recording cannot be read.
    """
    from harken.assistant.answer import wake_answer
    from harken.assistant.chain import Chain
    from harken.assistant.installed import Installed
    from harken.assistant.models import Models
    from harken.audio.files import read_audio
    from harken.events import AudioChunk, StageFailed, WakeDetected
    from harken.stage import Pipeline

    wake = replace(
        profile.wake, words=tuple(words) or profile.wake.words, threshold=threshold or profile.wake.threshold
    )
    wanted = replace(profile, wake=wake)
    chain = Chain(Models(wanted, Installed(wanted)), voice=False)
    stages = chain.waking_stages
    for stage in stages:
        stage.warm_up()
    pipeline = Pipeline(stages)

    def find(file: Path | str) -> list[dict[str, Any]]:
        pipeline.reset()
        heard = [*pipeline.process(AudioChunk(start=0, samples=read_audio(file))), *pipeline.flush()]
        for failure in (event for event in heard if isinstance(event, StageFailed)):
            raise PipelineError(f"stage {failure.stage} failed: {failure.message}")
        found = [event for event in heard if isinstance(event, WakeDetected)]
        return [wake_answer(event) for event in found if not words or event.word in words]

    return find


def pronunciations(
    word: str, *, language: str = "en-US", nbest: int = 1, part: str = ""
) -> list[tuple[list[str], float]]:
    """Pronunciations of a word as IPA phones, the usual one first, each with a probability: 1 if the word is known.

    The recogniser expects the same ones, in a language that it knows.

    Args:
        word: as written.
        language: one that harken understands, or any that a pronouncer speaks.
        nbest: how many, at most.
        part: part of speech, for words that the lexicon marks; only in languages that harken understands.

    Raises:
        ConfigError: nothing speaks the language, its files are invalid, or it has no lexicon that could mark a `part`.
        VocabularyError: the word contains nothing that can be pronounced, or letters whose pronunciation is unknown; or
            there is no such part of speech.
    """
    from harken.languages.loading import has_locale, load_locale
    from harken.phones.sets import to_ipa

    name, spoken = language, "letter of that language"
    if has_locale(language):
        from harken.phones.pronunciation import Pronunciation

        locale = load_locale(language)
        name, spoken = locale.name, "letter or digit"
        ways = Pronunciation.load(locale).ways(word, nbest=nbest, part=part)[:nbest]
        found = [(to_ipa(way.phones), way.probability) for way in ways]
    else:
        from harken.phones.readings import Readings

        readings = Readings.load(language)
        if part:
            raise ConfigError(
                f"got the part of speech '{part}', but '{language}' has no lexicon that marks any; leave it out"
            )
        found = [(list(way.phones), way.probability) for way in readings.of(word, nbest=nbest)]
    if not found:
        raise VocabularyError(
            f"{word!r} has no pronunciation in {name}: there is no {spoken} in it that can be spoken; give a word"
        )
    return found
