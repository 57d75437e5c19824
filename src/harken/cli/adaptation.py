"""Commands about your own voice: log on, off, show, correct, wipe; adapt."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harken.cli.options import Json, ProfileName, examples
from harken.cli.output import message, print_json, print_table

if TYPE_CHECKING:
    from harken.assistant.models import Models
    from harken.data.utterances import Utterance

log_app = typer.Typer(
    help="What the assistant heard, kept on this machine if you want: off until you turn it on.", no_args_is_help=True
)  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(log_app, name="log")
    app.command(epilog=examples("harken adapt", "harken adapt my-recordings", "harken adapt --undo"))(adapt)


@log_app.command(epilog=examples("harken log on", "harken log on --days 7 --megabytes 50"))
def on(
    days: Annotated[float, typer.Option(help="Delete recordings that are older.")] = 30.0,
    megabytes: Annotated[float, typer.Option(help="Delete the oldest when all together need more.")] = 200.0,
) -> None:
    """Keep the sound of each turn with what was understood, from the next turn on."""
    from harken.workshop.heard_log import HeardLog, LogSettings

    heard = HeardLog()
    heard.configure(LogSettings(on=True, days=days, megabytes=megabytes))
    print(f"on: turns are kept in {heard.folder}, {days:g} days and {megabytes:g} MB at most")
    message("`harken log off` stops, `harken log wipe` deletes everything")


@log_app.command(epilog=examples("harken log off"))
def off() -> None:
    """Keep nothing from the next turn on; what was kept stays until you wipe it."""
    from harken.workshop.heard_log import HeardLog

    heard = HeardLog()
    heard.configure(replace(heard.settings, on=False))
    left = len(heard.entries())
    print("off: nothing is kept" + (f"; {left} turns are still in {heard.folder}" if left else ""))


@log_app.command(epilog=examples("harken log show", "harken log show --json"))
def show(as_json: Json = False) -> None:
    """List the turns in the log: name, length, confidence, what was understood, what was really said."""
    from harken.workshop.heard_log import HeardLog

    heard = HeardLog()
    entries = heard.entries()
    if as_json:
        for entry in entries:
            print_json({**vars(entry), "words": [list(word) for word in entry.words]})
        return
    rows = [(e.name, f"{e.seconds:.1f}", f"{e.confidence:.2f}", e.text, e.said or "") for e in entries]
    if rows:
        print_table(["turn", "seconds", "confidence", "understood", "said"], rows)
    message(f"the log is {'on' if heard.settings.on else 'off'}; {len(entries)} turns in {heard.folder}")


@log_app.command(
    epilog=examples("harken log correct 20260314T0915 turn on the lamp", "harken log correct 20260314T0916")
)
def correct(
    name: Annotated[str, typer.Argument(help="Name of the turn, or the beginning of it.")],
    words: Annotated[list[str] | None, typer.Argument(help="What was said; nothing: it was understood.")] = None,
) -> None:
    """Note what was really said in a turn, so that `harken adapt` can tell better from worse."""
    from harken.workshop.heard_log import HeardLog

    entry = HeardLog().correct(name, " ".join(words or []))
    print(f"{entry.name}: {entry.said}")


@log_app.command(epilog=examples("harken log wipe"))
def wipe() -> None:
    """Delete every recording and transcript of the log."""
    from harken.workshop.heard_log import HeardLog

    print(f"deleted {HeardLog().wipe()} turns")


def adapt(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[LOGDIR]", help="Folder of recordings; your log when omitted.")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Go back to the model before the last adaptation.")] = False,
    profile: ProfileName = "en",
    as_json: Json = False,
) -> None:
    """Adapt the recogniser to your voice, from what it heard. The result is kept only if it makes fewer errors on the
    turns of which you have noted what was really said (`harken log correct`). A killed run resumes.
    """
    from harken.assistant.models import Models
    from harken.cli.recipes import asking_for_extra

    models = Models.load(profile)
    name = models.profile.recognizer.bundle or models.locale.bundle("acoustic")
    with asking_for_extra("`harken adapt`"):
        from harken.train.asr.selection.adaptation import undo_adaptation

        if undo:
            left = undo_adaptation(name)
            print(f"{name}: the model before is used again ({left or 'the one that comes with harken'})")
        else:
            _adapt(models, name, folder, as_json=as_json)


def _adapt(models: Models, name: str, folder: Path | None, *, as_json: bool) -> None:
    from harken import paths
    from harken.asr.ngram.table import load_ngram
    from harken.bundle import load_bundle
    from harken.train.asr.selection.adaptation import adapt
    from harken.train.asr.selection.own_speech import own_recordings
    from harken.workshop.heard_log import HeardLog

    root = folder or HeardLog().folder
    recordings = own_recordings(root)
    seed = load_bundle(name)
    language = models.profile.recognizer.language_model or models.locale.bundle("language_model")
    run = paths.runs() / "adapt" / _key(seed.hash, recordings)
    message(f"run folder {run}")
    report = adapt(
        recordings, seed=seed, space=models.skill_set.space, language=load_ngram(load_bundle(language)), root=root,
        run=run, report=message,
    )  # fmt: skip
    if as_json:
        print_json(report.row())
    else:
        print_table(["", ""], [(key, str(value)) for key, value in report.row().items()])
    message(
        "kept: it is used from the next start on; `harken adapt --undo` goes back"
        if report.kept
        else "not better: nothing was changed"
    )


def _key(seed: str, recordings: Sequence[Utterance]) -> str:
    """Names a run: another model, other recordings or corrections start a new one."""
    digest = hashlib.sha256(seed.encode())
    for recording in recordings:
        digest.update(f"{recording.audio} {recording.duration} {recording.text}\n".encode())
    return digest.hexdigest()[:12]
