//! The runtime leaves nothing behind: no thread of its own, no file in the user's folders, no word on the terminal.
//!
//! Official builds of ONNX Runtime from 1.29.0 on do (a device id and a database for telemetry, and a thread); this test
//! fails with one of those, which is why an older one is pinned.

mod common;

use continuo_models::contract::{DType, FileContract, PortContract};
use continuo_models::{Runtime, Session, TensorRef};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs in a process of its own, started by the test below with an empty home folder.
#[test]
#[ignore = "started by the test of this file"]
fn child() {
    let before = threads();
    let runtime = Runtime::load(&common::library()).unwrap();
    let port = |name: &str, dtype, shape: &[i64]| PortContract { name: name.into(), dtype, shape: shape.to_vec() };
    let contract = FileContract {
        path: "counter.onnx".into(),
        sha256: "1cf9142ed2989a23c6325d636010fc5b5748eb6fcd8ec728b015bffbacf8b7c8".into(),
        input: vec![
            port("x", DType::F32, &[1, -1]),
            port("cache", DType::F32, &[1, -1]),
            port("flip", DType::Bool, &[1]),
            port("id", DType::I64, &[1]),
        ],
        output: vec![
            port("sum", DType::F32, &[1]),
            port("cache_out", DType::F32, &[1, -1]),
            port("next", DType::I64, &[1]),
        ],
    };
    let graph = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/counter.onnx");
    let mut session = Session::open(&runtime, &graph, &contract).unwrap();
    for _ in 0..100 {
        let inputs = [
            ("x", TensorRef::F32(&[1, 1], &[1.0])),
            ("cache", TensorRef::F32(&[1, 0], &[])),
            ("flip", TensorRef::Bool(&[1], &[false])),
            ("id", TensorRef::I64(&[1], &[0])),
        ];
        session.run(&inputs).unwrap();
    }
    // Telemetry of the kind this guards against starts some time after the environment.
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(threads(), before, "the runtime has started threads");
}

/// Names of this process's threads; empty where the system does not tell.
fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let mut names: Vec<String> = tasks.filter_map(|t| std::fs::read_to_string(t.path().join("comm")).ok()).collect();
    names.sort();
    names
}

#[test]
fn the_runtime_leaves_nothing_behind() {
    let home = std::env::temp_dir().join(format!("continuo-home-{}", std::process::id()));
    std::fs::create_dir_all(&home).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture", "--test-threads=1"])
        .env("HOME", &home)
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env("LOCALAPPDATA", &home)
        .env("APPDATA", &home)
        .env("TMPDIR", &home)
        .current_dir(&home)
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    assert!(output.stderr.is_empty(), "{text}");
    let mut left: Vec<PathBuf> = Vec::new();
    let mut folders = vec![home.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            left.push(entry.path());
            if entry.path().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    assert!(left.is_empty(), "the runtime has written {left:?}");
    std::fs::remove_dir_all(home).unwrap();
}
