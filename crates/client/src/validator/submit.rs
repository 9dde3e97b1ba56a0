//! Hand a transaction in: the same bytes, to one validator after another, until the time is up (PROTOCOL 1).

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gongxin_types::{Height, TransactionId};
use http::{HeaderValue, Method, header};
use tokio::time::{Instant, timeout_at};

use super::{Server, ValidatorClient};
use crate::{
    ClientError, frame, limits,
    transport::{self, Answer, Pause},
    wire::{BatchAnswer, BatchItem, EXPIRED_CODE, Status, TransactionReport, UNKNOWN_KEY_CODE, Wait},
};

/// What became of handing a transaction in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// A validator has it; it is not final yet.
    Pending {
        /// Its identifier.
        id: TransactionId,
    },
    /// It is final, as that validator says.
    Final {
        /// Its identifier.
        id: TransactionId,
        /// Its block.
        height: Height,
        /// Its place in the block.
        index: u32,
    },
    /// A final block is past its `valid_until`, and it is in none: it may be signed anew.
    Expired,
}

impl ValidatorClient {
    /// Hands these bytes in, and waits until they are final if asked to, for at most `timeout`.
    ///
    /// A busy or silent validator is left for the next one; after a round of them there is a pause as long as they ask
    /// for, within our own bound. When time is up and some validator has the transaction, it is pending.
    ///
    /// # Errors
    /// [`ClientError::Refused`] as soon as one refuses, or, where one knows no such key, after [`limits::KEY_WAIT`]; when time is up, what the last one said.
    pub async fn submit(
        &self,
        bytes: impl Into<Bytes>,
        wait: Wait,
        timeout: Duration,
    ) -> Result<Submitted, ClientError> {
        let bytes = bytes.into();
        let start = Instant::now();
        let deadline = start.checked_add(timeout).unwrap_or(start);
        let mut attempts = Attempts { accepted: None, last: None, failed: 0, pause: Pause::new() };
        let whole = async {
            loop {
                let (index, server) = self.preferred()?;
                let asked = match self.submit_to(server, &bytes, wait).await {
                    Ok(Submitted::Pending { id }) if wait == Wait::Final => {
                        attempts.accepted = Some(id);
                        Some(limits::PAUSE_MIN)
                    }
                    Ok(submitted) => return Ok(submitted),
                    Err(ClientError::Busy { retry_after }) => {
                        attempts.last = Some(ClientError::Busy { retry_after });
                        self.leave(index);
                        attempts.round(self.count(), retry_after)
                    }
                    Err(error @ (ClientError::Unreachable { .. } | ClientError::Answer { .. })) => {
                        tracing::debug!(server = %server.base, %error, "validator left for the next one");
                        attempts.last = Some(error);
                        self.leave(index);
                        attempts.round(self.count(), limits::PAUSE_MIN)
                    }
                    Err(ClientError::Refused(problem))
                        if problem.code == UNKNOWN_KEY_CODE && start.elapsed() < limits::KEY_WAIT =>
                    {
                        attempts.last = Some(ClientError::Refused(problem));
                        self.leave(index);
                        Some(limits::PAUSE_MIN)
                    }
                    Err(error) => return Err(error),
                };
                if let Some(asked) = asked {
                    attempts.pause.wait(asked).await;
                }
            }
        };
        match timeout_at(deadline, whole).await {
            Ok(result) => result,
            Err(_) => attempts.give_up(timeout),
        }
    }

    /// Hands many transactions to the preferred validator in one call: an item each, in their order. Unlike
    /// [`ValidatorClient::submit`] it tries once; what was not taken may be handed in again, to this or another one.
    ///
    /// # Errors
    /// When the call as a whole fails: the validator does not answer, or there are too many transactions.
    pub async fn submit_batch(&self, transactions: &[Bytes], wait: Wait) -> Result<Vec<BatchItem>, ClientError> {
        let mut body = BytesMut::new();
        for bytes in transactions {
            let frame = frame::encode(bytes).map_err(|error| ClientError::Call { reason: error.to_string() })?;
            body.extend_from_slice(&frame);
        }
        let (index, server) = self.preferred()?;
        let answer = self.post(server, "/v1/transactions/batch", body.freeze(), wait).await;
        let answer = answer.inspect_err(|_| self.leave(index))?;
        let answered: BatchAnswer = answer.json()?;
        if answered.transactions.len() == transactions.len() {
            return Ok(answered.transactions);
        }
        Err(ClientError::Answer { server: answer.server, reason: "not one item for each transaction".into() })
    }

    async fn post(&self, server: &Server, path: &str, body: Bytes, wait: Wait) -> Result<Answer, ClientError> {
        let mut request = server.request(Method::POST, &format!("{path}{}", wait.query()))?;
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        *request.body_mut() = Some(body.into());
        transport::exchange(&self.http, request, &server.base, limits::ATTEMPT_TIMEOUT).await
    }

    async fn submit_to(&self, server: &Server, bytes: &Bytes, wait: Wait) -> Result<Submitted, ClientError> {
        let answer = match self.post(server, "/v1/transactions", bytes.clone(), wait).await {
            Err(ClientError::Refused(problem)) if problem.code == EXPIRED_CODE => {
                return Ok(Submitted::Expired);
            }
            other => other?,
        };
        let report: TransactionReport = answer.json()?;
        match (report.status, report.height, report.index) {
            (Status::Final, Some(height), Some(index)) => Ok(Submitted::Final { id: report.id, height, index }),
            (Status::Pending, ..) => Ok(Submitted::Pending { id: report.id }),
            (Status::Expired, ..) => Ok(Submitted::Expired),
            _ => Err(ClientError::Answer { server: answer.server, reason: "a status that makes no sense here".into() }),
        }
    }
}

/// How it went so far.
struct Attempts {
    accepted: Option<TransactionId>,
    last: Option<ClientError>,
    failed: usize,
    pause: Pause,
}

impl Attempts {
    /// The pause to make after a whole round of failures; none before the round is over.
    fn round(&mut self, validators: usize, asked: Duration) -> Option<Duration> {
        self.failed = self.failed.saturating_add(1);
        (self.failed.checked_rem(validators) == Some(0)).then_some(asked)
    }

    fn give_up(self, timeout: Duration) -> Result<Submitted, ClientError> {
        match (self.accepted, self.last) {
            (Some(id), _) => Ok(Submitted::Pending { id }),
            (None, Some(error)) => Err(error),
            (None, None) => Err(ClientError::Unreachable {
                server: "validators".into(),
                reason: format!("no answer within {} ms", timeout.as_millis()),
            }),
        }
    }
}
