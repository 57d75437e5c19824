"""The demonstration: spoken requests through the whole assistant, with a table per stage, replies and a timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harken import paths
from harken.assistant.assistant import Assistant
from harken.audio.files import write_wav
from harken.demo.requests import (
    SpokenRequest,
    debian_requests,
    debian_voices_present,
    own_requests,
    read_sentences,
    recorded_orders,
)
from harken.demo.timeline import Take, draw_timeline
from harken.events import (
    SAMPLE_RATE,
    Interpretation,
    Reply,
    SpeechChunk,
    Transcript,
    TurnEnded,
    TurnStarted,
    WakeDetected,
    seconds,
)

TIMELINE = "timeline.png"
_PANELS = 6
"""Requests in the picture: two of each group first, then others; more would not be readable."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one request."""

    request: SpokenRequest
    take: Take
    understood: bool
    reply: Path | None
    """The spoken reply; None when there was none."""

    @property
    def heard(self) -> str:
        """The words of the first turn."""
        finals = [event for event in self.take.of(Transcript) if event.final]
        return finals[0].text if finals else ""

    @property
    def said(self) -> str:
        """The first reply."""
        replies = self.take.of(Reply)
        return replies[0].text if replies else ""


@dataclass(frozen=True, kw_only=True)
class StageReport:
    """What one stage did in the whole demo."""

    stage: str
    did: str
    seconds: float
    """Processor time."""
    rtf: float
    """Processor time divided by the length of all sound heard."""


@dataclass(frozen=True, kw_only=True)
class DemoReport:
    """The whole demo."""

    outcomes: tuple[Outcome, ...]
    stages: tuple[StageReport, ...]
    notes: tuple[str, ...]
    timeline: Path
    heard: float
    """Seconds of sound that went in."""

    def groups(self) -> dict[str, tuple[int, int, int]]:
        """Group -> number of requests understood, answered aloud, and in total."""
        counts: dict[str, tuple[int, int, int]] = {}
        for outcome in self.outcomes:
            right, aloud, total = counts.get(outcome.request.group, (0, 0, 0))
            counted = (right + outcome.understood, aloud + (outcome.reply is not None), total + 1)
            counts[outcome.request.group] = counted
        return counts


def choose_requests(
    assistant: Assistant, recordings: Path | None, *, limit: int | None = None
) -> tuple[list[SpokenRequest], list[str]]:
    """The demo's requests, and notes on how they were chosen.

    Args:
        assistant: its voice speaks when no other is available.
        recordings: folder of the corpora; None for our own voice only.
        limit: at most this many recorded orders.

    Raises:
        DataError: `recordings` lacks a corpus that is needed.
    """
    sentences, notes = read_sentences(), []
    if recordings is None:
        notes.append("HARKEN_DATA is not set: all requests are spoken by harken's own voice, in simulated rooms")
        return list(own_requests(sentences, assistant.say)), notes
    requests = list(recorded_orders(recordings, limit=limit))
    others = [sentence for sentence in sentences if sentence.skill != "coffee"]
    missing = debian_voices_present()
    if missing is None:
        return requests + list(debian_requests(others)), notes
    notes.append(f"{missing}; harken's own voice speaks those requests instead")
    return requests + list(own_requests(others, assistant.say)), notes


def run_demo(
    assistant: Assistant,
    requests: Sequence[SpokenRequest],
    out: Path,
    *,
    notes: Iterable[str] = (),
    progress: Callable[[Outcome], None] = lambda _: None,
) -> DemoReport:
    """Let the assistant hear each request as a separate conversation.

    Args:
        assistant: with wake word and voice.
        requests: what it hears.
        out: folder for `reply-NN.wav` and the timeline; created if missing.
        notes: passed on to the report.
        progress: called with each outcome.

    Raises:
        AudioError: a file cannot be written.
    """
    assistant.restart_clock()
    outcomes = []
    for number, request in enumerate(requests, 1):
        outcomes.append(_run_one(assistant, request, out / f"reply-{number:02d}.wav"))
        progress(outcomes[-1])
    heard = sum(len(request.samples) for request in requests) / SAMPLE_RATE
    draw_timeline([outcome.take for outcome in _shown(outcomes)], out / TIMELINE)
    return DemoReport(
        outcomes=tuple(outcomes), stages=tuple(_stage_reports(assistant, outcomes, heard)), notes=tuple(notes),
        timeline=out / TIMELINE, heard=heard,
    )  # fmt: skip


def data_folder() -> Path | None:
    """Where the recordings are, if there are any."""
    return paths.data_if_any()


def _run_one(assistant: Assistant, request: SpokenRequest, path: Path) -> Outcome:
    assistant.reset()
    events = [*assistant.process(request.samples), *assistant.flush()]
    chunks = [event for event in events if isinstance(event, SpeechChunk)]
    if chunks:
        write_wav(path, np.concatenate([chunk.samples for chunk in chunks]), chunks[0].rate)
    take = Take(title=request.title, note=request.group, samples=request.samples, events=events)
    return Outcome(
        request=request, take=take, understood=request.understood(events), reply=path if chunks else None
    )  # fmt: skip


def _shown(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Two of each group first, then others, in the order of the demo."""
    groups: dict[str, list[int]] = {}
    for place, outcome in enumerate(outcomes):
        groups.setdefault(outcome.request.group, []).append(place)
    first = [place for places in groups.values() for place in places[:2]]
    rest = [place for place in reversed(range(len(outcomes))) if place not in first]
    return [outcomes[place] for place in sorted([*first, *rest][:_PANELS])]


def _stage_reports(assistant: Assistant, outcomes: Sequence[Outcome], heard: float) -> Iterable[StageReport]:
    did = _deeds(outcomes)
    for stage, used in assistant.seconds.items():
        yield StageReport(stage=stage, did=did.get(stage, ""), seconds=used, rtf=used / max(heard, 1e-9))


def _deeds(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Stage -> what it did, in words and numbers."""
    takes, total = [outcome.take for outcome in outcomes], len(outcomes)
    woken = sum(bool(take.of(WakeDetected)) for take in takes)
    ended = [end.reason for take in takes for end in take.of(TurnEnded)]
    reasons = ", ".join(f"{ended.count(reason)} by {reason}" for reason in dict.fromkeys(ended))
    finals = [event for take in takes for event in take.of(Transcript) if event.final]
    words = sum(len(event.hypotheses[0].words) for event in finals if event.hypotheses)
    meant = [event for take in takes for event in take.of(Interpretation)]
    rejected = sum(event.rejected for event in meant)
    chunks = [chunk for take in takes for chunk in take.of(SpeechChunk)]
    spoken = sum(len(chunk.samples) / chunk.rate for chunk in chunks)
    return {
        "wakeword": f"heard the wake word in {woken} of {total}",
        "vad": f"listened for speech in {seconds(sum(len(take.samples) for take in takes)):.0f} s of sound",
        "gate": f"opened {sum(len(take.of(TurnStarted)) for take in takes)} turns, closed {reasons or 'none'}",
        "recognizer": f"wrote {words} words in {len(finals)} turns",
        "interpreter": f"understood {len(meant) - rejected}, rejected {rejected}",
        "dialogue": f"gave {sum(len(take.of(Reply)) for take in takes)} replies",
        "synthesizer": f"spoke {spoken:.0f} s",
    }
