"""Judge and reasoner in rounds: what each learns from, and the defects of the official code, none of which may come back."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import small_encoder  # noqa: E402
from tests.text.planted import planted  # noqa: E402

from tenon.long.cogltx_nets import JudgeAndReasoner  # noqa: E402
from tenon.long.cogltx_relevance import given  # noqa: E402
from tenon.long.cogltx_rows import Documents, RecallReader  # noqa: E402
from tenon.long.cogltx_training import Plan, Rounds, relevance_loss  # noqa: E402
from tenon.text import Bert, BertForTags, BertForTexts, MarkedTokens  # noqa: E402
from tenon.training.history import History  # noqa: E402
from tenon.training.losses import cross_entropy  # noqa: E402
from tenon.training.recipe import Recipe  # noqa: E402
from tenon.watch import Watch  # noqa: E402

PLANTED = planted(12, (60, 160), "word", 0)
LABELS = np.unique(PLANTED.classes.astype(str), return_inverse=True)[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_encoder(tmp_path_factory.mktemp("encoder"), dropout=0.5, texts=[*PLANTED.texts, *PLANTED.texts])


def rounds(folder, texts=PLANTED.texts, labels=LABELS, n_rounds=2, does_intervene=True, out=0, heard=None):
    torch.manual_seed(0)
    net = JudgeAndReasoner(BertForTags.from_pretrained(folder, 1), BertForTexts.from_pretrained(folder, 3))
    reader = RecallReader(MarkedTokens.from_pretrained(folder), 40, 8, (1,), net.judge)
    documents = Documents([reader.encoded(text) for text in texts])
    targets = torch.stack([torch.tensor(labels).float(), torch.ones(len(labels))], dim=1)
    recipe = Recipe(epochs=2, batch_size=4, schedule="linear", warmup=0.25)
    plan = Plan(n_rounds, lambda of, n_rows: recipe, does_intervene, seed=3)
    watch = Watch(None if heard is None else heard.append)

    def with_targets(rows):
        return reader.rows([reader.row(documents.read[place], row) for place, row in rows], targets[[place for place, _ in rows]])

    return Rounds(net, reader, documents, with_targets, np.arange(len(texts)) < out, cross_entropy(), plan, watch)


def supervised(folder, **settings):
    made = rounds(folder, does_intervene=False, **settings)
    made.documents.relevance = given(made.documents.read, PLANTED.evidence)
    return made


def test_the_rate_rises_and_falls_in_each_training(folder):
    """Defect 1: stepped once an epoch, the rate stayed where it began. 24 rows by 4 are 6 steps, 12 in all, 3 of them rising."""
    history = supervised(folder).train()
    assert list(history.before) == ["judge, round 1", "round 1", "judge, round 2"]
    expected = [1e-3 * factor for factor in (1 / 3, 2 / 3, 1, *(1 - k / 9 for k in range(9)))]
    for one in (history, *history.before.values()):
        assert one.rate == pytest.approx(expected)


def test_best_scored_blocks_are_the_best_by_fractions(folder):
    """Defect 2: cast to whole numbers, all estimations were 0, and the first blocks came instead of the best."""
    made = rounds(folder)
    place = int(np.argmax([len(document.ends) for document in made.documents.read]))
    document, of = made.documents.read[place], made.documents.of(place)
    n = len(document.ends)
    made.documents.estimation[of] = np.linspace(0.1, 0.9, n)  # the last is the best
    made.documents.relevance[of] = np.arange(n) == 2
    row, room = made._promising(place), 39
    best = [n - 1 - k for k in range(n) if document.sizes[2] + document.sizes[n - 1 - k :].sum() <= room]
    assert row == (2, *sorted(best))
    assert n > len(row) > 2


def test_interventions_of_the_first_round_change_what_the_second_learns(folder, monkeypatch):
    """Defect 3: with two rounds none was ever used. Here the absence of each document's block 1 costs, and nothing else."""
    made, learnt_from = rounds(folder, out=2), []
    monkeypatch.setattr(made, "_losses", lambda asked: [0.0 if 1 in row else 0.5 for _, row in asked])
    monkeypatch.setattr(made, "_judge_learns", lambda known, i: learnt_from.append((i, tuple(known))) or History())
    _, looked_at = made._parted(0)
    made.train()
    assert learnt_from == [(1, tuple(sorted(looked_at)))]
    for place in range(12):
        found = np.flatnonzero(made.documents.is_relevant(place)).tolist()
        assert found == [1] * (place in looked_at)


