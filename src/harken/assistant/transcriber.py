"""Recordings of any length as text, stretch by stretch, with a profile's recogniser.

transcriber = Transcriber.load(load_profile("en"))
for part in transcriber.parts("lecture.flac"):
    print(part.text)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from harken.assistant.profile import Profile
from harken.events import Samples, Transcript

if TYPE_CHECKING:
    from harken.asr.recognizer import Recognizer
    from harken.assistant.models import Models
    from harken.audio.files import Recording
    from harken.languages.locale import Locale

HearingProgress = Callable[[int, int], None]
"""Receives the samples at 16 kHz heard so far, and roughly how many there are."""


class Transcriber:
    """Transcribes recordings, one at a time.

    Args:
        recognizer: recognises the words.
        locale: the language; English when None.
    """

    def __init__(self, recognizer: Recognizer, *, locale: Locale | None = None):
        self._recognizer, self.locale = recognizer, locale

    @classmethod
    def load(
        cls, profile: Profile, *, skills: Sequence[Path] = (), words: Sequence[str] = (), nbest: int = 1
    ) -> Transcriber:
        """With the installed bundles.

        Args:
            profile: names the bundles.
            skills: folders of skills whose sentences are expected; none means free dictation.
            words: words to expect, which become likelier than in the language model.
            nbest: number of alternatives.

        Raises:
            SkillError: a folder is not a skill.
            BundleError: a bundle is missing.
            ConfigError: the language is not known, or has no acoustic model.
        """
        from harken.asr.recognizer import Recognizer, RecognizerOptions
        from harken.languages.loading import load_locale
        from harken.nlu.skill_file import read_skill
        from harken.nlu.spoken_requests import grammar_of_all

        grammar = grammar_of_all([read_skill(folder) for folder in skills]) if skills else None
        options, locale = RecognizerOptions(nbest=nbest), load_locale(profile.language)
        recognizer = Recognizer.load(
            acoustic=profile.recognizer.bundle, language_model=profile.recognizer.language_model, grammar=grammar,
            words=_spoken_words(words, locale), options=options, locale=locale,
        )  # fmt: skip
        return cls(recognizer, locale=locale)

    @classmethod
    def over(cls, models: Models) -> Transcriber:
        """For free dictation with the models of conversations, at most one alternative.

        Raises:
            BundleError: a bundle is missing.
        """
        from harken.asr.passes.rescoring import Rescoring
        from harken.asr.recognizer import Recognizer, RecognizerOptions
        from harken.asr.search.source import load_space

        settings, locale = models.profile.recognizer, models.locale
        space = load_space(models.acoustic.labels, language_model=settings.language_model, locale=locale)
        named = locale.bundles.rescoring
        recognizer = Recognizer(
            models.acoustic, space, RecognizerOptions(nbest=1), rescoring=Rescoring.load(named) if named else None,
            confidence=models.confidence,
        )  # fmt: skip
        return cls(recognizer, locale=locale)

    def another(self) -> Transcriber:
        """One that hears other recordings at the same time, with the same models."""
        from harken.asr.recognizer import Recognizer

        given = self._recognizer
        fresh = Recognizer(
            given.model, given.space, given.options, passes=given.passes, rescoring=given.rescoring,
            confidence=given.confidence,
        )  # fmt: skip
        return Transcriber(fresh, locale=self.locale)

    def parts(self, file: Path | str | IO[bytes], *, progress: HearingProgress | None = None) -> Iterator[Transcript]:
        """The speech between the pauses of a recording, as soon as it is recognised; memory use does not grow.

        Args:
            file: any recording, or the bytes of one; '-' is a WAV stream on standard input.
            progress: called about once per second of sound.

        Raises:
            AudioError: the recording cannot be read.
        """
        from harken.audio.files import open_audio

        with open_audio(file) as recording:
            blocks = recording.blocks() if progress is None else _followed(recording, progress)
            yield from self._recognizer.transcribe_stream(blocks)

    def whole(self, file: Path | str, *, progress: HearingProgress | None = None) -> Transcript:
        """All parts as one transcript, with as many alternatives as requested.

        Raises:
            AudioError: the recording cannot be read.
        """
        from harken.asr.transcripts import join_transcripts

        return join_transcripts(self.parts(file, progress=progress), self._recognizer.options.nbest)


def _followed(recording: Recording, progress: HearingProgress) -> Iterator[Samples]:
    done = 0
    for block in recording.blocks():
        yield block
        done += len(block)
        progress(done, recording.length)


def _spoken_words(words: Sequence[str], locale: Locale) -> list[str]:
    """Words in spoken form: 'R2-D2' becomes 'r two d two', each part expected on its own."""
    from harken.text.words import normalize_words

    return [part for word in words for part in normalize_words(word, locale)]
