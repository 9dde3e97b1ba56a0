//! Sealed responses: built and stored before their access is submitted, and fetched again as the same bytes (PROTOCOL 21).

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::Digest;
use gongxin_types::access::SealedPart;
use gongxin_types::{OfficerId, RequestId, Time, codec};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::column::{millis, sealed, time};
use crate::keys::Sealed;
use crate::{Carrier, Item, Vault, VaultError, limits, sealed_part};

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
    /// Stores a response and its sealed part durably, both or neither, unless the same request was answered before: the
    /// first answer counts, with its own sealed part.
    ///
    /// # Errors
    /// [`VaultError::RequestConflict`] when another request used the identifier; [`VaultError::Damaged`]; the limits and
    /// the database.
    pub fn put_response(&self, response: &Response, carrier: &Carrier, part: &SealedPart) -> Result<Kept, VaultError> {
        const ACTION: &str = "store a response";
        self.write(ACTION, |database| {
            let digest = match self.find_response(database, &response.officer, &response.request)? {
                Lookup::Absent => {
                    self.insert_response(database, response, carrier)?;
                    sealed_part::put(&self.ring, database, &response.officer, &response.request, part)?;
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

    pub(crate) fn find_response(
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

    fn insert_response(
        &self,
        database: &Transaction<'_>,
        response: &Response,
        carrier: &Carrier,
    ) -> Result<(), VaultError> {
        const ACTION: &str = "store a response";
        let Sealed { period, wrap, sealed } = self.seal_response(response)?;
        let insert = "INSERT INTO responses
                (officer, request, request_digest, expires, period, wrap, sealed, transaction_id, valid_until)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let values = params![
            response.officer.as_bytes(),
            response.request.as_bytes(),
            response.request_digest.as_bytes(),
            response.expires.map(millis),
            period,
            wrap,
            sealed,
            carrier.transaction.0.as_bytes(),
            millis(carrier.valid_until),
        ];
        database.execute(insert, values).map(|_| ()).map_err(VaultError::storage(ACTION))
    }

    pub(crate) fn seal_response(&self, response: &Response) -> Result<Sealed, VaultError> {
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
