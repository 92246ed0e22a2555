//! One customer's tokens over time: used while they are good, refreshed once when they are not, kept before they are
//! used.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use http::HeaderValue;

use super::{Client, CustomerTokens, EncryptedProfile, PROVIDER, Profile, credentials::CustomerToken};
use crate::{
    auth::refresh::{Failure, Fresh, Lifetime, Refresh, RefreshPolicy},
    error::{Effect, Error, ErrorKind},
    privacy::Pii,
    verified::Verified,
};

/// How long before the end of the access token the pair is refreshed.
const AHEAD: Duration = Duration::from_secs(60);
/// How long a failed refresh is left alone while the old access token still serves.
const REST: Duration = Duration::from_secs(5);

/// Where the application keeps a customer's tokens.
///
/// Every new pair comes here before it is used. A function is one:
///
/// ```
/// use kyckit::{Error, maya::{CustomerTokens, TokenStore}};
///
/// fn keeper(customer: u64) -> impl TokenStore {
///     move |tokens: CustomerTokens| async move {
///         // update customers set tokens = encrypt(tokens.to_json()) where id = customer
///         let _ = (customer, tokens);
///         Ok::<(), Error>(())
///     }
/// }
/// ```
pub trait TokenStore: Send + Sync + 'static {
    /// Puts the pair in the place of the one before, durably, before it returns. It may be given the same pair again.
    ///
    /// # Errors
    ///
    /// When the pair is not kept. It is then not used; it stays in memory and is offered again at the next call.
    fn keep(&self, tokens: CustomerTokens) -> impl Future<Output = Result<(), Error>> + Send;
}

impl<F, Fut> TokenStore for F
where
    F: Fn(CustomerTokens) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), Error>> + Send + 'static,
{
    fn keep(&self, tokens: CustomerTokens) -> impl Future<Output = Result<(), Error>> + Send {
        self(tokens)
    }
}

/// One customer of the Mini App: holds the newest tokens and refreshes them when that is due. Clones are the same
/// customer; use one for each customer in a process.
///
/// What it promises:
///
/// - However many calls find the tokens expired, they are refreshed once; all wait, and all go on with the new pair.
/// - A new pair is handed to [`TokenStore`] first and used second, so that a crash never leaves a spent pair as the
///   only one on record. When keeping fails, nothing is used and nothing is lost: the pair stays in memory, calls
///   fail with [`Store`](ErrorKind::Store), and the next one offers the same pair again, without another refresh.
/// - A refresh runs to its end although the calls that wait for it are dropped.
/// - A refresh with an unknown outcome (a timeout, a broken connection, a 5xx) is not repeated: Maya may have taken
///   the refresh token already. Calls go on with the access token until its end, and then fail with the same error
///   until [`refresh`](Self::refresh) is called by name or Maya pushes new tokens to [`replace`](Self::replace).
/// - Once a profile was read, a profile of another customer is refused.
///
/// The tokens of a customer who is active in two processes need the same care there: let one process refresh.
#[derive(Clone)]
pub struct Customer(Arc<Inner>);

struct Inner {
    client: Client,
    tokens: Arc<Tokens>,
    cache: Refresh<Pair>,
    /// The customer of the profile that was read.
    id: Mutex<Option<Pii<String>>>,
}

/// A pair that was kept.
#[derive(Clone)]
struct Pair {
    tokens: CustomerTokens,
    /// Whether it came of a refresh just now, and not from the outside.
    refreshed: bool,
}

/// Fetches pairs: keeps the one that is not kept yet, or else refreshes the newest one and keeps what came.
struct Tokens {
    client: Client,
    keeper: Box<dyn KeepTokens>,
    state: Mutex<State>,
}

struct State {
    /// The newest pair that was kept.
    kept: CustomerTokens,
    /// A newer pair that is not kept yet.
    unkept: Option<CustomerTokens>,
}

/// A [`TokenStore`] behind a pointer.
trait KeepTokens: Send + Sync + 'static {
    fn keep_boxed(&self, tokens: CustomerTokens) -> BoxFuture<'_, Result<(), Error>>;
}

impl<S: TokenStore> KeepTokens for S {
    fn keep_boxed(&self, tokens: CustomerTokens) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(self.keep(tokens))
    }
}

