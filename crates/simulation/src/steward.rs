//! The owner's data steward keeps a register through the owner's gateway: creates, changes and ends records, and gives and
//! takes back the grants under which others read them. What it knows survives a power cut.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use commonware_runtime::{Spawner as _, Supervisor as _, deterministic::Context};
use gongxin_crypto::Suite;
use gongxin_service_simulated::port::RecordBody;
use gongxin_test_support::cast::Person;
use gongxin_test_support::world::{self, DIVISIONS, DIVISIONS_BASIS};
use gongxin_types::row::{CellText, Row, Salt, Value};
use gongxin_types::{Action, Date, Grant, GrantId, List, RecordBatch, RecordId, RecordOp, Role, Time};

use crate::clerk::{Act, Clerk, Pen};
use crate::dice::Dice;
use crate::offices::{Gateways, HOUSES, OWNER, Way, Weather};
use crate::town::Town;
use crate::witness::Shared;

/// The keys of the register; the last one is never given to a record.
pub(crate) const KEYS: [&str; 6] = ["310101", "310104", "310105", "310106", "310107", "310109"];
/// A lane of its own: the office's floods take another.
const LANE: u16 = 1;

/// A record of the register, as the steward knows it.
#[derive(Clone, Debug)]
struct Life {
    record: RecordId,
    version: u32,
    lives: bool,
}

/// What is done next, and what is known once it is done.
#[derive(Clone, Debug)]
enum Deed {
    Write { key: usize, life: Life },
    Give { reader: &'static str, grant: GrantId },
    Take { reader: &'static str },
}

/// What the steward knows.
pub(crate) struct Desk {
    dice: Dice,
    sequence: u64,
    records: BTreeMap<usize, Life>,
    /// Every row that was ever signed: record, version, key, salt and name.
    pub(crate) rows: BTreeMap<(RecordId, u32), Signed>,
    /// The grant under which an organization may read.
    pub(crate) grants: BTreeMap<&'static str, GrantId>,
    under_way: Option<(Deed, Act)>,
    /// How many deeds are done.
    pub(crate) done: u64,
}

/// A row that a commitment is over.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) key: &'static str,
    pub(crate) salt: Salt,
    pub(crate) row: Row,
}

/// The steward.
#[derive(Clone)]
pub(crate) struct Steward(Arc<Mutex<Desk>>);

impl Steward {
    /// One that has done nothing yet.
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Desk {
            dice: Dice::new(seed, "steward"),
            sequence: 0,
            records: BTreeMap::new(),
            rows: BTreeMap::new(),
            grants: BTreeMap::new(),
            under_way: None,
            done: 0,
        })))
    }

    /// Looks at what the steward knows.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Desk) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Works until the runtime ends.
    pub(crate) fn start(
        &self,
        runtime: &Context,
        town: &Arc<Town>,
        gateways: &Gateways,
        weather: &Arc<Weather>,
        witness: &Shared,
        readers: usize,
    ) {
        let (steward, town, gateways) = (self.clone(), Arc::clone(town), gateways.clone());
        let (weather, witness) = (Arc::clone(weather), witness.clone());
        runtime.child("steward").spawn(move |context| async move {
            let dice = steward.with(|desk| Dice::new(desk.dice.number(0, u64::MAX), "the steward's way"));
            let way = Way::new(context.child("way"), weather, dice);
            let clerk = Clerk { gateways, gateway: OWNER, way, witness };
            loop {
                let pause = steward.with(|desk| desk.dice.millis(100, 1_200));
                clerk.way.pause(pause).await;
                let Some(now) = clerk.witness.with(|witness| witness.told.time) else { continue };
                let (deed, act) = steward.with(|desk| desk.next(&town, readers, now));
                let effect = clerk.acts(&act).await;
                steward.with(|desk| desk.conclude(deed, effect));
            }
        });
    }
}

impl Desk {
    /// What was under way when the power went, or something new.
    fn next(&mut self, town: &Town, readers: usize, now: Time) -> (Deed, Act) {
        if let Some(left) = &self.under_way {
            return left.clone();
        }
        self.sequence += 1;
        let steward = town.cast.officer(HOUSES.first().copied().unwrap_or_default(), Role::DataSteward);
        let pen = Pen {
            lane: LANE,
            sequence: self.sequence,
            valid_until: now.plus_millis(self.dice.number(8_000, 45_000)),
            is_left: self.dice.percent(40),
        };
        let without_grant = HOUSES.iter().skip(1).take(readers).find(|reader| !self.grants.contains_key(**reader));
        let (deed, act) = match without_grant {
            Some(reader) => self.gives(town, steward, pen, reader),
            None if self.dice.percent(6) => self.takes(town, steward, pen, readers),
            None => self.writes(town, steward, pen),
        };
        self.under_way = Some((deed.clone(), act.clone()));
        (deed, act)
    }

