//! Where RealtimeSanitizer's runtime is, for the one test program it is linked into (`tests/realtime`).

use std::path::PathBuf;
use std::process::Command;

/// Tells a Cargo command to link the sanitizer that comes with the toolchain. Where the toolchain has none (it has one on
/// 64-bit Linux), nothing is set, and the gate says so when it is run.
pub fn apply(command: &mut Command) -> &mut Command {
    match runtime() {
        Some(library) => command.env("RTSAN_ENABLE", "1").env("RTSAN_LIB_PATH", library),
        None => command,
    }
}

fn runtime() -> Option<PathBuf> {
    let ask = |arguments: &[&str]| {
        let output = Command::new("rustc").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    let sysroot = PathBuf::from(ask(&["--print", "sysroot"])?.trim());
    let version = ask(&["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "))?;
    let folder = sysroot.join("lib/rustlib").join(host).join("lib");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("_rt.rtsan.a")))
        .collect();
    found.sort();
    found.pop()
}
