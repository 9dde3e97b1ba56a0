//! Running a gateway: opens its organization's office and serves it.

use std::path::Path;
use std::sync::Arc;

use gongxin_api::gateway::Origin;
use gongxin_client::ValidatorClient;
use gongxin_service::{Clock, Office, OfficeConfig, OnTokio, Reached};

use crate::config::{self, GatewayConfig};
use crate::failure::{self, Failure};
use crate::{files, locked, logs, serve};

/// Runs the gateway of this configuration until told to stop.
pub(crate) fn run(path: &Path, stop_with_stdin: bool) -> Result<(), Failure> {
    let config: GatewayConfig = config::read(path)?;
    logs::start();
    // All that can be found wrong by reading is found before anything is written.
    let office = office_config(path, &config)?;
    let origins = origins(path, &config)?;
    let _locked = locked::take(&office.directory)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(Failure::usage)?.block_on(async move {
        let listener = serve::listen("http", config.http).await?;
        let stop = serve::asked_to_stop(stop_with_stdin)?;
        let office = Office::open(office).map_err(|error| Failure::usage(failure::chain(&error)))?;
        tracing::info!(organization = %config.organization, http = %config.http, "gateway serves");
        let router = gongxin_api::gateway::router(office, origins);
        gongxin_api::serve(listener, router, stop).await.map_err(Failure::unreachable)?;
        tracing::info!("gateway stopped");
        Ok(())
    })
}

/// The names by which clients call the gateway: a call is signed for one of them.
pub(crate) fn origins(path: &Path, config: &GatewayConfig) -> Result<Vec<Origin>, Failure> {
    let listening = [format!("http://{}", config.http), format!("http://localhost:{}", config.http.port())];
    let names = if config.origins.is_empty() { &listening[..] } else { &config.origins };
    names
        .iter()
        .map(|name| name.parse())
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::file(path, format_args!("`origins`: {error}")))
}

/// What the office is opened with, from the files that the configuration names.
pub(crate) fn office_config(path: &Path, config: &GatewayConfig) -> Result<OfficeConfig, Failure> {
    let (key, passphrase) =
        files::own_key(&config::beside(path, &config.key), &config::beside(path, &config.passphrase_file))?;
    let validators = ValidatorClient::new(&config.validators)
        .map_err(|error| Failure::file(path, format_args!("`validators`: {error}")))?;
    if !config.own_validators.is_empty() {
        ValidatorClient::new(&config.own_validators)
            .map_err(|error| Failure::file(path, format_args!("`own_validators`: {error}")))?;
    }
    Ok(OfficeConfig {
        organization: config.organization.clone(),
        gateway: config.id,
        directory: config::beside(path, &config.directory),
        genesis: files::genesis(&config::beside(path, &config.genesis))?,
        key,
        passphrase,
        validators: Arc::new(Reached::new(validators, config.own_validators.clone())),
        machine: Arc::new(OnTokio::default()),
        clock: Clock::system(),
    })
}
