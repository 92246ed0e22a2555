//! Word that an application moved. KYC-Chain signs nothing, so it is a hint and no more.

use serde::Deserialize;
use serde_json::Value;

use super::integrations::Client;
use crate::{
    error::{Error, ErrorKind},
    selfkey::{
        PROVIDER,
        model::{Application, Status, Timestamp, id_of, text_of},
    },
    transport::decode,
};

/// The largest body that is read.
pub const BODY_LIMIT: usize = 64 * 1024;
/// The longest id that is taken.
const LONGEST_ID: usize = 128;
/// What the webhook is answered with.
pub const ANSWER: &str = r#"{"status":"ok"}"#;

/// What a webhook says: unproven, from whoever knows the URL. Its one use is to be [confirmed](Self::confirm).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusHint {
    /// Which application is said to have moved.
    pub application_id: String,
    /// Where to, as it says.
    pub status: Option<Status>,
    /// When, as it says.
    pub updated_at: Option<Timestamp>,
}

impl StatusHint {
    /// Reads the body of a webhook.
    ///
    /// ```
    /// use kyckit::selfkey::kycc::webhook::StatusHint;
    ///
    /// let hint = StatusHint::read(br#"{"applicationId":"5ddd","status":2,"updatedAt":"2020-04-08T12:26:26.479Z"}"#)?;
    /// assert_eq!(hint.application_id, "5ddd");
    /// # Ok::<(), kyckit::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode) for what is no such body, [`TooLarge`](ErrorKind::TooLarge) beyond [`BODY_LIMIT`].
    pub fn read(body: &[u8]) -> Result<Self, Error> {
        Self::parse(body).map_err(|error| error.during(PROVIDER, "webhook"))
    }

    fn parse(body: &[u8]) -> Result<Self, Error> {
        if body.len() > BODY_LIMIT {
            return Err(Error::new(ErrorKind::TooLarge, "the body is longer than the limit"));
        }
        let value: Value = decode::json(body)?;
        let id = id_of(&value["applicationId"]).filter(|id| id.len() <= LONGEST_ID);
        let application_id = id.ok_or_else(|| {
            Error::new(ErrorKind::Decode, "a member is missing or of another type").with_path("applicationId")
        })?;
        Ok(Self {
            application_id,
            status: Status::deserialize(&value["status"]).ok(),
            updated_at: text_of(&value["updatedAt"]).map(Timestamp::from),
        })
    }

    /// Reads the application as it really is, with the API key.
    ///
    /// # Errors
    ///
    /// As for every call; [`NotFound`](ErrorKind::NotFound) when the hint was about nothing.
    pub async fn confirm(&self, client: &Client, fields: &[&str]) -> Result<Application, Error> {
        client.application(&self.application_id, fields).await
    }
}
