"""Prices and volumes, usual ones and those at which writers break."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["nasty_prices", "nasty_volumes", "prices", "volumes"]


def prices(*, decimals: int = 4, maximum: float = 1e6) -> st.SearchStrategy[float]:
    """Prices above zero, each the float64 nearest to a decimal of at most `decimals` places."""
    unit = 10**decimals
    return st.integers(1, int(maximum * unit)).map(lambda units: units / unit)


def volumes(*, decimals: int = 0, maximum: float = 1e9) -> st.SearchStrategy[float]:
    """Volumes from zero, with at most `decimals` places."""
    unit = 10**decimals
    return st.integers(0, int(maximum * unit)).map(lambda units: units / unit)


def nasty_prices() -> st.SearchStrategy[float]:
    """Prices of which most are usual, and each of these kinds is likely.

    Below a cent, down to 1e-8; more than four decimals, which LEAN keeps and a rounding writer
    loses; 15 significant digits, all that a float64 carries exactly; whole thousands, which
    ``Decimal.normalize`` spells with an exponent; and those where ``int(price * 10000)`` is one
    too low.
    """
    return st.one_of(
        prices(decimals=2, maximum=1000),
        prices(),
        prices(decimals=8, maximum=0.01),
        prices(decimals=6),
        _fifteen_digits(),
        st.sampled_from((1.0, 10.0, 1000.0, 100_000.0)),
        st.sampled_from((1e-8, 1e-5, 0.0001, 0.29, 1.1, 4.35, 8.2, 64.11, 1001.15, 12.34567)),
    )


def nasty_volumes() -> st.SearchStrategy[float]:
    """Volumes of which most are whole, and each of these kinds is likely.

    Zero; fractions down to 1e-8, as of crypto and of fractional shares; more than 32 bits hold;
    and 15 significant digits.
    """
    return st.one_of(
        volumes(maximum=1e6),
        st.just(0.0),
        volumes(decimals=8, maximum=100),
        st.integers(2**31, 10**12).map(float),
        _fifteen_digits(),
        st.sampled_from((1e-8, 0.1, 1e15, 123456.789)),
    )


def _fifteen_digits() -> st.SearchStrategy[float]:
    digits = st.integers(10**14, 10**15 - 1)
    return st.tuples(digits, st.integers(4, 14)).map(lambda pair: pair[0] / 10 ** pair[1])
