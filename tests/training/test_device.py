"""Networks on a GPU, and where there is none."""

import pytest
import torch
from torch import nn

from tenon.nn.int8 import put_int8
from tenon.training import device
from tenon.training.device import WORTH, fastest, gpu, lent
from tenon.training.recipe import Recipe
from tenon.training.state import State


class Recorder(nn.Module):
    """Remembers where it was moved, since there need be no other device."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.seen = nn.Linear(64, 64), list[torch.device]()

    def to(self, where: torch.device) -> "Recorder":  # type: ignore[override]
        self.seen.append(where)
        return self


@pytest.fixture
def on_meta(monkeypatch: pytest.MonkeyPatch) -> torch.device:
    """The device that stands for a GPU."""
    monkeypatch.setattr(device, "fastest", lambda: torch.device("meta"))
    return torch.device("meta")


def test_without_a_gpu_networks_stay_on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert fastest() == torch.device("cpu")
    assert gpu() == {}
    with lent(nn.Linear(2, 2)) as where:
        assert where == torch.device("cpu")


def test_a_network_comes_back_behind_the_block_and_after_an_error(on_meta: torch.device) -> None:
    net = Recorder()
    with lent(net) as where:
        assert where == on_meta
        assert net.seen == [on_meta]
    assert net.seen == [on_meta, torch.device("cpu")]
    with pytest.raises(ZeroDivisionError), lent(net):
        _ = 1 / 0
    assert net.seen[2:] == [on_meta, torch.device("cpu")]


@pytest.mark.parametrize(("n_rows", "moves"), [(1, False), (WORTH - 1, False), (WORTH, True)])
def test_few_rows_are_not_worth_the_way(on_meta: torch.device, n_rows: int, moves: bool) -> None:
    with lent(Recorder(), n_rows) as where:
        assert (where == on_meta) == moves


def test_a_network_of_8_bits_stays_on_the_processor(on_meta: torch.device) -> None:
    net = Recorder()
    put_int8(net, ["linear"])
    net.register_parameter("offset", nn.Parameter(torch.zeros(1)))
    with lent(net) as where:
        assert where == torch.device("cpu")


def test_auto_is_full_precision_on_the_processor() -> None:
    net = nn.Linear(4, 4)
    with State(net, Recipe(precision="auto")).autocast():
        assert net(torch.ones(1, 4)).dtype == torch.float32


@pytest.mark.gpu
class TestOnGPU:
    @pytest.fixture(autouse=True)
    def _needs_one(self) -> None:
        if not torch.cuda.is_available():
            pytest.skip("no GPU")

    def test_auto_is_bfloat16(self) -> None:
        net = nn.Linear(4, 4).cuda()
        with State(net, Recipe(precision="auto")).autocast():
            assert net(torch.ones(1, 4, device="cuda")).dtype == torch.bfloat16
        assert gpu()["gpu"] == torch.cuda.get_device_name()
