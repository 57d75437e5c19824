"""Command that speaks: say."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from harken.cli.options import Json, ProfileName, examples
from harken.cli.output import MISUSED, PlainAnswer, answer_each, message
from harken.cli.progress import speaking_bar
from harken.errors import DataError, VocabularyError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harken.assistant.profile import Profile
    from harken.audio.writing import SoundWriter
    from harken.events import Samples
    from harken.tts.manner import Manner
    from harken.tts.markup import Marked
    from harken.tts.text import Line
    from harken.tts.voice import Piece, Voice
    from harken.workshop.following import Followed


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        epilog=examples(
            "harken say 'Good morning.' --output hello.wav",
            "harken say '<speak>Wait <break time=\"1s\"/> for it.</speak>' --ssml -o wait.flac",
            "harken say 'Are you sure?' --like me.wav -o sure.wav --picture sure.png",
            "harken say --from book.txt -o book.mp3 --rate 1.1",
        )
    )(say)


def say(
    text: Annotated[str | None, typer.Argument(help="What to say.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Sound file to write: .wav, .flac, .ogg, .opus or .mp3."),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="Text of any length in UTF-8; '-' is standard input.")
    ] = None,
    ssml: Annotated[bool, typer.Option("--ssml", help="The text has marks: a subset of SSML.")] = False,
    rate: Annotated[float, typer.Option(min=0.25, max=4, help="Speaking rate; 1 is normal.")] = 1.0,
    pitch: Annotated[float, typer.Option(min=-12, max=12, help="Semitones above the voice's own pitch.")] = 0.0,
    pitch_range: Annotated[
        float, typer.Option(min=0, max=2, help="Ups and downs of the tune; 1 is normal, 0 monotonous.")
    ] = 1.0,
    like: Annotated[
        Path | None, typer.Option("--like", metavar="RECORDING", help="Say it as in this recording of the same words.")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture",
            metavar="FILE",
            help="Also draw spectrogram, pitch, level, words and phones; with --like, the recording above; .png.",
        ),
    ] = None,
    voice: Annotated[
        str,
        typer.Option("--voice", metavar="BUNDLE", help="Another voice than the profile's, for example voice-kathleen."),
    ] = "",
    profile: ProfileName = "en",
    as_json: Json = False,
) -> None:
    """Speak a text and write it to a sound file, whose ending names the format.

    A long text is written while it is spoken, paragraph by paragraph, so that a whole book needs little memory.
    """
    if (text is None) == (source is None) or output is None:
        raise _misused("give either a text or --from FILE, and --output (see `harken say --help`)")
    if like is not None and source is not None:
        raise _misused("--like follows one recording of one text; give the text itself instead of --from")
    if picture is not None and source is not None:
        raise _misused("--picture shows one text; give the text itself instead of --from")
    from harken.audio.writing import check_ending
    from harken.tts.manner import Manner
    from harken.workshop.picture import check_picture

    check_ending(output)
    if picture is not None:
        check_picture(picture)
    wanted = _Wanted(
        output=output, ssml=ssml, manner=Manner(rate=rate, pitch=pitch, pitch_range=pitch_range), like=like,
        picture=picture, voice=voice, profile=profile, progress=not as_json,
    )  # fmt: skip
    answer, key = (wanted.text, "text") if source is None else (wanted.file, "from")
    answer_each([text or "" if source is None else source], answer, as_json=as_json, show=_show, key=key)


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """What was asked for besides the words."""

    output: Path
    ssml: bool
    manner: Manner
    like: Path | None
    picture: Path | None
    voice: str
    profile: str
    progress: bool
    """Whether a bar shows it."""

    def file(self, name: str) -> PlainAnswer:
        """Speak a file."""
        begun = time.process_time()
        speaker, _ = self._load()
        parts = ((speaker.read(part), done, total) for part, done, total in _file(name, speaker, ssml=self.ssml))
        length = self._write(parts, speaker, name=name)
        return {"from": name, "file": str(self.output), **_measured(length, begun)}

    def text(self, words: str) -> PlainAnswer:
        """Speak a text that is given itself."""
        from harken.assistant.alone import reading_like
        from harken.workshop.picture import check_length

        begun = time.process_time()
        speaker, settings = self._load()
        part, done, total = _part(words, speaker, ssml=self.ssml)
        follow = reading_like(settings, speaker, self.like) if self.like is not None else None
        script = _Script.of(part, speaker, follow)
        told: dict[str, Any] = {"text": words, "file": str(self.output)}
        if self.picture is not None:
            check_length(int(speaker.timing(script.lines, manner=self.manner).sum()))
        if self.like is not None:
            told["doubts"] = script.doubts(self.like)
        kept: list[Samples] = []
        length = self._write(iter([(script.lines, done, total)]), speaker, keep=kept.append)
        told |= _measured(length, begun)
        if self.picture is not None:
            title, lengths = f"{self.output.name} ({speaker.name})", speaker.timing(script.lines, manner=self.manner)
            script.draw(self.picture, title, kept, lengths, like=self.like)
            told["picture"] = str(self.picture)
        return told

    def _load(self) -> tuple[Voice, Profile]:
        from harken.assistant.alone import load_voice
        from harken.assistant.profile import load_profile

        settings = load_profile(self.profile)
        if self.voice:
            settings = replace(settings, voice=replace(settings.voice, bundle=self.voice))
        return load_voice(settings), settings

    def _write(
        self, parts: Iterator[tuple[Sequence[Line], int, int]], speaker: Voice, *, name: str = "",
        keep: Callable[[Samples], None] | None = None,
    ) -> float:  # fmt: skip
        spoken = ((speaker.speak(lines, manner=self.manner), done, total) for lines, done, total in parts)
        return _write(spoken, speaker.rate, self.output, name=name, shown=self.progress, keep=keep)


def _measured(length: float, begun: float) -> PlainAnswer:
    return {"duration": round(length, 3), "seconds": round(time.process_time() - begun, 3)}


def _show(spoken: PlainAnswer) -> None:
    drawn = f"; {spoken['picture']} shows it" if "picture" in spoken else ""
    print(f"{spoken['file']}: {spoken['duration']:.2f} s of speech in {spoken['seconds']:.2f} s{drawn}")


@dataclass(frozen=True)
class _Script:
    """A text that is given itself, and how it is said."""

    text: str
    """Without marks."""
    lines: Sequence[Line]
    followed: Followed | None
    """The recording that is followed."""

    @classmethod
    def of(cls, part: str | Marked, speaker: Voice, follow: Callable[[str | Marked], Followed] | None) -> _Script:
        text = part if isinstance(part, str) else part.text
        if follow is None:
            return cls(text, speaker.read(part), None)
        followed = follow(part)
        return cls(text, followed.lines, followed)

    def doubts(self, like: Path) -> list[PlainAnswer]:
        """What the recording may not say as the text has it, which the user is told."""
        from harken.workshop.agreement import doubts

        assert self.followed is not None
        found = doubts(self.lines, self.text, self.followed.alignment)
        for doubt in found:
            message(f"harken: {like}: {doubt}; if it is, give a recording of the same words")
        return [asdict(doubt) for doubt in found]

    def draw(
        self, path: Path, title: str, said: Sequence[Samples], lengths: NDArray[np.int64], *, like: Path | None
    ) -> None:
        """The picture of what was said, below that of the recording that was followed.

        Args:
            path: the picture.
            title: of what was said.
            said: what was said, in pieces.
            lengths: samples of all its symbols.
            like: the recording.
        """
        from numpy import concatenate

        from harken.tts.frames import HOP
        from harken.workshop.picture import Panel, draw_picture

        panels = [Panel.of_lines(title, concatenate(said), self.lines, self.text, lengths)]
        if self.followed is not None and like is not None:
            recorded = self.followed.alignment.durations * HOP
            panels.insert(
                0, Panel.of_lines(f"{like.name} (recording)", self.followed.samples, self.lines, self.text, recorded)
            )
        draw_picture(panels, path)


def _misused(problem: str) -> typer.Exit:
    message(f"harken: {problem}")
    return typer.Exit(MISUSED)


_Part = tuple["str | Marked", int, int]
"""What is said at once; bytes of the whole read so far, and in total."""


def _part(words: str, voice: Voice, *, ssml: bool) -> _Part:
    length = len(words.encode(errors="replace"))
    return voice.parse(words) if ssml else words, length, length


def _file(name: str, voice: Voice, *, ssml: bool) -> Iterator[_Part]:
    """The paragraphs of a text file; one with marks is a single part."""
    from harken.text.paragraphs import read_paragraphs
    from harken.tts.markup import LONGEST_MARKUP

    with _opened(name) as (stream, size):
        if not ssml:
            for paragraph in read_paragraphs(stream, name):
                yield paragraph.text, paragraph.read, max(size, paragraph.read)
            return
        whole = stream.read(4 * LONGEST_MARKUP + 1)
        try:
            yield _part(whole.decode("utf-8-sig"), voice, ssml=True)
        except UnicodeDecodeError as error:
            raise DataError(f"{name} is not text in UTF-8 ({error.reason}); save it as UTF-8") from None


@contextmanager
def _opened(name: str) -> Iterator[tuple[IO[bytes], int]]:
    """The bytes of a file or of standard input, and how many there are, if that is known."""
    if name == "-":
        if sys.stdin is None:
            raise DataError("standard input is closed; send a text, or name a file")
        yield sys.stdin.buffer, 0
        return
    path = Path(name)
    try:
        path.open("rb").close()
    except OSError as error:
        raise DataError(f"cannot read {name}: {error.strerror or error}; give the path of a text file") from error
    with path.open("rb") as stream:
        yield stream, path.stat().st_size


def _write(
    parts: Iterator[tuple[Iterator[Piece], int, int]], rate: int, output: Path, *, name: str, shown: bool,
    keep: Callable[[Samples], None] | None = None,
) -> float:  # fmt: skip
    """Speak and write; seconds of speech. The file appears with the first sound; `keep` gets all samples as well."""
    from harken.audio.writing import open_writer

    writer: SoundWriter | None = None
    with speaking_bar(name, shown=shown) as update, ExitStack() as opened:
        for pieces, done, total in parts:
            for piece in pieces:
                writer = writer or opened.enter_context(open_writer(output, rate=rate))
                writer.write(piece.samples)
                if keep is not None:
                    keep(piece.samples)
            update(done, total)
    if writer is None:
        raise VocabularyError(f"there is nothing to say in {name or 'the text'}; give words, numbers or letters")
    return writer.length / rate
