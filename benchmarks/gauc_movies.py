"""GAUC on movie ratings: makes the table, compares in time order per user, and checks every GAUC by brute force.

python benchmarks/gauc_movies.py [--rows 20000] [--data ../shared/data]

The table goes to a temporary folder: user, year, age of the movie at the time, one 0/1 column a genre, time stamp, and
`liked`, a rating of 8 or more. The brute force recomputes each method's score from its saved predictions, pair by pair.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import tenon

METHODS = "baseline,naive-bayes,logistic,svm-linear"


def movie_table(folder: Path) -> pd.DataFrame:
    """Return the ratings with what is known of each movie, in time order; `liked` is 1 for a rating of 8 or more."""
    ratings, movies = pd.read_csv(folder / "ratings.csv.gz"), pd.read_csv(folder / "movies.csv.gz")
    genres = movies["genres"].str.get_dummies("|").add_prefix("genre_")
    known = pd.concat([movies[["movie_id", "year"]], genres], axis=1)
    table = ratings.merge(known, on="movie_id", how="left", validate="many_to_one").sort_values("timestamp", kind="stable")
    table["age"] = pd.to_datetime(table["timestamp"], unit="s").dt.year - table["year"]
    table["liked"] = (table["rating"] >= 8).astype(int)
    table["user_id"] = "u" + table["user_id"].astype(str)
    return table.drop(columns=["rating", "movie_id"]).reset_index(drop=True)


def brute_gauc(rows: pd.DataFrame) -> tuple[float, float]:
    """Return sum of n_u AUC_u and sum of n_u over users with both classes; rows: user_id, liked, p."""
    total = mass = 0.0
    for _, of_user in rows.groupby("user_id"):
        high, low = (of_user.loc[of_user["liked"] == label, "p"].to_numpy() for label in (1, 0))
        if len(high) and len(low):
            won = (high[:, None] > low).mean() + 0.5 * (high[:, None] == low).mean()
            total, mass = total + len(of_user) * won, mass + len(of_user)
    return total, mass


def check(result: tenon.Result, table: pd.DataFrame) -> dict[str, float]:
    """Return each method's largest deviation of the board's GAUC from that by brute force."""
    splits = pd.read_parquet(result.folder / "splits.parquet")
    deviations = {}
    for method, row in result.leaderboard.iterrows():
        total = mass = 0.0
        for fold in range(int(splits["fold_0"].max()) + 1):
            predicted = pd.read_parquet(result.folder / "trials" / method / f"0-{fold}" / "predictions.parquet")
            part, weight = brute_gauc(table.loc[predicted.index].assign(p=predicted["p_1"]))
            total, mass = total + part, mass + weight
        deviations[method] = abs(row["score"] - total / mass)
    predicted = pd.read_parquet(result.folder / "final" / "predictions.parquet")
    total, mass = brute_gauc(table.loc[predicted.index].assign(p=predicted["p_1"]))
    return deviations | {"final rows": abs(result.board["final"]["score"] - total / mass)}


def main() -> None:
    """Make the table, compare, print the board and what the brute force says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--rows", type=int, default=0, help="the first rows only; 0 = all")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    table = movie_table(asked.data / "movietweetings_100k")
    table = table.head(asked.rows) if asked.rows else table
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "movies.csv"
        table.to_csv(path, index=False)
        data = tenon.read(path, "liked", time="timestamp", kinds={"user_id": "ignore"})
        result = tenon.compare(data, out=Path(folder) / "run", methods=METHODS, per="user_id", jobs=asked.jobs)
        print(result)
        print("\n".join(result.board["notes"]))
        deviations = check(result, table)
        print(json.dumps({"per": result.board["per"], "largest deviation from brute force": max(deviations.values())}, indent=1))
    assert np.max(list(deviations.values())) < 1e-12, deviations  # the same sums in another order


if __name__ == "__main__":
    main()
