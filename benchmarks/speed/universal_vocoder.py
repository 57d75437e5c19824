"""What the universal vocoder costs, whatever it has learned: multiplications of a sample, and time on one core.

    python -m benchmarks.speed.universal_vocoder [--rounds 5] [--write]

The networks have random weights and the sizes of the recipe's settings; the two are alternated, and the median counts.
The time is that of the drawing layers, which do all but a hundredth of the work.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from harken.cli.recipes import open_recipe
from harken.metrics.result import Result, append_result
from harken.recipes.tts.universal_vocoder.recipe import NAME, Config
from harken.tts.universal_vocoder import Generator, multiplications

COMMAND = "python -m benchmarks.speed.universal_vocoder"
SECONDS = 0.1


class Timed:
    """A generator of the sizes of some settings, with random weights."""

    def __init__(self, config: Config):
        net, self.config = config.network, config
        levels, rng = config.coding.levels, np.random.default_rng(0)
        shapes = {
            "codes": (levels, 3 * net.hidden), "recurrent": (net.hidden, 3 * net.hidden), "inner": (net.hidden,),
            "affine": (net.hidden, net.affine), "affine_bias": (net.affine,), "output": (net.affine, levels),
            "output_bias": (levels,),
        }  # fmt: skip
        self._tables = {name: rng.normal(0, 0.05, shape).astype(np.float32) for name, shape in shapes.items()}
        self.products = multiplications(levels=levels, hidden=net.hidden, affine=net.affine)

    def real_time_factor(self) -> float:
        """Processor seconds for a second of sound."""
        count = int(SECONDS * self.config.analysis.rate)
        steady = np.zeros((count, self._tables["recurrent"].shape[1]), np.float32)
        draws = np.random.default_rng(1).random(count)
        began = time.process_time()
        Generator(self._tables, self.config.coding).run(steady, draws)
        return (time.process_time() - began) / SECONDS


def main() -> None:
    """Time both sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="append the figures to the recipe's results.jsonl")
    options = parser.parse_args()
    timed = {f"sizes of {name}": Timed(open_recipe(NAME, name).config) for name in ("method", "paper")}
    factors: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(options.rounds):
        for name, one in timed.items():
            factors[name].append(one.real_time_factor())
    for name, one in timed.items():
        figures = (
            ("multiplications for a sample", "thousands", one.products / 1000),
            ("real-time factor, one core", "RTF", float(np.median(factors[name]))),
        )
        for metric, unit, value in figures:
            result = Result(
                recipe=NAME, metric=metric, unit=unit, value=value, n=options.rounds, set="random weights",
                condition=name, command=COMMAND, seeds=(0,),
            )  # fmt: skip
            print(f"{name:16s} {metric}: {result.figure}")
            if options.write:
                append_result(result)


if __name__ == "__main__":
    main()
