"""Where in a recording somebody speaks, by its energy alone.

    level of each 30 ms --> above the threshold? --> smoothed over 240 ms --> widened

The threshold lies between the quietest and the loudest of this recording, so a quiet
room and a noisy one are treated alike. This hears energy, not words: music or a motor
that comes and goes passes. No claim of liveness is made of it.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.sample.sound import RATE, Wave

FRAME: Final = RATE * 30 // 1000
"""Samples in one frame, 30 ms. Source: Resemblyzer's own detector."""
SMOOTHING: Final = 8
"""Frames over which the decision is averaged. Source: as above."""
WIDENING: Final = 6
"""Frames of silence that stay beside speech, both sides together. Source: as above."""

RANGE_DB: Final = 30.0
"""Speech at most this far below the loud frames counts: unstressed syllables do,
breath and room do not."""
FLOOR_DB: Final = -100.0
"""Level given to perfect silence, relative to full scale."""


def levels(wave: Wave) -> npt.NDArray[np.float64]:
    """Level of each whole frame, in dB relative to full scale."""
    frames = wave[: len(wave) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    power = (frames**2).mean(axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10))))


def quiet_and_loud(level: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The 5th and the 95th percentile of the levels, in dB."""
    quiet, loud = np.percentile(level, [5, 95])
    return float(quiet), float(loud)


def speech_of(wave: Wave) -> Wave:
    """The frames in which somebody speaks, one after another.

    None of a recording that is shorter than what decisions are averaged over.
    """
    level = levels(wave)
    if len(level) < SMOOTHING:
        return wave[:0]
    quiet, loud = quiet_and_loud(level)
    active = level > max(loud - RANGE_DB, (quiet + loud) / 2 - SMOOTHING)
    share = np.convolve(active, np.full(SMOOTHING, 1 / SMOOTHING), "same")
    spoken = np.convolve(share >= 1 / 2, np.ones(WIDENING + 1), "same") > 0
    return wave[: len(level) * FRAME].reshape(-1, FRAME)[spoken].ravel()
