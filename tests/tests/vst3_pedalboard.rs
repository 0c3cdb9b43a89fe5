//! The built VST3 bundle in pedalboard.

use continuo_tests::told;
use std::path::Path;
use std::process::Command;

#[test]
fn both_plugins_work_in_pedalboard() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("py/vst3_pedalboard.py");
    let run = Command::new(told("CONTINUO_PYTHON"))
        .arg(script)
        .arg(told("CONTINUO_VST3"))
        .output()
        .expect("the Python of the set-up runs");
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success() && out.contains("all checks passed"), "{out}\n{err}");
}
