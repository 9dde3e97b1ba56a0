//! Alert 预警: raise, confirm, take back and settle.
//!
//! Fixed rules, which rules of access can narrow but not widen. What is proven is proven here: the evidence is checked against
//! the validators of its epoch, and whoever brings it may be anyone. What is attested or unattributed is said by organizations
//! whose validators serve, as nobody else sees what validators do; of its clock each speaks for its own validators alone. Each
//! organization says a thing once, may take it back, and may say it again. An alert about a condition ends when more than half
//! of those who said so take it back; any alert ends when a supervisor of an organization that oversees others settles it. No
//! alert is deleted: what comes again is a new one, with the next number.
//!
//! An office cannot flood the ledger: it raises, confirms and takes back so many in an hour.

use std::collections::BTreeMap;
use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_types::alert::{AlertState, Assurance, Confirmation, Ending, Finding, NewAlert};
use gongxin_types::genesis::{ConsensusKey, Validator};
use gongxin_types::limits::{ALERT_WINDOW_MS, ALERTS_PER_HOUR_MAX, FAULT_EPOCHS_MAX};
use gongxin_types::{ActionCode, Alert, AlertId, FaultEvidence, List, Organization, Refusal, Role, Time, ValidatorSet};

use crate::key::{self, Kind};
use crate::policy::{OrganizationFacts, ResourceFacts, ResourceKind};
use crate::scene::Scene;
use crate::stop::{Judged, ensure};
use crate::validator_set::FormerValidatorSet;

/// How much an organization has had to say of late.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct AlertDesk {
    /// Since when the hour runs.
    since: Time,
    /// Acts within it.
    acts: u16,
}

pub(crate) fn raise(scene: &mut Scene<'_>, new: &NewAlert) -> Judged {
    scene.known_version(new.version)?;
    let (finding, topic) = (&new.finding, new.finding.topic());
    // All is asked for before the first page that is missing ends the search.
    let last = scene.view.slot::<u32>(&key::of(Kind::AlertTopic, &topic, 0));
    let serving = scene.existing::<ValidatorSet>(&());
    let owner = scene.principal.organization.clone();
    ask(scene, ActionCode::AlertRaise, owner)?;
    let (last, serving) = (last?.unwrap_or(0), serving?);
    speaks_of(scene, finding, &serving)?;
    let before = match last {
        0 => None,
        number => Some(scene.existing::<Alert>(&topic.id(number))?),
    };
    let open = before.as_ref().filter(|before| before.is_open());
    let ended_for_good = before.is_some() && open.is_none() && !topic.kind.passes();
    ensure(!ended_for_good, Refusal::AlertEnded)?;
    let said = open.and_then(|open| open.said_by(&scene.organization.id));
    ensure(said.is_none_or(|said| said.over.is_some()), Refusal::AlreadyRaised)?;
    count(scene)?;
    let evidence = finding.evidence();
    let convicted =
        evidence.as_ref().map_or_else(|| Ok(Vec::new()), |evidence| convicted(scene, &serving, evidence))?;
    match open {
        Some(open) => confirm(scene, open, &convicted, &serving),
        None => {
            let digest = evidence.map(|evidence| evidence.digest(scene.block.suite));
            let number = last.saturating_add(1);
            let alert = Alert {
                version: 1,
                id: topic.id(number),
                topic,
                number,
                state: AlertState::Open,
                height: scene.block.height,
                time: scene.now(),
                confirmations: List::empty(),
                confirmed: None,
                evidence: digest,
                convicted: List::empty(),
            };
            scene.view.put_slot(key::of(Kind::AlertTopic, &alert.topic, 0), &number)?;
            confirm(scene, &alert, &convicted, &serving)
        }
    }
}

pub(crate) fn end(scene: &mut Scene<'_>, id: &AlertId) -> Judged {
    let before = scene.existing::<Alert>(id)?;
    let own = scene.organization.id.clone();
    let said = before.said_by(&own);
    let first = before.confirmations.first().map_or(&own, |first| &first.organization);
    let owner = scene.facts_of(if said.is_some() { &own } else { first })?;
    ask(scene, ActionCode::AlertEnd, owner)?;
    ensure(before.is_open(), Refusal::AlertEnded)?;
    let stands = said.is_some_and(|said| said.over.is_none());
    if stands && before.topic.kind.passes() {
        count(scene)?;
        return take_back(scene, &before);
    }
    let overseer = scene.organization.kind.oversees() && scene.principal.roles.contains(&Role::Supervisor);
    ensure(overseer, Refusal::NotOver)?;
    let ending = Ending::Settled { organization: own, officer: scene.officer()? };
    let state = AlertState::Ended { time: scene.now(), ending };
    scene.put(id, Alert { state, ..(*before).clone() })
}

