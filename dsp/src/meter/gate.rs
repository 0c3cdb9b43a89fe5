//! Gating over any length of time in fixed memory: a histogram in steps of 0.01 LU that also keeps each bin's energy, so that means are exact
//! and only the place of the gate is rounded.

/// Absolute gate, LUFS (BS.1770-4).
const ABSOLUTE_LUFS: f64 = -70.0;
/// Width of a bin, LU.
const STEP_LU: f64 = 0.01;
/// Bins: up to +30 LUFS.
const BINS: usize = 10_000;

/// The histogram.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    counts: Vec<u64>,
    energy: Vec<f64>,
    count: u64,
    total: f64,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self { counts: vec![0; BINS], energy: vec![0.0; BINS], count: 0, total: 0.0 }
    }

    fn bin(lufs: f64) -> usize {
        (((lufs - ABSOLUTE_LUFS) / STEP_LU).max(0.0) as usize).min(BINS - 1)
    }

    /// Takes a block of mean square `power` and loudness `lufs`, when it passes the absolute gate.
    pub(crate) fn add(&mut self, power: f64, lufs: f64) {
        if lufs < ABSOLUTE_LUFS {
            return;
        }
        let bin = Self::bin(lufs);
        self.counts[bin] += 1;
        self.energy[bin] += power;
        self.count += 1;
        self.total += power;
    }

    /// Loudness of the relative gate, LUFS.
    fn gate_lufs(&self, relative_lu: f64) -> f64 {
        super::lufs(self.total / self.count.max(1) as f64) + relative_lu
    }

    /// Mean power of the blocks over the relative gate; 0 when there are none.
    pub(crate) fn gated_mean(&self, relative_lu: f64) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        let from = Self::bin(self.gate_lufs(relative_lu));
        let count: u64 = self.counts[from..].iter().sum();
        let energy: f64 = self.energy[from..].iter().sum();
        if count == 0 { 0.0 } else { energy / count as f64 }
    }

    /// Distance between two percentiles (0 to 1) of the blocks over the relative gate, LU.
    pub(crate) fn spread(&self, relative_lu: f64, low: f64, high: f64) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        let from = Self::bin(self.gate_lufs(relative_lu));
        let count: u64 = self.counts[from..].iter().sum();
        if count == 0 {
            return 0.0;
        }
        let find = |share: f64| {
            let wanted = ((count - 1) as f64 * share).round() as u64;
            let mut seen = 0;
            for (i, &c) in self.counts[from..].iter().enumerate() {
                seen += c;
                if seen > wanted {
                    return i;
                }
            }
            0
        };
        (find(high) as f64 - find(low) as f64) * STEP_LU
    }

    pub(crate) fn reset(&mut self) {
        self.counts.fill(0);
        self.energy.fill(0.0);
        self.count = 0;
        self.total = 0.0;
    }
}
