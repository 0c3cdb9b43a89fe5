//! The dependency arrows between the rooms, read from the manifests.

use super::File;

/// Each room and the rooms it may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("dsp", &["core"]),
    ("models", &["core"]),
    ("provenance", &["core"]),
    ("gui", &["core"]),
    ("plugin", &["core", "dsp", "models", "provenance", "gui"]),
    ("tests", &["core", "dsp", "models", "provenance", "gui", "plugin"]),
    ("xtask", &[]),
];

/// Libraries that only some rooms may depend on at all, for building or for tests.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("ort", &["models"]),
    ("egui", &["gui"]),
    ("nice-plug-egui", &["gui", "plugin"]),
    ("nice-plug", &["plugin"]),
    ("midly", &["provenance", "plugin", "tests"]),
    ("symphonia", &["provenance", "plugin", "tests"]),
    ("c2pa", &["provenance", "tests"]),
];

/// Checks every room's manifest.
pub fn check(files: &[File], found: &mut Vec<String>) {
    for (room, allowed) in ARROWS {
        let path = format!("{room}/Cargo.toml");
        let Some(manifest) = files.iter().find(|file| file.path == path) else {
            found.push(format!("{path}: the room has no manifest"));
            continue;
        };
        for dependency in dependencies(&manifest.text) {
            if let Some(other) = dependency.strip_prefix("continuo-")
                && !allowed.contains(&other)
            {
                found.push(format!("{path}: {room} must not depend on {other}"));
            }
            if let Some((_, rooms)) = LIBRARIES.iter().find(|(library, _)| *library == dependency)
                && !rooms.contains(room)
            {
                found.push(format!("{path}: only {} may depend on {dependency}", rooms.join(", ")));
            }
        }
    }
}

/// The names of all dependencies in a manifest, whatever they are for.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_matches(['[', ']']);
            let last = section.rsplit('.').next().unwrap_or_default();
            inside = last.ends_with("dependencies");
            // `[dependencies.name]`
            if let Some((table, name)) = section.rsplit_once('.')
                && table.ends_with("dependencies")
            {
                names.push(name.trim_matches('"').to_owned());
            }
        } else if inside
            && !line.starts_with('#')
            && let Some((name, value)) = line.split_once('=')
        {
            let name = name.trim().trim_matches('"');
            // A renamed dependency counts under its real name.
            let real = value.split_once("package = \"").and_then(|(_, rest)| rest.split('"').next());
            let name = name.split('.').next().unwrap_or(name);
            names.push(real.unwrap_or(name).to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;

    #[test]
    fn all_ways_of_naming_a_dependency_are_seen() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\na = \"1\"\nb.workspace = true\n\
                        c = { package = \"real\", version = \"1\" }\n[target.'cfg(unix)'.dependencies]\nd = \"1\"\n\
                        [dev-dependencies.e]\nversion = \"1\"\n[lints]\nworkspace = true\n";
        assert_eq!(dependencies(manifest), ["a", "b", "real", "d", "e"]);
    }

    #[test]
    fn a_wrong_arrow_is_found() {
        let mut found = Vec::new();
        let rooms: Vec<File> = ARROWS
            .iter()
            .map(|(room, _)| {
                let line = if *room == "dsp" { "continuo-models = { workspace = true }\nort = \"2\"" } else { "" };
                file(&format!("{room}/Cargo.toml"), &format!("[dependencies]\n{line}\n"))
            })
            .collect();
        check(&rooms, &mut found);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("must not depend on models"));
    }
}
