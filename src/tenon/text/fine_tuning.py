"""How a network with a BERT in it learns a task (Devlin et al. 2019, appendix A.3; Sun et al. 2019, arXiv:1905.05583)."""

from tenon import ranges
from tenon.text.bert_config import BertConfig
from tenon.training.recipe import Recipe

RECIPE = Recipe(epochs=4, batch_size=32, rate=2e-5, decay=0.01, schedule="linear", warmup=0.1, clip=1.0)


def layer_rates(config: BertConfig, share: float = 0.95) -> tuple[tuple[str, float], ...]:
    """Return `rate_of` of a recipe: each layer learns at `share` of the rate of the one above (Sun et al. 2019, section 5.3.4).

    The top layer learns at the full rate, as the head does, the vectors of tokens below all layers at the least. For networks of
    `tenon.text.bert_heads`, which call it `bert`.
    """
    ranges.number("share", share, 0, 1)
    layers = ((f"bert.encoder.layers.{i}.", share ** (config.n_layers - 1 - i)) for i in range(config.n_layers))
    return (("bert.embedding.", share**config.n_layers), *layers)
