"""Commands that train: train, export, install, score."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from harken.cli.options import examples
from harken.cli.output import MISUSED, message, print_json, print_table

RecipeName: TypeAlias = Annotated[str, typer.Argument(help="Recipe, e.g. asr/acoustic; omit to list all.")]
ConfigName: TypeAlias = Annotated[
    str, typer.Argument(help="One of its configurations (tiny, method, ..) or a TOML file.")
]
Overrides: TypeAlias = Annotated[
    list[str] | None, typer.Argument(metavar="[SECTION.KEY=VALUE]..", help="Settings that override those of the file.")
]
RunFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Run folder; by default under HARKEN_RUNS, named after recipe and configuration."),
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(
        epilog=examples(
            "harken train                                   (lists the recipes)",
            "harken train activation/wakeword tiny",
            "harken train asr/acoustic method loop.steps=500",
            "harken train wakeword --word 'hey robin' --positives my-recordings",
        )
    )(train)
    app.command(epilog=examples("harken export tts/voice tiny"))(export)
    app.command(epilog=examples("harken install harken-runs/tts/voice/method/voice-kathleen"))(install)
    app.command(epilog=examples("harken score activation/wakeword method"))(score)


def train(
    recipe: RecipeName = "",
    config: ConfigName = "",
    overrides: Overrides = None,
    only: Annotated[str, typer.Option(metavar="VERB", help="Run only 'prepare' or only 'train'.")] = "",
    run: RunFolder = None,
    word: Annotated[str, typer.Option(help="With 'wakeword': the word or phrase.")] = "",
    positives: Annotated[
        Path | None, typer.Option(metavar="DIR", help="With 'wakeword': folder of recordings of the word.")
    ] = None,
    negatives: Annotated[
        Path | None, typer.Option(metavar="DIR", help="With 'wakeword': folder of other sounds.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With 'wakeword': a JSON line for each step, then one for the result.")
    ] = False,
) -> None:
    """Train a recipe, or your own wake word (`harken train wakeword --word W`); a killed run resumes.

    Recordings of the wake word are optional: without any, the examples are synthesised.
    """
    from harken.cli.recipes import open_recipe

    if recipe == "wakeword" and not config:
        _train_wakeword(word, positives, negatives, as_json=as_json)
        return
    if not recipe or not config:
        _list_recipes(recipe)
        raise typer.Exit(MISUSED if recipe else 0)
    if only not in ("", "prepare", "train"):
        message(f"harken: --only is '{only}'; expected 'prepare' or 'train'")
        raise typer.Exit(MISUSED)
    opened = open_recipe(recipe, config, overrides or [], run=run)
    message(f"{opened.recipe}: run folder {opened.run}")
    try:
        opened.run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message(f"harken: cannot create {opened.run} ({error.strerror}); give another --run, or set HARKEN_RUNS")
        raise typer.Exit(MISUSED) from None
    if only != "train":
        opened.call("prepare")
    if only != "prepare":
        _show(opened.call("train"))
        message(f"next: harken export {shlex.join([opened.recipe, config, *(overrides or [])])}")


def export(recipe: RecipeName, config: ConfigName, overrides: Overrides = None, run: RunFolder = None) -> None:
    """Turn a trained run into bundles in the run folder. torch, ONNX and streaming are compared before anything is
    written; `harken install` then puts a bundle in place.
    """
    from harken.cli.recipes import open_recipe

    opened = open_recipe(recipe, config, overrides or [], run=run)
    bundles = opened.call("export")
    _show(bundles)
    if bundles:
        message(f"next: harken install {shlex.join(str(bundle.folder) for bundle in bundles)}")
    else:
        message(
            f"{opened.recipe} ships nothing; next: "
            f"harken score {shlex.join([opened.recipe, config, *(overrides or [])])}"
        )


def install(
    bundles: Annotated[list[Path], typer.Argument(metavar="BUNDLE..", help="Folders that an export wrote.")],
    shipped: Annotated[
        bool, typer.Option("--shipped", help="For developers of harken: install into the package, so that it ships.")
    ] = False,
) -> None:
    """Put an exported bundle in your own folder, where the assistant finds it by its name.

    Its hashes are checked first. A bundle of yours with the same name and kind is replaced. A bundle that comes with
    harken stays, but yours is used instead until you remove its folder.
    """
    from harken.bundle import bundle_folders, install_bundle, load_bundle

    own, package = bundle_folders()
    for source in bundles:
        bundle, replaced = install_bundle(source, package if shipped else None)
        _show(bundle)
        if replaced is not None:
            print(f"  it replaces {replaced.hash[:12]}")
        if shipped and load_bundle(bundle.name).folder != bundle.folder:
            print(f"  your own bundle in {own / bundle.name} still comes first")
        elif not shipped and (package / bundle.name).is_dir():
            print(f"  it is used instead of the one that comes with harken; to go back, remove {bundle.folder}")


def score(recipe: RecipeName, config: ConfigName, overrides: Overrides = None, run: RunFolder = None) -> None:
    """Measure the installed bundle through the run-time stage; figures with n and 95 % interval go to results.jsonl."""
    from harken.cli.recipes import open_recipe
    from harken.metrics.result import append_result

    results = open_recipe(recipe, config, overrides or [], run=run).call("score")
    _show(results)
    for result in results:
        append_result(result)


def _train_wakeword(word: str, positives: Path | None, negatives: Path | None, *, as_json: bool) -> None:
    if not word:
        message("harken: name the word: harken train wakeword --word 'hey robin'")
        raise typer.Exit(MISUSED)
    from harken.cli.recipes import asking_for_extra

    with asking_for_extra("`harken train wakeword`"):
        from harken.train.activation.personal import train_wakeword

        bundle = train_wakeword(word, positives=positives, negatives=negatives, progress=_Steps() if as_json else None)
    if as_json:
        print_json({"bundle": str(bundle.folder), "word": bundle.features["word"], "scores": bundle.info["scores"]})
        return
    print(f"{bundle.folder}: '{word}' is registered; a running assistant listens for it from its next turn on")


class _Steps:
    """Prints how far a training is, whenever another hundredth is done."""

    def __init__(self) -> None:
        self._told = ("", -1)

    def __call__(self, step: str, share: float) -> None:
        if (step, int(100 * share)) != self._told:
            self._told = (step, int(100 * share))
            print_json({"step": step, "share": round(share, 2)})


def _list_recipes(recipe: str) -> None:
    from harken.cli.recipes import find_recipe, list_configs, list_recipes

    names = [find_recipe(recipe)] if recipe else list_recipes()
    print_table(["recipe", "configurations"], [(name, ", ".join(list_configs(name))) for name in names])
    if recipe:
        message("harken: name a configuration, e.g. `harken train " + f"{names[0]} tiny`")


def _show(returned: Any) -> None:
    """Print what a verb returned if it is worth reading: numbers, results, bundles."""
    from harken.bundle import Bundle
    from harken.metrics.result import Result

    if isinstance(returned, Mapping):
        print_table(["", ""], [(key, str(value)[:100]) for key, value in returned.items()])
    elif isinstance(returned, list | tuple):
        for item in returned:
            _show(item)
    elif isinstance(returned, Bundle):
        print(f"{returned.folder}: {returned.size / 1e6:.2f} MB, {returned.hash[:12]}")
    elif isinstance(returned, Result):
        where = " ".join(filter(None, (returned.set, returned.condition)))
        print(f"{returned.metric} on {where} ({returned.system}, n = {returned.n}): {returned.figure}")
    elif returned is not None:
        print(returned)
