"""The training loop: learns, resumes bit for bit, survives kills and full disks, and says what went wrong."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harken.train import checkpoint  # noqa: E402
from harken.train.checkpoint import CheckpointError, load_checkpoint, save_checkpoint  # noqa: E402
from harken.train.loop import TrainingError, best_weights, fit  # noqa: E402
from harken.train.schedule import LoopConfig, rate_at  # noqa: E402


class SumTask:
    """Learns to add three numbers; drop-out and noisy inputs make every step depend on its random numbers."""

    def __init__(self, fail_at: int | None = None):
        torch.manual_seed(0)
        self.module = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1))
        self.calls, self.fail_at = 0, fail_at

    def batches(self, epoch, rng):
        return list(rng.permutation(12))

    def loss(self, batch, rng):
        self.calls += 1
        if self.calls == self.fail_at:
            raise KeyboardInterrupt
        x = torch.tensor(rng.normal(size=(16, 3)), dtype=torch.float32)
        return ((self.module(x) - x.sum(1, keepdim=True)) ** 2).mean(), {"batch": float(batch)}

    def validate(self):
        x = torch.randn(64, 3, generator=torch.Generator().manual_seed(1))
        return {"loss": float(((self.module(x) - x.sum(1, keepdim=True)) ** 2).mean().detach())}


CONFIG = LoopConfig(steps=60, lr=1e-2, average=0.9, validate_every=20, weight_decay=0.0)


def assert_equal_weights(one: SumTask, other: SumTask) -> None:
    for name, value in one.module.state_dict().items():
        assert torch.equal(value, other.module.state_dict()[name]), name


def test_learns(tmp_path: Path):
    before = SumTask().validate()["loss"]
    numbers = fit(SumTask(), CONFIG, tmp_path, quiet=True)
    assert numbers["step"] == 60
    assert numbers["loss"] < before / 3


@pytest.mark.parametrize("stop", [1, 13, 37])
def test_an_interrupted_run_resumes_bit_for_bit(tmp_path: Path, stop: int):
    whole, broken = SumTask(), SumTask(fail_at=stop)
    fit(whole, CONFIG, tmp_path / "whole", quiet=True)
    with pytest.raises(KeyboardInterrupt):
        fit(broken, CONFIG, tmp_path / "broken", quiet=True)
    resumed = SumTask()
    fit(resumed, CONFIG, tmp_path / "broken", quiet=True)
    assert resumed.calls == 60 - stop + 1
    assert_equal_weights(whole, resumed)
    average, again = best_weights(tmp_path / "whole"), best_weights(tmp_path / "broken")
    assert all(torch.equal(average[name], again[name]) for name in average)


def test_every_step_and_validation_is_logged(tmp_path: Path):
    fit(SumTask(), CONFIG, tmp_path, quiet=True)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == list(range(1, 61))
    assert [line["step"] for line in lines if "dev" in line] == [20, 40, 60]


def test_a_loss_that_is_not_finite_stops_with_the_step(tmp_path: Path):
    task = SumTask()
    task.loss = lambda batch, rng: (next(task.module.parameters()).sum() * float("nan"), {})
    with pytest.raises(TrainingError, match="nan at step 0"):
        fit(task, CONFIG, tmp_path, quiet=True)


def test_an_empty_epoch_is_refused_instead_of_looping_for_ever(tmp_path: Path):
    task = SumTask()
    task.batches = lambda epoch, rng: []
    with pytest.raises(TrainingError, match="nothing to train on"):
        fit(task, CONFIG, tmp_path, quiet=True)


def test_a_full_disk_is_named_and_the_earlier_checkpoint_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    task = SumTask()
    optimizer = torch.optim.AdamW(task.module.parameters())
    folder = tmp_path / "latest"
    save_checkpoint(folder, module=task.module, optimizer=optimizer, progress={"step": 1})

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(CheckpointError, match=r"No space left on device.*free some space"):
        save_checkpoint(folder, module=task.module, optimizer=optimizer, progress={"step": 2})
    progress, _ = load_checkpoint(folder, module=task.module)
    assert progress == {"step": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["latest"]


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file can grow beyond `size` bytes: the system refuses to write, as it does on a full disk."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_fills_up_under_a_checkpoint_is_named_and_the_earlier_one_stays(tmp_path: Path):
    task = SumTask()
    optimizer = torch.optim.AdamW(task.module.parameters())
    save_checkpoint(tmp_path / "latest", module=task.module, optimizer=optimizer, progress={"step": 1})
    with room_for(100), pytest.raises(CheckpointError, match="free some space"):
        save_checkpoint(tmp_path / "latest", module=task.module, optimizer=optimizer, progress={"step": 2})
    assert load_checkpoint(tmp_path / "latest", module=task.module)[0] == {"step": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["latest"]


def test_a_disk_that_fills_up_under_the_log_stops_the_run_which_goes_on_when_there_is_room(tmp_path: Path):
    whole, broken = SumTask(), SumTask()
    fit(whole, CONFIG, tmp_path / "whole", quiet=True)
    config = replace(CONFIG, checkpoint_seconds=0.0)
    with room_for(4000), pytest.raises(TrainingError, match=r"cannot write .*log\.jsonl.*its last checkpoint"):
        fit(broken, config, tmp_path / "broken", quiet=True)
    resumed = SumTask()
    assert fit(resumed, config, tmp_path / "broken", quiet=True)["step"] == 60
    assert resumed.calls < 60
    assert_equal_weights(whole, resumed)


def test_a_run_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainingError, match="cannot make the run folder"):
        fit(SumTask(), CONFIG, tmp_path / "file" / "run", quiet=True)


KILLED = """
import sys, time
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_loop
task = test_loop.SumTask()
validate = task.validate
task.validate = lambda: (time.sleep(0.01), validate())[1]
test_loop.fit(task, replace(test_loop.CONFIG, checkpoint_seconds=0.0), Path(sys.argv[2]), quiet=True)
"""


@pytest.mark.parametrize("step", [20, 41])
def test_a_run_killed_at_once_resumes_bit_for_bit(tmp_path: Path, step: int):
    whole, resumed = SumTask(), SumTask()
    fit(whole, CONFIG, tmp_path / "whole", quiet=True)
    log = tmp_path / "killed" / "log.jsonl"
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(Path(__file__).parent), str(log.parent)])
    with child:
        while child.poll() is None and (not log.is_file() or log.read_bytes().count(b"\n") < step):
            time.sleep(0.0005)
        child.send_signal(signal.SIGKILL)
    fit(resumed, CONFIG, log.parent, quiet=True)
    assert child.returncode == -signal.SIGKILL, "it was killed before it had ended"
    assert resumed.calls < 60, "nothing was begun anew"
    assert_equal_weights(whole, resumed)
    average, again = best_weights(tmp_path / "whole"), best_weights(log.parent)
    assert all(torch.equal(average[name], again[name]) for name in average)
    assert not {".latest-fresh", ".latest-old"} & {path.name for path in log.parent.iterdir()}


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_kill_between_the_two_renames_loses_nothing_nor_does_a_second_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    task = SumTask()
    optimizer = torch.optim.AdamW(task.module.parameters())
    save_checkpoint(tmp_path / "latest", module=task.module, optimizer=optimizer, progress={"step": 7})
    (tmp_path / "latest").rename(tmp_path / ".latest-old")
    assert checkpoint.has_checkpoint(tmp_path / "latest")
    assert load_checkpoint(tmp_path / "latest", module=task.module)[0] == {"step": 7}
    with monkeypatch.context() as again:
        again.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            save_checkpoint(tmp_path / "latest", module=task.module, optimizer=optimizer, progress={"step": 8})
    assert load_checkpoint(tmp_path / "latest", module=task.module)[0] == {"step": 7}
    save_checkpoint(tmp_path / "latest", module=task.module, optimizer=optimizer, progress={"step": 8})
    assert [p.name for p in tmp_path.iterdir()] == ["latest"]


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path):
    task = SumTask()
    optimizer = torch.optim.AdamW(task.module.parameters())
    save_checkpoint(tmp_path / "latest", module=task.module, optimizer=optimizer, progress={})
    with pytest.raises(CheckpointError, match="does not fit this run"):
        load_checkpoint(tmp_path / "latest", module=torch.nn.Linear(2, 2))


def test_rate_rises_then_falls_to_its_floor():
    config = LoopConfig(steps=100, lr=1.0, warmup=0.1, final=0.02)
    rates = np.array([rate_at(step, config) for step in range(101)])
    assert rates.argmax() in (9, 10)
    assert rates[9] == pytest.approx(1.0)
    assert (np.diff(rates[10:]) <= 0).all()
    assert rates[-1] == pytest.approx(0.02)
