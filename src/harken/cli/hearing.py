"""Commands that take recordings: wake, events, transcribe."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harken.cli.options import Json, ProfileName, Recordings, SkillFolders, examples
from harken.cli.output import PlainAnswer, answer_each, print_table
from harken.cli.transcripts import Format, choose_format, find_targets, write_transcript

if TYPE_CHECKING:
    from harken.assistant.transcriber import Transcriber


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(epilog=examples("harken wake kitchen.wav", "harken wake --word computer --json *.wav"))(wake)
    app.command(epilog=examples("harken events nursery.wav", "harken events --json *.wav"))(events)
    app.command(
        epilog=examples(
            "harken transcribe letter.wav",
            "harken transcribe --json --nbest 5 --confusion-network order.wav",
            "harken transcribe --skill my-skill --words Aoife,Siobhan order.wav",
            "harken transcribe --output lecture.srt lecture.mp3",
            "harken transcribe --format vtt --output subtitles/ monday.flac tuesday.flac",
        )
    )(transcribe)


def wake(
    files: Recordings,
    word: Annotated[
        list[str] | None,
        typer.Option("--word", help="Wake word or phrase to look for, trained or not; the profile's by default."),
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Probability that counts as a detection; 0 takes harken's own.")
    ] = 0.0,
    profile: ProfileName = "en",
    as_json: Json = False,
) -> None:
    """Find wake words in recordings: word, start and end in seconds, probability."""
    from harken.assistant.alone import wake_finder
    from harken.assistant.profile import load_profile

    find = wake_finder(load_profile(profile), words=word or [], threshold=threshold)

    def answer(file: str) -> PlainAnswer:
        return {"file": file, "detections": find(file)}

    def show(answered: PlainAnswer) -> None:
        rows = [(wake["word"], f"{wake['start']:.2f}", f"{wake['end']:.2f}", f"{wake['score']:.3f}")
                for wake in answered["detections"]]  # fmt: skip
        if rows:
            print_table(["wake word", "start s", "end s", "score"], rows, title=str(answered["file"]))
        else:
            print(f"{answered['file']}: no wake word")

    answer_each(files, answer, as_json=as_json, show=show)


def events(
    files: Recordings,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Probability that counts as an event; 0 takes harken's own.")
    ] = 0.0,
    as_json: Json = False,
) -> None:
    """Find sounds in recordings (a baby's cry, a dog's bark, ...): label, start and end in seconds, probability."""
    from harken.activation.sound_events import BUNDLE, SoundEventDetector
    from harken.assistant.answer import sounds_answer
    from harken.audio.files import read_audio
    from harken.bundle import load_bundle

    bundle = load_bundle(BUNDLE)
    detector = SoundEventDetector(bundle, thresholds=dict.fromkeys(bundle.labels, threshold) if threshold else None)

    def answer(file: str) -> PlainAnswer:
        samples = read_audio(file)
        return sounds_answer(detector.classify(samples), detector.detect(samples), file=file)

    def show(answered: PlainAnswer) -> None:
        title = f"{answered['file']}: {answered['label']} ({answered['score']:.3f})"
        rows = [(event["label"], f"{event['start']:.2f}", f"{event['end']:.2f}", f"{event['score']:.3f}")
                for event in answered["events"]]  # fmt: skip
        if rows:
            print_table(["sound", "start s", "end s", "score"], rows, title=title)
        else:
            print(f"{title}, no event")

    answer_each(files, answer, as_json=as_json, show=show)


def transcribe(
    files: Recordings,
    skill: SkillFolders = None,
    nbest: Annotated[int, typer.Option(min=1, max=100, help="Number of alternative transcripts.")] = 1,
    confusion_network: Annotated[
        bool, typer.Option("--confusion-network", help="Also output the competing words over time.")
    ] = False,
    words: Annotated[str, typer.Option(metavar="W,..", help="Names and terms to expect, separated by commas.")] = "",
    form: Annotated[
        Format | None,
        typer.Option("--format", help="json (same as --json), txt (a line per stretch), srt or vtt (subtitles)."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE|DIR", help="File or folder for txt, srt or vtt; overwritten."),
    ] = None,
    codes: Annotated[
        bool, typer.Option("--codes", help="Write spelled letters and digits as such: B R A U N, 4711.")
    ] = False,
    profile: ProfileName = "en",
    as_json: Json = False,
) -> None:
    """Transcribe recordings of any length, with the times and confidence of each word, or as subtitles."""
    from harken.assistant.profile import load_profile
    from harken.assistant.transcriber import Transcriber

    kind = choose_format(form, as_json=as_json, output=output, alternatives=nbest > 1 or confusion_network,
                         codes=codes)  # fmt: skip
    written = None if kind in (None, Format.JSON) else kind
    targets = find_targets(files, written, output) if written else {}
    expected = [word.strip() for word in words.split(",") if word.strip()]
    transcriber = Transcriber.load(load_profile(profile), skills=skill or [], words=expected, nbest=nbest)
    if written:
        _write_each(transcriber, targets, written, codes=codes)
    else:
        _answer_whole(transcriber, files, nbest=nbest, network=confusion_network, as_json=kind is Format.JSON)


def _answer_whole(transcriber: Transcriber, files: list[str], *, nbest: int, network: bool, as_json: bool) -> None:
    from harken.assistant.answer import transcript_answer
    from harken.cli.progress import hearing_bar

    def answer(file: str) -> PlainAnswer:
        with hearing_bar(file) as progress:
            whole = transcriber.whole(file, progress=progress)
        return transcript_answer(whole, file=file, nbest=nbest, network=network)

    def show(answered: PlainAnswer) -> None:
        print(f"{answered['file']}: {answered['text']}" if len(files) > 1 else answered["text"])
        for other in answered["nbest"][1:]:
            print(f"  {other['confidence']:.3f}  {other['text']}")

    answer_each(files, answer, as_json=as_json, show=show)


def _write_each(
    transcriber: Transcriber, targets: Mapping[str, Path | None], kind: Format, *, codes: bool
) -> None:  # fmt: skip
    from harken.cli.progress import hearing_bar

    def answer(file: str) -> PlainAnswer:
        target = targets[file]
        # Text that appears on the terminal line by line needs no bar.
        with hearing_bar(file, shown=target is not None or not sys.stdout.isatty()) as progress:
            parts = transcriber.parts(file, progress=progress)
            count = write_transcript(parts, kind, target, locale=transcriber.locale, codes=codes)
            return {"target": target, "count": count}

    def show(written: PlainAnswer) -> None:
        if written["target"] is not None:
            print(f"{written['target']}: {written['count']} {'lines' if kind is Format.TXT else 'cues'}")

    answer_each(targets, answer, as_json=False, show=show)
