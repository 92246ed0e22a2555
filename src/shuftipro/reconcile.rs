//! Finding verifications whose callback was lost.

use std::time::{Duration, SystemTime};

use futures_util::stream::{self, BoxStream, StreamExt};

use super::{Client, model::VerificationResponse, request::Reference};
use crate::{error::Error, verified::Verified};

/// A verification whose end the application has not seen yet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenVerification {
    /// Its reference.
    pub reference: Reference,
    /// When it was last heard of: when it was started, or when the last callback came.
    pub heard: SystemTime,
}

impl OpenVerification {
    /// A verification that was last heard of at that time.
    pub fn new(reference: Reference, heard: SystemTime) -> Self {
        Self { reference, heard }
    }
}

/// What the sweep found of one verification.
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

impl Client {
    /// Asks for the status of each verification that was not heard of for so long, one after the other and within the
    /// client's rate limit, and gives what it found.
    ///
    /// The provider tries a callback ten times and then stops. Run this every hour or so over what is unfinished in
    /// your own store; `quiet` should be longer than a person needs for the page, such as its `ttl`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::shuftipro::Client, mine: Vec<kyckit::shuftipro::OpenVerification>) {
    /// use futures_util::StreamExt;
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
    pub fn reconcile<I>(&self, unfinished: I, quiet: Duration) -> BoxStream<'static, (Reference, Reconciled)>
    where
        I: IntoIterator<Item = OpenVerification>,
    {
        let now = self.clock().now();
        let due: Vec<_> = unfinished
            .into_iter()
            .filter(|one| now.duration_since(one.heard).is_ok_and(|silence| silence >= quiet))
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
        Box::pin(found)
    }
}
