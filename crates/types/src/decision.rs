//! Decision: allow or deny, by which policies, and why not where a rule of the house refused.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{List, PolicyId, limits};

/// What was decided.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The action took effect.
    Allow,
    /// It did not.
    Deny,
}

/// Decision on one action, part of its receipt. No message text: codes only (PROTOCOL 13).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Allow or deny.
    pub effect: Effect,
    /// The policies that decided, ascending bytewise; empty where none applied, which is a deny.
    pub policies: List<PolicyId, { limits::DECIDING_POLICIES_MAX }>,
    /// Why a denied action was denied.
    pub refusal: Option<Refusal>,
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $words:literal;)*) => {
        /// Why an action had no effect.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
        )]
        pub enum Refusal {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl Refusal {
            /// Every refusal, in the order of their discriminants.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code, for programs.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The reason, for people.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }
    };
}

refusals! {
    /// No policy allows it, or one forbids it.
    Policy = "policy", "no rule in force allows this act to this sender";
    /// The sender's officer or gateway is not known, not active, or not of that organization.
    UnknownSender = "unknown-sender", "the sender is not an active officer or gateway of that organization";
    /// The signing key is not one of the sender's valid keys.
    InvalidKey = "invalid-key", "the key is not a valid key of the sender at this time";
    /// Something by that identifier exists already.
    AlreadyExists = "already-exists", "something by this identifier exists already";
    /// What the action names does not exist.
    NotFound = "not-found", "what the act refers to does not exist";
    /// The resource is not in the catalogue.
    UnknownResource = "unknown-resource", "the resource is not in the catalogue";
    /// The record does not exist or was deleted.
    UnknownRecord = "unknown-record", "the record does not exist or was deleted";
    /// The record has another version than the operation expects.
    VersionMismatch = "version-mismatch", "the record has another version than the operation expects";
    /// The legal basis is not in the network's list.
    UnknownLegalBasis = "unknown-legal-basis", "the legal basis is not in the network's list";
    /// The purpose is not in the network's list.
    UnknownPurpose = "unknown-purpose", "the purpose is not in the network's list";
    /// The resource is withheld from sharing.
    Withheld = "withheld", "the resource is withheld from sharing, with its legal basis";
    /// The resource is about persons, for whom pseudonyms do not exist yet.
    PersonalSubjects = "personal-subjects", "resources about persons need subject pseudonyms, which this network does not have yet";
    /// The noun contradicts itself: an order, a bound or a reference that must hold does not.
    Malformed = "malformed", "the act contradicts itself or a bound of the network";
    /// No grant or duty that was named, and is known, is for this reader, resource, purpose and legal basis.
    GrantMismatch = "grant-mismatch", "no grant or duty of this reader covers it, for this purpose and legal basis";
    /// The grant has ended.
    GrantExpired = "grant-expired", "the grant has ended";
    /// The grant was revoked.
    GrantRevoked = "grant-revoked", "the grant was revoked";
    /// The fields asked for are not within the grant.
    FieldsOutsideGrant = "fields-outside-grant", "fields were asked for that the grant does not cover";
    /// The record that was read differs from its commitment.
    Divergence = "divergence", "the record differs from what the ledger holds of it and is not served";
    /// The gateway is not the owner's.
    NotTheOwner = "not-the-owner", "the gateway does not belong to the owner of the resource";
    /// The reader's officer is not known, not active, or the key is not valid.
    UnknownReader = "unknown-reader", "the reader is not an active officer with a valid key";
    /// The owner's gateway refused before it asked the ledger.
    RefusedByOwner = "refused-by-owner", "the owner's gateway refused the reading";
    /// Another action of an all-or-nothing transaction was refused.
    RolledBack = "rolled-back", "another act of the same transaction was refused, and the transaction is all or nothing";
    /// The act is about something of another organization.
    OtherOrganization = "other-organization", "the act concerns what belongs to another organization than the sender's";
    /// Only a person may do this.
    OfficerRequired = "officer-required", "only an officer may do this, not a gateway";
    /// An officer's own roles, term or dismissal.
    OwnAppointment = "own-appointment", "nobody changes or ends their own appointment";
    /// The key is already in use.
    KeyInUse = "key-in-use", "the key is, or was, the key of an officer or gateway";
    /// A grant for longer than the network allows.
    TermTooLong = "term-too-long", "the grant is for longer than the network allows, or ends before it begins";
    /// A change of another revision than the one in force.
    RevisionMismatch = "revision-mismatch", "the change is of another revision than the one in force";
    /// The organization was expelled.
    Expelled = "expelled", "the organization was expelled by a vote";
    /// The sender's organization does not vote on it.
    NoVote = "no-vote", "the sender's organization has no vote in this";
    /// The organization has voted.
    AlreadyVoted = "already-voted", "the organization has voted, and a vote is not changed";
    /// It was decided or taken back, or its time is over.
    VotingClosed = "voting-closed", "the voting is over";
    /// The vote names another matter than the proposal.
    OtherMatter = "other-matter", "the vote is on another matter than the one proposed";
    /// Only members together may do this.
    VoteRequired = "vote-required", "only a vote of the members may do this";
    /// The rules do not compile.
    UnsoundPolicies = "unsound-policies", "the policy set does not compile";
    /// The rules forbid what must stay allowed, or allow what must stay forbidden.
    BrokenInvariant = "broken-invariant", "the policy set denies what must stay allowed, or allows what must stay denied";
    /// Its validators serve.
    ServesAsValidator = "serves-as-validator", "a validator of the organization serves: it is removed first";
    /// Too many accepted proposals wait.
    AgendaFull = "agenda-full", "too many accepted proposals wait for their height";
    /// Only days to come can be made others.
    PastDay = "past-day", "the calendar is amended for days to come alone, not for one that has begun";
    /// Only an organization that oversees others sets them tasks.
    OverseerRequired = "overseer-required", "only a supervisor or the competent authority may do this";
    /// No working day, or more than an obligation may have.
    TermOutOfBounds = "term-out-of-bounds", "the term has no working day, or more than it may have";
    /// The term is over.
    TermOver = "term-over", "the term of the obligation is over";
    /// The term of the obligation does not run.
    NotRunning = "not-running", "the term of the obligation does not run";
    /// The term of the obligation is not suspended.
    NotSuspended = "not-suspended", "the term of the obligation is not suspended";
    /// It was extended before.
    AlreadyExtended = "already-extended", "the term of an obligation is extended once";
    /// It was fulfilled or withdrawn.
    ObligationEnded = "obligation-ended", "the obligation was fulfilled or withdrawn";
    /// One person alone wants what takes two.
    FourEyesRequired = "four-eyes-required", "this takes two persons: one proposes it as a pending act, another approves it";
    /// One person as both of the two.
    SamePerson = "same-person", "nobody approves what they proposed themselves, with whatever key";
    /// One of the two owes office or key to the other.
    NotIndependent = "not-independent", "one of the two was admitted, or given a role or a key, by the other not long ago";
    /// Neither head of the organization nor of the competent authority.
    AuthorityRequired = "authority-required", "only an authority of the organization, or of the competent authority, may do this";
    /// The proposer's office, role or key ended before the approval.
    ProposerGone = "proposer-gone", "whoever proposed the act may no longer do so";
    /// It was approved or taken back.
    PendingEnded = "pending-ended", "the pending act was approved or taken back";
    /// Its time is over.
    PendingExpired = "pending-expired", "the pending act waited too long and can no longer be approved";
    /// The approval names another act.
    OtherAct = "other-act", "the approval is of another act than the one that waits";
    /// Too many wait.
    TooManyPending = "too-many-pending", "too many acts of this organization wait for a second person";
    /// Somebody's identifier or key that waits to come.
    Reserved = "reserved", "the identifier or key belongs to somebody whose admission or new key is being decided";
    /// More heads than an organization has.
    TooManyHeads = "too-many-heads", "the organization has as many authorities as it may have";
    /// Validators who could not go on if the newcomers among them stayed away.
    QuorumAtRisk = "quorum-at-risk", "too few of the proposed validators serve now: the network might stand still without the new ones";
    /// As many open proposals as a member may have.
    TooManyProposals = "too-many-proposals", "the organization has as many open proposals as it may have";
    /// Signatures or contents that convict nobody.
    InvalidEvidence = "invalid-evidence", "the evidence does not prove what it says, or is not of this network";
    /// Validators of an epoch too long ago, or not yet there.
    UnknownEpoch = "unknown-epoch", "the evidence is of an epoch to come, or too long ago";
    /// Neither a validator that serves nor one of the sender's.
    NotAValidator = "not-a-validator", "no such validator serves, or it is not one that the sender may speak of";
    /// Only those whose validators serve see what validators do.
    ValidatorsRequired = "validators-required", "only an organization whose validators serve may say this";
    /// The organization has said so.
    AlreadyRaised = "already-raised", "the organization has raised or confirmed this alert";
    /// It is over or was dealt with.
    AlertEnded = "alert-ended", "the alert has ended";
    /// More than one organization raises in an hour.
    TooManyAlerts = "too-many-alerts", "the organization has raised as many alerts as it may within the hour";
    /// The alert was not raised by the sender's organization, or does not pass by itself.
    NotOver = "not-over", "only those who raised an alert say that it is over, and only of what passes by itself";
}
