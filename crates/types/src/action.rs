//! Action: what a transaction asks the ledger to do. The order of the variants is part of the encoding.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, PublicKey, Suite};
use serde::{Deserialize, Serialize};

use crate::{
    Access, AlertId, Duty, DutyId, Evidence, Gateway, GatewayId, Grant, GrantId, List, ObligationId, Officer,
    OfficerId, OfficerKey, Organization, PendingId, ProposalId, RecordBatch, Resource, ResourceId, Role,
    alert::NewAlert,
    codec, limits,
    obligation::{NewObligation, SuspensionReason},
    pending::{Approval, NewPending},
    proposal::{NewProposal, NewVote},
};

/// One act.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "action", content = "content", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "an access is the commonest act and must not cost an allocation")]
pub enum Action {
    /// Admit an organization.
    RegisterOrganization(Organization),
    /// Change an organization's name, level, division or parent; identifier and kind stay.
    AmendOrganization(Organization),
    /// Appoint an officer.
    RegisterOfficer(Officer),
    /// Change an officer's roles or term.
    AmendOfficer(OfficerChange),
    /// End an officer's appointment at once.
    DismissOfficer(OfficerId),
    /// Add a key to an officer.
    AddOfficerKey(OfficerId, OfficerKey),
    /// Revoke a key of an officer at once.
    RevokeOfficerKey(OfficerId, PublicKey),
    /// Publish a duty.
    RegisterDuty(Duty),
    /// Change a duty.
    AmendDuty(Duty),
    /// End a duty.
    WithdrawDuty(DutyId),
    /// Publish a resource in the catalogue.
    PublishResource(Resource),
    /// Change a resource; its key columns and their types stay.
    AmendResource(Resource),
    /// Take a resource out of the catalogue.
    WithdrawResource(ResourceId),
    /// Create, update or delete records of one resource.
    WriteRecords(RecordBatch),
    /// Notarise a digest.
    NotariseEvidence(Evidence),
    /// Grant the reading of fields of a resource.
    IssueGrant(Grant),
    /// End a grant at once.
    RevokeGrant(GrantId),
    /// Register a gateway.
    RegisterGateway(Gateway),
    /// Change a gateway's address, keys or term.
    AmendGateway(Gateway),
    /// End a gateway's registration at once.
    RevokeGateway(GatewayId),
    /// Record one reading.
    RecordAccess(Access),
    /// Put something to the vote of the members.
    OpenProposal(NewProposal),
    /// Vote.
    CastVote(NewVote),
    /// Take a proposal back that is still open.
    WithdrawProposal(ProposalId),
    /// Set another organization a task with a term.
    OpenObligation(NewObligation),
    /// Let the term of an obligation stand still.
    SuspendObligation(ObligationId, SuspensionReason),
    /// Let it run on.
    ResumeObligation(ObligationId),
    /// Give an obligation so many working days more, once.
    ExtendObligation(ObligationId, u16),
    /// Say that an obligation is fulfilled.
    FulfilObligation(ObligationId),
    /// Release from an obligation.
    WithdrawObligation(ObligationId),
    /// Revoke every key of an officer at once.
    RevokeOfficerKeys(OfficerId),
    /// Propose an act that takes two.
    OpenPending(NewPending),
    /// Let it take effect.
    ApprovePending(Approval),
    /// Take it back, or turn it down.
    WithdrawPending(PendingId),
    /// Say that something is wrong in the network.
    RaiseAlert(NewAlert),
    /// Say that it is over, or that it was dealt with.
    EndAlert(AlertId),
}

