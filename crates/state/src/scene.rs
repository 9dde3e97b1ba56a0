//! Scene: what one action sees and leaves behind: sender, parameters, rules, pages; decisions and events.
//!
//! Every action is judged in the same order: is the sender entitled to act at all; is the noun well-formed; does what it
//! refers to exist; do the rules of access in force allow it; do the fixed rules of this crate. The first that fails
//! decides the refusal. Rules of access can only narrow what the fixed rules leave open (PROTOCOL 14).

use std::collections::BTreeSet;
use std::sync::Arc;

use gongxin_crypto::Digest;
use gongxin_types::officer::{Gift, Given};
use gongxin_types::receipt::Event;
use gongxin_types::transaction::{Actor, Sender};
use gongxin_types::{
    ActionCode, BasisCode, Effect, Gateway, GatewayId, Officer, OfficerId, Organization, OrganizationId, Parameters,
    PolicyId, PurposeCode, Refusal, Time,
};

use crate::admission::BlockContext;
use crate::calendar::Today;
use crate::noun::{self, Noun};
use crate::policy::{Context, OrganizationFacts, Principal, Request, ResourceFacts, Rules};
use crate::reservation::Holder;
use crate::stop::{Judged, Stop, ensure};
use crate::view::View;

/// Whether one person does the act or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Eyes {
    /// The sender alone.
    One,
    /// The sender and a second person; in a rehearsal nobody knows yet who.
    Two {
        /// The second.
        second: Option<OfficerId>,
        /// What keeps names and keys for the act.
        holder: Option<Holder>,
    },
}

/// What one action sees and leaves behind.
pub(crate) struct Scene<'a> {
    /// The block.
    pub(crate) block: &'a BlockContext,
    /// Version of the rules in force.
    pub(crate) protocol_version: u16,
    /// Parameters in force.
    pub(crate) parameters: &'a Parameters,
    /// The legal day.
    pub(crate) today: Today,
    /// Pages.
    pub(crate) view: &'a mut View,
    /// Who sent the transaction.
    pub(crate) sender: &'a Sender,
    /// The sender's organization.
    pub(crate) organization: Arc<Organization>,
    /// The sender as the rules see it.
    pub(crate) principal: Principal,
    /// Whether a second person stands behind it.
    pub(crate) eyes: Eyes,
    rules: &'a Rules,
    trace: &'a mut Trace,
}

/// What the judging of one action leaves for its receipt.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// The requests put to the rules, in order.
    pub(crate) requests: Vec<Request>,
    /// The policies that decided.
    pub(crate) policies: BTreeSet<PolicyId>,
    /// What happened.
    pub(crate) events: Vec<Event>,
}

/// What stays the same for all actions of a block.
#[derive(Clone, Copy)]
pub(crate) struct Stage<'a> {
    pub(crate) block: &'a BlockContext,
    pub(crate) protocol_version: u16,
    pub(crate) parameters: &'a Parameters,
    pub(crate) rules: &'a Rules,
    pub(crate) today: Today,
}

impl<'a> Scene<'a> {
    /// Opens the scene for a sender who may act at this time.
    pub(crate) fn open(stage: Stage<'a>, view: &'a mut View, sender: &'a Sender, trace: &'a mut Trace) -> Judged<Self> {
        let organization = view.noun::<Organization>(&sender.organization);
        let time = stage.block.time;
        let principal = match sender.actor {
            Actor::Officer(id) => {
                let officer = view.noun::<Officer>(&id)?.ok_or(Refusal::UnknownSender)?;
                let serves = officer.organization == sender.organization && officer.is_active_at(time);
                ensure(serves, Refusal::UnknownSender)?;
                ensure(officer.key_at(&sender.key, time).is_some(), Refusal::InvalidKey)?;
                Active::Officer(officer)
            }
            Actor::Gateway(id) => {
                let gateway = view.noun::<Gateway>(&id)?.ok_or(Refusal::UnknownSender)?;
                let serves = gateway.organization == sender.organization && gateway.is_active_at(time);
                ensure(serves, Refusal::UnknownSender)?;
                ensure(gateway.key_at(&sender.key, time).is_some(), Refusal::InvalidKey)?;
                Active::Gateway(gateway.id)
            }
        };
        let organization = organization?.ok_or(Refusal::UnknownSender)?;
        ensure(organization.expelled.is_none(), Refusal::Expelled)?;
        let facts = OrganizationFacts::from(&*organization);
        let principal = match principal {
            Active::Officer(officer) => Principal::officer(officer.id, officer.roles.clone(), facts),
            Active::Gateway(id) => Principal::gateway(id, facts),
        };
        let Stage { block, protocol_version, parameters, rules, today } = stage;
        Ok(Self {
            block,
            protocol_version,
            parameters,
            today,
            view,
            sender,
            organization,
            principal,
            eyes: Eyes::One,
            rules,
            trace,
        })
    }

