"""Command that speaks: say."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from harken.cli.options import Json, ProfileName, examples
from harken.cli.output import MISUSED, PlainAnswer, answer_each, message
from harken.cli.progress import speaking_bar
from harken.errors import DataError, VocabularyError

if TYPE_CHECKING:
    from harken.audio.writing import SoundWriter
    from harken.tts.markup import Marked
    from harken.tts.voice import Piece, Voice


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        epilog=examples(
            "harken say 'Good morning.' --output hello.wav",
            "harken say '<speak>Wait <break time=\"1s\"/> for it.</speak>' --ssml -o wait.flac",
            "harken say 'Are you sure?' --like me.wav -o sure.wav",
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
    from harken.assistant.alone import load_voice, reading_like
    from harken.assistant.profile import load_profile
    from harken.audio.writing import check_ending
    from harken.tts.manner import Manner

    check_ending(output)
    manner = Manner(rate=rate, pitch=pitch, pitch_range=pitch_range)

    def answer(words: str) -> PlainAnswer:
        begun = time.process_time()
        settings = load_profile(profile)
        if voice:
            settings = replace(settings, voice=replace(settings.voice, bundle=voice))
        speaker = load_voice(settings)
        read = reading_like(settings, speaker, like) if like is not None else speaker.read
        parts = _file(words, speaker, ssml=ssml) if source is not None else iter([_part(words, speaker, ssml=ssml)])
        spoken = ((speaker.speak(read(part), manner=manner), done, total) for part, done, total in parts)
        length = _write(spoken, speaker.rate, output, name=words if source is not None else "", shown=not as_json)
        used = time.process_time() - begun
        return {
            "from" if source is not None else "text": words, "file": str(output), "duration": round(length, 3),
            "seconds": round(used, 3),
        }  # fmt: skip

    given = source if source is not None else text or ""
    answer_each([given], answer, as_json=as_json, show=_show, key="text" if source is None else "from")


def _show(spoken: PlainAnswer) -> None:
    print(f"{spoken['file']}: {spoken['duration']:.2f} s of speech in {spoken['seconds']:.2f} s")


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
    parts: Iterator[tuple[Iterator[Piece], int, int]], rate: int, output: Path, *, name: str, shown: bool
) -> float:
    """Speak and write; seconds of speech. The file appears with the first sound."""
    from harken.audio.writing import open_writer

    writer: SoundWriter | None = None
    with speaking_bar(name, shown=shown) as update, ExitStack() as opened:
        for pieces, done, total in parts:
            for piece in pieces:
                writer = writer or opened.enter_context(open_writer(output, rate=rate))
                writer.write(piece.samples)
            update(done, total)
    if writer is None:
        raise VocabularyError(f"there is nothing to say in {name or 'the text'}; give words, numbers or letters")
    return writer.length / rate
