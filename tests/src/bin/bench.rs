//! How long things take: planning a take, and one block of each plugin. Run by `cargo xtask bench`.

#![allow(clippy::print_stdout, reason = "a program that prints a table")]

use anyhow::{Context, Result};
use continuo_core::{BarRange, Controls, MeterMap, Note, Part, Song, Style, TempoMap, Tick, Ticks};
use continuo_plugin::engine::mind::Mind;
use continuo_plugin::resources::Resources;
use continuo_tests::clap::{Bundle, Input, Place};
use continuo_tests::song::{BPM, melody};
use continuo_tests::told;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Takes planned for the median.
const TAKES: usize = 15;
/// Blocks measured per plugin.
const BLOCKS: usize = 20_000;
const RATE: f64 = 48_000.0;
const FRAMES: usize = 64;

fn song() -> Song {
    let note = |(at, len, pitch): (f64, f64, u8)| Note {
        at: Tick::at_quarters(at),
        len: Ticks::quarters(len),
        pitch,
        velocity: 80,
    };
    Song {
        melody: melody().into_iter().map(note).collect(),
        meters: MeterMap::default(),
        tempo: TempoMap::constant(BPM),
        ..Song::default()
    }
}

fn quantile(sorted: &[f64], q: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * q).round() as usize]
}

fn row(name: &str, unit: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    println!(
        "{name:<52} median {:>9.3} {unit}   p99 {:>9.3} {unit}   largest {:>9.3} {unit}",
        quantile(&values, 0.5),
        quantile(&values, 0.99),
        quantile(&values, 1.0),
    );
}

fn planning() -> Result<()> {
    let started = Instant::now();
    let mut mind = Mind::load(&Resources::find()).context("the models do not load")?;
    println!("{:<52}        {:>9.3} s", "loading runtime and models", started.elapsed().as_secs_f64());
    let (song, bars) = (song(), BarRange { from: 0, to: 8 });
    for style in [Style::Pop, Style::Hymn] {
        let mut seconds = Vec::new();
        for seed in 0..TAKES {
            let controls = Controls { style, ..Controls::default() };
            let started = Instant::now();
            let never = AtomicBool::new(false);
            let take = mind.planner.plan(&song, bars, &Part::ALL, controls, seed as u64, &never, &mut |_| {})?;
            anyhow::ensure!(take.phrases.len() == Part::ALL.len(), "four parts");
            seconds.push(started.elapsed().as_secs_f64());
        }
        row(&format!("8 bars, 4 parts, one thread, {style}"), "s", seconds);
    }
    Ok(())
}

fn blocks(bundle: &Bundle, id: &str, ports: usize) -> Result<()> {
    let mut instance = bundle.instance(id)?;
    instance.start(RATE, FRAMES as u32)?;
    let quarter = RATE * 60.0 / BPM;
    let mut input = [vec![0.0f32; FRAMES], vec![0.0; FRAMES]];
    let mut micros = Vec::with_capacity(BLOCKS);
    for block in 0..BLOCKS {
        let from = block * FRAMES;
        for (i, x) in input[0].iter_mut().enumerate() {
            *x = 0.2 * (((from + i) as f32) * 0.05).sin();
        }
        let copy = input[0].clone();
        input[1].copy_from_slice(&copy);
        // Six keys struck over and over: a busy pair of hands.
        let mut events = Vec::new();
        if block % 375 == 0 {
            events.extend([48, 55, 60, 64, 67, 72].map(|key| Input::On(0, key, 0.7)));
        } else if block % 375 == 300 {
            events.extend([48, 55, 60, 64, 67, 72].map(|key| Input::Off(0, key)));
        }
        let place = Place { at: from as f64 / quarter, bpm: BPM, playing: true, meter: (4, 4) };
        let started = Instant::now();
        instance.block(FRAMES, &mut input, ports, &events, place)?;
        micros.push(started.elapsed().as_secs_f64() * 1e6);
    }
    row(&format!("{id}, block of {FRAMES} at 48 kHz (1333 us)"), "us", micros);
    Ok(())
}

fn main() -> Result<()> {
    planning()?;
    let bundle = Bundle::load(&told("CONTINUO_CLAP"))?;
    blocks(&bundle, "org.continuo.continuo", 5)?;
    blocks(&bundle, "org.continuo.master", 1)
}
