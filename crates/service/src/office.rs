//! The office itself: its copies, its keys, and the tasks that keep it up to date.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use gongxin_crypto::{Passphrase, RandomError, Randomness, SecretKey, Suite};
use gongxin_projection::{Projection, ProjectionError};
use gongxin_types::{
    Action, Atomicity, Body, GatewayId, Genesis, List, OrganizationId, Time, Transaction, transaction::Actor,
    transaction::Sender,
};
use gongxin_vault::{Vault, VaultError};
use tokio::sync::{Semaphore, oneshot};

use crate::clock::Clock;
use crate::machine::{Machine, Task};
use crate::port::{OfficeError, Tip};
use crate::sequence::Sequences;
use crate::settle::Stuck;
use crate::tips::Tips;
use crate::validators::Validators;
use crate::{alerts, follow, limits, resend, settle};

/// What an office is opened with.
pub struct OfficeConfig {
    /// Whom it serves.
    pub organization: OrganizationId,
    /// Its gateway's identifier on the ledger.
    pub gateway: GatewayId,
    /// Data directory: projection and vault live in folders of their own below it.
    pub directory: PathBuf,
    /// The network.
    pub genesis: Genesis,
    /// The gateway's signing key.
    pub key: SecretKey,
    /// Passphrase of the vault.
    pub passphrase: Passphrase,
    /// The validators it follows and submits to.
    pub validators: Arc<dyn Validators>,
    /// What it runs on.
    pub machine: Arc<dyn Machine>,
    /// This machine's clock.
    pub clock: Clock,
    /// A defect of this office.
    #[cfg(feature = "simulated")]
    pub bug: Option<crate::planted::Bug>,
}

/// Why an office cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The copy of the ledger.
    #[error("the copy of the ledger cannot be opened")]
    Projection(#[from] gongxin_projection::OpenError),
    /// The copy of the ledger.
    #[error("the copy of the ledger cannot be read")]
    Read(#[from] ProjectionError),
    /// The vault.
    #[error("the vault cannot be opened")]
    Vault(#[source] Box<VaultError>),
    /// Its lane could not be chosen.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The operating system's clock.
    #[error("this machine's clock stands before 1970")]
    Clock,
}

/// One organization's office.
pub struct Office {
    pub(crate) organization: OrganizationId,
    pub(crate) gateway: GatewayId,
    pub(crate) suite: Suite,
    pub(crate) network: gongxin_crypto::Digest,
    pub(crate) key: SecretKey,
    pub(crate) projection: Arc<Projection>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) validators: Arc<dyn Validators>,
    pub(crate) machine: Arc<dyn Machine>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) readings: Semaphore,
    pub(crate) tips: Tips,
    /// Held from looking for the holders of a key to staging: two who want the same key come one after the other.
    pub(crate) writing: Mutex<()>,
    /// Staged transactions that cannot be settled.
    pub(crate) stuck: Stuck,
    /// Two histories that it was shown.
    pub(crate) forks: alerts::Forks,
    /// Alerts that stood when it looked last.
    pub(crate) alerts_open: AtomicU64,
    /// What keeps it from applying blocks.
    pub(crate) trouble: follow::Trouble,
    /// A defect, planted by the simulation.
    #[cfg(feature = "simulated")]
    pub(crate) bug: Option<crate::planted::Bug>,
    clock: Clock,
    sequences: Sequences,
    /// They end with the office.
    tasks: Mutex<Vec<Task>>,
}

