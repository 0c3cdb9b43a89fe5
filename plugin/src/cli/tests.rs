//! The contract of the command line that needs no files: what is accepted, what is refused, and with which exit code.

use super::*;

fn code(arguments: &[&str]) -> (u8, String) {
    match run(arguments.iter().map(OsString::from)) {
        Ok(()) => (0, String::new()),
        Err(error) => (error.code(), error.to_string()),
    }
}

#[test]
fn wrong_usage_is_code_2_and_points_at_the_right_help() {
    for (arguments, hint) in [
        (&[][..], "continuo --help"),
        (&["sing"], "continuo --help"),
        (&["--sing"], "continuo --help"),
        (&["accompany"], "continuo accompany --help"),
        (&["accompany", "a.mid"], "continuo accompany --help"),
        (&["accompany", "a.mid", "b.mid", "--midi", "c.mid"], "continuo accompany --help"),
        (&["accompany", "a.mid", "--midi", "c.mid", "--takes", "0"], "continuo accompany --help"),
        (&["accompany", "a.mid", "--midi", "c.mid", "--takes", "17"], "continuo accompany --help"),
        (&["accompany", "a.mid", "--midi", "c.mid", "--loud"], "continuo accompany --help"),
        (&["accompany", "a.mid", "--midi"], "continuo accompany --help"),
        (&["listen"], "continuo listen --help"),
        (&["listen", "a.wav", "--midi", "x"], "continuo listen --help"),
        (&["master", "a.wav"], "continuo master --help"),
        (&["master", "a.wav", "-o", "b.wav", "--for", "vinyl"], "continuo master --help"),
        (&["render", "a.mid"], "continuo render --help"),
        (&["render", "a.mid", "-o", "b.wav", "--for", "cd,club"], "continuo render --help"),
        (&["render", "a.mid", "-o", "b.wav", "-x"], "continuo render --help"),
        (&["tag", "a.wav", "-o", "b.wav"], "continuo tag --help"),
        (&["tag", "a.wav", "--record", "b.json"], "continuo tag --help"),
        (&["verify"], "continuo verify --help"),
        (&["verify", "a.wav", "--json=1"], "continuo verify --help"),
        (&["credits", "a.wav", "--csv"], "continuo credits --help"),
        (&["models", "harmony"], "continuo models --help"),
    ] {
        let (exit, message) = code(arguments);
        assert_eq!(exit, 2, "{arguments:?}: {message}");
        assert!(message.ends_with(hint), "{arguments:?}: {message}");
    }
}

#[test]
fn help_and_version_are_code_0() {
    for arguments in [&["--help"][..], &["-h"], &["--version"], &["-V"], &["help"], &["help", "master"]] {
        assert_eq!(code(arguments), (0, String::new()), "{arguments:?}");
    }
    for command in ["accompany", "listen", "master", "render", "tag", "verify", "credits", "models"] {
        assert_eq!(code(&[command, "--help"]).0, 0, "{command}");
    }
}

#[test]
fn a_missing_file_is_code_1_in_one_line() {
    for arguments in [
        &["accompany", "no-such.mid", "--midi", "x.mid"][..],
        &["listen", "no-such.wav"],
        &["master", "no-such.wav", "-o", "x.wav"],
        &["render", "no-such.mid", "-o", "x.wav"],
        &["verify", "no-such.wav"],
        &["credits", "no-such.wav"],
    ] {
        let (exit, message) = code(arguments);
        assert_eq!(exit, 1, "{arguments:?}: {message}");
        assert!(message.contains("no-such") && !message.contains('\n'), "{message}");
    }
}
