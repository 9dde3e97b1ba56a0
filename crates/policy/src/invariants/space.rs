//! Space: every request about one act, as a product of lists, and the few of them that rules can tell apart.
//!
//! Organizations are the sender's and the owner's, each with at most one parent: only these are among the facts. A
//! parent that is neither the other organization nor named by a rule is to every rule as good as none.

use gongxin_types::{
    ActionCode, OrganizationId, OrganizationKind, Role,
    organization::Level,
    proposal::MatterCode,
    resource::{Classification, SubjectKind},
};

use super::{
    case::Case,
    rows::{Row, Who, classification_word, subjects_word, yes_or_no},
    sight::Sight,
};
use crate::{
    request::{DataFacts, Open, PrincipalKind, ResourceKind, Roles, Share, roles},
    vocabulary::{CLASSIFICATIONS, LEVELS, SUBJECTS, classification_code, level_code, subjects_code},
};

/// How many lists a space has. Those come first on which rules turn alone: what these decide is decided once.
pub(crate) const LISTS: usize = 16;
/// How many of the first lists it takes to know whether facts contradict each other: all but the roles acted on.
pub(crate) const CONTRADICTION_DEPTH: usize = LISTS - 1;
/// A request of a space, by its place in each list.
pub(crate) type Point = [usize; LISTS];

/// Whose the noun is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The sender's organization.
    Sender,
    /// One that belongs to the sender's.
    Below(OrganizationId),
    /// Another.
    Other(OrganizationId),
}

impl Owner {
    /// As in the column `relation`.
    const fn relation(&self) -> &'static str {
        match self {
            Self::Sender => "own",
            Self::Below(_) => "child",
            Self::Other(_) => "other",
        }
    }
}

/// What an organization belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Parent {
    /// To nothing that matters.
    None,
    /// The sender's to the owner.
    Owner,
    /// To one that a rule names.
    Named(OrganizationId),
}

/// Every request about one act: what each fact may be.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    pub(crate) action: ActionCode,
    pub(crate) senders: Vec<(PrincipalKind, Roles)>,
    pub(crate) selves: Vec<bool>,
    pub(crate) shares: Vec<Share>,
    pub(crate) opens: Vec<Open>,
    pub(crate) classifications: Vec<Classification>,
    pub(crate) subjects: Vec<SubjectKind>,
    pub(crate) matters: Vec<MatterCode>,
    pub(crate) owners: Vec<Owner>,
    pub(crate) home_kinds: Vec<OrganizationKind>,
    pub(crate) owner_kinds: Vec<OrganizationKind>,
    pub(crate) homes: Vec<OrganizationId>,
    pub(crate) home_parents: Vec<Parent>,
    pub(crate) owner_parents: Vec<Parent>,
    pub(crate) home_levels: Vec<Level>,
    pub(crate) owner_levels: Vec<Level>,
    pub(crate) touched: Vec<Roles>,
    kind: ResourceKind,
}

impl Space {
    /// Everything there is, with one organization that no rule names for each place, and those named; none for an act
    /// that no rule sees. Facts that nouns of this kind lack have one value, which is not used.
    pub(crate) fn whole(action: ActionCode, named: &[OrganizationId]) -> Option<Self> {
        let kind = ResourceKind::of(action)?;
        let (here, there) = (unnamed("here", named)?, unnamed("there", named)?);
        let some = |own: &OrganizationId| std::iter::once(own).chain(named).cloned().collect::<Vec<_>>();
        let parents = |first: Vec<Parent>| first.into_iter().chain(named.iter().cloned().map(Parent::Named)).collect();
        let others = some(&there);
        let owners = std::iter::once(Owner::Sender).chain(others.iter().cloned().map(Owner::Below));
        let owners = owners.chain(others.iter().cloned().map(Owner::Other));
        let officers = every_roles().into_iter().map(|roles| (PrincipalKind::Officer, roles));
        let mut space = Self {
            action,
            senders: std::iter::once((PrincipalKind::Gateway, Roles::empty())).chain(officers).collect(),
            homes: some(&here),
            home_kinds: OrganizationKind::ALL.to_vec(),
            home_levels: LEVELS.to_vec(),
            home_parents: parents(vec![Parent::None, Parent::Owner]),
            owners: owners.collect(),
            owner_kinds: OrganizationKind::ALL.to_vec(),
            owner_levels: LEVELS.to_vec(),
            owner_parents: parents(vec![Parent::None]),
            shares: Share::ALL.to_vec(),
            opens: Open::ALL.to_vec(),
            classifications: CLASSIFICATIONS.to_vec(),
            subjects: SUBJECTS.to_vec(),
            touched: every_roles(),
            selves: vec![false, true],
            matters: MatterCode::ALL.to_vec(),
            kind,
        };
        if !kind.is_about_data() {
            space.forget_data();
        }
        if kind != ResourceKind::Officer {
            space.touched.truncate(1);
            space.selves.truncate(1);
        }
        if kind != ResourceKind::Proposal {
            space.matters.truncate(1);
        }
        Some(space)
    }

