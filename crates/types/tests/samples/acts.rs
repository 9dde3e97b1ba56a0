//! Records, readings and every action.

use gongxin_types::access::{AccessRequest, ListSlot, SealedPart};
use gongxin_types::action::OfficerChange;
use gongxin_types::calendar::CalendarChange;
use gongxin_types::evidence::EvidenceSlot;
use gongxin_types::officer::{Recovery, Role};
use gongxin_types::pending::{Approval, NewPending, PendingAct, PendingStatus};
use gongxin_types::proposal::{
    Admission, Choice, Matter, MatterCode, NewProposal, NewVote, ParametersChange, ProposalStatus, Vote,
};
use gongxin_types::record::{HistoryEntry, RecordSlot};
use gongxin_types::response::{AccessResponse, FieldDisclosure, RecordDisclosure, VersionDisclosure};
use gongxin_types::row::{CellText, Row, Salt, Value};
use gongxin_types::{
    Access, AccessAuthority, AccessOutcome, Action, ActionCode, Evidence, EvidenceId, GatewayId, GrantId, Height,
    ListKey, OfficerId, Pending, PendingId, Proposal, ProposalId, RecordBatch, RecordId, RecordOp, Refusal, RequestId,
};

use super::nouns::{
    duty, gateway, grant, officer, officer_key, organization, parameters, policy_set, resource, validator_set,
};
use super::terms::{self, calendar};
use super::{Samples, after, bytes, list, sealing_key, short, text};

pub(super) fn add(samples: &mut Samples) {
    add_records(samples);
    add_readings(samples);
    add_governance(samples);
    add_pending(samples);
    for action in actions(samples) {
        let name = format!("Action {}", action.code().code());
        samples.add(&name, &action);
        samples.add(format!("{name}, digest"), &action.digest(samples.suite));
    }
    samples.add("ActionCode", &ActionCode::ALL.to_vec());
    samples.add("EvidenceId", &EvidenceId::of(samples.suite, &text("civil-affairs"), &samples.digest("document")));
    samples.add("EvidenceSlot", &EvidenceSlot { time: after(0), officer: OfficerId::new(short("officer")) });
}

/// One of each kind, in the order of their discriminants.
fn actions(samples: &Samples) -> Vec<Action> {
    let officer_id = OfficerId::new(short("officer"));
    let change = OfficerChange { id: officer_id, roles: list(vec![Role::Operator]), until: Some(after(5)) };
    vec![
        Action::RegisterOrganization(organization()),
        Action::AmendOrganization(organization()),
        Action::RegisterOfficer(officer(samples)),
        Action::AmendOfficer(change),
        Action::DismissOfficer(officer_id),
        Action::AddOfficerKey(officer_id, officer_key(samples)),
        Action::RevokeOfficerKey(officer_id, samples.key("officer")),
        Action::RegisterDuty(duty()),
        Action::AmendDuty(duty()),
        Action::WithdrawDuty(duty().id),
        Action::PublishResource(resource()),
        Action::AmendResource(resource()),
        Action::WithdrawResource(resource().id),
        Action::WriteRecords(batch(samples)),
        Action::NotariseEvidence(evidence(samples)),
        Action::IssueGrant(grant()),
        Action::RevokeGrant(GrantId::new(short("grant"))),
        Action::RegisterGateway(gateway(samples)),
        Action::AmendGateway(gateway(samples)),
        Action::RevokeGateway(GatewayId::new(short("gateway"))),
        Action::RecordAccess(access(samples)),
        Action::OpenProposal(new_proposal(expulsion())),
        Action::CastVote(vote(samples)),
        Action::WithdrawProposal(ProposalId::new(short("proposal"))),
    ]
    .into_iter()
    .chain(terms::actions(samples))
    .chain([
        Action::RevokeOfficerKeys(officer_id),
        Action::OpenPending(NewPending { version: 1, id: PendingId::new(short("pending")), act: recover(samples) }),
        Action::ApprovePending(Approval { pending: PendingId::new(short("pending")), act: samples.digest("act") }),
        Action::WithdrawPending(PendingId::new(short("pending"))),
    ])
    .chain(super::alerts::actions(samples))
    .collect()
}

fn recovery(samples: &Samples) -> Recovery {
    Recovery { officer: OfficerId::new(short("officer")), key: officer_key(samples) }
}

fn recover(samples: &Samples) -> PendingAct {
    PendingAct::RecoverOfficer(recovery(samples))
}

