"""The networks that are compared: full-band and sub-band, by kernels, bands and merges; the small modern one, too."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harken.train.activation.configs import TermConfig

_PLAIN = TermConfig()
_BROADCAST = TermConfig(body="broadcast", kernels=16, depths=(1, 1, 2, 2))
KERNELS = (32, 16, 64)
_MOST = ("commands", "digits")


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One network."""

    name: str
    """As in the condition of a figure."""
    net: TermConfig
    tasks: tuple[str, ...] = ()
    """Tasks that it is trained for; empty: all."""

    @property
    def slug(self) -> str:
        """Name of its folder."""
        return "-".join(part.strip(",") for part in self.name.split())


def _plain(kernels: int) -> dict[str, TermConfig]:
    """Bands must be whole bins wide: of 40 bins, two that share two bins, three that share four, or four apart."""
    return {
        f"full-band, {kernels} kernels": replace(_PLAIN, kernels=kernels),
        f"2 bands, {kernels} kernels": replace(_PLAIN, kernels=kernels, bands=2, overlap=2),
        f"4 bands, {kernels} kernels": replace(_PLAIN, kernels=kernels, bands=4),
    }


def _arms() -> list[Arm]:
    merges = {
        "3 bands, 48 kernels": replace(_PLAIN, kernels=48, bands=3, overlap=4),
        "2 bands late, 32 kernels": replace(_PLAIN, bands=2, overlap=2, merge="late"),
        "2 bands by frequency, 32 kernels": replace(_PLAIN, bands=2, overlap=2, merge="frequency"),
    }
    modern = {
        "broadcast, full-band": _BROADCAST,
        "broadcast, 2 bands": replace(_BROADCAST, bands=2),
        "broadcast, full-band, normalised in 5 bands": replace(_BROADCAST, normalised=5),
    }
    budget = {name: net for kernels in KERNELS[1:] for name, net in _plain(kernels).items()}
    return [
        *(Arm(name=name, net=net) for name, net in _plain(KERNELS[0]).items()),
        *(Arm(name=name, net=net, tasks=_MOST) for name, net in {**merges, **modern, **budget}.items()),
    ]


ARMS = _arms()
FULL = ARMS[0].name
MODERN_FULL = "broadcast, full-band"
EQUAL_COST = (
    ("2 bands, 32 kernels", "full-band, 16 kernels"),
    ("2 bands, 64 kernels", "full-band, 32 kernels"),
    ("4 bands, 64 kernels", "full-band, 16 kernels"),
)
"""Sub-band and full-band networks of nearly the same number of multiplications (the former 3 to 7 % below)."""
