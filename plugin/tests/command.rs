//! The command as a user runs it: the built program, files in, files out, exit codes.

#![allow(clippy::print_stdout, reason = "what was measured is shown")]

mod help;

use help::{Bench, demo, sine_wav, tracks};
use std::fs;

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_another_take() {
    let bench = Bench::new("seed");
    let input = demo("greensleeves.mid");
    let run = |name: &str, seed: &str| {
        bench.ok(&["accompany", &input, "--midi", &bench.path(name), "--seed", seed]);
        fs::read(bench.path(name)).unwrap()
    };
    let first = run("a.mid", "7");
    assert_eq!(first, run("b.mid", "7"));
    assert_ne!(first, run("c.mid", "8"));
}

#[test]
fn an_accompaniment_has_the_melody_first_then_the_parts_then_the_chords() {
    let bench = Bench::new("tracks");
    let input = demo("greensleeves.mid");
    bench.ok(&[
        "accompany",
        &input,
        "--midi",
        &bench.path("a.mid"),
        "--parts",
        "bass,keys",
        "--json",
        &bench.path("a.json"),
    ]);
    let bytes = fs::read(bench.path("a.mid")).unwrap();
    let names: Vec<String> = tracks(&bytes).into_iter().map(|t| t.name).collect();
    assert_eq!(names, ["melody", "keys", "bass", "chords"]);
    let before = continuo_plugin::files::midi::parse(input.as_ref(), &fs::read(&input).unwrap()).unwrap().song;
    let after = continuo_plugin::files::midi::parse("a.mid".as_ref(), &bytes).unwrap().song;
    assert_eq!((before.melody, before.meters, before.tempo), (after.melody, after.meters, after.tempo));
    let report: serde_json::Value = serde_json::from_slice(&fs::read(bench.path("a.json")).unwrap()).unwrap();
    assert_eq!(report["takes"][0]["parts"].as_array().unwrap().len(), 2);
    assert_eq!(report["takes"][0]["harmony_origin"]["kind"], "trained");
}

#[test]
fn takes_are_numbered_and_a_take_can_be_made_again_by_its_seed() {
    let bench = Bench::new("takes");
    let input = demo("ode-to-joy.mid");
    bench.ok(&["accompany", &input, "--midi", &bench.path("t.mid"), "--takes", "3", "--seed", "5"]);
    bench.ok(&["accompany", &input, "--midi", &bench.path("again.mid"), "--seed", "6"]);
    assert_eq!(bench.names(), ["again.mid", "t-2.mid", "t-3.mid", "t.mid"]);
    assert_eq!(fs::read(bench.path("t-2.mid")).unwrap(), fs::read(bench.path("again.mid")).unwrap());
}

#[test]
fn chords_that_are_written_are_kept() {
    let bench = Bench::new("chords");
    let input = demo("ode-to-joy.mid");
    bench.ok(&["accompany", &input, "--midi", &bench.path("c.mid"), "--chords", "D | A7 D", "--seed", "3"]);
    let bytes = fs::read(bench.path("c.mid")).unwrap();
    let chords = tracks(&bytes).pop().unwrap().markers;
    // A common-time bar has 3,840 ticks.
    assert_eq!(chords[..4], [(0, "D".into()), (3_840, "A7".into()), (5_760, "D".into()), (7_680, "D".into())]);
    bench.ok(&["accompany", &input, "--midi", &bench.path("w.mid"), "--bpm", "90", "--meter", "2/4"]);
    let song =
        continuo_plugin::files::midi::parse("w.mid".as_ref(), &fs::read(bench.path("w.mid")).unwrap()).unwrap().song;
    assert!((song.tempo.changes()[0].1 - 90.0).abs() < 1e-3);
    assert_eq!(song.meters.changes()[0].1, continuo_core::Meter::new(2, 4).unwrap());
}

