//! Request: what the rules are asked, and the only facts they see.
//!
//! A request is built by `state` from the state, the block's header and the signed action, and from nothing else
//! (PROTOCOL 13). Its canonical bytes have a digest that receipts name, so that every past decision can be asked again
//! (PROTOCOL 16). It names the sender by a pseudonymous identifier for that purpose alone: no rule can read it.
//! Who fills it with which facts is told in `docs/spec/policy.md`.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, Suite};
use gongxin_types::{
    ActionCode, BasisCode, GatewayId, List, OfficerId, Organization, OrganizationId, OrganizationKind, PurposeCode,
    Resource, Role, Time, codec,
    limits::ROLES_MAX,
    organization::Level,
    proposal::MatterCode,
    resource::{Classification, OpenAttribute, ShareAttribute, SubjectKind},
};

/// Roles, ascending, each once.
pub type Roles = List<Role, ROLES_MAX>;

/// Sorts roles and drops repetitions.
pub fn roles(roles: impl IntoIterator<Item = Role>) -> Roles {
    let ascending: std::collections::BTreeSet<Role> = roles.into_iter().collect();
    // There are fewer roles than a list may hold.
    List::new(ascending.into_iter().collect()).unwrap_or(List::empty())
}

/// What kind of sender asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub enum PrincipalKind {
    /// A person acting for an organization.
    Officer,
    /// A server of an organization.
    Gateway,
}

/// What the rules know of an organization.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct OrganizationFacts {
    /// Its identifier.
    pub id: OrganizationId,
    /// What it is, by law.
    pub kind: OrganizationKind,
    /// Its administrative level.
    pub level: Level,
    /// The organization it belongs to.
    pub parent: Option<OrganizationId>,
}

impl From<&Organization> for OrganizationFacts {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id.clone(),
            kind: organization.kind,
            level: organization.level,
            parent: organization.parent.clone(),
        }
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Principal {
    /// Officer or gateway.
    pub kind: PrincipalKind,
    /// Its pseudonymous identifier; kept for the record, no rule reads it.
    pub id: [u8; 16],
    /// Roles, ascending, each once; none for a gateway.
    pub roles: Roles,
    /// Whom it acts for.
    pub organization: OrganizationFacts,
}

impl Principal {
    /// An officer with these roles.
    pub const fn officer(id: OfficerId, roles: Roles, organization: OrganizationFacts) -> Self {
        Self { kind: PrincipalKind::Officer, id: *id.as_bytes(), roles, organization }
    }

    /// A gateway.
    pub const fn gateway(id: GatewayId, organization: OrganizationFacts) -> Self {
        Self { kind: PrincipalKind::Gateway, id: *id.as_bytes(), roles: List::empty(), organization }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $entity:literal;)*) => {
        /// What kind of noun an act is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
        pub enum ResourceKind {
            $($(#[$doc])* $name,)*
        }

        impl ResourceKind {
            /// Every kind, in the order of their discriminants.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code, as in the authorization matrix.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The entity type, as in policies.
            pub const fn entity(self) -> &'static str {
                match self { $(Self::$name => $entity,)* }
            }
        }
    };
}

kinds! {
    /// A member of the network.
    Organization = "organization", "OrganizationEntry";
    /// The appointment of an officer, and its keys.
    Officer = "officer", "OfficerEntry";
    /// A statutory task.
    Duty = "duty", "Duty";
    /// A catalogue entry.
    Resource = "resource", "Resource";
    /// Records of a resource.
    Record = "record", "Record";
    /// A notarised digest.
    Evidence = "evidence", "Evidence";
    /// A grant on a resource.
    Grant = "grant", "Grant";
    /// The registration of a gateway.
    Gateway = "gateway", "GatewayEntry";
    /// One reading of a resource.
    Access = "access", "Access";
    /// What members vote on.
    Proposal = "proposal", "Proposal";
    /// What is owed within a term.
    Obligation = "obligation", "Obligation";
    /// An act on an officer that waits for its second pair of eyes.
    Pending = "pending", "PendingEntry";
    /// Something wrong in the network.
    Alert = "alert", "Alert";
}

impl ResourceKind {
    /// The kind that an act is about; none for `record.write`, which the rules see as its operations.
    pub const fn of(action: ActionCode) -> Option<Self> {
        Some(match action {
            ActionCode::OrganizationRegister | ActionCode::OrganizationAmend => Self::Organization,
            ActionCode::OfficerRegister
            | ActionCode::OfficerAmend
            | ActionCode::OfficerDismiss
            | ActionCode::OfficerAddKey
            | ActionCode::OfficerRevokeKey
            | ActionCode::OfficerRecover
            | ActionCode::OfficerRevokeKeys => Self::Officer,
            ActionCode::DutyRegister | ActionCode::DutyAmend | ActionCode::DutyWithdraw => Self::Duty,
            ActionCode::ResourcePublish | ActionCode::ResourceAmend | ActionCode::ResourceWithdraw => Self::Resource,
            ActionCode::RecordWrite => return None,
            ActionCode::RecordCreate | ActionCode::RecordUpdate | ActionCode::RecordDelete => Self::Record,
            ActionCode::EvidenceNotarise => Self::Evidence,
            ActionCode::GrantIssue | ActionCode::GrantRevoke => Self::Grant,
            ActionCode::GatewayRegister | ActionCode::GatewayAmend | ActionCode::GatewayRevoke => Self::Gateway,
            ActionCode::AccessRead => Self::Access,
            ActionCode::ProposalOpen | ActionCode::ProposalVote | ActionCode::ProposalWithdraw => Self::Proposal,
            ActionCode::ObligationOpen
            | ActionCode::ObligationSuspend
            | ActionCode::ObligationResume
            | ActionCode::ObligationExtend
            | ActionCode::ObligationFulfil
            | ActionCode::ObligationWithdraw => Self::Obligation,
            ActionCode::PendingOpen | ActionCode::PendingApprove | ActionCode::PendingWithdraw => Self::Pending,
            ActionCode::AlertRaise | ActionCode::AlertEnd => Self::Alert,
        })
    }

