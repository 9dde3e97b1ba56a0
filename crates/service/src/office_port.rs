//! What the faces see of an office: [`OfficePort`], each question handed to its use case.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use gongxin_crypto::{Digest, Signature, Suite};
use gongxin_projection::BundleError;
use gongxin_types::{AccessRequest, Bundle, Officer, OfficerId, OrganizationId, Time, TransactionId};

use crate::office::{Office, internal};
use crate::port::{
    Answer, Fact, FactKey, Facts, OfficePort, Page, Question, Reading, ReceiptPlace, RecordBody, Submission, Tip,
    TransactionState, Wait,
};
use crate::{facts, limits, reading, records, submit};

impl OfficePort for Arc<Office> {
    fn suite(&self) -> Suite {
        self.suite
    }

    fn network(&self) -> Digest {
        self.network
    }

    fn organization(&self) -> OrganizationId {
        self.organization.clone()
    }

    fn clock(&self) -> Time {
        self.now()
    }

    fn tip(&self) -> Tip {
        Office::tip(self)
    }

    fn ready(&self) -> Result<(), String> {
        if self.trouble.is_there() {
            return Err("final blocks cannot be stored here; the log says why, first look at the disk".into());
        }
        let behind = self.now().millis().saturating_sub(Office::tip(self).time.millis());
        if behind > limits::BEHIND_MS_MAX {
            return Err(format!("the copy of the ledger is {} s behind this machine's clock", behind / 1_000));
        }
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        match self.stuck.count() {
            0 => Vec::new(),
            count => vec![format!("{count} staged transactions of the vault cannot be settled: see the log")],
        }
    }

    fn metrics(&self) -> String {
        let tip = Office::tip(self);
        let reading = limits::READINGS_MAX.saturating_sub(self.readings.available_permits());
        format!(
            "# HELP gongxin_gateway_height Height of the last final block applied here.\n\
             # TYPE gongxin_gateway_height gauge\n\
             gongxin_gateway_height {}\n\
             # HELP gongxin_gateway_time_seconds Consensus time of that block, seconds since 1970.\n\
             # TYPE gongxin_gateway_time_seconds gauge\n\
             gongxin_gateway_time_seconds {}\n\
             # HELP gongxin_gateway_readings Readings under way.\n\
             # TYPE gongxin_gateway_readings gauge\n\
             gongxin_gateway_readings {reading}\n\
             # HELP gongxin_gateway_stuck_transactions Staged transactions of the vault that cannot be settled.\n\
             # TYPE gongxin_gateway_stuck_transactions gauge\n\
             gongxin_gateway_stuck_transactions {}\n\
             # HELP gongxin_gateway_alerts_open Alerts that stand on the ledger.\n\
             # TYPE gongxin_gateway_alerts_open gauge\n\
             gongxin_gateway_alerts_open {}\n",
            tip.height,
            tip.time.millis() / 1_000,
            self.stuck.count(),
            self.alerts_open.load(Ordering::Relaxed),
        )
    }

    fn officer(&self, id: OfficerId) -> Answer<'_, Option<Officer>> {
        Box::pin(self.blocking(move |office| {
            let Some(fact) = office.projection.officer(&id).map_err(internal)?.value else {
                return Ok(None);
            };
            // Nobody acts for a member that was shut out.
            let member = office.projection.organization(&fact.noun.organization).map_err(internal)?.value;
            Ok(member.filter(|member| member.noun.expelled.is_none()).map(|_| fact.noun))
        }))
    }

    fn find(&self, key: FactKey) -> Answer<'_, Option<Fact>> {
        Box::pin(self.blocking(move |office| facts::find(office, key)))
    }

    fn list(&self, question: Question, page: Page) -> Answer<'_, Facts> {
        Box::pin(self.blocking(move |office| facts::list(office, question, &page)))
    }

    fn receipt(&self, place: ReceiptPlace) -> Answer<'_, Option<Bundle>> {
        Box::pin(self.blocking(move |office| {
            let Some(location) = office.projection.transaction(&place.transaction).map_err(internal)?.value else {
                return Ok(None);
            };
            match office.projection.bundle(location.action(place.index), place.operation) {
                Ok(answer) => Ok(Some(answer.value)),
                Err(BundleError::UnknownAction { .. } | BundleError::UnknownOperation { .. }) => Ok(None),
                Err(error) => Err(internal(error)),
            }
        }))
    }

    fn transaction(&self, id: TransactionId) -> Answer<'_, TransactionState> {
        Box::pin(submit::state(self, id))
    }

    fn submit(&self, bytes: Vec<u8>, wait: Wait) -> Answer<'_, Submission> {
        Box::pin(submit::submit(self, bytes, wait))
    }

    fn write_records(&self, bytes: Vec<u8>, bodies: Vec<RecordBody>, wait: Wait) -> Answer<'_, Submission> {
        Box::pin(records::write(self, bytes, bodies, wait))
    }

    fn read(&self, request: AccessRequest, signature: Signature) -> Answer<'_, Reading> {
        Box::pin(reading::read(self, request, signature))
    }
}
