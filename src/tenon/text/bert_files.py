"""The weights of a BERT as Hugging Face lays them out: model.safetensors under their names, beside config.json.

Read are also names under a prefix, the gamma and beta that norms had in the first files, numbers in half precision, and files
without a pooler or a head.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor, nn

from tenon.errors import ModelFileError
from tenon.files import WEIGHTS, new_file
from tenon.text.bert_config import CONFIG, BertConfig
from tenon.training.weight_files import read_tensors, take

PICKLED = "pytorch_model.bin"
ANCHOR = "embeddings.word_embeddings.weight"  # what stands before it in a file stands before all of the encoder
ENCODER, POOLER = ("embeddings.", "encoder."), "pooler."
PASSED_OVER = "embeddings.position_ids"  # 0, 1, 2 …, which some files keep
ADVICE = "Take both files from one place: config.json does not tell of these weights."
Names = Mapping[str, str]  # of a head's weights: how ours begin -> how theirs do
POOLERS: Mapping[str, Names] = {"big_bird": {"pooler": "pooler", "bert.pooler": "pooler"}}  # elsewhere it is pooler.dense
PARTS = (
    ("attention.local.", "attention."), ("attention.global_query", "attention.self.query_global"),
    ("attention.global_key", "attention.self.key_global"), ("attention.global_value", "attention.self.value_global"),
    ("feed_forward.past.norm", "output.LayerNorm"), ("past.norm", "attention.output.LayerNorm"),
    ("feed_forward.inner", "intermediate.dense"), ("feed_forward.outer", "output.dense"),
    ("attention.out.", "attention.output.dense."), ("attention.query", "attention.self.query"),
    ("attention.key", "attention.self.key"), ("attention.value", "attention.self.value"), ("encoder.layers", "encoder.layer"),
    ("embedding.tokens", "embeddings.word_embeddings"), ("embedding.positions", "embeddings.position_embeddings"),
    ("embedding.segments", "embeddings.token_type_embeddings"), ("embedding.norm", "embeddings.LayerNorm"),
    ("pooler", "pooler.dense"),
)  # fmt: skip


def read_weights(net: nn.Module, folder: Path, names: Names) -> tuple[str, ...]:
    """Give a network the weights in a folder; names : of its head.

    Returns the names of ours that keep the values they have: those of a pooler that the folder lacks, and of a head that it lacks
    or has for other classes. Raises ModelFileError for whatever else does not fit; the network is then as it was.
    """
    ours, theirs = net.state_dict(), _tensors(folder)
    known = {their_name(name, names): name for name in ours}
    read = {name: tensor for name, tensor in theirs.items() if name in known or name.startswith(ENCODER)}

    def may_lack(name: str) -> bool:
        return name not in theirs if name.startswith(POOLER) else not name.startswith(ENCODER)

    kept = take({name: ours[our_name] for name, our_name in known.items()}, read, may_lack, folder / WEIGHTS, ADVICE)
    return tuple(known[name] for name in kept)


def write_weights(net: nn.Module, folder: Path, names: Names, prefix: str) -> None:
    """Write the weights of a network into a folder; prefix : of the encoder's."""
    theirs = {their_name(name, names): tensor for name, tensor in net.state_dict().items()}
    theirs = {f"{prefix}{name}" if name.startswith((*ENCODER, POOLER)) else name: one for name, one in theirs.items()}
    with new_file(folder / WEIGHTS) as path:
        save_file({name: tensor.contiguous() for name, tensor in theirs.items()}, path, metadata={"format": "pt"})


def write_config(folder: Path, config: BertConfig, **more: Any) -> None:
    """Write config.json into a folder; more : what it says beside the settings."""
    with new_file(folder / CONFIG) as path:
        path.write_text(json.dumps({**config.to_json(), **more}, indent=2, sort_keys=True), encoding="utf-8")


def their_name(name: str, names: Names) -> str:
    """Return what Hugging Face calls a weight of ours, without the prefix that the encoder's have beside a head.

    >>> their_name("bert.encoder.layers.0.attention.out.bias", {})
    'encoder.layer.0.attention.output.dense.bias'
    """
    for ours, theirs in names.items():
        if name.startswith(ours):
            return theirs + name[len(ours) :]
    for ours, theirs in PARTS:
        name = name.replace(ours, theirs)
    return name.removeprefix("bert.")


def _tensors(folder: Path) -> dict[str, Tensor]:
    """Return the weights of a folder under the names they have now, the encoder's without a prefix."""
    path = folder / WEIGHTS
    if not path.is_file():
        raise ModelFileError(_lacking(folder))
    found = {_modern(name): tensor for name, tensor in read_tensors(path).items()}
    prefixes = [name.removesuffix(ANCHOR) for name in found if name.endswith(ANCHOR)]
    if len(prefixes) != 1:
        raise ModelFileError(f"{path} holds no weights of one BERT: {len(prefixes) or 'none'} end in {ANCHOR}.")
    found = {name.removeprefix(prefixes[0]): tensor for name, tensor in found.items()}
    found.pop(PASSED_OVER, None)
    return found


def _modern(name: str) -> str:
    if name.endswith("LayerNorm.gamma"):
        return name.removesuffix("gamma") + "weight"
    return name.removesuffix("beta") + "bias" if name.endswith("LayerNorm.beta") else name


def _lacking(folder: Path) -> str:
    if (folder / PICKLED).is_file():
        return (
            f"{folder} has its weights in {PICKLED} alone, a kind of file that can run code when it is read, which is never done "
            f"here. Where you trust it, write {WEIGHTS} from it: AutoModel.from_pretrained(folder).save_pretrained(folder) of "
            "the package transformers does."
        )
    return f"{folder} has no {WEIGHTS}, the weights; copy it there beside {CONFIG}."
