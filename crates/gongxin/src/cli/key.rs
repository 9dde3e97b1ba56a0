//! `gongxin key`: make and show keys, encrypted PKCS#8 files that `openssl pkey` opens too.

use std::path::PathBuf;

use clap::Subcommand;
use gongxin_crypto::{SealingSecret, Suite, key_file};

use super::Context;
use crate::failure::{self, Failure};
use crate::{output, setup::keys};

/// Keys.
#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key in a new file, encrypted under the passphrase
    New {
        /// The file; it must not exist
        file: PathBuf,
        /// File with the passphrase
        #[arg(long, env = "GONGXIN_PASSPHRASE_FILE", value_name = "FILE", hide_env_values = true)]
        passphrase_file: Option<PathBuf>,
        /// A key to be sealed to (X25519), not one to sign with
        #[arg(long)]
        sealing: bool,
    },
    /// Print the public key of a file
    Show {
        /// The file
        file: PathBuf,
        /// File with the passphrase
        #[arg(long, env = "GONGXIN_PASSPHRASE_FILE", value_name = "FILE", hide_env_values = true)]
        passphrase_file: Option<PathBuf>,
        /// It is a key to be sealed to
        #[arg(long)]
        sealing: bool,
    },
    /// Make a random passphrase in a new file that you alone can read
    Passphrase {
        /// The file; it must not exist
        file: PathBuf,
    },
}

/// Carries the command out.
pub(crate) fn run(command: KeyCommand, context: &Context) -> Result<(), Failure> {
    let public = match command {
        KeyCommand::New { file, passphrase_file, sealing: true } => {
            let passphrase = keys::passphrase(passphrase_file.as_ref())?;
            let key = SealingSecret::generate().map_err(Failure::usage)?;
            key_file::write_sealing_key(&file, &key, &passphrase).map_err(unusable)?;
            key.public().to_string()
        }
        KeyCommand::New { file, passphrase_file, sealing: false } => {
            let passphrase = keys::passphrase(passphrase_file.as_ref())?;
            let key = Suite::Intl.generate().map_err(Failure::usage)?;
            key_file::write_signing_key(&file, &key, &passphrase).map_err(unusable)?;
            key.public().to_string()
        }
        KeyCommand::Show { file, passphrase_file, sealing } => {
            let passphrase = keys::passphrase(passphrase_file.as_ref())?;
            if sealing {
                key_file::read_sealing_key(&file, &passphrase).map_err(unusable)?.public().to_string()
            } else {
                key_file::read_signing_key(&file, &passphrase).map_err(unusable)?.public().to_string()
            }
        }
        KeyCommand::Passphrase { file } => {
            keys::new_passphrase(&file)?;
            output::print(context.format, &serde_json::json!({ "passphrase_file": file }), &[]);
            return Ok(());
        }
    };
    output::print(context.format, &serde_json::json!({ "public_key": public }), &[]);
    Ok(())
}

fn unusable(error: key_file::KeyFileError) -> Failure {
    Failure::usage(failure::chain(&error))
}
