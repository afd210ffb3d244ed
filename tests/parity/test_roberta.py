"""A RoBERTa with its byte pairs from a folder that transformers wrote: tokens and outputs, fine-tuned, and written again."""

import json

import numpy as np
import pytest
import tokenizers
import torch
import transformers
from tests.parity.test_bert_tokens import TEXTS
from tests.text.encoders import CLASSES, X

from tenon.errors import ModelFileError
from tenon.text import Bert, BertClassifier, MarkedTokens
from tenon.text.bert_heads import BertForMasked
from tenon.text.pieces import PieceReader
from tenon.text.pretrain import pretrain

MARKS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]  # in the order of roberta-base, whose pad is 1
MORE = {"marks of its own": "a <mask>, b  <mask><s>c</s> <pad><unk> [MASK]", "blanks before": "  the film", "lines": "a\n\nb \n"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Random weights, and parts learnt from the texts themselves; only vocab.json and merges.txt, as the first folders had."""
    folder = tmp_path_factory.mktemp("roberta")
    made = tokenizers.ByteLevelBPETokenizer()
    made.train_from_iterator([*TEXTS.values(), *X], vocab_size=400, min_frequency=2, special_tokens=MARKS, show_progress=False)
    made.save_model(str(folder))
    config = transformers.RobertaConfig(
        vocab_size=made.get_vocab_size(), hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
        max_position_embeddings=66, type_vocab_size=1,
    )  # fmt: skip
    torch.manual_seed(0)
    transformers.RobertaForMaskedLM(config).save_pretrained(folder)
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "RobertaTokenizer"}))
    return folder


def assert_tokens_alike(ours, theirs):
    for text in (TEXTS | MORE).values():
        expected, row = theirs(text, return_offsets_mapping=True), ours.encode(text)
        assert row.ids.tolist() == expected["input_ids"], text
        assert row.spans.tolist() == [list(span) for span in expected["offset_mapping"]], text
        assert not row.segments.any()


@pytest.fixture(params=["vocab.json", "tokenizer.json"])
def layout(request, folder, tmp_path):
    """The folder, and what transformers writes of its tokens."""
    if request.param == "vocab.json":
        return folder
    transformers.AutoTokenizer.from_pretrained(folder).save_pretrained(tmp_path)
    return tmp_path


def test_tokens_and_their_places(folder, layout):
    assert_tokens_alike(MarkedTokens.from_pretrained(layout), transformers.AutoTokenizer.from_pretrained(folder))


def test_pairs(folder):
    theirs, ours = transformers.AutoTokenizer.from_pretrained(folder), MarkedTokens.from_pretrained(folder)
    for text in TEXTS.values():
        for other in ("a", "The film, 好"):
            expected, row = theirs(text, other), ours.encode(text, other)
            assert row.ids.tolist() == expected["input_ids"], (text, other)
            of = [number for number in expected.sequence_ids() if number is not None]
            assert row.segments[~np.isin(row.ids, [0, 2])].tolist() == of, (text, other)


def test_words_that_are_cut_already_are_read_behind_blanks(folder):
    """As transformers reads them, who ask for the blank before the first word, too."""
    theirs = transformers.AutoTokenizer.from_pretrained(folder, add_prefix_space=True)
    words = ["The", "film", "isn't", "好", "film", "👍🏽"]
    [part] = PieceReader(MarkedTokens.from_pretrained(folder), 64).parts(words)
    expected = theirs(words, is_split_into_words=True)
    assert part.row.ids.tolist() == expected["input_ids"]
    assert part.places.tolist() == [expected.word_ids().index(i) for i in range(len(words))]


def test_texts_come_back_from_tokens(folder):
    tokens = MarkedTokens.from_pretrained(folder).tokens
    text = "房间 isn't un-friendly; 20.24$ 👍🏽 — é"
    assert tokens.decode(tokens.encode(text).ids) == text


def test_outputs_of_the_encoder_and_of_masked_tokens(folder):
    """In a batch of unequal lengths, so that places count from behind the padding's id, and padding counts for none."""
    texts = [text for text in TEXTS.values() if text][:6]
    theirs, tokens = transformers.AutoTokenizer.from_pretrained(folder), MarkedTokens.from_pretrained(folder)
    given = theirs(texts, return_tensors="pt", padding=True, truncation=True, max_length=64)
    rows = [torch.from_numpy(tokens.encode(text).ids[:64]) for text in texts]
    ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=tokens.tokens.pad)
    is_real = given["attention_mask"].bool()
    for net, peer, part in (
        (Bert, transformers.RobertaModel, "last_hidden_state"),
        (BertForMasked, transformers.RobertaForMaskedLM, "logits"),
    ):
        expected = peer.from_pretrained(folder, attn_implementation="eager").eval()(**given)[part]
        found = net.from_pretrained(folder)(ids, is_real)
        torch.testing.assert_close(found[is_real][:, :24], expected[is_real][:, :24], rtol=0, atol=1e-5)
        torch.testing.assert_close(found[is_real], expected[is_real], rtol=0, atol=1e-5)


