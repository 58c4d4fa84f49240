"""Voices of nobody: a buzz through three resonances, in syllables, as WAV or FLAC.

Enough like speech for everything that reads a recording (it has pitch, formants and
pauses), and for nothing that judges accuracy.
"""

import io
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile

from ipse.sample.sound import RATE

Wave = npt.NDArray[np.float64]

SYLLABLE_SECONDS: Final = 0.25
FORMANTS_HZ: Final = ((300, 800), (900, 2200), (2300, 3000))
"""Ranges from which a syllable's three resonances are drawn."""
WIDTH_HZ: Final = 90
PEAK: Final = 0.5


def invented_voice(seed: int, seconds: float = 6.0, rate: int = RATE) -> Wave:
    """Speak nonsense: float64[samples], peak 0.5; the seed is the speaker."""
    dice = np.random.default_rng(seed)
    pitch = dice.uniform(90, 240)
    size = int(SYLLABLE_SECONDS * rate)
    count = int(np.ceil(seconds / SYLLABLE_SECONDS))
    wave = np.concatenate([_syllable(dice, pitch, size, rate) for _ in range(count)])
    wave += dice.normal(0, 1e-4, len(wave))
    sound: Wave = PEAK * wave / np.abs(wave).max()
    return sound[: int(seconds * rate)]


def recorded(wave: Wave, rate: int = RATE, kind: str = "WAV") -> bytes:
    """Write a recording of 16 bits: WAV or FLAC."""
    file = io.BytesIO()
    soundfile.write(file, wave, rate, "PCM_16", format=kind)
    return file.getvalue()


def _syllable(dice: np.random.Generator, pitch: float, size: int, rate: int) -> Wave:
    time = np.arange(size) / rate
    tone = pitch * dice.uniform(0.9, 1.1)
    places = [dice.uniform(low, high) for low, high in FORMANTS_HZ]
    sound = np.zeros(size)
    for harmonic in np.arange(tone, min(rate / 2, 4_000), tone):
        gain = sum(1 / (1 + ((harmonic - place) / WIDTH_HZ) ** 2) for place in places)
        sound += gain * np.sin(2 * np.pi * harmonic * time + dice.uniform(0, 2 * np.pi))
    rise = np.clip(np.sin(np.pi * np.arange(size) / size) * 2 - 1 / 2, 0, 1)
    return sound * rise * dice.uniform(0.5, 1)
