"""How large harken is: the light runtime in a fresh environment, and the bundles. Fails above the promised sizes.

python -m benchmarks.size            # makes an environment, installs the light runtime, measures (minutes)
python -m benchmarks.size --here     # measures the environment that runs it; right only if it is a light one
python -m benchmarks.size --write    # also appends the sums to recipes/assistant/results.jsonl
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

from harken.bundle import list_bundles
from harken.metrics.result import Result, append_result

ROOT = Path(__file__).parents[1]
MEGABYTE = 1e6
RUNTIME_LIMIT = 250.0
"""MB of installed packages, harken's code included, torch and bundles not."""
BUNDLES_LIMIT = 60.0
"""MB of all bundles together."""
INSTALLERS = ("pip", "setuptools", "wheel")
"""What a new environment contains by itself; not part of the runtime."""


def folder_size(folder: Path) -> int:
    """Bytes of all files below."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def package_sizes(site_packages: Path) -> dict[str, float]:
    """MB of each package folder, largest first; installers and harken's bundles are left out."""
    sizes = {}
    for entry in site_packages.iterdir():
        if entry.name.split("-")[0] not in INSTALLERS:
            sizes[entry.name] = (folder_size(entry) if entry.is_dir() else entry.stat().st_size) / MEGABYTE
    if "harken" in sizes:
        sizes["harken"] -= folder_size(site_packages / "harken" / "bundles") / MEGABYTE
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


def bundle_sizes() -> dict[str, float]:
    """MB of each bundle in the source tree, largest first."""
    bundles = (ROOT / "src" / "harken" / "bundles").glob("*/bundle.json")
    sizes = {bundle.parent.name: folder_size(bundle.parent) / MEGABYTE for bundle in bundles}
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


def fresh_site_packages(folder: Path) -> Path:
    """A new environment in `folder` with the light runtime, installed as a user installs it."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(ROOT)], check=True)
    asked = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return Path(asked.stdout.strip())


def report(title: str, sizes: dict[str, float], limit: float) -> bool:
    """Print the table; whether the sum keeps the limit."""
    total = sum(sizes.values())
    print(f"{title}: {total:.1f} MB (limit {limit:g} MB)")
    for name, size in list(sizes.items())[:12]:
        print(f"  {size:8.2f}  {name}")
    return total < limit


def record(what: str, sizes: dict[str, float]) -> None:
    """Append the sum to the results of the whole assistant."""
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    append_result(
        Result(
            recipe="assistant", metric=f"size: {what}", value=sum(sizes.values()), unit="MB", n=len(sizes),
            set="a new environment", command="python -m benchmarks.size --write",
            bundles={bundle.name: bundle.hash for bundle in list_bundles()}, note=machine,
        )
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--here", action="store_true", help="measure the environment that runs this")
    parser.add_argument("--write", action="store_true", help="append the sums to the recipe's results.jsonl")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site_packages = sysconfig.get_path("purelib") if options.here else fresh_site_packages(Path(folder) / "venv")
        program, models = package_sizes(Path(site_packages)), bundle_sizes()
    if options.write:
        record("program with dependencies", program)
        record("models", models)
    small = report("installed light runtime, bundles left out", program, RUNTIME_LIMIT)
    return 0 if report("bundles", models, BUNDLES_LIMIT) and small else 1


if __name__ == "__main__":
    sys.exit(main())
