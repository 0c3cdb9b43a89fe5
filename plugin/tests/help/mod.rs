//! A folder to work in, the program to run, and small files to run it on.

use continuo_plugin::files::audio::Clip;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of its own for one test, gone at its end.
pub struct Bench {
    folder: PathBuf,
    home: PathBuf,
}

impl Bench {
    /// A new folder.
    pub fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("continuo-command-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let (folder, home) = (root.join("work"), root.join("home"));
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir_all(&home).unwrap();
        Self { folder, home }
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// What lies in it, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs the command: exit code, standard output, error stream.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        self.run_with(arguments, &[])
    }

    /// The same with environment variables.
    pub fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_continuo"))
            .args(arguments)
            .env("HOME", &self.home)
            .env("XDG_CONFIG_HOME", &self.home)
            .envs(environment.iter().copied())
            .current_dir(&self.folder)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    /// Runs a command that must succeed; gives its standard output.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let (code, out, error) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {error}");
        out
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(root) = self.folder.parent() {
            let _ = fs::remove_dir_all(root);
        }
    }
}

/// A melody shipped with the repository.
pub fn demo(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo").join(name);
    path.canonicalize().unwrap().to_str().unwrap().to_owned()
}

/// A 16-bit stereo WAV of a chord of sines whose level breathes, peak `level`.
pub fn sine_wav(rate: u32, seconds: f64, level: f64) -> Vec<u8> {
    let frames = (f64::from(rate) * seconds) as u32;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + frames * 4).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * 4).to_le_bytes());
    bytes.extend(b"\x04\0\x10\0data");
    bytes.extend((frames * 4).to_le_bytes());
    for frame in 0..frames {
        let t = f64::from(frame) / f64::from(rate);
        let breath = 0.6 + 0.4 * (t * 3.0).sin();
        for spread in [0.0, 0.4] {
            let wave: f64 =
                [220.0, 277.2, 329.6].iter().map(|hz| (std::f64::consts::TAU * hz * t + spread).sin()).sum();
            bytes.extend(((wave / 3.0 * breath * level * 32_767.0) as i16).to_le_bytes());
        }
    }
    bytes
}

/// Integrated loudness in LUFS and true peak in dBTP by the `ebur128` crate, which is not ours.
pub fn ebur128(clip: &Clip) -> (f64, f64) {
    let mut meter =
        ebur128::EbuR128::new(2, clip.rate.hz() as u32, ebur128::Mode::I | ebur128::Mode::TRUE_PEAK).unwrap();
    meter.add_frames_planar_f32(&clip.stereo()).unwrap();
    let peak = meter.true_peak(0).unwrap().max(meter.true_peak(1).unwrap());
    (meter.loudness_global().unwrap(), 20.0 * peak.log10())
}

/// A track of a MIDI file as another reader sees it.
pub struct Track {
    /// Name.
    pub name: String,
    /// Markers with their ticks.
    pub markers: Vec<(u32, String)>,
}

/// The tracks of a MIDI file.
pub fn tracks(bytes: &[u8]) -> Vec<Track> {
    let smf = midly::Smf::parse(bytes).unwrap();
    smf.tracks
        .iter()
        .map(|events| {
            let mut track = Track { name: String::new(), markers: Vec::new() };
            let mut at = 0;
            for event in events {
                at += event.delta.as_int();
                match event.kind {
                    midly::TrackEventKind::Meta(midly::MetaMessage::TrackName(name)) => {
                        track.name = String::from_utf8(name.to_vec()).unwrap();
                    }
                    midly::TrackEventKind::Meta(midly::MetaMessage::Marker(text)) => {
                        track.markers.push((at, String::from_utf8(text.to_vec()).unwrap()));
                    }
                    _ => {}
                }
            }
            track
        })
        .collect()
}
