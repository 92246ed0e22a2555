//! What a webhook tells.

use std::{borrow::Cow, time::SystemTime};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    credify::model::{DisputeStatus, DocumentType, OrderStatus, TransactionStatus},
    error::{Error, ErrorKind},
    privacy::Pii,
    transport::decode,
    verified::{Event, State},
    wire::{
        OnlyObject,
        unread::{Unread, UnreadMember},
    },
};

/// The subjects of events that are not about the thing itself begin so, since they have states of their own.
const DISPUTE: &str = "dispute:";
const REQUIREMENT: &str = "requirement:";

/// An event: what it tells, and the two signed headers. A verifier alone makes one.
#[derive(Clone)]
pub struct WebhookEvent {
    id: String,
    time: Option<SystemTime>,
    payload: EventPayload,
    raw: Pii<Value>,
    unread: Unread,
}

/// What an event tells, by its `type`.
///
/// Source: the provider's documentation of webhooks, and its reference servers for `is_fulfilled`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventPayload {
    /// `OFFER_TRANSACTION_STATUS_UPDATED`: how a person's onboarding with an offer stands.
    OfferTransaction(OfferTransaction),
    /// `OFFER_TRANSACTION_DISPUTE_STATUS_UPDATED`: how a dispute about it stands.
    OfferDispute(OfferDispute),
    /// `BNPL_ORDER_STATUS_UPDATED`: how an order stands.
    Order(OrderUpdate),
    /// `BNPL_DISBURSEMENT_REQUIREMENT_STATUS_UPDATED`: how a document stands that the disbursement requires.
    DisbursementRequirement(DisbursementRequirement),
    /// Another type, which is to be acknowledged all the same; [`WebhookEvent::raw`] has all of it.
    #[non_exhaustive]
    Unknown {
        /// The type; empty when there is none.
        kind: String,
    },
}

/// The state of an offer's transaction.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct OfferTransaction {
    /// The transaction.
    pub transaction_id: String,
    /// The person.
    #[serde(default)]
    pub credify_id: Option<Pii<String>>,
    /// Its state.
    pub transaction_status: TransactionStatus,
    /// The offer.
    #[serde(default)]
    pub offer_code: Option<String>,
}

/// The state of a dispute about an offer's transaction.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct OfferDispute {
    /// The transaction.
    pub transaction_id: String,
    /// The person.
    #[serde(default)]
    pub credify_id: Option<Pii<String>>,
    /// The dispute's state.
    pub transaction_status: DisputeStatus,
    /// The offer.
    #[serde(default)]
    pub offer_code: Option<String>,
}

/// The state of an order.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct OrderUpdate {
    /// The order.
    pub order_id: String,
    /// Its state.
    pub order_status: OrderStatus,
}

/// The state of a document that a disbursement requires. Once all are fulfilled, ask for the money:
/// [`Client::disburse`](crate::credify::Client::disburse).
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct DisbursementRequirement {
    /// The order.
    pub order_id: String,
    /// The document.
    #[serde(default)]
    pub requirement_type: Option<DocumentType>,
    /// Whether the provider asks for it.
    #[serde(default)]
    pub from_provider: Option<bool>,
    /// Whether it is there.
    #[serde(default)]
    pub is_fulfilled: Option<bool>,
}

impl WebhookEvent {
    /// Reads a body with a signature that was checked.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode) with the path.
    pub(super) fn read(id: &str, timestamp: &str, body: &[u8]) -> Result<Self, Error> {
        fn read<T: DeserializeOwned>(body: &[u8], strict: &[&str]) -> Result<(T, Unread), Error> {
            // The provider signs what JavaScript makes of the body, which keeps the last of two members with one name, so
            // the published vectors take such a body.
            decode::lenient(body, strict).map(|(OnlyObject(event), unread)| (event, unread))
        }

        const TRANSACTION: &[&str] = &["transaction_id", "transaction_status"];
        let raw: Value = decode::json(body)?;
        let kind = match &raw["type"] {
            Value::Null => "",
            Value::String(kind) => kind,
            _ => {
                let what = "a member is missing or of another type";
                return Err(Error::new(ErrorKind::Decode, what).with_path("type"));
            }
        };
        // Strict is what the event is about, and what happened to it.
        let (payload, unread) = match kind {
            "OFFER_TRANSACTION_STATUS_UPDATED" => read(body, TRANSACTION)
                .map(|(payload, unread)| (EventPayload::OfferTransaction(payload), unread))?,
            "OFFER_TRANSACTION_DISPUTE_STATUS_UPDATED" => read(body, TRANSACTION)
                .map(|(payload, unread)| (EventPayload::OfferDispute(payload), unread))?,
            "BNPL_ORDER_STATUS_UPDATED" => read(body, &["order_id", "order_status"])
                .map(|(payload, unread)| (EventPayload::Order(payload), unread))?,
            "BNPL_DISBURSEMENT_REQUIREMENT_STATUS_UPDATED" => {
                read(body, &["order_id", "requirement_type", "is_fulfilled"])
                    .map(|(payload, unread)| (EventPayload::DisbursementRequirement(payload), unread))?
            }
            kind => (EventPayload::Unknown { kind: kind.to_owned() }, Unread::default()),
        };
        Ok(Self { id: id.to_owned(), time: moment(timestamp), payload, raw: Pii::new(raw), unread })
    }

