//! Flags that several commands share, read into values that have been checked.

use super::{CliError, help::Topic};
use crate::engine::destinations::{self, Destination};
use crate::engine::grid;
use continuo_core::{Chord, Controls, Meter, Part};
use lexopt::{Arg, Parser, ValueExt};
use std::path::PathBuf;
use std::str::FromStr;

/// Most takes of one run.
pub const MAX_TAKES: usize = 16;

/// The flags of `accompany`, which `render` has too.
#[derive(Clone, Debug, PartialEq)]
pub struct SongFlags {
    /// Parts asked for, in the frozen order.
    pub parts: Vec<Part>,
    /// Style, density, adventure.
    pub controls: Controls,
    /// Bars of chords.
    pub grid: Option<Vec<Vec<Option<Chord>>>>,
    /// Tempo instead of the file's.
    pub bpm: Option<f64>,
    /// Metre instead of the file's.
    pub meter: Option<Meter>,
    /// Seed.
    pub seed: u64,
    /// Where the notes go.
    pub midi: Option<PathBuf>,
}

impl Default for SongFlags {
    fn default() -> Self {
        Self {
            parts: Part::ALL.to_vec(),
            controls: Controls::default(),
            grid: None,
            bpm: None,
            meter: None,
            seed: 1,
            midi: None,
        }
    }
}

/// Which moves the user accepts.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Accept {
    /// Every one.
    All,
    /// None.
    #[default]
    None,
    /// Those with these ids.
    Ids(Vec<String>),
}

/// The flags of `master`, which `render` has too.
#[derive(Clone, Debug, PartialEq)]
pub struct MasterFlags {
    /// Where it goes.
    pub destinations: Vec<&'static Destination>,
    /// Which moves.
    pub accept: Accept,
}

impl Default for MasterFlags {
    fn default() -> Self {
        Self { destinations: vec![destinations::default()], accept: Accept::default() }
    }
}

/// The name of a flag, out of the parser's hands so that the parser can give its value.
pub fn name(arg: &Arg<'_>) -> Option<String> {
    match arg {
        Arg::Long(name) => Some((*name).to_owned()),
        Arg::Short(letter) => Some(letter.to_string()),
        Arg::Value(_) => None,
    }
}

/// The error for a flag that the command does not have.
pub fn unknown(flag: &str, topic: Topic) -> CliError {
    let dashes = if flag.chars().count() == 1 { "-" } else { "--" };
    CliError::usage(format!("there is no flag {dashes}{flag} here"), topic)
}

/// The value of a flag as a path.
pub fn path(parser: &mut Parser, topic: Topic) -> Result<PathBuf, CliError> {
    let value = parser.value().map_err(|e| CliError::usage(e, topic))?;
    if value.is_empty() { Err(CliError::usage("a file name is empty", topic)) } else { Ok(value.into()) }
}

/// The value of a flag as text.
pub fn text(parser: &mut Parser, topic: Topic) -> Result<String, CliError> {
    parser.value().and_then(|v| v.string()).map_err(|e| CliError::usage(e, topic))
}

fn parsed<T: FromStr>(parser: &mut Parser, topic: Topic, flag: &str, wanted: &str) -> Result<T, CliError> {
    let value = text(parser, topic)?;
    value.parse().map_err(|_| CliError::usage(format!("--{flag} wants {wanted}, not '{value}'"), topic))
}

/// A number inside bounds.
fn number(parser: &mut Parser, topic: Topic, flag: &str, low: f64, high: f64) -> Result<f64, CliError> {
    let wanted = format!("a number from {low} to {high}");
    let value: f64 = parsed(parser, topic, flag, &wanted)?;
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(CliError::usage(format!("--{flag} wants {wanted}, not {value}"), topic))
    }
}

/// A whole number of takes.
pub fn takes(parser: &mut Parser, topic: Topic) -> Result<usize, CliError> {
    let wanted = format!("a whole number from 1 to {MAX_TAKES}");
    let takes: usize = parsed(parser, topic, "takes", &wanted)?;
    if (1..=MAX_TAKES).contains(&takes) {
        Ok(takes)
    } else {
        Err(CliError::usage(format!("--takes wants {wanted}, not {takes}"), topic))
    }
}

/// Puts a value of the command line that is no flag into `input`, once.
pub fn input(input: &mut Option<PathBuf>, value: std::ffi::OsString, topic: Topic) -> Result<(), CliError> {
    if input.is_some() {
        return Err(CliError::usage(format!("'{}' is one file too many", value.to_string_lossy()), topic));
    }
    if value.is_empty() {
        return Err(CliError::usage("a file name is empty", topic));
    }
    *input = Some(value.into());
    Ok(())
}

/// The file that must be given.
pub fn needed(path: Option<PathBuf>, what: &str, topic: Topic) -> Result<PathBuf, CliError> {
    path.ok_or_else(|| CliError::usage(format!("{what} is missing"), topic))
}

