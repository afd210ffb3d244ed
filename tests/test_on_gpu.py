"""Every network of the catalogue learns on a GPU, lies on the processor behind that, and says the same on both."""

import numpy as np
import pytest

from tenon.method import Method
from tests.test_contract import CASES, figures, fit, made

torch = pytest.importorskip("torch")
from tenon.training import device  # noqa: E402  loads torch

DEEP = [case for case in CASES if case.values[0].needs == "deep"]

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU"),
]


@pytest.mark.parametrize(("method", "data", "kind"), DEEP)
def test_a_network_learns_on_the_gpu_and_says_the_same_there_as_on_the_processor(
    method: Method, data: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, new, task = made(data, kind)
    torch.cuda.reset_peak_memory_stats()
    model = fit(method, train, task)
    assert torch.cuda.max_memory_allocated() > 0
    said = []
    for least in (1, len(new) + 1):  # rows from which they are answered on the GPU
        monkeypatch.setattr(device, "WORTH", least)
        said.append(figures(model, new))
    if kind in ("tagging", "translation", "answer"):
        assert (said[0] == said[1]).mean() >= 0.9  # near ties may fall either way
    else:
        of_convolutions = 10 if data == "images" else 1  # of which a GPU multiplies with 10 bits of mantissa, as PyTorch has it
        np.testing.assert_allclose(said[0], said[1], rtol=1e-3 * of_convolutions, atol=1e-3)
