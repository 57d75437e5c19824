"""The sound card of this machine, with PortAudio replaced by a few lines: devices, rates, losses, errors."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from harken.assistant import portaudio
from harken.assistant.portaudio import INPUT, OUTPUT, Device, PortAudioCard, choose_device, list_devices
from harken.errors import MissingExtra, SoundDeviceError

CLEAR = SimpleNamespace(input_overflow=False)
OVERFLOW = SimpleNamespace(input_overflow=True)


class Stream:
    latency = 0.05

    def __init__(self, sounddevice: FakeSoundDevice, **settings: Any):
        if sounddevice.refuses:
            raise sounddevice.PortAudioError(sounddevice.refuses)
        self.settings, self.active = settings, False
        sounddevice.streams.append(self)

    def start(self) -> None:
        self.active = True

    def close(self, ignore_errors: bool = False) -> None:
        self.active = False


class FakeSoundDevice(ModuleType):
    """As much of `sounddevice` as is used."""

    class PortAudioError(Exception):
        pass

    def __init__(self, *, only: int = 0) -> None:
        super().__init__("sounddevice")
        self.default = SimpleNamespace(device=[0, 1])
        self.only, self.refuses = only, ""
        self.streams: list[Stream] = []
        self.devices = [
            {"name": "Desk Microphone", "hostapi": 0, "max_input_channels": 2, "max_output_channels": 0,
             "default_samplerate": 48_000.0},
            {"name": "Speakers", "hostapi": 0, "max_input_channels": 0, "max_output_channels": 2,
             "default_samplerate": 48_000.0},
            {"name": "USB Microphone", "hostapi": 0, "max_input_channels": 1, "max_output_channels": 0,
             "default_samplerate": 44_100.0},
        ]  # fmt: skip
        self.known = list(self.devices)

    def query_hostapis(self) -> list[dict[str, str]]:
        return [{"name": "ALSA"}]

    def query_devices(self) -> list[dict[str, Any]]:
        return self.known

    def check_input_settings(self, *, samplerate: int, **_: Any) -> None:
        if self.only and samplerate != self.only:
            raise self.PortAudioError("Invalid sample rate")

    check_output_settings = check_input_settings

    def OutputStream(self, **settings: Any) -> Stream:
        return Stream(self, **settings)

    InputStream = OutputStream

    def _terminate(self) -> None:
        self.known = []

    def _initialize(self) -> None:
        """PortAudio looks for devices only now."""
        self.known = list(self.devices)

    def speak_into(self, samples: Any, status: Any = CLEAR) -> None:
        """PortAudio calls back with a piece of sound."""
        self.streams[-1].settings["callback"](np.asarray(samples, np.float32)[:, None], len(samples), None, status)

    def play_out(self, frames: int) -> Any:
        """PortAudio asks for a piece of sound."""
        out = np.full((frames, 1), 9.0, np.float32)
        self.streams[-2].settings["callback"](out, frames, None, CLEAR)
        return out[:, 0]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeSoundDevice:
    module = FakeSoundDevice()
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return module


def opened(fake: FakeSoundDevice, **wanted: str) -> PortAudioCard:
    card = PortAudioCard(**wanted)
    card.open()
    return card


def device(number: int, name: str, *, inputs: int = 1, outputs: int = 0, chosen: tuple[str, ...] = ()) -> Device:
    return Device(number=number, name=name, inputs=inputs, outputs=outputs, rate=48_000, chosen=chosen)


def test_devices_are_listed_with_their_system_and_the_systems_choice(fake: FakeSoundDevice) -> None:
    first, second, third = list_devices()
    assert (first.name, first.inputs, first.rate, first.chosen) == ("Desk Microphone, ALSA", 2, 48_000, ("input",))
    assert (second.outputs, second.chosen, third.chosen) == (2, ("output",), ())


def test_a_device_is_chosen_by_number_name_or_part_of_its_name() -> None:
    known = [device(0, "Webcam"), device(1, "USB Desk"), device(2, "USB Table", chosen=("input",)), device(3, "USB")]
    assert choose_device(known, "", INPUT).number == 2
    assert choose_device(known, "0", INPUT).name == "Webcam"
    assert choose_device(known, "desk", INPUT).number == 1
    assert choose_device(known, "usb", INPUT).number == 3, "the exact name comes first"
    assert choose_device(known[:1], "", INPUT).number == 0, "without a choice of the system, the first"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("Us", "3 microphones match 'Us'"), ("9", "there is no microphone '9'"), ("head", "1 USB Desk; 2 USB Table")],
)
def test_a_choice_that_is_not_one_names_the_devices(wanted: str, said: str) -> None:
    known = [device(1, "USB Desk"), device(2, "USB Table"), device(3, "USB"), device(4, "Speaker", inputs=0, outputs=1)]
    with pytest.raises(SoundDeviceError, match=said) as caught:
        choose_device(known, wanted, INPUT)
    assert "Speaker" not in str(caught.value)


def test_a_machine_without_a_loudspeaker_is_told_what_to_do() -> None:
    with pytest.raises(SoundDeviceError, match=r"no loudspeaker; plug one in.*PipeWire.*--devices"):
        choose_device([device(0, "Webcam")], "", OUTPUT)


def test_what_is_spoken_is_heard_and_what_is_played_comes_with_it(fake: FakeSoundDevice) -> None:
    card = opened(fake, microphone="usb")
    assert card.names == ("USB Microphone, ALSA", "Speakers, ALSA")
    assert card.delay == 1600, "50 ms each way"
    fake.speak_into(np.full(320, 0.25))
    first = card.read(0.1)
    assert first is not None
    assert not first.playing
    card.play(np.full(500, 0.5, np.float32), 16_000)
    assert fake.play_out(320).tolist() == [0.5] * 320
    fake.speak_into(np.full(320, 0.125))
    second = card.read(0.1)
    assert second is not None
    assert (second.samples[0], second.played[0], second.playing) == (0.125, 0.5, True)
    assert fake.play_out(320).tolist() == [0.5] * 180 + [0.0] * 140, "silence when nothing waits"
    fake.speak_into(np.zeros(320))
    fake.speak_into(np.zeros(320))
    third, fourth = card.read(0.1), card.read(0.1)
    assert third is not None
    assert fourth is not None
    assert (third.playing, fourth.playing) == (True, False)
    assert third.played[:181].tolist() == [0.5] * 180 + [0.0]


def test_silence_drops_what_waits(fake: FakeSoundDevice) -> None:
    card = opened(fake)
    card.play(np.ones(5000, np.float32), 16_000)
    card.silence()
    assert not fake.play_out(320).any()


def test_devices_that_know_only_another_rate_are_converted(fake: FakeSoundDevice) -> None:
    fake.only = 48_000
    card = opened(fake)
    assert [stream.settings["samplerate"] for stream in fake.streams] == [48_000, 48_000]
    tone = np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)
    card.play(np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000).astype(np.float32), 16_000)
    heard, played, out = [], [], []
    for start in range(0, 48_000, 960):
        out.append(fake.play_out(960))
        fake.speak_into(tone[start : start + 960])
        one = card.read(0.1)
        if one is not None:
            heard.append(one.samples)
            played.append(one.played)
            assert len(one.samples) == len(one.played)
    for sound, rate in ((heard, 16_000), (played, 16_000), (out, 48_000)):
        middle = np.concatenate(sound)[rate // 4 : 3 * rate // 4]
        spectrum = np.abs(np.fft.rfft(middle))
        assert np.argmax(spectrum) == 440 / 2, "the tone keeps its pitch"
        assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.707, abs=0.02)


def test_what_the_conversion_holds_back_is_played_at_the_end(fake: FakeSoundDevice) -> None:
    fake.only = 48_000
    card = opened(fake)
    card.play(np.full(1600, 0.5, np.float32), 16_000)
    total = 0.0
    for _ in range(12):
        total += float(fake.play_out(960).sum())
        fake.speak_into(np.zeros(960))
        card.read(0.1)
    assert total == pytest.approx(0.5 * 4800, rel=0.01)


def test_sound_that_nobody_takes_is_lost_and_counted(fake: FakeSoundDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio, "_HELD", 3)
    card = opened(fake)
    for _ in range(5):
        fake.speak_into(np.zeros(320))
    assert card.lost == 2 * 320
    fake.speak_into(np.zeros(320), OVERFLOW)
    assert card.lost == 4 * 320, "lost by PortAudio, and by us again"


def test_a_microphone_that_falls_silent_is_gone(fake: FakeSoundDevice) -> None:
    card = opened(fake)
    assert card.read(0.001) is None, "a short wait is no loss"
    card._waited = 3.0
    with pytest.raises(SoundDeviceError, match=r"gone \(Desk Microphone, ALSA / Speakers, ALSA\)"):
        card.read(0.001)


def test_a_loudspeaker_that_stops_is_noticed_though_the_microphone_lives(fake: FakeSoundDevice) -> None:
    card = opened(fake)
    fake.streams[0].active = False
    fake.speak_into(np.zeros(320))
    with pytest.raises(SoundDeviceError, match="gone"):
        card.read(0.1)


def test_opening_again_sees_what_was_plugged_in_since(fake: FakeSoundDevice) -> None:
    card = PortAudioCard(microphone="desk")
    desk, *others = fake.devices
    card.open()
    fake.devices = others
    for _ in range(2):  # whether something was open before, or the last attempt failed
        with pytest.raises(SoundDeviceError, match="desk"):
            card.open()
    fake.devices = [desk, *others]
    card.open()
    assert [stream.active for stream in fake.streams] == [False, False, True, True]


@pytest.mark.parametrize(
    ("reason", "advice"),
    [("Device unavailable", "another program may hold it"), ("Unanticipated host error", "PipeWire or PulseAudio")],
)
def test_a_device_that_refuses_is_named_with_advice(fake: FakeSoundDevice, reason: str, advice: str) -> None:
    fake.refuses = reason
    with pytest.raises(SoundDeviceError, match=f"Speakers, ALSA \\({reason}\\).*{advice}"):
        opened(fake)


def test_a_missing_package_and_a_missing_library_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(MissingExtra, match=r"harken\[mic\]"):
        list_devices()

    class Finder:
        @staticmethod
        def find_spec(name: str, path: Any = None, target: Any = None) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice")
    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    with pytest.raises(SoundDeviceError, match="apt install libportaudio2"):
        list_devices()
