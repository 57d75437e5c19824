"""The recogniser turns the sound of a turn into words with times, confidences and alternatives.

    recognizer = Recognizer.load()
    print(recognizer.transcribe(samples).text)

As a stage it emits Transcript events: partial ones while the person speaks, one final one per turn. A partial result
contains only words that the search is nearly sure of; once shown, a word stays until the search is as sure of another.
Sound is processed in blocks of fixed size, so any chunking gives the same answer. A turn of many minutes is cut at
pauses and stays within bounded memory.

What is learned about the speaker ends with the turn. It can be kept for turns that follow soon
(`RecognizerOptions.same_speaker`), but measurements showed no benefit.

The models are shared, the recogniser is a session: any number of them may hear different streams over one acoustic
model and one search space, in as many threads. What can be said may change at any time (`use`, `set_list`, `set_words`,
`set_grammar`), for one session alone, from the next turn on.

What was heard in a stretch goes through passes (`harken.asr.passes`) before it becomes a transcript. The last one makes
its confidences probabilities of being right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from harken.asr.acoustic.model import AcousticModel, Outputs
from harken.asr.acoustic.speaker import IVECTOR_STEPS
from harken.asr.passes.confidence import Confidence
from harken.asr.passes.hearing import hear
from harken.asr.passes.record import Pass
from harken.asr.passes.rescoring import Rescoring
from harken.asr.passes.silence import margin_of, silence_score
from harken.asr.search.beam import BeamSearch
from harken.asr.search.source import Source, change_space, load_space
from harken.asr.search.space import SearchSpace
from harken.asr.transcripts import SAMPLES_PER_STEP, join_transcripts, placed, transcript_of
from harken.audio.blocks import Blocks
from harken.audio.features import FRAME_LENGTH, FRAME_SHIFT, StreamingLogMel
from harken.errors import ConfigError, PipelineError
from harken.events import (
    NOBODY_SPOKE,
    SAMPLE_RATE,
    Event,
    Hypothesis,
    Samples,
    Transcript,
    TurnAudio,
    TurnEnded,
    TurnStarted,
)
from harken.languages.loading import load_locale
from harken.languages.locale import Locale
from harken.text.grammar import Grammar
from harken.text.words import normalize_words

_BLOCK_STEPS = IVECTOR_STEPS
BLOCK_SAMPLES = _BLOCK_STEPS * SAMPLES_PER_STEP
"""Samples recognised at once (120 ms)."""
OVERHANG = FRAME_LENGTH - FRAME_SHIFT
"""Samples by which the first block is longer, so that every block fills whole steps and waits for no later sound."""

CONTEXT = 100
"""Words of earlier stretches that a pass sees, at most: memory must not grow with the recording."""


@dataclass(frozen=True, kw_only=True)
class RecognizerOptions:
    """What results look like; the search has its own options."""

    nbest: int = 5
    """Sentences in a final transcript, at most."""
    partial_every: int = 4
    """Decoder frames (30 ms) between partial results; sound is processed in blocks of 4."""
    partial_agreement: float = 0.8
    """A word is shown early when at least this much of the search's probability agrees on it."""
    pause: int = 15
    """Decoder frames of silence at which a long turn may be cut."""
    cut_after: int = 400
    """Decoder frames from which on a turn is cut at the next pause (12 s)."""
    cut_latest: int = 1200
    """Decoder frames at which it is cut anyway (36 s)."""
    same_speaker: float = 0.0
    """Seconds after a turn within which the next one is assumed to be by the same speaker; 0: every turn has a new
    speaker."""


@dataclass
class _Turn:
    """The turn in progress: its number, first sample, and the parts already cut off."""

    number: int
    start: int
    parts: list[Transcript] = field(default_factory=list)
    done: int = 0
    """Decoder frames in `parts`."""
    taken: int = 0
    """Samples."""
    shown: tuple[str, ...] = ()
    """Words of the last partial result."""
    reported: int = 0
    """Decoder frames of the current part at the last partial result."""
    before: tuple[str, ...] = ()
    """The last words of all parts so far, for passes."""


