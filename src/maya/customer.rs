//! One customer's tokens over time: used while they are good, refreshed once when they are not, kept before they are
//! used.

use std::{
    fmt,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use http::HeaderValue;

use super::{Client, CustomerTokens, EncryptedProfile, PROVIDER, Profile, credentials::CustomerToken};
use crate::{
    error::{Effect, Error, ErrorKind},
    inbox::Verified,
    privacy::Pii,
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
    fn keep(&self, tokens: CustomerTokens) -> BoxFuture<'_, Result<(), Error>>;
}

impl<F, Fut> TokenStore for F
where
    F: Fn(CustomerTokens) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), Error>> + Send + 'static,
{
    fn keep(&self, tokens: CustomerTokens) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(self(tokens))
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
/// - A refresh whose outcome is unknown (a timeout, a broken connection, a 5xx) is not repeated: Maya may have taken
///   the refresh token already. Calls go on with the access token until its end, and then fail with the same error
///   until [`refresh`](Self::refresh) is called by name or Maya pushes new tokens to [`replace`](Self::replace).
/// - Once a profile was read, a profile of another customer is refused.
///
/// The tokens of a customer who is active in two processes need the same care there: let one process refresh.
#[derive(Clone)]
pub struct Customer(Arc<Inner>);

struct Inner {
    client: Client,
    keeper: Box<dyn TokenStore>,
    state: Mutex<State>,
}

struct State {
    /// The newest pair that was kept.
    tokens: CustomerTokens,
    /// A newer pair that is not kept yet.
    unkept: Option<CustomerTokens>,
    work: Option<Work>,
    /// The refresh whose outcome is not known.
    doubtful: Option<Arc<Error>>,
    /// After a failure: not before this moment again, as long as the access token serves.
    rest_until: Option<SystemTime>,
    /// Whose profile was read.
    id: Option<Pii<String>>,
}

type Outcome = Result<CustomerTokens, Arc<Error>>;

/// What is being done to the tokens. There is one at a time.
#[derive(Clone)]
struct Work {
    outcome: Shared<BoxFuture<'static, Outcome>>,
    refreshes: bool,
}

enum Step {
    Use(CustomerTokens),
    Fail(Arc<Error>),
    Wait(Work),
}

impl Client {
    /// A customer whose tokens this client keeps fresh: what most applications use. See [`Customer`].
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
        let state = State { tokens, unkept: None, work: None, doubtful: None, rest_until: None, id: None };
        Self(Arc::new(Inner { client, keeper: Box::new(keeper), state: Mutex::new(state) }))
    }

    /// Says whose profile is expected: a profile with another `id` is refused.
    #[must_use]
    pub fn expecting(self, id: impl Into<String>) -> Self {
        self.state().id = Some(Pii::new(id.into()));
        self
    }

    /// Reads the customer's profile. The tokens are refreshed first when less than a minute of them is left.
    ///
    /// # Errors
    ///
    /// [`Authentication`](ErrorKind::Authentication) when Maya refuses a token that is not past its end, also with a
    /// fresh client token: call [`refresh`](Self::refresh) and try again; when that is refused too, only the customer
    /// can help, by opening the Mini App again. [`Store`](ErrorKind::Store) when new tokens could not be kept. For an
    /// id other than the expected one [`ProviderId`](ErrorKind::Provider) with the check `profile.id`. The others as for
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
        let mut state = self.state();
        match &state.id {
            Some(id) if id != profile.id() => {
                let error = Error::new(ErrorKind::Provider, "the profile is another customer's")
                    .with_check("profile.id")
                    .with_hint("it was thrown away; check whose tokens these are");
                Err(error.during(PROVIDER, "profile"))
            }
            Some(_) => Ok(profile),
            None => {
                state.id = Some(profile.id().clone());
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
            match self.step() {
                Step::Use(tokens) => return Ok(tokens),
                Step::Fail(error) => return Err(Error::duplicate(error)),
                Step::Wait(work) => {
                    let outcome = work.outcome.await;
                    match outcome {
                        Ok(tokens) if work.refreshes => return Ok(tokens),
                        Ok(_) => {}
                        // Whoever waited may still be served: with an access token that is good until its end.
                        Err(error) => return self.unexpired().ok_or_else(|| Error::duplicate(error)),
                    }
                }
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
            let work = {
                let mut state = self.state();
                state.work.clone().unwrap_or_else(|| {
                    // A pair that is there and not kept is newer than any that is asked for with the spent one.
                    let refreshes = state.unkept.is_none();
                    state.doubtful = None;
                    self.start(&mut state, refreshes)
                })
            };
            let outcome = work.outcome.await.map_err(Error::duplicate)?;
            if work.refreshes {
                return Ok(outcome);
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
            let (work, ours) = self.work_or_keep(&tokens);
            let outcome = work.outcome.await;
            if ours {
                return outcome.map(drop).map_err(Error::duplicate);
            }
            // What was under way ended first, so that what is kept last is what is used last.
        }
    }

    /// What is under way, or else the keeping of these tokens: true when it is that.
    fn work_or_keep(&self, tokens: &CustomerTokens) -> (Work, bool) {
        let mut state = self.state();
        if let Some(running) = &state.work {
            return (running.clone(), false);
        }
        state.unkept = Some(tokens.clone());
        state.doubtful = None;
        (self.start(&mut state, false), true)
    }

    fn step(&self) -> Step {
        let now = self.now();
        let mut state = self.state();
        if let Some(work) = &state.work {
            return Step::Wait(work.clone());
        }
        if state.unkept.is_some() {
            return Step::Wait(self.start(&mut state, false));
        }
        let left = state.tokens.expires_at().duration_since(now).unwrap_or_default();
        let expired = left.is_zero();
        if left >= AHEAD {
            return Step::Use(state.tokens.clone());
        }
        let resting = state.rest_until.is_some_and(|until| now < until);
        if !expired && (resting || state.doubtful.is_some()) {
            return Step::Use(state.tokens.clone());
        }
        if let Some(doubt) = &state.doubtful {
            return Step::Fail(Arc::clone(doubt));
        }
        Step::Wait(self.start(&mut state, true))
    }

    /// Starts the work as a task of its own: the refresh token is spent once the request is sent, so nobody who leaves
    /// may take the answer along.
    fn start(&self, state: &mut State, refreshes: bool) -> Work {
        let customer = self.clone();
        let work = async move {
            let outcome = AssertUnwindSafe(customer.work(refreshes)).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|_| Err(Error::store("the application's keeper panicked")));
            customer.settle(outcome.map_err(|error| Arc::new(error.during(PROVIDER, "refresh"))))
        };
        #[cfg(feature = "tracing")]
        let work = tracing::Instrument::in_current_span(work);
        let task = tokio::spawn(work);
        let outcome = async move {
            task.await.unwrap_or_else(|_| {
                let lost = Error::new(ErrorKind::Interrupted, "the runtime ended in the middle of a refresh");
                Err(Arc::new(lost.with_effect(Effect::Unknown).during(PROVIDER, "refresh")))
            })
        };
        let work = Work { outcome: outcome.boxed().shared(), refreshes };
        state.work = Some(work.clone());
        work
    }

    /// Refreshes where that is asked for, then keeps what is there to be kept.
    async fn work(&self, refreshes: bool) -> Result<(), Error> {
        if refreshes {
            let old = self.state().tokens.clone();
            let new = self.0.client.refresh(&old).await?;
            self.state().unkept = Some(new);
        }
        let unkept = self.state().unkept.clone();
        let Some(unkept) = unkept else { return Ok(()) };
        self.0.keeper.keep(unkept).await.map_err(|error| {
            let error = if error.kind() == ErrorKind::Store { error } else { Error::store(error) };
            error.with_hint("the new tokens are held in memory; call again, and they are offered again")
        })
    }

    /// Takes in how the work ended.
    fn settle(&self, outcome: Result<(), Arc<Error>>) -> Outcome {
        let rest_until = self.now() + REST;
        let mut state = self.state();
        state.work = None;
        match outcome {
            Ok(()) => {
                if let Some(kept) = state.unkept.take() {
                    state.tokens = kept;
                }
                state.doubtful = None;
                state.rest_until = None;
                Ok(state.tokens.clone())
            }
            Err(error) => {
                if error.may_have_taken_effect() {
                    state.doubtful = Some(Arc::clone(&error));
                }
                state.rest_until = Some(rest_until);
                Err(error)
            }
        }
    }

    /// The pair in use, while its access token serves and no newer one waits to be kept.
    fn unexpired(&self) -> Option<CustomerTokens> {
        let now = self.now();
        let state = self.state();
        (state.unkept.is_none() && !state.tokens.is_expired(now)).then(|| state.tokens.clone())
    }

    fn now(&self) -> SystemTime {
        self.0.client.clock().now()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer").field("tokens", &self.state().tokens).finish_non_exhaustive()
    }
}
