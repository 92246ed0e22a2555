//! For tests: proves a store of your own against what its trait promises, and sends messages of a provider that exists
//! in tests only.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), kyckit::testkit::Broken> {
//! use kyckit::{storage::{MemoryInbox, MemoryOneTime}, testkit};
//!
//! testkit::check_inbox_store(async || MemoryInbox::new()).await?;
//! testkit::check_one_time_store(async || MemoryOneTime::new()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Run the checks on tokio's multi-threaded runtime: only there do fifty callers really come at once. Several stores may
//! share one database, and what the checks leave there does not disturb the next run, since each picks names of its own
//! that begin with `kyckit-check-`.

mod inbox;
mod one_time;
mod provider;

use std::{
    error::Error as StdError,
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::sync::Barrier;

pub use inbox::check_inbox_store;
pub use one_time::check_one_time_store;
pub use provider::{FakeEvent, FakeProvider};

use crate::{clock::Clock, error::Error};

/// A promise that a store did not keep. `Debug` and `Display` say which and how.
pub struct Broken {
    promise: &'static str,
    how: String,
    source: Option<Error>,
}

impl Broken {
    /// The promise as a stable word, such as `order` or `lease.exclusive`.
    pub fn promise(&self) -> &'static str {
        self.promise
    }

    fn store(promise: &'static str, error: Error) -> Self {
        Self { promise, how: format!("the store failed: {error}"), source: Some(error) }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store breaks the promise `{}`: {}", self.promise, self.how)
    }
}

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Broken {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

/// How many callers come at once.
const CALLERS: usize = 50;

/// Names of all kinds that are different, however alike some databases, file systems and URLs take them.
fn odd_names() -> Vec<String> {
    let mut names: Vec<String> = [
        "r-1",
        "R-1",
        " r-1",
        "r-1 ",
        "r",
        "r-",
        "r-1/",
        "r/1",
        "r%2F1",
        "r:1",
        "r.1",
        "r_1",
        "r*",
        "r?",
        "r[1]",
        "../r",
        "'",
        "\"",
        "\\",
        "';--",
        "${r}",
        "{r}",
        "null",
        "0",
        "00",
        "ß",
        "SS",
        "ss",
        "\u{e9}",
        "e\u{301}",
        "İ",
        "i",
        "日本語",
        "🪪",
        "\u{202e}r",
        "\u{200b}r",
        "\u{feff}r",
    ]
    .map(str::to_owned)
    .into();
    let long = "x".repeat(511);
    names.extend([format!("{long}a"), format!("{long}b"), "🪪".repeat(128)]);
    names
}

/// A mebibyte in which every byte occurs.
fn large() -> Vec<u8> {
    (0..=u8::MAX).collect::<Vec<_>>().repeat(4096)
}

/// The time at which every check begins.
fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A name that no other run has used.
fn fresh_name(promise: &'static str) -> Result<String, Broken> {
    let random = Clock::system().random::<12>().map_err(|error| Broken {
        promise,
        how: format!("the check could not begin: {error}"),
        source: None,
    })?;
    Ok(format!("kyckit-check-{}", hex::encode(random)))
}

/// Calls from many tasks at once; the outcomes in the order of the callers.
async fn at_once<S, T, F>(
    promise: &'static str,
    store: &Arc<S>,
    call: impl Fn(usize, Arc<S>) -> F,
) -> Result<Vec<T>, Broken>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(CALLERS));
    let tasks: Vec<_> = (0..CALLERS)
        .map(|index| {
            let (barrier, call) = (barrier.clone(), call(index, store.clone()));
            tokio::spawn(async move {
                barrier.wait().await;
                call.await
            })
        })
        .collect();
    let mut outcomes = Vec::with_capacity(CALLERS);
    for task in tasks {
        outcomes.push(task.await.map_err(|error| Broken {
            promise,
            how: format!("one of {CALLERS} calls at once did not return: {error}"),
            source: None,
        })?);
    }
    Ok(outcomes)
}

/// Fails with the promise of the check, unless the condition holds.
macro_rules! ensure {
    ($promise:expr, $condition:expr, $($how:tt)+) => {
        if !$condition {
            return Err($crate::testkit::Broken {
                promise: $promise,
                how: format!($($how)+),
                source: None,
            });
        }
    };
}
use ensure;
