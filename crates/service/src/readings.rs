//! Readings as the faces list them. Who may see which is the faces' question; here the filter is applied.

use gongxin_projection::{AccessEntry, Cursor, Page as Found, PageRequest};
use gongxin_types::{OfficerId, RequestId};

use crate::facts::{Items, Places, cursor};
use crate::office::{Office, internal};
use crate::port::{AccessFact, AccessFilter, Fact, OfficeError};

/// Pages of the copy that one answer looks through; beyond them the answer is short and says where to go on.
const PAGES_MAX: usize = 10;

/// One reading by who asked and the identifier chosen.
pub(crate) fn find(office: &Office, officer: OfficerId, request: RequestId) -> Result<Option<AccessFact>, OfficeError> {
    match office.projection.access_by_request(&officer, &request).map_err(internal)?.value {
        Some(entry) => fact(&mut Places::new(office), entry).map(Some),
        None => Ok(None),
    }
}

/// Readings that pass every part of the filter, oldest first.
pub(crate) fn list(office: &Office, filter: &AccessFilter, mut page: PageRequest) -> Result<Items, OfficeError> {
    let wanted = page.limit.max(1);
    let mut places = Places::new(office);
    let mut items = Vec::new();
    let mut next = None;
    for _ in 0..PAGES_MAX {
        page.limit = wanted.saturating_sub(items.len());
        let found = some(office, filter, &page)?;
        for entry in found.items {
            if passes(filter, &entry) {
                items.push(Fact::Access(fact(&mut places, entry)?));
            }
        }
        next = found.next;
        match &next {
            Some(cursor) if items.len() < wanted => page.after = Some(Cursor::clone(cursor)),
            _ => break,
        }
    }
    Ok((items, cursor(next)))
}

/// The narrowest list that the copy keeps an index of.
fn some(office: &Office, filter: &AccessFilter, page: &PageRequest) -> Result<Found<AccessEntry>, OfficeError> {
    let copy = &office.projection;
    let found = match (&filter.list, &filter.resource, &filter.reader) {
        (Some(list), _, _) => copy.accesses_by_list(list, page),
        (None, Some(resource), _) => copy.accesses_by_resource(resource, page),
        (None, None, Some(reader)) => copy.accesses_by_reader(reader, page),
        (None, None, None) => copy.accesses(page),
    };
    found.map_err(internal)
}

fn passes(filter: &AccessFilter, entry: &AccessEntry) -> bool {
    let access = &entry.access;
    let within = filter.within.as_ref().is_none_or(|id| access.reader == *id || access.resource.organization == *id);
    let reader = filter.reader.as_ref().is_none_or(|id| access.reader == *id);
    let resource = filter.resource.as_ref().is_none_or(|id| access.resource == *id);
    let list = filter.list.as_ref().is_none_or(|key| access.lists.contains(key));
    within && reader && resource && list
}

fn fact(places: &mut Places<'_>, entry: AccessEntry) -> Result<AccessFact, OfficeError> {
    let place = places.of(entry.at, entry.time, None)?;
    Ok(AccessFact { access: entry.access, decision: entry.decision, place })
}
