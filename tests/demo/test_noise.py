"""The p-value is the chi-square distribution's, and it tells noise from faces."""

import math

import numpy as np
import pytest

from ipse_lab.demo.noise import chi_square_survival, uniformity_p

QUANTILES = {  # NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.4
    (1, 3.841): 0.05,
    (10, 18.307): 0.05,
    (10, 29.588): 0.001,
    (100, 124.342): 0.05,
    (100, 149.449): 0.001,
}


@pytest.mark.parametrize(("point", "tail"), QUANTILES.items())
def test_published_quantiles_are_met(point: tuple[int, float], tail: float) -> None:
    degrees, statistic = point
    assert chi_square_survival(statistic, degrees) == pytest.approx(tail, rel=2e-3)


@pytest.mark.parametrize("x", [0.1, 1.0, 1.9, 2.1, 10.0, 100.0])
def test_two_degrees_are_the_exponential_distribution(x: float) -> None:
    assert chi_square_survival(x, 2) == pytest.approx(math.exp(-x / 2), rel=1e-12)


@pytest.mark.parametrize("x", [0.5, 1.0, 2.0, 4.0, 9.0])
def test_one_degree_is_the_squared_normal(x: float) -> None:
    expected = math.erfc(math.sqrt(x / 2))
    assert chi_square_survival(x, 1) == pytest.approx(expected, rel=1e-12)


def test_p_values_of_noise_are_themselves_uniform() -> None:
    dice = np.random.default_rng(1)
    found = np.array([uniformity_p(dice.bytes(64_000)) for _ in range(400)])
    deviation = np.abs(np.sort(found) - (np.arange(400) + 0.5) / 400).max()
    assert deviation < 1.63 / math.sqrt(400)  # Kolmogorov-Smirnov, 1 %


def test_a_template_is_no_noise() -> None:
    dice = np.random.default_rng(2)
    template = np.rint(dice.normal(0, 10, 32_000)).astype("<i2").tobytes()
    assert uniformity_p(template) < 1e-12


def test_a_field_that_is_too_even_is_no_noise_either() -> None:
    assert uniformity_p(bytes(range(256)) * 250) > 0.999
