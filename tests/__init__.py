"""Tests, as a package: a dependency of the benchmarks installs one that is called `tests` too."""