/// Adds that the sender's organization says so, and whom its evidence convicts.
fn confirm(scene: &mut Scene<'_>, before: &Alert, convicted: &[ConsensusKey], serving: &ValidatorSet) -> Judged {
    let organization = scene.organization.id.clone();
    let mut confirmations = before.confirmations.clone();
    match confirmations.iter_mut().find(|one| one.organization == organization) {
        Some(again) => again.over = None,
        None => {
            let new = Confirmation { organization, actor: scene.sender.actor, time: scene.now(), over: None };
            confirmations.push(new).map_err(|_| Refusal::TooManyAlerts)?;
        }
    }
    let mut all: Vec<ConsensusKey> = before.convicted.iter().chain(convicted).copied().collect();
    all.sort();
    all.dedup();
    // Of two sets of the most validators each, more keys may be in question than stand here: those known first stay.
    let convicted = List::new(all).unwrap_or_else(|_| before.convicted.clone());
    let mut after = Alert { confirmations, convicted, ..before.clone() };
    if after.confirmed.is_none() && is_confirmed(&after, serving) {
        after.confirmed = Some(scene.now());
    }
    scene.put(&before.id, after)
}

/// Whether an honest organization is among those who say so, or it needs none.
fn is_confirmed(alert: &Alert, serving: &ValidatorSet) -> bool {
    let own_clock = alert.topic.kind == gongxin_types::AlertKind::ClockFault;
    let owners = serving.organizations();
    let say = alert.confirmations.iter().filter(|one| one.over.is_none() && owners.contains(&one.organization));
    let may_fail = serving.validators.len().saturating_sub(serving.quorum());
    own_clock || alert.topic.kind.assurance() == Assurance::Proven || say.count() > may_fail
}

/// Notes that it is over for the sender's organization; the alert ends with more than half of them.
fn take_back(scene: &mut Scene<'_>, before: &Alert) -> Judged {
    let now = scene.now();
    let mut confirmations = before.confirmations.clone();
    for one in confirmations.iter_mut().filter(|one| one.organization == scene.organization.id) {
        one.over = Some(now);
    }
    let over = confirmations.iter().filter(|one| one.over.is_some()).count();
    let is_over = over.saturating_mul(2) > confirmations.len();
    let state = if is_over { AlertState::Ended { time: now, ending: Ending::Over } } else { AlertState::Open };
    scene.put(&before.id, Alert { state, confirmations, ..before.clone() })
}

/// Refuses what the sender cannot know, or what is about nobody.
fn speaks_of(scene: &mut Scene<'_>, finding: &Finding, serving: &ValidatorSet) -> Judged {
    if finding.kind().assurance() == Assurance::Proven {
        return Ok(());
    }
    let own = |validator: &Validator| validator.organization == scene.organization.id;
    ensure(serving.validators.iter().any(own), Refusal::ValidatorsRequired)?;
    match finding {
        Finding::ClockFault { validator: key } => {
            let is_own = serving.validators.iter().any(|validator| validator.key == *key && own(validator));
            ensure(is_own, Refusal::NotAValidator)
        }
        Finding::SilentValidator { validator: key } => {
            ensure(serving.validators.iter().any(|validator| validator.key == *key), Refusal::NotAValidator)
        }
        Finding::QuotaAbuse { organization } => scene.existing::<Organization>(organization).map(|_| ()),
        Finding::Equivocation(_) | Finding::TwoCertificates(_) | Finding::InvalidProposal { .. } => Ok(()),
    }
}

/// The keys that evidence convicts, by the validators of the epochs that it names.
fn convicted(scene: &mut Scene<'_>, serving: &ValidatorSet, evidence: &FaultEvidence) -> Judged<Vec<ConsensusKey>> {
    let mut former: BTreeMap<u64, Arc<FormerValidatorSet>> = BTreeMap::new();
    for epoch in gongxin_verify::fault::epochs(evidence) {
        let age = serving.epoch.checked_sub(epoch).ok_or(Refusal::UnknownEpoch)?;
        ensure(age <= FAULT_EPOCHS_MAX, Refusal::UnknownEpoch)?;
        if age > 0 {
            let set = scene.view.noun::<FormerValidatorSet>(&epoch)?.ok_or(Refusal::UnknownEpoch)?;
            former.insert(epoch, set);
        }
    }
    let validators = |epoch: u64| -> Option<&[Validator]> {
        if epoch == serving.epoch {
            return Some(&serving.validators);
        }
        former.get(&epoch).map(|set| &*set.0.validators)
    };
    let checked = gongxin_verify::fault::check_with(&scene.block.network, &validators, evidence);
    Ok(checked.map_err(|_| Refusal::InvalidEvidence)?)
}

/// Counts one act of the sender's organization, if it may have one more within the hour.
fn count(scene: &mut Scene<'_>) -> Judged {
    let (now, key) = (scene.now(), key::of(Kind::AlertDesk, &scene.organization.id, 0));
    let desk = scene.view.slot::<AlertDesk>(&key)?;
    let within = desk.filter(|desk| now < desk.since.plus_millis(ALERT_WINDOW_MS));
    let mut desk = within.unwrap_or(AlertDesk { since: now, acts: 0 });
    ensure(desk.acts < ALERTS_PER_HOUR_MAX, Refusal::TooManyAlerts)?;
    desk.acts = desk.acts.saturating_add(1);
    Ok(scene.view.put_slot(key, &desk)?)
}

fn ask(scene: &mut Scene<'_>, action: ActionCode, owner: OrganizationFacts) -> Judged {
    let context = scene.at_now();
    scene.permit(action, ResourceFacts::owned(ResourceKind::Alert, owner), context)
}