    /// The event's id; it comes again with every delivery of the same event.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When the event was sent; none when the timestamp has no known form.
    pub const fn time(&self) -> Option<SystemTime> {
        self.time
    }

    /// What it tells.
    pub const fn payload(&self) -> &EventPayload {
        &self.payload
    }

    /// The members that are not of the documented type, and absent therefore. What the event is about, and what happened
    /// to it, are never among them.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }

    /// The whole body.
    pub const fn raw(&self) -> &Pii<Value> {
        &self.raw
    }
}

impl Event for WebhookEvent {
    fn subject(&self) -> Cow<'_, str> {
        match &self.payload {
            EventPayload::OfferTransaction(payload) => Cow::Borrowed(&payload.transaction_id),
            EventPayload::OfferDispute(payload) => Cow::Owned(format!("{DISPUTE}{}", payload.transaction_id)),
            EventPayload::Order(payload) => Cow::Borrowed(&payload.order_id),
            EventPayload::DisbursementRequirement(payload) => {
                let document = payload.requirement_type.as_ref().map_or("", DocumentType::as_str);
                Cow::Owned(format!("{REQUIREMENT}{}:{document}", payload.order_id))
            }
            EventPayload::Unknown { .. } => Cow::Borrowed(&self.id),
        }
    }

    fn state(&self) -> State {
        match &self.payload {
            EventPayload::OfferTransaction(payload) => match &payload.transaction_status {
                status @ (TransactionStatus::Completed | TransactionStatus::Failed) => {
                    terminal(status.as_str())
                }
                status if status.is_known() => passing(status.as_str()),
                _ => State::Notice,
            },
            EventPayload::OfferDispute(payload) => match &payload.transaction_status {
                status @ (DisputeStatus::Approved | DisputeStatus::Rejected) => terminal(status.as_str()),
                status if status.is_known() => passing(status.as_str()),
                _ => State::Notice,
            },
            EventPayload::Order(payload) => match &payload.order_status {
                status @ (OrderStatus::Canceled | OrderStatus::Paid) => terminal(status.as_str()),
                status if status.is_known() => passing(status.as_str()),
                _ => State::Notice,
            },
            EventPayload::DisbursementRequirement(payload) => match payload.is_fulfilled {
                Some(true) => terminal("fulfilled"),
                Some(false) => passing("open"),
                None => State::Notice,
            },
            EventPayload::Unknown { .. } => State::Notice,
        }
    }

    fn signed_time(&self) -> Option<SystemTime> {
        self.time
    }
}

crate::privacy::redacted_debug!(WebhookEvent { payload, .. });

fn terminal(word: &str) -> State {
    State::terminal(word.to_owned())
}

fn passing(word: &str) -> State {
    State::non_terminal(word.to_owned())
}

