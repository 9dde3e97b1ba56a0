//! A backup comes out as it went in, or not at all.

#![expect(clippy::unwrap_used, reason = "a wrong stage ends the test that set it")]

use gongxin_backup::{BackupError, Cover, Kind, Part, PartName, Source, check, limits, open, write};
use gongxin_crypto::{SealingPublic, SealingSecret, Suite};
use gongxin_types::Time;
use zeroize::Zeroizing;

fn secret() -> SealingSecret {
    SealingSecret::from_seed(&[7; 32])
}

fn cover(of: Kind, sealed_to: SealingPublic) -> Cover {
    Cover {
        network: Suite::Intl.hash(&[b"a network"]),
        suite: Suite::Intl.id(),
        of,
        name: "civil-affairs".parse().unwrap(),
        made: Time::from_millis(1_790_000_000_000),
        program: "0.1.0".to_owned(),
        sealed_to,
        vault_period: matches!(of, Kind::Gateway).then_some(1),
    }
}

/// What each part of such a backup says; the vault spans several chunks.
fn told(name: PartName) -> Vec<u8> {
    match name {
        PartName::VaultDatabase => (0..limits::CHUNK_BYTES * 2 + 77).map(|at| (at % 251) as u8).collect(),
        _ => name.as_str().as_bytes().to_vec(),
    }
}

fn parts(of: Kind) -> Vec<Part> {
    let source = |name| Source::Bytes(Zeroizing::new(told(name)));
    of.parts().iter().map(|name| Part { name: *name, source: source(*name) }).collect()
}

fn made(of: Kind) -> Vec<u8> {
    let mut file = Vec::new();
    write(&cover(of, secret().public()), &parts(of), &mut file).unwrap();
    file
}

fn read(file: &[u8], secret: &SealingSecret) -> Result<Vec<(PartName, Vec<u8>)>, BackupError> {
    let mut taken = Vec::new();
    open(file, secret)?.each(|entry, bytes| {
        let mut part = Vec::new();
        bytes.read_to_end(&mut part).map_err(|_| BackupError::Forged)?;
        taken.push((entry.name, part));
        Ok::<_, BackupError>(())
    })?;
    Ok(taken)
}

/// What went in comes out, whichever the kind; who has no key reads the cover, and none of the secrets.
#[test]
fn what_went_in_comes_out() {
    for of in [Kind::Node, Kind::Gateway] {
        let file = made(of);
        assert_eq!(check(&*file).unwrap(), cover(of, secret().public()));
        let taken = read(&file, &secret()).unwrap();
        assert!(taken.iter().all(|(name, bytes)| *bytes == told(*name)));
        assert_eq!(taken.iter().map(|(name, _)| *name).collect::<Vec<_>>(), of.parts());
        assert!(!file.windows(10).any(|window| window == b"passphrase"), "the passphrase's part is sealed");
    }
}

/// Cut short anywhere, or with one byte changed anywhere: refused without a key and with one.
#[test]
fn a_damaged_file_is_refused() {
    let file = made(Kind::Node);
    for length in 0..file.len() {
        let short = &file[..length];
        assert!(check(short).is_err(), "cut at {length}");
        assert!(read(short, &secret()).is_err(), "cut at {length}");
    }
    for at in 0..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(check(&*changed).is_err(), "changed at {at}");
        // The trailer is for those without a key.
        let in_trailer = at >= file.len() - 32;
        assert!(in_trailer || read(&changed, &secret()).is_err(), "changed at {at}");
    }
    let longer = [&*file, b"x"].concat();
    assert!(matches!(check(&*longer), Err(BackupError::Damaged)));
    assert!(matches!(read(&longer, &secret()), Err(BackupError::Damaged)));
}

/// A change made on purpose, with the digest at the end made anew, is seen by whoever has the key: chunks exchanged, the
/// last ones left out, the cover of another network put on.
#[test]
fn a_forged_file_is_refused() {
    let file = made(Kind::Gateway);
    let sealed = |file: &[u8]| [file, Suite::Intl.hash(&[file]).as_bytes()].concat();
    let body = &file[..file.len() - 32];
    let chunk = 5 + limits::CHUNK_BYTES + 16;
    let begin = 17 + 4 + u32::from_be_bytes(body[17..21].try_into().unwrap()) as usize + 80;

    let mut exchanged = body.to_vec();
    exchanged[begin..begin + 2 * chunk].rotate_left(chunk);
    let without_last = body[..begin + 2 * chunk].to_vec();
    let other = String::from_utf8_lossy(&body[21..begin - 80]).replace("civil-affairs", "civil-affairz");
    let renamed = [&body[..21], other.as_bytes(), &body[begin - 80..]].concat();
    for forged in [exchanged, without_last, renamed] {
        let forged = sealed(&forged);
        assert!(check(&*forged).is_ok(), "its digest is right");
        let refused = read(&forged, &secret()).unwrap_err();
        assert!(matches!(refused, BackupError::Forged | BackupError::Damaged), "{refused}");
    }
}

/// What is no backup, one of a newer program, and one that is sealed to another key, are named as such.
#[test]
fn what_cannot_be_opened_is_named() {
    let file = made(Kind::Node);
    let stranger = SealingSecret::from_seed(&[8; 32]);
    let Err(refused @ BackupError::OtherKey { .. }) = read(&file, &stranger) else { panic!("it opened") };
    assert!(refused.to_string().contains(&stranger.public().to_string()));
    assert!(matches!(check(&b"-----BEGIN ENCRYPTED PRIVATE KEY-----"[..]), Err(BackupError::NotABackup)));
    assert!(matches!(check(&b""[..]), Err(BackupError::NotABackup)));
    let newer = [b"gongxin-backup-2\n", &file[17..]].concat();
    let Err(refused @ BackupError::Newer { .. }) = check(&*newer) else { panic!("it was taken") };
    assert!(refused.to_string().contains("newer") && refused.to_string().contains("gongxin-backup-2"));
}

/// A backup without one of its parts is not written, and none with one too many.
#[test]
fn parts_are_those_of_its_kind() {
    let cover = cover(Kind::Gateway, secret().public());
    let (mut fewer, mut more) = (parts(Kind::Gateway), parts(Kind::Gateway));
    fewer.pop();
    more.push(parts(Kind::Node).remove(0));
    for wrong in [fewer, more] {
        assert!(matches!(write(&cover, &wrong, Vec::new()), Err(BackupError::Contents { .. })));
    }
    let mut without_sealing_key = parts(Kind::Gateway);
    without_sealing_key.retain(|part| part.name != PartName::SealingKey);
    assert_eq!(write(&cover, &without_sealing_key, Vec::new()).unwrap().len(), 6);
}
