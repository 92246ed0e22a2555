//! Socket of a connection, with injected faults.
//!
//! hyper writes a complete and correct answer; the [`Wire`] lets only a part of it through, and then closes, resets or
//! falls silent. So every broken response is a true one up to the byte where it breaks.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Sleep,
};

const END_OF_HEAD: &[u8; 4] = b"\r\n\r\n";

/// Early end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// An orderly close (FIN).
    Close,
    /// A reset (RST).
    Reset,
}

/// Action on the next response.
#[derive(Clone, Copy, Debug)]
pub(super) enum Plan {
    /// After the head and so many bytes of the body, the end; `None`: silence for ever.
    Break { after: u64, then: Option<End> },
    /// The body in pieces of so many bytes, with a wait in front of each.
    Drip { piece: usize, every: Duration },
}

/// Commands the wire of one connection, from the service that answers on it.
#[derive(Clone, Default)]
pub(super) struct Control(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    plan: Option<Plan>,
    /// How many bytes of [`END_OF_HEAD`] were just written; all four: the head is out.
    head: usize,
    end: Option<End>,
    waker: Option<Waker>,
}

impl Control {
    /// Sets what happens to the next response.
    pub(super) fn plan(&self, plan: Plan) {
        self.with(|state| {
            state.plan = Some(plan);
            state.head = 0;
        });
    }

    /// Lets the next response through as it is.
    pub(super) fn clear(&self) {
        self.with(|state| state.plan = None);
    }

    /// Ends the connection at once. The service should wait for ever afterwards.
    pub(super) fn end(&self, end: End) {
        let waker = self.with(|state| {
            state.end.get_or_insert(end);
            state.waker.take()
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits until the connection is to end.
    pub(super) async fn ended(&self) {
        std::future::poll_fn(|context| {
            self.with(|state| {
                if state.end.is_some() {
                    return Poll::Ready(());
                }
                state.waker = Some(context.waker().clone());
                Poll::Pending
            })
        })
        .await;
    }

    fn with<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What the state allows for the bytes at hand.
enum Leave {
    Write(usize),
    Rest(usize, Duration),
    Silence,
    End(End),
}

impl State {
    fn leave(&self, bytes: &[u8]) -> Leave {
        let Some(plan) = self.plan else { return Leave::Write(bytes.len()) };
        let head = head_bytes(self.head, bytes).0;
        if head > 0 {
            return Leave::Write(head);
        }
        match plan {
            Plan::Break { after: 0, then: Some(end) } => Leave::End(end),
            Plan::Break { after: 0, then: None } => Leave::Silence,
            Plan::Break { after, .. } => {
                Leave::Write(usize::try_from(after).unwrap_or(usize::MAX).min(bytes.len()))
            }
            Plan::Drip { piece, every } => Leave::Rest(piece.clamp(1, bytes.len()), every),
        }
    }

    fn written(&mut self, bytes: &[u8]) {
        let (head, matched) = head_bytes(self.head, bytes);
        self.head = matched;
        if let Some(Plan::Break { after, .. }) = &mut self.plan {
            *after = after.saturating_sub((bytes.len() - head) as u64);
        }
    }
}

/// How many of the bytes still belong to the head, and how much of its end is matched behind them.
fn head_bytes(mut matched: usize, bytes: &[u8]) -> (usize, usize) {
    let mut head = 0;
    while head < bytes.len() && matched < END_OF_HEAD.len() {
        matched = match bytes[head] {
            byte if byte == END_OF_HEAD[matched] => matched + 1,
            b'\r' => 1,
            _ => 0,
        };
        head += 1;
    }
    (head, matched)
}

pub(super) struct Wire {
    stream: TcpStream,
    control: Control,
    rest: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, control: Control) -> Self {
        Self { stream, control, rest: None }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.control.with(|state| state.end) == Some(End::Reset) {
            reset_when_dropped(&self.stream);
        }
    }
}

/// Has the coming close sent as a reset.
pub(super) fn reset_when_dropped(stream: &TcpStream) {
    // Its successor `set_zero_linger` is younger than the oldest tokio that this crate allows. A linger of zero never
    // blocks, which is what the deprecation warns of.
    #[allow(deprecated)]
    let _ = stream.set_linger(Some(Duration::ZERO));
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        }
        let allowed = match self.control.with(|state| state.leave(bytes)) {
            Leave::Write(allowed) => allowed,
            Leave::Rest(allowed, every) => {
                let rest = self.rest.get_or_insert_with(|| Box::pin(tokio::time::sleep(every)));
                ready!(rest.as_mut().poll(context));
                allowed
            }
            Leave::Silence => return Poll::Pending,
            Leave::End(end) => {
                self.control.end(end);
                return Poll::Pending;
            }
        };
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, &bytes[..allowed]))?;
        self.rest = None;
        self.control.with(|state| state.written(&bytes[..written]));
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_head_is_found_across_writes() {
        assert_eq!(head_bytes(0, b"HTTP/1.1 200 OK\r\n\r\nbody"), (19, 4));
        assert_eq!(head_bytes(0, b"a: b\r\n"), (6, 2));
        assert_eq!(head_bytes(2, b"\r\nbody"), (2, 4));
        assert_eq!(head_bytes(2, b"c: d"), (4, 0));
        assert_eq!(head_bytes(1, b"\r\n\r\nbody"), (4, 4));
        assert_eq!(head_bytes(4, b"body"), (0, 4));
    }
}
