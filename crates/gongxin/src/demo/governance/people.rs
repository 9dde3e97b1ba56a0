//! Officers who come in the course of the story: their keys, made by themselves, and where the network's folder keeps them.

use std::fs;
use std::path::Path;

use gongxin_crypto::PublicKey;
use gongxin_types::{List, Officer, OfficerId, Role};

use super::story::Story;
use crate::cli::member;
use crate::failure::Failure;
use crate::files;
use crate::home::Home;
use crate::setup::genesis::first_key;
use crate::setup::{OfficerLayout, keys};

/// A new key in a file of the network's folder, under its office's passphrase; the public half.
pub(super) async fn new_key(story: &mut Story<'_>, file: &str, passphrase: &str) -> Result<PublicKey, Failure> {
    let folder = story.directory().join(file);
    let folder = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
    let made = story.answer(&format!("key new {file} --passphrase-file {passphrase}")).await?;
    member(&made, "public_key")
}

/// A new officer with a key of the officer's own; the folder then knows `organization/label`. The noun is what an
/// appointment registers, and stands in a file.
pub(super) async fn newcomer(
    story: &mut Story<'_>,
    organization: &str,
    label: &str,
    role: Role,
) -> Result<Officer, Failure> {
    let (file, passphrase) = (format!("{organization}/officers/{label}.pem"), format!("{organization}/passphrase"));
    let key = new_key(story, &file, &passphrase).await?;
    let officer = Officer {
        version: 1,
        id: OfficerId::new(keys::identifier()?),
        organization: organization.parse().map_err(Failure::usage)?,
        roles: List::new(vec![role]).map_err(Failure::usage)?,
        keys: List::new(vec![first_key(key)]).map_err(Failure::usage)?,
        until: None,
        dismissed: None,
        admitted_by: None,
        given: List::empty(),
    };
    story.layout.officers.push(OfficerLayout {
        id: officer.id,
        organization: officer.organization.clone(),
        roles: vec![role],
        key: file.into(),
        passphrase_file: passphrase.into(),
    });
    story.layout.write(story.directory())?;
    Ok(officer)
}

/// Writes what a command takes from a file.
pub(super) fn write(story: &Story<'_>, file: &str, noun: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_vec_pretty(noun).map_err(Failure::usage)?;
    files::write(&story.directory().join(file), &text)
}

/// The identifier of an officer whom the folder knows.
pub(super) fn identifier(story: &Story<'_>, name: &str) -> Result<OfficerId, Failure> {
    Home::new(Some(&story.directory().to_owned())).officer(name).map(|known| known.id)
}
