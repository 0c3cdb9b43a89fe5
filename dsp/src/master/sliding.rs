//! The two sliding windows of the limiter: a minimum, and a smooth average that never drifts.

/// Minimum over the last `window` values, amortised constant work.
#[derive(Clone, Debug)]
pub struct SlidingMin {
    /// Rising candidates as (time, value), in a ring.
    ring: Vec<(u64, f64)>,
    head: usize,
    count: usize,
    now: u64,
    window: u64,
}

impl SlidingMin {
    /// Over `window` >= 1 values. Allocates.
    pub fn new(window: usize) -> Self {
        let window = window.max(1);
        Self { ring: vec![(0, 0.0); window + 1], head: 0, count: 0, now: 0, window: window as u64 }
    }

    /// Takes a value; the least of the last `window` ones, counting this.
    #[inline]
    pub fn step(&mut self, value: f64) -> f64 {
        let size = self.ring.len();
        while self.count > 0 {
            let last = wrap(self.head + self.count - 1, size);
            if self.ring[last].1 < value {
                break;
            }
            self.count -= 1;
        }
        let place = wrap(self.head + self.count, size);
        self.ring[place] = (self.now, value);
        self.count += 1;
        if self.ring[self.head].0 + self.window <= self.now {
            self.head = wrap(self.head + 1, size);
            self.count -= 1;
        }
        self.now += 1;
        self.ring[self.head].1
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.head = 0;
        self.count = 0;
        self.now = 0;
    }
}

/// `place` in a ring of `size`, for places under twice the size: a division would cost more than all else here.
#[inline(always)]
fn wrap(place: usize, size: usize) -> usize {
    if place >= size { place - size } else { place }
}

/// One for values as whole numbers.
const ONE: f64 = (1u64 << 40) as f64;

/// Three averages in series over whole numbers, so that sums cannot drift and exactly one stays exactly one.
///
/// Values are from 0 to 1. The output is never above the largest nor, up to 2^-40, below the least of the last [`Self::span`] values.
#[derive(Clone, Debug)]
pub struct SmoothAverage {
    boxes: [Boxcar; 3],
    span: usize,
}

#[derive(Clone, Debug)]
struct Boxcar {
    ring: Vec<i64>,
    at: usize,
    sum: i64,
    /// The sum of ones, and one over the length.
    full: i64,
    share: f64,
}

impl Boxcar {
    fn new(len: usize) -> Self {
        let one = ONE as i64;
        let full = one * len as i64;
        Self { ring: vec![one; len], at: 0, sum: full, full, share: 1.0 / len as f64 }
    }

    #[inline(always)]
    fn step(&mut self, value: i64) -> i64 {
        self.sum += value - self.ring[self.at];
        self.ring[self.at] = value;
        self.at += 1;
        if self.at == self.ring.len() {
            self.at = 0;
        }
        // Exactly one stays exactly one. Otherwise rounded down; the sum has under 53 bits, so the product errs by far less than one part in the length.
        if self.sum == self.full { ONE as i64 } else { (self.sum as f64 * self.share) as i64 }
    }
}

impl SmoothAverage {
    /// A bell-shaped window of at most `span` >= 3 values. Allocates.
    pub fn new(span: usize) -> Self {
        // Three boxes of lengths a, b, c reach over a + b + c - 2 values.
        let total = span.max(3) + 2;
        let (a, b) = (total / 3, total / 3);
        let c = total - a - b;
        Self { boxes: [a, b, c].map(|len| Boxcar::new(len.max(1))), span: total - 2 }
    }

    /// How many values reach into one output.
    pub fn span(&self) -> usize {
        self.span
    }

    /// Takes a value from 0 to 1 and gives the average.
    #[inline(always)]
    pub fn step(&mut self, value: f64) -> f64 {
        let mut whole = (value * ONE) as i64;
        for b in &mut self.boxes {
            whole = b.step(whole);
        }
        whole as f64 / ONE
    }

    /// Filled with ones.
    pub fn reset(&mut self) {
        for b in &mut self.boxes {
            b.ring.fill(ONE as i64);
            b.at = 0;
            b.sum = b.full;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_is_that_of_a_plain_search() {
        let mut rng = continuo_core::Rng::new(3, 0);
        for window in [1, 2, 7, 50] {
            let mut sliding = SlidingMin::new(window);
            let values: Vec<f64> = (0..1_000).map(|_| rng.below(20) as f64).collect();
            for n in 0..values.len() {
                let from = (n + 1).saturating_sub(window);
                let plain = values[from..=n].iter().copied().fold(f64::INFINITY, f64::min);
                assert_eq!(sliding.step(values[n]), plain);
            }
        }
    }

    #[test]
    fn the_average_stays_inside_its_values_and_returns_to_one() {
        let mut average = SmoothAverage::new(31);
        let mut rng = continuo_core::Rng::new(4, 0);
        assert_eq!(average.span(), 31);
        let mut seen: Vec<f64> = vec![1.0; 31];
        for _ in 0..5_000 {
            seen.push(rng.uniform());
            let y = average.step(seen[seen.len() - 1]);
            let recent = &seen[seen.len() - 31..];
            let (low, high) = recent.iter().fold((1.0f64, 0.0f64), |(l, h), &v| (l.min(v), h.max(v)));
            assert!(y <= high && y >= low - 1e-10);
        }
        let last = (0..31).map(|_| average.step(1.0)).last();
        assert_eq!(last, Some(1.0));
    }
}
