"""The first screen of the README as an image, drawn by headless Chromium when the site is built.

python docs/first_screen.py         # makes docs/images/readme-first-screen.png anew

A build without Chromium keeps the image that is in the repository; no build fails because of it.
"""

from __future__ import annotations

import base64
import logging
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).parents[1]
IMAGE = Path("images") / "readme-first-screen.png"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTH, HEIGHT = 1280, 800
_COLOURS = 128
_SECONDS = 60
"""Longer than Chromium has ever taken; a build does not wait for ever."""
_STYLE = """
body { margin: 0; background: #fff; color: #1f2328; font: 16px/1.5 "Noto Sans", "Liberation Sans", Helvetica, sans-serif }
main { max-width: 1012px; margin: 0 auto; padding: 24px 32px }
h1, h2 { margin: 16px 0; padding-bottom: .3em; border-bottom: 1px solid #d1d9e0; line-height: 1.25 }
p, pre, table { margin: 0 0 16px } img { max-width: 100% } a { color: #0969da; text-decoration: none }
pre { background: #f6f8fa; border-radius: 6px; padding: 14px 16px; font-size: 85%; line-height: 1.45; overflow: hidden }
code { font-family: "DejaVu Sans Mono", "Liberation Mono", monospace } :not(pre) > code { background: #eff1f3; padding: .2em .4em; font-size: 85% }
table { border-collapse: collapse } th, td { border: 1px solid #d1d9e0; padding: 6px 13px }
"""  # noqa: E501

log = logging.getLogger("mkdocs.hooks.first_screen")


def on_post_build(config: Any, **_: Any) -> None:
    """Called by mkdocs when the site is there: the image anew, if Chromium is at hand."""
    program = find_program()
    if program is None:
        log.info("no Chromium here: the README's first screen is the image of the repository")
    elif not take_picture(page(), Path(config["site_dir"]) / IMAGE, program=program):
        log.info("%s drew nothing: the README's first screen is the image of the repository", program)


def find_program() -> str | None:
    """Path of a Chromium; None when there is none."""
    return next((path for path in map(shutil.which, PROGRAMS) if path), None)


def page(root: Path = ROOT) -> str:
    """README.md of a folder as one HTML page that looks much as it does on a code-hosting site."""
    import markdown

    text = (root / "README.md").read_text(encoding="utf-8")
    body = markdown.markdown(text, extensions=["tables", "pymdownx.superfences"])
    body = re.sub(r'src="([^":]+\.png)"', lambda source: f'src="{_inlined(root / source[1])}"', body)
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><main>{body}</main>"


def take_picture(html: str, path: Path, *, program: str) -> bool:
    """Write the first screen of a page as PNG; False, and no file touched, when Chromium does not draw it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source, drawn = Path(folder, "readme.html"), Path(folder, "screen.png")
        source.write_text(html, encoding="utf-8")
        command = [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
            "--disable-background-networking", f"--user-data-dir={folder}/profile", f"--window-size={WIDTH},{HEIGHT}",
            f"--screenshot={drawn}", source.as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            log.info("%s", error)
        if not drawn.is_file():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(drawn) as image:
            image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
        return True


def _inlined(image: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(image.read_bytes()).decode()}"


def main() -> int:
    """Make the image of the repository anew."""
    program = find_program()
    if program is None or not take_picture(page(), ROOT / "docs" / IMAGE, program=program):
        print(f"no image drawn: install Chromium (one of {', '.join(PROGRAMS)})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
