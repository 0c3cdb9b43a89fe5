//! Who may name which library in code, and who may start a thread.

use super::File;
use super::strip::{code_only, has_word, without_tests};

/// A word and the only places where code may say it. A place is a file or, with a `/` at its end, a
/// folder.
struct Rule {
    word: &'static str,
    places: &'static [&'static str],
    /// Whether tests may say it as well.
    tests: bool,
}

const RULES: &[Rule] = &[
    Rule { word: "ort", places: &["models/src/runtime.rs"], tests: false },
    Rule { word: "egui", places: &["gui/"], tests: false },
    Rule { word: "nice_plug_egui", places: &["plugin/", "gui/src/adapter.rs"], tests: false },
    Rule { word: "nice_plug", places: &["plugin/", "gui/src/adapter.rs"], tests: true },
    Rule { word: "midly", places: &["provenance/", "plugin/src/files/"], tests: true },
    Rule { word: "symphonia", places: &["provenance/", "plugin/src/files/"], tests: true },
    Rule { word: "c2pa", places: &["provenance/"], tests: true },
    Rule { word: "thread::spawn", places: &["plugin/src/wiring.rs"], tests: true },
    Rule { word: "thread::Builder", places: &["plugin/src/wiring.rs"], tests: true },
    Rule { word: "thread::scope", places: &["plugin/src/wiring.rs"], tests: true },
];

/// Checks every Rust file of the product.
pub fn check(files: &[File], found: &mut Vec<String>) {
    for file in files {
        if file.kind() != "rs" || file.path.starts_with("xtask/") {
            continue;
        }
        let code = code_only(&file.text);
        for rule in RULES {
            let allowed = rule.places.iter().any(|place| match place.strip_suffix('/') {
                Some(_) => file.path.starts_with(place),
                None => file.path == *place,
            });
            if allowed || (rule.tests && file.is_test()) {
                continue;
            }
            let looked_at = if rule.tests { without_tests(&code) } else { &code };
            if names(looked_at, rule.word) {
                found.push(format!("{}: names {}, which only {} may", file.path, rule.word, rule.places.join(", ")));
            }
        }
    }
}

/// Whether code names a library or function: as a path or in a `use`, not as a variable or module.
fn names(code: &str, word: &str) -> bool {
    if word.contains("::") {
        return has_word(code, word);
    }
    has_word(code, &format!("use {word}"))
        || code
            .match_indices(&format!("{word}::"))
            .any(|(start, _)| !code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;

    fn breaches(path: &str, text: &str) -> usize {
        let mut found = Vec::new();
        check(&[file(path, text)], &mut found);
        found.len()
    }

    #[test]
    fn libraries_stay_in_their_rooms() {
        assert_eq!(breaches("models/src/planner.rs", "use ort::Session;"), 1);
        assert_eq!(breaches("models/src/runtime.rs", "use ort::Session;"), 0);
        assert_eq!(breaches("dsp/src/lib.rs", "// ort::Session\nfn sort() { cohort::x(); }"), 0);
        assert_eq!(breaches("plugin/src/x.rs", "fn f(ui: &mut egui::Ui) {}"), 1);
        assert_eq!(breaches("provenance/src/c2pa.rs", "use c2pa::Reader;"), 0);
        assert_eq!(breaches("plugin/src/x.rs", "use continuo_provenance::c2pa;"), 0);
    }

    #[test]
    fn threads_start_in_one_file_and_in_tests() {
        let text = "fn f() { std::thread::spawn(|| ()); }";
        assert_eq!(breaches("plugin/src/worker.rs", text), 1);
        assert_eq!(breaches("plugin/src/wiring.rs", text), 0);
        assert_eq!(breaches("tests/src/host.rs", text), 0);
        let inside = format!("fn g() {{}}\n#[cfg(test)]\nmod tests {{ {text} }}");
        assert_eq!(breaches("core/src/lane.rs", &inside), 0);
    }
}
