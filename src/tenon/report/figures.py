"""Figures with as many digits as their interval bears.

The rounding rule is that of the Particle Data Group (Review of Particle Physics, introduction, "Rounding"): an error
whose three leading digits lie in 100-354 keeps two digits, in 355-949 one, and 950-999 is rounded up to 1000.
"""

import math
import sys
from collections.abc import Sequence

PLAIN_DIGITS = 3  # significant digits of a figure that has no interval
MOST_DECIMALS = 6  # smaller figures are written as powers of ten
NO_WIDTH = 1e-6  # an interval narrower than this share of its score is the noise of float sums


def decimals(score: float, low: float | None, high: float | None) -> int:
    """Return how many decimals the interval bears; negative where it bears only tens or hundreds.

    Without an interval (None, or of no width) three significant digits are kept.
    """
    half = half_width(score, low, high)
    if not half:
        return PLAIN_DIGITS - 1 - _exponent(score) if score else PLAIN_DIGITS
    exponent = _exponent(half)
    leading = half / 10.0**exponent
    return 1 - exponent if leading < 3.55 else -exponent


def half_width(score: float, low: float | None, high: float | None) -> float:
    """Return half the interval's width; 0 without an interval, or where it is too narrow to be one."""
    if low is None or high is None or not math.isfinite(high - low):
        return 0.0
    half = (high - low) / 2
    return half if half > max(NO_WIDTH * abs(score), sys.float_info.min) else 0.0


def _exponent(number: float) -> int:
    return math.floor(math.log10(abs(number)))


def figure(number: float, n_decimals: int, is_bare: bool) -> str:
    """Return the number with so many decimals; a bare one has no zero before its point (.951)."""
    if n_decimals > MOST_DECIMALS:
        return f"{number:.1e}" if number else "0"
    text = f"{round(number, n_decimals):,.{max(n_decimals, 0)}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    if is_bare and text.lstrip("-").startswith("0."):
        text = text.replace("0.", ".", 1)
    return text


def signed(number: float, n_decimals: int, bare: bool) -> str:
    """Return "+.006" or "−.002"; 0 has no sign."""
    text = figure(abs(number), n_decimals, bare)
    if float(text.replace(",", "")) == 0:
        return text
    return f"{'+' if number > 0 else '−'}{text}"


def is_bare(*numbers: float | None) -> bool:
    """Tell whether all of these lie in [-1, 1], so that the zero before the point says nothing."""
    return all(abs(number) <= 1 for number in numbers if number is not None)


def digits(score: float | None, low: float | None, high: float | None, bare: bool | None = None) -> str:
    """Return ".951 ±.004" or "2.21 ±0.05": the score and half its interval's width, to the digits that it bears.

    `bare` leaves the zero before the point out; None = where all three lie in [-1, 1]. No score gives "".

    >>> digits(0.9513, 0.9471, 0.9553), digits(2.2134, 2.1641, 2.2627)
    ('.951 ±.004', '2.21 ±0.05')
    """
    if score is None:
        return ""
    bare = is_bare(score, low, high) if bare is None else bare
    n_decimals = decimals(score, low, high)
    text, half = figure(score, n_decimals, bare), half_width(score, low, high)
    return f"{text} ±{figure(half, n_decimals, bare)}" if half else text


def span(low: float, high: float, n_decimals: int, bare: bool) -> str:
    """Return "(.936–.957)" or "(−.012–.029)"."""
    return f"({figure(low, n_decimals, bare)}–{figure(high, n_decimals, bare)})".replace("-", "−")


def p_value(p: float) -> str:
    """Return "p .002", "p .14" or "p < .001"."""
    if p < 0.001:
        return "p < .001"
    return f"p {figure(p, 3 if p < 0.01 else 2, is_bare=True)}"


def probability(p: float) -> str:
    """Return a probability with two decimals; "< .01" and "> .99" at the ends."""
    if p < 0.005:
        return "< .01"
    return "> .99" if p > 0.995 else figure(p, 2, is_bare=True)


def rounded_rows(n: int) -> str:
    """Return a number of rows with two significant digits: "14,000"; more than a million million is "1e+15"."""
    if n >= 10**12:
        return f"{n:.0e}"
    size = max(0, len(str(n)) - 2)
    return f"{-(-n // 10**size) * 10**size:,}"


def plain(number: float) -> str:
    """Return .01 or 1.5: a number that somebody chose, with the digits it has."""
    text = f"{number:.3g}"
    return text.replace("0.", ".", 1) if text.startswith("0.") else text


def short(number: float, n_significant: int = PLAIN_DIGITS) -> str:
    """Return a figure without interval to so many digits, whole where it is large: "0.0123", "12.3", "51,234"."""
    return figure(number, max(0, decimals(number, None, None) + n_significant - PLAIN_DIGITS), is_bare=False)


def short_signed(number: float) -> str:
    """Return the same with its sign: "+12.3", "−0.0123"."""
    return signed(number, max(0, decimals(number, None, None)), bare=False)


def aligned(figures: Sequence[str]) -> list[tuple[str, str]]:
    """Return (score, half width) of each of these "score ±half", padded so that the points stand under each other.

    >>> aligned([".951 ±.004", "51,000 ±20,000"])
    [('      .951', '      ±.004'), ('51,000    ', '±20,000    ')]
    """
    halves = [text.partition(" ") for text in figures]
    return list(zip(on_the_point([h[0] for h in halves]), on_the_point([h[2] for h in halves]), strict=True))


def on_the_point(numbers: Sequence[str]) -> list[str]:
    """Return the numbers padded with blanks to one width, so that their points stand under each other."""
    parts = [number.partition(".") for number in numbers]
    before = max((len(whole) for whole, _, _ in parts), default=0)
    after = max((len(point + rest) for _, point, rest in parts), default=0)
    return [f"{whole:>{before}}{(point + rest):<{after}}" for whole, point, rest in parts]
