"""Documents in blocks: rows by hand, scores of a judge token by token, what is recalled of many documents, and odd texts."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import small_encoder  # noqa: E402
from tests.text.planted import planted  # noqa: E402

from tenon.long.cogltx_rows import Documents, RecallReader, worth_reading  # noqa: E402
from tenon.long.mem_recall import Recalled  # noqa: E402
from tenon.text import BertForTags, MarkedTokens  # noqa: E402

TEXTS = planted(6, (60, 200), "cue", 0).texts


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    folder = small_encoder(tmp_path_factory.mktemp("encoder"), dropout=0.5, texts=[*TEXTS, *TEXTS, "一二三四五六七八九十。" * 2])
    judge = BertForTags.from_pretrained(folder, 1)
    torch.nn.init.normal_(judge.out.weight)  # far from one half
    return RecallReader(MarkedTokens.from_pretrained(folder), 40, 8, (2,), judge)


def test_a_row_by_hand(reader):
    """Blocks stand in the document's order, each with its mark; what stands in them is where it stands in the text."""
    text = "ba di. fo gu ke. lo mi. nu pa ro se. ti ba."
    document = reader.encoded(text)
    words = [reader.tokens.tokens.words[i] for i in document.ids]
    row = reader.row(document, (2, 0))
    first, third = document.block(0), document.block(2)
    assert [reader.tokens.tokens.words[i] for i in row.ids] == ["[CLS]", *words[first], "[SEP]", *words[third], "[SEP]"]
    assert row.segments.tolist() == [0] * len(row.ids)
    spoken = "".join(text[start:end] for start, end in row.spans)
    assert spoken == "".join("".join(words[block]) for block in (first, third)).replace("##", "")
    assert reader.row(document, ()).ids.tolist() == [reader.tokens.start]
    assert document.sizes.tolist() == [document.block(i).stop - document.block(i).start + 1 for i in range(len(document.ends))]


def test_one_block_is_asked_of_the_others(reader):
    """They keep their order and their tokens, and the block stands before them alone."""
    document = reader.encoded("ba di. fo gu ke. lo mi. nu pa ro se. ti ba.")
    n = len(document.ends)
    blocks = [document.ids[document.block(i)].tolist() for i in range(n)]
    for place in range(n):
        beside = document.beside(place)
        assert beside.question.tolist() == blocks[place]
        assert [beside.ids[beside.block(i)].tolist() for i in range(n - 1)] == blocks[:place] + blocks[place + 1 :]
        assert beside.sizes.tolist() == np.delete(document.sizes, place).tolist()
    assert n > 2


def test_a_block_scores_the_mean_of_its_tokens_in_any_order_of_asking(reader):
    documents = [reader.encoded(text) for text in TEXTS]
    reader.judge.train()  # dropout has to be off all the same
    rows = [(documents[0], (3, 4, 0)), (documents[1], (2,)), (documents[2], (0, 1, 2, 3)), (documents[3], ())]
    found = reader._scores(rows)
    for (document, places), scores in zip(rows, found, strict=True):
        ids = torch.from_numpy(reader.row(document, places).ids)[None]
        with torch.no_grad():
            of_tokens = reader.judge.eval()(ids)[0, :, 0].exp().numpy()  # odds
        at, by_hand = 1, {}
        for place in sorted(places):
            n = document.block(place).stop - document.block(place).start + 1
            odds = of_tokens[at : at + n].mean()
            by_hand[place] = odds / (1 + odds)
            at += n
        np.testing.assert_allclose(scores, [by_hand[place] for place in places], rtol=1e-5)
    assert np.ptp(np.concatenate(found)) > 0.01


def test_many_documents_recall_what_each_recalls_alone(reader):
    documents = [reader.encoded(text) for text in [*TEXTS, "", "ba di."]]
    together = reader.recalled(documents)
    for document, found in zip(documents, together, strict=True):
        [alone] = reader.recalled([document])
        assert found.blocks == alone.blocks
        np.testing.assert_allclose(found.scores, alone.scores, rtol=1e-5)
        assert document.sizes[list(found.blocks)].sum() <= 39
    rows = reader.all_read([*TEXTS, "", "ba di."])
    assert [len(row.ids) for row in rows[-2:]] == [1, 2 + len(documents[-1].ids)]
    assert len(documents[0].ends) > len(together[0].blocks) > 2


def test_what_has_less_than_a_tenth_of_the_best_odds_is_not_read():
    """Odds of 4, 1/4, 1/9, 1 and 0 for certain: a tenth of the best is .4, and all are read where none is sure."""
    found = worth_reading(Recalled((1, 3, 4, 7, 9), np.array([0.8, 0.2, 0.1, 0.5, 0.0])))
    assert found.blocks == (1, 7)
    assert found.scores.tolist() == [0.8, 0.5]
    alike = Recalled((0, 2), np.array([0.04, 0.02]))
    assert worth_reading(alike).blocks == (0, 2)
    assert worth_reading(Recalled((0, 2), np.array([1.0, 0.9]))).blocks == (0,)
    assert worth_reading(Recalled((), np.zeros(0))).blocks == ()


def test_estimations_are_what_the_judge_said_last_of_every_block(reader):
    documents = Documents([reader.encoded(text) for text in TEXTS])
    found = reader.recalled(documents.read, documents)
    for i, recalled in enumerate(found):
        own = documents.estimation[documents.of(i)]
        assert ((own > 0) & (own < 1)).all()
        np.testing.assert_allclose(own[list(recalled.blocks)], recalled.scores, rtol=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10**6,
        "ba" + " ba" * 10**5,
        "ba. " * 10**5,
        "一二三四五六七八九十" * 5_000,
        "ba 一二。 ファイル، ди \u0000 🙂\n" * 2_000,
    ],
    ids=["one word of a million letters", "no punctuation", "a hundred thousand sentences", "one Chinese sentence", "scripts"],
)
def test_odd_documents_are_cut_into_short_blocks_without_a_gap(reader, text):
    document = reader.encoded(text)
    assert document.sizes.max() <= 9
    assert document.ends[-1] == len(document.ids)
    assert (np.diff(document.ends) > 0).all()
