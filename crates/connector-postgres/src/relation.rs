//! Relation: a table as the stream describes it, held against the binding; tuples of it as changes.

use std::collections::HashMap;
use std::sync::Arc;

use gongxin_connector_api::fault::Reason;
use gongxin_connector_api::key::KeyError;
use gongxin_connector_api::{Bound, Cell, ChangeKind, Column, ConnectorError, Key, NewRow, RowFault};
use gongxin_types::row::Value;
use tokio_postgres::Client;

use crate::cause::refused;
use crate::limits::TYPES_MAX;
use crate::pgoutput::{Datum, Old, RelationColumn};
use crate::value::Kind;

/// Domains and enumerations of a database: what their values are underneath.
#[derive(Debug, Default)]
pub(crate) struct Types(HashMap<u32, u32>);

/// The object identifier of `text`, of which labels of enumerations are.
const TEXT: u32 = 25;

impl Types {
    /// Reads them from the catalogue.
    pub(crate) async fn read(client: &Client, name: &str) -> Result<Self, ConnectorError> {
        let statement =
            "SELECT oid::int8, typbasetype::int8, typtype = 'e' FROM pg_type WHERE typtype IN ('d', 'e') LIMIT $1";
        let limit = i64::try_from(TYPES_MAX).unwrap_or(i64::MAX);
        let rows = client.query(statement, &[&limit]).await.map_err(refused("tell its types", name))?;
        let read = |row: &tokio_postgres::Row| -> Result<(u32, u32), tokio_postgres::Error> {
            let (oid, base, label): (i64, i64, bool) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let small = |oid: i64| u32::try_from(oid).unwrap_or(0);
            Ok((small(oid), if label { TEXT } else { small(base) }))
        };
        rows.iter().map(read).collect::<Result<_, _>>().map(Self).map_err(refused("tell its types", name))
    }

    /// The kind of a type, domains looked through.
    pub(crate) fn kind(&self, oid: u32) -> Kind {
        let mut oid = oid;
        // A domain over a domain over a domain: nobody nests deeper than this.
        for _ in 0..16 {
            match self.0.get(&oid) {
                Some(base) => oid = *base,
                None => break,
            }
        }
        Kind::of(oid)
    }
}

/// A bound table: for each field, which column of the relation it is, and of what kind.
#[derive(Debug)]
pub(crate) struct Followed {
    pub(crate) bound: Arc<Bound>,
    columns: Vec<(usize, Kind)>,
}

