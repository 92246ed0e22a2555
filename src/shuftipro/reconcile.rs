//! Reconciliation: finds verifications with a lost callback by polling their status.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use futures_util::{
    Stream,
    stream::{self, BoxStream, StreamExt},
};

use super::{Client, model::VerificationResponse, request::Reference};
use crate::{error::Error, verified::Verified};

/// A verification that has not ended yet, as far as the application has seen.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenVerification {
    /// Its reference.
    pub reference: Reference,
    /// When it was started, or when its last callback came.
    pub last_seen: SystemTime,
}

impl OpenVerification {
    /// A verification with the time of its start or of its last callback.
    pub fn new(reference: Reference, last_seen: SystemTime) -> Self {
        Self { reference, last_seen }
    }
}

/// What was found of one verification.
#[derive(Debug)]
#[non_exhaustive]
pub enum Reconciled {
    /// It has come to an end; the callback was lost.
    Ended(Box<Verified<VerificationResponse>>),
    /// It goes on.
    Open(Box<Verified<VerificationResponse>>),
    /// It could not be asked for; [`NotFound`](crate::ErrorKind::NotFound) means that it was never started.
    Failed(Error),
}

/// What [`Client::reconcile`] finds, one verification after the other: a `Stream`.
pub struct ReconcileStream(BoxStream<'static, (Reference, Reconciled)>);

impl ReconcileStream {
    /// The next verification and what was found of it; none at the end.
    pub async fn next(&mut self) -> Option<(Reference, Reconciled)> {
        self.0.next().await
    }
}

impl Stream for ReconcileStream {
    type Item = (Reference, Reconciled);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

crate::privacy::redacted_debug!(ReconcileStream);

impl Client {
    /// Asks for the status of each verification without news for so long, one after the other and within the client's
    /// rate limit, and gives what it found.
    ///
    /// The provider tries a callback ten times and then stops. Run this every hour or so over what is unfinished in
    /// your own store; `quiet` should be longer than a person needs for the page, such as its `ttl`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::shuftipro::Client, mine: Vec<kyckit::shuftipro::OpenVerification>) {
    /// use kyckit::shuftipro::Reconciled;
    ///
    /// let mut reconcile = client.reconcile(mine, std::time::Duration::from_secs(3600));
    /// while let Some((reference, found)) = reconcile.next().await {
    ///     if let Reconciled::Ended(answer) = found {
    ///         println!("{reference}: {:?}", answer.decision());
    ///     }
    /// }
    /// # }
    /// ```
    #[doc(alias = "polling")]
    pub fn reconcile<I>(&self, unfinished: I, quiet: Duration) -> ReconcileStream
    where
        I: IntoIterator<Item = OpenVerification>,
    {
        let now = self.clock().now();
        let due: Vec<_> = unfinished
            .into_iter()
            .filter(|one| now.duration_since(one.last_seen).is_ok_and(|since| since >= quiet))
            .map(|one| one.reference)
            .collect();
        let client = self.clone();
        let found = stream::iter(due).then(move |reference| {
            let client = client.clone();
            async move {
                let found = match client.status(&reference).await {
                    Ok(answer) if answer.event().is_terminal() => Reconciled::Ended(Box::new(answer)),
                    Ok(answer) => Reconciled::Open(Box::new(answer)),
                    Err(error) => Reconciled::Failed(error),
                };
                (reference, found)
            }
        });
        ReconcileStream(Box::pin(found))
    }
}
