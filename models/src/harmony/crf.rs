//! The chain over beats: the likeliest path, the probability of each chord on each beat, and samples.
//!
//! A linear-chain conditional random field (Lafferty, McCallum, Pereira 2001) with exact inference: Viterbi's path,
//! forward-backward marginals, and forward filtering with backward sampling. All in 64-bit floats in a fixed order, so that
//! the same scores give the same chords everywhere.

/// The scores of a run of beats.
#[derive(Clone, Debug)]
pub struct Chain {
    states: usize,
    /// `[beats][states]`; minus infinity where a state is ruled out.
    emissions: Vec<f64>,
    /// Reward for keeping the chord, on the step into each beat.
    stay: Vec<f64>,
    /// `[classes][from][to]`.
    transitions: Vec<f64>,
    /// Class of the step into each beat.
    classes: Vec<usize>,
}

/// Forward probabilities of a chain at one temperature.
#[derive(Clone, Debug)]
pub struct Filtered {
    /// `[beats][states]`, each row sums to one.
    alpha: Vec<f64>,
    temperature: f64,
}

impl Chain {
    /// A chain from the network's outputs. `emissions` is `[beats][states]`, `stay` `[beats]`, `transitions`
    /// `[classes][states][states]`; every class in `classes` (`[beats]`) must be one of those.
    pub fn new(
        states: usize,
        emissions: &[f32],
        stay: &[f32],
        transitions: &[f32],
        classes: &[usize],
    ) -> Option<Chain> {
        let beats = classes.len();
        let tables = transitions.len() / (states * states).max(1);
        let fits = states > 0
            && emissions.len() == beats * states
            && stay.len() == beats
            && transitions.len() == tables * states * states
            && classes.iter().all(|&c| c < tables);
        let wide = |v: &[f32]| v.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
        fits.then(|| Chain {
            states,
            emissions: wide(emissions),
            stay: wide(stay),
            transitions: wide(transitions),
            classes: classes.to_vec(),
        })
    }

    /// Number of beats.
    pub fn beats(&self) -> usize {
        self.classes.len()
    }

    /// Rules out `state` on `beat`.
    pub fn forbid(&mut self, beat: usize, state: usize) {
        self.emissions[beat * self.states + state] = f64::NEG_INFINITY;
    }

    /// Leaves only `state` possible on `beat`.
    pub fn clamp(&mut self, beat: usize, state: usize) {
        for (s, e) in self.emissions[beat * self.states..][..self.states].iter_mut().enumerate() {
            if s != state {
                *e = f64::NEG_INFINITY;
            } else if !e.is_finite() {
                *e = 0.0;
            }
        }
    }

    /// Adds to the score of `state` on `beat`.
    pub fn favour(&mut self, beat: usize, state: usize, energy: f64) {
        self.emissions[beat * self.states + state] += energy;
    }

    fn step(&self, beat: usize, from: usize, to: usize) -> f64 {
        let energy = self.transitions[(self.classes[beat] * self.states + from) * self.states + to];
        if from == to { energy + self.stay[beat] } else { energy }
    }

    /// The likeliest path (Viterbi 1967); of equal ones the one with lower state numbers.
    pub fn best(&self) -> Vec<usize> {
        let (n, s) = (self.beats(), self.states);
        if n == 0 {
            return Vec::new();
        }
        let mut score = self.emissions[..s].to_vec();
        let mut back = vec![0usize; n * s];
        for t in 1..n {
            let mut next = vec![f64::NEG_INFINITY; s];
            for (to, slot) in next.iter_mut().enumerate() {
                let (mut best, mut from_best) = (f64::NEG_INFINITY, 0);
                for (from, &so_far) in score.iter().enumerate() {
                    let value = so_far + self.step(t, from, to);
                    if value > best {
                        (best, from_best) = (value, from);
                    }
                }
                back[t * s + to] = from_best;
                *slot = best + self.emissions[t * s + to];
            }
            score = next;
        }
        let mut path = vec![first_largest(&score); n];
        for t in (1..n).rev() {
            path[t - 1] = back[t * s + path[t]];
        }
        path
    }

    /// `exp` of every transition energy over the temperature.
    fn matrices(&self, temperature: f64) -> Vec<f64> {
        self.transitions.iter().map(|e| (e / temperature).exp()).collect()
    }

    /// `exp` of a beat's emissions over the temperature, the largest scaled to one.
    fn likelihood(&self, beat: usize, temperature: f64) -> Vec<f64> {
        let row = &self.emissions[beat * self.states..][..self.states];
        let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let top = if top.is_finite() { top } else { 0.0 };
        row.iter().map(|e| ((e - top) / temperature).exp()).collect()
    }

    /// Forward probabilities at a temperature above zero: below one the likely paths become likelier.
    pub fn filter(&self, temperature: f64) -> Filtered {
        let (n, s) = (self.beats(), self.states);
        let matrices = self.matrices(temperature);
        let mut alpha = vec![0.0; n * s];
        for t in 0..n {
            let likelihood = self.likelihood(t, temperature);
            let (past, now) = alpha.split_at_mut(t * s);
            let now = &mut now[..s];
            if t == 0 {
                now.copy_from_slice(&likelihood);
            } else {
                let past = &past[(t - 1) * s..];
                let table = &matrices[self.classes[t] * s * s..][..s * s];
                let extra = (self.stay[t] / temperature).exp() - 1.0;
                for (from, &p) in past.iter().enumerate().filter(|p| *p.1 > 0.0) {
                    let row = &table[from * s..][..s];
                    for (slot, &m) in now.iter_mut().zip(row) {
                        *slot += p * m;
                    }
                    now[from] += p * row[from] * extra;
                }
                for (slot, l) in now.iter_mut().zip(&likelihood) {
                    *slot *= l;
                }
            }
            normalise(now);
        }
        Filtered { alpha, temperature }
    }

