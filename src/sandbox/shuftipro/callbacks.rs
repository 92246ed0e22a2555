//! Callbacks: signed, delivered, repeated, logged (contract section 10).
//!
//! They go to loopback and to hosts that were allowed by name. Callback URLs under the domains that RFC 2606 keeps for
//! examples are accepted, and their callbacks are logged as [`DeliveryState::Withheld`].

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::StatusCode;
use tokio::sync::{oneshot, watch};
use url::{Host, Url};

use crate::{clock::Clock, sandbox::server::Tasks};

/// Deliveries that are kept in the log.
const KEPT: usize = 10_000;

/// Retry policy of callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackPolicy {
    /// The maximum number of attempts. Default: 10, as the provider's support states.
    pub tries: u32,
    /// The pause between two tries. Default: 20 ms, so that tests need not wait; the provider's is not documented.
    pub interval: Duration,
    /// Timeout of an attempt. Default: 15 s.
    pub timeout: Duration,
}

impl Default for CallbackPolicy {
    fn default() -> Self {
        Self { tries: 10, interval: Duration::from_millis(20), timeout: Duration::from_secs(15) }
    }
}

/// A callback that is to be sent beside those that the sandbox sends by itself.
///
/// ```
/// use kyckit::sandbox::shuftipro::Callback;
///
/// let twice = Callback::current().copies(2);
/// let hint = Callback::of_event("request.data.changed");
/// let forged = Callback::current().wrongly_signed();
/// ```
#[derive(Clone, Debug)]
#[must_use = "a callback is sent by `deliver`"]
pub struct Callback {
    pub(super) event: Option<String>,
    pub(super) copies: u32,
    pub(super) delay: Duration,
    pub(super) signature: SignatureForm,
}

/// Signature of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignatureForm {
    Right,
    Wrong,
    Absent,
}

impl Callback {
    /// The present state of the verification, as the body of section 4.
    pub fn current() -> Self {
        Self { event: None, copies: 1, delay: Duration::ZERO, signature: SignatureForm::Right }
    }

    /// A body of two keys, `reference` and this event, such as `verification.status.changed`.
    pub fn of_event(event: impl Into<String>) -> Self {
        Self { event: Some(event.into()), ..Self::current() }
    }

    /// So many times, byte for byte the same.
    pub fn copies(mut self, copies: u32) -> Self {
        self.copies = copies;
        self
    }

    /// Late by so much, on tokio's timer. The body is that of now.
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Under a signature that does not fit.
    pub fn wrongly_signed(mut self) -> Self {
        self.signature = SignatureForm::Wrong;
        self
    }

    /// Without a signature.
    pub fn unsigned(mut self) -> Self {
        self.signature = SignatureForm::Absent;
        self
    }
}

/// In which order held callbacks are let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Order {
    /// As they came about.
    Queued,
    /// The latest first.
    Reversed,
}

/// A callback in the delivery log. `Debug` leaves out its body.
#[derive(Clone)]
#[non_exhaustive]
pub struct Delivery {
    /// A number of its own, counted from 1.
    pub id: u64,
    /// Reference of the verification.
    pub reference: String,
    /// Its event.
    pub event: String,
    /// The bytes that are sent.
    pub body: Bytes,
    /// The header `Signature` that is sent with them.
    pub signature: Option<String>,
    /// State of the delivery.
    pub state: DeliveryState,
    /// The tries so far: when, and the status of the response; `None` for no answer.
    pub tries: Vec<(SystemTime, Option<StatusCode>)>,
}

crate::privacy::redacted_debug!(Delivery { id, event, state, tries: |this| this.tries.len(), .. });

/// State of a delivery, in the back office's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryState {
    /// Waiting for the first attempt.
    Waiting,
    /// Acknowledged with 2xx.
    Delivered,
    /// The latest try failed; another follows.
    Failed,
    /// The last try failed.
    PermanentFailed,
    /// Never sent: the host is reserved for examples.
    Withheld,
}

/// A callback in delivery.
pub(super) struct Letter {
    pub(super) url: Url,
    pub(super) reference: String,
    pub(super) event: String,
    pub(super) body: Bytes,
    pub(super) signature: Option<String>,
    pub(super) delay: Duration,
}

/// Delivers callbacks.
pub(super) struct Courier {
    /// Made when the first callback is due: reading the machine's certificates takes longer than all the rest of a
    /// start. `None`: it could not be set up, so every try fails.
    http: OnceLock<Option<reqwest::Client>>,
    policy: CallbackPolicy,
    allowed: Vec<String>,
    clock: Clock,
    tasks: Tasks,
    under_way: watch::Sender<usize>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last: u64,
    log: VecDeque<Delivery>,
    /// Callbacks that wait for their release; `None`: nothing is held.
    held: Option<Vec<(u64, Letter)>>,
    /// By reference: tells when the first try of its latest callback is over.
    tails: HashMap<String, oneshot::Receiver<()>>,
}

impl Courier {
    pub(super) fn new(policy: CallbackPolicy, allowed: Vec<String>, clock: Clock, tasks: Tasks) -> Self {
        let (under_way, _) = watch::channel(0);
        Self { http: OnceLock::new(), policy, allowed, clock, tasks, under_way, state: Mutex::default() }
    }

    fn http(&self) -> Option<&reqwest::Client> {
        let make = || {
            let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
            builder.timeout(self.policy.timeout).build().ok()
        };
        self.http.get_or_init(make).as_ref()
    }

