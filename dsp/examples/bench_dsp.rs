//! How many times faster than real time the processors run on this machine: `cargo run --release -p continuo-dsp --example bench_dsp`.

use continuo_core::mastering::MasterSettings;
use continuo_core::units::{Frames, SampleRate};
use continuo_core::{Part, Rng};
use continuo_dsp::{Ensemble, Instrument, MasterChain, StereoMut};
use std::io::Write as _;
use std::time::Instant;

/// A stopwatch for processor time where the system tells it (Linux), so that other work on the machine does not count; else for wall time.
struct Clock {
    wall: Instant,
    cpu: Option<f64>,
}

impl Clock {
    fn start() -> Self {
        Self { cpu: cpu_seconds(), wall: Instant::now() }
    }

    fn seconds(&self) -> f64 {
        match (self.cpu, cpu_seconds()) {
            (Some(from), Some(to)) => to - from,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}

fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split_whitespace().next()?.parse::<f64>().ok()? * 1e-9)
}

const RATE: f64 = 44_100.0;
const SECONDS: f64 = 10.0;

/// The 99th percentile.
fn high_end(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() * 99 / 100).copied().unwrap_or(0.0)
}

fn full() -> MasterSettings {
    let mut s = MasterSettings { highpass_hz: 25.0, saturation_db: 3.0, drive_db: 6.0, ..Default::default() };
    for band in &mut s.eq {
        band.gain_db = 2.0;
    }
    for band in &mut s.dynamics {
        band.ratio = 2.0;
        band.threshold_db = -24.0;
    }
    s.width = [0.8, 1.1, 1.1, 1.2];
    s
}

/// Single stages, the others at rest.
fn alone() -> [(&'static str, MasterSettings); 6] {
    let (rest, full) = (MasterSettings { limiter_on: false, ..Default::default() }, full());
    [
        ("nothing on", rest),
        ("limiter alone", MasterSettings { drive_db: full.drive_db, ..Default::default() }),
        ("EQ alone", MasterSettings { eq: full.eq, ..rest }),
        ("dynamics and width alone", MasterSettings { dynamics: full.dynamics, width: full.width, ..rest }),
        ("saturation alone", MasterSettings { saturation_db: full.saturation_db, ..rest }),
        ("every stage on", full),
    ]
}

fn main() -> std::io::Result<()> {
    let rate = SampleRate::new(RATE).ok_or_else(|| std::io::Error::other("no such rate"))?;
    let mut out = std::io::stdout().lock();
    let frames = (RATE * SECONDS) as usize;
    let mut rng = Rng::new(1, 0);
    let noise: Vec<f32> = (0..frames).map(|_| rng.range(-0.5, 0.5) as f32).collect();
    for (name, settings) in alone() {
        for block in [64usize, 512] {
            let mut chain = MasterChain::new(rate, Frames(block as u64));
            chain.set(&settings);
            let (mut left, mut right) = (noise.clone(), noise.clone());
            let begin = Clock::start();
            for (l, r) in left.chunks_mut(block).zip(right.chunks_mut(block)) {
                chain.process(l, r);
            }
            let times = SECONDS / begin.seconds();
            // Once more, for the single blocks; wall time, since only it is fine enough.
            let mut blocks: Vec<f64> = Vec::with_capacity(frames / block + 1);
            for (l, r) in left.chunks_mut(block).zip(right.chunks_mut(block)) {
                let at = Instant::now();
                chain.process(l, r);
                blocks.push(at.elapsed().as_secs_f64() / (l.len() as f64 / RATE));
            }
            let slow = high_end(&mut blocks);
            writeln!(
                out,
                "chain, {name}, {block}-sample blocks: {times:.0} x real time, 99 % of blocks under {:.1} % of their time",
                slow * 100.0
            )?;
        }
    }
    for part in Part::ALL {
        let mut instrument = Instrument::new(part, rate, Frames(512));
        let notes: u8 = if part == Part::Bass { 1 } else { 8 };
        let low = *part.range().start() + 4;
        let (mut left, mut right) = (vec![0.0f32; 512], vec![0.0f32; 512]);
        let begin = Clock::start();
        for block in 0..frames / 512 {
            // Eight notes (one for the bass) four times a second.
            if block % 21 == 0 {
                for i in 0..notes {
                    instrument.note_off(low + 3 * i, Frames(0));
                    instrument.note_on(low + 3 * i, 100, Frames(u64::from(i)));
                }
            }
            left.fill(0.0);
            right.fill(0.0);
            instrument.render(&mut left, &mut right);
        }
        writeln!(out, "{part}, {notes} notes: {:.0} x real time", SECONDS / begin.seconds())?;
    }
    let mut ensemble = Ensemble::new(rate, Frames(64));
    let mut buffers = vec![vec![0.0f32; 64]; 10];
    let mut blocks = Vec::with_capacity(frames / 64 + 1);
    let begin = Clock::start();
    for block in 0..frames / 64 {
        if block % 172 == 0 {
            for part in Part::ALL {
                let low = *part.range().start() + 8;
                for i in 0..if part == Part::Bass { 1 } else { 4 } {
                    ensemble.instrument(part).note_off(low + 4 * i, Frames(0));
                    ensemble.instrument(part).note_on(low + 4 * i, 100, Frames(u64::from(i)));
                }
            }
        }
        let at = Instant::now();
        let [a, b, c, d, e, f, g, h, l, r] = &mut buffers[..] else {
            return Ok(());
        };
        let mut parts = [(a, b), (c, d), (e, f), (g, h)].map(|(left, right)| StereoMut { left, right });
        ensemble.render(&mut parts, l, r);
        blocks.push(at.elapsed().as_secs_f64() / (64.0 / RATE));
    }
    let times = SECONDS / begin.seconds();
    let slow = high_end(&mut blocks);
    writeln!(
        out,
        "four parts with mixer and room, 64-sample blocks: {times:.0} x real time, 99 % of blocks under {:.1} % of their time",
        slow * 100.0
    )
}