def test_fine_tuned_saved_and_read_by_transformers(folder, tmp_path):
    model = BertClassifier(folder, epochs=8, fewest_steps=0, rate=3e-3, layer_share=1.0, random_state=0, n_jobs=1).fit(X, CLASSES)
    assert np.mean(model.predict(X) == CLASSES) > 0.9
    model.net_.save_pretrained(tmp_path)
    model.tokens_.save_pretrained(tmp_path)
    tokens = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert_tokens_alike(model.tokens_, tokens)
    given = tokens(list(X[:9]), return_tensors="pt", padding=True)
    peer = transformers.RobertaForSequenceClassification.from_pretrained(tmp_path, attn_implementation="eager").eval()
    expected = peer(**given).logits.softmax(dim=1).detach().numpy()
    np.testing.assert_allclose(model.predict_proba(X[:9]), expected, atol=1e-5)


def test_it_goes_on_with_masked_tokens_and_transformers_reads_it(folder, tmp_path):
    """Whole words are masked whole, and no mark is ever read in the place of a token."""
    (tmp_path / "corpus.txt").write_text("\n".join(X), encoding="utf-8")
    settings = {"mlm": {"longest": 32, "epochs": 2, "masks": "words", "rate": 1e-3}}
    found = pretrain(tmp_path / "corpus.txt", tmp_path / "out", "mlm", settings, start=folder)
    assert found.after.nats < found.before.nats
    peer, tokens = (kind.from_pretrained(found.out) for kind in (transformers.AutoModelForMaskedLM, transformers.AutoTokenizer))
    assert_tokens_alike(MarkedTokens.from_pretrained(found.out), tokens)
    ids = torch.from_numpy(MarkedTokens.from_pretrained(found.out).encode(X[0]).ids)[None]
    torch.testing.assert_close(BertForMasked.from_pretrained(found.out)(ids), peer.eval()(ids).logits, rtol=0, atol=1e-5)


def test_a_word_begins_at_its_blank(folder):
    tokens = MarkedTokens.from_pretrained(folder).tokens
    begins = tokens.begins[tokens.encode(" the film the plot").ids]
    words = [tokens.words[i] for i in tokens.encode(" the film the plot").ids]
    assert begins.tolist() == [word.startswith("Ġ") for word in words]
    assert begins.sum() == 4


def test_files_that_do_not_go_together(folder, tmp_path):
    words = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    (tmp_path / "vocab.json").write_text(json.dumps(words), encoding="utf-8")
    with pytest.raises(ModelFileError, match=r"has a vocab\.json and no merges\.txt, which says what its parts are made of"):
        MarkedTokens.from_pretrained(tmp_path)
    (tmp_path / "merges.txt").write_text("#version: 0.2\nno such pair of parts\n", encoding="utf-8")
    with pytest.raises(ModelFileError, match=r"merges\.txt holds .* \(a line is not two parts with a blank between them\)"):
        MarkedTokens.from_pretrained(tmp_path)
    (tmp_path / "merges.txt").write_bytes((folder / "merges.txt").read_bytes())
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "roberta", "vocab_size": len(words), "pad_token_id": 0}))
    with pytest.raises(
        ModelFileError, match=r"pads with token 1, and its network with 0 \(config\.json\); take both from one place"
    ):
        MarkedTokens.from_pretrained(tmp_path)
