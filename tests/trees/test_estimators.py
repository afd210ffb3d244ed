"""What scikit-learn asks of every estimator; expected to fail is only what its own forests and AdaBoost do not do either."""

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from tenon.trees import (
    AdaBoostClassifier,
    C45Classifier,
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ID3Classifier,
    RandomForestClassifier,
    RandomForestRegressor,
)

DRAWS = "a row of weight 2 is drawn as often as one of weight 1, as in scikit-learn's forests"
CLIPS = "weights are bounded from below, as in scikit-learn's AdaBoost"


def expected_failures(estimator) -> dict[str, str]:
    reason = DRAWS if isinstance(estimator, RandomForestClassifier | RandomForestRegressor) else CLIPS
    if not isinstance(estimator, RandomForestClassifier | RandomForestRegressor | AdaBoostClassifier):
        return {}
    return {f"check_sample_weight_equivalence_on_{kind}_data": reason for kind in ("dense", "sparse")}


ESTIMATORS = [
    ID3Classifier(bins=8),
    C45Classifier(),
    DecisionTreeClassifier(),
    DecisionTreeClassifier(criterion="entropy"),
    DecisionTreeRegressor(),
    DecisionTreeRegressor(criterion="absolute_error"),
    AdaBoostClassifier(n_estimators=5),
    RandomForestClassifier(n_estimators=5),
    RandomForestRegressor(n_estimators=5),
]


def checks():
    for given in ESTIMATORS:
        for estimator, check in estimator_checks_generator(given, legacy=True):
            name = check.func.__name__
            if "array_api" in name:  # runs only where SCIPY_ARRAY_API is set
                continue
            reason = expected_failures(given).get(name)
            mark = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            yield pytest.param(estimator, check, id=f"{given}-{name}", marks=mark)


@pytest.mark.filterwarnings("ignore")  # the checks provoke scikit-learn's own warnings
@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_scikit_learns_checks(estimator, check):
    check(estimator)
