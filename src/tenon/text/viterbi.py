"""The best path through scores of tags, and perceptron steps towards the right one, compiled.

Viterbi 1967; Collins 2002 ("Discriminative training methods for hidden Markov models", figure 1 and section 2.5, averaged).

Sentences lie one behind another: sentence s has the tokens sentence[s] to sentence[s + 1] - 1, and token t the features
ids[token[t]] to ids[token[t + 1] - 1], all int64. weights (F, K) and moves (K + 1, K) are float64; the last row of moves is for
first tags, and what is forbidden is -inf there.
"""

import numpy as np

from tenon.kernels import compiled


@compiled
def best_path(
    sentence: int, sentences: np.ndarray, token: np.ndarray, ids: np.ndarray, weights: np.ndarray, moves: np.ndarray
) -> np.ndarray:  # fmt: skip
    """Return the tags (T,) int64 of the best path of a sentence of one token or more; of equals the lowest tag, from the end."""
    first, last = sentences[sentence], sentences[sentence + 1]
    n_tokens, n_tags = last - first, moves.shape[1]
    best, came_from = np.empty((n_tokens, n_tags)), np.zeros((n_tokens, n_tags), np.int64)
    for t in range(n_tokens):
        for tag in range(n_tags):
            reached = moves[n_tags, tag]
            if t > 0:
                reached = -np.inf
                for before in range(n_tags):
                    score = best[t - 1, before] + moves[before, tag]
                    if score > reached:
                        reached, came_from[t, tag] = score, before
            best[t, tag] = reached
        for k in range(token[first + t], token[first + t + 1]):
            for tag in range(n_tags):
                best[t, tag] += weights[ids[k], tag]
    path = np.empty(n_tokens, np.int64)
    path[-1] = best[-1].argmax()
    for t in range(n_tokens - 1, 0, -1):
        path[t - 1] = came_from[t, path[t]]
    return path


@compiled
def learn(
    order: np.ndarray, step: int, tags: np.ndarray, sentences: np.ndarray, token: np.ndarray, ids: np.ndarray,
    weights: np.ndarray, weight_sums: np.ndarray, moves: np.ndarray, move_sums: np.ndarray,
) -> int:  # fmt: skip
    """Take a step for each sentence in this order, and return how many tokens got a wrong tag.

    tags : (N,) int64 of all tokens. step : steps taken before. Where the best path is wrong, what is on the right path gains 1
    and what is on the best one loses 1. The sums hold each change times the steps before it: of n steps the weights' mean is
    weights - sums / n (Daumé 2006, section 2.3).
    """
    n_tags, n_wrong = moves.shape[1], 0
    for s in order:
        first = sentences[s]
        path = best_path(s, sentences, token, ids, weights, moves)
        before, right_before = n_tags, n_tags
        for t in range(len(path)):
            said, right = path[t], tags[first + t]
            if said != right:
                n_wrong += 1
                for k in range(token[first + t], token[first + t + 1]):
                    weights[ids[k], right] += 1.0
                    weights[ids[k], said] -= 1.0
                    weight_sums[ids[k], right] += step
                    weight_sums[ids[k], said] -= step
            if said != right or before != right_before:
                moves[right_before, right] += 1.0
                moves[before, said] -= 1.0
                move_sums[right_before, right] += step
                move_sums[before, said] -= step
            before, right_before = said, right
        step += 1
    return n_wrong


@compiled
def best_paths(
    sentences: np.ndarray, token: np.ndarray, ids: np.ndarray, weights: np.ndarray, moves: np.ndarray
) -> np.ndarray:  # fmt: skip
    """Return the tags (N,) int64 of the best paths of all sentences, of which each has one token or more."""
    said = np.empty(len(token) - 1, np.int64)
    for s in range(len(sentences) - 1):
        said[sentences[s] : sentences[s + 1]] = best_path(s, sentences, token, ids, weights, moves)
    return said
