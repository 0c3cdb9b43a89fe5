//! Where the models and the runtime are: beside the library or the command, wherever a user or a host put them.
//!
//! | place | models | runtime |
//! |---|---|---|
//! | `CONTINUO_RESOURCES` | `models/` in it | `onnxruntime/` in it |
//! | beside the library or command | `Continuo.resources/models/` | `Continuo.resources/onnxruntime/` |
//! | in a bundle | `../Resources/models/` | `../Resources/onnxruntime/` |
//! | in a checkout | `models/` of a folder above | `target/onnxruntime/` of a folder above |
//!
//! `ORT_DYLIB_PATH` wins over every place for the runtime ([`continuo_models::find_runtime`] looks at it). The library's
//! own path comes from the system's loader, never from the host: several plugins with other runtimes may live in one
//! process.

use std::env;
use std::path::{Path, PathBuf};

/// Environment variable that names a folder with `models/` and `onnxruntime/`.
pub const RESOURCES_VARIABLE: &str = "CONTINUO_RESOURCES";
/// Folder beside the library or the command.
pub const RESOURCES_FOLDER: &str = "Continuo.resources";

/// What was found, and where it was looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Resources {
    /// The folder of the models, one folder for each; `None` when there is none.
    pub models: Option<PathBuf>,
    /// Where the runtime library may be, best first; some of these are not there.
    pub runtimes: Vec<PathBuf>,
    /// The folders looked at, in order.
    pub looked: Vec<PathBuf>,
}

impl Resources {
    /// Looks at every place. Reads the file system; worker threads and commands only.
    pub fn find() -> Resources {
        let named = env::var_os(RESOURCES_VARIABLE).filter(|v| !v.is_empty()).map(PathBuf::from);
        let module = module_path().and_then(|p| p.canonicalize().ok()).or_else(|| env::current_exe().ok());
        Resources::among(places(named, module.as_deref(), Path::new(env!("CARGO_MANIFEST_DIR"))))
    }

    fn among(looked: Vec<PathBuf>) -> Resources {
        let models = looked.iter().map(|place| place.join("models")).find(|folder| holds_a_model(folder));
        let runtimes = looked.iter().map(|place| place.join("onnxruntime").join(runtime_name())).collect();
        Resources { models, runtimes, looked }
    }

    /// The folder of model `name`, or the sentence that says there is none.
    pub fn model(&self, name: &str) -> Result<PathBuf, String> {
        match &self.models {
            Some(models) => Ok(models.join(name)),
            None => {
                let looked: Vec<String> = self.looked.iter().map(|p| p.join("models").display().to_string()).collect();
                Err(format!(
                    "the models were not found (looked for {}); install Continuo again or set {RESOURCES_VARIABLE} to the folder that holds them",
                    looked.join(", ")
                ))
            }
        }
    }
}

