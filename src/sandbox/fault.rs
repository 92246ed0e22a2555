//! Misbehaviour on demand.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use http::{Method, StatusCode};

/// Injected fault, for the next requests to a path.
///
/// Faults wait in the order in which they were put in; the first that fits a request is used up by it.
///
/// Most faults come *instead of* the provider's work: nothing happened, the caller may repeat. With
/// [`after_effect`](Self::after_effect) the work is done first and only its response breaks, so a caller that repeats
/// does it twice. The faults that break a true response ([`truncate`](Self::truncate),
/// [`stall_in_body`](Self::stall_in_body), [`drip`](Self::drip), the signatures, [`skew_date`](Self::skew_date)) always
/// come after the effect.
///
/// ```
/// use std::time::Duration;
/// use kyckit::sandbox::Fault;
///
/// // Two gateway errors, then as usual.
/// let gateway = Fault::on("/status").times(2).html(504);
/// // The verification is taken, but the caller never hears of it.
/// let lost = Fault::on("/").method(http::Method::POST).after_effect().reset();
/// // The third response is late.
/// let late = Fault::anywhere().after(2).delay(Duration::from_secs(5));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a fault does nothing until it is injected"]
pub struct Fault {
    path: Option<String>,
    method: Option<Method>,
    skip: usize,
    times: usize,
    pub(super) after_effect: bool,
    pub(super) delay: Option<Duration>,
    pub(super) date_skew: Option<i64>,
    pub(super) act: Act,
}

/// Value of `Retry-After` in a 429 (RFC 9110, section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// The header is absent.
    Absent,
    /// A number of seconds.
    Seconds(u64),
    /// An HTTP date so many seconds after the sandbox's now.
    Date(u64),
}

#[derive(Clone, Debug)]
pub(super) enum Act {
    Respond,
    ResetOnConnect,
    ResetBeforeReading,
    Reset,
    Close,
    Stall,
    StallInBody,
    Truncate,
    Oversize(Option<u64>),
    GzipBomb(u64),
    Html(StatusCode),
    InvalidJson,
    Status(StatusCode),
    RateLimited(RetryAfter),
    Redirect(StatusCode, String),
    WrongSignature,
    NoSignature,
    Drip(usize, Duration),
}

impl Act {
    /// True when there is nothing to break without the true response.
    pub(super) fn needs_answer(&self) -> bool {
        matches!(
            self,
            Self::Respond
                | Self::StallInBody
                | Self::Truncate
                | Self::WrongSignature
                | Self::NoSignature
                | Self::Drip(..)
        )
    }
}

/// Target and count of a fault.
impl Fault {
    /// Creates a fault for requests to this path, as the server sees it: `/status`; with `*` at the end, for all that
    /// begin so.
    pub fn on(path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..Self::anywhere() }
    }

    /// Creates a fault for requests to every path.
    pub fn anywhere() -> Self {
        Self {
            path: None,
            method: None,
            skip: 0,
            times: 1,
            after_effect: false,
            delay: None,
            date_skew: None,
            act: Act::Respond,
        }
    }

    /// Restricts the fault to this method.
    pub fn method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Sets the number of requests. Default: one.
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Applies to every matching request until the faults are cleared.
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }

    /// Not for the first so many fitting requests.
    pub fn after(mut self, requests: usize) -> Self {
        self.skip = requests;
        self
    }

    /// The request is carried out, then its response breaks.
    pub fn after_effect(mut self) -> Self {
        self.after_effect = true;
        self
    }
}

/// What happens; the last one named counts. [`delay`](Fault::delay) and [`skew_date`](Fault::skew_date) go together
/// with any other.
impl Fault {
    /// A new connection is reset as soon as it is accepted, so no request leaves. Path and method play no part, and
    /// connections that are kept alive are spared.
    pub fn reset_on_connect(self) -> Self {
        self.doing(Act::ResetOnConnect)
    }

    /// The connection is reset when the head of the request was read (the path stands in it) and nothing of its body.
    /// [`after_effect`](Fault::after_effect) plays no part.
    pub fn reset_before_reading(self) -> Self {
        self.doing(Act::ResetBeforeReading)
    }

    /// The connection is reset when the whole request was read.
    pub fn reset(self) -> Self {
        self.doing(Act::Reset)
    }

