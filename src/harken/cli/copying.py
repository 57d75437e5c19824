"""Command that copies a recording through a vocoder: vocode."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harken.cli.options import Json, examples
from harken.cli.output import PlainAnswer, answer_each
from harken.events import SAMPLE_RATE

if TYPE_CHECKING:
    from harken.events import Samples


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        epilog=examples(
            "harken vocode letter.wav copy.wav",
            "harken vocode letter.mp3 copy.flac --vocoder my-run/universal-vocoder",
            "harken vocode letter.wav copy.wav --picture both.png",
        )
    )(vocode)


def vocode(
    source: Annotated[str, typer.Argument(metavar="FILE", help="Recording of any rate and format.")],
    copy: Annotated[
        Path, typer.Argument(metavar="COPY", help="Sound file to write: .wav, .flac, .ogg, .opus or .mp3.")
    ],
    vocoder: Annotated[
        str, typer.Option("--vocoder", metavar="NAME|DIR", help="Name or folder of a vocoder's bundle.")
    ] = "vocoder",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the random parts; the same one, the same sound.")] = 0,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture", metavar="FILE", help="Also draw both, the original above: spectrogram, pitch, level; a .png."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Copy a recording through a vocoder, to hear what it loses: analysis, then sound from that alone."""
    from harken.audio.files import read_audio
    from harken.audio.writing import check_ending, open_writer
    from harken.tts.copies import load_copier
    from harken.workshop.picture import check_length, check_picture

    check_ending(copy)
    if picture is not None:
        check_picture(picture)
    copier = load_copier(vocoder)

    def answer(file: str) -> PlainAnswer:
        samples = read_audio(file, rate=copier.rate)
        if picture is not None:
            check_length(len(samples) * SAMPLE_RATE // copier.rate)
        begun = time.process_time()
        copied = copier.copy(samples, seed=seed)
        used = time.process_time() - begun
        with open_writer(copy, rate=copier.rate) as writer:
            writer.write(copied)
        told = {
            "file": file, "copy": str(copy), "duration": round(len(copied) / copier.rate, 3), "seconds": round(used, 3),
        }  # fmt: skip
        if picture is not None:
            _draw(picture, {file: samples, str(copy): copied}, copier.rate)
            told["picture"] = str(picture)
        return told

    def show(copied: PlainAnswer) -> None:
        drawn = f"; {copied['picture']} shows both" if "picture" in copied else ""
        print(f"{copied['copy']}: {copied['duration']:.2f} s of sound in {copied['seconds']:.2f} s{drawn}")

    answer_each([source], answer, as_json=as_json, show=show)


def _draw(path: Path, sounds: Mapping[str, Samples], rate: int) -> None:
    """A picture of sounds by their titles, of one rate."""
    from harken.audio.files import resample
    from harken.workshop.picture import Panel, draw_picture

    draw_picture([Panel(title=name, samples=resample(one, rate, SAMPLE_RATE)) for name, one in sounds.items()], path)
