//! Audio in, against files made by hand here byte by byte.

use super::*;

/// A WAV file of 16-bit samples, interleaved.
fn wav(rate: u32, channels: u16, samples: &[i16]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + data.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(channels) * 2).to_le_bytes());
    bytes.extend((channels * 2).to_le_bytes());
    bytes.extend(16u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

fn read(bytes: Vec<u8>) -> Result<Clip, FileError> {
    decode_sounding(Path::new("take.wav"), bytes)
}

#[test]
fn samples_channels_and_rate_come_through() {
    let samples: Vec<i16> = (0..2_000).map(|i| (i * 16) as i16).collect();
    let clip = read(wav(44_100, 2, &samples)).unwrap();
    assert_eq!((clip.channels.len(), clip.frames(), clip.rate.hz()), (2, 1_000, 44_100.0));
    for frame in [0usize, 1, 500, 999] {
        assert_eq!(clip.channels[1][frame], f32::from(samples[2 * frame + 1]) / 32_768.0);
    }
    let mono = read(wav(22_050, 1, &samples)).unwrap();
    assert_eq!(mono.stereo()[0], mono.stereo()[1]);
    assert_eq!(mono.mono(), mono.channels[0]);
}

#[test]
fn every_kind_of_bad_audio_has_its_own_sentence() {
    let loud: Vec<i16> = (0..44_100).map(|i| if i % 100 < 50 { 9_000 } else { -9_000 }).collect();
    let whole = wav(44_100, 1, &loud);
    assert!(matches!(read(whole[..whole.len() / 2].to_vec()), Err(FileError::Truncated { .. })));
    assert!(matches!(read(whole[..30].to_vec()), Err(FileError::Truncated { .. })));
    assert!(matches!(read(wav(44_100, 1, &[0; 4_410])), Err(FileError::Silent { .. })));
    assert!(matches!(read(wav(44_100, 1, &[])), Err(FileError::Damaged { .. })));
    assert!(matches!(read(wav(44_100, 6, &loud[..600])), Err(FileError::Unsupported { .. })));
    assert!(matches!(read(wav(4_000, 1, &loud)), Err(FileError::Unsupported { .. })));
    assert!(matches!(read(b"Shopping: milk, bread, strings".to_vec()), Err(FileError::UnknownKind(_))));
    assert!(matches!(read(b"MThd\0\0\0\x06".to_vec()), Err(FileError::UnknownKind(_))));
    // Three hours at 8 kHz, promised by the header alone, are refused as truncated before anything is decoded.
    let mut long = wav(8_000, 1, &loud);
    let promised = 3u32 * 3_600 * 8_000 * 2;
    long[40..44].copy_from_slice(&promised.to_le_bytes());
    assert!(matches!(read(long), Err(FileError::Truncated { .. })));
}

#[test]
fn more_than_two_hours_are_too_long() {
    let error = check_length(Path::new("x.wav"), 7_201 * 8_000, 8_000, 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "'x.wav' is too long: 120 minutes or more, and at most 120 are taken at 8000 Hz with 1 channels; cut it into shorter pieces"
    );
    assert!(check_length(Path::new("x.wav"), 7_200 * 48_000, 48_000, 2).is_ok());
    // At 192 kHz the bound on memory comes first: half an hour.
    assert!(check_length(Path::new("x.wav"), 1_801 * 192_000, 192_000, 2).is_err());
}

#[test]
fn no_bytes_make_it_panic() {
    let loud: Vec<i16> = (0..400).map(|i| if i % 100 < 50 { 9_000 } else { -9_000 }).collect();
    let whole = wav(44_100, 1, &loud);
    let mut rng = continuo_core::Rng::new(9, 0);
    for _ in 0..2_000 {
        let mut bytes = whole.clone();
        for _ in 0..1 + rng.below(3) {
            let at = rng.below(60);
            bytes[at] = rng.below(256) as u8;
        }
        let _ = read(bytes);
    }
}
