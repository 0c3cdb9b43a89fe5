//! Pictures of both editors in a real window, while the plugins hear music. Run by `cargo xtask screenshots`.

#![allow(unsafe_code, reason = "a host loads libraries and calls across C interfaces")]
#![allow(clippy::print_stdout, reason = "a program that says where its pictures are")]

use anyhow::{Context, Result, bail};
use continuo_tests::song::{BPM, LENGTH, melody};
use continuo_tests::vst3::{Blocks, Factory, Instance};
use continuo_tests::{told, window::Window};
use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const RATE: f64 = 48_000.0;
const FRAMES: usize = 256;
/// Long enough for the models to load and for the music to be heard (the adviser wants half a minute).
const LISTENING: Duration = Duration::from_secs(35);
/// Long enough for offers to be made.
const THINKING: Duration = Duration::from_secs(10);

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).context("where to? name a folder")?;
    std::fs::create_dir_all(&folder)?;
    let inside = format!("Contents/{}-linux/Continuo.so", std::env::consts::ARCH);
    // SAFETY: the library under test, loaded as a host would; the symbol and its type are those of VST 3.
    let library = unsafe { libloading::Library::new(told("CONTINUO_VST3").join(inside))? };
    // SAFETY: as above.
    let factory = unsafe {
        let get: libloading::Symbol<unsafe extern "system" fn() -> *mut c_void> = library.get(b"GetPluginFactory")?;
        Factory::from_raw(get())?
    };
    // Where the buttons that ask for suggestions are, in windows of the editors' own size.
    picture(&factory, "Continuo", (137, 357), &folder.join("editor-continuo.png"))?;
    picture(&factory, "Continuo Master", (304, 174), &folder.join("editor-continuo-master.png"))
}

/// Lets one plugin hear the melody, opens its editor, asks it for suggestions and takes its picture.
fn picture(factory: &Factory, name: &str, button: (u32, u32), file: &Path) -> Result<()> {
    let mut instance = factory.instance(name)?;
    instance.start(RATE, FRAMES as i32)?;
    let instance = Arc::new(instance);
    let quit = Arc::new(AtomicBool::new(false));
    let audio = {
        let (instance, quit) = (Arc::clone(&instance), Arc::clone(&quit));
        thread::spawn(move || play(&instance, &quit))
    };

    // The window is as large as the editor asks for, which is known once it is open. The first window stays until the
    // second is there, so that the window manager does not take one for the other.
    let probe = Window::open(100, 100)?;
    let asking = instance.open_editor(probe.id())?;
    let (width, height) = asking.size;
    asking.close();
    let window = Window::open(u16::try_from(width)?, u16::try_from(height)?)?;
    drop(probe);
    let view = instance.open_editor(window.id())?;
    thread::sleep(LISTENING);
    let (x, y) = (button.0.to_string(), button.1.to_string());
    let clicked = Command::new("xdotool")
        .args(["mousemove", "--window", &window.id().to_string(), &x, &y, "sleep", "0.3", "click", "1"])
        .status();
    thread::sleep(THINKING);
    let status = Command::new("import").arg("-window").arg(window.id().to_string()).arg(file).status();
    view.close();
    quit.store(true, Ordering::Relaxed);
    match audio.join() {
        Ok(result) => result?,
        Err(_) => bail!("the audio thread of {name} has panicked"),
    }
    if !clicked.context("could not start xdotool")?.success() {
        bail!("xdotool could not click in the editor of {name}");
    }
    if !status.context("could not start ImageMagick's import")?.success() {
        bail!("ImageMagick's import could not take the picture of {name}");
    }
    println!("{}", file.display());
    Ok(())
}

/// Plays the melody over and over in real time: as notes, and as sound in every input.
fn play(instance: &Instance, quit: &AtomicBool) -> Result<()> {
    let mut blocks = Blocks::new(instance.buses, FRAMES, RATE);
    let inputs = 2 * instance.buses.0 as usize;
    let quarter = RATE * 60.0 / BPM;
    let song = melody();
    let started = Instant::now();
    let (mut position, mut phase) = (0i64, 0.0f64);
    while !quit.load(Ordering::Relaxed) {
        let from = position as f64 / quarter % LENGTH;
        let to = from + FRAMES as f64 / quarter;
        let within = |at: f64| at >= from && at < to;
        let mut keys = Vec::new();
        for &(at, length, pitch) in &song {
            if within(at + length) {
                keys.push((i16::from(pitch), 0.0));
            }
            if within(at) {
                keys.push((i16::from(pitch), 0.8));
            }
        }
        let sounding = song.iter().find(|(at, length, _)| from >= *at && from < at + length);
        let step = sounding.map_or(0.0, |(_, _, pitch)| 440.0 * ((f64::from(*pitch) - 69.0) / 12.0).exp2() / RATE);
        for frame in 0..FRAMES {
            phase = (phase + step) % 1.0;
            // A dull sawtooth with a click on every beat: enough for meters and advice.
            let beat = (position as f64 + frame as f64) % quarter / quarter;
            let click = if beat < 0.02 { 0.5 * (1.0 - beat / 0.02) } else { 0.0 };
            let value = if step > 0.0 { (0.4 * (2.0 * phase - 1.0) + click) as f32 } else { click as f32 };
            for channel in &mut blocks.channels()[..inputs] {
                channel[frame] = value;
            }
        }
        blocks.prepare(position, true, &[], &keys);
        blocks.process(instance, FRAMES as i32, |run| run())?;
        position += FRAMES as i64;
        let due = Duration::from_secs_f64(position as f64 / RATE);
        thread::sleep(due.saturating_sub(started.elapsed()));
    }
    Ok(())
}
