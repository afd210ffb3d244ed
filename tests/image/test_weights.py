"""Weights by path: what fits is taken, a head of other classes is told, anything else is one sentence and changes nothing."""

import pickle
import re
import warnings

import pytest

torch = pytest.importorskip("torch")
from safetensors.torch import save_file  # noqa: E402

from tenon.errors import ModelFileError  # noqa: E402
from tenon.image import GoogLeNet, LeNet, ResNet, load_weights  # noqa: E402

# nothing of what torch says, which counsels to run what is in the file
UNREADABLE = (
    "holds no weights that can be read: it is damaged or cut off, or holds more than tensors, of which nothing is run here. "
    r"Save `net\.state_dict\(\)` alone\.$"
)


def saved(net, path):
    (save_file if path.suffix == ".safetensors" else torch.save)(net.state_dict(), path)
    return path


def narrow(n_classes, seed, **settings):
    torch.manual_seed(seed)
    return ResNet(n_classes, size=16, depth=8, **settings)


def bits(net):
    return {name: x.numpy().tobytes() for name, x in net.state_dict().items()}


@pytest.mark.parametrize("name", ["w.safetensors", "w.pth", "w.pt"])
def test_all_is_taken_from_either_kind_of_file(name, tmp_path):
    theirs, ours = narrow(4, 0), narrow(4, 1)
    assert bits(theirs) != bits(ours)
    assert load_weights(ours, str(saved(theirs, tmp_path / name))) == []
    assert bits(ours) == bits(theirs)


def test_a_head_for_other_classes_keeps_its_values(tmp_path):
    theirs, ours = narrow(4, 0), narrow(3, 1)
    before = bits(ours)
    assert load_weights(ours, saved(theirs, tmp_path / "w.pth")) == ["fc.weight", "fc.bias"]
    assert {name: value for name, value in bits(ours).items() if name.startswith("fc")} == {
        name: before[name] for name in ("fc.weight", "fc.bias")
    }
    assert all(value == bits(theirs)[name] for name, value in bits(ours).items() if not name.startswith("fc"))


def test_auxiliary_heads_may_be_on_one_side_only(tmp_path):
    with_heads, without = GoogLeNet(2, size=16), GoogLeNet(2, size=16, auxiliary=False)
    assert load_weights(without, saved(with_heads, tmp_path / "with.safetensors")) == []
    kept = load_weights(with_heads, saved(without, tmp_path / "without.safetensors"))
    assert {name.split(".")[0] for name in kept} == {"aux1", "aux2"}
    assert "aux1.conv.bn.running_mean" in kept


def test_old_files_do_not_count_batches(tmp_path):
    theirs, ours = narrow(4, 0), narrow(4, 1)
    torch.save({name: x for name, x in theirs.state_dict().items() if "num_batches" not in name}, tmp_path / "old.pth")
    assert load_weights(ours, tmp_path / "old.pth") == []
    assert bits(ours) == bits(theirs)


def test_what_does_not_fit_is_named_and_changes_nothing(tmp_path):
    ours = narrow(4, 0)
    before = bits(ours)
    path = saved(narrow(4, 1, channels=1), tmp_path / "grey.pth")
    with pytest.raises(ModelFileError, match=re.escape(
        f"{path} does not fit this network: conv1.weight is 16x1x3x3 in the file and 16x3x3x3 here. Build it with the depth, "
        "channels and kind of size (up to 64 pixels, or more) that the file is of."
    )):  # fmt: skip
        load_weights(ours, path)
    torch.manual_seed(2)
    path = saved(ResNet(4, size=16, depth=14), tmp_path / "deep.pth")
    with pytest.raises(ModelFileError, match=r"network: layer1\.1\.conv1\.weight is only in the file; .* and 27 more\. Build it"):
        load_weights(ours, path)
    with pytest.raises(ModelFileError, match=r"layer1\.1\.conv1\.weight is missing in the file; "):
        load_weights(ResNet(4, size=16, depth=14), saved(ours, tmp_path / "shallow.pth"))
    assert bits(ours) == before


def test_files_that_are_no_weights_are_told(tmp_path):
    net = LeNet(2, 1, 28)
    with pytest.raises(ModelFileError, match=r"there is no file .*gone\.pth; name one of weights, \.safetensors or \.pth"):
        load_weights(net, tmp_path / "gone.pth")
    for name in ("text.pth", "text.safetensors"):
        (tmp_path / name).write_text("no weights")
        with pytest.raises(ModelFileError, match=rf"{name} {UNREADABLE}"):
            load_weights(net, tmp_path / name)
    for content in ({"epoch": 3, "model": net.state_dict()}, {1: torch.zeros(2)}, torch.zeros(2)):
        torch.save(content, tmp_path / "more.pth")
        with pytest.raises(ModelFileError, match=r"holds something else than tensors by name; save `net\.state_dict\(\)` alone"):
            load_weights(net, tmp_path / "more.pth")


@pytest.mark.parametrize("name", ["w.safetensors", "w.pth"])
def test_a_file_that_ends_in_the_middle_is_told_in_our_words(name, tmp_path):
    path = saved(LeNet(2, 1, 28), tmp_path / name)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ModelFileError, match=rf"{name} {UNREADABLE}"):
        load_weights(LeNet(2, 1, 28), path)


def test_weights_that_are_not_finite_are_refused(tmp_path):
    theirs, ours = narrow(4, 0), narrow(4, 1)
    before = bits(ours)
    with torch.no_grad():
        theirs.layer2[0].conv1.weight[0, 0] = float("nan")
    with pytest.raises(
        ModelFileError,
        match=r"w\.pth holds numbers that are not finite, in layer2\.0\.conv1\.weight first; its training had come to grief",
    ):
        load_weights(ours, saved(theirs, tmp_path / "w.pth"))
    assert bits(ours) == before


def test_a_file_that_would_run_code_is_not_read(tmp_path):
    class Malice:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").write_text, ("ran",))

    torch.save({"fc.weight": Malice()}, tmp_path / "evil.pth")
    with pytest.raises(ModelFileError, match=rf"evil\.pth {UNREADABLE}"):
        load_weights(LeNet(2), tmp_path / "evil.pth")
    assert not (tmp_path / "ran").exists()
    (tmp_path / "plain.pth").write_bytes(pickle.dumps({"fc.weight": Malice()}, protocol=4))  # not by torch, which warns of that
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with pytest.raises(ModelFileError, match=rf"plain\.pth {UNREADABLE}"):
            load_weights(LeNet(2), tmp_path / "plain.pth")
    assert told == []
    assert not (tmp_path / "ran").exists()
