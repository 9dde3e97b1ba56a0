//! `conformance/state_proofs.json`: proofs that real networks gave, with an empty register, few readings and many
//! (docs/spec/state-proof.md).
#![allow(clippy::unwrap_used, reason = "committed vectors that cannot be read are a failure of the test")]

use gongxin_types::bundle::Encoded;
use gongxin_types::receipt::{Key, Page, Table};
use gongxin_types::{Certificate, Header, Network, codec};
use gongxin_verify::state_proof::{Claim, StateProofError, check, check_against};
use gongxin_verify::{TrustedNetwork, network};
use serde::Deserialize;

#[derive(Deserialize)]
struct Given {
    network: Network,
    proofs: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    table: Table,
    #[serde(with = "gongxin_types::json::hex_array")]
    key: [u8; 32],
    page: Option<Encoded>,
    proof: Encoded,
    headers: Vec<Encoded>,
    certificate: Certificate,
}

/// A vector ready to be checked, and changed.
struct Proven {
    name: String,
    headers: Vec<Header>,
    certificate: Certificate,
    key: Key,
    page: Option<Page>,
    proof: Vec<u8>,
}

impl Proven {
    fn of(vector: &Vector) -> Self {
        Self {
            name: vector.name.clone(),
            headers: vector.headers.iter().map(|header| codec::decode("header", &header.0).unwrap()).collect(),
            certificate: vector.certificate.clone(),
            key: Key { table: vector.table, key: vector.key },
            page: vector.page.as_ref().map(|page| Page(page.0.clone().try_into().unwrap())),
            proof: vector.proof.0.clone(),
        }
    }

    fn check(&self, network: &TrustedNetwork) -> Result<(), StateProofError> {
        let Self { headers, certificate, key, page, proof, .. } = self;
        check(network, &Claim { headers, certificate, key, page: page.as_ref(), proof })
    }

    /// Against the root alone: what a header certifies is tested elsewhere, and votes take their time.
    fn leads_to_root(&self) -> Result<(), StateProofError> {
        let place = if self.key.table == Table::Objects { 0 } else { 1 };
        let root = self.headers[0].state.get(place).unwrap().root;
        check_against(&root, &self.key, self.page.as_ref(), &self.proof)
    }
}

fn all() -> Vec<(TrustedNetwork, Vec<Proven>)> {
    let path = format!("{}/../../conformance/state_proofs.json", env!("CARGO_MANIFEST_DIR"));
    let given: Vec<Given> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let ready = |given: Given| (network::trust(&given.network).unwrap(), given.proofs.iter().map(Proven::of).collect());
    given.into_iter().map(ready).collect()
}

/// Every proof that a network gave holds under its own network file, and under no other's.
#[test]
fn proofs_of_real_networks_hold() {
    let given = all();
    for (place, (_, proofs)) in given.iter().enumerate() {
        for proven in proofs {
            for (other, (network, _)) in given.iter().enumerate() {
                assert_eq!(
                    proven.check(network).is_ok(),
                    place == other,
                    "{}: {:?}",
                    proven.name,
                    proven.check(network)
                );
            }
        }
    }
    let pages =
        |present: bool| given.iter().flat_map(|(_, proofs)| proofs).filter(|one| one.page.is_some() == present).count();
    assert!(pages(true) >= 10 && pages(false) >= 6, "presence and absence");
}

/// No byte of a proof, a page or a key is without meaning, and nothing may be cut off or added.
#[test]
fn a_changed_proof_is_refused() {
    for (_, proofs) in all() {
        for mut proven in proofs {
            proven.leads_to_root().unwrap();
            for place in 0..proven.proof.len() {
                for bit in [0x01, 0x80] {
                    proven.proof[place] ^= bit;
                    assert!(proven.leads_to_root().is_err(), "{}: byte {place} of the proof", proven.name);
                    proven.proof[place] ^= bit;
                }
            }
            let whole = proven.proof.clone();
            for length in 0..whole.len() {
                proven.proof.truncate(length);
                assert!(proven.leads_to_root().is_err(), "{}: cut off after {length} bytes", proven.name);
                proven.proof.clone_from(&whole);
            }
            proven.proof.push(0);
            assert_eq!(proven.leads_to_root(), Err(StateProofError::Malformed("bytes are left over")));
            proven.proof = whole;
            if let Some(page) = &mut proven.page {
                page.0[7] ^= 1;
                assert_eq!(proven.leads_to_root(), Err(StateProofError::Root), "{}: another page", proven.name);
            }
        }
    }
}

/// What is there cannot be said to be absent, nor what is absent to be there.
#[test]
fn presence_and_absence_are_not_exchanged() {
    for (_, proofs) in all() {
        for mut proven in proofs {
            proven.page = match proven.page {
                Some(_) => None,
                None => Some(Page([0; gongxin_types::limits::PAGE_BYTES])),
            };
            assert!(proven.leads_to_root().is_err(), "{}", proven.name);
        }
    }
}

/// The absence of a key is no absence of the neighbours that prove it.
#[test]
fn neighbours_are_not_absent() {
    let mut seen = 0;
    for (_, proofs) in all() {
        for mut proven in proofs.into_iter().filter(|proven| proven.page.is_none() && proven.proof[0] == 0) {
            // Kind, opening, then: key before (32), page (128), next key (32).
            let end = proven.proof.len();
            for neighbour in [end - 192..end - 160, end - 32..end] {
                proven.key.key = proven.proof[neighbour].try_into().unwrap();
                assert_eq!(proven.leads_to_root(), Err(StateProofError::NotBetween), "{}", proven.name);
                seen += 1;
            }
        }
    }
    assert!(seen >= 4);
}