#[test]
fn a_render_verifies_lands_on_its_loudness_and_is_the_same_twice() {
    let bench = Bench::new("render");
    let input = demo("greensleeves.mid");
    let run = |wav: &str, report: &str| {
        bench.ok(&[
            "render",
            &input,
            "-o",
            &bench.path(wav),
            "--report",
            &bench.path(report),
            "--accept",
            "all",
            "--json",
            "-",
        ])
    };
    let told: serde_json::Value = serde_json::from_str(&run("a.wav", "a")).unwrap();
    run("b.wav", "b");
    let clip = |name: &str| {
        let path = bench.path(name);
        continuo_plugin::files::audio::decode(path.as_ref(), fs::read(&path).unwrap()).unwrap()
    };
    assert_eq!(clip("a.wav"), clip("b.wav"));
    assert_eq!(
        fs::read(bench.path("a.wav.continuo.json")).unwrap(),
        fs::read(bench.path("b.wav.continuo.json")).unwrap()
    );
    for name in ["report.html", "arrangement.mid", "keys.mid", "bass.mid", "drums.mid", "strings.mid", "record.json"] {
        assert!(fs::metadata(bench.path(&format!("a/{name}"))).unwrap().len() > 0, "{name}");
    }
    let (lufs, peak) = help::ebur128(&clip("a.wav"));
    assert!((lufs + 14.0).abs() <= 0.1, "{lufs} LUFS");
    assert!(peak <= -1.0, "{peak} dBTP");
    assert!((told["masters"][0]["after"]["integrated_lufs"].as_f64().unwrap() - lufs).abs() < 0.1);
    let said = bench.ok(&["verify", &bench.path("a.wav")]);
    assert!(said.contains("bass"), "{said}");
    let json: serde_json::Value = serde_json::from_str(&bench.ok(&["verify", &bench.path("a.wav"), "--json"])).unwrap();
    assert_eq!(json["record"]["parts"][0]["gesture"]["kind"], "command-line");
    let credits = bench.ok(&["credits", &bench.path("a.wav"), "--csv", &bench.path("split.csv")]);
    assert!(credits.contains("harmony") && fs::read_to_string(bench.path("split.csv")).unwrap().contains("payee"));
    // One sample changed: the file no longer verifies.
    let mut bytes = fs::read(bench.path("a.wav")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    fs::write(bench.path("a.wav"), bytes).unwrap();
    let (code, _, error) = bench.run(&["verify", &bench.path("a.wav")]);
    assert_eq!(code, 1, "{error}");
}

#[test]
fn no_style_and_no_place_goes_over_its_ceiling() {
    let bench = Bench::new("ceiling");
    for (input, style, place, ceiling) in [
        ("ode-to-joy.mid", "rock", "club", -0.5),
        ("ode-to-joy.mid", "house", "cd", -0.3),
        ("greensleeves.mid", "swing", "youtube", -1.0),
        ("ode-to-joy.wav", "pop", "apple", -1.0),
    ] {
        let path = bench.path(&format!("{style}.wav"));
        let report = bench.ok(&["render", &demo(input), "-o", &path, "--style", style, "--for", place, "--json", "-"]);
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let clip = continuo_plugin::files::audio::decode(path.as_ref(), fs::read(&path).unwrap()).unwrap();
        let (lufs, peak) = help::ebur128(&clip);
        let asked = report["masters"][0]["for"]["loudness_lufs"].as_f64().unwrap();
        println!("{style} for {place}: {lufs:.2} LUFS of {asked}, {peak:.2} dBTP of {ceiling}");
        assert!(peak <= ceiling, "{style}: {peak} dBTP");
        // Where the loudness cannot be had under the ceiling, the command says so.
        let said =
            report["notices"].as_array().unwrap().iter().any(|n| n.as_str().unwrap().contains("cannot be made louder"));
        assert!((lufs - asked).abs() <= 0.1 || (said && lufs < asked), "{style}: {lufs} LUFS of {asked}");
    }
}

#[test]
fn a_recording_is_heard_and_accompanied() {
    let bench = Bench::new("recording");
    let input = demo("ode-to-joy.wav");
    let heard: serde_json::Value = serde_json::from_str(&bench.ok(&["listen", &input, "--json", "-"])).unwrap();
    assert_eq!(heard["song"]["key"], "D major", "{}", heard["song"]);
    assert!(heard["notes"].as_array().unwrap().len() > 20);
    bench.ok(&["accompany", &input, "--midi", &bench.path("a.mid"), "--audio", &bench.path("a.wav")]);
    bench.ok(&["verify", &bench.path("a.wav")]);
}

#[test]
fn a_master_reaches_every_place_it_goes_to() {
    let bench = Bench::new("master");
    fs::write(bench.path("in.wav"), sine_wav(48_000, 8.0, 0.2)).unwrap();
    bench.ok(&["master", &bench.path("in.wav"), "-o", &bench.path("out.wav"), "--for", "spotify,broadcast"]);
    for (name, lufs) in [("out-spotify.wav", -14.0), ("out-broadcast.wav", -23.0)] {
        let path = bench.path(name);
        let clip = continuo_plugin::files::audio::decode(path.as_ref(), fs::read(&path).unwrap()).unwrap();
        assert_eq!(clip.frames(), 48_000 * 8);
        let (found, peak) = help::ebur128(&clip);
        assert!((found - lufs).abs() <= 0.1 && peak <= -1.0, "{name}: {found} LUFS, {peak} dBTP");
        bench.ok(&["verify", &path]);
    }
    bench.ok(&["master", &bench.path("in.wav"), "--suggest-only"]);
    let (code, _, error) =
        bench.run(&["master", &bench.path("in.wav"), "-o", &bench.path("x.wav"), "--accept", "eq.moon"]);
    assert!(code == 1 && error.contains("eq.moon"), "{error}");
}

#[test]
fn a_tag_states_what_the_user_states() {
    let bench = Bench::new("tag");
    fs::write(bench.path("in.wav"), sine_wav(48_000, 4.0, 0.2)).unwrap();
    bench.ok(&["master", &bench.path("in.wav"), "-o", &bench.path("out.wav")]);
    fs::write(bench.path("bounce.wav"), sine_wav(44_100, 4.0, 0.3)).unwrap();
    let record = bench.path("out.wav.continuo.json");
    bench.ok(&["tag", &bench.path("bounce.wav"), "-o", &bench.path("tagged.wav"), "--record", &record]);
    let json: serde_json::Value =
        serde_json::from_str(&bench.ok(&["verify", &bench.path("tagged.wav"), "--json"])).unwrap();
    assert_eq!(json["record"]["output"]["binding"]["kind"], "stated-by-user");
}

#[test]
fn bad_input_is_one_sentence_and_leaves_nothing_behind() {
    let bench = Bench::new("bad");
    let midi = fs::read(demo("greensleeves.mid")).unwrap();
    let wav = sine_wav(44_100, 2.0, 0.3);
    let noise: Vec<u8> = (0..4_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let files: [(&str, &[u8]); 8] = [
        ("empty.mid", b""),
        ("text.mid", b"Dear sir, here is the song."),
        ("cut.mid", &midi[..midi.len() / 2]),
        ("nonotes.mid", b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x04\0\xff\x2f\0"),
        ("cut.wav", &wav[..wav.len() / 2]),
        ("silent.wav", &sine_wav(44_100, 2.0, 0.0)),
        ("noise.ogg", &noise),
        ("short.wav", &sine_wav(44_100, 0.05, 0.3)),
    ];
    for (name, bytes) in files {
        fs::write(bench.path(name), bytes).unwrap();
    }
    let before = bench.names();
    for (name, _) in files {
        let commands =
            [vec!["accompany", "", "--midi", "", "--audio", ""], vec!["render", "", "-o", "", "--report", ""]];
        for mut command in commands {
            let (input, midi, other) = (bench.path(name), bench.path("out.mid"), bench.path("out.wav"));
            command[1] = &input;
            command[3] = &midi;
            command[5] = &other;
            let (code, out, error) = bench.run(&command);
            assert_eq!(code, 1, "{command:?}: {error}");
            assert!(out.is_empty() && error.trim_end().lines().count() == 1, "{command:?}: {out}{error}");
            assert!(!error.contains("panicked"), "{error}");
            assert_eq!(bench.names(), before, "{command:?}");
        }
    }
    // A place that cannot be written.
    let (code, _, error) =
        bench.run(&["accompany", &demo("greensleeves.mid"), "--midi", &bench.path("no/such/folder/x.mid")]);
    assert!(code == 1 && error.contains("cannot write"), "{error}");
}

#[test]
fn missing_and_corrupt_models_and_runtimes_are_said() {
    let bench = Bench::new("models");
    let input = demo("greensleeves.mid");
    let out = bench.path("x.mid");
    let accompany = ["accompany", &input, "--midi", &out];
    let nowhere = bench.path("nowhere");
    let (code, _, error) = bench.run_with(&accompany, &[("CONTINUO_RESOURCES", &nowhere)]);
    assert!(code == 1 && error.contains("not found"), "{error}");
    let (code, _, error) = bench.run_with(&accompany, &[("ORT_DYLIB_PATH", &nowhere)]);
    assert!(code == 1 && error.contains("ORT_DYLIB_PATH"), "{error}");
    let text = bench.path("runtime.so");
    fs::write(&text, b"no library").unwrap();
    let (code, _, error) = bench.run_with(&accompany, &[("ORT_DYLIB_PATH", &text)]);
    assert!(code == 1 && error.contains("runtime.so"), "{error}");
    assert_eq!(bench.names(), ["runtime.so"]);
    // Written rules need neither.
    let mut alone = accompany.to_vec();
    alone.push("--rules-only");
    assert_eq!(bench.run_with(&alone, &[("CONTINUO_RESOURCES", &nowhere)]).0, 0);
    let report: serde_json::Value = serde_json::from_str(&bench.ok(&["models", "--json"])).unwrap();
    let names: Vec<&str> = report["models"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"harmony"), "{names:?}");
    assert_eq!(report["runtime"]["found"], true);
}
