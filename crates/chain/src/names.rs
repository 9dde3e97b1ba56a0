//! The engine's types with this ledger's parameters filled in, once.

use std::sync::Arc;

use commonware_consensus::marshal::core::{Actor as MarshalActor, Mailbox as MarshalMailbox};
use commonware_consensus::marshal::standard::Standard;
use commonware_consensus::simplex;
use commonware_cryptography::{ed25519, sha256};
use commonware_parallel::Sequential;
use commonware_storage::archive::prunable;
use commonware_storage::translator::EightCap;

use crate::block::Block;
use crate::epochs::Epochs;
pub(crate) use crate::machine::Runtime;

/// A node's identity among peers and voters.
pub(crate) type NodeKey = ed25519::PublicKey;
/// What consensus votes on: the digest of a header.
pub(crate) type Commitment = sha256::Digest;
/// Where in consensus a block was proposed: view, leader, parent.
pub(crate) type VoteContext = simplex::types::Context<Commitment, NodeKey>;
/// The votes' signatures.
pub(crate) type Scheme = simplex::scheme::ed25519::Scheme;
/// A certificate of finality.
pub(crate) type Finalization = simplex::types::Finalization<Scheme, Commitment>;
/// What consensus reports.
pub(crate) type Activity = simplex::types::Activity<Scheme, Commitment>;
/// Store of final blocks for peers that lag.
pub(crate) type BlockStore = prunable::Archive<EightCap, Runtime, Commitment, Arc<Block>>;
/// Store of certificates.
pub(crate) type CertificateStore = prunable::Archive<EightCap, Runtime, Commitment, Finalization>;
/// Orders final blocks and repairs gaps.
pub(crate) type Orderer =
    MarshalActor<Runtime, Standard<Block>, Epochs, CertificateStore, BlockStore, Epochs, Sequential>;
/// How others speak to the orderer.
pub(crate) type OrdererMailbox = MarshalMailbox<Scheme, Standard<Block>>;
