//! File sizes and module docs.

use super::File;

/// Half of all source files have at most this many lines.
const MEDIAN: usize = 200;
/// No source file has more lines, unless it is in [`LISTS`].
const MOST: usize = 800;
/// Files that are one long list each.
const LISTS: &[&str] = &[];

/// Checks every Rust and Python file.
pub fn check(files: &[File], found: &mut Vec<String>) {
    for file in sources(files) {
        let lines = file.text.lines().count();
        if lines > MOST && !LISTS.contains(&file.path.as_str()) {
            found.push(format!("{}: {lines} lines, {MOST} is the most", file.path));
        }
        if !documented(file) {
            found.push(format!("{}: does not start by saying what it is", file.path));
        }
    }
    let median = median(files);
    if median > MEDIAN {
        found.push(format!("the median source file has {median} lines, {MEDIAN} is the most"));
    }
}

/// One line on the sizes, for the closing line.
pub fn summary(files: &[File]) -> String {
    let count = sources(files).count();
    let most = sources(files).max_by_key(|file| file.text.lines().count());
    let (path, lines) = most.map_or(("", 0), |file| (file.path.as_str(), file.text.lines().count()));
    format!("{count} sources, median {} lines, longest {path} with {lines}", median(files))
}

fn sources(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| matches!(file.kind(), "rs" | "py"))
}

fn median(files: &[File]) -> usize {
    let mut lines: Vec<usize> = sources(files).map(|file| file.text.lines().count()).collect();
    lines.sort_unstable();
    lines.get(lines.len() / 2).copied().unwrap_or(0)
}

/// A module starts with its docs; attributes of the crate and an interpreter line may stand before.
fn documented(file: &File) -> bool {
    let first = file.text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("#!"));
    match (file.kind(), first) {
        (_, None) => true,
        ("py", Some(line)) => line.starts_with("\"\"\"") || line.starts_with("r\"\"\""),
        (_, Some(line)) => line.starts_with("//!"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;

    #[test]
    fn long_and_silent_files_are_found() {
        let mut found = Vec::new();
        let long = format!("//! Long.\n{}", "fn f() {}\n".repeat(MOST));
        check(&[file("a.rs", &long), file("b.rs", "fn f() {}"), file("c.py", "\"\"\"Docs.\"\"\"\n")], &mut found);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("a.rs: 801 lines"), "{found:?}");
        assert!(found[1].starts_with("b.rs"), "{found:?}");
    }
}
