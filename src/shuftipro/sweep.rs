//! Finding verifications whose callback was lost.

use std::time::{Duration, SystemTime};

use futures_util::stream::{self, BoxStream, StreamExt};

use super::{Client, model::Answer, request::Reference};
use crate::{callback::Verified, error::Error};

/// A verification whose end the application has not seen yet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unfinished {
    /// Its reference.
    pub reference: Reference,
    /// When it was last heard of: when it was started, or when the last callback came.
    pub heard: SystemTime,
}

impl Unfinished {
    /// A verification that was last heard of at that time.
    pub fn new(reference: Reference, heard: SystemTime) -> Self {
        Self { reference, heard }
    }
}

/// What the sweep found of one verification.
#[derive(Debug)]
#[non_exhaustive]
pub enum Swept {
    /// It has come to an end; the callback was lost.
    Ended(Box<Verified<Answer>>),
    /// It goes on.
    Open(Box<Verified<Answer>>),
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
    /// # async fn run(client: kyckit::shuftipro::Client, mine: Vec<kyckit::shuftipro::Unfinished>) {
    /// use futures_util::StreamExt;
    /// use kyckit::shuftipro::Swept;
    ///
    /// let mut sweep = client.sweep(mine, std::time::Duration::from_secs(3600));
    /// while let Some((reference, found)) = sweep.next().await {
    ///     if let Swept::Ended(answer) = found {
    ///         println!("{reference}: {:?}", answer.decision());
    ///     }
    /// }
    /// # }
    /// ```
    pub fn sweep<I>(&self, unfinished: I, quiet: Duration) -> BoxStream<'static, (Reference, Swept)>
    where
        I: IntoIterator<Item = Unfinished>,
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
                    Ok(answer) if answer.event().is_terminal() => Swept::Ended(Box::new(answer)),
                    Ok(answer) => Swept::Open(Box::new(answer)),
                    Err(error) => Swept::Failed(error),
                };
                (reference, found)
            }
        });
        Box::pin(found)
    }
}
