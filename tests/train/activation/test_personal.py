"""A wake word from nothing but its spelling; the synthesisers are made up, so that the test needs no program."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

from harken.activation.wakeword import WakeWordSpotter
from harken.data.voices import DebianVoice
from harken.events import Samples
from harken.train.activation import personal, sources
from harken.train.activation.configs import SpottingConfig, SubbandConfig
from harken.train.activation.personal import PersonalConfig, train_wakeword
from harken.train.schedule import LoopConfig

from .made import sweep

WORD = "hey robin"
SMALL = PersonalConfig(
    spoken=20, near_each=1, everyday_each=1,
    spotting=SpottingConfig(
        window=160, positives=4, negatives=6,
        net=SubbandConfig(kernels=8, channels=8, width=16, dilations=(1, 2), dropout=0.0),
    ),
    loop=LoopConfig(steps=4, lr=1e-2, average=0.9, validate_every=4),
)  # fmt: skip


class Killed(BaseException):
    """What a test raises where a training is cut off."""


def tone(text: str) -> Samples:
    return sweep(400, 2400) if WORD in text else sweep(1600, 500)


@pytest.fixture
def spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the made-up voices of the program were asked to say."""
    said: list[str] = []

    def speak(text: str, voice: DebianVoice, *, speed: float, pitch: float) -> Samples:
        said.append(text)
        return tone(text)

    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    monkeypatch.delenv("HARKEN_DATA", raising=False)
    voices = [DebianVoice(program="espeak-ng", name=f"v{number}") for number in range(20)]
    monkeypatch.setattr(personal, "training_voices", lambda: voices)
    monkeypatch.setattr(sources, "speak", speak)
    return said


def test_a_word_without_any_recording_becomes_a_registered_bundle(
    spoken: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = train_wakeword(WORD, config=SMALL)
    assert bundle.folder == tmp_path / "bundles" / "wakeword-hey-robin"
    assert WakeWordSpotter.load(WORD).words == (WORD,)
    assert sum(text.startswith(WORD) for text in spoken) == 20
    assert "speak" in capsys.readouterr().err


def test_a_killed_training_goes_on_without_speaking_again(spoken: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    write = personal.write_wakeword

    def killed(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr(personal, "write_wakeword", killed)
    with pytest.raises(Killed):
        train_wakeword(WORD, config=SMALL)
    monkeypatch.setattr(personal, "write_wakeword", write)
    before = len(spoken)
    assert before > 0
    assert train_wakeword(WORD, config=SMALL).folder.is_dir()
    assert len(spoken) == before


def test_progress_runs_through_every_step(spoken: list[str]) -> None:
    told: list[tuple[str, float]] = []
    train_wakeword(WORD, config=SMALL, progress=lambda step, share: told.append((step, share)))
    assert list(dict.fromkeys(step for step, _ in told)) == ["speak", "learn", "measure"]
    for step in ("speak", "learn", "measure"):
        shares = [share for name, share in told if name == step]
        assert shares == sorted(shares)
        assert shares[-1] == 1.0