fn add_pending(samples: &mut Samples) {
    let officer_id = OfficerId::new(short("officer"));
    let change = OfficerChange { id: officer_id, roles: list(vec![Role::Authority]), until: None };
    for act in [PendingAct::RegisterOfficer(officer(samples)), PendingAct::AmendOfficer(change), recover(samples)] {
        let name = format!("PendingAct {}", act.code().code());
        samples.add(format!("{name}, digest"), &act.digest(samples.suite));
        samples.add(name, &act);
    }
    for status in [
        PendingStatus::Open,
        PendingStatus::Approved { officer: officer_id, key: samples.key("officer"), time: after(3) },
        PendingStatus::Withdrawn { officer: officer_id, time: after(3) },
    ] {
        let kind = format!("{status:?}").split_whitespace().next().unwrap_or_default().to_owned();
        let act = recover(samples);
        let pending = Pending {
            version: 1,
            id: PendingId::new(short("pending")),
            organization: text("civil-affairs"),
            proposed_for: text("civil-affairs"),
            proposer: OfficerId::new(short("admitting officer")),
            key: samples.key("officer"),
            digest: act.digest(samples.suite),
            act,
            opened: after(0),
            expires: after(86_400),
            status,
        };
        samples.add(format!("Pending {kind}"), &pending);
    }
}

fn expulsion() -> Matter {
    Matter::Expulsion(text("housing"))
}

fn new_proposal(matter: Matter) -> NewProposal {
    NewProposal {
        version: 1,
        id: ProposalId::new(short("proposal")),
        legal_basis: text("sharing-regulation"),
        matter,
        closes: after(86_400),
        effective: Height::new(9),
    }
}

fn vote(samples: &Samples) -> NewVote {
    NewVote { proposal: ProposalId::new(short("proposal")), matter: samples.digest("matter"), choice: Choice::For }
}

fn add_governance(samples: &mut Samples) {
    let head = officer(samples);
    let officer_id = OfficerId::new(short("officer"));
    let matters = [
        Matter::PolicySet(policy_set()),
        Matter::Parameters(ParametersChange { revision: 2, parameters: parameters() }),
        Matter::Admission(Admission { organization: organization(), head }),
        expulsion(),
        Matter::Appointment(OfficerChange { id: officer_id, roles: list(vec![Role::Supervisor]), until: None }),
        Matter::Calendar(CalendarChange { revision: 2, years: list(calendar().years.to_vec()) }),
        Matter::Recovery(recovery(samples)),
        Matter::ValidatorSet(validator_set(samples)),
        Matter::ProtocolVersion(2),
    ];
    for matter in matters {
        let name = format!("Matter {}", matter.code().code());
        samples.add(format!("{name}, digest"), &matter.digest(samples.suite));
        samples.add(name, &matter);
    }
    samples.add("MatterCode", &MatterCode::ALL.to_vec());
    let vote =
        Vote { organization: text("civil-affairs"), officer: officer_id, choice: Choice::Against, time: after(1) };
    let height = Height::new(9);
    for status in [
        ProposalStatus::Open,
        ProposalStatus::Accepted { effective: height },
        ProposalStatus::InForce { height },
        ProposalStatus::Void { height, refusal: Refusal::RevisionMismatch },
        ProposalStatus::Rejected,
        ProposalStatus::Withdrawn,
    ] {
        let kind = format!("{status:?}").split_whitespace().next().unwrap_or_default().to_owned();
        let proposal = Proposal {
            version: 1,
            id: ProposalId::new(short("proposal")),
            organization: text("civil-affairs"),
            officer: officer_id,
            opened: after(0),
            legal_basis: text("sharing-regulation"),
            kind: MatterCode::Expulsion,
            matter: samples.digest("matter"),
            length: 9,
            closes: after(86_400),
            effective: height,
            electorate: list(vec![text("civil-affairs")]),
            needed: 1,
            votes: list(vec![vote.clone()]),
            status,
        };
        samples.add(format!("Proposal {kind}"), &proposal);
    }
}

pub(super) fn evidence(samples: &Samples) -> Evidence {
    Evidence {
        digest: samples.digest("document"),
        media_type: text("application/pdf"),
        legal_basis: text("sharing-regulation-art-20"),
    }
}

pub(super) fn operations(samples: &Samples) -> [RecordOp; 3] {
    let (record, commitment) = (RecordId::new(short("record")), samples.digest("commitment"));
    [
        RecordOp::Create { record, commitment },
        RecordOp::Update { record, expected_version: 1, commitment },
        RecordOp::Delete { record, expected_version: 2 },
    ]
}

fn batch(samples: &Samples) -> RecordBatch {
    RecordBatch {
        resource: text("civil-affairs/divisions"),
        legal_basis: text("divisions-regulation-art-3"),
        effective: text("2024-12-31"),
        operations: list(operations(samples).into()),
    }
}

