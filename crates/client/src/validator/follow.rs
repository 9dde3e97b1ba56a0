//! Follow finalized blocks: one after the other, from whichever validator delivers them.

use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use gongxin_types::{FinalizedBlock, Height};
use http::Method;
use reqwest::Response;
use tokio::time::timeout;

use super::{Server, ValidatorClient, decode};
use crate::{ClientError, frame::Decoder, limits, transport, transport::Pause, wire::NOT_KEPT_CODE};

/// Finalized blocks in order, without a gap. A validator that fails, stalls or sends nonsense is left for the next one.
#[derive(Debug)]
pub struct Follow {
    client: ValidatorClient,
    next: Height,
    source: Option<Source>,
    pause: Pause,
    /// Failures since the last block.
    failed: usize,
    /// How many one after the other said that they do not keep the block.
    dropped: usize,
    stall: Duration,
}

#[derive(Debug)]
struct Source {
    index: usize,
    server: Server,
    response: Response,
    decoder: Decoder,
}

impl Follow {
    pub(super) fn new(client: ValidatorClient, from: Height) -> Self {
        Self {
            client,
            next: from,
            source: None,
            pause: Pause::new(),
            failed: 0,
            dropped: 0,
            stall: limits::STREAM_STALL,
        }
    }

    /// How long a validator may be silent before it is left.
    #[must_use]
    pub fn with_stall(self, stall: Duration) -> Self {
        Self { stall, ..self }
    }

    /// The next block. Waits as long as it takes; dropping the future loses nothing.
    pub async fn next(&mut self) -> FinalizedBlock {
        loop {
            match self.advance().await {
                Ok(block) => {
                    self.next = block.header.height.next();
                    (self.failed, self.dropped) = (0, 0);
                    self.pause = Pause::new();
                    return block;
                }
                Err(error) => {
                    let is_dropped = error.problem().is_some_and(|problem| problem.code == NOT_KEPT_CODE);
                    self.dropped = if is_dropped { self.dropped.saturating_add(1) } else { 0 };
                    tracing::warn!(height = self.next.get(), %error, "block stream broken: asking the next validator");
                    self.turn_away().await;
                }
            }
        }
    }

    /// The blocks from `from` on were false: leave the validator that sent them and ask the next one for the same.
    pub fn reject(&mut self, from: Height) {
        if let Some(source) = self.source.take() {
            tracing::warn!(server = %source.server.base, height = from.get(), "validator sent a block that does not verify");
            self.client.leave(source.index);
        }
        self.next = from;
    }

    /// The blocks from `from` on could not be used here, by no fault of whoever sent them: ask for them once more.
    pub fn again(&mut self, from: Height) {
        self.source = None;
        self.next = from;
    }

    /// The same as a stream.
    pub fn into_stream(self) -> impl Stream<Item = FinalizedBlock> + Send {
        futures::stream::unfold(self, |mut follow| async move {
            let block = follow.next().await;
            Some((block, follow))
        })
    }

    async fn advance(&mut self) -> Result<FinalizedBlock, ClientError> {
        let source = match &mut self.source {
            Some(source) => source,
            none => none.insert(connect(&self.client, self.next).await?),
        };
        let bytes = source.frame(self.stall).await?;
        decode(&bytes, self.next).map_err(|reason| source.nonsense(reason))
    }

    async fn turn_away(&mut self) {
        match self.source.take() {
            Some(source) => self.client.leave(source.index),
            None => {
                if let Ok((index, _)) = self.client.preferred() {
                    self.client.leave(index);
                }
            }
        }
        self.failed = self.failed.saturating_add(1);
        if self.dropped >= self.client.count() {
            let height = self.next.get();
            tracing::error!(
                height,
                "no validator that is followed keeps this block: name one that keeps the full archive"
            );
            self.dropped = 0;
        }
        if self.failed.checked_rem(self.client.count()) == Some(0) {
            self.pause.wait(limits::PAUSE_MIN).await;
        }
    }
}

async fn connect(client: &ValidatorClient, from: Height) -> Result<Source, ClientError> {
    let (index, server) = client.preferred()?;
    let request = server.request(Method::GET, &format!("/v1/stream?from={from}"))?;
    let head = timeout(limits::ATTEMPT_TIMEOUT, client.http.execute(request)).await;
    let response = match head {
        Ok(response) => response.map_err(|error| transport::unreachable(&server.base, &error))?,
        Err(_) => return Err(silent(server, limits::ATTEMPT_TIMEOUT)),
    };
    if !response.status().is_success() {
        return Err(refusal(response, server).await);
    }
    Ok(Source { index, server: server.clone(), response, decoder: Decoder::default() })
}

/// What a validator says in place of a stream, in its own words.
async fn refusal(response: Response, server: &Server) -> ClientError {
    match timeout(limits::ATTEMPT_TIMEOUT, transport::read(response, &server.base)).await {
        Ok(Err(error)) => error,
        Ok(Ok(_)) | Err(_) => silent(server, limits::ATTEMPT_TIMEOUT),
    }
}

impl Source {
    async fn frame(&mut self, stall: Duration) -> Result<Bytes, ClientError> {
        loop {
            if let Some(frame) = self.decoder.pop().map_err(|error| self.nonsense(error.to_string()))? {
                return Ok(frame);
            }
            // `chunk` gives what has arrived: a large block in many chunks does not count as silence.
            let Ok(chunk) = timeout(stall, self.response.chunk()).await else {
                return Err(silent(&self.server, stall));
            };
            match chunk.map_err(|error| transport::unreachable(&self.server.base, &error))? {
                Some(chunk) => self.decoder.push(&chunk),
                None => {
                    let reason = "the stream ended".to_owned();
                    return Err(ClientError::Unreachable { server: self.server.base.clone(), reason });
                }
            }
        }
    }

    fn nonsense(&self, reason: String) -> ClientError {
        ClientError::Answer { server: self.server.base.clone(), reason }
    }
}

fn silent(server: &Server, limit: Duration) -> ClientError {
    let reason = format!("nothing within {} ms", limit.as_millis());
    ClientError::Unreachable { server: server.base.clone(), reason }
}
