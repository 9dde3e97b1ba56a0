//! Running a gateway: opens its organization's office and serves it.

use std::path::Path;

use gongxin_crypto::{Passphrase, key_file};
use gongxin_service::{Office, OfficeConfig};

use crate::config::{self, GatewayConfig};
use crate::failure::{self, Failure};
use crate::{files, locked, logs, serve};

/// Runs the gateway of this configuration until told to stop.
pub(crate) fn run(path: &Path, stop_with_stdin: bool) -> Result<(), Failure> {
    let config: GatewayConfig = config::read(path)?;
    logs::start();
    let directory = config::beside(path, &config.directory);
    let _locked = locked::take(&directory)?;
    let office = office_config(path, &config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(Failure::usage)?.block_on(async move {
        let listener = serve::listen(config.http).await?;
        let office = Office::open(office).map_err(|error| Failure::usage(failure::chain(&error)))?;
        tracing::info!(organization = %config.organization, http = %config.http, "gateway serves");
        // Calls are signed for a server by its name: these are ours.
        let origins = [format!("http://{}", config.http), format!("http://localhost:{}", config.http.port())];
        let router = gongxin_api::gateway::router(office, origins);
        let stop = async move {
            if let Err(failure) = serve::asked_to_stop(stop_with_stdin).await {
                tracing::error!(%failure, "signals cannot be listened to");
            }
        };
        gongxin_api::serve(listener, router, stop).await.map_err(Failure::unreachable)?;
        tracing::info!("gateway stopped");
        Ok(())
    })
}

/// What the office is opened with, from the files that the configuration names.
pub(crate) fn office_config(path: &Path, config: &GatewayConfig) -> Result<OfficeConfig, Failure> {
    let passphrase = Passphrase::from_file(&config::beside(path, &config.passphrase_file)).map_err(Failure::usage)?;
    let key = key_file::read_signing_key(&config::beside(path, &config.key), &passphrase)
        .map_err(|error| Failure::usage(failure::chain(&error)))?;
    Ok(OfficeConfig {
        organization: config.organization.clone(),
        gateway: config.id,
        directory: config::beside(path, &config.directory),
        genesis: files::genesis(&config::beside(path, &config.genesis))?,
        key,
        passphrase,
        validators: config.validators.clone(),
    })
}
