//! Listens to consensus: keeps certificates for the archive, the views for rejoining, and evidence of faults.

use commonware_actor::Feedback;
use commonware_codec::Encode as _;
use commonware_consensus::simplex::types::Attributable as _;
use commonware_consensus::types::Round;
use commonware_consensus::{Epochable as _, Reporter, Viewable as _};
use commonware_utils::Participant;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use crate::ledger;
use crate::names::Activity;
use crate::node::Node;
use crate::views::Position;

/// A reporter that only listens.
#[derive(Clone)]
pub(crate) struct Watcher {
    node: Arc<Node>,
    /// This node among the voters, if it votes.
    me: Option<Participant>,
    evidence: PathBuf,
}

impl Watcher {
    /// Listens on behalf of a node; evidence of faults is appended to a file.
    pub(crate) fn new(node: Arc<Node>, me: Option<Participant>, evidence: PathBuf) -> Self {
        Self { node, me, evidence }
    }

    /// A vote of this node's own, told again from its journal after a start: it had entered that view.
    fn voted(&self, signer: Participant, round: Round) {
        if self.me == Some(signer) {
            self.node.views.seen(Position::of(round));
        }
    }

    /// A certificate of a view that this node has not come to, by far, and its vote is counted in it: somebody else votes with
    /// its key. Votes cannot be forged; its own are in its journal, which is told again before anything else is heard.
    fn counted(&self, round: Round, mut signers: impl Iterator<Item = Participant>) {
        let position = Position::of(round);
        let counts = self.me.is_some_and(|me| signers.any(|signer| signer == me));
        if counts && self.node.views.is_far_ahead(position) {
            self.node.found_twin(position);
        }
    }

    /// Writes down a proven fault: view, validator and the engine's evidence, one line each, in hexadecimal.
    fn fault(&self, kind: &str, epoch: u64, view: u64, validator: u32, evidence: &[u8]) {
        self.node.metrics.faults_total.add(1);
        tracing::error!(kind, epoch, view, validator, "a validator contradicted itself");
        let hex: String = evidence.iter().map(|byte| format!("{byte:02x}")).collect();
        let line = format!("{kind} epoch={epoch} view={view} validator={validator} evidence={hex}\n");
        let written = OpenOptions::new().create(true).append(true).open(&self.evidence);
        if let Err(error) = written.and_then(|mut file| file.write_all(line.as_bytes())) {
            tracing::error!(%error, "evidence of a fault could not be written");
        }
    }
}

impl Reporter for Watcher {
    type Activity = Activity;

    fn report(&mut self, activity: Activity) -> Feedback {
        match &activity {
            Activity::Finalization(finalization) => {
                self.counted(finalization.proposal.round, finalization.certificate.signers.iter());
                self.node.views.seen(Position::of(finalization.proposal.round).next());
                self.node.views.finalized(finalization);
                if let Some(certificate) = ledger::certificate(finalization) {
                    self.node.keep_certificate(finalization.proposal.payload, certificate);
                }
            }
            // Whoever certified a view, or saw it nullified, has entered the next one.
            Activity::Notarization(vote) => {
                self.counted(vote.proposal.round, vote.certificate.signers.iter());
                self.node.views.seen(Position::of(vote.proposal.round));
            }
            Activity::Certification(vote) => {
                self.node.views.seen(Position::of(vote.proposal.round).next());
            }
            Activity::Nullification(vote) => {
                self.counted(vote.round, vote.certificate.signers.iter());
                self.node.views.seen(Position::of(vote.round).next());
            }
            Activity::ConflictingNotarize(proof) => {
                let (epoch, view) = (proof.epoch().get(), proof.view().get());
                self.fault("conflicting-notarize", epoch, view, proof.signer().get(), &proof.encode());
            }
            Activity::ConflictingFinalize(proof) => {
                let (epoch, view) = (proof.epoch().get(), proof.view().get());
                self.fault("conflicting-finalize", epoch, view, proof.signer().get(), &proof.encode());
            }
            Activity::NullifyFinalize(proof) => {
                let (epoch, view) = (proof.epoch().get(), proof.view().get());
                self.fault("nullify-finalize", epoch, view, proof.signer().get(), &proof.encode());
            }
            Activity::Notarize(vote) => self.voted(vote.signer(), vote.round()),
            Activity::Nullify(vote) => self.voted(vote.signer(), vote.round()),
            Activity::Finalize(vote) => self.voted(vote.signer(), vote.round()),
        }
        Feedback::Ok
    }
}
