//! What proves something to a stranger: receipts, network files, certificates.
//!
//! The network of the corpus has four validators, of whom three sign. Its files are compiled in, because only with them
//! can a target say that anything else must not verify.

use std::sync::LazyLock;

use gongxin_types::{Certificate, Network};
use gongxin_verify::{TrustedNetwork, bundle, jcs, network as networks};

use crate::{Outcome, canonical, shown};

const NETWORK: &[u8] = include_bytes!("../corpus/network/good-four-validators");
const RECEIPTS: [&[u8]; 2] =
    [include_bytes!("../corpus/receipt/good-act"), include_bytes!("../corpus/receipt/good-operation")];

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
    assert!(!report.ok || bytes == NETWORK, "a receipt verifies with another network");
    let Ok(trusted) = networks::parse(bytes) else {
        return Outcome::Refused;
    };
    assert_eq!(bundle::network_to_bytes(&Network::of(trusted.head())), bytes, "a network file has two spellings");
    let set = trusted.set(trusted.newest_epoch()).expect("a trusted set");
    assert!(set.quorum() * 3 > set.validators.len() * 2);
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