impl SongFlags {
    /// Reads the flag `flag` when it is one of these; says whether it was.
    pub fn take(&mut self, flag: &str, parser: &mut Parser, topic: Topic) -> Result<bool, CliError> {
        match flag {
            "parts" => self.parts = parts(&text(parser, topic)?).map_err(|why| CliError::usage(why, topic))?,
            "style" => {
                self.controls.style = text(parser, topic)?.parse().map_err(|e| CliError::usage(e, topic))?;
            }
            "density" => self.controls.density = number(parser, topic, flag, 0.0, 1.0)? as f32,
            "adventure" => self.controls.adventure = number(parser, topic, flag, 0.0, 1.0)? as f32,
            "chords" => {
                let bars = grid::parse(&text(parser, topic)?).map_err(|e| CliError::usage(e, topic))?;
                self.grid = Some(bars);
            }
            "bpm" => self.bpm = Some(number(parser, topic, flag, 20.0, 400.0)?),
            "meter" => self.meter = Some(meter(&text(parser, topic)?).map_err(|why| CliError::usage(why, topic))?),
            "seed" => self.seed = parsed(parser, topic, flag, "a whole number, 0 or more")?,
            "midi" => self.midi = Some(path(parser, topic)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl MasterFlags {
    /// Reads the flag `flag` when it is one of these; says whether it was.
    pub fn take(&mut self, flag: &str, parser: &mut Parser, topic: Topic) -> Result<bool, CliError> {
        match flag {
            "for" => {
                let mut chosen: Vec<&'static Destination> = Vec::new();
                for word in text(parser, topic)?.split(',') {
                    let destination = destinations::named(word.trim()).ok_or_else(|| {
                        let names: Vec<_> = destinations::ALL.iter().map(|d| d.name).collect();
                        CliError::usage(format!("--for knows {}, not '{}'", names.join(", "), word.trim()), topic)
                    })?;
                    if !chosen.iter().any(|c| c.name == destination.name) {
                        chosen.push(destination);
                    }
                }
                self.destinations = chosen;
            }
            "accept" => {
                self.accept = match text(parser, topic)?.trim() {
                    "all" => Accept::All,
                    "none" => Accept::None,
                    ids => {
                        Accept::Ids(ids.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect())
                    }
                };
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn parts(list: &str) -> Result<Vec<Part>, String> {
    let mut chosen =
        list.split(',').map(|word| word.parse::<Part>().map_err(|e| e.to_string())).collect::<Result<Vec<_>, _>>()?;
    chosen.sort();
    chosen.dedup();
    Ok(chosen)
}

fn meter(text: &str) -> Result<Meter, String> {
    text.split_once('/')
        .and_then(|(num, den)| Meter::new(num.trim().parse().ok()?, den.trim().parse().ok()?))
        .ok_or_else(|| format!("--meter wants beats and a note value such as 4/4, 3/4 or 6/8, not '{text}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn song(arguments: &[&str]) -> Result<SongFlags, CliError> {
        let mut parser = Parser::from_args(arguments);
        let mut flags = SongFlags::default();
        while let Some(arg) = parser.next().unwrap() {
            let flag = name(&arg).unwrap();
            assert!(flags.take(&flag, &mut parser, Topic::Accompany)?, "{flag}");
        }
        Ok(flags)
    }

    #[test]
    fn song_flags_are_read_and_checked() {
        let flags = song(&[
            "--parts",
            "bass,keys,bass",
            "--style",
            "swing",
            "--density",
            "0.9",
            "--adventure=1",
            "--bpm",
            "92.5",
            "--meter",
            "6/8",
            "--seed",
            "18446744073709551615",
            "--chords",
            "C | Am F",
            "--midi",
            "x.mid",
        ])
        .unwrap();
        assert_eq!(flags.parts, [Part::Keys, Part::Bass]);
        assert_eq!(flags.controls.density, 0.9);
        assert_eq!((flags.bpm, flags.meter, flags.seed), (Some(92.5), Meter::new(6, 8), u64::MAX));
        assert_eq!(flags.grid.unwrap()[1].len(), 2);
        for wrong in [
            ["--parts", "kazoo"],
            ["--style", "polka"],
            ["--density", "1.1"],
            ["--density", "NaN"],
            ["--bpm", "0"],
            ["--meter", "4"],
            ["--meter", "4/5"],
            ["--seed", "-1"],
            ["--chords", "C | Hm"],
            ["--midi", ""],
        ] {
            let error = song(&wrong).unwrap_err();
            assert_eq!(error.code(), 2, "{wrong:?}");
            assert!(error.to_string().contains("continuo accompany --help"), "{error}");
        }
    }

    #[test]
    fn master_flags_are_read_and_checked() {
        let read = |arguments: &[&str]| {
            let mut parser = Parser::from_args(arguments);
            let mut flags = MasterFlags::default();
            while let Some(arg) = parser.next().unwrap() {
                let flag = name(&arg).unwrap();
                assert!(flags.take(&flag, &mut parser, Topic::Master)?);
            }
            Ok::<_, CliError>(flags)
        };
        let flags = read(&["--for", "spotify,cd,spotify", "--accept", "eq.presence, width.high"]).unwrap();
        assert_eq!(flags.destinations.iter().map(|d| d.name).collect::<Vec<_>>(), ["spotify", "cd"]);
        assert_eq!(flags.accept, Accept::Ids(vec!["eq.presence".into(), "width.high".into()]));
        assert_eq!(read(&["--accept", "all"]).unwrap().accept, Accept::All);
        assert_eq!(read(&["--for", "vinyl"]).unwrap_err().code(), 2);
        assert_eq!(read(&["--for", ""]).unwrap_err().code(), 2);
    }
}
