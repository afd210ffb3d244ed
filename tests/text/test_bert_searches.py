"""What a search tries of methods that read with an encoder can be fitted, whatever encoder it is."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.datasets import sequences, texts  # noqa: E402
from tests.text.encoders import small_encoder  # noqa: E402

from tenon.catalogue import METHODS, find  # noqa: E402
from tenon.inner.search import RandomSearch, ends, is_ranged  # noqa: E402

OF_TEXTS, KINDS = "binary", ("tagging", "answer")
NAMES = sorted(one.name for one in METHODS if {"checkpoint", "fewest_steps"} <= set(one.params))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Of two layers, with room for 512 tokens, as the smallest that people have."""
    return small_encoder(tmp_path_factory.mktemp("encoder"), n_positions=514)


def tried(space):
    """All at their least, all at their most, and some draws."""
    plain = {name: param.default for name, param in space.items()}
    ranged = {name: ends(param) for name, param in space.items() if not param.choices}
    yield {**plain, **{name: low for name, (low, _) in ranged.items()}}
    yield {**plain, **{name: high for name, (_, high) in ranged.items()}}
    search = RandomSearch(space, 0)
    for _ in range(3):
        yield search.next()


@pytest.mark.parametrize("name", NAMES)
def test_what_a_search_tries_can_be_fitted(name, folder):
    method = find(name)
    kind = next((kind for kind in KINDS if name.endswith(kind.replace("tagging", "tagger"))), OF_TEXTS)
    data, task = texts(kind, n=8) if kind == OF_TEXTS else sequences(kind, n=8)
    space = {name: param for name, param in method.params.items() if is_ranged(param)}
    assert space
    for settings in tried(space):
        given = method.with_defaults({**settings, "checkpoint": str(folder), "fewest_steps": 1})
        method.fit(data, task, params=given, seed=0, budget="quick")
