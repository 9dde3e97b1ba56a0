//! What to try, in the words of whoever sees the platform for the first time.

use std::path::Path;

use crate::home;
use crate::output;
use crate::setup::Layout;

/// Prints commands to copy, with the paths of this very demonstration.
pub(crate) fn what_to_try(directory: &Path, layout: &Layout, empty: bool) {
    let program = std::env::current_exe().map(|path| path.display().to_string()).unwrap_or_else(|_| "gongxin".into());
    let home = if directory == home::default_directory() {
        String::new()
    } else {
        format!("export GONGXIN_HOME={}\n  ", directory.display())
    };
    let network = directory.join(crate::setup::write::NETWORK);
    let network = network.display();
    let folder = directory.display();
    let log = layout.validators.first().map(|validator| directory.join(validator.config.with_file_name("log")));
    let log = log.map(|path| path.display().to_string()).unwrap_or_default();
    let nothing = if empty { "\n(No records were loaded: the readings below will find nothing.)\n" } else { "" };
    output::line(&format!(
        "
公信 Gongxin is running. In another terminal:{nothing}

  {home}alias gongxin={program}

All lives of one division, read by the office that keeps it (each reading is on the ledger before it comes out):
  gongxin record history civil-affairs/divisions 310230 --as civil-affairs/clerk

Another division, read by an officer of housing under the grant it has, with the receipt:
  gongxin record read civil-affairs/divisions 310112 --as housing/clerk --receipt receipt.json

Who read it:
  gongxin access list --resource civil-affairs/divisions --as audit-office/supervisor

Check the receipt with the network's public keys alone; take both files to another machine and do it there:
  gongxin verify receipt.json --network {network}

An act without the right is refused, and the refusal is proven too:
  gongxin record read civil-affairs/divisions 310112 --as public-security/clerk --receipt refusal.json
  gongxin verify refusal.json

Kill a validator and see the network go on:
  pkill -9 -f {folder}/social-security/node/node.toml
  gongxin status

Logs are beside the configurations, such as {log}
Ctrl-C stops what this command started, and nothing else."
    ));
}
