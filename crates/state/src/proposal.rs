//! Proposal 提案: open one, vote on it, take it back.
//!
//! Fixed rules, which rules of access can narrow but not widen (PROTOCOL 14): an officer opens one, for an organization that
//! has a vote or for the competent authority; each organization whose validators serve has one vote; more than two thirds
//! of all votes accept, and as soon as they cannot be reached the proposal is rejected. A vote is never changed. Who votes
//! and how many decide is written down when the proposal is opened.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_types::proposal::{Choice, NewProposal, NewVote, ProposalStatus, Vote};
use gongxin_types::{
    ActionCode, Height, List, Organization, OrganizationId, OrganizationKind, Proposal, ProposalId, Refusal, Time,
    ValidatorSet, codec,
    limits::{EFFECTIVE_AHEAD_MAX, PROPOSALS_OPEN_MAX, VALIDATORS_MAX, VOTING_MS_MAX},
};

use crate::agenda::{self, Waiting};
use crate::matter;
use crate::policy::{Context, ResourceFacts};
use crate::protocol;
use crate::reservation::{self, Holder};
use crate::scene::Scene;
use crate::stop::{Judged, ensure};

/// The open proposals of one organization, and when they close; counted from version 2 of the rules on.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Docket {
    pub(crate) open: List<(ProposalId, Time), PROPOSALS_OPEN_MAX>,
}

pub(crate) fn open(scene: &mut Scene<'_>, new: &NewProposal) -> Judged {
    let officer = scene.officer()?;
    scene.known_version(new.version)?;
    scene.known_basis(&new.legal_basis)?;
    let (now, height) = (scene.now(), scene.block.height);
    ensure(now < new.closes && new.closes <= now.plus_millis(VOTING_MS_MAX), Refusal::TermTooLong)?;
    let latest = Height::new(height.get().saturating_add(EFFECTIVE_AHEAD_MAX));
    ensure(new.effective <= latest, Refusal::TermTooLong)?;
    scene.absent::<Proposal>(&new.id)?;
    let facts = ResourceFacts::proposal(scene.principal.organization.clone(), new.matter.code());
    let context = Context { legal_basis: Some(new.legal_basis.clone()), ..scene.at_now() };
    scene.permit(ActionCode::ProposalOpen, facts, context)?;
    let electorate = electorate(scene)?;
    let organization = scene.organization.id.clone();
    let proposes =
        electorate.contains(&organization) || scene.organization.kind == OrganizationKind::CompetentAuthority;
    ensure(proposes, Refusal::NoVote)?;
    matter::check(scene, &new.matter)?;
    enter(scene, &organization, new)?;
    let bytes = codec::encode(&new.matter);
    let matter = new.matter.digest(scene.block.suite);
    scene.view.put_blob(&matter, &bytes);
    reservation::keep(scene.view, Holder::Proposal(new.id), &matter::names(&new.matter))?;
    let proposal = Proposal {
        version: 1,
        id: new.id,
        organization,
        officer,
        opened: now,
        legal_basis: new.legal_basis.clone(),
        kind: new.matter.code(),
        matter,
        length: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        closes: new.closes,
        effective: new.effective,
        needed: needed(electorate.len()),
        electorate,
        votes: List::empty(),
        status: ProposalStatus::Open,
    };
    scene.put(&new.id, proposal)
}

