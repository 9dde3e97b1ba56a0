//! Talk to the validators of a network as if they were one.
//!
//! Every call goes to the validator that answered last; when it fails, to the next. None of them is believed: what they
//! send is checked by whoever uses it.

mod follow;
mod submit;
#[cfg(test)]
mod tests;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use gongxin_types::{FinalizedBlock, Height, Network, TransactionId, codec, receipt::Key, receipt::Table};
use http::{Method, StatusCode};
use reqwest::{Client, Request, Url};

use crate::{
    ClientError, limits,
    transport::{self, Answer},
    wire::{FindingsReport, StateProofReport, StatusReport, TransactionReport},
};

pub use follow::Follow;
pub use submit::Submitted;

/// Several validators. Cheap to clone; works on any tokio runtime.
#[derive(Clone, Debug)]
pub struct ValidatorClient {
    http: Client,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    validators: Vec<Server>,
    /// Whom to ask first.
    preferred: AtomicUsize,
}

/// One base URL, without trailing slash.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) base: String,
}

impl Server {
    /// Takes `http://host:port`, with or without a trailing slash.
    pub(crate) fn new(base: &str) -> Result<Self, ClientError> {
        let error = |reason: String| ClientError::Call { reason };
        let url = Url::parse(base).map_err(|cause| error(format!("`{base}` is no URL: {cause}")))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || url.query().is_some() {
            return Err(error(format!("`{base}` is no base URL such as `http://127.0.0.1:7001`")));
        }
        Ok(Self { base: url.as_str().trim_end_matches('/').to_owned() })
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> Result<Request, ClientError> {
        let url = format!("{}{path}", self.base);
        let url =
            Url::parse(&url).map_err(|cause| ClientError::Call { reason: format!("`{url}` is no URL: {cause}") })?;
        Ok(Request::new(method, url))
    }
}

impl ValidatorClient {
    /// Talks to these validators, given by their base URLs such as `http://127.0.0.1:7001`; at least one.
    ///
    /// # Errors
    /// [`ClientError::Call`] when there is none, or one is no base URL.
    pub fn new<T: AsRef<str>>(validators: impl IntoIterator<Item = T>) -> Result<Self, ClientError> {
        let validators: Vec<Server> =
            validators.into_iter().map(|base| Server::new(base.as_ref())).collect::<Result<_, _>>()?;
        if validators.is_empty() {
            return Err(ClientError::Call { reason: "no validator is named".into() });
        }
        let shared = Shared { validators, preferred: AtomicUsize::new(0) };
        Ok(Self { http: transport::client(), shared: Arc::new(shared) })
    }

    /// How many validators there are.
    pub fn count(&self) -> usize {
        self.shared.validators.len()
    }

    /// How the first validator that answers is.
    ///
    /// # Errors
    /// When none answers.
    pub async fn status(&self) -> Result<StatusReport, ClientError> {
        self.ask("/v1/status").await?.json()
    }

    /// How each of them is, in the order they were named, with its base URL.
    pub async fn statuses(&self) -> Vec<(String, Result<StatusReport, ClientError>)> {
        let asked = self.shared.validators.iter().map(|server| async move {
            let answer = self.ask_one(server, "/v1/status").await.and_then(|answer| answer.json());
            (server.base.clone(), answer)
        });
        futures::future::join_all(asked).await
    }

    /// All that each of these validators has found out about others and itself, given by their base URLs.
    ///
    /// # Errors
    /// Of one that does not answer, or goes on without an end.
    pub async fn findings(&self, of: &[String]) -> Vec<Result<FindingsReport, ClientError>> {
        futures::future::join_all(of.iter().map(|base| self.findings_of(base))).await
    }

    async fn findings_of(&self, base: &str) -> Result<FindingsReport, ClientError> {
        let server = Server::new(base)?;
        let mut all = FindingsReport::default();
        for _ in 0..limits::FINDINGS_PAGES_MAX {
            let from = all.next.unwrap_or(0);
            let page: FindingsReport = self.ask_one(&server, &format!("/v1/findings?from={from}")).await?.json()?;
            all.findings.extend(page.findings);
            (all.watching, all.next) = (page.watching, page.next);
            if all.next.is_none() {
                return Ok(all);
            }
        }
        Err(ClientError::Answer { server: server.base, reason: "more findings than a validator keeps".into() })
    }