    /// Whether the share, open and classification attributes of a catalogue entry belong to the facts.
    pub const fn is_about_data(self) -> bool {
        matches!(self, Self::Resource | Self::Record | Self::Grant | Self::Access)
    }
}

macro_rules! attribute {
    ($(#[$doc:meta])* $name:ident from $noun:ident { $($(#[$item:meta])* $variant:ident = $code:literal, $pattern:pat,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
        pub enum $name {
            $($(#[$item])* $variant,)*
        }

        impl $name {
            /// Every value, in the order of their discriminants.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code, as in policies.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }

        impl From<&$noun> for $name {
            fn from(noun: &$noun) -> Self {
                match noun { $($pattern => Self::$variant,)* }
            }
        }
    };
}

attribute!(
    /// A share attribute without its condition or basis.
    Share from ShareAttribute {
        /// 无条件共享.
        Unconditional = "unconditional", ShareAttribute::Unconditional,
        /// 有条件共享.
        Conditional = "conditional", ShareAttribute::Conditional { .. },
        /// 不予共享.
        Withheld = "withheld", ShareAttribute::Withheld { .. },
    }
);
attribute!(
    /// An open attribute without its condition or basis.
    Open from OpenAttribute {
        /// 无条件开放.
        Unconditional = "unconditional", OpenAttribute::Unconditional,
        /// 有条件开放.
        Conditional = "conditional", OpenAttribute::Conditional { .. },
        /// 不予开放.
        Closed = "closed", OpenAttribute::Closed { .. },
    }
);

/// What the rules know of a catalogue entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct DataFacts {
    /// Share attribute.
    pub share: Share,
    /// Open attribute.
    pub open: Open,
    /// Classification of the whole.
    pub classification: Classification,
    /// Whom the records are about.
    pub subjects: SubjectKind,
}

impl From<&Resource> for DataFacts {
    fn from(resource: &Resource) -> Self {
        Self {
            share: (&resource.share).into(),
            open: (&resource.open).into(),
            classification: resource.classification,
            subjects: resource.subjects,
        }
    }
}

/// What the act is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct ResourceFacts {
    /// What kind of noun.
    pub kind: ResourceKind,
    /// Whose it is; for an organization, the organization itself.
    pub owner: OrganizationFacts,
    /// The catalogue entry's attributes; there exactly for resource, record, grant and access.
    pub data: Option<DataFacts>,
    /// For acts on officers: every role the officer has or would have after the act, ascending; else none.
    pub roles: Roles,
    /// For acts on officers: whether the officer is the sender.
    pub is_self: bool,
    /// For proposals: what kind of matter it is; else none.
    pub matter: Option<MatterCode>,
}

impl ResourceFacts {
    /// An organization, a duty, a piece of evidence, a gateway, an obligation, a pending act on an officer, or an alert of `owner`.
    pub const fn owned(kind: ResourceKind, owner: OrganizationFacts) -> Self {
        Self { kind, owner, data: None, roles: List::empty(), is_self: false, matter: None }
    }

    /// A catalogue entry, or a record, grant or access of one.
    pub const fn data(kind: ResourceKind, owner: OrganizationFacts, data: DataFacts) -> Self {
        Self { kind, owner, data: Some(data), roles: List::empty(), is_self: false, matter: None }
    }

    /// A proposal; `owner` proposes it.
    pub const fn proposal(owner: OrganizationFacts, matter: MatterCode) -> Self {
        Self {
            kind: ResourceKind::Proposal,
            owner,
            data: None,
            roles: List::empty(),
            is_self: false,
            matter: Some(matter),
        }
    }

    /// An officer with the roles before and after the act.
    pub const fn officer(owner: OrganizationFacts, roles: Roles, is_self: bool) -> Self {
        Self { kind: ResourceKind::Officer, owner, data: None, roles, is_self, matter: None }
    }
}

/// What the rules may ask beyond who and what. A rule that reads it is never answered from the cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Context {
    /// Consensus time of the block.
    pub time: Time,
    /// The purpose that the action names.
    pub purpose: Option<PurposeCode>,
    /// The legal basis that the action names.
    pub legal_basis: Option<BasisCode>,
    /// The reader that a grant or an access names.
    pub reader: Option<OrganizationId>,
    /// The end that a grant or an appointment names.
    pub until: Option<Time>,
}

impl Context {
    /// The context of an action that names no purpose and no law.
    pub const fn at(time: Time) -> Self {
        Self { time, purpose: None, legal_basis: None, reader: None, until: None }
    }
}

/// One question to the rules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Request {
    /// Who asks; for a reading the reader's officer, whoever sent it.
    pub principal: Principal,
    /// What is to be done.
    pub action: ActionCode,
    /// To what.
    pub resource: ResourceFacts,
    /// Under which circumstances.
    pub context: Context,
}

impl Request {
    /// The digest that a receipt names.
    pub fn digest(&self, suite: Suite) -> Digest {
        codec::digest(suite, "gongxin-policy-request-1", self)
    }

    /// What a rule that reads no context can see, in canonical bytes: everything but the sender's identifier and the
    /// context.
    pub(crate) fn visible_bytes(&self, bytes: &mut Vec<u8>) {
        let Self { principal: Principal { kind, id: _, roles, organization }, action, resource, context: _ } = self;
        // Writing into a vector cannot fail.
        let written = (action, kind, roles, organization, resource).serialize(bytes);
        debug_assert!(written.is_ok());
    }
}
