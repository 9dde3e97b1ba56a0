//! What an office needs of the validators: someone to hand transactions to, and blocks to follow.
//!
//! None of them is believed: what they send is checked by the projection, what becomes of a transaction is said by it.
//! Over HTTP this is a [`ValidatorClient`]; in the simulation, a link to simulated nodes that loses what it carries.

use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use gongxin_client::{
    ClientError, Follow, Submitted, ValidatorClient, Wait,
    wire::{FindingsReport, Status},
};
use gongxin_types::{FinalizedBlock, Height, TransactionId};

/// The validators of a network, as if they were one.
pub trait Validators: Send + Sync + 'static {
    /// Hands these bytes to whichever of them takes them, within this time; does not wait for finality.
    fn submit(&self, bytes: Vec<u8>, within: Duration) -> BoxFuture<'_, Result<Submitted, ClientError>>;
    /// What has become of a transaction, as the first that answers sees it.
    fn status(&self, id: TransactionId) -> BoxFuture<'_, Result<Status, ClientError>>;
    /// Finalized blocks from this height on.
    fn follow(&self, from: Height) -> Box<dyn Blocks>;
    /// What the organization's own validators have found out, each of them; what cannot be asked is an error.
    fn findings(&self) -> BoxFuture<'_, Vec<Result<FindingsReport, ClientError>>> {
        std::future::ready(Vec::new()).boxed()
    }
}

/// Finalized blocks in order, without a gap and without an end.
pub trait Blocks: Send {
    /// The next block. Waits as long as it takes; dropping the future loses nothing.
    fn next(&mut self) -> BoxFuture<'_, FinalizedBlock>;
    /// The blocks from `from` on were false: leaves the validator that sent them and asks the next one for the same.
    fn reject(&mut self, from: Height);
    /// The blocks from `from` on could not be used here, by no fault of whoever sent them: asks for them once more.
    fn again(&mut self, from: Height);
}

/// Validators over HTTP, some of them the organization's own.
#[derive(Clone, Debug)]
pub struct Reached {
    client: ValidatorClient,
    own: Vec<String>,
}

impl Reached {
    /// These validators; those with these base URLs are the organization's own, whose word is its word.
    pub const fn new(client: ValidatorClient, own: Vec<String>) -> Self {
        Self { client, own }
    }
}

impl Validators for Reached {
    fn submit(&self, bytes: Vec<u8>, within: Duration) -> BoxFuture<'_, Result<Submitted, ClientError>> {
        Validators::submit(&self.client, bytes, within)
    }

    fn status(&self, id: TransactionId) -> BoxFuture<'_, Result<Status, ClientError>> {
        Validators::status(&self.client, id)
    }

    fn follow(&self, from: Height) -> Box<dyn Blocks> {
        Validators::follow(&self.client, from)
    }

    fn findings(&self) -> BoxFuture<'_, Vec<Result<FindingsReport, ClientError>>> {
        self.client.findings(&self.own).boxed()
    }
}

impl Validators for ValidatorClient {
    fn submit(&self, bytes: Vec<u8>, within: Duration) -> BoxFuture<'_, Result<Submitted, ClientError>> {
        Self::submit(self, bytes, Wait::No, within).boxed()
    }

    fn status(&self, id: TransactionId) -> BoxFuture<'_, Result<Status, ClientError>> {
        async move { Ok(self.transaction(id).await?.status) }.boxed()
    }

    fn follow(&self, from: Height) -> Box<dyn Blocks> {
        Box::new(Self::follow(self, from))
    }
}

impl Blocks for Follow {
    fn next(&mut self) -> BoxFuture<'_, FinalizedBlock> {
        Self::next(self).boxed()
    }

    fn reject(&mut self, from: Height) {
        Self::reject(self, from);
    }

    fn again(&mut self, from: Height) {
        Self::again(self, from);
    }
}