    /// A block, from the first validator that has it; none when no one does.
    ///
    /// # Errors
    /// When none answers, or the answer is no block of that height.
    pub async fn block(&self, height: Height) -> Result<Option<FinalizedBlock>, ClientError> {
        let answer = match self.ask(&format!("/v1/blocks/{height}")).await {
            Ok(answer) => answer,
            Err(error) if is_not_found(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        decode(&answer.body, height).map(Some).map_err(|reason| ClientError::Answer { server: answer.server, reason })
    }

    /// What has become of a transaction, as the first validator that answers sees it.
    ///
    /// # Errors
    /// When none answers.
    pub async fn transaction(&self, id: TransactionId) -> Result<TransactionReport, ClientError> {
        self.ask(&format!("/v1/transactions/{id}")).await?.json()
    }

    /// What stands at this key of the state at the tip, with its proof, not yet checked.
    ///
    /// # Errors
    /// When none answers, or the validator has no proof to give (while it syncs).
    pub async fn state_proof(&self, key: Key) -> Result<StateProofReport, ClientError> {
        self.ask(&format!("/v1/state/{}/proof", key_text(&key))).await?.json()
    }

    /// The network file as the first validator that answers knows it, not yet checked.
    ///
    /// # Errors
    /// When none answers.
    pub async fn network(&self) -> Result<Network, ClientError> {
        self.ask("/v1/network").await?.json()
    }

    /// Finalized blocks from this height on, without a gap and without an end.
    pub fn follow(&self, from: Height) -> Follow {
        Follow::new(self.clone(), from)
    }

    /// Asks each validator once, beginning with the preferred one; "not found" only when the last one says so.
    async fn ask(&self, path: &str) -> Result<Answer, ClientError> {
        let mut last = None;
        for _ in 0..self.count() {
            let (index, server) = self.preferred()?;
            match self.ask_one(server, path).await {
                Ok(answer) => return Ok(answer),
                Err(ClientError::Refused(problem)) if problem.status != StatusCode::NOT_FOUND.as_u16() => {
                    return Err(ClientError::Refused(problem));
                }
                Err(error) => last = Some(error),
            }
            self.leave(index);
        }
        Err(last.unwrap_or_else(|| ClientError::Call { reason: "no validator is named".into() }))
    }

    async fn ask_one(&self, server: &Server, path: &str) -> Result<Answer, ClientError> {
        let request = server.request(Method::GET, path)?;
        transport::exchange(&self.http, request, &server.base, limits::ATTEMPT_TIMEOUT).await
    }

    /// Whom to ask now.
    fn preferred(&self) -> Result<(usize, &Server), ClientError> {
        let index = self.shared.preferred.load(Ordering::Relaxed).checked_rem(self.count()).unwrap_or(0);
        let server = self.shared.validators.get(index);
        server.map(|server| (index, server)).ok_or_else(|| ClientError::Call { reason: "no validator is named".into() })
    }

    /// Asks another one from now on, unless someone else has already turned away from this one.
    fn leave(&self, index: usize) {
        let next = index.saturating_add(1).checked_rem(self.count()).unwrap_or(0);
        let _ = self.shared.preferred.compare_exchange(index, next, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// A key of the state as it stands in a path: `objects:HEX` or `lists:HEX`.
pub fn key_text(key: &Key) -> String {
    let table = match key.table {
        Table::Objects => "objects",
        Table::Lists => "lists",
    };
    let hex: String = key.key.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{table}:{hex}")
}

fn is_not_found(error: &ClientError) -> bool {
    error.problem().is_some_and(|problem| problem.status == StatusCode::NOT_FOUND.as_u16())
}

fn decode(bytes: &Bytes, height: Height) -> Result<FinalizedBlock, String> {
    let block: FinalizedBlock = codec::decode("block", bytes).map_err(|error| error.to_string())?;
    if block.header.height == height {
        Ok(block)
    } else {
        Err(format!("block {} where {height} was expected", block.header.height))
    }
}