    /// The connection is closed in good order when the whole request was read, without a response.
    pub fn close(self) -> Self {
        self.doing(Act::Close)
    }

    /// The request is read, and nothing ever comes back.
    pub fn stall(self) -> Self {
        self.doing(Act::Stall)
    }

    /// Head and half of the body come, then nothing more; the connection stays open.
    pub fn stall_in_body(self) -> Self {
        self.doing(Act::StallInBody)
    }

    /// Head and half of the body come, then the connection is closed: `Content-Length` promised more.
    pub fn truncate(self) -> Self {
        self.doing(Act::Truncate)
    }

    /// A body of so many bytes without an announced length.
    pub fn oversize(self, bytes: u64) -> Self {
        self.doing(Act::Oversize(Some(bytes)))
    }

    /// A body without end.
    pub fn endless(self) -> Self {
        self.doing(Act::Oversize(None))
    }

    /// A small gzip body that inflates to so many bytes, rounded up to whole MiB.
    pub fn gzip_bomb(self, inflated: u64) -> Self {
        self.doing(Act::GzipBomb(inflated))
    }

    /// An HTML page with this status, as gateways send them; 524 is the content network's own timeout.
    ///
    /// # Panics
    ///
    /// When the status is not between 100 and 999.
    pub fn html(self, status: u16) -> Self {
        self.doing(Act::Html(code(status)))
    }

    /// Status 200 with `application/json` and a text that breaks off in the middle.
    pub fn invalid_json(self) -> Self {
        self.doing(Act::InvalidJson)
    }

    /// This status with an empty body.
    ///
    /// # Panics
    ///
    /// When the status is not between 100 and 999.
    pub fn status(self, status: u16) -> Self {
        self.doing(Act::Status(code(status)))
    }

    /// Status 429.
    pub fn rate_limited(self, retry_after: RetryAfter) -> Self {
        self.doing(Act::RateLimited(retry_after))
    }

    /// A redirect, such as 307 to another origin.
    ///
    /// # Panics
    ///
    /// When the status is not between 100 and 999.
    pub fn redirect(self, status: u16, location: impl Into<String>) -> Self {
        self.doing(Act::Redirect(code(status), location.into()))
    }

    /// The true response under a signature that does not fit.
    pub fn wrong_signature(self) -> Self {
        self.doing(Act::WrongSignature)
    }

    /// The true response without its signature.
    pub fn no_signature(self) -> Self {
        self.doing(Act::NoSignature)
    }

    /// The true response, its body in pieces of so many bytes with a wait in front of each.
    pub fn drip(self, bytes: usize, every: Duration) -> Self {
        self.doing(Act::Drip(bytes, every))
    }

    /// The `Date` header is off by so many seconds; negative is the past.
    pub fn skew_date(mut self, seconds: i64) -> Self {
        self.date_skew = Some(seconds);
        self
    }

    /// The response is late: the wait comes before the effect, or behind it with
    /// [`after_effect`](Fault::after_effect). It is waited with tokio's timer.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    fn doing(mut self, act: Act) -> Self {
        self.act = act;
        self
    }

    /// The name in the log.
    pub(super) fn name(&self) -> &'static str {
        match &self.act {
            Act::Respond if self.date_skew.is_some() => "skew_date",
            Act::Respond if self.delay.is_some() => "delay",
            Act::Respond => "none",
            Act::ResetOnConnect => "reset_on_connect",
            Act::ResetBeforeReading => "reset_before_reading",
            Act::Reset => "reset",
            Act::Close => "close",
            Act::Stall => "stall",
            Act::StallInBody => "stall_in_body",
            Act::Truncate => "truncate",
            Act::Oversize(Some(_)) => "oversize",
            Act::Oversize(None) => "endless",
            Act::GzipBomb(_) => "gzip_bomb",
            Act::Html(_) => "html",
            Act::InvalidJson => "invalid_json",
            Act::Status(_) => "status",
            Act::RateLimited(_) => "rate_limited",
            Act::Redirect(..) => "redirect",
            Act::WrongSignature => "wrong_signature",
            Act::NoSignature => "no_signature",
            Act::Drip(..) => "drip",
        }
    }

    fn fits(&self, method: &Method, path: &str) -> bool {
        let path_fits = self.path.as_deref().is_none_or(|wanted| match wanted.strip_suffix('*') {
            Some(front) => path.starts_with(front),
            None => path == wanted,
        });
        path_fits && self.method.as_ref().is_none_or(|wanted| wanted == method)
    }
}

