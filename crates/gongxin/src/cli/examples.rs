//! What `--help` teaches by example: command lines that work in the demonstration's network, under their verb and noun.
//!
//! The end-to-end tests hold them to it: every option named here exists, and the files shown here are taken.

use clap::Command;

/// A command line, and what it is for.
type Example = (&'static str, &'static str);

const EXAMPLES: &[Example] = &[
    ("gongxin demo", "start it, load 44 years of divisions, print what to try"),
    ("gongxin demo --no-load --base-port 30000", "an empty network on other ports"),
    (
        "gongxin demo governance",
        "four institutions admit a fifth, change a rule, lose a key, expel a liar; Enter goes on",
    ),
    ("gongxin demo governance --auto --dir story", "the same by itself; network, receipts and logs stay in the folder"),
    ("gongxin init --print-plan > plan.toml", "a plan to begin with"),
    ("gongxin init --plan plan.toml --dir city", "make the network of that plan"),
    ("gongxin node --config city/housing/node/node.toml", "run a member's validator"),
    ("gongxin gateway --config city/housing/gateway/gateway.toml", "run a member's gateway"),
    ("gongxin gateway list --as housing/clerk", "gateways, addresses and keys on the ledger"),
    (
        "gongxin gateway new --organization tax --dir tax/gateway --like city/housing/gateway/gateway.toml --http 127.0.0.1:26700",
        "the folder of a new member's gateway",
    ),
    ("gongxin gateway register gateway.json --as housing/operator", "a further gateway of one's own office"),
    ("gongxin status", "who lags, who is silent, whose clock is off, whose disk fills; live on a terminal"),
    ("gongxin status --config city/housing/node/node.toml", "one's own validator alone: whether it votes, and why not"),
    ("gongxin status --output json", "the same for a program: exit code 1 if something needs attention"),
    ("gongxin doctor --config city/housing/node/node.toml", "what stands in the way of a start"),
    ("gongxin key new backup.pem --sealing --passphrase-file passphrase", "the key of your backups; keep it elsewhere"),
    ("gongxin backup /var/backups --config city/housing/gateway/gateway.toml --to PUBLIC-KEY", "for every night"),
    ("gongxin restore housing.backup --check --network network.json", "whether it is whole, without its key"),
    (
        "gongxin restore housing.backup --dir gateway --key backup.pem --passphrase-file passphrase --network network.json",
        "put it back",
    ),
    ("gongxin vault check --config city/housing/gateway/gateway.toml", "which rows were lost since the backup"),
    ("gongxin snapshot make ledger.snapshot --config city/housing/node/node.toml", "of a node that does not run"),
    (
        "gongxin snapshot check ledger.snapshot --network network.json",
        "whether it is whole, and the state it says it is",
    ),
    ("gongxin snapshot restore ledger.snapshot --config city/housing/node/node.toml", "into an empty data directory"),
    ("gongxin bench ledger --as housing/clerk --concurrency 8192 --bulk 256 --seconds 60", "transactions a second"),
    ("gongxin bench ledger --as housing/clerk --rate 200 --seconds 30", "delay at a steady rate"),
    ("gongxin bench read --as housing/clerk --readings 300", "delay of audited readings"),
    ("gongxin bench batch --as civil-affairs/steward --batches 300 --concurrency 48", "record creations a second"),
    ("gongxin verify receipt.json --network network.json", "each step of the proof, without any server"),
    ("gongxin verify fault.json --network network.json", "whom two contradictory votes convict"),
    ("gongxin verify receipt.json --network network.json --output json", "the same for a program"),
    ("gongxin key passphrase passphrase", "a random passphrase in a file of one's own"),
    ("gongxin key new clerk.pem --passphrase-file passphrase", "a key; its public half is printed"),
    ("gongxin org list --as housing/clerk", "the members of the network"),
    ("gongxin org register org.json --as data-bureau/authority", "admit a member"),
    ("gongxin officer register officer.json --as housing/operator --receipt receipt.json", "admit a colleague"),
    ("gongxin officer dismiss 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --as housing/operator", "end all rights of one"),
    ("gongxin officer rotate PUBLIC-KEY --as housing/clerk", "change your own key"),
    ("gongxin officer revoke 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --as housing/head", "stop every key of one, at once"),
    (
        "gongxin officer recover 0a1b2c3d4e5f60718293a4b5c6d7e8f9 PUBLIC-KEY --as housing/head",
        "propose a new key for who lost it",
    ),
    ("gongxin duty list --as housing/clerk", "every office's statutory tasks"),
    ("gongxin duty register duty.json --as housing/steward", "a task of one's own office"),
    (
        "gongxin resource show civil-affairs/divisions --as housing/clerk --output json",
        "fields, share and open attribute",
    ),
    ("gongxin resource publish resource.json --as housing/steward --receipt receipt.json", "catalogue a data set"),
    ("gongxin record read civil-affairs/divisions 310112 --as housing/clerk --receipt receipt.json", "one record"),
    ("gongxin record history civil-affairs/divisions 513721 --as civil-affairs/clerk", "all lives of a key, in order"),
    (
        "gongxin record create housing/permits --row '{\"number\":\"2026-1\"}' --effective 2026-08-01 --as housing/steward",
        "a record; only its commitment goes to the ledger",
    ),
    (
        "gongxin evidence notarise contract.pdf --legal-basis electronic-signature-law-art-8 --as housing/clerk",
        "prove that a file existed",
    ),
    ("gongxin evidence digest contract.pdf", "the digest by which to find it again"),
    (
        "gongxin grant issue housing/permits --reader civil-affairs --fields number --purpose case-handling \
         --legal-basis sharing-regulation-art-20 --until 2027-08-01T00:00:00Z --as housing/steward",
        "let another office read",
    ),
    ("gongxin grant revoke 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --as housing/steward", "end that at once"),
    (
        "gongxin access list --resource civil-affairs/divisions --as civil-affairs/steward",
        "who read it, why, under which right",
    ),
    (
        "gongxin proposal open --policies policies --legal-basis sharing-regulation --as civil-affairs/head",
        "put other rules to the vote",
    ),
    ("gongxin proposal show 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --as housing/head", "what is proposed, and who voted"),
    (
        "gongxin proposal vote 0a1b2c3d4e5f60718293a4b5c6d7e8f9 against --matter DIGEST --as housing/head",
        "the vote of one's organization",
    ),
    ("gongxin proposal list --as audit-office/supervisor", "what members decided, and what is open"),
    ("gongxin alert list --open --as housing/operator", "what is wrong now, and whether enough say so"),
    ("gongxin alert list --kind equivocation --as audit-office/supervisor", "who was convicted"),
    ("gongxin alert show 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --as housing/operator", "who says so, and since when"),
    ("gongxin alert raise --evidence fault.json --as housing/operator --receipt receipt.json", "hand in what convicts"),
    ("gongxin alert raise --silent public-security --as housing/operator", "say that a validator is not heard"),
    ("gongxin alert end 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --as housing/operator", "it is heard again"),
    (
        "gongxin obligation open --obligor housing --kind rectify --working-days 5 --legal-basis sharing-regulation --as audit-office/supervisor",
        "set a task with a term",
    ),
    ("gongxin obligation list --overdue --as audit-office/supervisor", "who is late"),
    ("gongxin obligation show 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --as housing/clerk", "when it is due"),
    ("gongxin obligation fulfil 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --as housing/clerk", "report that it is done"),
    ("gongxin calendar due --from 2026-09-30 --working-days 20", "the last day of a term across National Day"),
    ("gongxin calendar show --year 2026 --as housing/clerk", "days off and worked, as the ledger has them"),
    (
        "gongxin proposal open --calendar 2027.json --legal-basis sharing-regulation --as civil-affairs/head",
        "put a year's holiday notice to the vote",
    ),
    (
        "gongxin proposal open --validators next.json --legal-basis sharing-regulation --as civil-affairs/head",
        "put other validators to the vote",
    ),
    ("gongxin pending list --as housing/head", "what waits for a second person, and what became of it"),
    ("gongxin pending show 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --as housing/head", "what would be done, and its digest"),
    (
        "gongxin pending approve 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --act DIGEST --as data-bureau/authority",
        "the second pair of eyes",
    ),
    ("gongxin pending withdraw 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --as housing/head", "take it back, or turn it down"),
    ("gongxin policy list", "the rules a network begins with, each with its law, in Chinese and English"),
    ("gongxin policy show --as housing/clerk", "the rules in force"),
    (
        "gongxin policy check --policies policies --schema policies/schema.cedarschema --entities entities.json --request request.json",
        "what the rules would say",
    ),
    (
        "gongxin projection rebuild --config city/housing/gateway/gateway.toml --compare",
        "prove the copy against the blocks",
    ),
    ("gongxin vault rotate --config city/housing/gateway/gateway.toml", "a new key for everything at rest"),
    ("gongxin validator list --as housing/clerk", "who orders and executes, and since which block"),
    ("gongxin network show --network network.json", "what a network file says, in words"),
    (
        "gongxin network save --as housing/clerk --out newest.json",
        "the file with every change of the validators, if it continues the one at hand",
    ),
    ("gongxin completions bash > ~/.local/share/bash-completion/completions/gongxin", ""),
    ("gongxin man ~/.local/share/man/man1", ""),
];

