//! What proves something to a stranger: receipts, network files, certificates.
//!
//! The network of the corpus has four validators, of whom three sign. Its files are compiled in, because only with them
//! can a target say that anything else must not verify.

use std::sync::LazyLock;

use gongxin_types::bundle::Epoch;
use gongxin_types::{Certificate, EpochChange, FaultEvidence, Network};
use gongxin_verify::{TrustedNetwork, bundle, jcs, network as networks};

use crate::{Outcome, canonical, shown};

const NETWORK: &[u8] = include_bytes!("../corpus/network/good-four-validators");
const CHANGE: &[u8] = include_bytes!("../corpus/epoch_change/good-fifth-joins");
const RECEIPTS: [&[u8]; 3] = [
    include_bytes!("../corpus/receipt/good-act"),
    include_bytes!("../corpus/receipt/good-operation"),
    include_bytes!("../corpus/receipt/good-two-changes"),
];

static TRUSTED: LazyLock<TrustedNetwork> =
    LazyLock::new(|| networks::parse(NETWORK).expect("the corpus has a network that verifies"));

/// The network of the corpus.
pub(crate) fn trusted() -> &'static TrustedNetwork {
    &TRUSTED
}

/// `receipt.json`: accepted where it verifies, and nothing verifies but what validators signed, byte for byte.
pub(crate) fn receipt(bytes: &[u8]) -> Outcome {
    let report = bundle::verify(bytes, NETWORK);
    shown(&report);
    assert!(!report.ok || RECEIPTS.contains(&bytes), "a receipt that nobody wrote verifies");
    if let Ok(read) = jcs::read::<gongxin_types::Bundle>(bytes) {
        assert_eq!(bundle::to_bytes(&read), bytes);
    }
    Outcome::of(report.ok)
}

/// `network.json`, which says whom to trust; a receipt of another network never verifies with it.
pub(crate) fn network(bytes: &[u8]) -> Outcome {
    let report = bundle::verify(RECEIPTS[0], bytes);
    let Ok(file) = jcs::read::<Network>(bytes) else {
        assert!(!report.ok, "a receipt verifies with a file that is not read");
        return Outcome::Refused;
    };
    assert_eq!(bundle::network_to_bytes(&file), bytes, "a network file has two spellings");
    let Ok(found) = networks::trust(&file) else {
        assert!(!report.ok, "a receipt verifies with a file that is not trusted");
        return Outcome::Refused;
    };
    assert!(!report.ok || found.network == trusted().network, "a receipt verifies with another network");
    assert_eq!(found.sets().count(), file.epochs.len() + 1);
    assert!(found.sets().all(|(_, set)| set.quorum() * 3 > set.validators.len() * 2));
    Outcome::Accepted
}

/// What validators are said to have signed, canonical; accepted where it decodes. It convicts validators alone, and as the file
/// that people hand around just as well.
pub(crate) fn fault_evidence(bytes: &[u8]) -> Outcome {
    let Some(evidence) = canonical::<FaultEvidence>("fault evidence", bytes) else {
        return Outcome::Refused;
    };
    let file: FaultEvidence = serde_json::from_slice(&shown(&evidence)).expect("what we wrote, we read");
    assert_eq!(file, evidence);
    let convicted = gongxin_verify::fault::check(trusted(), &evidence).unwrap_or_default();
    let is_validator = |key| trusted().sets().any(|(_, set)| set.validators.iter().any(|one| one.key == key));
    assert!(convicted.into_iter().all(is_validator), "a stranger is convicted");
    Outcome::Accepted
}

/// A change of the validators, canonical; accepted where it decodes. It is believed only as those before signed it.
pub(crate) fn epoch_change(bytes: &[u8]) -> Outcome {
    let Some(change) = canonical::<EpochChange>("epoch change", bytes) else {
        return Outcome::Refused;
    };
    let mut network = trusted().clone();
    if network.follow(&change).is_ok() {
        assert!(bytes == CHANGE, "a change that nobody signed is believed");
        assert_eq!(network.newest_epoch(), 1);
    } else {
        assert_eq!(network.newest_epoch(), 0);
    }
    let written = Epoch::from(&change);
    assert_eq!(EpochChange::try_from(&written).expect("its own canonical header"), change);
    shown(&written);
    Outcome::Accepted
}

/// A snapshot of the state; accepted where its block is signed by the network's validators and it is whole. Of what is
/// refused nothing is kept, and nothing takes more memory than one chunk.
pub(crate) fn snapshot(bytes: &[u8]) -> Outcome {
    let Ok(contents) = gongxin_archive::snapshot::check(bytes, trusted()) else {
        return Outcome::Refused;
    };
    let signed = contents.block.certificate.as_ref().expect("a certificate of its own");
    let header = std::slice::from_ref(contents.header());
    assert_eq!(gongxin_verify::headers::check_chain(header, signed, trusted()), Ok(()));
    assert_eq!(gongxin_types::codec::encode(&contents.block), contents.block_bytes);
    Outcome::Accepted
}

/// A certificate, canonical; accepted where it decodes. It stands only with a quorum of votes, each validator's once.
pub(crate) fn certificate(bytes: &[u8]) -> Outcome {
    let Some(certificate) = canonical::<Certificate>("certificate", bytes) else {
        return Outcome::Refused;
    };
    let network = trusted();
    if gongxin_verify::certificate::check(network, &certificate).is_ok() {
        let set = network.set(certificate.epoch).expect("the set that voted");
        assert!(certificate.votes.len() >= set.quorum());
        assert!(certificate.votes.is_sorted_by(|one, next| one.validator < next.validator));
    }
    shown(&certificate);
    Outcome::Accepted
}