/// The author of a test writes the number down, so a wrong one is his mistake and no input.
#[allow(clippy::expect_used)]
fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("an HTTP status has three digits")
}

/// The faults that wait.
#[derive(Default)]
pub(super) struct Faults(Mutex<VecDeque<Fault>>);

impl Faults {
    pub(super) fn push(&self, fault: Fault) {
        self.with(|faults| faults.push_back(fault));
    }

    pub(super) fn clear(&self) {
        self.with(VecDeque::clear);
    }

    pub(super) fn len(&self) -> usize {
        self.with(|faults| faults.len())
    }

    /// The fault for this request, if any.
    pub(super) fn take(&self, method: &Method, path: &str) -> Option<Fault> {
        self.take_if(|fault| !matches!(fault.act, Act::ResetOnConnect) && fault.fits(method, path))
    }

    /// True when the connection that was just accepted is to be reset.
    pub(super) fn take_on_connect(&self) -> bool {
        self.take_if(|fault| matches!(fault.act, Act::ResetOnConnect)).is_some()
    }

    fn take_if(&self, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        self.with(|faults| {
            let mut index = 0;
            while let Some(fault) = faults.get_mut(index) {
                if fault.times == 0 {
                    faults.remove(index);
                } else if !fits(fault) {
                    index += 1;
                } else if fault.skip > 0 {
                    fault.skip -= 1;
                    index += 1;
                } else {
                    let taken = fault.clone();
                    if fault.times != usize::MAX {
                        fault.times -= 1;
                    }
                    if fault.times == 0 {
                        faults.remove(index);
                    }
                    return Some(taken);
                }
            }
            None
        })
    }

    fn with<R>(&self, act: impl FnOnce(&mut VecDeque<Fault>) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An HTTP date (RFC 9110, section 5.6.7).
pub(super) fn http_date(at: SystemTime) -> String {
    let format = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    time::OffsetDateTime::from(at).format(format).unwrap_or_default()
}

/// A moment that is so many seconds away.
pub(super) fn shifted(at: SystemTime, seconds: i64) -> SystemTime {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let moved = if seconds < 0 { at.checked_sub(distance) } else { at.checked_add(distance) };
    moved.unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(faults: &Faults, requests: &[(&Method, &str)]) -> Vec<&'static str> {
        requests
            .iter()
            .map(|(method, path)| faults.take(method, path).map_or("-", |fault| fault.name()))
            .collect()
    }

    #[test]
    fn faults_are_used_up_in_order_by_the_requests_they_fit() {
        let (get, post) = (&Method::GET, &Method::POST);
        let faults = Faults::default();
        faults.push(Fault::on("/a").times(2).stall());
        faults.push(Fault::on("/b/*").method(Method::POST).reset());
        faults.push(Fault::anywhere().after(1).close());
        let got = names(
            &faults,
            &[(get, "/a"), (get, "/b/1"), (post, "/b/1"), (get, "/a"), (get, "/a"), (get, "/a")],
        );
        // GET /b/1 fits the third fault only, and uses up its `after`.
        assert_eq!(got, ["stall", "-", "reset", "stall", "close", "-"]);
        assert_eq!(faults.len(), 0);
    }

    #[test]
    fn always_goes_on_and_connections_are_apart() {
        let faults = Faults::default();
        faults.push(Fault::anywhere().always().invalid_json());
        faults.push(Fault::anywhere().reset_on_connect());
        assert_eq!(names(&faults, &[(&Method::GET, "/"); 3]), ["invalid_json"; 3]);
        assert!(faults.take_on_connect());
        assert!(!faults.take_on_connect());
        faults.clear();
        assert_eq!(names(&faults, &[(&Method::GET, "/")]), ["-"]);
    }

    #[test]
    fn dates_are_http_dates() {
        // RFC 9110, section 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT is 784111777.
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http_date(shifted(at, -37)), "Sun, 06 Nov 1994 08:49:00 GMT");
    }
}