    /// Leaves what a row speaks of.
    pub(crate) fn restrict(&mut self, row: &Row) {
        self.senders.retain(|(kind, roles)| row.who.includes(*kind, roles));
        self.owners.retain(|owner| row.relates(owner.relation()));
        self.home_kinds.retain(|kind| row.admits("sender", kind.code()));
        self.owner_kinds.retain(|kind| row.admits("owner", kind.code()));
        self.shares.retain(|share| row.admits("share", share.code()));
        self.opens.retain(|open| row.admits("open", open.code()));
        self.classifications.retain(|of| row.admits("classification", classification_word(*of)));
        self.subjects.retain(|subjects| row.admits("subjects", subjects_word(*subjects)));
        self.touched.retain(|roles| row.admits_all("only", roles.iter().map(|role| role.code())));
        self.selves.retain(|is_self| row.admits("self", yes_or_no(*is_self)));
        if self.selves == [true] {
            self.owners.retain(|owner| *owner == Owner::Sender);
        }
        if self.is_at_home() {
            let owners = &self.owner_kinds;
            self.home_kinds.retain(|kind| owners.contains(kind));
        }
    }

    /// Leaves, of what these rules cannot tell apart, one for all. The sender of a row has the row's role, seen or not.
    ///
    /// Of codes that are not named, two stay where two organizations may have the same or different ones, one elsewhere.
    pub(crate) fn reduce(&mut self, sight: &Sight, who: Who) {
        self.senders.retain(|(_, roles)| roles.iter().all(|role| sight.sees_role(*role) || who == Who::Holder(*role)));
        if !sight.parents {
            self.home_parents.truncate(1);
            self.owner_parents.truncate(1);
            let has_other = self.owners.iter().any(|owner| matches!(owner, Owner::Other(_)));
            self.owners.retain(|owner| !(has_other && matches!(owner, Owner::Below(_))));
        }
        let places = if self.is_at_home() { 1 } else { 2 };
        let others = |attribute, most| if sight.reads(attribute) { most } else { 0 };
        // Where a row speaks of some kinds of senders or owners only, a code left out may be the one they share.
        if self.is_at_home() || self.home_kinds == self.owner_kinds {
            let named = |kind: &OrganizationKind| sight.names("OrganizationKind", kind.code());
            leave(&mut self.home_kinds, others("kind", places), named);
            self.owner_kinds.clone_from(&self.home_kinds);
        }
        leave(&mut self.home_levels, others("level", places), |level| sight.names("Level", level_code(*level)));
        self.owner_levels.clone_from(&self.home_levels);
        if self.is_at_home() {
            self.owner_kinds.truncate(1);
            self.owner_levels.truncate(1);
        }
        leave(&mut self.shares, others("share", 1), |of| sight.names("Share", of.code()));
        leave(&mut self.opens, others("open", 1), |of| sight.names("Open", of.code()));
        leave(&mut self.classifications, others("classification", 1), |of| {
            sight.names("Classification", classification_code(*of))
        });
        leave(&mut self.subjects, others("subjects", 1), |of| sight.names("Subjects", subjects_code(*of)));
        leave(&mut self.matters, others("matter", 1), |of| sight.names("Matter", of.code()));
        if !sight.reads("roles") {
            self.touched.truncate(1);
        }
        if !sight.reads("is_self") {
            self.selves.truncate(1);
        }
    }

    /// The first place, if there is any. Some places are facts that contradict each other, see [`Space::case`].
    pub(crate) fn first(&self) -> Option<Point> {
        self.sizes().iter().all(|size| *size > 0).then_some([0; LISTS])
    }

