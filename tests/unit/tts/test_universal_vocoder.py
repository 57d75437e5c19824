"""The universal vocoder's run time on a small made-up bundle: lengths, seeds, pieces, odd input."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from harken.bundle import write_bundle
from harken.errors import AudioError
from harken.events import Samples
from harken.tts.copies import load_copier
from harken.tts.mulaw import Coding
from harken.tts.universal_vocoder import KIND, Generator, UniversalVocoder, multiplications

READER, HIDDEN, AFFINE, LEVELS, HOP = 4, 6, 5, 256, 200


def tables(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "codes": (LEVELS, 3 * HIDDEN), "recurrent": (HIDDEN, 3 * HIDDEN), "inner": (HIDDEN,),
        "affine": (HIDDEN, AFFINE), "affine_bias": (AFFINE,), "output": (AFFINE, LEVELS), "output_bias": (LEVELS,),
        "frames": (2 * READER, 3 * HIDDEN), "frames_bias": (3 * HIDDEN,),
    }  # fmt: skip
    for layer, size in enumerate((80, 2 * READER)):
        for name in (f"reader.{layer}.forward", f"reader.{layer}.backward"):
            shapes |= {f"{name}.input": (size, 3 * READER), f"{name}.recurrent": (READER, 3 * READER),
                       f"{name}.bias": (3 * READER,), f"{name}.inner": (READER,)}  # fmt: skip
    return {name: (0.2 * rng.standard_normal(shape)).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = io.BytesIO()
    np.savez(archive, **tables())
    path = tmp_path_factory.mktemp("bundles") / "made-up"
    write_bundle(
        path, name="made-up", kind=KIND, card="made up",
        files={"tables.npz": archive.getvalue()},
        features={"rate": 16_000, "window": 800, "hop": HOP, "bits": 8, "emphasis": 0.5},
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def vocoder(folder: Path) -> UniversalVocoder:
    return UniversalVocoder.load(folder)


def speechlike(count: int) -> Samples:
    time = np.arange(count) / 16_000
    return (0.2 * np.sin(2 * np.pi * 150 * time) * np.sin(2 * np.pi * 3 * time)).astype(np.float32)


def test_there_are_hop_samples_for_each_frame(vocoder: UniversalVocoder) -> None:
    for count in (1, 2, 5):
        assert len(vocoder.synthesize(np.full((count, 80), -9, np.float32))) == HOP * count
    assert len(vocoder.synthesize(np.zeros((0, 80), np.float32))) == 0


def test_a_copy_is_as_long_as_its_recording(vocoder: UniversalVocoder) -> None:
    for count in (1, HOP - 1, HOP, 3 * HOP + 7):
        assert len(vocoder.copy(speechlike(count))) == count


def test_the_same_seed_gives_the_same_sound_and_another_one_another(vocoder: UniversalVocoder) -> None:
    sound = [vocoder.copy(speechlike(1500), seed=seed) for seed in (3, 3, 4)]
    np.testing.assert_array_equal(sound[0], sound[1])
    assert not np.array_equal(sound[0], sound[2])


def test_pieces_give_the_sound_of_the_whole_when_they_see_enough(vocoder: UniversalVocoder) -> None:
    frames = vocoder.analysis.frames(speechlike(2000))
    whole = vocoder.synthesize(frames, seed=1)
    pieces = list(vocoder.stream(frames, chunk=3, look_ahead=len(frames), seed=1))
    assert [len(piece) for piece in pieces] == [3 * HOP, 3 * HOP, 3 * HOP, 2 * HOP]
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-6)


def test_a_piece_knows_only_what_lies_within_the_look_ahead(vocoder: UniversalVocoder) -> None:
    frames = vocoder.analysis.frames(speechlike(4000))
    before = vocoder.condition(frames, 6, 8, look_ahead=2)
    assert before.shape == (2, 3 * HIDDEN)
    for place, seen in ((3, False), (4, True), (9, True), (10, False)):
        changed = frames.copy()
        changed[place] += 5
        assert np.array_equal(vocoder.condition(changed, 6, 8, look_ahead=2), before) != seen


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(900, np.float32),
        np.sign(speechlike(900)) * np.float32(1),
        10 * speechlike(900),
        np.random.default_rng(0).standard_normal(900).astype(np.float32),
    ],
    ids=["silence", "clipped", "ten times too loud", "noise"],
)
def test_odd_input_gives_finite_sound_in_range(vocoder: UniversalVocoder, samples: Samples) -> None:
    copy = vocoder.copy(samples)
    assert np.isfinite(copy).all()
    assert np.abs(copy).max() <= 1


def test_draws_follow_the_chances() -> None:
    """Without recurrence the chances are the same at each step: those of the output's bias."""
    still = {name: np.zeros_like(value) for name, value in tables().items()}
    still["output_bias"][[3, 200]] = np.log([3e6, 1e6])
    steps = 2000
    codes = Generator(still, Coding(bits=8)).draw(
        np.zeros((steps, 3 * HIDDEN), np.float32), np.random.default_rng(0).random(steps)
    )
    assert (codes == 3).mean() == pytest.approx(0.75, abs=0.03)
    assert (codes == 200).mean() == pytest.approx(0.25, abs=0.03)


def test_the_highest_draw_stays_among_the_codes() -> None:
    codes = Generator(tables(), Coding(bits=8)).draw(np.zeros((3, 3 * HIDDEN), np.float32), np.array([1.0, 0.0, 1.0]))
    assert codes.min() >= 0
    assert codes.max() < LEVELS


def test_products_of_the_papers_network_and_of_a_small_one() -> None:
    assert multiplications(levels=1024, hidden=896, affine=1024) == 3 * 896**2 + 896 * 1024 + 1024**2
    assert multiplications(levels=2, hidden=1, affine=3) == 3 + 3 + 6


def test_frames_of_another_shape_are_refused(vocoder: UniversalVocoder) -> None:
    for wrong in (np.zeros((3, 79), np.float32), np.full((3, 80), np.inf, np.float32)):
        with pytest.raises(AudioError, match="frames"):
            vocoder.synthesize(wrong)


def test_it_is_opened_by_its_kind(folder: Path, vocoder: UniversalVocoder) -> None:
    copier = load_copier(folder)
    assert isinstance(copier, UniversalVocoder)
    np.testing.assert_array_equal(copier.copy(speechlike(500)), vocoder.copy(speechlike(500)))