/// RFC 3339, also with an offset without a colon (`+0700`), or seconds or milliseconds since 1970. The signature covers the
/// text, so a form more is no freedom for a forger.
pub(super) fn moment(timestamp: &str) -> Option<SystemTime> {
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok().map(SystemTime::from);
    if let Some(moment) = parse(timestamp) {
        return Some(moment);
    }
    if let Some((front, minutes)) = timestamp.split_at_checked(timestamp.len().saturating_sub(2))
        && let [.., b'+' | b'-', _, _] = front.as_bytes()
    {
        return parse(&format!("{front}:{minutes}"));
    }
    let number: u64 =
        timestamp.parse().ok().filter(|_| timestamp.bytes().all(|byte| byte.is_ascii_digit()))?;
    let since = match timestamp.len() {
        ..=11 => std::time::Duration::from_secs(number),
        12..=14 => std::time::Duration::from_millis(number),
        _ => return None,
    };
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// A message with a timestamp in a form that is not known.
pub(super) fn undated() -> Error {
    Error::new(ErrorKind::Expired, "the time of the webhook is in no form that is known")
        .with_check("webhook.time")
        .with_hint("known are RFC 3339, and seconds or milliseconds since 1970; report the form that came")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(body: &str) -> WebhookEvent {
        WebhookEvent::read("event-1", "2022-05-24T09:37:05Z", body.as_bytes()).expect(body)
    }

    #[test]
    fn both_forms_of_time_are_read() {
        let expected = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_653_385_025));
        for text in [
            "2022-05-24T09:37:05Z",
            "2022-05-24T16:37:05+07:00",
            "2022-05-24T16:37:05+0700",
            "2022-05-24T05:37:05-0400",
            "1653385025",
            "1653385025000",
        ] {
            assert_eq!(moment(text), expected, "{text}");
        }
        for text in ["", "yesterday", "-1", "1653385025.5", "99999999999999999999", "2022-05-24"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn each_type_has_its_subject_and_its_state() {
        for (body, subject, state) in [
            (
                r#"{"type":"BNPL_ORDER_STATUS_UPDATED","order_id":"o","order_status":"PAID"}"#,
                "o",
                State::terminal("PAID"),
            ),
            (
                r#"{"type":"BNPL_ORDER_STATUS_UPDATED","order_id":"o","order_status":"PENDING"}"#,
                "o",
                State::non_terminal("PENDING"),
            ),
            (
                r#"{"type":"BNPL_ORDER_STATUS_UPDATED","order_id":"o","order_status":"NEW"}"#,
                "o",
                State::Notice,
            ),
            (
                r#"{"type":"OFFER_TRANSACTION_STATUS_UPDATED","transaction_id":"t","transaction_status":"FAILED"}"#,
                "t",
                State::terminal("FAILED"),
            ),
            (
                r#"{"type":"OFFER_TRANSACTION_DISPUTE_STATUS_UPDATED","transaction_id":"t","transaction_status":"NEW"}"#,
                "dispute:t",
                State::non_terminal("NEW"),
            ),
            (
                r#"{"type":"BNPL_DISBURSEMENT_REQUIREMENT_STATUS_UPDATED","order_id":"o","requirement_type":"INVOICE",
                    "is_fulfilled":true}"#,
                "requirement:o:INVOICE",
                State::terminal("fulfilled"),
            ),
            (r#"{"type":"SOMETHING_NEW","order_id":"o"}"#, "event-1", State::Notice),
            ("[]", "event-1", State::Notice),
        ] {
            let event = read(body);
            assert_eq!((event.subject().as_ref(), event.state()), (subject, state), "{body}");
        }
    }

    #[test]
    fn a_known_type_without_its_members_is_refused_at_the_member() {
        let body = br#"{"type":"BNPL_ORDER_STATUS_UPDATED","order_status":"PAID"}"#;
        let error = WebhookEvent::read("e", "1", body).expect_err("refused");
        assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some("order_id")));
    }

    #[test]
    fn nothing_of_a_person_is_shown() {
        let event = read(
            r#"{"type":"OFFER_TRANSACTION_STATUS_UPDATED","transaction_id":"t","transaction_status":"PENDING",
                "credify_id":"e429d009-e2f5-4715-a051-d728e2876160","name":"Jane"}"#,
        );
        let shown = format!("{event:?}");
        assert!(!shown.contains("e429d009") && !shown.contains("Jane"), "{shown}");
    }

    #[test]
    fn any_side_member_may_be_anything() {
        for (strict, message) in [
            (
                &["type", "transaction_id", "transaction_status"][..],
                serde_json::json!({"type": "OFFER_TRANSACTION_STATUS_UPDATED", "transaction_id": "t",
                    "transaction_status": "FAILED", "credify_id": "c", "offer_code": "o", "other": {"a": [1]}}),
            ),
            (
                &["type", "order_id", "requirement_type", "is_fulfilled"],
                serde_json::json!({"type": "BNPL_DISBURSEMENT_REQUIREMENT_STATUS_UPDATED", "order_id": "o",
                    "requirement_type": "INVOICE", "is_fulfilled": true, "from_provider": true}),
            ),
        ] {
            crate::wire::unread::property::holds(
                &[message],
                strict,
                |body| WebhookEvent::read("event-1", "2022-05-24T09:37:05Z", body),
                WebhookEvent::unread,
                |event| format!("{:?} {:?}", event.payload, event.state()),
            );
        }
    }
}
