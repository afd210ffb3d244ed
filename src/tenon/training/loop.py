"""The loop that trains every network: batches, gradients, a step; after each epoch a look at held-out rows and a checkpoint."""

import math
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from tenon.training.checkpoint import read_checkpoint, write_checkpoint
from tenon.training.device import lent
from tenon.training.distillation import distance
from tenon.training.history import History
from tenon.training.memory import give_back, too_large
from tenon.training.noise import noisy, noisy_weights, own_chance
from tenon.training.optimisers import set_rates
from tenon.training.recipe import Recipe
from tenon.training.rows import Rows, batches_of, of_epoch
from tenon.training.schedules import rate_factor
from tenon.training.state import State
from tenon.training.weights import move_average, with_weights
from tenon.watch import SILENT, Watch

Loss = Callable[..., Tensor]  # (what the network returns, targets) -> mean over the rows
Judge = Callable[[float], float]  # what an epoch is judged by, of its held-out loss; the less, the better
TOLD = 200  # times that a training tells its progress; History has every step
GIVE_BACK_EVERY = 3.0  # processor seconds between looks for free memory, which cost some .08 with the next step
SAVE_EVERY = 60.0  # seconds between checkpoints; when they are written changes nothing but what a kill loses


def train(
    net: nn.Module,
    rows: Rows,
    loss: Loss,
    recipe: Recipe,
    *,
    seed: int = 0,
    held_out: Rows | None = None,
    judge: Judge | None = None,
    watch: Watch = SILENT,
    folder: Path | None = None,
) -> History:
    """Train the network in place, on a GPU if there is one, see `tenon.training.device`, and return what happened.

    loss(net(*inputs), targets) : the mean over a batch's rows. held_out : rows that choose the best epoch and stop early, by
    their least loss, or by the least of what `judge` makes of it, called when the network has the epoch's weights.
    folder : of a checkpoint, once training takes longer than SAVE_EVERY; where one of this training lies, it goes on from there,
    on a CPU to the same weights bit for bit.
    Raises SettingsError where the loss is not finite before an epoch is over, or a batch does not fit into memory; RunFolderError
    where the checkpoint is of another training.
    """
    n_steps = math.ceil(len(batches_of(rows, recipe.batch_size, seed, 0)) / recipe.accumulate)
    with own_chance(seed), lent(net):
        state = State(net, recipe)
        if folder:
            read_checkpoint(folder, state, seed, len(rows))
        while state.epoch < recipe.epochs and not state.history.stopped:
            _train_epoch(state, rows, loss, n_steps, seed, watch, folder)
            if not state.history.stopped:
                _end_epoch(state, held_out, loss, judge)
                _tell_epoch(watch, state, n_steps)
                _save(state, seed, len(rows), folder)
        state.finish()
    return state.history


def _train_epoch(state: State, rows: Rows, loss: Loss, n_steps: int, seed: int, watch: Watch, folder: Path | None) -> None:
    """Take the steps of an epoch that are still to be taken; a loss that is no number ends the training."""
    recipe, history = state.recipe, state.history
    state.net.train()
    rows = of_epoch(rows, state.epoch)
    batches = batches_of(rows, recipe.batch_size, seed, state.epoch)
    while state.step < n_steps:
        done = state.epoch * n_steps + state.step
        factor = rate_factor(recipe.schedule, recipe.warmup, done, recipe.epochs * n_steps)
        set_rates(state.optimiser, factor)
        value, norm = _take_step(
            state, rows, batches[state.step * recipe.accumulate : (state.step + 1) * recipe.accumulate], loss
        )
        if not math.isfinite(value) or not (math.isfinite(norm) or state.scaler.is_enabled()):
            state.diverged(value, f"step {state.step + 1} of epoch {state.epoch + 1}")
            watch.note(history.stopped)
            return
        history.loss.append(value)
        history.norm.append(norm)
        history.rate.append(state.optimiser.param_groups[0]["lr"])
        state.step += 1
        _tell_step(watch, done + 1, recipe.epochs * n_steps, history)
        _save(state, seed, len(rows), folder)
        if time.process_time() - state.gave_back >= GIVE_BACK_EVERY:
            give_back()
            state.gave_back = time.process_time()


