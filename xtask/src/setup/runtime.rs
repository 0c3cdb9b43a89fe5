//! ONNX Runtime, from the official Python wheel.
//!
//! 1.28.0 is the last official build without telemetry: builds from 1.29.0 on write a device id into the
//! user's cache and start a thread for it. The wheel is the one for Python 3.11 on every machine, because
//! only the C library inside is used. Intel Macs got no 1.28.0; the newest official build for them is
//! 1.23.2, which the product accepts as well (it asks for the interface of 1.17).

use std::env;
use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::Python;
use crate::digest::check_file;
use crate::paths::Paths;
use crate::sh;

/// One official wheel.
struct Wheel {
    os: &'static str,
    arch: &'static str,
    version: &'static str,
    /// Python's tag of the platform.
    platform: &'static str,
    /// Printed by `sha256sum` over the wheel as `pip download` delivered it.
    sha256: &'static str,
    /// The C library inside.
    member: &'static str,
}

const WHEELS: &[Wheel] = &[
    Wheel {
        os: "linux",
        arch: "x86_64",
        version: "1.28.0",
        platform: "manylinux_2_28_x86_64",
        sha256: "a166b78ee04f3a37fa1ef82034b6a3ce96d9684e582d4d30b296de83e9998bb5",
        member: "libonnxruntime.so.1.28.0",
    },
    Wheel {
        os: "linux",
        arch: "aarch64",
        version: "1.28.0",
        platform: "manylinux_2_28_aarch64",
        sha256: "8d66f9ceb29909c70839e4e4fb3435c7b490050d8f162bd5f3aba4ca01ee517f",
        member: "libonnxruntime.so.1.28.0",
    },
    Wheel {
        os: "macos",
        arch: "aarch64",
        version: "1.28.0",
        platform: "macosx_14_0_arm64",
        sha256: "f5c5daabd28aad610f83fdcf32acec8fb57e6adc6c6a39fe2a3c755db957b410",
        member: "libonnxruntime.1.28.0.dylib",
    },
    Wheel {
        os: "macos",
        arch: "x86_64",
        version: "1.23.2",
        platform: "macosx_13_0_x86_64",
        sha256: "87d8b6eaf0fbeb6835a60a4265fde7a3b60157cf1b2764773ac47237b4d48612",
        member: "libonnxruntime.1.23.2.dylib",
    },
    Wheel {
        os: "windows",
        arch: "x86_64",
        version: "1.28.0",
        platform: "win_amd64",
        sha256: "0d650aeee29368414367b65529e90afe4bf1bab76254789063b8b2f7ea3013c8",
        member: "onnxruntime.dll",
    },
    Wheel {
        os: "windows",
        arch: "aarch64",
        version: "1.28.0",
        platform: "win_arm64",
        sha256: "0faf85fb447a663c9cdadc39bd6b19bdf7bedded6699e45731b9b36c46fd993d",
        member: "onnxruntime.dll",
    },
];

/// Copies named members of a wheel (a zip archive) into a folder, under given names.
const UNPACK: &str = "\
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for pair in sys.argv[3:]:
        member, name = pair.split('=')
        with open(sys.argv[2] + '/' + name, 'wb') as out:
            out.write(wheel.read(member))
";

/// ONNX Runtime as it will be loaded.
pub struct Runtime {
    /// The C library.
    pub library: PathBuf,
    /// Its licence and third-party notices; none when the user brought another library.
    pub notices: Vec<PathBuf>,
}

/// The name the library has in our folders and bundles, on every version.
pub fn library_name() -> &'static str {
    match OS {
        "windows" => "onnxruntime.dll",
        "macos" => "libonnxruntime.dylib",
        _ => "libonnxruntime.so",
    }
}

/// The library that `ORT_DYLIB_PATH` names, or the pinned official one under `target/onnxruntime`.
///
/// # Errors
/// When the override names no file, when there is no official build for this machine, or when the wheel
/// cannot be fetched or is another one than pinned.
pub fn find_or_fetch(paths: &Paths, python: &Python) -> Result<Runtime> {
    if let Some(library) = env::var_os("ORT_DYLIB_PATH").map(PathBuf::from) {
        let library = library
            .canonicalize()
            .with_context(|| format!("ORT_DYLIB_PATH names {}, which cannot be read", library.display()))?;
        return Ok(Runtime { library, notices: Vec::new() });
    }
    let Some(wheel) = WHEELS.iter().find(|wheel| wheel.os == OS && wheel.arch == ARCH) else {
        bail!("there is no official ONNX Runtime for {OS} on {ARCH}; build one from 1.17 on and set ORT_DYLIB_PATH");
    };
    let folder = paths.runtime_folder();
    let stamp = folder.join("wheel.sha256");
    let runtime = Runtime {
        library: folder.join(library_name()),
        notices: vec![folder.join("LICENSE"), folder.join("ThirdPartyNotices.txt")],
    };
    if runtime.library.is_file() && fs::read_to_string(&stamp).is_ok_and(|text| text == wheel.sha256) {
        return Ok(runtime);
    }

    sh::say(&format!("Fetching ONNX Runtime {} for {}", wheel.version, wheel.platform));
    let downloads = paths.target.join("download");
    let _ = fs::remove_dir_all(&downloads);
    fs::create_dir_all(&downloads)?;
    sh::run(
        python
            .command()
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"])
            .args(["--implementation", "cp", "--python-version", "3.11", "--abi", "cp311"])
            .args(["--platform", wheel.platform, "--dest"])
            .arg(&downloads)
            .arg(format!("onnxruntime=={}", wheel.version)),
    )
    .context("could not fetch ONNX Runtime (is the network there?); ORT_DYLIB_PATH can name a library of yours")?;
    let file = fs::read_dir(&downloads)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .context("pip delivered no wheel")?;
    check_file(&file, wheel.sha256)?;

    let beside = paths.target.join("onnxruntime.new");
    let _ = fs::remove_dir_all(&beside);
    fs::create_dir_all(&beside)?;
    sh::run(
        python
            .command()
            .args(["-c", UNPACK])
            .args([&file, &beside])
            .arg(format!("onnxruntime/capi/{}={}", wheel.member, library_name()))
            .arg("onnxruntime/LICENSE=LICENSE")
            .arg("onnxruntime/ThirdPartyNotices.txt=ThirdPartyNotices.txt"),
    )?;
    fs::write(beside.join("wheel.sha256"), wheel.sha256)?;
    let _ = fs::remove_dir_all(&folder);
    fs::rename(&beside, &folder).context("could not put ONNX Runtime in place")?;
    let _ = fs::remove_dir_all(&downloads);
    Ok(runtime)
}

#[cfg(test)]
mod tests {
    use super::WHEELS;

    #[test]
    fn every_supported_machine_has_one_pinned_wheel() {
        for (os, arch) in [
            ("linux", "x86_64"),
            ("linux", "aarch64"),
            ("macos", "aarch64"),
            ("macos", "x86_64"),
            ("windows", "x86_64"),
        ] {
            let found = WHEELS.iter().filter(|wheel| wheel.os == os && wheel.arch == arch).count();
            assert_eq!(found, 1, "{os} {arch}");
        }
        for wheel in WHEELS {
            assert_eq!(wheel.sha256.len(), 64);
            // From 1.29.0 on, official builds carry telemetry.
            let minor: u32 = wheel.version.split('.').nth(1).and_then(|part| part.parse().ok()).expect("a version");
            assert!((17..=28).contains(&minor), "{}", wheel.version);
        }
    }
}