def test_while_nothing_is_known_interventions_ask_of_documents_that_the_reasoner_did_not_learn_from(folder, monkeypatch):
    """It knows rows by chance by heart, and misses any block of them. Once blocks are recalled, both are all."""
    made, seen = rounds(folder, n_rounds=3, out=2), []
    drawn = made._to_reason
    monkeypatch.setattr(made, "_to_reason", lambda place, *of: seen.append(place) or drawn(place, *of))
    made._reasoner_learns(made._parted(0)[0], 0)
    learners, looked_at = made._parted(0)
    assert set(seen) == set(learners)
    assert sorted([*learners, *looked_at]) == list(range(2, 12))
    assert len(learners) == 5
    assert made._parted(1) != (learners, looked_at)
    assert made._parted(2) == (made.trained, made.trained), "the last round is for the answer"
    made.recalled = dict.fromkeys(range(12), (0,))
    assert made._parted(0) == (made.trained, made.trained)


def test_given_relevance_is_never_changed(folder):
    made = supervised(folder, n_rounds=3)
    before = made.documents.relevance.copy()
    made.train()
    np.testing.assert_array_equal(made.documents.relevance, before)


def test_losses_of_interventions_have_no_chance_in_them(folder):
    """Defect 5: with half of the numbers dropped, both losses were of chance. By hand, each row alone, in evaluation mode."""
    made = rounds(folder)
    rows = [(0, (0, 1, 2)), (0, (0, 2)), (3, ()), (5, (1, 4))]
    made.net.train()
    found = made._losses(rows)
    assert found == made._losses(rows)
    net = made.net.reasoner.eval()
    for (place, row), loss in zip(rows, found, strict=True):
        ids = torch.from_numpy(made.reader.row(made.documents.read[place], row).ids)[None]
        with torch.no_grad():
            expected = -net(ids).log_softmax(dim=1)[0, LABELS[place]]
        assert loss == pytest.approx(expected.item(), rel=1e-5)


def test_costs_are_losses_without_a_block_less_that_with_it(folder, monkeypatch):
    """Defect 4: losses went to the wrong rows. Here each block has a worth, and a row costs what is missing in it."""
    made = rounds(folder)
    worth = {(place, i): [0.0, 0.3, -0.1, 0.1][(place + i) % 4] for place in range(12) for i in range(60)}
    monkeypatch.setattr(made, "_losses", lambda asked: [-sum(worth[place, i] for i in row) for place, row in asked])
    made._intervene(range(12))
    for place, document in enumerate(made.documents.read):
        expected = [[0, 1, -1, 0][(place + i) % 4] for i in range(len(document.ends))]
        assert made.documents.relevance[made.documents.of(place)].tolist() == expected


@pytest.mark.parametrize("relevant", [0, 1], ids=["nothing is relevant", "all blocks are"])
def test_documents_without_blocks_of_one_and_all_relevant(folder, relevant):
    """Defect 6: no block that an intervention may leave out, and documents without any, ended in an error."""
    heard = []
    texts = np.array([*PLANTED.texts[:6], "", "", "amber.", "amber.", "ba.", "di."], object)
    made = rounds(folder, texts=texts, heard=heard)
    made.documents.relevance[:] = relevant
    history = made.train()
    assert np.isfinite(history.loss).all()
    assert len(history.before) == (3 if made.recalled else 1)
    told = [event["text"] for event in heard if event["event"] == "note"]
    assert bool(told) != bool(made.recalled)


def test_estimations_are_of_the_judge_as_it_is_after_its_training(folder):
    """Defect 7: they were left from batches of the training, whose weights are gone, with dropout on."""
    made = supervised(folder, n_rounds=1)
    made.train()
    again = Documents(made.documents.read)
    made.reader.recalled(again.read, again)
    np.testing.assert_array_equal(made.documents.estimation, again.estimation)
    assert (again.estimation > 0).all()