impl Client {
    /// A customer with tokens that this client keeps fresh: what most applications use. See [`Customer`].
    ///
    /// `keeper` is given every new pair of tokens before it is used.
    pub fn customer(&self, tokens: CustomerTokens, keeper: impl TokenStore) -> Customer {
        Customer::new(self.clone(), tokens, keeper)
    }
}

impl CustomerToken for Customer {
    fn header(&self) -> BoxFuture<'_, Result<HeaderValue, Error>> {
        Box::pin(async { self.tokens().await?.header_value() })
    }
}

impl Customer {
    fn new(client: Client, tokens: CustomerTokens, keeper: impl TokenStore) -> Self {
        let policy = RefreshPolicy {
            // A renewal of a minute is due when less than that is left.
            max_ahead: AHEAD - Duration::from_nanos(1),
            ahead_divisor: 1,
            // A refresh spends the pair that is in use.
            serve_while_renewing: false,
            // It runs to its end by itself.
            abandoned_after: None,
        };
        let first = fresh(tokens.clone(), false);
        let state = State { kept: tokens, unkept: None };
        let keeper = Box::new(keeper);
        let tokens = Arc::new(Tokens { client: client.clone(), keeper, state: Mutex::new(state) });
        let source = Arc::clone(&tokens);
        let fetch = move || Arc::clone(&source).fetch();
        let cache = Refresh::new(fetch, policy, client.clock().clone()).with_value(first);
        Self(Arc::new(Inner { client, tokens, cache, id: Mutex::default() }))
    }

    /// Sets the expected customer: a profile with another `id` is refused.
    #[must_use]
    pub fn expecting(self, id: impl Into<String>) -> Self {
        *lock(&self.0.id) = Some(Pii::new(id.into()));
        self
    }

    /// Reads the customer's profile. The tokens are refreshed first when less than a minute of them is left.
    ///
    /// # Errors
    ///
    /// [`Authentication`](ErrorKind::Authentication) when Maya refuses a token that is not past its end, also with a
    /// fresh client token: call [`refresh`](Self::refresh) and try again; when that is refused too, only the customer
    /// can help, by opening the Mini App again. [`Store`](ErrorKind::Store) when new tokens could not be kept. For an
    /// id other than the expected one [`Provider`](ErrorKind::Provider) with the check `profile.id`. The others as for
    /// [`Client::profile`].
    pub async fn profile(&self) -> Result<Verified<Profile>, Error> {
        let sealed = self.sealed_profile().await?;
        self.open(&sealed)
    }

    /// The first half of [`profile`](Self::profile): asks for it and leaves it closed, so that [`open`](Self::open)
    /// can run on a pool for blocking work.
    ///
    /// # Errors
    ///
    /// As [`profile`](Self::profile).
    pub async fn sealed_profile(&self) -> Result<EncryptedProfile, Error> {
        // Here for its error's sake; each attempt takes the newest pair again, right before it is sent.
        self.tokens().await?;
        self.0.client.ask_profile(self).await
    }

    /// The second half of [`profile`](Self::profile).
    ///
    /// # Errors
    ///
    /// As [`EncryptedProfile::open`], and for another customer's profile.
    pub fn open(&self, sealed: &EncryptedProfile) -> Result<Verified<Profile>, Error> {
        let profile = sealed.open()?;
        let mut expected = lock(&self.0.id);
        match &*expected {
            Some(id) if id != profile.id() => {
                let error = Error::new(ErrorKind::Provider, "the profile is another customer's")
                    .with_check("profile.id")
                    .with_hint("it was thrown away; check which customer these tokens belong to");
                Err(error.during(PROVIDER, "profile"))
            }
            Some(_) => Ok(profile),
            None => {
                *expected = Some(profile.id().clone());
                Ok(profile)
            }
        }
    }

    /// The newest tokens, refreshed first when less than a minute of them is left.
    ///
    /// # Errors
    ///
    /// Those of [`Client::refresh`] and of [`TokenStore`].
    pub async fn tokens(&self) -> Result<CustomerTokens, Error> {
        loop {
            let pair = self.0.cache.get().await?.value;
            // What came from outside and was kept just now may be over already.
            if pair.refreshed || !pair.tokens.is_expired(self.0.client.clock().now()) {
                return Ok(pair.tokens);
            }
        }
    }

