//! Sealed responses: built and stored before their access is submitted, and fetched again as the same bytes (PROTOCOL 21).

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::Digest;
use gongxin_types::{OfficerId, RequestId, Time, codec};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::column::{millis, number, sealed, time};
use crate::keys::Sealed;
use crate::{Item, Vault, VaultError, limits};

/// A response to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The reader's officer.
    pub officer: OfficerId,
    /// The identifier the reader chose.
    pub request: RequestId,
    /// Digest of the whole request: another one under the same identifier is a conflict.
    pub request_digest: Digest,
    /// The bytes sealed to the reader's key; empty for a refusal.
    pub sealed: Vec<u8>,
    /// Canonical bytes of the access leaf.
    pub leaf: Vec<u8>,
    /// Canonical bytes of the transaction that carries the leaf now.
    pub transaction: Vec<u8>,
    /// Consensus time at which the release ends; unknown until the access is final.
    pub expires: Option<Time>,
}

/// Whether a response was the first to its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is stored.
    New,
    /// The same request was answered before: this is what counts.
    Earlier(Response),
    /// The same request was answered before, and its release has ended.
    Ended,
}

/// What is known of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Nothing.
    Absent,
    /// Its response.
    Present(Response),
    /// Its release has ended; the response is destroyed.
    Ended {
        /// Digest of the request.
        request_digest: Digest,
    },
}

/// What is encrypted.
#[derive(BorshSerialize, BorshDeserialize)]
struct Content {
    request_digest: Digest,
    sealed: Vec<u8>,
    leaf: Vec<u8>,
    transaction: Vec<u8>,
}

impl Vault {
    /// Stores a response durably, unless the same request was answered before: the first answer counts.
    ///
    /// # Errors
    /// [`VaultError::RequestConflict`] when another request used the identifier; [`VaultError::Damaged`]; the limits and
    /// the database.
    pub fn put_response(&self, response: &Response) -> Result<Kept, VaultError> {
        const ACTION: &str = "store a response";
        self.write(ACTION, |database| {
            let digest = match self.find_response(database, &response.officer, &response.request)? {
                Lookup::Absent => {
                    self.insert_response(database, response)?;
                    return Ok(Kept::New);
                }
                Lookup::Present(earlier) if earlier.request_digest == response.request_digest => {
                    return Ok(Kept::Earlier(earlier));
                }
                Lookup::Present(earlier) => earlier.request_digest,
                Lookup::Ended { request_digest } => request_digest,
            };
            if digest == response.request_digest {
                Ok(Kept::Ended)
            } else {
                Err(VaultError::RequestConflict { request: response.request })
            }
        })
    }

    /// What is known of a request. Whether a response has expired is for the caller to say, by consensus time.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when it was altered on disk; those of the database.
    pub fn response(&self, officer: &OfficerId, request: &RequestId) -> Result<Lookup, VaultError> {
        self.read("read a response", |database| self.find_response(database, officer, request))
    }

    /// Puts the response into another transaction, when the first one expired; sealed bytes and leaf stay.
    /// Whether there was such a response.
    ///
    /// # Errors
    /// [`VaultError::Damaged`]; those of the database.
    pub fn resubmit_response(
        &self,
        officer: &OfficerId,
        request: &RequestId,
        transaction: &[u8],
    ) -> Result<bool, VaultError> {
        const ACTION: &str = "change the transaction of a response";
        self.write(ACTION, |database| {
            let Lookup::Present(mut response) = self.find_response(database, officer, request)? else {
                return Ok(false);
            };
            response.transaction = transaction.to_vec();
            let Sealed { period, wrap, sealed } = self.seal_response(&response)?;
            let update = "UPDATE responses SET period = ?3, wrap = ?4, sealed = ?5 WHERE officer = ?1 AND request = ?2";
            let values = params![officer.as_bytes(), request.as_bytes(), period, wrap, sealed];
            database.execute(update, values).map(|rows| rows > 0).map_err(VaultError::storage(ACTION))
        })
    }

    /// Says until when a response is released, once its access is final. Whether there was such a response.
    ///
    /// # Errors
    /// Those of the database.
    pub fn finish_response(&self, officer: &OfficerId, request: &RequestId, expires: Time) -> Result<bool, VaultError> {
        const ACTION: &str = "finish a response";
        self.write(ACTION, |database| {
            let update = "UPDATE responses SET expires = ?3 WHERE officer = ?1 AND request = ?2 AND expires IS NULL";
            let values = params![officer.as_bytes(), request.as_bytes(), millis(expires)];
            database.execute(update, values).map(|rows| rows > 0).map_err(VaultError::storage(ACTION))
        })
    }

