//! Listens to consensus: keeps certificates for the archive, the views for rejoining, and evidence of faults.

use std::sync::Arc;

use commonware_actor::Feedback;
use commonware_consensus::Reporter;
use commonware_consensus::simplex::types::Attributable as _;
use commonware_consensus::types::Round;
use commonware_utils::Participant;
use gongxin_types::FaultEvidence;
use gongxin_types::alert::{Finding, RejectionCode};
use gongxin_types::fault::SignedProposal;

use crate::contradiction;
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
}

impl Watcher {
    /// Listens on behalf of a node.
    pub(crate) fn new(node: Arc<Node>, me: Option<Participant>) -> Self {
        Self { node, me }
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

    /// Keeps two votes that contradict each other, if they were signed by whom the engine names.
    fn fault(&self, activity: &Activity) {
        let network = self.node.rules.network;
        let Some(fault) = contradiction::of(activity, network, |epoch, place| self.node.epochs.key_of(epoch, place))
        else {
            return;
        };
        if let Err(error) = self.node.epochs.check(&FaultEvidence::Equivocation(fault.clone())) {
            tracing::debug!(%error, "votes that nobody signed contradict each other");
            return;
        }
        let (epoch, view, validator) = (fault.epoch, fault.view, fault.validator);
        self.node.metrics.faults_total.add(1);
        tracing::error!(epoch, view, %validator, "a validator contradicted itself");
        self.node.findings.proven(Finding::Equivocation(fault));
    }
}

/// Keeps a leader's vote for a block that this node holds for invalid, if it signed it.
pub(crate) fn signed_invalid(node: &Node, proposal: SignedProposal, reason: RejectionCode) {
    if let Err(error) = node.epochs.check(&FaultEvidence::Proposal(proposal.clone())) {
        tracing::debug!(%error, "an invalid block that its leader did not sign");
        return;
    }
    let (epoch, view, validator) = (proposal.epoch, proposal.view, proposal.validator);
    if node.findings.invalid(proposal, reason) {
        tracing::error!(epoch, view, %validator, reason = reason.code(), "a validator signed an invalid block");
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
            Activity::ConflictingNotarize(_) | Activity::ConflictingFinalize(_) | Activity::NullifyFinalize(_) => {
                self.fault(&activity);
            }
            Activity::Notarize(vote) => {
                self.voted(vote.signer(), vote.round());
                let network = self.node.rules.network;
                let vote = contradiction::proposal(vote, network, |epoch, place| self.node.epochs.key_of(epoch, place));
                if let Some((proposal, reason)) = vote.and_then(|vote| self.node.findings.voted(vote)) {
                    signed_invalid(&self.node, proposal, reason);
                }
            }
            Activity::Nullify(vote) => self.voted(vote.signer(), vote.round()),
            Activity::Finalize(vote) => self.voted(vote.signer(), vote.round()),
        }
        Feedback::Ok
    }
}
