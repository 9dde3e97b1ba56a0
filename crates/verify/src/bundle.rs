//! Verify `receipt.json` from `network.json`, step by step (docs/spec/receipt.md).
//!
//! Every step is done, whatever became of those before it, so that a report shows all that is wrong with a receipt. Only
//! where a file cannot be read as its format is there nothing further to compare.

use gongxin_types::bundle::{Bundle, Encoded, Network, Path};
use gongxin_types::{ActionReceipt, Decision, Effect, Header, ReceiptLeaf, codec};

use gongxin_crypto::{Digest, Suite, merkle};

use crate::jcs::{self, ReadError};
use crate::network::{self, LineError, NetworkError};
use crate::{Report, TrustedNetwork, headers};

mod operation;
mod subject;

/// The canonical bytes of `receipt.json`.
pub fn to_bytes(bundle: &Bundle) -> Vec<u8> {
    // Names are texts and no number is a fraction: nothing in a bundle is outside JSON.
    jcs::to_bytes(bundle).unwrap_or_default()
}

/// The canonical bytes of `network.json`.
pub fn network_to_bytes(network: &Network) -> Vec<u8> {
    jcs::to_bytes(network).unwrap_or_default()
}

/// Verifies the bytes of a receipt file against those of a network file.
pub fn verify(receipt: &[u8], network: &[u8]) -> Report {
    let mut report = Report::new();
    match (jcs::read::<Bundle>(receipt), jcs::read::<Network>(network)) {
        (Ok(bundle), Ok(network)) => {
            report.push("format", Ok("both files are canonical and have exactly the fields of their format".into()));
            check(&mut report, &bundle, &network);
        }
        (receipt, network) => push_format(&mut report, receipt.err(), network.err()),
    }
    report
}

fn push_format(report: &mut Report, receipt: Option<ReadError>, network: Option<ReadError>) {
    let is_unreadable = receipt.iter().chain(&network).any(ReadError::is_unreadable);
    let named = [("the receipt file", receipt), ("the network file", network)];
    let reasons: Vec<String> =
        named.into_iter().filter_map(|(file, error)| error.map(|error| format!("{file}: {error}"))).collect();
    let reason = reasons.join("; ");
    if is_unreadable { report.push_unreadable("format", reason) } else { report.push("format", Err(reason)) }
}

fn check(report: &mut Report, bundle: &Bundle, file: &Network) {
    // Refused or not, it says how the rest is hashed and who votes; a refusal is never taken back.
    let mut trusted = TrustedNetwork::from_head(&file.head);
    report.network = Some(trusted.network);
    let line = network::follow_file(&mut trusted, file);
    report.push("network", check_network(bundle, file, line));
    // Shown after the headers and needed before.
    let epochs = check_epochs(&mut trusted, bundle);

    let leaf = read_leaf(&bundle.leaf);
    let headers = bundle.headers.iter().map(read_header).collect::<Result<Vec<_>, _>>();
    report.push("leaf", leaf.as_ref().map(describe_leaf).map_err(String::clone));
    subject::check(report, &bundle.subject, leaf.as_ref().ok(), &trusted);
    report.push("path", headers.clone().and_then(|headers| check_path(bundle, &headers, trusted.suite)));
    report.push("headers", headers.clone().and_then(|headers| check_headers(&headers, &trusted)));
    report.push("epochs", epochs);
    report.push("certificate", headers.clone().and_then(|headers| check_certificate(bundle, &headers, &trusted)));

    let first = headers.ok().and_then(|headers| headers.into_iter().next());
    report.height = first.as_ref().map(|header| header.height);
    report.time = first.as_ref().map(|header| header.time);
    report.decision = leaf.ok().map(|leaf| leaf.decision);
    let decision = report.decision.as_ref().zip(first);
    report.push(
        "decision",
        match decision {
            Some((decision, header)) => Ok(describe_decision(decision, &header)),
            None => Err("without leaf and header there is no decision to show".into()),
        },
    );
}