    /// The scene of another sender, or of this one with a second person, on the same pages.
    pub(crate) fn with_eyes<'b>(&'b mut self, sender: &'b Sender, eyes: Eyes) -> Judged<Scene<'b>> {
        let stage = Stage {
            block: self.block,
            protocol_version: self.protocol_version,
            parameters: self.parameters,
            rules: self.rules,
            today: self.today,
        };
        let mut scene = Scene::open(stage, &mut *self.view, sender, &mut *self.trace)?;
        scene.eyes = eyes;
        Ok(scene)
    }

    /// Refuses one person alone.
    pub(crate) fn four_eyes(&self) -> Judged {
        ensure(self.eyes != Eyes::One, Refusal::FourEyesRequired)
    }

    /// For whom names and keys may be kept that this act takes.
    pub(crate) fn holder(&self) -> Option<Holder> {
        match self.eyes {
            Eyes::One => None,
            Eyes::Two { holder, .. } => holder,
        }
    }

    /// What the sender gives an officer now, and whoever stands behind it.
    pub(crate) fn given(&self, gift: Gift) -> Judged<Given> {
        let second = match self.eyes {
            Eyes::One => None,
            Eyes::Two { second, .. } => second,
        };
        Ok(Given { gift, by: self.officer()?, second, time: self.now() })
    }

    /// The block's time.
    pub(crate) fn now(&self) -> Time {
        self.block.time
    }

    /// The context of a request that names nothing but the time.
    pub(crate) fn at_now(&self) -> Context {
        Context::at(self.block.time)
    }

    /// The sender's officer, where only a person may act.
    pub(crate) fn officer(&self) -> Judged<OfficerId> {
        match self.sender.actor {
            Actor::Officer(id) => Ok(id),
            Actor::Gateway(_) => Err(Refusal::OfficerRequired.into()),
        }
    }

    /// Asks the rules whether the sender may do this.
    pub(crate) fn permit(&mut self, action: ActionCode, resource: ResourceFacts, context: Context) -> Judged {
        self.permit_to(self.principal.clone(), action, resource, context)
    }

    /// Asks the rules whether somebody may do this.
    pub(crate) fn permit_to(
        &mut self,
        principal: Principal,
        action: ActionCode,
        resource: ResourceFacts,
        context: Context,
    ) -> Judged {
        let request = Request { principal, action, resource, context };
        let verdict = self.rules.decide(&request);
        self.trace.requests.push(request);
        if verdict.effect == Effect::Deny {
            self.trace.policies = verdict.policies.iter().cloned().collect();
            return Err(Stop::Refused(Refusal::Policy));
        }
        self.trace.policies.extend(verdict.policies.iter().cloned());
        Ok(())
    }

    /// Refuses a noun of an encoding version this protocol does not know.
    pub(crate) fn known_version(&self, version: u8) -> Judged {
        ensure(version == 1, Refusal::Malformed)
    }

    /// Refuses a digest that the network's hash cannot have made.
    pub(crate) fn known_digest(&self, digest: &Digest) -> Judged {
        ensure(self.block.suite.check_digest(digest).is_ok(), Refusal::Malformed)
    }

    /// Refuses a legal basis that is not in the network's list.
    pub(crate) fn known_basis(&self, basis: &BasisCode) -> Judged {
        let place = self.parameters.legal_bases.binary_search_by(|known| known.code.cmp(basis));
        ensure(place.is_ok(), Refusal::UnknownLegalBasis)
    }

    /// Refuses a purpose that is not in the network's list.
    pub(crate) fn known_purpose(&self, purpose: &PurposeCode) -> Judged {
        let place = self.parameters.purposes.binary_search_by(|known| known.code.cmp(purpose));
        ensure(place.is_ok(), Refusal::UnknownPurpose)
    }

    /// A noun that must exist.
    pub(crate) fn existing<T: Noun>(&mut self, id: &T::Id) -> Judged<Arc<T>> {
        Ok(self.view.noun::<T>(id)?.ok_or(Refusal::NotFound)?)
    }

    /// An organization that must exist, as the rules see it.
    pub(crate) fn facts_of(&mut self, organization: &OrganizationId) -> Judged<OrganizationFacts> {
        if *organization == self.organization.id {
            return Ok(self.principal.organization.clone());
        }
        let organization: Arc<Organization> = self.existing(organization)?;
        Ok(OrganizationFacts::from(&*organization))
    }

    /// Refuses a noun whose identifier is taken.
    pub(crate) fn absent<T: Noun>(&mut self, id: &T::Id) -> Judged {
        ensure(self.view.noun::<T>(id)?.is_none(), Refusal::AlreadyExists)
    }

    /// Writes a noun.
    pub(crate) fn put<T: Noun>(&mut self, id: &T::Id, noun: T) -> Judged {
        noun::put(self.view, id, noun)
    }

    /// Refuses an act on what belongs to another organization.
    pub(crate) fn own(&self, organization: &OrganizationId) -> Judged {
        ensure(*organization == self.organization.id, Refusal::OtherOrganization)
    }

    /// Notes what happened.
    pub(crate) fn emit(&mut self, event: Event) {
        self.trace.events.push(event);
    }
}

/// The sender's noun.
enum Active {
    Officer(Arc<Officer>),
    Gateway(GatewayId),
}
