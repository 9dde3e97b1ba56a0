//! The engine's evidence in neutral form: what its own types sign, `verify` checks without it.

use commonware_codec::{Copying, DecodeExt as _};
use commonware_consensus::simplex::scheme::ed25519::Scheme;
use commonware_consensus::simplex::types::{
    Activity, ConflictingFinalize, ConflictingNotarize, Finalize, Notarize, Nullify, NullifyFinalize, Proposal,
};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_cryptography::ed25519::{PrivateKey, PublicKey};
use commonware_cryptography::{Signer as _, sha256};
use commonware_utils::ordered::Set;
use gongxin_chain::contradiction;
use gongxin_test_support::{Sandbox, cast};
use gongxin_types::fault::Equivocation;
use gongxin_types::genesis::ConsensusKey;
use gongxin_types::{FaultEvidence, codec};
use gongxin_verify::TrustedNetwork;

type Votes = Activity<Scheme, sha256::Digest>;

/// The validators of a sandbox as the engine knows them, and the scheme of one of them.
fn schemes(sandbox: &Sandbox, name: &str) -> (Set<PublicKey>, Scheme) {
    let secret = |name: &str| {
        let seed: [u8; 32] = cast::bytes(sandbox.seed, "validator", name);
        PrivateKey::decode(Copying(seed.as_slice())).unwrap()
    };
    let keys: Vec<PublicKey> = cast::DEPARTMENTS.iter().map(|name| secret(name).public_key()).collect();
    let validators = Set::from_iter_dedup(keys);
    let namespace = [b"gongxin-votes-1".as_slice(), sandbox.network().as_bytes()].concat();
    let scheme = Scheme::signer(&namespace, validators.clone(), secret(name)).unwrap();
    (validators, scheme)
}

/// Who has a place in the set of the only epoch.
fn key_of(validators: &Set<PublicKey>, epoch: u64, place: u32) -> Option<ConsensusKey> {
    let key = validators.iter().nth(usize::try_from(place).unwrap()).filter(|_| epoch == 0)?;
    Some(ConsensusKey(key.as_ref().try_into().unwrap()))
}

fn proposal(view: u64, parent: u64, payload: u8) -> Proposal<sha256::Digest> {
    Proposal::new(Round::new(Epoch::new(0), View::new(view)), View::new(parent), sha256::Digest([payload; 32]))
}

/// All that the engine can prove against one validator.
fn activities(scheme: &Scheme) -> Vec<Votes> {
    let notarize = |payload| Notarize::sign(scheme, proposal(300, 299, payload)).unwrap();
    let finalize = |payload| Finalize::sign(scheme, proposal(300, 299, payload)).unwrap();
    let nullify = Nullify::sign::<sha256::Digest>(scheme, Round::new(Epoch::new(0), View::new(300))).unwrap();
    vec![
        Activity::ConflictingNotarize(ConflictingNotarize::new(notarize(1), notarize(2))),
        Activity::ConflictingFinalize(ConflictingFinalize::new(finalize(1), finalize(2))),
        Activity::NullifyFinalize(NullifyFinalize::new(nullify, finalize(1))),
    ]
}

fn convicts(network: &TrustedNetwork, fault: &Equivocation) -> bool {
    let evidence = FaultEvidence::Equivocation(fault.clone());
    gongxin_verify::fault::check(network, &evidence).is_ok_and(|convicted| convicted == [fault.validator])
}

/// Two votes that contradict each other, signed and put together by the engine's own types, convict by `verify` whoever signed
/// them; with any byte changed they do not, nor do they in another network.
#[test]
fn the_engines_evidence_convicts_without_the_engine() {
    let sandbox = Sandbox::new();
    let network = TrustedNetwork::from_head(&sandbox.genesis.head);
    let (validators, scheme) = schemes(&sandbox, "housing");
    let key: ConsensusKey = sandbox.validators.key("housing");
    for activity in activities(&scheme) {
        let fault = contradiction::of(&activity, sandbox.network(), |epoch, place| key_of(&validators, epoch, place));
        let fault = fault.expect("evidence of the engine");
        assert_eq!((fault.epoch, fault.view, fault.validator), (0, 300, key));
        assert!(convicts(&network, &fault), "{fault:?}");
        let bytes = codec::encode(&fault);
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let read = codec::decode::<Equivocation>("equivocation", &changed);
            assert!(!read.is_ok_and(|fault| convicts(&network, &fault)), "byte {place} of {activity:?}");
        }
        let mut head = sandbox.genesis.head.clone();
        head.name = "another-network".parse().unwrap();
        assert!(!convicts(&TrustedNetwork::from_head(&head), &fault));
        assert_eq!(contradiction::of(&activity, sandbox.network(), |_, _| None), None, "validators nobody knows");
    }
}

/// A leader's vote for its proposal shows that it signed it, and convicts nobody.
#[test]
fn a_leaders_vote_shows_what_it_proposed() {
    let sandbox = Sandbox::new();
    let network = TrustedNetwork::from_head(&sandbox.genesis.head);
    let (validators, scheme) = schemes(&sandbox, "civil-affairs");
    let vote = Notarize::sign(&scheme, proposal(7, 5, 3)).unwrap();
    let mut signed =
        contradiction::proposal(&vote, sandbox.network(), |epoch, place| key_of(&validators, epoch, place)).unwrap();
    let check = |proposal| gongxin_verify::fault::check(&network, &FaultEvidence::Proposal(proposal));
    assert_eq!(check(signed.clone()), Ok(Vec::new()));
    signed.proposed.parent_view = 6;
    assert!(check(signed).is_err());
}