    /// The next place that differs in one of the first so many lists.
    pub(crate) fn after(&self, mut point: Point, lists: usize) -> Option<Point> {
        for (list, (place, size)) in point.iter_mut().zip(self.sizes()).enumerate().rev() {
            *place = place.saturating_add(1);
            if list < lists && *place < size {
                return Some(point);
            }
            *place = 0;
        }
        None
    }

    /// The facts at a place, unless they contradict each other. Where the owner is the sender's organization, it has that
    /// one's facts, and the lists of the owner's stand still.
    pub(crate) fn case(&self, point: &Point) -> Option<Case<'_>> {
        let [who, is_self, share, open, classification, subjects, matter, owner, kind, of_kind, point @ ..] = *point;
        let [home, parent, of_parent, level, of_level, touched] = point;
        let owner = self.owners.get(owner)?;
        let is_home = *owner == Owner::Sender;
        if is_home && (of_kind, of_level, of_parent) != (0, 0, 0) {
            return None;
        }
        let (home_kind, home_level) = (*self.home_kinds.get(kind)?, *self.home_levels.get(level)?);
        if is_home && !self.is_at_home() && !self.owner_kinds.contains(&home_kind) {
            return None;
        }
        let (of_kind, of_level) = (*self.owner_kinds.get(of_kind)?, *self.owner_levels.get(of_level)?);
        let case = Case {
            action: self.action,
            kind: self.kind,
            sender: self.senders.get(who)?,
            home: self.homes.get(home)?,
            home_kind,
            home_level,
            home_parent: self.home_parents.get(parent)?,
            owner,
            owner_kind: if is_home { home_kind } else { of_kind },
            owner_level: if is_home { home_level } else { of_level },
            owner_parent: self.owner_parents.get(of_parent)?,
            data: DataFacts {
                share: *self.shares.get(share)?,
                open: *self.opens.get(open)?,
                classification: *self.classifications.get(classification)?,
                subjects: *self.subjects.get(subjects)?,
            },
            touched: self.touched.get(touched)?,
            is_self: *self.selves.get(is_self)?,
            matter: *self.matters.get(matter)?,
        };
        case.is_coherent().then_some(case)
    }

    /// Whether sender and owner are one in all of it.
    fn is_at_home(&self) -> bool {
        self.owners == [Owner::Sender]
    }

    pub(crate) const fn sizes(&self) -> Point {
        [
            self.senders.len(),
            self.selves.len(),
            self.shares.len(),
            self.opens.len(),
            self.classifications.len(),
            self.subjects.len(),
            self.matters.len(),
            self.owners.len(),
            self.home_kinds.len(),
            self.owner_kinds.len(),
            self.homes.len(),
            self.home_parents.len(),
            self.owner_parents.len(),
            self.home_levels.len(),
            self.owner_levels.len(),
            self.touched.len(),
        ]
    }

    fn forget_data(&mut self) {
        self.shares.truncate(1);
        self.opens.truncate(1);
        self.classifications.truncate(1);
        self.subjects.truncate(1);
    }
}

/// Every set of roles, the empty one first.
pub(crate) fn every_roles() -> Vec<Roles> {
    let sets = 1_usize << Role::ALL.len();
    let members = |bits: usize| Role::ALL.into_iter().enumerate().filter(move |(place, _)| (bits >> place) & 1 == 1);
    (0..sets).map(|bits| roles(members(bits).map(|(_, role)| role))).collect()
}

/// A name that no rule knows.
fn unnamed(stem: &str, named: &[OrganizationId]) -> Option<OrganizationId> {
    let candidates = (0..=named.len()).filter_map(|number| format!("{stem}-{number}").parse().ok());
    candidates.into_iter().find(|id| !named.contains(id))
}

/// What is named, and so many others; just one where no value of the list is seen at all.
fn leave<T>(list: &mut Vec<T>, others: usize, is_named: impl Fn(&T) -> bool) {
    if others == 0 {
        list.truncate(1);
    }
    let mut left = others.max(1);
    list.retain(|value| {
        let stays = is_named(value) || left > 0;
        left = left.saturating_sub(usize::from(stays && !is_named(value)));
        stays
    });
}
