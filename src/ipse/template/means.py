"""Public means, a stand-in until they are computed: see `ipse_lab.means`."""

FACE_MEAN = (0.0,) * 128
VOICE_MEAN = (0.0,) * 256
