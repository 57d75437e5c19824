"""Commands that answer recordings: wake, transcribe."""

from __future__ import annotations

from typing import Annotated

import typer

from harken.cli.options import Json, ProfileName, Recordings, SkillFolders, examples
from harken.cli.output import Answer, answer_each, print_table


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(epilog=examples("harken wake kitchen.wav", "harken wake --word computer --json *.wav"))(wake)
    app.command(
        epilog=examples(
            "harken transcribe letter.wav",
            "harken transcribe --json --nbest 5 --confusion-network order.wav",
            "harken transcribe --skill my-skill --words Aoife,Siobhan order.wav",
        )
    )(transcribe)


def wake(
    files: Recordings,
    word: Annotated[list[str] | None, typer.Option("--word", help="Wake word; those of the profile if none.")] = None,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Probability; 0: the one chosen in training.")] = 0.0,
    profile: ProfileName = "en",
    as_json: Json = False,
) -> None:
    """Find wake words in recordings: word, start and end in seconds, probability."""
    from harken.assistant.alone import wake_finder
    from harken.assistant.profile import load_profile

    find = wake_finder(load_profile(profile), words=word or [], threshold=threshold)

    def answer(file: str) -> Answer:
        return {"file": file, "detections": find(file)}

    def show(found: Answer) -> None:
        rows = [(one["word"], f"{one['start']:.2f}", f"{one['end']:.2f}", f"{one['score']:.3f}")
                for one in found["detections"]]  # fmt: skip
        if rows:
            print_table(["wake word", "start s", "end s", "score"], rows, title=str(found["file"]))
        else:
            print(f"{found['file']}: no wake word")

    answer_each(files, answer, as_json=as_json, show=show)


def transcribe(
    files: Recordings,
    skill: SkillFolders = None,
    nbest: Annotated[int, typer.Option(min=1, max=100, help="So many readings.")] = 1,
    confusion_network: Annotated[bool, typer.Option("--confusion-network", help="Competing words in time.")] = False,
    words: Annotated[str, typer.Option(metavar="W,..", help="Words to expect: names, terms; comma between them.")] = "",
    profile: ProfileName = "en",
    as_json: Json = False,
) -> None:
    """Write down what is said in recordings, with times and confidence of each word."""
    from harken.assistant.alone import make_transcriber
    from harken.assistant.answer import transcript_answer
    from harken.assistant.profile import load_profile

    expected = [word.strip() for word in words.split(",") if word.strip()]
    transcriber = make_transcriber(load_profile(profile), skills=skill or [], words=expected, nbest=nbest)

    def answer(file: str) -> Answer:
        return transcript_answer(transcriber(file), file=file, nbest=nbest, network=confusion_network)

    def show(found: Answer) -> None:
        print(f"{found['file']}: {found['text']}" if len(files) > 1 else found["text"])
        for one in found["nbest"][1:]:
            print(f"  {one['confidence']:.3f}  {one['text']}")

    answer_each(files, answer, as_json=as_json, show=show)