/// Files that verbs take, by noun. What `show --output json` prints is such a file too.
const FILES: &[(&str, &str)] = &[
    ("org", include_str!("examples/org.json")),
    ("officer", include_str!("examples/officer.json")),
    ("duty", include_str!("examples/duty.json")),
    ("resource", include_str!("examples/resource.json")),
    ("gateway", include_str!("examples/gateway.json")),
];

/// The command with its examples under every page but the first, which has its own.
pub(super) fn teach(command: Command) -> Command {
    let nouns: Vec<String> = command.get_subcommands().map(|noun| noun.get_name().to_owned()).collect();
    nouns.into_iter().fold(command, |command, name| command.mut_subcommand(&name, |noun| teach_noun(noun, &name)))
}

fn teach_noun(noun: Command, name: &str) -> Command {
    let verbs: Vec<String> = noun.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    let noun = verbs.into_iter().fold(noun, |noun, verb| {
        noun.mut_subcommand(&verb, |command| with_help(command, page(&format!("gongxin {name} {verb} "), None)))
    });
    let file = FILES.iter().find(|(of, _)| *of == name).map(|(_, file)| (name, *file));
    with_help(noun, page(&format!("gongxin {name} "), file))
}

fn with_help(command: Command, page: String) -> Command {
    if page.is_empty() { command } else { command.after_help(page) }
}

/// The examples that begin so; the last word may be the end of the line.
fn page(prefix: &str, file: Option<(&str, &str)>) -> String {
    let of =
        |line: &str| line.strip_prefix(prefix.trim_end()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let lines = EXAMPLES.iter().filter(|(line, _)| of(line)).map(|(line, what)| match what.is_empty() {
        true => format!("\n  {line}"),
        false => format!("\n  {line}\n      {what}"),
    });
    let lines: String = lines.collect();
    let examples = if lines.is_empty() { lines } else { format!("Examples:{lines}") };
    let file = file.map(|(noun, file)| format!("\n\n{noun}.json:\n{}", file.trim_end()));
    examples + &file.unwrap_or_default()
}