impl Followed {
    /// Finds the bound columns among those that the stream describes.
    pub(crate) fn new(
        bound: Arc<Bound>,
        described: &[RelationColumn<'_>],
        types: &Types,
    ) -> Result<Self, ConnectorError> {
        let find = |column: &Column| {
            let found = described.iter().enumerate().find(|(_, other)| other.name == column.column.as_str());
            found.map(|(index, other)| (index, types.kind(other.oid))).ok_or_else(|| ConnectorError::Schema {
                resource: bound.resource.id.clone(),
                what: format!("column `{}` is no longer there, or no longer published", column.column),
            })
        };
        let columns = bound.columns().iter().map(find).collect::<Result<_, _>>()?;
        Ok(Self { bound, columns })
    }

    /// A row that was inserted.
    pub(crate) fn created(&self, new: &[Datum<'_>]) -> ChangeKind {
        match self.row(new, None) {
            Ok((key, row)) => ChangeKind::Created { key, row },
            Err(fault) => ChangeKind::Unreadable(fault),
        }
    }

    /// A row that was updated: one change, or two where its key changed.
    pub(crate) fn updated(&self, old: Option<&Old<'_>>, new: &[Datum<'_>]) -> Vec<ChangeKind> {
        let full = match old {
            Some(Old::Full(tuple)) => Some(tuple.as_slice()),
            _ => None,
        };
        let before = match old {
            Some(Old::Full(tuple) | Old::Key(tuple)) => self.key(tuple).ok(),
            None => None,
        };
        match (self.row(new, full), before) {
            (Ok((key, row)), Some(before)) if before != key => {
                vec![ChangeKind::Deleted { key: before }, ChangeKind::Created { key, row }]
            }
            (Ok((key, row)), _) => vec![ChangeKind::Updated { key, row }],
            (Err(fault), before) => {
                let key = fault.key.clone().or(before);
                vec![ChangeKind::Unreadable(RowFault { key, ..fault })]
            }
        }
    }

    /// A row that was deleted.
    pub(crate) fn deleted(&self, old: &Old<'_>) -> ChangeKind {
        let (Old::Key(tuple) | Old::Full(tuple)) = old;
        match self.key(tuple) {
            Ok(key) => ChangeKind::Deleted { key },
            Err(fault) => ChangeKind::Unreadable(fault),
        }
    }

    /// A new row, whole or with long values left out that did not change.
    fn row(&self, new: &[Datum<'_>], old: Option<&[Datum<'_>]>) -> Result<(Key, NewRow), RowFault> {
        let datum = |index: usize| {
            let datum = new.get(index).copied().unwrap_or(Datum::Null);
            match (datum, old.and_then(|old| old.get(index))) {
                (Datum::Unchanged, Some(before)) => *before,
                _ => datum,
            }
        };
        let datums: Vec<Datum<'_>> = self.columns.iter().map(|(index, _)| datum(*index)).collect();
        if datums.contains(&Datum::Unchanged) {
            return self.partial(&datums);
        }
        let mut written: Vec<String> = vec![String::new(); datums.len()];
        let kinds = self.columns.iter().map(|(_, kind)| *kind);
        let cells =
            datums.iter().zip(kinds).zip(&mut written).map(|((datum, kind), written)| cell(*datum, kind, written));
        self.bound.row(cells).map(|(key, row)| (key, NewRow::Whole(row)))
    }

    fn partial(&self, datums: &[Datum<'_>]) -> Result<(Key, NewRow), RowFault> {
        let mut values = Vec::with_capacity(datums.len());
        for ((datum, (_, kind)), column) in datums.iter().zip(&self.columns).zip(self.bound.columns()) {
            values.push(match datum {
                Datum::Unchanged => None,
                datum => Some(self.value(*datum, *kind, column)?),
            });
        }
        let pairs = values.iter().zip(self.bound.columns());
        let key = pairs.filter(|(_, column)| column.key).map(|(value, _)| value.clone()).collect::<Option<Vec<_>>>();
        let key = key.ok_or_else(|| self.bound.fault(None, Reason::KeyTooLong))?;
        Ok((self.checked(key)?, NewRow::Partial { values }))
    }

    fn key(&self, tuple: &[Datum<'_>]) -> Result<Key, RowFault> {
        let mut values = Vec::new();
        for ((index, kind), column) in self.columns.iter().zip(self.bound.columns()) {
            if column.key {
                values.push(self.value(tuple.get(*index).copied().unwrap_or(Datum::Null), *kind, column)?);
            }
        }
        self.checked(values)
    }

    fn checked(&self, values: Vec<Value>) -> Result<Key, RowFault> {
        Key::new(values).map_err(|error| {
            let reason = if error == KeyError::Null { Reason::Missing } else { Reason::KeyTooLong };
            self.bound.fault(self.bound.key_columns().next(), reason)
        })
    }

    fn value(&self, datum: Datum<'_>, kind: Kind, column: &Column) -> Result<Value, RowFault> {
        let mut written = String::new();
        column.value(cell(datum, kind, &mut written)).map_err(|reason| self.bound.fault(Some(column), reason))
    }
}

fn cell<'a>(datum: Datum<'a>, kind: Kind, written: &'a mut String) -> Cell<'a> {
    match datum {
        Datum::Null => Cell::Null,
        Datum::Binary(bytes) => kind.cell(bytes, written),
        // A type without a binary form, and a value that should have been there, have no canonical one.
        Datum::Text(_) | Datum::Unchanged => Cell::Other,
    }
}
