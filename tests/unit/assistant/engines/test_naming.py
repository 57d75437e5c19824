"""Engines as a profile names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harken.assistant.engines.naming import ONNX_ASR, WYOMING, EngineName, read_engine
from harken.assistant.profile import read_profile
from harken.errors import ConfigError

BOTH = (WYOMING, ONNX_ASR)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("wyoming://kitchen", EngineName(kind=WYOMING, host="kitchen", port=10300)),
        ("wyoming://[::1]:1234", EngineName(kind=WYOMING, host="::1", port=1234)),
        ("onnx-asr:whisper-base", EngineName(kind=ONNX_ASR, model="whisper-base")),
        ("onnx-asr:kaldi-rnnt:/models/a:b", EngineName(kind=ONNX_ASR, model="kaldi-rnnt", folder="/models/a:b")),
    ],
)
def test_names_are_read(text: str, meant: EngineName) -> None:
    assert read_engine(text, kinds=BOTH) == meant


@pytest.mark.parametrize(
    "text", ["", "kitchen", "tcp://kitchen", "wyoming://", "wyoming://a:b", "wyoming://a/b", "onnx-asr:"]
)
def test_what_is_no_engine_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match=r"(wyoming://HOST:PORT|onnx-asr:MODEL)"):
        read_engine(text, kinds=BOTH)


def test_the_profile_names_its_faulty_line(tmp_path: Path) -> None:
    file = tmp_path / "profile.toml"
    file.write_text('[recognizer]\nengine = "wyoming://kitchen:10300"\n[voice]\nengine = "wyoming://kitchen"\n')
    assert read_profile(file).recognizer.engine == "wyoming://kitchen:10300"
    file.write_text('[voice]\nengine = "onnx-asr:whisper"\n')
    with pytest.raises(ConfigError, match=r"voice\.engine"):
        read_profile(file)
    file.write_text("[recognizer]\nengine_confidence = 2.0\n")
    with pytest.raises(ConfigError, match="engine_confidence"):
        read_profile(file)
