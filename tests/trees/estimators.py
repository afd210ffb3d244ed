"""One of every tree estimator that takes any table, for tests that all of them have to pass."""

from tenon import trees

ESTIMATORS = [
    trees.ID3Classifier(bins=8),
    trees.C45Classifier(),
    trees.DecisionTreeClassifier(),
    trees.DecisionTreeRegressor(),
    trees.AdaBoostClassifier(5, max_depth=2),
    trees.RandomForestClassifier(5, random_state=0),
    trees.RandomForestRegressor(5, random_state=0),
    trees.GradientBoostingClassifier(5),
    trees.GradientBoostingClassifier(5, order=1, growth="leaf", subsample=0.7, random_state=0),
    trees.GradientBoostingRegressor("quantile", n_estimators=5),
]
