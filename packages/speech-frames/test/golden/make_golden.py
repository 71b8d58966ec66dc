"""Writes golden.json: frames as librosa makes them, and samples as scipy's window and the formula give them.

pip install librosa==0.11.0; python3 make_golden.py
"""

import json
from pathlib import Path

import librosa
import numpy as np
import scipy.signal


def sound(count):
    """A chirp and two tones; the same formula stands in the tests."""
    i = np.arange(count, dtype=np.float64)
    return (
        0.4 * np.sin(0.02 * i + 0.00005 * i * i) + 0.2 * np.sin(0.9 * i) + 0.001 * np.sin(2.1 * i)
    ).astype(np.float32)


def log_mel(samples, rate, window, hop, bands, lowest, highest):
    size = 1 << (window - 1).bit_length()
    # librosa puts a short window in the middle of its transform, which leaves magnitudes as they are.
    before = (size - window) // 2
    after = size - window - before
    padded = np.pad(samples.astype(np.float64), (before, after))
    spectrum = librosa.stft(
        padded, n_fft=size, hop_length=hop, win_length=window, window="hann", center=False, dtype=np.complex128
    )
    power = np.abs(spectrum) ** 2
    mel = librosa.filters.mel(
        sr=rate, n_fft=size, n_mels=bands, fmin=lowest, fmax=highest, htk=True, norm=None, dtype=np.float64
    )
    return np.log(np.maximum(mel @ power, 1e-6)).T


def resample(samples, rate, to):
    """The formula of torchaudio.functional.resample with its kaiser_best settings, sum by sum."""
    zeros, rolloff, beta = 64, 0.9475937167399596, 14.769656459379492
    frequency = rolloff * min(rate, to)
    count = -(-len(samples) * to // rate)
    times = np.arange(len(samples))[None, :] / rate - np.arange(count)[:, None] / to
    t = times * frequency
    inside = np.abs(t) < zeros
    window = np.where(inside, np.i0(beta * np.sqrt(np.maximum(0, 1 - (t / zeros) ** 2))) / np.i0(beta), 0)
    return (np.sinc(t) * window * frequency / rate) @ samples.astype(np.float64)


frames = []
for rate, window, hop, bands, lowest, highest, count in [
    (8000, 200, 80, 40, 20, 4000, 1000),
    (16000, 400, 160, 64, 0, 8000, 1300),
    (8000, 256, 128, 23, 100, 3700, 700),
]:
    frames.append(
        {
            "sampleRate": rate,
            "windowMilliseconds": window * 1000 / rate,
            "hopMilliseconds": hop * 1000 / rate,
            "bands": bands,
            "lowestHz": lowest,
            "highestHz": highest,
            "count": count,
            "frames": [[round(v, 6) for v in row] for row in log_mel(sound(count), rate, window, hop, bands, lowest, highest).tolist()],
        }
    )

rates = []
for rate, to, count in [(48000, 8000, 1200), (44100, 16000, 700), (8000, 16000, 300), (11025, 8000, 500)]:
    values = resample(sound(count), rate, to)
    rates.append({"from": rate, "to": to, "count": count, "samples": [round(v, 8) for v in values.tolist()]})

# The formula against another filter, where both pass everything: a tone far below the edge.
tone = np.sin(2 * np.pi * 300 * np.arange(4800) / 48000)
mine, other = resample(tone, 48000, 8000), scipy.signal.resample_poly(tone, 1, 6)
assert np.abs(mine[200:-200] - other[200:-200]).max() < 2e-3

Path(__file__).with_name("golden.json").write_text(json.dumps({"frames": frames, "resampled": rates}, separators=(",", ":")) + "\n")