fn check_network(bundle: &Bundle, file: &Network, line: Result<(), LineError>) -> Result<String, String> {
    network::check_head(file).map_err(|error| error.to_string())?;
    line.map_err(|error| NetworkError::from(error).to_string())?;
    let (network, head) = (file.network, &file.head);
    if bundle.network != network {
        return Err(format!("the receipt is of network `{}`, the network file of `{network}`", bundle.network));
    }
    let scale = match head.time_scale {
        1 => String::new(),
        scale => format!("; a test network, whose calendar runs {scale} times as fast as real time"),
    };
    let (name, count) = (&head.name, head.validators.len());
    let validators = match file.epochs.len() {
        0 => format!("{count} validators"),
        changes => format!("begun with {count} validators, {} of them since", counted(changes, "change")),
    };
    Ok(format!("receipt and network file name `{network}` (`{name}`, {validators}){scale}"))
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn read_leaf(leaf: &Encoded) -> Result<ActionReceipt, String> {
    match codec::decode("receipt leaf", &leaf.0).map_err(|error| jcs::shorten(&error.to_string()))? {
        ReceiptLeaf::Action(receipt) if receipt.version == 1 => Ok(receipt),
        ReceiptLeaf::Action(receipt) => {
            Err(format!("the leaf has encoding version {}, this verifier knows 1", receipt.version))
        }
        ReceiptLeaf::Block(_) => Err("the leaf is a block's own, not that of an act".into()),
    }
}

fn describe_leaf(leaf: &ActionReceipt) -> String {
    let ActionReceipt { transaction, index, sender, action, .. } = leaf;
    let (organization, number) = (&sender.organization, index.saturating_add(1));
    format!("act {number} of transaction `{transaction}`, `{}`, sent for `{organization}`", action.code())
}

fn read_header(header: &Encoded) -> Result<Header, String> {
    codec::decode("header", &header.0).map_err(|error| jcs::shorten(&error.to_string()))
}

fn check_path(bundle: &Bundle, headers: &[Header], suite: Suite) -> Result<String, String> {
    let header = headers.first().ok_or("there is no header to lead to")?;
    let leaf = merkle::leaf_hash(suite, &bundle.leaf.0);
    check_inclusion(suite, &leaf, &bundle.path, &header.receipts_root)?;
    let (entry, size) = (bundle.path.index.saturating_add(1), bundle.path.size);
    let (height, root) = (header.height, header.receipts_root);
    Ok(format!("the leaf is entry {entry} of {size} under the receipts root `{root}` of block {height}"))
}

fn check_inclusion(suite: Suite, leaf: &Digest, path: &Path, root: &Digest) -> Result<(), String> {
    merkle::verify_inclusion(suite, leaf, path.index, path.size, &path.hashes, root).map_err(|error| error.to_string())
}

fn check_headers(chain: &[Header], trusted: &TrustedNetwork) -> Result<String, String> {
    headers::check_links(chain, trusted).map_err(|error| error.to_string())?;
    Ok(match (chain.first(), chain.last()) {
        (Some(first), Some(last)) if chain.len() > 1 => {
            format!("{} headers, {} to {}, each the parent of the next", chain.len(), first.height, last.height)
        }
        (Some(first), _) if first.epoch == 0 => {
            format!("one header, {}, of this network and its validators", first.height)
        }
        (Some(first), _) => {
            format!("one header, {}, of this network and its validators of epoch {}", first.height, first.epoch)
        }
        _ => String::new(),
    })
}

fn check_epochs(trusted: &mut TrustedNetwork, bundle: &Bundle) -> Result<String, String> {
    let known = trusted.newest_epoch();
    network::follow_receipt(trusted, bundle).map_err(|error| error.to_string())?;
    Ok(match (bundle.epochs.len(), known, trusted.newest_epoch()) {
        (0, 0, _) => "none: the validators are those of the network's head".into(),
        (0, known, _) => format!("none: the network file knows the validators up to epoch {known}"),
        (count, _, newest) => {
            let changes = counted(count, "change");
            format!("{changes} of the validators, signed by those before; validators are known up to epoch {newest}")
        }
    })
}

fn check_certificate(bundle: &Bundle, headers: &[Header], trusted: &TrustedNetwork) -> Result<String, String> {
    headers::check_certified(headers, &bundle.certificate, trusted).map_err(|error| error.to_string())?;
    let set = trusted.set(bundle.certificate.epoch);
    let (count, quorum) = set.map_or((0, 0), |set| (set.validators.len(), set.quorum()));
    let votes = bundle.certificate.votes.len();
    let height = headers.last().map(|header| header.height).unwrap_or_default();
    Ok(format!("{votes} of {count} validators signed the digest of header {height}; {quorum} are needed"))
}

fn describe_decision(decision: &Decision, header: &Header) -> String {
    let policies: Vec<&str> = decision.policies.iter().map(|policy| policy.as_str()).collect();
    let by = match policies.as_slice() {
        [] => "no policy applied".to_owned(),
        some => format!("policies that decided: `{}`", some.join("`, `")),
    };
    let (height, time) = (header.height, header.time);
    let effect = match decision.effect {
        Effect::Allow => "allowed",
        Effect::Deny => "denied",
    };
    let refusal = decision.refusal.map(|refusal| format!(": {}", refusal.words())).unwrap_or_default();
    format!("{effect} in block {height} at {time} ({by}){refusal}")
}
