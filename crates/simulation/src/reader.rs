//! Readers' officers ask the owner's gateway for data, open what it answers with, and believe it only when its receipt proves
//! it and their own gateway knows the same. The same request again until there is an answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use commonware_runtime::{Spawner as _, Supervisor as _, deterministic::Context};
use futures::FutureExt as _;
use gongxin_client::reading::{self, NotShown, Opened};
use gongxin_crypto::{SealingSecret, Signature, Suite};
use gongxin_service_simulated::port::{Fact, FactKey, OfficeError, OfficePort as _, Page, Question, Reading, Refused};
use gongxin_test_support::world::{self, DIVISIONS};
use gongxin_types::record::HistoryEntry;
use gongxin_types::{
    AccessAuthority, AccessRequest, GrantId, Height, Network, PublicText, RecordId, Refusal, RequestId, Resource, Role,
};

use crate::dice::Dice;
use crate::offices::{Gateways, HOUSES, OWNER, Way, Weather};
use crate::report::Violation;
use crate::stale::Stale;
use crate::steward::{KEYS, Steward};
use crate::told::Shown;
use crate::town::Town;
use crate::witness::Shared;

/// Requests of one reader that may be under way.
const UNDER_WAY_MAX: usize = 4;
/// Lines of a history in one page: more than a run writes.
const PAGE_LINES: usize = 200;

/// A request that has no answer yet.
#[derive(Clone, Debug)]
struct Asked {
    request: AccessRequest,
    secret: SealingSecret,
    signature: Signature,
}

/// One organization's reading officer; what it knows survives a power cut.
struct Reader {
    place: usize,
    dice: Dice,
    asked: u64,
    under_way: BTreeMap<u64, Asked>,
    answered: u64,
}

/// The readers of a run.
#[derive(Clone)]
pub(crate) struct Readers(Vec<Arc<Mutex<Reader>>>);

/// What readers work with while the power is on.
#[derive(Clone)]
pub(crate) struct Room {
    pub(crate) town: Arc<Town>,
    pub(crate) gateways: Gateways,
    pub(crate) weather: Arc<Weather>,
    pub(crate) witness: Shared,
    pub(crate) steward: Steward,
    /// How the owner's gateway lies, if it does.
    pub(crate) stale: Option<Stale>,
}

/// How far readers have come: requests made, and those of them that are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    asked: Vec<u64>,
    answered: Vec<u64>,
    oldest: Vec<u64>,
}

impl Readers {
    /// One of each organization that has a gateway, but for the owner.
    pub(crate) fn new(seed: u64, gateways: usize) -> Self {
        let reader = |place: usize| {
            let dice = Dice::new(seed, &format!("reader {place}"));
            Arc::new(Mutex::new(Reader { place, dice, asked: 0, under_way: BTreeMap::new(), answered: 0 }))
        };
        Self((OWNER + 1..gateways).map(reader).collect())
    }

    /// How far they have come.
    pub(crate) fn progress(&self) -> Progress {
        let of = |look: fn(&Reader) -> u64| self.0.iter().map(|one| look(&known(one))).collect();
        let oldest = |reader: &Reader| reader.under_way.keys().next().copied().unwrap_or(reader.asked);
        Progress { asked: of(|reader| reader.asked), answered: of(|reader| reader.answered), oldest: of(oldest) }
    }

    /// Lets all of them ask until the runtime ends.
    pub(crate) fn start(&self, runtime: &Context, room: &Room) {
        for reader in &self.0 {
            let (place, dice) = {
                let mut reader = known(reader);
                (reader.place, Dice::new(reader.dice.number(0, u64::MAX), "a reader's way"))
            };
            let way = Way::new(runtime.child("way"), Arc::clone(&room.weather), dice);
            let life = Life { reader: Arc::clone(reader), place, way: Arc::new(way), room: room.clone() };
            let left: Vec<_> = known(reader).under_way.clone().into_iter().collect();
            for (number, asked) in left {
                life.follow(runtime, number, asked);
            }
            runtime.child("reader").spawn(move |context| life.live(context));
        }
    }
}

