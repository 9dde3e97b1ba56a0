//! Keys: what a rule sees of a request, as one number.
//!
//! Two requests have the same number exactly where every fact that the rule's [`Sight`] reaches is the same;
//! then the rule cannot but answer both alike. A number is the sum of what each list of a space adds, each list in digits
//! of its own, which stay the same from one space to the next.

use gongxin_types::{ActionCode, OrganizationId, OrganizationKind, Role, proposal::MatterCode};

use super::{
    sight::Sight,
    space::{LISTS, Owner, Parent, Point, Space},
};
use crate::{
    limits::NAMED_ORGANIZATIONS_MAX,
    request::{Open, PrincipalKind, Roles, Share},
    vocabulary::{CLASSIFICATIONS, LEVELS, SUBJECTS},
};

/// Bits of an organization's name: the named ones, one for all others, one for the owner as a parent.
const NAME_BITS: u32 = 4;
/// Bits of a set of roles, and of a sender: one more for gateways.
const ROLES_BITS: u32 = 5;
/// Bits of the longest lists of codes: kinds and levels of organizations, classifications.
const CODE_BITS: u32 = 3;
/// Bits of the matters of proposals.
const MATTER_BITS: u32 = 4;

const _: () = assert!(NAMED_ORGANIZATIONS_MAX + 2 <= 1 << NAME_BITS);
const _: () = assert!(Role::ALL.len() <= ROLES_BITS as usize);
const _: () = assert!(OrganizationKind::ALL.len() <= 1 << CODE_BITS && LEVELS.len() <= 1 << CODE_BITS);
const _: () = assert!(CLASSIFICATIONS.len() <= 1 << CODE_BITS && MatterCode::ALL.len() <= 1 << MATTER_BITS);
const _: () = assert!(Share::ALL.len() <= 4 && Open::ALL.len() <= 4 && SUBJECTS.len() <= 4);
const _: () = assert!(ActionCode::ALL.len() <= 64);

/// For every value of every list of a space, what it adds.
pub(crate) struct Keys {
    lists: [Vec<u64>; LISTS],
    /// How many of the first lists it takes to know a key: it is the same whatever the others say.
    pub(crate) depth: usize,
}

impl Keys {
    /// The keys of a rule that sees this much. `named` are the organizations of the whole set. A rule that asks neither for
    /// the act nor for the kind of noun answers every act alike that it is about, as strict validation lets it read
    /// nothing but what all of those nouns have; so the act is part of other rules' keys only.
    pub(crate) fn of(space: &Space, sight: &Sight, named: &[OrganizationId]) -> Self {
        let name = |id: &OrganizationId| match sight.names("Organization", id.as_str()) {
            true => place(named, id).saturating_add(1),
            false => 0,
        };
        let parents = |list: &[Parent]| list.iter().map(|one| parent(one, sight, name)).collect();
        let digits: [(u32, Vec<u64>); LISTS] = [
            (ROLES_BITS + 1, space.senders.iter().map(|(kind, roles)| sender(*kind, roles, sight)).collect()),
            (1, codes(sight.reads("is_self"), &space.selves, &[false, true])),
            (2, codes(sight.reads("share"), &space.shares, Share::ALL)),
            (2, codes(sight.reads("open"), &space.opens, Open::ALL)),
            (CODE_BITS, codes(sight.reads("classification"), &space.classifications, &CLASSIFICATIONS)),
            (2, codes(sight.reads("subjects"), &space.subjects, &SUBJECTS)),
            (MATTER_BITS, codes(sight.reads("matter"), &space.matters, MatterCode::ALL)),
            (NAME_BITS + 2, space.owners.iter().map(|one| owner(one, sight, name)).collect()),
            (CODE_BITS, codes(sight.reads("kind"), &space.home_kinds, &OrganizationKind::ALL)),
            (CODE_BITS, codes(sight.reads("kind"), &space.owner_kinds, &OrganizationKind::ALL)),
            (NAME_BITS, space.homes.iter().map(name).collect()),
            (NAME_BITS, parents(&space.home_parents)),
            (NAME_BITS, parents(&space.owner_parents)),
            (CODE_BITS, codes(sight.reads("level"), &space.home_levels, &LEVELS)),
            (CODE_BITS, codes(sight.reads("level"), &space.owner_levels, &LEVELS)),
            (ROLES_BITS, space.touched.iter().map(|roles| bits(roles, |_| sight.reads("roles"))).collect()),
        ];
        let mut used = 0;
        let mut lists = digits.map(|(width, digits)| {
            let shifted = digits.into_iter().map(|digit| digit << used).collect::<Vec<_>>();
            used += width;
            shifted
        });
        if sight.act
            && let [first, ..] = &mut lists
        {
            let act = place(ActionCode::ALL, &space.action) << used;
            first.iter_mut().for_each(|digit| *digit |= act);
        }
        let differs = |list: &Vec<u64>| list.iter().zip(list.iter().skip(1)).any(|(one, next)| one != next);
        let depth = lists.iter().rposition(differs).map_or(0, |last| last.saturating_add(1));
        Self { lists, depth }
    }

    /// What the rule sees of the request at a place.
    pub(crate) fn at(&self, point: &Point) -> u64 {
        let digits = self.lists.iter().zip(point).filter_map(|(list, place)| list.get(*place));
        digits.fold(0, |sum, digit| sum | digit)
    }
}

fn sender(kind: PrincipalKind, roles: &Roles, sight: &Sight) -> u64 {
    match kind {
        PrincipalKind::Officer => bits(roles, |role| sight.sees_role(role)),
        PrincipalKind::Gateway => 1 << ROLES_BITS,
    }
}

fn bits(roles: &Roles, is_seen: impl Fn(Role) -> bool) -> u64 {
    let seen = roles.iter().filter(|role| is_seen(**role));
    seen.fold(0, |bits, role| bits | 1 << place(&Role::ALL, role))
}

fn owner(owner: &Owner, sight: &Sight, name: impl Fn(&OrganizationId) -> u64) -> u64 {
    let (relation, name) = match owner {
        Owner::Sender => (0, 0),
        Owner::Below(id) if sight.parents => (2, name(id)),
        Owner::Below(id) | Owner::Other(id) => (1, name(id)),
    };
    relation << NAME_BITS | name
}

fn parent(parent: &Parent, sight: &Sight, name: impl Fn(&OrganizationId) -> u64) -> u64 {
    match parent {
        Parent::Owner if sight.parents => 1,
        Parent::Named(id) if sight.parents && name(id) > 0 => name(id).saturating_add(1),
        Parent::None | Parent::Owner | Parent::Named(_) => 0,
    }
}

/// The place of each value among all, or nothing where it is not seen.
fn codes<T: PartialEq>(is_seen: bool, values: &[T], all: &[T]) -> Vec<u64> {
    values.iter().map(|value| if is_seen { place(all, value) } else { 0 }).collect()
}

fn place<T: PartialEq>(all: &[T], one: &T) -> u64 {
    all.iter().zip(0..).find(|(other, _)| *other == one).map_or(0, |(_, place)| place)
}
