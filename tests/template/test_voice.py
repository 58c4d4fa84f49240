"""A voice's numbers are Resemblyzer's, without Resemblyzer.

The vectors were computed once by Resemblyzer's own weights in two independent
programs: the one under test, and one that reads them as a pickle.
"""

from itertools import pairwise

import numpy as np
import pytest

from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.owner.models import voice_model
from ipse.sample.voice import VoiceSample
from ipse.template.distance import scores
from ipse.template.lstm import VoiceNet
from ipse.template.mel import mel_spectrogram
from ipse.template.voice import embed_voices, encode_voice, window_starts
from ipse_lab.voices import invented_voice

VOICE = VoiceSample(invented_voice(1, 4.0).astype(np.float32))
LARGEST = {62: 0.32561, 248: 0.30519, 67: 0.21140, 113: 0.20271, 61: 0.18300}


def test_a_known_recording_gives_the_known_embedding() -> None:
    (embedding,) = embed_voices([VOICE], voice_model())
    unit = embedding / np.linalg.norm(embedding)
    for place, value in LARGEST.items():
        assert unit[place] == pytest.approx(value, abs=2e-4)


def test_the_network_alone_gives_the_known_numbers() -> None:
    ramp = np.linspace(0, 1, 2 * 160 * 40, dtype=np.float32).reshape(2, 160, 40) ** 4
    out = voice_model().forward(ramp)
    assert out[0, [111, 78, 155]] == pytest.approx(
        [0.23629, 0.17011, 0.16778], abs=1e-4
    )
    assert out[1, [89, 155, 238]] == pytest.approx(
        [0.22257, 0.20994, 0.20786], abs=1e-4
    )


def test_recordings_embedded_together_are_as_if_alone() -> None:
    other = VoiceSample(invented_voice(2, 7.0).astype(np.float32))
    both = embed_voices([VOICE, other], voice_model())
    for one, sample in zip(both, (VOICE, other), strict=True):
        assert np.allclose(one, embed_voices([sample], voice_model())[0], atol=1e-5)


def test_a_tone_is_heard_in_its_own_band_alone() -> None:
    second = np.arange(16_000) / 16_000
    low = mel_spectrogram(np.sin(2 * np.pi * 200 * second).astype(np.float32))
    high = mel_spectrogram(np.sin(2 * np.pi * 6_000 * second).astype(np.float32))
    assert low.shape == (101, 40)
    assert low[50].argmax() == 2
    assert high[50].argmax() == 36
    assert low[50, 10:].max() < 1e-4 * low[50].max()


@pytest.mark.parametrize(
    ("seconds", "windows"), [(1.0, 1), (1.6, 1), (3.0, 3), (3.14, 3), (10.0, 12)]
)
def test_windows_overlap_and_the_last_is_mostly_full(
    seconds: float, windows: int
) -> None:
    starts = window_starts(int(seconds * 16_000))
    assert len(starts) == windows
    assert all(later - former == 77 for former, later in pairwise(starts))


def test_two_recordings_of_one_voice_are_nearer_than_two_voices() -> None:
    halves = (
        invented_voice(3, 8.0).reshape(2, -1),
        invented_voice(4, 8.0).reshape(2, -1),
    )
    rows = np.stack(
        [
            encode_voice(VoiceSample(part.astype(np.float32)), voice_model()).values
            for voice in halves
            for part in voice
        ]
    )
    same = scores(rows, rows)
    assert min(same[0, 1], same[2, 3]) > max(same[0, 2], same[1, 3])


def test_a_template_of_a_voice_is_one() -> None:
    assert encode_voice(VOICE, voice_model()).form is Form.VOICE


def test_a_file_of_another_length_is_named_so() -> None:
    with pytest.raises(Malformed, match="not Resemblyzer's file"):
        VoiceNet(bytes(100))