def _tell_step(watch: Watch, done: int, total: int, history: History) -> None:
    """Tell how far training is, about TOLD times in all."""
    if done % max(1, total // TOLD) == 0:
        watch.progress(done, total, loss=history.loss[-1], norm=history.norm[-1], rate=history.rate[-1])


def _tell_epoch(watch: Watch, state: State, n_steps: int) -> None:
    """Tell the loss of the held-out rows after an epoch, about TOLD times in all."""
    if state.history.held_out and state.epoch % max(1, state.recipe.epochs // TOLD) == 0:
        watch.progress(state.epoch * n_steps, state.recipe.epochs * n_steps, held_out=state.history.held_out[-1])


def _save(state: State, seed: int, n_rows: int, folder: Path | None) -> None:
    """Write a checkpoint where the last one is old."""
    if folder and time.monotonic() - state.saved >= SAVE_EVERY:
        write_checkpoint(folder, state, seed, n_rows)
        state.saved = time.monotonic()


def _take_step(state: State, rows: Rows, batches: list[Tensor], loss: Loss) -> tuple[float, float]:
    """Sum up the gradients of the batches and step; return the mean loss and the length of the gradient."""
    recipe, optimiser, scaler = state.recipe, state.optimiser, state.scaler
    optimiser.zero_grad()
    state.begin_step()
    n, total = sum(map(len, batches)), 0.0
    for ids in batches:
        try:
            total += _backward(len(ids) / n, state, rows, loss, ids)
        except RuntimeError as error:  # of which torch's OutOfMemoryError is one
            raise too_large(error, ids, partial(_backward, 1.0, state, rows, loss)) from error
    scaler.unscale_(optimiser)
    gradients = [parameter.grad for parameter in state.trained if parameter.grad is not None]
    norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))  # get_total_norm, but for its detours
    if recipe.clip:
        nn.utils.clip_grads_with_norm_(state.trained, recipe.clip, norm)
    scaler.step(optimiser)
    scaler.update()
    if state.average is not None:
        done = len(state.history.loss)
        move_average(state.average, state.net, min(recipe.average, (1 + done) / (10 + done)))
    return total, float(norm)


def _backward(share: float, state: State, rows: Rows, loss: Loss, ids: Tensor) -> float:
    """Add the batch's gradient, times its share of the step's rows; return its part of the mean loss, without penalties."""
    recipe = state.recipe
    inputs, targets = rows.batch(ids, state.device)
    with noisy_weights(state.net, recipe.weight_noise):
        with state.autocast():
            inputs = noisy(inputs, recipe.input_noise)
            outputs = state.net(*inputs)
            value = price = loss(outputs, targets)
            if state.teacher is not None:
                price = price + recipe.distil * distance(state.net, state.teacher, inputs, outputs)
        if recipe.l1:
            price = price + recipe.l1 * sum(w.abs().sum() for w in state.trained if w.ndim > 1)
        state.scaler.scale(price * share if share < 1.0 else price).backward()
    return share * value.item()


def _end_epoch(state: State, held_out: Rows | None, loss: Loss, judge: Judge | None) -> None:
    """Judge the epoch's weights, keep them where they are the best, and stop where they have not been for long."""
    if held_out is not None:
        with with_weights(state.net, state.average):
            value = mean_loss(state.net, held_out, loss, state.recipe.batch_size or len(held_out), state.device)
            judged = [judge(value)] if judge else []
        state.judge(value, judged)
    state.epoch, state.step = state.epoch + 1, 0
    state.keep_good()


@torch.no_grad()
def mean_loss(net: nn.Module, rows: Rows, loss: Loss, batch_size: int, device: torch.device) -> float:
    """Return the mean loss over all rows, in evaluation mode."""
    net.eval()
    total = 0.0
    for ids in torch.arange(len(rows)).split(batch_size):
        inputs, targets = rows.batch(ids, device)
        total += len(ids) * loss(net(*inputs), targets).item()
    return total / len(rows)