impl Progress {
    /// Who is not answered since then, if anyone.
    pub(crate) fn unheard(&self, then: &Self) -> Option<String> {
        let news = self.answered.iter().zip(&then.answered).position(|(now, then)| now <= then);
        // Whatever was asked until then must be over.
        let waits = self.oldest.iter().zip(&then.asked).position(|(oldest, then)| oldest < then);
        news.map(|reader| format!("reader {reader} was answered nothing"))
            .or(waits.map(|reader| format!("reader {reader} still waits for an answer of before")))
    }
}

fn known(reader: &Mutex<Reader>) -> std::sync::MutexGuard<'_, Reader> {
    reader.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone)]
struct Life {
    reader: Arc<Mutex<Reader>>,
    place: usize,
    way: Arc<Way>,
    room: Room,
}

/// What came of asking once.
enum Outcome {
    Over,
    Again,
}

impl Life {
    async fn live(self, runtime: Context) {
        loop {
            let pause = known(&self.reader).dice.millis(150, 1_500);
            self.way.pause(pause).await;
            let next = known(&self.reader).next(&self.room.town, &self.room.steward);
            if let Some((number, asked)) = next {
                self.follow(&runtime, number, asked);
            }
        }
    }

    /// Asks until there is an answer.
    fn follow(&self, runtime: &Context, number: u64, asked: Asked) {
        let life = self.clone();
        runtime.child("reading").spawn(move |_| async move {
            while matches!(life.asks(&asked).await, Outcome::Again) {
                let pause = known(&life.reader).dice.millis(100, 1_000);
                life.way.pause(pause).await;
            }
            let mut reader = known(&life.reader);
            reader.under_way.remove(&number);
            reader.answered += 1;
        });
    }

    /// Asks the owner's gateway once.
    async fn asks(&self, asked: &Asked) -> Outcome {
        let (request, signature) = (asked.request.clone(), asked.signature);
        let (witness, stale) = (self.room.witness.clone(), self.room.stale.clone());
        let answer = self.room.gateways.ask(&self.way, OWNER, move |office| {
            async move {
                if let Some(stale) = stale {
                    return stale.reads(&office, request, signature).await;
                }
                let answer = office.read(request.clone(), signature).await;
                // What leaves an honest gateway is looked at as it leaves.
                released(&witness, &request, &answer);
                answer
            }
            .boxed()
        });
        match answer.await {
            Some(Ok(reading)) => self.opens(asked, &reading).await,
            Some(Err(error)) => self.refused(error),
            None => Outcome::Again,
        }
    }

    fn refused(&self, error: OfficeError) -> Outcome {
        let gateway = OWNER;
        let violation = match error {
            OfficeError::Refused(refused) => match refused.decision.refusal {
                // The row is gone, or another one: nobody did that.
                Some(Refusal::Divergence) => Violation::OfficeFailed { gateway, reason: "a row is lost".to_owned() },
                _ => return Outcome::Over,
            },
            OfficeError::Pending { .. }
            | OfficeError::Busy { .. }
            | OfficeError::Unavailable { .. }
            | OfficeError::UnknownKey => return Outcome::Again,
            error => Violation::OfficeFailed { gateway, reason: format!("{error:?}") },
        };
        if self.room.stale.is_some() {
            return Outcome::Over;
        }
        self.room.witness.with(|witness| witness.object(violation));
        Outcome::Over
    }

    /// Opens an answer, compares it with one's own copy, and lets it be seen or not.
    async fn opens(&self, asked: &Asked, reading: &Reading) -> Outcome {
        let opened = match open(&self.room.town, asked, reading) {
            Ok(opened) => opened,
            Err(error) => return self.disbelieves(&error.to_string()),
        };
        let Some((resource, lines)) = self.own_copy(&asked.request, &opened).await else {
            return Outcome::Again;
        };
        if !opened.answers(&asked.request, &resource) {
            return self.disbelieves("it is of another key");
        }
        let mut shown = opened.records.iter().zip(&lines);
        if !shown.all(|(shown, lines)| opened.agrees(shown, lines, asked.request.history)) {
            return self.disbelieves("one's own gateway knows other versions");
        }
        let shown = Shown { request: asked.request.clone(), opened, honest: self.room.stale.is_none() };
        self.room.witness.with(|witness| {
            if let Err(violation) = witness.told.shown(shown, &reading.sealed) {
                witness.object(violation);
            }
        });
        Outcome::Over
    }

