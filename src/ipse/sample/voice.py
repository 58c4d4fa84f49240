"""A recording, read: at least three seconds of clean speech, at one loudness.

    bytes --> 16 kHz mono --> silent? clipped? noisy? --> level --> speech --> enough?

Each arrow may refuse, with one sentence that says what to change.
"""

from dataclasses import dataclass
from typing import Final, NoReturn

import numpy as np

from ipse.ground.errors import Refused
from ipse.sample.sound import RATE, Wave, read_sound
from ipse.sample.speech import FRAME, levels, quiet_and_loud, speech_of

MIN_SPEECH_SECONDS: Final = 3.0
"""Speech needed for a template. On segments this short, `ipse evaluate` finds an EER of
0.2 % (LibriSpeech, same session)."""

TARGET_DB: Final = -30.0
"""Level to which a quieter recording is raised. Source: Resemblyzer."""

SILENT_DB: Final = -60.0
"""Loud frames below this are the hiss of a muted microphone."""

MIN_RANGE_DB: Final = 8.0
"""Least distance of the loud frames from the quiet ones. Speech falls by 30 dB and more
between its syllables; with steady noise 8 dB below it, it cannot."""

MIN_KURTOSIS: Final = 2.0
"""Least fourth moment over the squared second. Speech has 6 and more, noise 3, a sine
1.5, and an overdriven voice nears 1, however it was filtered later."""

CLIP_RUN: Final = 3
"""Successive samples at the very peak that no unclipped voice shows."""
CLIP_PEAK: Final = 0.998
"""Share of the peak from which a sample is at the peak."""
MAX_CLIPPED: Final = 0.002
"""Largest share of samples in such runs."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class VoiceSample:
    """Speech of one person as the encoder wants it. Secret."""

    wave: Wave  # float32[samples] at 16 kHz, pauses cut out

    def __repr__(self) -> str:
        """Show nothing."""
        return "VoiceSample(hidden)"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied out."""
        raise TypeError("a voice sample stays in this process")


def read_voice(data: bytes) -> VoiceSample:
    """Read a recording for enrolment or verification.

    Run by: the owner's device.

    Raises:
        Malformed: no recording, a damaged one, or NaN or infinity in it.
        Refused: silent, clipped, noisy, or less than three seconds of speech.
    """
    wave = read_sound(data)
    require_clean(wave)
    speech = speech_of(at_level(wave))
    seconds = len(speech) / RATE
    if seconds < MIN_SPEECH_SECONDS:
        raise Refused(
            f"voice: {seconds:.1f} seconds of speech, of {MIN_SPEECH_SECONDS:.0f} "
            "needed; speak longer"
        )
    return VoiceSample(speech)


def require_clean(wave: Wave) -> None:
    """Refuse a recording that is empty, silent, clipped or noisy."""
    if len(wave) < FRAME:
        raise Refused("voice: the recording is empty; record at least three seconds")
    quiet, loud = quiet_and_loud(levels(wave))
    if loud < SILENT_DB:
        raise Refused("voice: the recording is silent; switch the microphone on")
    if clipped_share(wave) > MAX_CLIPPED or _kurtosis(wave) < MIN_KURTOSIS:
        raise Refused("voice: the recording is clipped; speak from further away")
    if loud - quiet < MIN_RANGE_DB:
        raise Refused("voice: the recording is noisy; find a quiet room")


def at_level(wave: Wave) -> Wave:
    """Raise a quiet recording to TARGET_DB; leave a loud one as it is."""
    rms = float(np.sqrt(np.mean(wave.astype(np.float64) ** 2)))
    gain = max(1.0, 10 ** (TARGET_DB / 20) / rms)
    return (wave * gain).astype(np.float32)


def clipped_share(wave: Wave) -> float:
    """Share of the samples that lie in runs of CLIP_RUN or more at the peak."""
    height = np.abs(wave)
    at_peak = height >= CLIP_PEAK * height.max()
    run = np.convolve(at_peak, np.ones(CLIP_RUN), "valid") > CLIP_RUN - 1 / 2
    return float(run.sum() / len(wave))


def _kurtosis(wave: Wave) -> float:
    squares = wave.astype(np.float64) ** 2
    return float((squares**2).mean() / squares.mean() ** 2)
