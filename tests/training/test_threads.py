import pytest
import torch

from tenon.errors import SettingsError
from tenon.training.threads import threads


@pytest.mark.parametrize("n", [None, -1, 0])
def test_no_number_leaves_the_threads_of_the_process(n):
    before = torch.get_num_threads()
    with threads(n):
        assert torch.get_num_threads() == before


def test_a_number_holds_in_the_block_alone():
    before = torch.get_num_threads()
    with threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("n", [100_000, "two", 1.5])
def test_what_is_no_number_of_threads(n):
    with pytest.raises(SettingsError, match="n_jobs takes a whole number from -1024 to 1024, or None; got"), threads(n):
        pass