def test_the_reasoner_learns_from_what_is_recalled_and_from_what_is_relevant(folder):
    """Defect 8: it met gold blocks alone while it learnt, and what a judge recalls when it was asked."""
    made = supervised(folder)
    made._recall()
    chance = np.random.default_rng(0)
    for place in range(12):
        relevant = set(np.flatnonzero(made.documents.is_relevant(place)).tolist())
        for epoch in range(4):
            met, taught = made._to_reason(place, epoch, chance)
            assert met == made.recalled[place]
            assert relevant <= set(taught)
            assert (taught == made._promising(place)) or epoch % 2
    assert any(not set(np.flatnonzero(made.documents.is_relevant(place))) <= set(made.recalled[place]) for place in range(12))


def test_nothing_is_learnt_of_the_first_mark_and_each_token_has_its_block(folder):
    """Defect 10: the judge was taught that [CLS] is irrelevant."""
    made = supervised(folder)
    rows = [(0, (0, 1)), (1, made._promising(1))]
    _, targets = made._judged(rows).batch(torch.arange(2), torch.device("cpu"))
    for (place, row), own in zip(rows, targets.tolist(), strict=True):
        sizes, is_relevant = made.documents.read[place].sizes, made.documents.is_relevant(place)
        expected = [-1, *(2 * k + int(is_relevant[i]) for k, i in enumerate(row) for _ in range(sizes[i]))]
        assert own == expected + [-1] * (len(own) - len(expected))


def test_documents_of_which_nothing_is_known_teach_the_judge_nothing(folder, monkeypatch):
    made, seen = supervised(folder, n_rounds=1), []
    made.documents.relevance[made.documents.of(4)] = 0
    monkeypatch.setattr(made, "_to_judge", lambda place, chance: seen.append(place) or ((0,), (1,)))
    made.train()
    assert set(seen) == set(range(12)) - {4}


def test_the_loss_of_blocks_by_hand():
    """Two blocks of tokens with odds 1, 3 and 1/4, 1/4, 1, and one of odds 3 alone, beside padding."""
    logits = torch.tensor([[9.0, 0, math.log(3), -math.log(4), -math.log(4), 0], [9.0, math.log(3), 5, 5, 5, 5]])[..., None]
    targets = torch.tensor([[-1, 1, 1, 2, 2, 2], [-1, 0, -1, -1, -1, -1]])
    odds = [2, 0.5, 3]
    expected = -(math.log(odds[0] / 3) + math.log(1 / (1 + odds[1])) + math.log(1 / (1 + odds[2]))) / 3
    logits.requires_grad_()
    loss = relevance_loss(logits, targets)
    assert loss.item() == pytest.approx(expected, rel=1e-6)
    loss.backward()
    assert logits.grad.isfinite().all()
    assert (logits.grad[..., 0] != 0).equal(targets >= 0)


def test_rows_are_drawn_anew_each_epoch_and_the_same_again(folder):
    drawn = []

    def seen(made):
        history = made.train()
        drawn.append([history.loss, *(one.loss for one in history.before.values())])

    for _ in range(2):
        seen(supervised(folder))
    assert drawn[0] == drawn[1]
    made = supervised(folder)
    first, again, other = ([made._to_judge(0, made._chance(0, epoch)) for _ in range(1)] for epoch in (0, 0, 1))
    assert first == again != other


def test_the_round_that_held_out_rows_judge_best_is_kept(folder, monkeypatch):
    made = supervised(folder, n_rounds=3, out=4)
    losses, weights = {0: 0.5, 1: 0.2, 2: 0.3}, []
    learns = made._reasoner_learns

    def as_told(learners, i):
        history = learns(learners, i)
        history.held_out[:] = [losses[i], 9.0]
        weights.append({name: tensor.clone() for name, tensor in made.net.state_dict().items()})
        return history

    monkeypatch.setattr(made, "_reasoner_learns", as_told)
    history = made.train()
    assert history.held_out == [0.2, 9.0]
    assert "round 2" not in history.before
    for name, tensor in made.net.state_dict().items():
        assert torch.equal(tensor, weights[1][name])
    assert not all(torch.equal(weights[2][name], tensor) for name, tensor in weights[1].items())
    assert isinstance(made.net.judge.bert, Bert)
