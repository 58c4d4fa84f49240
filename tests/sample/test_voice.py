"""Three seconds of clean speech come out of a recording, or the sentence that helps."""

import io
import pickle

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import Malformed, Refused
from ipse.sample.sound import RATE, read_sound, resampled
from ipse.sample.speech import speech_of
from ipse.sample.voice import VoiceSample, clipped_share, read_voice
from ipse_lab.voices import invented_voice, recorded

VOICE = invented_voice(1, 8.0)
SHORT = {kind: recorded(VOICE[: 7 * RATE // 2], kind=kind) for kind in ("WAV", "FLAC")}
NOISE = np.random.default_rng(2).normal(0, 0.1, 8 * RATE)


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
def test_speech_is_read_from_wav_and_flac(kind: str) -> None:
    speech = read_voice(recorded(VOICE, kind=kind)).wave
    assert speech.dtype == np.float32
    assert 3 * RATE <= len(speech) <= len(VOICE)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
def test_another_rate_gives_the_same_sound(rate: int) -> None:
    time = np.arange(rate) / rate
    tone = 0.3 * np.sin(2 * np.pi * 440 * time)
    wanted = 0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    assert np.abs(resampled(tone, rate) - wanted)[200:-200].max() < 1e-3


def test_both_channels_are_heard() -> None:
    file = io.BytesIO()
    stereo = np.column_stack([VOICE, np.zeros_like(VOICE)])
    soundfile.write(file, stereo, RATE, "FLOAT", format="WAV")
    assert np.allclose(read_sound(file.getvalue()), VOICE / 2, atol=1e-6)


def test_pauses_are_cut_out() -> None:
    pause = np.random.default_rng(3).normal(0, 1e-4, 4 * RATE)
    wave = np.concatenate([pause, VOICE, pause]).astype(np.float32)
    assert 6 * RATE < len(speech_of(wave)) < 9 * RATE


SPOILED = {
    "silent": (np.zeros(5 * RATE), "silent"),
    "hiss of a muted microphone": (NOISE * 1e-3, "silent"),
    "clipped": (np.clip(VOICE * 8, -1, 1), "clipped"),
    "clipped, then made quieter": (np.clip(VOICE * 8, -1, 1) / 3, "clipped"),
    "overdriven, then filtered": (
        np.clip(VOICE * 90, -1, 1) / 3 + NOISE * 0.02,
        "clipped",
    ),
    "noise alone": (NOISE, "noisy"),
    "voice within noise": (VOICE * 0.05 + NOISE, "noisy"),
    "short": (VOICE[: 2 * RATE], "seconds of speech, of 3 needed"),
    "mostly pause": (np.concatenate([VOICE[: 2 * RATE], NOISE * 1e-3]), "speak longer"),
    "a blink": (VOICE[: RATE // 10], "0.0 seconds of speech"),
    "empty": (np.zeros(0), "empty"),
}


@pytest.mark.parametrize(("wave", "mend"), SPOILED.values(), ids=SPOILED)
def test_a_spoiled_recording_is_refused_with_the_reason(
    wave: np.ndarray, mend: str
) -> None:
    with pytest.raises(Refused, match=mend):
        read_voice(recorded(wave))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_are_malformed(bad: float) -> None:
    wave = VOICE.copy()
    wave[100] = bad
    file = io.BytesIO()
    soundfile.write(file, wave, RATE, "FLOAT", format="WAV")
    with pytest.raises(Malformed, match="NaN or infinity"):
        read_voice(file.getvalue())


@pytest.mark.parametrize("data", [b"", b"not a sound", recorded(VOICE)[:20]])
def test_bytes_that_are_no_recording_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed, match="not a WAV or FLAC"):
        read_voice(data)


@given(st.data())
def test_no_damage_gives_anything_but_a_sample_or_an_error(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["WAV", "FLAC"]))
    whole = bytearray(SHORT[kind])
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, min(80, len(whole) - 1)))
        whole[at] = data.draw(st.integers(0, 255))
    try:
        speech = read_voice(bytes(whole)).wave
    except (Malformed, Refused):
        return
    assert len(speech) >= 3 * RATE


def test_other_formats_that_the_library_reads_are_refused() -> None:
    with pytest.raises(Malformed, match="not a WAV or FLAC"):
        read_voice(recorded(VOICE, kind="AIFF"))


def test_a_long_silence_in_a_small_file_is_refused_before_it_is_unfolded() -> None:
    bomb = recorded(np.zeros(3600 * RATE, np.int16), kind="FLAC")
    assert len(bomb) < 1_000_000
    with pytest.raises(Refused, match="longer than 120 seconds"):
        read_voice(bomb)


def test_more_than_two_channels_are_refused_before_they_are_unfolded() -> None:
    with pytest.raises(Refused, match="8 channels"):
        read_voice(recorded(np.zeros((RATE, 8)), kind="FLAC"))


def test_numbers_far_beyond_full_scale_are_malformed() -> None:
    file = io.BytesIO()
    soundfile.write(file, VOICE * 1e30, RATE, "FLOAT", format="WAV")
    with pytest.raises(Malformed, match="louder than full scale"):
        read_voice(file.getvalue())


def test_a_telephone_hears_too_little() -> None:
    with pytest.raises(Refused, match="8000 samples a second"):
        read_voice(recorded(VOICE, 8_000))


def test_clean_speech_is_not_called_clipped() -> None:
    assert clipped_share(VOICE.astype(np.float32)) < 1e-4


def test_a_sample_shows_nothing_and_stays_where_it_is() -> None:
    sample = VoiceSample(np.full(10, 0.77, np.float32))
    assert "77" not in repr(sample)
    with pytest.raises(TypeError, match="stays in this process"):
        pickle.dumps(sample)
