"""A voice as a template: Resemblyzer on windows of 1.6 s, averaged.

speech --> mel frames --> windows of 160 frames, one every 0.77 s --> mean --> template
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form
from ipse.sample.sound import Wave
from ipse.sample.voice import VoiceSample
from ipse.template.lstm import VoiceNet
from ipse.template.means import VOICE_MEAN
from ipse.template.mel import HOP, mel_spectrogram
from ipse.template.vector import Template, quantised

WINDOW_FRAMES: Final = 160
STEP_FRAMES: Final = 77
"""1.3 windows a second. Source: Resemblyzer 0.1.4, compute_partial_slices."""

MIN_COVERAGE: Final = 0.75
"""A last window that speech fills by less is left out. Source: as above."""


def embed_voices(
    samples: Sequence[VoiceSample], encoder: VoiceNet
) -> npt.NDArray[np.float64]:
    """Mean embedding over the windows of each recording, float64[samples, 256].

    The windows of all go through the network at once: it is fastest on some dozens.
    """
    cut = [_windows(sample.wave) for sample in samples]
    parts = np.split(
        encoder.forward(np.concatenate(cut)),
        np.cumsum([len(each) for each in cut])[:-1],
    )
    return np.stack([part.mean(axis=0, dtype=np.float64) for part in parts])


def encode_voice(sample: VoiceSample, encoder: VoiceNet) -> Template:
    """Template of a voice. Run by: the owner's device."""
    (embedding,) = embed_voices([sample], encoder)
    return quantised(Form.VOICE, embedding, np.array(VOICE_MEAN))


def window_starts(samples: int) -> list[int]:
    """First frames of the windows over a recording; at least one."""
    frames = -(-(samples + 1) // HOP)
    last = max(1, frames - WINDOW_FRAMES + STEP_FRAMES + 1)
    starts = list(range(0, last, STEP_FRAMES))
    covered = (samples / HOP - starts[-1]) / WINDOW_FRAMES
    if covered < MIN_COVERAGE and len(starts) > 1:
        starts.pop()
    return starts


def _windows(wave: Wave) -> npt.NDArray[np.float32]:
    """Overlapping mel windows, float32[windows, WINDOW_FRAMES, bands]."""
    starts = window_starts(len(wave))
    end = (starts[-1] + WINDOW_FRAMES) * HOP
    frames = mel_spectrogram(np.pad(wave, (0, max(0, end - len(wave)))))
    return np.stack([frames[at : at + WINDOW_FRAMES] for at in starts])
