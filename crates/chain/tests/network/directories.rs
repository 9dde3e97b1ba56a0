//! Data directories: another network's, one used before, half-written ones. Each is refused with what to do, untouched.

use std::fs;

use gongxin_chain::{DirectoryError, StartError, ValidatorConfig};
use gongxin_types::Time;

use crate::town::{Town, contents};

/// What a start says that must fail, and that it leaves every file as it was.
fn refused(town: &Town, config: ValidatorConfig) -> StartError {
    let before = contents(town.directory.path());
    let error = gongxin_chain::start(config).err().unwrap();
    assert_eq!(contents(town.directory.path()), before, "{error}");
    error
}

/// A directory of another network names both networks; one used before is not made new.
#[test]
fn a_directory_of_another_network_is_refused() {
    let town = Town::new();
    gongxin_chain::init(&town.path(0), &town.genesis).unwrap();
    assert!(matches!(gongxin_chain::init(&town.path(0), &town.genesis), Err(DirectoryError::Used { .. })));
    let mut config = town.config(0);
    config.genesis.head.time = Time::from_millis(1);
    let (own, other) = (town.genesis.head.id().to_string(), config.genesis.head.id().to_string());
    let error = refused(&town, config).to_string();
    let told = [town.path(0).display().to_string(), own, other, "choose another directory".to_owned()];
    assert!(told.iter().all(|words| error.contains(words)), "{error}");
}

/// Data without the file that says whose it is, or with a torn one: half-written, whatever part is there.
#[test]
fn a_half_written_directory_is_refused() {
    let town = Town::new();
    for (node, part) in ["blocks", "engine"].into_iter().enumerate() {
        fs::create_dir_all(town.path(node).join(part)).unwrap();
    }
    fs::create_dir_all(town.path(2)).unwrap();
    fs::write(town.path(2).join("votes"), "").unwrap();
    gongxin_chain::init(&town.path(3), &town.genesis).unwrap();
    let marker = town.path(3).join("network");
    let whole = fs::read(&marker).unwrap();
    for node in 0..4 {
        fs::write(&marker, &whole[..whole.len() / 2]).unwrap();
        let error = refused(&town, town.config(node));
        assert!(matches!(error, StartError::Directory(DirectoryError::HalfWritten { .. })), "{error}");
        let error = error.to_string();
        let told = [town.path(node).display().to_string(), "choose another one, or move this one away".to_owned()];
        assert!(told.iter().all(|words| error.contains(words)), "{error}");
    }
}
