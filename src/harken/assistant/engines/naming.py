"""What `engine` in a profile names: a Wyoming service on this or another machine, or a model for onnx-asr.

wyoming://192.168.1.30:10300
onnx-asr:nemo-parakeet-tdt-0.6b-v2
onnx-asr:nemo-conformer-ctc:/models/conformer
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from harken.errors import ConfigError

WYOMING, ONNX_ASR = "wyoming", "onnx-asr"
PORT = 10300
"""Of a Wyoming service that is named without one."""


@dataclass(frozen=True, kw_only=True)
class EngineName:
    """An engine."""

    kind: str
    """WYOMING or ONNX_ASR."""
    host: str = ""
    port: int = PORT
    model: str = ""
    """Of onnx-asr."""
    folder: str = ""
    """With the model's files; '' for one that onnx-asr finds by its name."""


def read_engine(text: str, *, kinds: tuple[str, ...]) -> EngineName:
    """An engine as a profile names it.

    Args:
        text: the name.
        kinds: those that suit the stage.

    Raises:
        ConfigError: it is not understood, or does not suit the stage.
    """
    kind = text.partition(":")[0]
    if kind not in kinds:
        raise ConfigError(f"'{text}' is not an engine; write {' or '.join(_EXAMPLES[name] for name in kinds)}")
    if kind == WYOMING:
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError:
            parts, host, port = urlsplit(""), None, None
        if not host or parts.path.strip("/") or parts.username or parts.query:
            raise ConfigError(f"'{text}' is not a Wyoming service; write {_EXAMPLES[WYOMING]}")
        return EngineName(kind=kind, host=host, port=port or PORT)
    model, _, folder = text.partition(":")[2].partition(":")
    if not model:
        raise ConfigError(f"'{text}' names no model; write {_EXAMPLES[ONNX_ASR]}")
    return EngineName(kind=kind, model=model, folder=folder)


_EXAMPLES = {WYOMING: "wyoming://HOST:PORT", ONNX_ASR: "onnx-asr:MODEL or onnx-asr:MODEL:FOLDER"}
