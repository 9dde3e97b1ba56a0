//! Whether a transaction may stand in a block at all, before the vault keeps anything for it: the rules of `state`, asked
//! early. Who may do what is decided there, with a receipt.

use gongxin_state::{BlockContext, InvalidTransaction};
use gongxin_types::{Role, Transaction, transaction::Actor};

use crate::office::{Office, internal};
use crate::port::OfficeError;

/// Refuses a transaction that no validator may take: of another network, with a bad signature, or by nobody's key.
pub(crate) fn check(office: &Office, transaction: &Transaction) -> Result<(), OfficeError> {
    let header = office.projection.tip().map_err(internal)?;
    let mut context =
        BlockContext { suite: office.suite, network: office.network, height: header.height.next(), time: header.time };
    let mut admissible = gongxin_state::admissible(transaction, &context);
    if matches!(admissible, Err(InvalidTransaction::TooFarAhead(_))) && office.now() > header.time {
        // A copy that is catching up does not know what time it is.
        context.time = office.now();
        admissible = gongxin_state::admissible(transaction, &context);
    }
    admissible.map_err(|error| invalid(error.to_string()))?;
    if !is_registered(office, transaction)? {
        return Err(OfficeError::UnknownKey);
    }
    for check in gongxin_state::signature_checks(office.suite, transaction) {
        let good = office.suite.verify(&check.key, &check.message, &check.signature);
        good.map_err(|_| invalid("a signature of the transaction does not verify".into()))?;
    }
    Ok(())
}

/// Whether the key is, or was, the sender's.
fn is_registered(office: &Office, transaction: &Transaction) -> Result<bool, OfficeError> {
    let sender = &transaction.body.sender;
    let found = match &sender.actor {
        Actor::Officer(id) => {
            let officer = office.projection.officer(id).map_err(internal)?.value;
            officer.map(|fact| (fact.noun.organization, fact.noun.keys))
        }
        Actor::Gateway(id) => {
            let gateway = office.projection.gateway(id).map_err(internal)?.value;
            gateway.map(|fact| (fact.noun.organization, fact.noun.keys))
        }
    };
    Ok(found.is_some_and(|(organization, keys)| {
        organization == sender.organization && keys.iter().any(|known| known.key == sender.key)
    }))
}

/// Whether the sender keeps registers of this office.
pub(crate) fn is_steward(office: &Office, transaction: &Transaction) -> Result<bool, OfficeError> {
    let sender = &transaction.body.sender;
    let Actor::Officer(id) = &sender.actor else {
        return Ok(false);
    };
    let officer = office.projection.officer(id).map_err(internal)?.value;
    let time = office.tip().time;
    Ok(officer.is_some_and(|known| {
        let officer = known.noun;
        officer.organization == office.organization
            && officer.is_active_at(time)
            && officer.roles.contains(&Role::DataSteward)
    }))
}

fn invalid(reason: String) -> OfficeError {
    OfficeError::Invalid { reason }
}
