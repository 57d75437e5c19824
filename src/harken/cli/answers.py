"""Commands that take words: demo, ask, understand, pronounce."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harken.cli.loading import loading
from harken.cli.options import Json, ProfileName, SkillFolders, examples
from harken.cli.output import FAILED, MISUSED, PlainAnswer, answer_each, message, print_table
from harken.errors import AudioError

if TYPE_CHECKING:
    from harken.assistant.assistant import Assistant
    from harken.demo.demonstration import DemoReport, Outcome


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(epilog=examples("harken demo", "harken demo --out /tmp/demo --recordings ../data --orders 20"))(demo)
    app.command(
        epilog=examples(
            "harken ask order.wav --json",
            "harken ask --text 'set a timer for ten minutes' --reply reply.wav",
            "harken ask first-turn.wav second-turn.wav --skill my-skill",
        )
    )(ask)
    app.command(
        epilog=examples("harken understand 'turn on the kitchen light'", "harken understand --json 'hi' 'bye'")
    )(understand)
    app.command(
        epilog=examples(
            "harken pronounce harken",
            "harken pronounce --json --nbest 3 Worcester",
            "harken pronounce --lang fr croissant",
        )
    )(pronounce)


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the replies and the timeline.")] = Path("harken-demo"),
    recordings: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the corpora; HARKEN_DATA by default.")
    ] = None,
    orders: Annotated[int | None, typer.Option(min=1, help="Limit on the number of recorded coffee orders.")] = None,
    profile: ProfileName = "en",
) -> None:
    """Play spoken requests to the assistant: a table of the stages, replies as WAV files, a timeline as PNG.

    With recordings, it hears real coffee orders after a real "computer", and requests to other skills in Debian voices
    that were not used in training. Without recordings, harken's own voice speaks the requests in simulated rooms.
    """
    from harken.assistant.assistant import Assistant
    from harken.demo.demonstration import choose_requests, data_folder, run_demo
    from harken.dialogue.store import Store

    begun = time.perf_counter()
    assistant = Assistant.load(profile, store=Store(":memory:"))
    assistant.warm_up()
    requests, notes = choose_requests(assistant, recordings or data_folder(), limit=orders)
    message(f"{len(requests)} spoken requests, each from the wake word to the reply:")
    report = run_demo(assistant, requests, out, notes=notes, progress=_show_outcome)
    _show_report(report, time.perf_counter() - begun)
    if not any(outcome.reply for outcome in report.outcomes):
        message("harken: no request was answered aloud; `harken doctor` shows what is missing")
        raise typer.Exit(FAILED)


def ask(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE..]", help="Recorded turns of one conversation; '-' reads a WAV stream."),
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option("--text", help="A typed turn instead; repeat for more turns.")
    ] = None,
    reply: Annotated[Path | None, typer.Option(metavar="F.wav", help="Write the spoken replies to this file.")] = None,
    skill: SkillFolders = None,
    wake: Annotated[bool, typer.Option("--wake", help="Wait for the wake word before listening.")] = False,
    profile: ProfileName = "en",
    as_json: Json = False,
) -> None:
    """Ask the assistant: one answer for each recorded or typed turn of a conversation."""
    if bool(files) == bool(text):
        message("harken: give either recordings or --text (see `harken ask --help`)")
        raise typer.Exit(MISUSED)
    with loading():
        from harken.assistant.assistant import Assistant

        assistant = Assistant.load(profile, skills=skill or [], wake=wake, voice=reply is not None)
        assistant.warm_up(hearing=bool(files))
    talk = _Talk(assistant)
    try:
        if text:
            answer_each(text, talk.typed, as_json=as_json, show=_show_turn, key="text")
        else:
            answer_each(files or [], talk.recorded, as_json=as_json, show=_show_turn)
    finally:
        assistant.close()
        if reply is not None:
            _write_reply(talk, reply)


def _write_reply(talk: _Talk, path: Path) -> None:
    """The turns have been answered, so a reply that cannot be written is a failure, not a usage error."""
    try:
        talk.write_reply(path)
    except AudioError as error:
        message(f"harken: {error}")
        raise typer.Exit(FAILED) from None


class _Talk:
    """One conversation and everything said aloud in it."""

    def __init__(self, assistant: Assistant):
        self._assistant = assistant
        self._spoken: list[Any] = []

    def recorded(self, file: str) -> PlainAnswer:
        from harken.assistant.answer import turn_answer
        from harken.audio.files import read_audio

        return turn_answer(self._kept(self._assistant.ask_audio(read_audio(file))), file=file)

    def typed(self, text: str) -> PlainAnswer:
        from harken.assistant.answer import turn_answer

        answer = turn_answer(self._kept(self._assistant.ask_text(text)), file=None)
        return answer | {"text": answer["text"] or text}

    def write_reply(self, path: Path) -> None:
        """Write all that was said.

        Raises:
            AudioError: the file cannot be written.
        """
        import numpy as np

        from harken.audio.files import write_wav

        if not self._spoken:
            message("harken: nothing was said, so there is no reply to write")
            return
        write_wav(path, np.concatenate([chunk.samples for chunk in self._spoken]), self._spoken[0].rate)

    def _kept(self, events: list[Any]) -> list[Any]:
        from harken.events import SpeechChunk

        self._spoken += [event for event in events if isinstance(event, SpeechChunk)]
        return events


def understand(
    texts: Annotated[list[str], typer.Argument(metavar="TEXT..", help="Sentences, each understood on its own.")],
    skill: SkillFolders = None,
    profile: ProfileName = "en",
    why: Annotated[
        bool, typer.Option("--explain", help="Also show what each word was taken for, the scores and thresholds.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what sentences mean: skill, intent, slots."""
    with loading():
        from harken.assistant.alone import load_interpreter, user_act
        from harken.assistant.profile import load_profile
        from harken.nlu.explanation import explain

        interpreter = load_interpreter(load_profile(profile), skills=skill or [])

    def answer(text: str) -> PlainAnswer:
        from harken.assistant.answer import meaning

        meant = interpreter.understand(text)
        told = {"text": text, **meaning(meant), "act": user_act(meant)}
        return told | {"explanation": explain(interpreter, text).to_json()} if why else told

    def show(answered: PlainAnswer) -> None:
        print_table(["", ""], [(name, _short(value)) for name, value in answered.items() if name != "explanation"])
        if "explanation" in answered:
            _show_explanation(answered["explanation"])

    answer_each(texts, answer, as_json=as_json, show=show, key="text")


