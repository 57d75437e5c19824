import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harken.nlu.features import Encoder, WordPieces  # noqa: E402
from harken.train.nlu.configs import Schooling, Shape  # noqa: E402
from harken.train.nlu.encoder import Lessons, SentenceNet, fit_encoder  # noqa: E402

SMALL = Shape(width=32, inner=48, layers=2, size=24)
WORDS = "turn on off the light lamp what is weather today tomorrow set a timer".split()


def test_what_ships_computes_what_was_trained() -> None:
    torch.manual_seed(3)
    net = SentenceNet(WordPieces(WORDS), SMALL, dropout=0.3).eval()
    sentences = [["turn", "on", "the", "light"], ["zebra"], ["set", "a", "timer", "for", "ten", "minutes", "please"]]
    sentences.append([*WORDS, *WORDS, *WORDS])  # longer than what is read
    with torch.no_grad():
        trained = torch.nn.functional.normalize(net(sentences), dim=1).numpy()
    shipped = Encoder.from_arrays(net.frozen().arrays()).embed(sentences)
    assert (trained * shipped).sum(axis=1) == pytest.approx(np.ones(4), abs=2e-3)


def test_it_learns_the_angles_of_its_teacher_and_the_labels() -> None:
    rng = np.random.default_rng(0)
    kinds = [["turn", "on", "the"], ["what", "is", "the"], ["set", "a", "timer"]]
    sentences = [tuple(kinds[i % 3] + [str(rng.choice(WORDS))]) for i in range(300)]
    directions = np.linalg.qr(rng.normal(size=(16, 3)))[0].T
    teacher = directions[np.arange(300) % 3].astype(np.float16)
    labels = np.where(np.arange(300) % 5 == 0, -1, np.arange(300) % 3).astype(np.int32)
    losses: list[float] = []
    encoder = fit_encoder(
        Lessons(sentences=sentences, teacher=teacher, labels={"kind": labels}), WordPieces(WORDS), shape=SMALL,
        schooling=Schooling(steps=400, batch=32, rate=3e-3), report=lambda step, loss, net: losses.append(loss),
    )  # fmt: skip
    assert losses[-1] < 0.5 * losses[0]
    vectors = encoder.embed([(*kind, "light") for kind in kinds])
    same = encoder.embed([(*kind, "lamp") for kind in kinds])
    assert (vectors @ same.T).argmax(axis=1).tolist() == [0, 1, 2]
    assert encoder.size == SMALL.size
