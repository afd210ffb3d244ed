"""One of every tree estimator that takes any table, for tests that all of them have to pass."""

from tenon.trees import (
    AdaBoostClassifier,
    C45Classifier,
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    ID3Classifier,
    RandomForestClassifier,
    RandomForestRegressor,
)

ESTIMATORS = [
    ID3Classifier(bins=8),
    C45Classifier(),
    DecisionTreeClassifier(),
    DecisionTreeRegressor(),
    AdaBoostClassifier(5, max_depth=2),
    RandomForestClassifier(5, random_state=0),
    RandomForestRegressor(5, random_state=0),
    GradientBoostingClassifier(5),
    GradientBoostingClassifier(5, order=1, growth="leaf", subsample=0.7, random_state=0),
    GradientBoostingRegressor("quantile", n_estimators=5),
]