    /// An answer is not believed: of an honest gateway, every one must be.
    fn disbelieves(&self, reason: &str) -> Outcome {
        self.room.witness.with(|witness| match &self.room.stale {
            Some(_) => witness.told.lies += 1,
            None => witness.object(Violation::OfficeFailed { gateway: OWNER, reason: reason.to_owned() }),
        });
        Outcome::Over
    }

    /// The catalogue entry, and of every record shown its history, as one's own gateway has verified them once it has come as
    /// far as the owner's had.
    async fn own_copy(
        &self,
        request: &AccessRequest,
        opened: &Opened,
    ) -> Option<(Resource, Vec<Vec<(HistoryEntry, Height)>>)> {
        let (id, as_of) = (request.resource.clone(), opened.as_of);
        let records: Vec<RecordId> = opened.records.iter().map(|shown| shown.record).collect();
        let known = self.room.gateways.ask(&self.way, self.place, move |office| {
            async move {
                if office.tip().height < as_of {
                    return None;
                }
                let found = office.find(FactKey::Resource(id.clone())).await.ok()??;
                let Fact::Resource(resource) = found else { return None };
                let mut histories = Vec::new();
                for record in records {
                    let question = Question::History { resource: id.clone(), record };
                    let page = office.list(question, Page { after: None, limit: PAGE_LINES }).await.ok()?;
                    let lines = page.items.into_iter().filter_map(|fact| match fact {
                        Fact::History(line) => Some((line.entry, line.place.height)),
                        _ => None,
                    });
                    histories.push(lines.collect());
                }
                Some((resource.noun, histories))
            }
            .boxed()
        });
        known.await.flatten()
    }
}

/// What leaves an honest gateway, held against the final blocks.
fn released(witness: &Shared, request: &AccessRequest, answer: &Result<Reading, OfficeError>) {
    witness.with(|witness| {
        let held = match answer {
            Ok(reading) => witness.told.released(OWNER, request, reading),
            Err(OfficeError::Refused(refused)) => {
                let refused: &Refused = refused;
                witness.told.refused(OWNER, request, refused)
            }
            Err(_) => Ok(()),
        };
        if let Err(violation) = held {
            witness.object(violation);
        }
    });
}

fn open(town: &Town, asked: &Asked, reading: &Reading) -> Result<Opened, NotShown> {
    let receipt = serde_json::to_value(&reading.receipt)?;
    reading::open(&Network::of(&town.genesis.head), &asked.request, &asked.secret, &reading.sealed, &receipt)
}

impl Reader {
    /// The next request, unless too many are under way or there is no grant.
    fn next(&mut self, town: &Town, steward: &Steward) -> Option<(u64, Asked)> {
        let house = HOUSES.get(self.place).copied()?;
        let grant = steward.with(|desk| desk.grants.get(house).copied());
        if self.under_way.len() >= UNDER_WAY_MAX || grant.is_none() {
            return None;
        }
        // Now and then somebody appeals to a grant that is none.
        let grant = grant.filter(|_| !self.dice.percent(5)).unwrap_or_else(|| GrantId::new([9; 16]));
        let officer = town.cast.officer(house, Role::CaseOfficer);
        let secret = SealingSecret::from_seed(&self.dice.bytes());
        let key = KEYS.get(self.dice.place(KEYS.len())).copied().unwrap_or_default();
        let request = AccessRequest {
            version: 1,
            network: town.genesis.head.id(),
            request_id: RequestId::new(self.dice.bytes()),
            salt: self.dice.bytes(),
            reader: officer.organization.clone(),
            officer: officer.officer_id(),
            resource: DIVISIONS.parse().expect("a resource's name"),
            key: world::list([PublicText::new(key).expect("a key")]),
            fields: world::list(["code", "name"].map(|name| name.parse().expect("a field's name"))),
            history: self.dice.percent(25),
            purpose: "case-handling".parse().expect("a purpose"),
            legal_basis: "sharing-regulation-art-20".parse().expect("a legal basis"),
            authority: AccessAuthority::Grant { grant },
            case: None,
            sealing_key: secret.public(),
        };
        let signature = officer.secret.sign(&request.claim(Suite::Intl).message());
        let asked = Asked { request, secret, signature };
        let number = self.asked;
        self.asked += 1;
        self.under_way.insert(number, asked.clone());
        Some((number, asked))
    }
}