    /// Destroys a response whose access never became final. Whether there was one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_response(&self, officer: &OfficerId, request: &RequestId) -> Result<bool, VaultError> {
        const ACTION: &str = "forget a response";
        self.write(ACTION, |database| {
            let delete = "DELETE FROM responses WHERE officer = ?1 AND request = ?2";
            let values = params![officer.as_bytes(), request.as_bytes()];
            database.execute(delete, values).map(|rows| rows > 0).map_err(VaultError::storage(ACTION))
        })
    }

    /// Destroys the responses whose release ended at or before this consensus time; their requests stay known.
    ///
    /// # Errors
    /// Those of the database.
    pub fn end_responses(&self, now: Time) -> Result<usize, VaultError> {
        const ACTION: &str = "end responses";
        self.write(ACTION, |database| {
            let update = "UPDATE responses SET period = NULL, wrap = NULL, sealed = NULL
                          WHERE expires <= ?1 AND wrap IS NOT NULL";
            database.execute(update, [millis(now)]).map_err(VaultError::storage(ACTION))
        })
    }

    /// The responses whose access is not known to be final, oldest first: what to send again after a restart.
    ///
    /// # Errors
    /// [`VaultError::Damaged`]; those of the database.
    pub fn unfinished_responses(&self) -> Result<Vec<Response>, VaultError> {
        const ACTION: &str = "list unfinished responses";
        self.read(ACTION, |database| {
            let query = "SELECT officer, request FROM responses WHERE expires IS NULL ORDER BY id LIMIT ?1";
            let mut statement = database.prepare_cached(query).map_err(VaultError::storage(ACTION))?;
            let rows = statement
                .query_map([number(limits::UNFINISHED_MAX as u64)], |row| {
                    Ok((row.get(0).map(OfficerId::new)?, row.get(1).map(RequestId::new)?))
                })
                .map_err(VaultError::storage(ACTION))?;
            let mut responses = Vec::new();
            for row in rows {
                let (officer, request) = row.map_err(VaultError::storage(ACTION))?;
                if let Lookup::Present(response) = self.find_response(database, &officer, &request)? {
                    responses.push(response);
                }
            }
            Ok(responses)
        })
    }

    fn find_response(
        &self,
        database: &Transaction<'_>,
        officer: &OfficerId,
        request: &RequestId,
    ) -> Result<Lookup, VaultError> {
        const ACTION: &str = "read a response";
        let query =
            "SELECT request_digest, expires, period, wrap, sealed FROM responses WHERE officer = ?1 AND request = ?2";
        let found = database
            .prepare_cached(query)
            .and_then(|mut statement| {
                statement
                    .query_row(params![officer.as_bytes(), request.as_bytes()], |row| {
                        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Option<i64>>(1)?, sealed(row, 2)?))
                    })
                    .optional()
            })
            .map_err(VaultError::storage(ACTION))?;
        let Some((digest, expires, sealed)) = found else {
            return Ok(Lookup::Absent);
        };
        let item = Item::Response { officer: *officer, request: *request };
        let damaged = || VaultError::Damaged { item: item.clone() };
        let request_digest = Digest::new(&digest).map_err(|_| damaged())?;
        let Some(sealed) = sealed else {
            return Ok(Lookup::Ended { request_digest });
        };
        let bytes = self.ring.open(item.clone(), &sealed)?;
        let content: Content = codec::decode("response", &bytes).map_err(|_| damaged())?;
        if content.request_digest != request_digest {
            return Err(damaged());
        }
        let Content { request_digest, sealed, leaf, transaction } = content;
        let (officer, request, expires) = (*officer, *request, expires.map(time));
        Ok(Lookup::Present(Response { officer, request, request_digest, sealed, leaf, transaction, expires }))
    }

    fn insert_response(&self, database: &Transaction<'_>, response: &Response) -> Result<(), VaultError> {
        const ACTION: &str = "store a response";
        let Sealed { period, wrap, sealed } = self.seal_response(response)?;
        let insert = "INSERT INTO responses (officer, request, request_digest, expires, period, wrap, sealed)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = params![
            response.officer.as_bytes(),
            response.request.as_bytes(),
            response.request_digest.as_bytes(),
            response.expires.map(millis),
            period,
            wrap,
            sealed,
        ];
        database.execute(insert, values).map(|_| ()).map_err(VaultError::storage(ACTION))
    }

    fn seal_response(&self, response: &Response) -> Result<Sealed, VaultError> {
        let content = Content {
            request_digest: response.request_digest,
            sealed: response.sealed.clone(),
            leaf: response.leaf.clone(),
            transaction: response.transaction.clone(),
        };
        let bytes = codec::encode(&content);
        VaultError::limit("bytes of a response", bytes.len(), limits::RESPONSE_BYTES_MAX)?;
        self.ring.seal(&Item::Response { officer: response.officer, request: response.request }, &bytes)
    }
}