/// New roles and term of an officer.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficerChange {
    /// The officer.
    pub id: OfficerId,
    /// Roles, ascending, each once.
    pub roles: List<Role, { limits::ROLES_MAX }>,
    /// When the appointment ends by itself.
    pub until: Option<crate::Time>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// The name of an act in rules, receipts and logs.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
        )]
        pub enum ActionCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl ActionCode {
            /// Every code, in the order of their discriminants.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code, as in policies and JSON.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

codes! {
    /// See [`Action::RegisterOrganization`].
    OrganizationRegister = "organization.register";
    /// See [`Action::AmendOrganization`].
    OrganizationAmend = "organization.amend";
    /// See [`Action::RegisterOfficer`].
    OfficerRegister = "officer.register";
    /// See [`Action::AmendOfficer`].
    OfficerAmend = "officer.amend";
    /// See [`Action::DismissOfficer`].
    OfficerDismiss = "officer.dismiss";
    /// See [`Action::AddOfficerKey`].
    OfficerAddKey = "officer.add-key";
    /// See [`Action::RevokeOfficerKey`].
    OfficerRevokeKey = "officer.revoke-key";
    /// See [`Action::RegisterDuty`].
    DutyRegister = "duty.register";
    /// See [`Action::AmendDuty`].
    DutyAmend = "duty.amend";
    /// See [`Action::WithdrawDuty`].
    DutyWithdraw = "duty.withdraw";
    /// See [`Action::PublishResource`].
    ResourcePublish = "resource.publish";
    /// See [`Action::AmendResource`].
    ResourceAmend = "resource.amend";
    /// See [`Action::WithdrawResource`].
    ResourceWithdraw = "resource.withdraw";
    /// A batch of [`Action::WriteRecords`]; the rules see its operations as the three below.
    RecordWrite = "record.write";
    /// A creation within a batch.
    RecordCreate = "record.create";
    /// An update within a batch.
    RecordUpdate = "record.update";
    /// A deletion within a batch.
    RecordDelete = "record.delete";
    /// See [`Action::NotariseEvidence`].
    EvidenceNotarise = "evidence.notarise";
    /// See [`Action::IssueGrant`].
    GrantIssue = "grant.issue";
    /// See [`Action::RevokeGrant`].
    GrantRevoke = "grant.revoke";
    /// See [`Action::RegisterGateway`].
    GatewayRegister = "gateway.register";
    /// See [`Action::AmendGateway`].
    GatewayAmend = "gateway.amend";
    /// See [`Action::RevokeGateway`].
    GatewayRevoke = "gateway.revoke";
    /// See [`Action::RecordAccess`]; the principal is the reader's officer.
    AccessRead = "access.read";
    /// See [`Action::OpenProposal`].
    ProposalOpen = "proposal.open";
    /// See [`Action::CastVote`].
    ProposalVote = "proposal.vote";
    /// See [`Action::WithdrawProposal`].
    ProposalWithdraw = "proposal.withdraw";
    /// See [`Action::OpenObligation`].
    ObligationOpen = "obligation.open";
    /// See [`Action::SuspendObligation`].
    ObligationSuspend = "obligation.suspend";
    /// See [`Action::ResumeObligation`].
    ObligationResume = "obligation.resume";
    /// See [`Action::ExtendObligation`].
    ObligationExtend = "obligation.extend";
    /// See [`Action::FulfilObligation`].
    ObligationFulfil = "obligation.fulfil";
    /// See [`Action::WithdrawObligation`].
    ObligationWithdraw = "obligation.withdraw";
    /// A new key in place of lost ones; takes two, so it is only ever within a pending act or a proposal.
    OfficerRecover = "officer.recover";
    /// See [`Action::RevokeOfficerKeys`].
    OfficerRevokeKeys = "officer.revoke-keys";
    /// See [`Action::OpenPending`].
    PendingOpen = "pending.open";
    /// See [`Action::ApprovePending`].
    PendingApprove = "pending.approve";
    /// See [`Action::WithdrawPending`].
    PendingWithdraw = "pending.withdraw";
    /// See [`Action::RaiseAlert`].
    AlertRaise = "alert.raise";
    /// See [`Action::EndAlert`].
    AlertEnd = "alert.end";
}

impl Action {
    /// Its name.
    pub const fn code(&self) -> ActionCode {
        match self {
            Self::RegisterOrganization(_) => ActionCode::OrganizationRegister,
            Self::AmendOrganization(_) => ActionCode::OrganizationAmend,
            Self::RegisterOfficer(_) => ActionCode::OfficerRegister,
            Self::AmendOfficer(_) => ActionCode::OfficerAmend,
            Self::DismissOfficer(_) => ActionCode::OfficerDismiss,
            Self::AddOfficerKey(..) => ActionCode::OfficerAddKey,
            Self::RevokeOfficerKey(..) => ActionCode::OfficerRevokeKey,
            Self::RegisterDuty(_) => ActionCode::DutyRegister,
            Self::AmendDuty(_) => ActionCode::DutyAmend,
            Self::WithdrawDuty(_) => ActionCode::DutyWithdraw,
            Self::PublishResource(_) => ActionCode::ResourcePublish,
            Self::AmendResource(_) => ActionCode::ResourceAmend,
            Self::WithdrawResource(_) => ActionCode::ResourceWithdraw,
            Self::WriteRecords(_) => ActionCode::RecordWrite,
            Self::NotariseEvidence(_) => ActionCode::EvidenceNotarise,
            Self::IssueGrant(_) => ActionCode::GrantIssue,
            Self::RevokeGrant(_) => ActionCode::GrantRevoke,
            Self::RegisterGateway(_) => ActionCode::GatewayRegister,
            Self::AmendGateway(_) => ActionCode::GatewayAmend,
            Self::RevokeGateway(_) => ActionCode::GatewayRevoke,
            Self::RecordAccess(_) => ActionCode::AccessRead,
            Self::OpenProposal(_) => ActionCode::ProposalOpen,
            Self::CastVote(_) => ActionCode::ProposalVote,
            Self::WithdrawProposal(_) => ActionCode::ProposalWithdraw,
            Self::OpenObligation(_) => ActionCode::ObligationOpen,
            Self::SuspendObligation(..) => ActionCode::ObligationSuspend,
            Self::ResumeObligation(_) => ActionCode::ObligationResume,
            Self::ExtendObligation(..) => ActionCode::ObligationExtend,
            Self::FulfilObligation(_) => ActionCode::ObligationFulfil,
            Self::WithdrawObligation(_) => ActionCode::ObligationWithdraw,
            Self::RevokeOfficerKeys(_) => ActionCode::OfficerRevokeKeys,
            Self::OpenPending(_) => ActionCode::PendingOpen,
            Self::ApprovePending(_) => ActionCode::PendingApprove,
            Self::WithdrawPending(_) => ActionCode::PendingWithdraw,
            Self::RaiseAlert(_) => ActionCode::AlertRaise,
            Self::EndAlert(_) => ActionCode::AlertEnd,
        }
    }

    /// What a receipt names the action by: the digest of its bytes, of a batch that of its [`crate::record::BatchHead`].
    pub fn digest(&self, suite: Suite) -> Digest {
        match self {
            Self::WriteRecords(batch) => codec::digest(suite, "gongxin-batch-1", &batch.head(suite)),
            other => codec::digest(suite, "gongxin-action-1", other),
        }
    }
}