    /// It is known what became of a deed.
    fn conclude(&mut self, deed: Deed, effect: bool) {
        self.under_way = None;
        self.done += 1;
        match deed {
            Deed::Write { key, life } if effect => {
                self.records.insert(key, life);
            }
            Deed::Give { reader, grant } if effect => {
                self.grants.insert(reader, grant);
            }
            Deed::Take { reader } if effect => {
                self.grants.remove(reader);
            }
            Deed::Write { .. } | Deed::Give { .. } | Deed::Take { .. } => {}
        }
    }

    fn gives(&mut self, town: &Town, steward: &Person, pen: Pen, reader: &'static str) -> (Deed, Act) {
        let grant = Grant {
            version: 1,
            id: GrantId::new(self.dice.bytes()),
            resource: DIVISIONS.parse().expect("a resource's name"),
            reader: reader.parse().expect("an organization's name"),
            fields: world::list(["code", "name"].map(|name| name.parse().expect("a field's name"))),
            purpose: "case-handling".parse().expect("a purpose"),
            legal_basis: "sharing-regulation-art-20".parse().expect("a legal basis"),
            until: pen.valid_until.plus_millis(86_400_000),
            revoked: None,
        };
        let deed = Deed::Give { reader, grant: grant.id };
        (deed, Act::signed(town, steward, pen, vec![Action::IssueGrant(grant)], None))
    }

    fn takes(&mut self, town: &Town, steward: &Person, pen: Pen, readers: usize) -> (Deed, Act) {
        let reader = HOUSES.get(1 + self.dice.place(readers)).copied().unwrap_or_default();
        let grant = self.grants.get(reader).copied().unwrap_or_else(|| GrantId::new([0; 16]));
        (Deed::Take { reader }, Act::signed(town, steward, pen, vec![Action::RevokeGrant(grant)], None))
    }

    /// One batch: a record begins, changes or ends; or one ends and the next one with its key begins.
    fn writes(&mut self, town: &Town, steward: &Person, pen: Pen) -> (Deed, Act) {
        let place = self.dice.place(KEYS.len() - 1);
        let key = KEYS.get(place).copied().unwrap_or_default();
        let known = self.records.get(&place).cloned().filter(|life| life.lives);
        let (mut operations, mut bodies) = (Vec::new(), Vec::new());
        let life = match known {
            Some(life) if self.dice.percent(70) => {
                let next = Life { version: life.version + 1, ..life.clone() };
                let commitment = self.commits(&next, key, &mut bodies);
                let (record, expected_version) = (life.record, life.version);
                operations.push(RecordOp::Update { record, expected_version, commitment });
                next
            }
            known => {
                let ends = known.map(|life| {
                    operations.push(RecordOp::Delete { record: life.record, expected_version: life.version });
                    Life { version: life.version + 1, lives: false, ..life }
                });
                match ends {
                    Some(ended) if self.dice.percent(50) => ended,
                    _ => {
                        let new = Life { record: RecordId::new(self.dice.bytes()), version: 1, lives: true };
                        let commitment = self.commits(&new, key, &mut bodies);
                        operations.push(RecordOp::Create { record: new.record, commitment });
                        new
                    }
                }
            }
        };
        let batch = RecordBatch {
            resource: DIVISIONS.parse().expect("a resource's name"),
            legal_basis: DIVISIONS_BASIS.parse().expect("a legal basis"),
            effective: Date::new(2026, 11, 1).expect("a date"),
            operations: world::list(operations),
        };
        let act = Act::signed(town, steward, pen, vec![Action::WriteRecords(batch)], Some(bodies));
        (Deed::Write { key: place, life }, act)
    }

    /// A row for this version, and what is committed to.
    fn commits(&mut self, life: &Life, key: &'static str, bodies: &mut Vec<RecordBody>) -> gongxin_crypto::Digest {
        let name = format!("division {}", self.dice.number(0, u64::from(u32::MAX)));
        let salt = Salt(self.dice.bytes());
        let text = |text: &str| Value::Text(CellText::new(text).expect("a short text"));
        let row = Row(List::new(vec![text(key), text(&name)]).expect("two columns"));
        let mut columns = serde_json::Map::new();
        columns.insert("code".to_owned(), key.into());
        columns.insert("name".to_owned(), name.into());
        bodies.push(RecordBody { record: life.record, version: life.version, salt: salt.clone(), row: columns });
        let commitment = row.commitment(Suite::Intl, &salt, &world::divisions());
        self.rows.insert((life.record, life.version), Signed { key, salt, row });
        commitment
    }
}