    /// Refreshes the tokens now, whatever is left of them, and also when the outcome of an earlier refresh is unknown.
    /// Joins a refresh that is under way.
    ///
    /// # Errors
    ///
    /// As [`tokens`](Self::tokens).
    pub async fn refresh(&self) -> Result<CustomerTokens, Error> {
        loop {
            // A pair that is there and not kept is newer than any that is asked for with the spent one.
            let pair = self.0.cache.renew().await?.value;
            if pair.refreshed {
                return Ok(pair.tokens);
            }
        }
    }

    /// Takes tokens that Maya pushed for this customer in place of those that are there: the newest are the ones to
    /// use, whichever way they came. They are kept first, as refreshed ones are.
    ///
    /// # Errors
    ///
    /// Those of [`TokenStore`]; the tokens stay in memory then, as refreshed ones do.
    pub async fn replace(&self, tokens: CustomerTokens) -> Result<(), Error> {
        loop {
            let prepare = || lock(&self.0.tokens.state).unkept = Some(tokens.clone());
            let (work, ours) = self.0.cache.begin(prepare);
            let outcome = self.0.cache.wait(work).await;
            if ours {
                return outcome.map(drop).map_err(Error::duplicate);
            }
            // What was under way ended first, so that what is kept last is what is used last.
        }
    }
}

impl Tokens {
    /// Does it as a task of its own: the refresh token is spent once the request is sent, so a caller that leaves must
    /// not take the response along.
    fn fetch(self: Arc<Self>) -> BoxFuture<'static, Result<Fresh<Pair>, Failure>> {
        let work = async move {
            let outcome = AssertUnwindSafe(self.work()).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|_| Err(Error::store("the application's keeper panicked")));
            outcome.map_err(|error| self.failure(error.during(PROVIDER, "refresh")))
        };
        #[cfg(feature = "tracing")]
        let work = tracing::Instrument::in_current_span(work);
        let task = tokio::spawn(work);
        Box::pin(async move {
            task.await.unwrap_or_else(|_| {
                let lost = Error::new(ErrorKind::Interrupted, "the runtime ended in the middle of a refresh");
                Err(lost.with_effect(Effect::Unknown).during(PROVIDER, "refresh").into())
            })
        })
    }

    /// Refreshes unless there is a pair to be kept, then keeps what is there.
    async fn work(&self) -> Result<Fresh<Pair>, Error> {
        let (old, unkept) = {
            let state = lock(&self.state);
            (state.kept.clone(), state.unkept.clone())
        };
        let refreshed = unkept.is_none();
        let newest = match unkept {
            Some(unkept) => unkept,
            None => {
                let new = self.client.refresh(&old).await?;
                lock(&self.state).unkept = Some(new.clone());
                new
            }
        };
        self.keeper.keep_boxed(newest.clone()).await.map_err(|error| {
            let error = if error.kind() == ErrorKind::Store { error } else { Error::store(error) };
            error.with_hint("the new tokens are held in memory; call again, and they are offered again")
        })?;
        let mut state = lock(&self.state);
        state.kept = newest.clone();
        state.unkept = None;
        Ok(fresh(newest, refreshed))
    }

    /// A refresh with an unknown outcome is not repeated, and a pair that waits to be kept is the next to be used.
    fn failure(&self, error: Error) -> Failure {
        let old_serves = lock(&self.state).unkept.is_none();
        let doubtful = old_serves && error.may_have_taken_effect();
        let (cooldown, ttl) = if doubtful { (Duration::MAX, Duration::MAX) } else { (REST, Duration::ZERO) };
        Failure { error, cooldown, ttl, old_serves }
    }
}

fn fresh(tokens: CustomerTokens, refreshed: bool) -> Fresh<Pair> {
    let lifetime = Lifetime::Until(tokens.expires_at());
    Fresh { value: Pair { tokens, refreshed }, lifetime }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

crate::privacy::redacted_debug!(Customer { tokens: |this| lock(&this.0.tokens.state).kept, .. });
