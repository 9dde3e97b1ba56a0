//! Questions that need the engine: state proofs, and its own metrics.

use std::sync::Arc;

use commonware_codec::{Copying, Decode as _, Encode as _};
use commonware_cryptography::Sha256;
use commonware_runtime::{Metrics as _, Spawner as _, Supervisor as _};
use commonware_storage::mmr;
use commonware_storage::qmdb::any::value::FixedEncoding;
use commonware_storage::qmdb::current::{ordered, unordered};
use gongxin_types::receipt::{Key, Page, Table};
use gongxin_types::{Certificate, Header};
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::databases::{CHUNK, Databases, Objects, PageBytes, PageKey};
use crate::ledger;
use crate::limits;
use crate::names::{OrdererMailbox, Runtime};
use crate::node::{Node, Tip};

/// What may be asked.
pub(crate) enum Question {
    /// The engine's own metrics.
    Metrics(oneshot::Sender<String>),
    /// A proof for a key of the state.
    Proof(Key, oneshot::Sender<Result<StateProof, ProofError>>),
}

/// A page of the state, or its absence, proven against a certified header.
#[derive(Clone, Debug)]
pub struct StateProof {
    /// The header whose state root the proof leads to.
    pub header: Header,
    /// Headers that follow it, parent-linked, up to the one certified; empty if the header itself is.
    pub headers: Vec<Header>,
    /// Certificate of the last of them, or of the header.
    pub certificate: Certificate,
    /// The key asked for.
    pub key: Key,
    /// Its page; none where its absence is proven.
    pub page: Option<Page>,
    /// The engine's proof, in the bytes of docs/spec/state-proof.md.
    pub proof: Vec<u8>,
}

impl StateProof {
    /// Whether the engine's own verifier accepts the proof against the header's root; certificates are `verify`'s.
    pub fn holds(&self) -> bool {
        let Some(state) = self.header.state.get(self.key.table as usize) else {
            return false;
        };
        let (name, root) = (PageKey::from(self.key.key), PageKey::from(state.root));
        match (self.key.table, self.page) {
            (Table::Objects, Some(page)) => {
                let proof = ObjectsProof::decode_cfg(Copying(&self.proof), &MAX_DIGESTS);
                proof.is_ok_and(|proof| Objects::verify_key_value_proof(name, page.0, &proof, &root))
            }
            (Table::Objects, None) => false,
            (Table::Lists, Some(page)) => {
                let proof = ListsProof::decode_cfg(Copying(&self.proof), &(MAX_DIGESTS, ()));
                proof.is_ok_and(|proof| proof.verify::<Sha256, FixedEncoding<PageBytes>>(name, page.0, &root))
            }
            (Table::Lists, None) => {
                let proof = AbsenceProof::decode_cfg(Copying(&self.proof), &(MAX_DIGESTS, (), ()));
                proof.is_ok_and(|proof| proof.verify::<Sha256>(&name, &root))
            }
        }
    }
}

/// Hashes of one proof: the height of a tree of 2⁶² operations.
const MAX_DIGESTS: usize = 64;

type ObjectsProof = unordered::proof::constant::KeyValueProof<mmr::Family, PageKey, CHUNK>;
type ListsProof = ordered::proof::constant::KeyValueProof<mmr::Family, PageKey, PageKey, CHUNK>;
type AbsenceProof =
    ordered::proof::constant::ExclusionProof<mmr::Family, PageKey, FixedEncoding<PageBytes>, PageKey, CHUNK>;

/// Why there is no proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The key is absent from a database that cannot prove absence.
    #[error("the key is not in the objects, whose proofs show presence only")]
    AbsenceUnprovable,
    /// Nothing certified to lead it to.
    #[error("no certified header for the present state; try again")]
    NotYet,
    /// The state could not be read.
    #[error("the state cannot be read")]
    Unreadable,
    /// The node stopped or is in state sync.
    #[error("the validator cannot answer now")]
    Unavailable,
}

