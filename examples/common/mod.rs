//! What the examples share: output for people, and errors in one line.

#![allow(dead_code, unused_macros, unused_imports, reason = "each example uses a part of it")]

use std::{error::Error, fmt, io, process::ExitCode, time::SystemTime};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::net::TcpListener;

/// Prints a line. Ends the program quietly when its output is closed, as by `head`.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        if writeln!(std::io::stdout(), $($text)*).is_err() {
            std::process::exit(0);
        }
    }};
}
pub(crate) use say;

/// Runs an example: `--help` prints the usage and succeeds; an error is one line.
pub async fn run<F>(usage: &str, example: F) -> ExitCode
where
    F: Future<Output = Result<(), Box<dyn Error>>>,
{
    if std::env::args().skip(1).any(|argument| argument == "--help" || argument == "-h") {
        say!("{usage}");
        return ExitCode::SUCCESS;
    }
    match example.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Listens on `HOST` (127.0.0.1) and `PORT` (8080; 0 is a free one).
///
/// # Errors
///
/// One line that names the address and the setting.
pub async fn listen() -> Result<TcpListener, Box<dyn Error>> {
    let host = std::env::var("HOST").unwrap_or_else(|_| "127.0.0.1".to_owned());
    let port = std::env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    let port: u16 = port.parse().map_err(|_| format!("PORT is no port number: {port}"))?;
    let listener = TcpListener::bind((host.as_str(), port)).await;
    listener.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => format!("port {port} is in use: set PORT to another one").into(),
        _ => format!("cannot listen on {host}:{port}: {error}").into(),
    })
}

/// A time as RFC 3339, in whole seconds.
pub fn rfc3339(time: SystemTime) -> String {
    let time = OffsetDateTime::from(time);
    let time = time.replace_nanosecond(0).unwrap_or(time);
    time.format(&Rfc3339).unwrap_or_else(|_| "-".to_owned())
}

/// The name of an enum's variant in words: `NeedsAction` as `needs action`.
pub fn words(value: &impl fmt::Debug) -> String {
    let text = format!("{value:?}");
    let name = text.split(|char: char| !char.is_alphanumeric()).next().unwrap_or_default();
    let mut words = String::new();
    for char in name.chars() {
        if char.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(char.to_lowercase());
    }
    words
}
