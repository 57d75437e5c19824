"""Five ways to learn from several corpora, and losses, noise and bits: perplexity in the domain, and ln Z.

    python -m harken.recipes.asr.neural_lm.arms --run RUN [--config small] [--seeds 1 2 3] [--only ARM ...]

RUN holds the prepared sentences. In the domain are the corpora that `outside` does not name; dev is common-voice and
requests. Every trial is kept in RUN/arms/trials.jsonl and skipped when run again. A table is printed at the end, with
the change of perplexity in eight bits.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from harken.asr.neural.model import NeuralModel
from harken.recipes.asr.neural_lm.material import REQUESTS, Config, Material
from harken.settings import load_settings
from harken.train.asr.neural.export import write_neural_bundle
from harken.train.asr.neural.measure import measure, measure_eight_bit
from harken.train.asr.neural.network import WordNetwork
from harken.train.asr.neural.task import TaskConfig, WordTask
from harken.train.loop import best_weights, fit

DOMAIN_DEV = ("common-voice", REQUESTS)
Shares = Mapping[str, float]


@dataclass(frozen=True)
class Arm:
    """One way to learn.

    Attributes:
        name: for tables.
        phases: shares of the corpora in each phase, from (in the domain, outside, weights).
        change: of the loss's settings.
    """

    name: str
    phases: Callable[[Shares, Shares, Shares], tuple[Shares, ...]]
    change: Mapping[str, object]


def concatenated(inside: Shares, outside: Shares, sizes: Shares) -> tuple[Shares, ...]:
    """All corpora as they are, one after the other: shares by their sentences."""
    return (sizes,)


def arms() -> list[Arm]:
    """The five schemes; then, of the mixture, other losses and amounts of noise."""

    def mixed(inside: Shares, outside: Shares, sizes: Shares) -> tuple[Shares, ...]:
        return ({**inside, **outside},)

    return [
        Arm("in domain only", lambda inside, outside, sizes: (inside,), {}),
        Arm("concatenated", concatenated, {}),
        Arm("mixed", mixed, {}),
        Arm("pre-trained, then in domain", lambda inside, outside, sizes: (outside, inside), {}),
        Arm("pre-trained, then mixed", lambda inside, outside, sizes: (outside, {**inside, **outside}), {}),
        Arm("mixed, noise 10", mixed, {"noise": 10}),
        Arm("mixed, noise 100", mixed, {"noise": 100}),
        Arm("mixed, cross-entropy", mixed, {"loss": "normalised", "penalty": 0.0}),
        Arm("mixed, cross-entropy with penalty", mixed, {"loss": "normalised"}),
    ]


def main() -> None:
    """Read the command line, run what is missing, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--config", default="small")
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3])
    parser.add_argument("--only", nargs="*", default=[], metavar="ARM")
    options = parser.parse_args()
    config = load_settings(Config, Path(__file__).with_name(f"{options.config}.toml"))
    material, file = Material(config, options.run), options.run / "arms" / "trials.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    done = read_trials(file)
    for seed in options.seeds:
        for arm in arms():
            if (arm.name, seed) in done or (options.only and arm.name not in options.only):
                continue
            found = run_trial(arm, replace(config, seed=seed), material, file.parent)
            done[arm.name, seed] = found
            with file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({"arm": arm.name, "seed": seed, **found}) + "\n")
            print(arm.name, seed, {name: round(value, 3) for name, value in found.items()}, flush=True)
    print_table(done)


def read_trials(file: Path) -> dict[tuple[str, int], dict[str, float]]:
    """(arm, seed) -> figures of the trials that are done."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    rows = [json.loads(line) for line in lines]
    return {(row.pop("arm"), row.pop("seed")): row for row in rows}


def run_trial(arm: Arm, config: Config, material: Material, folder: Path) -> dict[str, float]:
    """Train an arm with a seed, the steps of both phases together the same for all; figures on dev."""
    weights = material.weights(DOMAIN_DEV)
    unigram = material.unigram(weights)
    torch.manual_seed(config.seed)
    network = WordNetwork(config.network, torch.from_numpy(np.log(unigram)))
    outside = {name: weight for name, weight in weights.items() if name in config.outside}
    inside = {name: weight for name, weight in weights.items() if name not in config.outside}
    sizes = {name: float(len(corpus)) for name, corpus in material.corpora.items()}
    phases, steps = arm.phases(inside, outside, sizes), config.first.steps + config.second.steps
    dev = {name: material.dev[name] for name in DOMAIN_DEV}
    task: TaskConfig = replace(config.task, **arm.change)  # type: ignore[arg-type]
    for number, shares in enumerate(phases):
        base = config.first if number + 1 < len(phases) else config.second
        loop = replace(base, steps=base.steps if len(phases) > 1 else steps, seed=config.seed)
        run = folder / f"{arm.name}-{config.seed}-{number}".replace(" ", "_")
        fit(WordTask(network, material.mixture(shares), dev, unigram, task), loop, run, quiet=True)
        network.load_state_dict(best_weights(run))
    return _figures(network, material, folder)


def _figures(network: WordNetwork, material: Material, folder: Path) -> dict[str, float]:
    bundle = write_neural_bundle(folder / "bundle", network, material.words, rare=1, card="a trial")
    model = NeuralModel.from_bundle(bundle)
    found: dict[str, float] = {}
    for name, dev in material.dev.items():
        whole, eight_bit = measure(network, dev), measure_eight_bit(model, dev)
        found |= {
            f"perplexity {name}": whole.perplexity, f"ln Z {name}": whole.log_z_mean,
            f"deviation {name}": whole.log_z_deviation,
            f"eight bit {name}": 100 * (eight_bit.perplexity / whole.perplexity - 1),
        }  # fmt: skip
    return found


def print_table(done: Mapping[tuple[str, int], Mapping[str, float]]) -> None:
    """Mean and spread over the seeds of each arm."""
    rows: dict[str, list[Mapping[str, float]]] = defaultdict(list)
    for (name, _), found in done.items():
        rows[name].append(found)
    for name, trials in rows.items():
        print(f"{name} ({len(trials)} seeds)")
        for key in trials[0]:
            values = [trial[key] for trial in trials]
            print(f"    {key:28} {np.mean(values):9.3f} +- {np.std(values):.3f}")


if __name__ == "__main__":
    main()