/// Answers until the node stops; every proof on its own task.
pub(crate) async fn run(
    runtime: Runtime,
    node: Arc<Node>,
    databases: Databases,
    orderer: OrdererMailbox,
    questions: Arc<Mutex<mpsc::Receiver<Question>>>,
) {
    let mut questions = questions.lock().await;
    while let Some(question) = questions.recv().await {
        match question {
            Question::Metrics(reply) => {
                let _ = reply.send(runtime.encode());
            }
            Question::Proof(key, reply) => {
                let (node, databases, orderer) = (Arc::clone(&node), databases.clone(), orderer.clone());
                runtime.child("proof").spawn(move |_| async move {
                    let proven = prove(&node, &databases, &orderer, key);
                    let proven = node.clock.within(limits::PROOF_PATIENCE, proven).await;
                    let _ = reply.send(proven.unwrap_or(Err(ProofError::NotYet)));
                });
            }
        }
    }
}

/// Proves a key against the state as it is, and finds the header and certificate of that very state.
async fn prove(
    node: &Node,
    databases: &Databases,
    orderer: &OrdererMailbox,
    key: Key,
) -> Result<StateProof, ProofError> {
    let mut tip = node.tip.subscribe();
    loop {
        let (root, page, proof) = match key.table {
            Table::Objects => objects(databases, key).await?,
            Table::Lists => lists(databases, key).await?,
        };
        let place = key.table as usize;
        let of_root = |head: &Tip| head.header.state.get(place).is_some_and(|state| state.root == root);
        loop {
            let heads = node.heads_from(of_root);
            let Some(first) = heads.first() else { break };
            if let Some((headers, certificate)) = certified(&heads, orderer).await {
                let header = (*first.header).clone();
                return Ok(StateProof { header, headers, certificate, key, page, proof });
            }
            tip.changed().await.map_err(|_| ProofError::Unavailable)?;
        }
        // The state was applied a moment before its block is published, or moved on since: look again.
        let moved = node.clock.within(limits::HOUSEKEEPING / 10, tip.changed()).await;
        if matches!(moved, Some(Err(_))) {
            return Err(ProofError::Unavailable);
        }
    }
}

/// The headers after the first up to the first certified one, and its certificate.
async fn certified(heads: &[Tip], orderer: &OrdererMailbox) -> Option<(Vec<Header>, Certificate)> {
    let mut between = Vec::new();
    for (place, head) in heads.iter().enumerate() {
        if place > 0 {
            between.push((*head.header).clone());
        }
        if let Some(certificate) = &head.certificate {
            return Some((between, (**certificate).clone()));
        }
        let height = commonware_consensus::types::Height::new(head.header.height.get());
        let stored = orderer.get_finalization(height).await;
        let own =
            |found: &crate::names::Finalization| ledger::header_digest(&found.proposal.payload) == head.header.digest();
        if let Some(certificate) = stored.filter(own).and_then(|found| ledger::certificate(&found)) {
            return Some((between, certificate));
        }
    }
    None
}

type Proven = ([u8; 32], Option<Page>, Vec<u8>);

async fn objects(databases: &Databases, key: Key) -> Result<Proven, ProofError> {
    let database = databases.0.read().await;
    let name = PageKey::from(key.key);
    let page = database.get(&name).await.map_err(|_| ProofError::Unreadable)?.ok_or(ProofError::AbsenceUnprovable)?;
    let proof = database.key_value_proof(name).await.map_err(|_| ProofError::Unreadable)?;
    Ok((database.root().0, Some(Page(page)), proof.encode().to_vec()))
}

async fn lists(databases: &Databases, key: Key) -> Result<Proven, ProofError> {
    let database = databases.1.read().await;
    let name = PageKey::from(key.key);
    match database.get(&name).await.map_err(|_| ProofError::Unreadable)? {
        Some(page) => {
            let proof = database.key_value_proof(name).await.map_err(|_| ProofError::Unreadable)?;
            Ok((database.root().0, Some(Page(page)), proof.encode().to_vec()))
        }
        None => {
            let proof = database.exclusion_proof(&name).await.map_err(|_| ProofError::Unreadable)?;
            Ok((database.root().0, None, proof.encode().to_vec()))
        }
    }
}
