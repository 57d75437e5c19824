"""From the trained universal vocoder to a bundle of tables, checked against the network."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from harken.bundle import Bundle, write_bundle
from harken.train.export import ExportError
from harken.train.tts.universal_vocoder import MEAN, SCALE, UniversalNet, layer_weights
from harken.tts.mel_frames import BANDS, MelAnalysis
from harken.tts.mulaw import Codes, Coding
from harken.tts.universal_vocoder import BACKWARD, FORWARD, KIND, LAYERS, Generator, multiplications, read_frames

_STEPS = 200
"""Samples that run time and network must draw alike."""
_TOLERANCE = 1e-4


def export_universal_vocoder(
    net: UniversalNet,
    folder: Path,
    *,
    analysis: MelAnalysis,
    coding: Coding,
    card: str,
    origin: Mapping[str, Any],
    scores: Mapping[str, Any],
) -> Bundle:
    """Write the bundle after checking it.

    Raises:
        ExportError: the run time reads frames differently or draws other codes than the network.
    """
    net.eval()
    tables, archive = _tables(net), io.BytesIO()
    _check_draws(net, tables, coding)
    np.savez(archive, **tables)  # type: ignore[arg-type]  # numpy's stub does not expect arrays by name
    sizes = {"levels": coding.levels, "hidden": net.core.hidden_size, "affine": net.affine.out_features}
    return write_bundle(
        folder, name=folder.name, kind=KIND, card=card, labels=[], origin=origin,
        files={"tables.npz": archive.getvalue()},
        features={"rate": analysis.rate, "window": analysis.window, "hop": analysis.hop, "bits": coding.bits,
                  "emphasis": coding.emphasis},
        scores={**scores, "multiplications per sample": multiplications(**sizes)},
    )  # fmt: skip


def draw_codes(net: UniversalNet, steady: Tensor, draws: NDArray[np.float64], *, silence: int) -> Codes:
    """The codes [n] that the network itself draws, with torch's layers and one-hot codes; slow.

    Args:
        net: the network.
        steady: what the frames say of each sample [n, 2 R].
        draws: a number in 0..1 for each sample.
        silence: the code before the first one.
    """
    state, code, codes = None, silence, []
    with torch.no_grad():
        for row, number in zip(steady, draws.tolist(), strict=True):
            coded = nn.functional.one_hot(torch.tensor(code), net.levels).to(row.dtype)
            out, state = net.core(torch.cat([coded, row])[None], state)
            chances = net.score(out[0]).double().softmax(0).cumsum(0)
            code = min(int(torch.searchsorted(chances, number * chances[-1].item(), right=True)), net.levels - 1)
            codes.append(code)
    return np.array(codes, np.int64)


def _tables(net: UniversalNet) -> dict[str, NDArray[np.float32]]:
    core, (weight, bias) = layer_weights(net.core), net.frame_gates()
    tables = {
        "codes": core.own[:, : net.levels].t(), "recurrent": core.recurrent.t(), "inner": core.inner,
        "affine": net.affine.weight.t(), "affine_bias": net.affine.bias, "output": net.output.weight.t(),
        "output_bias": net.output.bias, "frames": weight, "frames_bias": bias,
    }  # fmt: skip
    for layer in LAYERS:
        for direction, tail in ((FORWARD, ""), (BACKWARD, "_reverse")):
            name, found = f"reader.{layer}.{direction}", layer_weights(net.reader, f"l{layer}{tail}")
            own, bias = found.own, found.bias
            if layer == 0:  # the first layer's weights also normalise the frames
                own, bias = own / SCALE, bias - own.sum(1) * (MEAN / SCALE)
            tables |= {f"{name}.input": own.t(), f"{name}.recurrent": found.recurrent.t(), f"{name}.bias": bias,
                       f"{name}.inner": found.inner}  # fmt: skip
    return {name: np.ascontiguousarray(value.detach().numpy(), np.float32) for name, value in tables.items()}


def _check_draws(net: UniversalNet, tables: dict[str, NDArray[np.float32]], coding: Coding) -> None:
    rng = np.random.default_rng(0)
    draws, frames = rng.random(_STEPS), rng.normal(-10, 3, (_STEPS, BANDS)).astype(np.float32)
    with torch.no_grad():
        read = net.read(torch.from_numpy(frames)[None])[0]
        steady = net.steady_gates(read).numpy()
    gap = float(np.abs(read_frames(tables, frames) - steady).max())
    if not gap <= _TOLERANCE:
        raise ExportError(f"run time and network read frames differently, by {gap:.1e}; the bundle was not written")
    ours = Generator(tables, coding).draw(steady, draws)
    apart = np.flatnonzero(ours != draw_codes(net, read, draws, silence=coding.silence))
    if len(apart):
        raise ExportError(
            f"run time and network draw different codes from sample {apart[0]} on; the bundle was not written"
        )