/// Folders that may hold `models/` or `onnxruntime/`, best first. A folder the user names is the only one.
fn places(named: Option<PathBuf>, module: Option<&Path>, manifest: &Path) -> Vec<PathBuf> {
    if let Some(named) = named {
        return vec![named];
    }
    let mut places = Vec::new();
    if let Some(folder) = module.and_then(Path::parent) {
        places.push(folder.join(RESOURCES_FOLDER));
        if let Some(contents) = folder.parent() {
            places.push(contents.join("Resources"));
        }
    }
    // A checkout: the built file lies in target/<profile>/ or deeper, and the sources are known to the compiler.
    let sources = manifest.parent();
    let checkouts =
        module.into_iter().flat_map(Path::ancestors).skip(2).take(4).filter(|f| is_checkout(f)).chain(sources);
    for checkout in checkouts {
        for place in [checkout.to_owned(), checkout.join("target")] {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}

fn is_checkout(folder: &Path) -> bool {
    folder.join("models/harmony/contract.toml").is_file() && folder.join("Cargo.lock").is_file()
}

fn holds_a_model(folder: &Path) -> bool {
    let Ok(entries) = folder.read_dir() else { return false };
    entries.flatten().any(|entry| entry.path().join("contract.toml").is_file())
}

/// File name of the runtime library on this system.
fn runtime_name() -> &'static str {
    if cfg!(windows) {
        "onnxruntime.dll"
    } else if cfg!(target_os = "macos") {
        "libonnxruntime.dylib"
    } else {
        "libonnxruntime.so"
    }
}

/// The file this code was loaded from: the plugin's library, or the command.
#[cfg(unix)]
fn module_path() -> Option<PathBuf> {
    use std::ffi::{CStr, OsStr};
    use std::os::unix::ffi::OsStrExt;
    let mut info = libc::Dl_info {
        dli_fname: std::ptr::null(),
        dli_fbase: std::ptr::null_mut(),
        dli_sname: std::ptr::null(),
        dli_saddr: std::ptr::null_mut(),
    };
    // SAFETY: the address is that of a function of this module and `info` outlives the call.
    let found = unsafe { libc::dladdr(module_path as *const () as *const libc::c_void, &mut info) };
    if found == 0 || info.dli_fname.is_null() {
        return None;
    }
    // SAFETY: after success the name is a string that lives as long as the module is loaded.
    let name = unsafe { CStr::from_ptr(info.dli_fname) };
    let path = Path::new(OsStr::from_bytes(name.to_bytes()));
    // Of the program itself the loader only knows the word it was started by, which need not be a path.
    (path.is_absolute() || path.components().count() > 1).then(|| path.to_owned())
}

/// The file this code was loaded from: the plugin's library, or the command.
#[cfg(windows)]
fn module_path() -> Option<PathBuf> {
    use std::ffi::{OsString, c_void};
    use std::os::windows::ffi::OsStringExt;
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
        fn GetModuleFileNameW(module: *mut c_void, name: *mut u16, size: u32) -> u32;
    }
    // From the address, and without counting a reference (libloaderapi.h).
    const FROM_ADDRESS_UNCHANGED: u32 = 0x4 | 0x2;
    let mut module = std::ptr::null_mut();
    let mut name = vec![0u16; 32_768];
    // SAFETY: the address is that of a function of this module; the buffer is as long as is said.
    let length = unsafe {
        if GetModuleHandleExW(FROM_ADDRESS_UNCHANGED, module_path as *const c_void, &mut module) == 0 {
            return None;
        }
        GetModuleFileNameW(module, name.as_mut_ptr(), name.len() as u32)
    } as usize;
    (length > 0 && length < name.len()).then(|| PathBuf::from(OsString::from_wide(&name[..length])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_folder_is_the_only_place() {
        let named = PathBuf::from("mine");
        assert_eq!(places(Some(named.clone()), Some(Path::new("/a/b/c")), Path::new("/src/plugin")), [named]);
    }

    #[test]
    fn a_bundle_is_looked_at_before_the_sources() {
        let module = Path::new("/vst3/Continuo.vst3/Contents/x86_64-linux/Continuo.so");
        let places = places(None, Some(module), Path::new("/src/plugin"));
        let wanted = [
            "/vst3/Continuo.vst3/Contents/x86_64-linux/Continuo.resources",
            "/vst3/Continuo.vst3/Contents/Resources",
            "/src",
            "/src/target",
        ];
        assert_eq!(places, wanted.map(PathBuf::from));
        let found = Resources::among(places);
        assert_eq!(found.models, None);
        assert!(found.model("harmony").unwrap_err().contains("Contents/Resources"));
        assert_eq!(found.runtimes.len(), 4);
    }

    #[test]
    fn the_module_is_the_running_test() {
        let module = module_path().and_then(|p| p.canonicalize().ok());
        if let Some(module) = module {
            assert_eq!(Some(module), env::current_exe().ok().and_then(|p| p.canonicalize().ok()));
        }
    }
}
