"""Anchors and equivalences of the feature code: `python -m unittest test_features` in this folder."""

import unittest

import numpy as np

import audio_mix as A
import features as F
import faults
import mix as M


def noise(seconds, seed=1, side=0.4):
    """Pinkish stereo noise with a slow swell."""
    rng = np.random.default_rng(seed)
    n = int(seconds * 44100)
    spec = np.fft.rfft(rng.standard_normal((2, n)))
    f = np.maximum(np.fft.rfftfreq(n, 1 / 44100), 20)
    m, s = np.fft.irfft(spec / np.sqrt(f), n)
    swell = 1 + 0.7 * np.sin(2 * np.pi * 2.1 * np.arange(n) / 44100)
    x = np.stack([m + side * s, m - side * s], axis=1) * swell[:, None]
    return x * 0.1 / np.abs(x).std()


class Anchors(unittest.TestCase):
    def test_sine_level(self):
        """A 0.5 peak sine at 1 kHz on both sides is -9.03 dB mean square, all in band 17."""
        t = np.arange(44100 * 4) / 44100
        x = 0.5 * np.sin(2 * np.pi * 1000 * t)
        fr = F.frames(x, x, 44100)
        mid = fr.long[:, :, 0].mean(axis=0)
        self.assertAlmostEqual(F.db(mid[17]), -9.03, delta=0.02)
        self.assertLess(fr.long[:, :, 1].max(), 1e-20)

    def test_k_weight(self):
        """BS.1770's filter is +0.69 dB near 1 kHz and about +4 dB at 10 kHz."""
        self.assertAlmostEqual(F.k_weight_db(np.array([997.0]))[0], 0.69, delta=0.02)
        self.assertAlmostEqual(F.k_weight_db(np.array([10000.0]))[0], 4.0, delta=0.1)

    def test_level_does_not_matter(self):
        x = noise(7)
        a = F.vector(A.frames_of(x))
        b = F.vector(A.frames_of(x * 0.25))
        keep = np.arange(F.TOTAL) != F.TOTAL - 1
        self.assertLess(np.abs(a - b)[keep].max(), 0.01)
        self.assertAlmostEqual(a[-1] - b[-1], 12.04, delta=0.01)


class Equivalence(unittest.TestCase):
    def test_equaliser_is_a_shift_of_the_tone_row(self):
        x = noise(10)
        clean = F.vector(A.frames_of(x))
        for seed in range(6):
            _, grid = faults.eq_fault(np.random.default_rng(seed))
            real = F.vector(A.frames_of(A.filter_curve(x, grid)))
            shifted = clean[:30] + 10 * np.log10(M.band_gain(grid))
            shifted = F.renormalise(shifted, clean[F.SLICES["width"]])
            self.assertLess(np.abs(shifted - real[:30])[2:].max(), 0.35)
            self.assertLess(np.abs(shifted - real[:30])[2:].mean(), 0.1)
            rest = np.abs(real - clean)[30:180]  # percentiles and widths stay
            self.assertLess(rest.mean(), 0.15)

    def test_level_mapping(self):
        x = noise(10)
        for slope in (0.5, 1.6):
            real = F.vector(A.frames_of(A.dynamics(x, slope)))
            virt = F.vector(M.dynamics_virtual(A.frames_of(x), slope))
            self.assertLess(np.abs(real - virt)[F.SLICES["crest"]].max(), 0.3)
            self.assertLess(np.abs(real - virt)[:180].mean(), 0.2)

    def test_virtual_mix_is_near_the_real_one(self):
        stems = np.stack([noise(12, s, 0.3) for s in range(4)])
        mix = M.draw_mix(np.random.default_rng(3), True)
        real = F.vector(A.frames_of(A.mix_audio(stems, mix)))
        virt = F.vector(M.virtual([A.frames_of(s / np.abs(s).max()) for s in stems], mix))
        self.assertLess(np.abs(real - virt)[3:30].mean(), 0.3)

    def test_correction_undoes_its_fault(self):
        gains = np.zeros(10)
        gains[4] = 3.0
        curve = faults.correction_db(gains, F.CENTRES)
        self.assertGreater(faults.tonal_error(curve), 0.8)
        back = faults.correction_db(-gains, F.CENTRES)
        self.assertLess(faults.tonal_error(curve + back), 1e-9)


if __name__ == "__main__":
    unittest.main()