    /// The probability of each state on each beat, `[beats][states]`.
    pub fn marginals(&self) -> Vec<f64> {
        let (n, s) = (self.beats(), self.states);
        let mut out = self.filter(1.0).alpha;
        let matrices = self.matrices(1.0);
        let mut beta = vec![1.0; s];
        for t in (0..n).rev() {
            let row = &mut out[t * s..][..s];
            for (p, b) in row.iter_mut().zip(&beta) {
                *p *= b;
            }
            normalise(row);
            let weighted: Vec<f64> = self.likelihood(t, 1.0).iter().zip(&beta).map(|(l, b)| l * b).collect();
            let table = &matrices[self.classes[t] * s * s..][..s * s];
            let extra = self.stay[t].exp() - 1.0;
            for (from, slot) in beta.iter_mut().enumerate() {
                let row = &table[from * s..][..s];
                let sum: f64 = row.iter().zip(&weighted).map(|(m, w)| m * w).sum();
                *slot = sum + row[from] * extra * weighted[from];
            }
            normalise(&mut beta);
        }
        out
    }

    /// A path drawn by its probability at the temperature of `filtered`; `uniform` gives numbers in [0, 1), one per beat,
    /// the last beat first.
    pub fn sample(&self, filtered: &Filtered, mut uniform: impl FnMut() -> f64) -> Vec<usize> {
        let (n, s) = (self.beats(), self.states);
        let mut path = vec![0; n];
        for t in (0..n).rev() {
            let row = &filtered.alpha[t * s..][..s];
            let weights: Vec<f64> = match path.get(t + 1) {
                None => row.to_vec(),
                Some(&next) => row
                    .iter()
                    .enumerate()
                    .map(|(from, p)| p * (self.step(t + 1, from, next) / filtered.temperature).exp())
                    .collect(),
            };
            path[t] = draw(&weights, uniform());
        }
        path
    }
}

fn normalise(row: &mut [f64]) {
    let sum: f64 = row.iter().sum();
    if sum > 0.0 {
        row.iter_mut().for_each(|p| *p /= sum);
    }
}

fn first_largest(row: &[f64]) -> usize {
    row.iter().enumerate().fold(0, |best, (i, v)| if *v > row[best] { i } else { best })
}

/// The index at which the running sum of `weights` passes `uniform` of the total.
fn draw(weights: &[f64], uniform: f64) -> usize {
    let mut left = uniform * weights.iter().sum::<f64>();
    let mut last = 0;
    for (i, &w) in weights.iter().enumerate().filter(|w| *w.1 > 0.0) {
        last = i;
        if left < w {
            break;
        }
        left -= w;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two states, three beats; small enough to count all eight paths.
    fn chain() -> Chain {
        let emissions = [0.5, 0.0, 0.0, 0.3, 0.2, 0.0];
        let transitions = [0.4, -0.1, 0.0, 0.2, 0.1, 0.3, -0.2, 0.0];
        Chain::new(2, &emissions, &[0.0, 0.25, -0.5], &transitions, &[0, 0, 1]).unwrap()
    }

    fn energy(c: &Chain, path: &[usize]) -> f64 {
        let emit: f64 = path.iter().enumerate().map(|(t, &s)| c.emissions[t * 2 + s]).sum();
        emit + (1..path.len()).map(|t| c.step(t, path[t - 1], path[t])).sum::<f64>()
    }

    fn paths() -> impl Iterator<Item = Vec<usize>> {
        (0..8).map(|k| (0..3).map(|t| (k >> t) & 1).collect())
    }

    #[test]
    fn best_path_and_marginals_match_counting() {
        let c = chain();
        let best = paths().max_by(|a, b| energy(&c, a).total_cmp(&energy(&c, b))).unwrap();
        assert_eq!(c.best(), best);
        let z: f64 = paths().map(|p| energy(&c, &p).exp()).sum();
        for t in 0..3 {
            let p: f64 = paths().filter(|p| p[t] == 1).map(|p| energy(&c, &p).exp()).sum::<f64>() / z;
            assert!((c.marginals()[t * 2 + 1] - p).abs() < 1e-12);
        }
    }

    #[test]
    fn samples_follow_the_probabilities() {
        let c = chain();
        let mut rng = continuo_core::Rng::new(5, 0);
        let filtered = c.filter(1.0);
        let z: f64 = paths().map(|p| energy(&c, &p).exp()).sum();
        let drawn: Vec<_> = (0..20_000).map(|_| c.sample(&filtered, || rng.uniform())).collect();
        for path in paths() {
            let share = drawn.iter().filter(|d| **d == path).count() as f64 / drawn.len() as f64;
            assert!((share - energy(&c, &path).exp() / z).abs() < 0.015, "{path:?} {share}");
        }
    }

    #[test]
    fn clamped_beats_never_change() {
        let mut c = chain();
        c.clamp(1, 0);
        c.forbid(2, 0);
        assert_eq!(c.best()[1..], [0, 1]);
        assert!((c.marginals()[2] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        assert!(Chain::new(2, &[0.0; 6], &[0.0; 3], &[0.0; 4], &[0, 0, 1]).is_none());
    }
}