class Recognizer:
    """Streaming recogniser for one stream at a time.

    Args:
        model: phone scores; shared.
        space: what can be said, and how to search in it; shared.
        options: what results look like.
        passes: over what was heard in each stretch, in this order; those that suit the search space when None.
        rescoring: before the passes that suit free speech.
        confidence: the pass after these, which makes confidences probabilities; None leaves shares of the lattice.
    """

    name = "recognizer"
    consumes: tuple[type[Event], ...] = (TurnStarted, TurnAudio, TurnEnded)
    emits: tuple[type[Event], ...] = (Transcript,)
    replaces: tuple[type[Event], ...] = ()

    def __init__(
        self, model: AcousticModel, space: SearchSpace, options: RecognizerOptions | None = None, *,
        passes: Sequence[Pass] | None = None, rescoring: Pass | None = None, confidence: Pass | None = None,
    ):  # fmt: skip
        self.options, self.passes = options or RecognizerOptions(), passes
        self.rescoring, self.confidence = rescoring, confidence
        self.model = model
        self._acoustic, self._features = model.stream(), StreamingLogMel()
        self._blocks = Blocks(BLOCK_SAMPLES, more=OVERHANG)
        self._turn: _Turn | None = None
        self._ended: int | None = None
        """Sample after the last turn whose speaker is remembered."""
        self._asked_until = 0
        """Position until which a yes-or-no question is open."""
        self.use(space)

    @classmethod
    def load(
        cls, *, acoustic: str = "", language_model: str = "", grammar: Grammar | None = None, general: bool = True,
        words: Sequence[str] = (), options: RecognizerOptions | None = None, passes: Sequence[Pass] | None = None,
        locale: Locale | None = None,
    ) -> Recognizer:  # fmt: skip
        """The recogniser of the installed bundles. If it is for dictation, it rescores with the neural language model.

        Args:
            acoustic: bundle of the acoustic model; the language's own when empty.
            language_model: bundle of the general language model; the language's own when empty.
            grammar: of the active skills; None for dictation.
            general: also allow what the grammar does not, using the general language model.
            words: likelier than the language model thinks.
            options: what results look like.
            passes: over what was heard in each stretch, in this order; those that suit the search space when None.
            locale: the language; English when None.

        Raises:
            BundleError: a bundle is missing.
            ConfigError: the language has none, and none was named.
        """
        locale = locale or load_locale()
        model = AcousticModel.load(acoustic or locale.bundle("acoustic"))
        space = load_space(
            model.labels, grammar=grammar, general=general, words=words, language_model=language_model, locale=locale
        )
        named = locale.bundles.rescoring if grammar is None else ""
        confidence = Confidence.load(model, language_model=language_model, locale=locale)
        return cls(
            model, space, options, passes=passes, rescoring=Rescoring.load(named) if named else None,
            confidence=confidence,
        )  # fmt: skip

    @property
    def latency(self) -> int:
        """Maximum number of samples from the end of a step until a partial result reflects it: the model's look-ahead,
        the overhang of its features' windows, and the rest of the block or of the blocks between partial results."""
        between = -(-self.options.partial_every // _BLOCK_STEPS) * _BLOCK_STEPS
        return (self.model.look_ahead + between - 1) * SAMPLES_PER_STEP + OVERHANG

    def use(self, space: SearchSpace) -> None:
        """Hear what this space allows, from the next turn on."""
        self.space, asked_until = space, self._asked_until
        if self._turn is None:
            self.reset()
            self._asked_until = asked_until

    def set_grammar(self, grammar: Grammar | None, *, general: bool = True, words: Sequence[str] = ()) -> None:
        """Replace what can be said, from the next turn on. Only sentences and lists that differ are compiled.

        Raises:
            ConfigError: neither a grammar nor the general model; a list without entries.
            VocabularyError: a word has no pronunciation.
        """
        self.use(change_space(self._source(), grammar=grammar, general=general, words=words))

    def set_list(self, name: str, entries: Sequence[str]) -> None:
        """Replace the entries of one list of the grammar, from the next turn on; nothing else is recompiled.

        Args:
            name: in a joined grammar 'skill.list'.
            entries: as they are written; at least one. All are equally likely.

        Raises:
            ConfigError: the grammar has no such list (or there is none); no entries, or one without words.
            VocabularyError: a word has no pronunciation.
        """
        source = self._source()
        if source.grammar is None:
            raise ConfigError(f"there is no grammar and so no list '{name}'; load the recogniser with one")
        spoken = tuple(tuple(normalize_words(entry, source.locale)) for entry in entries)
        grammar = source.grammar.with_list(name, spoken)
        self.use(change_space(source, grammar=grammar, general=source.general, words=source.words))

    def set_words(self, words: Sequence[str]) -> None:
        """Replace the words that are likelier than the language model thinks, from the next turn on.

        Args:
            words: in spoken form, one word each; none to expect nothing. Unknown ones are added.

        Raises:
            VocabularyError: a word has no pronunciation.
        """
        source = self._source()
        self.use(change_space(source, grammar=source.grammar, general=source.general, words=words))

    def expect_answer(self, until: int) -> None:
        """A yes-or-no question is open: its answers are likelier in turns that start before position `until`."""
        self._asked_until = until

    def transcribe(self, samples: Samples, *, same_speaker: bool = False) -> Transcript:
        """The final transcript of one recording [n], 16 kHz mono; positions count from its start. With `same_speaker`,
        what the recording before taught about the speaker is kept."""
        return join_transcripts(self.transcribe_stream([samples], same_speaker=same_speaker), self.options.nbest)

    def transcribe_stream(self, blocks: Iterable[Samples], *, same_speaker: bool = False) -> Iterator[Transcript]:
        """Transcripts of the stretches of one recording of any length, each as soon as it ends.

        Memory does not grow with the recording. A stretch ends at a pause (see `RecognizerOptions`) and counts as a
        turn, from 0; positions are those in the recording. `join_transcripts` joins them into one.

        Args:
            blocks: the recording in order, 16 kHz mono, in pieces [n] of any size; the size does not change the answer.
            same_speaker: as for `transcribe`.
        """
        self._begin(same_speaker=same_speaker)
        turn = self._turn = _Turn(0, 0)
        for samples in blocks:
            self._hear(samples)
            yield from self._hand_out(turn)
        self._end(turn)
        yield from self._hand_out(turn)
        self._turn = self._ended = None
        self._begin(same_speaker=True)

    def process(self, event: Event) -> list[Event]:
        """Take a piece of a turn.

        Raises:
            PipelineError: sound came outside a turn.
        """
        if isinstance(event, TurnStarted):
            self._begin(same_speaker=self._follows_soon(event), asked=event.start < self._asked_until)
            self._turn = _Turn(event.turn, event.start)
            return []
        if isinstance(event, TurnAudio):
            turn = self._expect(event)
            if not turn.taken:
                turn.start = event.start  # the pre-roll begins before the turn was noticed
            self._hear(event.samples)
            return self._partial(turn)
        if isinstance(event, TurnEnded):
            turn = self._expect(event)
            return [self._unheard(turn) if event.reason == NOBODY_SPOKE else self._finish(turn)]
        raise PipelineError(f"the recogniser got {type(event).__name__}; it takes TurnStarted, TurnAudio, TurnEnded")

    def completeness(self) -> float | None:
        """Probability 0..1 that the request in progress ends where it was heard up to (`BeamSearch.completeness`)."""
        return self._search.completeness() if self._turn else None

    def flush(self) -> list[Event]:
        """The stream has ended: the transcript of a turn in progress."""
        return [self._finish(self._turn)] if self._turn else []

    def reset(self) -> None:
        """Forget the stream, the speaker and an open question."""
        self._ended, self._asked_until = None, 0
        self._begin(same_speaker=False)

    def _follows_soon(self, event: TurnStarted) -> bool:
        longest = self.options.same_speaker
        return longest > 0 and self._ended is not None and event.start - self._ended <= longest * SAMPLE_RATE

    def _begin(self, *, same_speaker: bool, asked: bool = False) -> None:
        """Ready for another recording or turn."""
        if not same_speaker:
            self._acoustic.reset()
        elif self._turn is not None:  # a turn that never ended; a flush has already restarted the stream
            self._acoustic.restart()
        self._features.reset()
        self._blocks.reset()
        self._search = BeamSearch(self.space.while_asked() if asked else self.space)
        self._heard: list[Outputs] = []
        """Of the acoustic model, since the stretch began."""
        self._turn = None

    def _source(self) -> Source:
        if self.space.source is None:
            raise ConfigError("this recogniser's search space was put together by hand; make it with `load_space`")
        return self.space.source

    def _expect(self, event: TurnAudio | TurnEnded) -> _Turn:
        if self._turn is None:
            raise PipelineError(
                f"{type(event).__name__} of turn {event.turn} came without TurnStarted; send that first"
            )
        return self._turn

    def _hear(self, samples: Samples) -> None:
        turn = self._turn
        assert turn is not None
        turn.taken += len(samples)
        for block in self._blocks.push(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)):
            self._take(self._acoustic.process(self._features.process(block)))
            self._cut_if_long(turn)

    def _take(self, outputs: Outputs) -> None:
        self._heard.append(outputs)
        self._search.accept(outputs.scores)

    def _cut_if_long(self, turn: _Turn) -> None:
        heard = len(self._search.frames)
        if heard < self.options.cut_after:
            return
        if heard >= self.options.cut_latest or self._search.trailing_silence() >= self.options.pause:
            self._cut(turn)

    def _cut(self, turn: _Turn) -> None:
        """The end of a stretch: what was heard becomes a part of the turn."""
        heard = hear(
            self._search, Outputs.joined(self._heard), nbest=self.options.nbest, offset=turn.done, passes=self.passes,
            rescoring=self.rescoring, confidence=self.confidence, before=turn.before,
        )  # fmt: skip
        turn.parts.append(
            transcript_of(heard, nbest=self.options.nbest, turn=turn.number, start=turn.start, samples=turn.taken)
        )
        turn.before = (*turn.before, *(word.text for word in heard.sentences[0].words))[-CONTEXT:]
        turn.done, turn.reported = turn.done + len(self._search.frames), 0
        self._search.reset()
        self._heard.clear()

    def _end(self, turn: _Turn) -> None:
        self._take(self._acoustic.process(self._features.process(self._blocks.rest())))
        self._take(self._acoustic.flush())
        self._cut(turn)

    def _finish(self, turn: _Turn) -> Transcript:
        self._end(turn)
        self._turn, self._ended = None, turn.start + turn.taken
        self._begin(same_speaker=True)
        return join_transcripts(turn.parts, self.options.nbest, turn=turn.number)

    def _unheard(self, turn: _Turn) -> Transcript:
        """The transcript of a turn in which nobody spoke: nothing was said, whatever the noise resembles."""
        self._begin(same_speaker=False)
        nothing = Hypothesis(words=(), log_prob=0.0, confidence=1.0)
        return Transcript(turn=turn.number, hypotheses=(nothing,), final=True)

    def _hand_out(self, turn: _Turn) -> Iterator[Transcript]:
        """The finished parts of a recording, each as a turn; they are then dropped."""
        for part in turn.parts:
            yield replace(part, turn=turn.number)
            turn.number += 1
        turn.parts.clear()

    def _may_be_silence(self) -> bool:
        """Whether the stretch so far may hold no word of the grammar."""
        options = self.space.options
        if options.consensus or not self._search.frames:
            return False
        silent = silence_score(Outputs.joined(self._heard).scores, self.space.silence, options)
        return margin_of(-self._search.offsets[-1], silent, len(self._search.frames)) < options.nothing

    def _partial(self, turn: _Turn) -> list[Event]:
        heard = len(self._search.frames)
        if heard < turn.reported + self.options.partial_every:
            return []
        turn.reported = heard
        words = [word for part in turn.parts for word in part.hypotheses[0].words]
        sure = [] if self._may_be_silence() else self._search.sure_words(self.options.partial_agreement)
        words += [placed(word, turn.done, start=turn.start, samples=turn.taken) for word in sure]
        heard_so_far = Hypothesis(words=tuple(words), log_prob=0.0, confidence=0.0)
        texts = tuple(word.text for word in words)
        if texts == turn.shown[: len(texts)]:  # nothing new, or not quite as sure as before
            return []
        turn.shown = texts
        return [Transcript(turn=turn.number, hypotheses=(heard_so_far,), final=False)]
