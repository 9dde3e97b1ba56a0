//! Alerts, and what validators signed.

use gongxin_types::alert::{
    AlertKind, AlertState, AlertTopic, Assurance, Confirmation, Ending, Finding, NewAlert, RejectionCode,
};
use gongxin_types::fault::{
    CertifiedHeader, ConsensusVote, Equivocation, Proposed, SignedProposal, SignedVote, TwoCertificates,
};
use gongxin_types::genesis::ConsensusKey;
use gongxin_types::transaction::Actor;
use gongxin_types::{Action, Alert, GatewayId, HeaderDigest, Height, OfficerId, codec};

use super::ledger::{certificate, header};
use super::{Samples, after, bytes, list, short, text};

pub(super) fn add(samples: &mut Samples) {
    samples.add("AlertKind", &AlertKind::ALL.to_vec());
    samples.add("Assurance", &Assurance::ALL.to_vec());
    samples.add("RejectionCode", &RejectionCode::ALL.to_vec());
    for finding in findings(samples) {
        let kind = finding.kind().code();
        samples.add(format!("Finding {kind}"), &finding);
        samples.add(format!("AlertTopic {kind}"), &finding.topic());
        samples.add(format!("AlertTopic {kind}, identifier of the second"), &finding.topic().id(2));
        if let Some(evidence) = finding.evidence() {
            samples.add(format!("FaultEvidence {kind}"), &evidence);
            samples.add(format!("FaultEvidence {kind}, digest"), &evidence.digest(samples.suite));
        }
    }
    let (time, officer) = (after(2), OfficerId::new(short("officer")));
    for (name, state) in [
        ("open", AlertState::Open),
        ("over", AlertState::Ended { time, ending: Ending::Over }),
        (
            "settled",
            AlertState::Ended { time, ending: Ending::Settled { organization: text("audit-office"), officer } },
        ),
    ] {
        samples.add(format!("Alert {name}"), &alert(samples, state));
    }
}

pub(super) fn actions(samples: &Samples) -> Vec<Action> {
    let new = NewAlert { version: 1, finding: Finding::Equivocation(equivocation(samples)) };
    vec![Action::RaiseAlert(new.clone()), Action::EndAlert(new.finding.topic().id(1))]
}

fn findings(samples: &Samples) -> Vec<Finding> {
    let validator = ConsensusKey(bytes("validator"));
    let certified = |height: u64| {
        let header = gongxin_types::Header { time: after(height), ..header(samples) };
        CertifiedHeader { certificate: certificate(header.digest()), header }
    };
    vec![
        Finding::Equivocation(equivocation(samples)),
        Finding::TwoCertificates(Box::new(TwoCertificates::new(certified(42), certified(43)))),
        Finding::InvalidProposal { proposal: proposal(samples), reason: RejectionCode::State },
        Finding::ClockFault { validator },
        Finding::SilentValidator { validator },
        Finding::QuotaAbuse { organization: text("housing") },
    ]
}

fn equivocation(samples: &Samples) -> Equivocation {
    let vote = |vote| SignedVote { vote, signature: [7; 64] };
    let finalize = ConsensusVote::Finalize(Proposed { parent_view: 299, header: HeaderDigest(bytes("header")) });
    let key = ConsensusKey(bytes("validator"));
    Equivocation::new(samples.digest("network"), (3, 300), key, vote(finalize), vote(ConsensusVote::Nullify))
}

fn proposal(samples: &Samples) -> SignedProposal {
    SignedProposal {
        version: 1,
        network: samples.digest("network"),
        epoch: 3,
        view: 300,
        validator: ConsensusKey(bytes("validator")),
        proposed: Proposed { parent_view: 299, header: HeaderDigest(bytes("header")) },
        signature: [7; 64],
    }
}

fn alert(samples: &Samples, state: AlertState) -> Alert {
    let finding = Finding::Equivocation(equivocation(samples));
    let topic: AlertTopic = finding.topic();
    let gateway = Actor::Gateway(GatewayId::new(short("gateway")));
    let officer = Actor::Officer(OfficerId::new(short("officer")));
    let confirmed = |organization: &str, actor, over| Confirmation {
        organization: text(organization),
        actor,
        time: after(1),
        over,
    };
    Alert {
        version: 1,
        id: topic.id(2),
        topic,
        number: 2,
        state,
        height: Height::new(42),
        time: after(1),
        confirmations: list(vec![
            confirmed("housing", gateway, None),
            confirmed("audit-office", officer, Some(after(2))),
        ]),
        confirmed: Some(after(1)),
        evidence: finding.evidence().map(|evidence| evidence.digest(samples.suite)),
        convicted: list(vec![ConsensusKey(bytes("validator"))]),
    }
}

/// What an evidence file holds reads as it was written, and its digest is of the canonical bytes, however it is spelt.
#[test]
fn evidence_reads_from_json_as_it_was_written() {
    let samples = super::Samples { suite: gongxin_crypto::Suite::Intl, all: Vec::new() };
    for finding in findings(&samples) {
        let text = serde_json::to_string_pretty(&finding).expect("JSON");
        let read: Finding = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(codec::encode(&read), codec::encode(&finding));
        let unknown = text.replacen('{', "{\"more\":1,", 1);
        assert!(serde_json::from_str::<Finding>(&unknown).is_err(), "{unknown}");
        let Some(evidence) = finding.evidence() else { continue };
        let text = serde_json::to_string(&evidence).expect("JSON");
        let read = serde_json::from_str::<gongxin_types::FaultEvidence>(&text);
        assert_eq!(read.unwrap_or_else(|error| panic!("{error}: {text}")), evidence);
    }
}