    /// True for URLs that an account may name: the sandbox's stand-in for the domains registered in the back office.
    pub(super) fn is_registered(&self, url: &Url) -> bool {
        self.may_send_to(url) || is_for_examples(url)
    }

    fn may_send_to(&self, url: &Url) -> bool {
        is_loopback(url)
            || url.host_str().is_some_and(|host| self.allowed.iter().any(|allowed| allowed == host))
    }

    /// Starts the delivery of a callback. Of one reference, the first tries keep their order; repetitions do not wait.
    pub(super) fn send(self: &Arc<Self>, letter: Letter) {
        let withheld = !self.may_send_to(&letter.url);
        let ready = self.with(|state| {
            state.last += 1;
            let id = state.last;
            if state.log.len() == KEPT {
                state.log.pop_front();
            }
            state.log.push_back(Delivery {
                id,
                reference: letter.reference.clone(),
                event: letter.event.clone(),
                body: letter.body.clone(),
                signature: letter.signature.clone(),
                state: if withheld { DeliveryState::Withheld } else { DeliveryState::Waiting },
                tries: Vec::new(),
            });
            match &mut state.held {
                _ if withheld => None,
                Some(held) => {
                    held.push((id, letter));
                    None
                }
                None => Some((id, letter)),
            }
        });
        if let Some((id, letter)) = ready {
            self.start(id, letter);
        }
    }

    pub(super) fn hold(&self) {
        self.with(|state| {
            state.held.get_or_insert_default();
        });
    }

    pub(super) fn release(self: &Arc<Self>, order: Order) {
        let mut held = self.with(|state| state.held.take()).unwrap_or_default();
        if order == Order::Reversed {
            held.reverse();
        }
        for (id, letter) in held {
            self.start(id, letter);
        }
    }

    pub(super) fn log(&self) -> Vec<Delivery> {
        self.with(|state| state.log.iter().cloned().collect())
    }

    /// Waits until every delivery has ended; held callbacks do not count.
    pub(super) async fn settled(&self) {
        let mut under_way = self.under_way.subscribe();
        // The sender lives as long as `self`.
        let _ = under_way.wait_for(|count| *count == 0).await;
    }

    fn start(self: &Arc<Self>, id: u64, letter: Letter) {
        let (first_try_over, tail) = oneshot::channel();
        // A late one is overtaken, so it neither waits nor is waited for.
        let late = !letter.delay.is_zero();
        let before =
            if late { None } else { self.with(|state| state.tails.insert(letter.reference.clone(), tail)) };
        self.under_way.send_modify(|count| *count += 1);
        let courier = Arc::clone(self);
        self.tasks.spawn(async move {
            if late {
                tokio::time::sleep(letter.delay).await;
            }
            if let Some(before) = before {
                // An error means that the one before is over as well.
                let _ = before.await;
            }
            courier.deliver(id, &letter, first_try_over).await;
            courier.under_way.send_modify(|count| *count -= 1);
        });
    }

    async fn deliver(&self, id: u64, letter: &Letter, first_try_over: oneshot::Sender<()>) {
        let mut first_try_over = Some(first_try_over);
        for attempt in 1..=self.policy.tries.max(1) {
            let at = self.clock.now();
            let status = self.attempt(letter).await;
            let delivered = status.is_some_and(|status| status.is_success());
            let last = attempt >= self.policy.tries;
            self.update(id, |delivery| {
                delivery.tries.push((at, status));
                delivery.state = match (delivered, last) {
                    (true, _) => DeliveryState::Delivered,
                    (false, true) => DeliveryState::PermanentFailed,
                    (false, false) => DeliveryState::Failed,
                };
            });
            drop(first_try_over.take());
            if delivered || last {
                return;
            }
            tokio::time::sleep(self.policy.interval).await;
        }
    }

    async fn attempt(&self, letter: &Letter) -> Option<StatusCode> {
        let mut request = self
            .http()?
            .post(letter.url.clone())
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(letter.body.clone());
        if let Some(signature) = &letter.signature {
            request = request.header("Signature", signature);
        }
        request.send().await.ok().map(|response| response.status())
    }

    fn update(&self, id: u64, change: impl FnOnce(&mut Delivery)) {
        self.with(|state| {
            // The latest are at the end, and those are the ones that change.
            if let Some(delivery) = state.log.iter_mut().rev().find(|delivery| delivery.id == id) {
                change(delivery);
            }
        });
    }

    fn with<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// The names that RFC 2606 keeps for examples and tests.
fn is_for_examples(url: &Url) -> bool {
    const TOP: [&str; 3] = ["example", "test", "invalid"];
    const SECOND: [&str; 3] = ["example.com", "example.net", "example.org"];
    let Some(Host::Domain(name)) = url.host() else { return false };
    let last = name.rsplit('.').next().unwrap_or_default();
    TOP.contains(&last)
        || SECOND.iter().any(|domain| {
            name.strip_suffix(domain).is_some_and(|front| front.is_empty() || front.ends_with('.'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_machine_unless_it_was_allowed() {
        let url = |text| Url::parse(text).expect("a URL");
        for own in ["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://127.9.9.9/"] {
            assert!(is_loopback(&url(own)), "{own}");
        }
        for other in ["http://10.0.0.1/", "http://localhost.example/", "http://0.0.0.0/", "http://a.de/"] {
            assert!(!is_loopback(&url(other)), "{other}");
        }
        assert!(is_for_examples(&url("https://backend.example.com/a")));
        assert!(is_for_examples(&url("https://a.test/")));
        assert!(!is_for_examples(&url("https://badexample.com/")));
        assert!(!is_for_examples(&url("https://example.com.evil.de/")));
    }
}
