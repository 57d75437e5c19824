"""harken is private: running a model leaves no identifier on the disk and prepares no upload."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
from harken.activation.wakeword import WakeWordSpotter
import numpy as np
from harken.events import AudioChunk
WakeWordSpotter.load("computer").process(AudioChunk(start=0, samples=np.zeros(16000, np.float32)))
"""


def test_running_a_model_writes_nothing_into_the_users_home(tmp_path: Path):
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("ORT_", "XDG_"))}
    # Some test environments (CI=...) silence the runtime by themselves; this must hold without such help.
    clean = {key: value for key, value in clean.items() if key not in ("CI", "GITHUB_ACTIONS", "TF_BUILD")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**clean, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not written, f"files appeared in the user's home: {written}"
