"""Word vectors beside gensim: files both ways, neighbours, scores, phrases; and, slow, the quality of what is learnt."""

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.models import Word2Vec as TheirWord2Vec
from gensim.models.phrases import Phrases as TheirPhrases
from tests.text.test_word2vec import topics

from tenon.text import Phrases, Word2Vec, WordVectors, evaluate, read_vectors
from tenon.text.pretrain import cut_texts
from tenon.text.vector_files import write_binary, write_text


@pytest.fixture
def vectors() -> WordVectors:
    words = ["the", "\u4e2d\u6587", "caf\u00e9", *(f"w{i}" for i in range(300))]
    return WordVectors(words, np.random.default_rng(0).normal(size=(303, 12)))


@pytest.fixture
def theirs(vectors) -> KeyedVectors:
    keyed = KeyedVectors(12)
    keyed.add_vectors(list(vectors.words), vectors.matrix)
    return keyed


@pytest.mark.mission("F3")
@pytest.mark.parametrize("binary", [True, False])
def test_files_both_ways(tmp_path, vectors, theirs, binary):
    (write_binary if binary else write_text)(vectors, tmp_path / "ours")
    theirs.save_word2vec_format(str(tmp_path / "theirs"), binary=binary, sort_attr=None)
    read_by_them = KeyedVectors.load_word2vec_format(str(tmp_path / "ours"), binary=binary)
    assert read_by_them.index_to_key == list(vectors.words)
    assert read_by_them.vectors.tobytes() == vectors.matrix.tobytes()
    read_by_us = read_vectors(tmp_path / "theirs")
    assert read_by_us.words == vectors.words
    assert read_by_us.matrix.tobytes() == vectors.matrix.tobytes()
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_neighbours_and_analogies(vectors, theirs):
    for ours, their in (
        (vectors.nearest("the", 20), theirs.most_similar("the", topn=20)),
        (vectors.analogy("w1", "w2", "w3", 20), theirs.most_similar(positive=["w2", "w3"], negative=["w1"], topn=20)),
    ):
        assert [word for word, _ in ours] == [word for word, _ in their]
        np.testing.assert_allclose([x for _, x in ours], [x for _, x in their], atol=1e-6)  # float32


def test_scores(tmp_path, vectors, theirs):
    random = np.random.default_rng(1)
    pairs, analogies = tmp_path / "pairs.tsv", tmp_path / "analogies.txt"
    lines = [f"{a}\t{b}\t{s:.2f}" for a, b, s in zip(*random.choice(vectors.words, (2, 80)), random.random(80), strict=True)]
    pairs.write_text("\n".join([*lines, "none\tthe\t3"]) + "\n", encoding="utf-8")
    _, spearman, unknown = theirs.evaluate_word_pairs(str(pairs), case_insensitive=False)
    ours = evaluate(vectors, pairs)
    assert ours.spearman == pytest.approx(spearman[0], abs=1e-9)
    assert 100 * ours.n_unknown / 81 == pytest.approx(unknown)
    questions = [random.choice(vectors.words, 3, replace=False) for _ in range(60)]
    right = [theirs.most_similar(positive=[b, c], negative=[a], topn=1)[0][0] for a, b, c in questions]
    lines = [f"{a} {b} {c} {d if i % 3 else 'w7'}" for i, ((a, b, c), d) in enumerate(zip(questions, right, strict=True))]
    analogies.write_text(": one\n" + "\n".join(lines) + "\nnone a b c\n", encoding="utf-8")
    accuracy, _ = theirs.evaluate_word_analogies(str(analogies), case_insensitive=False)
    assert evaluate(vectors, analogies).accuracy == pytest.approx(accuracy)
    assert 0.6 < accuracy < 0.7


def test_phrases():
    """gensim multiplies by the number of different words and pairs where word2phrase.c, and ours, take that of all words."""
    texts = topics(300)
    their = TheirPhrases(texts, min_count=2, threshold=1e-9, delimiter="_")
    factor = sum(map(len, texts)) / len(their.vocab)
    ours = Phrases(min_count=2, threshold=0).fit(texts).scores_
    found = {tuple(phrase.split("_")): score * factor for phrase, score in their.export_phrases().items()}
    assert ours.keys() == found.keys()
    for pair, score in ours.items():
        assert score == pytest.approx(found[pair])


CORPORA = {
    "English": (("corpus_en_wikitext2", "corpus_en_novels"), "wordsim353.tsv"),
    "Chinese": (("corpus_zh_novels", "corpus_zh_fudan"), "zh_wordsim240.tsv"),
}


@pytest.mark.mission("F3")
@pytest.mark.slow
@pytest.mark.parametrize("is_skipgram", [True, False])
@pytest.mark.parametrize("language", CORPORA)
def test_as_right_as_theirs(tenon_data, language, is_skipgram):
    """Mean of five seeds; .02 is the spread of gensim's own seeds."""
    folders, pairs = CORPORA[language]
    files = [file for folder in folders for file in sorted((tenon_data / folder).glob("*.gz"))]
    texts = [words for file in files for words in cut_texts(file) if words]
    found = []
    for seed in range(5):
        mine = Word2Vec(sg=is_skipgram, random_state=seed).fit(texts).vectors_
        keyed = TheirWord2Vec(texts, vector_size=100, sg=int(is_skipgram), epochs=5, seed=seed, workers=1).wv
        both = mine, WordVectors(keyed.index_to_key, keyed.vectors)
        found.append([evaluate(vectors, tenon_data / "word_similarity" / pairs).spearman for vectors in both])
    mine, peer = np.mean(found, axis=0)
    assert mine > peer - 0.02