pub(crate) fn vote(scene: &mut Scene<'_>, new: &NewVote) -> Judged {
    let officer = scene.officer()?;
    let before = scene.existing::<Proposal>(&new.proposal)?;
    ask(scene, ActionCode::ProposalVote, &before)?;
    let organization = scene.organization.id.clone();
    ensure(before.electorate.contains(&organization), Refusal::NoVote)?;
    ensure(before.votes.iter().all(|vote| vote.organization != organization), Refusal::AlreadyVoted)?;
    ensure(before.is_open_at(scene.now()), Refusal::VotingClosed)?;
    let proposer = scene.existing::<Organization>(&before.organization)?;
    ensure(proposer.expelled.is_none(), Refusal::VotingClosed)?;
    ensure(before.matter == new.matter, Refusal::OtherMatter)?;
    let mut votes = before.votes.to_vec();
    votes.push(Vote { organization, officer, choice: new.choice, time: scene.now() });
    // There are no more votes than members of the electorate.
    let votes = List::new(votes).map_err(|_| Refusal::Malformed)?;
    let mut after = Proposal { votes, ..(*before).clone() };
    let needed = usize::from(after.needed);
    let spare = after.electorate.len().saturating_sub(needed);
    if after.count(Choice::For) >= needed {
        let effective = after.effective.max(scene.block.height.next());
        agenda::add(scene, Waiting { effective, proposal: after.id })?;
        after.status = ProposalStatus::Accepted { effective };
        leave(scene, &after)?;
    } else if after.count(Choice::Against) > spare {
        after.status = ProposalStatus::Rejected;
        leave(scene, &after)?;
    }
    scene.put(&new.proposal, after)
}

pub(crate) fn withdraw(scene: &mut Scene<'_>, id: &ProposalId) -> Judged {
    scene.officer()?;
    let before = scene.existing::<Proposal>(id)?;
    ask(scene, ActionCode::ProposalWithdraw, &before)?;
    scene.own(&before.organization)?;
    ensure(before.is_open_at(scene.now()), Refusal::VotingClosed)?;
    leave(scene, &before)?;
    scene.put(id, Proposal { status: ProposalStatus::Withdrawn, ..(*before).clone() })
}

/// Counts an open proposal of a member, if it may have one more.
fn enter(scene: &mut Scene<'_>, organization: &OrganizationId, new: &NewProposal) -> Judged {
    if scene.protocol_version < protocol::COUNTS_PROPOSALS {
        return Ok(());
    }
    let mut open = docket(scene, organization)?;
    open.push((new.id, new.closes));
    let open = List::new(open).map_err(|_| Refusal::TooManyProposals)?;
    scene.put(organization, Docket { open })
}

/// A proposal of a member is no longer open.
fn leave(scene: &mut Scene<'_>, proposal: &Proposal) -> Judged {
    if scene.protocol_version < protocol::COUNTS_PROPOSALS {
        return Ok(());
    }
    let mut open = docket(scene, &proposal.organization)?;
    open.retain(|(id, _)| *id != proposal.id);
    let open = List::new(open).map_err(|_| Refusal::TooManyProposals)?;
    scene.put(&proposal.organization, Docket { open })
}

/// The open proposals of a member; those whose time is over fall out.
fn docket(scene: &mut Scene<'_>, organization: &OrganizationId) -> Judged<Vec<(ProposalId, Time)>> {
    let now = scene.now();
    let docket = scene.view.noun::<Docket>(organization)?.unwrap_or_default();
    Ok(docket.open.iter().filter(|(_, closes)| now < *closes).copied().collect())
}

/// Organizations with a vote now: those whose validators serve, unless they were expelled.
pub(crate) fn electorate(scene: &mut Scene<'_>) -> Judged<List<gongxin_types::OrganizationId, VALIDATORS_MAX>> {
    let owners = scene.existing::<ValidatorSet>(&())?.organizations();
    // All are asked for before the first that is missing ends the search.
    let found: Vec<_> = owners.iter().map(|id| scene.view.noun::<Organization>(id)).collect();
    let mut members = Vec::new();
    for organization in found {
        members.extend(organization?.filter(|one| one.expelled.is_none()).map(|one| one.id.clone()));
    }
    Ok(List::new(members).map_err(|_| Refusal::Malformed)?)
}

/// More than two thirds.
fn needed(votes: usize) -> u16 {
    let needed = votes.saturating_mul(2) / 3;
    u16::try_from(needed.saturating_add(1)).unwrap_or(u16::MAX)
}

fn ask(scene: &mut Scene<'_>, action: ActionCode, proposal: &Proposal) -> Judged {
    let owner = scene.facts_of(&proposal.organization)?;
    let context = Context { legal_basis: Some(proposal.legal_basis.clone()), ..scene.at_now() };
    scene.permit(action, ResourceFacts::proposal(owner, proposal.kind), context)
}
