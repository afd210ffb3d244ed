"""Made sentences whose names can be told from words and neighbours; each a list of tokens with its tags."""

import numpy as np

SPELLED = {"PER": ["Anna", "Bo Li", "Max Roe"], "LOC": ["Rome", "New York", "Old Town"]}
SINGLE = {"PER": ["王芳", "李明", "张伟"], "LOC": ["北京", "上海", "南京路"]}
BEFORE = {"PER": ("said to", "对"), "LOC": ("lives in", "住在")}


def made(n: int, seed: int = 0, chinese: bool = False) -> tuple[list[list[str]], list[list[str]]]:
    """n sentences with one to three entities each."""
    rng, X, y = np.random.default_rng(seed), [], []
    for _ in range(n):
        tokens, tags = [], []
        for _ in range(rng.integers(1, 4)):
            kind = str(rng.choice(["PER", "LOC"]))
            name, lead = str(rng.choice((SINGLE if chinese else SPELLED)[kind])), BEFORE[kind][chinese]
            lead_tokens, name_tokens = (list(part) if chinese else part.split() for part in (lead, name))
            tokens += [*lead_tokens, *name_tokens]
            tags += ["O"] * len(lead_tokens) + [f"B-{kind}", *[f"I-{kind}"] * (len(name_tokens) - 1)]
        X.append(tokens)
        y.append(tags)
    return X, y
