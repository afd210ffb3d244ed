"""Networks on paper: names and shapes, and nothing else is done."""

import subprocess
import sys

import torch

from tenon.text.bert import Bert
from tenon.text.bert_config import BertConfig
from tenon.training.on_paper import on_paper

SMALL = BertConfig(vocab_size=20, d_model=8, n_layers=1, n_heads=2, d_hidden=16, n_positions=10)


def test_a_network_on_paper_has_the_names_and_shapes_of_one_that_is_drawn():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    with on_paper():
        net = Bert(SMALL)
    assert torch.equal(torch.get_rng_state(), before)
    assert {one.device.type for one in net.parameters()} == {"meta"}
    shapes = {name: one.shape for name, one in net.state_dict().items()}
    assert shapes == {name: one.shape for name, one in Bert(SMALL).state_dict().items()}


def test_torch_loads_no_compiler_for_it():
    """In a process of its own: in this one another test may have loaded it."""
    program = (
        "import sys; from tests.training.test_on_paper import SMALL, Bert, on_paper\n"
        "with on_paper(): Bert(SMALL)\n"
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
