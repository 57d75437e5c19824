"""Judges that learn to tell recordings from copies, so that the vocoder learns to deceive them.

Least-squares adversarial training with feature matching (Kong, Kim and Bae, "HiFi-GAN", NeurIPS 2020, eq. 1-4) by two
families of judges: some see the waveform folded at a period (the same paper, section 2.3), some the complex spectrogram
at one of several resolutions (after Défossez and others, "High fidelity neural audio compression", 2022, section 3.4;
here with compressed magnitudes). Their convolutions run in bfloat16.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm

RESOLUTIONS = ((1024, 256), (512, 128), (256, 64))
"""(window, hop) in samples of the judges of spectrograms."""
_COMPRESSION = 0.4
"""Power of the magnitudes: quiet parts count as they do for the ear."""
_FIRST_MATCHED = 2
"""Layers before this one are not compared: they are the largest and say the least."""
_SLOPE = 0.1
_LEVEL = 0.1
"""Root mean square to which both sounds of a pair are brought, by the recording's own."""


class Verdict(NamedTuple):
    """What one judge says of a batch."""

    score: Tensor
    """[B, 1, *]: towards 1 for a recording, 0 for a copy."""
    features: list[Tensor]
    """Hidden layers [B, C, *]."""


class _Judge(nn.Module):
    """Convolutions over a picture [B, C, H, W] of the sound."""

    def __init__(self, layers: Sequence[nn.Conv2d], last: nn.Conv2d):
        super().__init__()
        for layer in layers:  # the default start lets signals fade from layer to layer, and judges learn late
            nn.init.kaiming_normal_(layer.weight, a=_SLOPE)
        self.layers = nn.ModuleList(weight_norm(layer) for layer in layers)
        self.last = weight_norm(last)

    def picture(self, samples: Tensor) -> Tensor:
        """What the judge sees of samples [B, n]."""
        raise NotImplementedError

    def forward(self, samples: Tensor) -> Verdict:
        y, features = self.picture(samples).to(memory_format=torch.channels_last), []
        with torch.autocast("cpu", torch.bfloat16):
            for number, layer in enumerate(self.layers):
                y = F.leaky_relu(layer(y), _SLOPE)
                if number >= _FIRST_MATCHED:
                    features.append(y)
            score = self.last(y)
        return Verdict(score.float(), features)


class SpectrumJudge(_Judge):
    """Sees a complex spectrogram, [B, 2, time, frequency]."""

    def __init__(self, size: int, hop: int, channels: int):
        wide = [nn.Conv2d(2, channels, (3, 9), (1, 4), (1, 4)), nn.Conv2d(channels, channels, (3, 5), (1, 2), (1, 2))]
        deep = [
            nn.Conv2d(channels, channels, (3, 5), (1, 2), (2, 2), dilation=(2, 1)),
            nn.Conv2d(channels, channels, (3, 3), (1, 2), (4, 1), dilation=(4, 1)),
            nn.Conv2d(channels, channels, (3, 3), padding=(1, 1)),
        ]
        super().__init__([*wide, *deep], nn.Conv2d(channels, 1, (3, 3), padding=(1, 1)))
        self._size, self._hop = size, hop
        self.register_buffer("window", torch.hann_window(size), persistent=False)

    def picture(self, samples: Tensor) -> Tensor:
        """Compressed real and imaginary parts; a full-scale sine has about 1."""
        window = self.get_buffer("window")
        spectrum = torch.stft(samples, self._size, self._hop, window=window, center=False, return_complex=True)
        real, imaginary = spectrum.real * (4 / self._size), spectrum.imag * (4 / self._size)
        scale = (real.square() + imaginary.square() + 1e-10).pow((_COMPRESSION - 1) / 2)
        return torch.stack([real * scale, imaginary * scale], 1).transpose(2, 3)


class PeriodJudge(_Judge):
    """Sees the waveform in rows of `period` samples, [B, 1, n // period, period]."""

    def __init__(self, period: int, channels: Sequence[int] = (16, 32, 64, 64)):
        sizes = [1, *channels]
        layers = [nn.Conv2d(a, b, (5, 1), (3, 1), (2, 0)) for a, b in zip(sizes, channels, strict=False)]
        last = channels[-1]
        super().__init__(
            [*layers, nn.Conv2d(last, last, (5, 1), padding=(2, 0))], nn.Conv2d(last, 1, (3, 1), padding=(1, 0))
        )
        self._period = period

    def picture(self, samples: Tensor) -> Tensor:
        """The waveform, folded."""
        whole = samples.shape[1] // self._period * self._period
        return 3 * samples[:, :whole].reshape(samples.shape[0], 1, -1, self._period)


class Judges(nn.Module):
    """All judges.

    Args:
        periods: of the judges of waveforms, in samples.
        channels: of the judges of spectrograms.
    """

    def __init__(self, periods: Sequence[int], channels: int):
        super().__init__()
        spectra = [SpectrumJudge(size, hop, channels) for size, hop in RESOLUTIONS]
        self.judges = nn.ModuleList([*spectra, *(PeriodJudge(period) for period in periods)])

    def forward(self, samples: Tensor) -> list[Verdict]:
        return [judge(samples) for judge in self.judges]

    def learn(self, original: Tensor, copy: Tensor) -> Tensor:
        """Loss of the judges for samples [B, n] of recordings and copies, whose gradient reaches only the judges."""
        pairs = zip(self(_levelled(original, original)), self(_levelled(copy.detach(), original)), strict=True)
        losses = [(1 - real.score).square().mean() + made.score.square().mean() for real, made in pairs]
        return torch.stack(losses).sum()

    def deceive(self, original: Tensor, copy: Tensor) -> tuple[Tensor, Tensor]:
        """Two losses of who made the copies [B, n], means over the judges; their gradient does not reach the judges.

        Returns:
            How far the judges are from being deceived, and how much their features differ, relative to their size.
        """
        for parameter in self.parameters():
            parameter.requires_grad_(False)
        with torch.no_grad():
            wanted = self(_levelled(original, original))
        given = self(_levelled(copy, original))
        for parameter in self.parameters():
            parameter.requires_grad_(True)
        deceived = torch.stack([(1 - verdict.score).square().mean() for verdict in given]).mean()
        apart = [
            (a - b).abs().mean(dtype=torch.float32) / (a.abs().mean(dtype=torch.float32) + 1e-3)
            for one, other in zip(wanted, given, strict=True)
            for a, b in zip(one.features, other.features, strict=True)
        ]
        return deceived, torch.stack(apart).mean()


def _levelled(samples: Tensor, original: Tensor) -> Tensor:
    return samples * (_LEVEL / (original.square().mean(1, keepdim=True).sqrt() + 1e-2))