fn add_records(samples: &mut Samples) {
    for operation in operations(samples) {
        let entry = HistoryEntry { version: 2, operation, legal_basis: text("basis"), effective: text("1981-12-31") };
        let kind = format!("{:?}", entry.operation).split_whitespace().next().unwrap_or_default().to_owned();
        samples.add(format!("RecordOp {kind}"), &entry.operation);
        samples.add(format!("HistoryEntry {kind}"), &entry);
        let head = entry.chain(samples.suite, &HistoryEntry::origin(samples.suite));
        samples.add(format!("history head after {kind}"), &head);
        samples.add(
            format!("RecordSlot {kind}"),
            &RecordSlot { version: 2, commitment: entry.operation.commitment(), history: head },
        );
    }
    samples.add("RecordBatch", &batch(samples));
    samples.add("BatchHead", &batch(samples).head(samples.suite));
    let row = Row(list(vec![
        Value::Text(CellText::new("110101").expect("short")),
        Value::Integer(i64::MIN),
        Value::Boolean(true),
        Value::Null,
    ]));
    samples.add("Row", &row);
    samples.add("Value Date", &Value::Date(text("9999-12-31")));
    let salt = Salt(bytes("salt"));
    samples.add("Salt", &salt);
    samples.add("commitment", &row.commitment(samples.suite, &salt, &resource()));
}

pub(super) fn access(samples: &Samples) -> Access {
    Access {
        request_id: RequestId::new(short("request")),
        resource: text("civil-affairs/divisions"),
        authority: AccessAuthority::Grant { grant: GrantId::new(short("grant")) },
        reader: text("housing"),
        officer: OfficerId::new(short("reader")),
        officer_key: samples.key("reader"),
        purpose: text("eligibility-check"),
        legal_basis: text("sharing-regulation-art-20"),
        lists: list(vec![ListKey::Record { record: RecordId::new(short("record")) }]),
        request_digest: samples.digest("request"),
        outcome: AccessOutcome::Answered { response_digest: samples.digest("response") },
        sealed_digest: samples.digest("sealed part"),
        gateway: GatewayId::new(short("gateway")),
        gateway_key: samples.key("gateway"),
        officer_signature: samples.signature("reader"),
        gateway_signature: samples.signature("gateway"),
    }
}

fn add_readings(samples: &mut Samples) {
    let duty = AccessAuthority::Duty { duty: text("civil-affairs/administrative-divisions") };
    samples.add("AccessAuthority Duty", &duty);
    samples.add("ListKey Resource", &ListKey::of_resource(samples.suite, &text("civil-affairs/divisions")));
    samples.add("AccessOutcome Refused", &AccessOutcome::Refused { refusal: Refusal::FieldsOutsideGrant });
    let network = samples.digest("network");
    let access = access(samples);
    samples.add("AccessClaim", &access.claim(network));
    samples.add("access claim, signed bytes", &access.claim(network).message());
    samples.add("access leaf, signed bytes", &access.gateway_message(&network));
    samples.add("access, digest", &access.digest(samples.suite));
    let slot = ListSlot::empty(samples.suite).with(samples.suite, &access.digest(samples.suite));
    samples.add("ListSlot", &slot);
    let request = AccessRequest {
        version: 1,
        network,
        request_id: RequestId::new(short("request")),
        salt: bytes("request salt"),
        reader: text("housing"),
        officer: OfficerId::new(short("reader")),
        resource: text("civil-affairs/divisions"),
        key: list(vec![gongxin_types::text::PublicText::new("110101").expect("short")]),
        fields: list(vec![text("code"), text("since")]),
        history: true,
        purpose: text("eligibility-check"),
        legal_basis: text("sharing-regulation-art-20"),
        authority: duty,
        case: Some(text("case-7")),
        sealing_key: sealing_key(),
    };
    samples.add("AccessRequest", &request);
    samples.add("access request, digest", &request.digest(samples.suite));
    let sealed = SealedPart { salt: bytes("sealed salt"), case: None, fields: list(vec![text("code")]) };
    samples.add("SealedPart", &sealed);
    samples.add("sealed part, digest", &sealed.digest(samples.suite));
    samples.add("AccessResponse", &response(samples));
}

fn response(samples: &Samples) -> AccessResponse {
    let [create, ..] = operations(samples);
    let shown = FieldDisclosure::Shown {
        salt: samples.digest("field salt"),
        name: text("code"),
        value: Value::Text(CellText::new("东城区").expect("short")),
    };
    let entry =
        HistoryEntry { version: 1, operation: create, legal_basis: text("basis"), effective: text("1981-12-31") };
    let version = VersionDisclosure {
        entry,
        row: Some(samples.digest("row")),
        fields: list(vec![shown, FieldDisclosure::Hidden(samples.digest("hidden"))]),
    };
    AccessResponse {
        version: 1,
        request_id: RequestId::new(short("request")),
        request_digest: samples.digest("request"),
        height: Height::new(42),
        records: vec![RecordDisclosure { record: RecordId::new(short("record")), versions: vec![version] }],
    }
}
