//! Marks of unfinished work, and things that do not belong into a public repository.

use super::File;
use super::strip::code_only;

/// Macros that stand for code that is not there; in Rust code, not in an example inside a comment.
const MACROS: &[(&str, &str)] = &[("todo", "!("), ("unimplement", "ed!("), ("dbg", "!(")];

/// Marks that say a thing is not done. Each is written in two halves, so that this file has none.
const UNFINISHED: &[(&str, &str)] = &[("TO", "DO"), ("FIX", "ME"), ("X", "XX"), ("placeh", "older ")];

/// Places and hosts that mean something on one machine only, or name where packages come from.
const FOREIGN: &[(&str, &str)] = &[
    ("/wo", "rk/"),
    ("/ro", "ot/"),
    ("C:\\", "Users"),
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("crates", ".io/"),
    ("static.crates", ".io"),
    ("registry.npmjs", ".org"),
    ("deb.debian", ".org"),
];

/// Files that may say such a thing: the edits quote another crate's source.
const QUOTING: &[&str] = &["xtask/src/patch/"];

/// Checks every text file.
pub fn check(files: &[File], found: &mut Vec<String>) {
    for file in files {
        if QUOTING.iter().any(|folder| file.path.starts_with(folder)) {
            continue;
        }
        if file.kind() == "rs" {
            for (number, line) in code_only(&file.text).lines().enumerate() {
                for (one, two) in MACROS {
                    report(file, number, line, &format!("{one}{two}"), found);
                }
            }
        }
        for (number, line) in file.text.lines().enumerate() {
            for (one, two) in UNFINISHED.iter().filter(|_| matches!(file.kind(), "rs" | "py" | "toml" | "md")) {
                report(file, number, line, &format!("{one}{two}"), found);
            }
            for (one, two) in FOREIGN {
                report(file, number, line, &format!("{one}{two}"), found);
            }
        }
    }
}

fn report(file: &File, number: usize, line: &str, mark: &str, found: &mut Vec<String>) {
    if line.contains(mark) {
        found.push(format!("{}:{}: says {mark:?}", file.path, number + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;

    #[test]
    fn marks_are_found_with_their_line() {
        let mut found = Vec::new();
        let text = format!("//! Docs.\nfn f() {{ {}{}) }}\n", MACROS[0].0, MACROS[0].1);
        check(&[file("a.rs", &text), file("b.md", &format!("see {}{}x", FOREIGN[0].0, FOREIGN[0].1))], &mut found);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("a.rs:2:"), "{found:?}");
    }
}
