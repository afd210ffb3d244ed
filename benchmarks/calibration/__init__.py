"""What `benchmarks/verdicts.py` is made of: populations, learners, boards, and the table of results."""
