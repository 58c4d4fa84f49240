"""Resemblyzer's network in NumPy: three LSTM layers of 256 cells and one linear layer.

With i, f, g, o the four quarters of W x_t + R h_(t-1) + b, for t over the 160 frames:

    c_t = sigmoid(f) c_(t-1) + sigmoid(i) tanh(g),    h_t = sigmoid(o) tanh(c_t)

The embedding is relu(L h_160 + b) of the last layer, at unit length. The weights come
out of `pretrained.pt` of the Resemblyzer wheel. That file is a pickle; it is pinned by
its digest, so every tensor stands at a known place and nothing has to be unpickled.

Source: Wan et al. 2018, "Generalized end-to-end loss for speaker verification";
Resemblyzer 0.1.4, voice_encoder.py (Apache-2.0).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from ipse.ground.errors import Malformed

Floats = npt.NDArray[np.float32]

CELLS: Final = 256
MELS: Final = 40
FILE_BYTES: Final = 17_090_379

_PLACES: Final = {
    "input0": (269_883, (4 * CELLS, MELS)),
    "state0": (433_723, (4 * CELLS, CELLS)),
    "input1": (1_482_299, (4 * CELLS, CELLS)),
    "state1": (2_530_875, (4 * CELLS, CELLS)),
    "input2": (3_579_451, (4 * CELLS, CELLS)),
    "state2": (4_628_027, (4 * CELLS, CELLS)),
    "input_bias0": (5_676_603, (4 * CELLS,)),
    "state_bias0": (5_680_699, (4 * CELLS,)),
    "input_bias1": (5_684_795, (4 * CELLS,)),
    "state_bias1": (5_688_891, (4 * CELLS,)),
    "input_bias2": (5_692_987, (4 * CELLS,)),
    "state_bias2": (5_697_083, (4 * CELLS,)),
    "linear": (7_731, (CELLS, CELLS)),
    "linear_bias": (6_699, (CELLS,)),
}
"""Where each tensor begins in the file, and its shape; float32, little-endian."""


class VoiceNet:
    """The network, from the bytes of its weights."""

    def __init__(self, model: bytes) -> None:
        """Cut the tensors out of the file.

        Raises:
            Malformed: the file has another length than the pinned one.
        """
        if len(model) != FILE_BYTES:
            raise Malformed("voice encoder: not Resemblyzer's file; install it anew")
        tensors = {
            name: np.frombuffer(model, "<f4", int(np.prod(shape)), start).reshape(shape)
            for name, (start, shape) in _PLACES.items()
        }
        self._layers = tuple(
            (
                np.ascontiguousarray(tensors[f"input{layer}"].T),
                np.ascontiguousarray(tensors[f"state{layer}"].T),
                tensors[f"input_bias{layer}"] + tensors[f"state_bias{layer}"],
            )
            for layer in range(3)
        )
        self._linear = np.ascontiguousarray(tensors["linear"].T)
        self._bias = tensors["linear_bias"]

    def forward(self, windows: Floats) -> Floats:
        """Embeddings of windows, all at once.

        Shapes: float32[windows, frames, MELS] gives float32[windows, CELLS], each of
            unit length.
        """
        through: Floats = windows.transpose(1, 0, 2)
        for input_weights, state_weights, bias in self._layers:
            through = _layer(through @ input_weights + bias, state_weights)
        out: Floats = np.maximum(through[-1] @ self._linear + self._bias, 0)
        unit: Floats = out / np.linalg.norm(out, axis=1, keepdims=True)
        return unit


def _layer(gates: Floats, weights: Floats) -> Floats:
    """Run one layer over float32[frames, windows, 4 CELLS], input part included."""
    hidden = np.zeros((gates.shape[1], CELLS), np.float32)
    cell = np.zeros_like(hidden)
    out = np.empty((*gates.shape[:2], CELLS), np.float32)
    for frame, gate in enumerate(gates):
        enter, forget, new, leave = np.split(gate + hidden @ weights, 4, axis=1)
        cell = _sigmoid(forget) * cell + _sigmoid(enter) * np.tanh(new)
        hidden = _sigmoid(leave) * np.tanh(cell)
        out[frame] = hidden
    return out


def _sigmoid(x: Floats) -> Floats:
    half: Floats = np.float32(0.5) * (np.tanh(np.float32(0.5) * x) + np.float32(1))
    return half
