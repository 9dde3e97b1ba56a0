//! `gongxin validator`: who orders and executes, and what another set of them would change.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use gongxin_types::genesis::Validator;
use gongxin_types::{List, OrganizationId, Slug, ValidatorSet};
use serde_json::{Value, json};

use super::{Acting, Context, Desk, listing::member};
use crate::failure::Failure;
use crate::files;
use crate::output::{self, Format};
use crate::setup::newcomer::{self, Made, Newcomer};

/// Where those that serve are asked for.
const PATH: &str = "/api/v1/validators";
const COLUMNS: &[&str] = &["name", "organization", "key", "since_epoch", "since"];

/// Validators.
#[derive(Subcommand)]
pub(crate) enum ValidatorCommand {
    /// List those that serve, each with the epoch and the block since which it does
    List(Acting),
    /// Make the folder of a validator for a network that runs already: it follows until members vote it in
    New(NewArguments),
}

/// A validator in the making.
#[derive(Args)]
pub(crate) struct NewArguments {
    /// Its name, unique in the network
    name: Slug,
    /// Whose it is
    #[arg(long, value_name = "ID")]
    organization: OrganizationId,
    /// Its folder, which must not be there
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Configuration of any node of the network, which names genesis and peers
    #[arg(long, value_name = "FILE")]
    like: PathBuf,
    /// Where it will listen for its peers
    #[arg(long, value_name = "ADDRESS")]
    p2p: SocketAddr,
    /// Where it will listen for clients
    #[arg(long, value_name = "ADDRESS")]
    http: SocketAddr,
}

/// Carries the command out.
pub(crate) async fn run(command: ValidatorCommand, context: &Context) -> Result<(), Failure> {
    let acting = match command {
        ValidatorCommand::List(acting) => acting,
        ValidatorCommand::New(arguments) => return new(arguments, context.format),
    };
    let document = acting.open(context).await?.get(PATH).await?;
    match context.format {
        Format::Json => output::print(Format::Json, &document, &[]),
        Format::Table => {
            output::print(Format::Table, document.get("validators").unwrap_or(&Value::Null), COLUMNS);
            let word = |name: &str| document.get(name).map(ToString::to_string).unwrap_or_default();
            output::note(&format!("epoch {}; {} votes make a block final", word("epoch"), word("quorum")));
        }
    }
    Ok(())
}

/// Makes one, and says what others need of it.
fn new(arguments: NewArguments, format: Format) -> Result<(), Failure> {
    let NewArguments { name, organization, dir, like, p2p, http } = arguments;
    let made = newcomer::make(&Newcomer { directory: &dir, name, organization, like: &like, p2p, http })?;
    let Made { validator, peer, config } = made;
    match format {
        Format::Json => {
            let document = json!({ "validator": validator, "peer": peer, "config": config });
            output::print(format, &document, &[]);
        }
        Format::Table => {
            let peer = toml::to_string(&peer).map_err(Failure::usage)?;
            let validator = serde_json::to_string(&validator).map_err(Failure::usage)?;
            output::line(&format!(
                "# for node.toml of every other node, which reads it again at SIGHUP\n[[followers]]\n{peer}"
            ));
            output::line(&format!("# for the list that members vote on\n{validator}"));
            output::note(&format!("made; start it with `gongxin node --config {}`", config.display()));
        }
    }
    Ok(())
}

/// The set that serves, as the gateway has it.
pub(crate) async fn serving(desk: &Desk) -> Result<ValidatorSet, Failure> {
    let document = desk.get(PATH).await?;
    let items: Vec<Value> = member(&document, "validators")?;
    let validator = |one: &Value| {
        Ok(Validator {
            name: member(one, "name")?,
            organization: member(one, "organization")?,
            key: member(one, "key")?,
        })
    };
    let validators = items.iter().map(validator).collect::<Result<Vec<_>, Failure>>()?;
    let validators = List::new(validators).map_err(Failure::unreachable)?;
    Ok(ValidatorSet { version: 1, epoch: member(&document, "epoch")?, validators })
}

/// The set of a file, for the epoch after the one that serves.
pub(crate) async fn proposed(path: &Path, desk: &Desk) -> Result<ValidatorSet, Failure> {
    let mut validators: Vec<Validator> = files::noun(path)?;
    validators.sort_by_key(|validator| validator.key);
    let validators = List::new(validators).map_err(|error| Failure::file(path, error))?;
    Ok(ValidatorSet { version: 1, epoch: serving(desk).await?.epoch.saturating_add(1), validators })
}

/// Who joins, who leaves, and how many votes will make a block final.
pub(crate) fn words(serving: &ValidatorSet, next: &ValidatorSet) -> Vec<String> {
    let mut lines =
        vec![format!("validators of epoch {}, beside those of epoch {}, who serve:", next.epoch, serving.epoch)];
    let told = |one: &Validator| format!("{} of {}, key {}", one.name, one.organization, one.key);
    for one in &next.validators {
        match serving.validators.iter().find(|before| before.key == one.key) {
            None => lines.push(format!("+ {}", told(one))),
            Some(before) if before == one => {}
            Some(before) => lines.push(format!("~ {} of {} becomes {}", before.name, before.organization, told(one))),
        }
    }
    let gone = serving.validators.iter().filter(|one| next.validators.iter().all(|other| other.key != one.key));
    lines.extend(gone.map(|one| format!("- {}", told(one))));
    if lines.len() == 1 {
        lines.push("no difference".into());
    }
    lines.push(format!(
        "{} of {} votes will make a block final; now it takes {} of {}",
        next.quorum(),
        next.validators.len(),
        serving.quorum(),
        serving.validators.len()
    ));
    if next.epoch != serving.epoch.saturating_add(1) {
        lines.push(format!("it can take effect in epoch {} alone", next.epoch.saturating_sub(1)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use gongxin_types::genesis::ConsensusKey;

    use super::*;

    fn set(epoch: u64, members: &[(u8, &str, &str)]) -> ValidatorSet {
        let validator = |(key, name, organization): &(u8, &str, &str)| Validator {
            name: name.parse().unwrap(),
            organization: organization.parse().unwrap(),
            key: ConsensusKey([*key; 32]),
        };
        let validators = List::new(members.iter().map(validator).collect()).unwrap();
        ValidatorSet { version: 1, epoch, validators }
    }

    /// One joins, one leaves, one is called otherwise; an older proposal says that its epoch is over.
    #[test]
    fn a_set_is_told_beside_the_one_that_serves() {
        let serving =
            set(3, &[(1, "one", "housing"), (2, "two", "finance"), (3, "three", "health"), (4, "four", "audit")]);
        let next = [
            (1, "one", "housing"),
            (2, "second", "finance"),
            (3, "three", "health"),
            (5, "five", "data"),
            (6, "six", "tax"),
        ];
        let told = |epoch| {
            let lines = words(&serving, &set(epoch, &next));
            let without_keys: Vec<&str> = lines.iter().filter_map(|line| line.split(", key").next()).collect();
            without_keys.join("\n")
        };
        expect![[r#"
            validators of epoch 4, beside those of epoch 3, who serve:
            ~ two of finance becomes second of finance
            + five of data
            + six of tax
            - four of audit
            4 of 5 votes will make a block final; now it takes 3 of 4"#]]
        .assert_eq(&told(4));
        assert!(told(3).ends_with("it can take effect in epoch 2 alone"));
    }
}