impl Office {
    /// Opens the copies and begins to follow the ledger. The tasks end with the office or the runtime.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing was changed then but directories created.
    pub fn open(config: OfficeConfig) -> Result<Arc<Self>, OpenError> {
        let suite = config.genesis.head.suite;
        let network = config.genesis.head.id();
        let projection = Projection::open(&config.directory.join("projection"), &config.genesis)?;
        let tips = Tips::at(tip_of(&projection)?);
        let (directory, randomness) = (config.directory.join("vault"), config.machine.randomness());
        let vault = Vault::open_or_create(&directory, &network, suite, &config.passphrase, Arc::clone(&randomness));
        let vault = vault.map_err(|error| OpenError::Vault(Box::new(error)))?;
        let office = Arc::new(Self {
            organization: config.organization,
            gateway: config.gateway,
            suite,
            network,
            key: config.key,
            projection: Arc::new(projection),
            vault: Arc::new(vault),
            validators: config.validators,
            machine: config.machine,
            randomness: Arc::clone(&randomness),
            readings: Semaphore::new(limits::READINGS_MAX),
            tips,
            writing: Mutex::new(()),
            stuck: Stuck::default(),
            forks: alerts::Forks::default(),
            alerts_open: AtomicU64::new(0),
            trouble: follow::Trouble::default(),
            sequences: Sequences::from(config.clock.now().ok_or(OpenError::Clock)?.millis(), &*randomness)?,
            clock: config.clock,
            #[cfg(feature = "simulated")]
            bug: config.bug,
            tasks: Mutex::default(),
        });
        #[cfg(feature = "simulated")]
        if let Err(error) = crate::planted::lose(&office) {
            tracing::error!(error = %follow::words(&error), "nothing could be thrown away");
        }
        // What became final before the last stop is settled before anyone asks.
        if let Err(error) = settle::staged(&office) {
            tracing::error!(error = %follow::words(&error), "staged bodies could not be settled");
        }
        // They hold the office weakly: it ends when nobody asks it any more.
        let follows = office.machine.spawn(Box::pin(follow::run(Arc::downgrade(&office))));
        let resends = office.machine.spawn(Box::pin(resend::run(Arc::downgrade(&office))));
        let raises = office.machine.spawn(Box::pin(alerts::run(Arc::downgrade(&office))));
        if let Ok(mut tasks) = office.tasks.lock() {
            tasks.extend([follows, resends, raises]);
        }
        Ok(office)
    }

    /// How far the copy of the ledger has come.
    pub(crate) fn tip(&self) -> Tip {
        self.tips.now()
    }

    /// Says how far the copy has come now, to those who wait.
    pub(crate) fn advance(&self) -> Result<(), OfficeError> {
        self.tips.advance(tip_of(&self.projection).map_err(internal)?);
        Ok(())
    }

    /// This machine's clock; the ledger's own where the machine has none.
    pub(crate) fn now(&self) -> Time {
        self.clock.now().unwrap_or_else(|| self.tip().time)
    }

    /// Signs a transaction of the gateway's own, valid for a minute of consensus time.
    pub(crate) fn sign(&self, action: Action) -> Result<Transaction, OfficeError> {
        let body = Body {
            version: 1,
            network: self.network,
            sender: Sender {
                organization: self.organization.clone(),
                actor: Actor::Gateway(self.gateway),
                key: self.key.public(),
            },
            lane: self.sequences.lane,
            sequence: self.sequences.next(&self.vault)?,
            valid_until: self.tip().time.plus_millis(limits::VALID_FOR_MS),
            atomicity: Atomicity::EachOnItsOwn,
            actions: List::new(vec![action]).map_err(internal)?,
        };
        let signature = self.key.sign(&Transaction::message(&body.id(self.suite)));
        Ok(Transaction { body, signature })
    }

    /// Runs blocking work on the copies off the runtime's own threads.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, OfficeError> + Send + 'static,
    ) -> Result<T, OfficeError> {
        let office = Arc::clone(self);
        let (told, answer) = oneshot::channel();
        let whole = self.machine.blocking(Box::new(move || {
            let done = work(&office);
            // Whoever hears the answer may be the last to hold the office.
            drop(office);
            let _ = told.send(done);
        }));
        whole.await;
        answer.await.map_err(internal)?
    }
}

fn tip_of(projection: &Projection) -> Result<Tip, ProjectionError> {
    let header = projection.tip()?;
    Ok(Tip { height: header.height, time: header.time })
}

/// A fault of our own: the cause goes to the log, the caller learns that there is one. A full disk passes when its operator
/// makes room, so the caller is told to come again.
pub(crate) fn internal(error: impl std::error::Error + Send + Sync + 'static) -> OfficeError {
    let cause: &(dyn std::error::Error + 'static) = &error;
    let vault_is_full = matches!(cause.downcast_ref(), Some(VaultError::DiskFull { .. }));
    if vault_is_full || matches!(cause.downcast_ref(), Some(ProjectionError::DiskFull { .. })) {
        tracing::error!(error = cause, "the disk of this gateway is full: make room, it goes on by itself");
        return OfficeError::Unavailable { reason: format!("{error}: the gateway's operator has to make room") };
    }
    OfficeError::Internal(Box::new(error))
}
