"""Turns trained networks into the bundles `vocoder` and `voice-*` and checks that both give the same results."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from harken.bundle import Bundle, write_bundle
from harken.events import SAMPLE_RATE
from harken.train.export import ExportError, check_parity, export_onnx
from harken.train.tts.acoustic import POSITIONS, VoiceNet
from harken.train.tts.acoustic_task import VoiceStatistics
from harken.train.tts.configs import VoiceConfig
from harken.train.tts.vocoder import INPUTS, FilterNet, render
from harken.tts.acoustic import KIND as VOICE
from harken.tts.frames import BANDS, HOP
from harken.tts.prosody import STATES
from harken.tts.source_filter import noise, pulse_train
from harken.tts.transfer import Normaliser
from harken.tts.vocoder import KIND as VOCODER
from harken.tts.vocoder import Vocoder

_HALF_TOLERANCE = 0.05
"""Largest difference that half-precision weights may make, in the outputs' own units (nats, standard deviations)."""


def export_vocoder(
    net: FilterNet, folder: Path, *, card: str, origin: Mapping[str, Any], scores: Mapping[str, Any]
) -> Bundle:
    """Write the bundle of a vocoder after checking it.

    Args:
        net: trained.
        folder: of the bundle.
        card: Markdown.
        origin: recipe, data, seeds.
        scores: measured.

    Raises:
        ExportError: torch, ONNX and streaming differ.
    """
    inputs = {"x": _likely_features(60)}
    graph = export_onnx(net, inputs, ["y"], dynamic={"x": {1: "t"}})
    check_parity(net, graph, inputs, ["y"])
    small = halve_weights(graph)
    check_parity(net, small, {"x": _likely_features(83)}, ["y"], tolerance=_HALF_TOLERANCE)
    bundle = write_bundle(
        folder, name="vocoder", kind=VOCODER, files={"model.onnx": small}, card=card,
        features={"reach": net.reach, "rate": SAMPLE_RATE, "hop": HOP, "bands": BANDS}, origin=origin, scores=scores,
    )  # fmt: skip
    _check_sound(net, bundle)
    return bundle


def export_voice(
    net: VoiceNet,
    statistics: VoiceStatistics,
    usual: Normaliser,
    folder: Path,
    *,
    name: str,
    symbols: Sequence[str],
    rises: bool,
    config: VoiceConfig,
    card: str,
    origin: Mapping[str, Any],
    scores: Mapping[str, Any],
    contrast: float = 1.0,
) -> Bundle:
    """Write the bundle of a voice after checking it.

    `usual` is the prosody of its recordings, `symbols` are those that it has learned, and `rises` says whether its
    questions rise.

    Raises:
        ExportError: torch and ONNX differ.
    """
    sentence = {"x": torch.randint(0, len(symbols), (1, 23), generator=torch.Generator().manual_seed(0))}
    codes = {"x": torch.randn(1, 40, config.width + 2 + POSITIONS, generator=torch.Generator().manual_seed(1))}
    encoder = export_onnx(net.encoder, sentence, _ENCODER_OUTPUTS, dynamic={"x": {1: "n"}})
    check_parity(net.encoder, encoder, sentence, _ENCODER_OUTPUTS)
    decoder = export_onnx(_Pairs(net), {"x": _paired(codes["x"])}, ["y"], dynamic={"x": {1: "t"}})
    check_parity(_Pairs(net), decoder, {"x": _paired(codes["x"])}, ["y"])
    files = {
        "encoder.onnx": halve_weights(encoder),
        "decoder.onnx": halve_weights(decoder),
        "statistics.npz": _npz(statistics, usual),
    }
    check_parity(net.encoder, files["encoder.onnx"], sentence, _ENCODER_OUTPUTS, tolerance=_HALF_TOLERANCE)
    check_parity(_Pairs(net), files["decoder.onnx"], {"x": _paired(codes["x"])}, ["y"], tolerance=_HALF_TOLERANCE)
    return write_bundle(
        folder, name=name, kind=VOICE, files=files, card=card, labels=symbols,
        features={"states": STATES, "rate": SAMPLE_RATE, "hop": HOP, "contrast": contrast, "rises": rises},
        origin=origin, scores=scores,
    )  # fmt: skip


_ENCODER_OUTPUTS = ["y", "duration", "pitch", "energy"]


class _Pairs(nn.Module):
    """The decoder over pairs of frames [1, F / 2, 2 C], so that the shape enforces an even length."""

    def __init__(self, net: VoiceNet):
        super().__init__()
        self.decoder = net.decoder

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.decoder(x.reshape(1, x.shape[1] * 2, x.shape[2] // 2))
        return y


def _paired(x: Tensor) -> Tensor:
    return x.reshape(1, x.shape[1] // 2, x.shape[2] * 2)


def halve_weights(graph: bytes) -> bytes:
    """The graph with its larger weights stored in half precision; a cast, done once at loading, widens them."""
    model = onnx.load_from_string(graph)
    casts, kept = [], []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < 512:
            kept.append(tensor)
            continue
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{tensor.name}.half")
        kept.append(half)
        casts.append(helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return bytes(model.SerializeToString())


def _npz(statistics: VoiceStatistics, usual: Normaliser) -> bytes:
    buffer = io.BytesIO()
    np.savez(
        buffer,
        mean=(statistics.mean + 2 * statistics.gain).astype(np.float32),
        scale=statistics.scale,
        pitch=np.array(statistics.pitch, np.float32),
        energy=np.array(statistics.energy, np.float32),
        **usual.arrays(),  # type: ignore[arg-type]
    )
    return buffer.getvalue()


def _likely_features(count: int) -> Tensor:
    rng = np.random.default_rng(count)
    mel = 14 + 3 * rng.standard_normal((count, BANDS))
    other = np.stack([np.log(rng.uniform(100, 300, count)), rng.integers(0, 2, count)], 1)
    x = torch.from_numpy(np.concatenate([mel, other], 1).astype(np.float32))[None]
    assert x.shape[2] == INPUTS
    return x


def _check_sound(net: FilterNet, bundle: Bundle) -> None:
    """Whole and chunked agree to 1e-4, and both with torch's rendering except for the half-precision weights."""
    x = _likely_features(150)
    mel, hertz, voiced = x[0, :, :BANDS].numpy(), np.exp(x[0, :, BANDS].numpy()), x[0, :, BANDS + 1].numpy() > 0
    vocoder = Vocoder(bundle)
    whole = vocoder.synthesize(mel, hertz, voiced)
    chunked = np.concatenate(list(vocoder.stream(mel, hertz, voiced, chunk=7)))
    pulses = pulse_train(hertz)
    hiss = noise(len(pulses), np.random.default_rng(0))
    with torch.no_grad():
        wanted = render(net.eval()(x), torch.from_numpy(pulses)[None], torch.from_numpy(hiss)[None])[0].numpy()
    level = float(np.abs(wanted).max()) + 1e-9
    pieces = float(np.abs(whole - chunked).max()) / level
    torch_gap = float(np.abs(whole - wanted).max()) / level
    if pieces > 1e-4 or torch_gap > 0.05:
        raise ExportError(f"vocoder: whole and chunked differ by {pieces:.1e}, run time and torch by {torch_gap:.1e}")
