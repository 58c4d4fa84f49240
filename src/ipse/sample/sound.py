"""Recordings: bytes in, one channel of 16,000 numbers a second out.

    bytes --> rate and length, from the header --> allowed? --> mono --> 16 kHz

WAV and FLAC are read. Whether there is speech in it is `ipse.sample.speech`'s concern.
"""

import io
from math import gcd
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile

from ipse.ground.errors import Malformed, Refused

Wave = npt.NDArray[np.float32]
"""float32[samples], full scale from -1 to 1."""

RATE: Final = 16_000
"""Samples a second, as the encoder was taught. Source: Resemblyzer."""

MAX_RATE: Final = 96_000
MAX_SECONDS: Final = 120
"""Longest recording that is unfolded; a FLAC of silence grows a thousandfold."""
MAX_CHANNELS: Final = 2
"""With the two above: 23 million numbers at most, 92 MB."""

MAX_PEAK: Final = 4.0
"""Recordings in floating numbers may go beyond full scale, but not as far as this."""


def read_sound(data: bytes) -> Wave:
    """Unfold a recording to one channel at its own rate, then to RATE.

    Raises:
        Malformed: no WAV or FLAC, damaged, or it holds NaN or infinity.
        Refused: too long, a rate or number of channels out of bounds.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            _require_shape(file)
            wave = file.read(MAX_SECONDS * MAX_RATE, np.float32, always_2d=True)
            rate = int(file.samplerate)
    except soundfile.LibsndfileError:
        raise Malformed(
            "voice: not a WAV or FLAC recording, or a damaged one; record it again"
        ) from None
    if not np.isfinite(wave).all():
        raise Malformed("voice: the recording holds NaN or infinity; record it again")
    if np.abs(wave).max(initial=0) > MAX_PEAK:
        raise Malformed("voice: louder than full scale; record it again")
    return resampled(wave.mean(axis=1, dtype=np.float64), rate)


def resampled(wave: npt.NDArray[np.float64], rate: int) -> Wave:
    """The same sound at RATE, by cutting or padding its spectrum; exact below 8 kHz."""
    if rate == RATE:
        return wave.astype(np.float32)
    shared = gcd(rate, RATE)
    whole = -(-len(wave) // (rate // shared))  # so that both lengths are whole
    length = whole * (RATE // shared)
    spectrum = np.fft.rfft(wave, whole * (rate // shared))[: length // 2 + 1]
    sound = np.fft.irfft(spectrum, length) * (RATE / rate)
    return sound[: len(wave) * RATE // rate].astype(np.float32)


def _require_shape(file: soundfile.SoundFile) -> None:
    if file.format not in {"WAV", "WAVEX", "RF64", "FLAC"}:
        raise Malformed("voice: not a WAV or FLAC recording; save it as one of them")
    if not RATE <= file.samplerate <= MAX_RATE:
        raise Refused(
            f"voice: {file.samplerate} samples a second; record with 16,000 to 96,000"
        )
    if file.frames > MAX_SECONDS * file.samplerate:
        raise Refused(f"voice: longer than {MAX_SECONDS} seconds; give a shorter one")
    if file.channels > MAX_CHANNELS:
        raise Refused(f"voice: {file.channels} channels; record with one or two")
