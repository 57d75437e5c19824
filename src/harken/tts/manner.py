"""How something is said: speed, pitch, liveliness, loudness and stress, for a whole text or for a few words."""

from __future__ import annotations

from dataclasses import dataclass, fields

from harken.errors import ConfigError

LIMITS = {
    "rate": (0.25, 4.0), "pitch": (-12.0, 12.0), "pitch_range": (0.0, 2.0), "volume": (-100.0, 12.0),
    "emphasis": (-1.0, 2.0),
}  # fmt: skip
"""Smallest and largest value of each."""
SLOWEST, FASTEST = LIMITS["rate"]
"""Limits of the speaking rate."""


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How something is said.

    Raises:
        ConfigError: a value is out of its range.
    """

    rate: float = 1.0
    """Speed, 0.25..4; 2.0 takes half the time."""
    pitch: float = 0.0
    """Semitones above the voice's own pitch, -12..12."""
    pitch_range: float = 1.0
    """Size of the ups and downs of the tune, 0..2; 0 is monotonous."""
    volume: float = 0.0
    """dB above the usual level, -100..12."""
    emphasis: float = 0.0
    """-1 reduced, 0 none, 1 moderate, 2 strong: stressed words are slower, higher and louder."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value, (least, most) = getattr(self, field.name), LIMITS[field.name]
            if not least <= value <= most:
                name = "speaking rate" if field.name == "rate" else field.name.replace("_", " ")
                raise ConfigError(f"{name} {value} is out of range; give one between {least} and {most}")

    def within(self, outer: Manner) -> Manner:
        """This manner inside another: speeds and ranges multiply, pitches and volumes add up; both stay in range."""
        values = {
            "rate": self.rate * outer.rate, "pitch": self.pitch + outer.pitch,
            "pitch_range": self.pitch_range * outer.pitch_range, "volume": self.volume + outer.volume,
            "emphasis": self.emphasis or outer.emphasis,
        }  # fmt: skip
        return Manner(**{name: min(max(value, LIMITS[name][0]), LIMITS[name][1]) for name, value in values.items()})


PLAIN = Manner()
"""As the voice speaks by itself."""