def _show_explanation(explanation: PlainAnswer) -> None:
    print(f"{explanation['reader']}: {explanation['verdict']}")
    print_table(["word", "taken for"], explanation["words"])
    names = ("skill", "intent", "score", "act", "ask")
    print_table(list(names), [[score[name] for name in names] for score in explanation["scores"]])


def pronounce(
    words: Annotated[list[str], typer.Argument(metavar="WORD..", help="Words to pronounce.")],
    lang: Annotated[str, typer.Option(help="Language, e.g. en-US, fr or pt-BR; by default that of your profile.")] = "",
    part: Annotated[
        str, typer.Option(help="Part of speech, for words such as 'record': noun, verb, adjective, past, other.")
    ] = "",
    nbest: Annotated[int, typer.Option(min=1, max=10, help="Number of pronunciations.")] = 1,
    as_json: Json = False,
) -> None:
    """Show how words are pronounced (IPA), from the lexicon or, failing that, the pronunciation model."""
    from harken.assistant.alone import pronunciations
    from harken.assistant.profile import load_profile

    language = lang or load_profile().language

    def answer(word: str) -> PlainAnswer:
        ways = [
            {"phones": phones, "score": round(score, 4)}
            for phones, score in pronunciations(word, language=language, nbest=nbest, part=part)
        ]
        return {"word": word, **ways[0]} | ({"nbest": ways} if nbest > 1 else {})

    def show(answered: PlainAnswer) -> None:
        for way in answered.get("nbest", [answered]):
            print(f"{answered['word']}\t{' '.join(way['phones'])}\t{way['score']:.3f}")

    answer_each(words, answer, as_json=as_json, show=show, key="word")


def _show_turn(turn: PlainAnswer) -> None:
    rows = [(name, _short(turn[name])) for name in ("file", "text", "skill", "intent", "slots", "score", "act")]
    for ring in turn.get("rings", ()):
        print(ring)
    print_table(["turn", ""], [row for row in rows if row[1] not in ("None", "")])
    print(turn["reply"] if turn["reply"] or turn["text"] else "Nothing was said.")
    for error in turn.get("errors", ()):
        message(f"harken: {error}")


def _show_outcome(outcome: Outcome) -> None:
    mark = "yes" if outcome.understood else "NO "
    message(f"{mark} {outcome.request.title}\n      heard “{outcome.heard}” -> “{outcome.said}”")


def _show_report(report: DemoReport, took: float) -> None:
    stages = [(stage.stage, stage.did, f"{stage.seconds:.2f}", f"{stage.rtf:.4f}") for stage in report.stages]
    print_table(["stage", "did", "processor s", "RTF"], stages, title="What each stage did and took")
    groups = [(name, right, aloud, total) for name, (right, aloud, total) in report.groups().items()]
    print_table(["requests", "understood", "answered aloud", "of"], groups, title="Success per group")
    for note in report.notes:
        print(f"Note: {note}.")
    print(f"{report.heard:.0f} s of sound heard and answered in {took:.0f} s.")
    print(f"Replies: {report.timeline.parent}/reply-*.wav   timeline: {report.timeline}")


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} = {item}" for name, item in value.items())
    return f"{value:.3f}" if isinstance(value, float) else str(value)
