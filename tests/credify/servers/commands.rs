//! The `curl` commands of an example's documentation, read as a shell reads them, and sent.

use std::{net::SocketAddr, process::Command};

use super::{Answer, call};

/// What a command asks for.
#[derive(Debug)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// The status that the documentation promises.
    pub status: u16,
}

impl Request {
    /// By its words, as `curl` understands them.
    fn new(words: &[String], address: SocketAddr, status: u16) -> Self {
        let (mut method, mut target, mut body, mut headers) = (None, None, None, Vec::new());
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().expect("a value").clone();
            match word.as_str() {
                "-i" => {}
                "-X" => method = Some(value()),
                "-d" => body = Some(value()),
                "-H" => {
                    let header = value();
                    let (name, value) = header.split_once(": ").expect("a header");
                    headers.push((name.to_owned(), value.to_owned()));
                }
                url => {
                    let rest = url.strip_prefix(&format!("http://{address}")).expect("the server's address");
                    assert!(target.replace(rest.to_owned()).is_none(), "{url} is one address too many");
                }
            }
        }
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
        }
        let default = if body.is_some() { "POST" } else { "GET" };
        Self {
            method: method.unwrap_or_else(|| default.to_owned()),
            target: target.expect("an address"),
            headers,
            body: body.unwrap_or_default(),
            status,
        }
    }

    pub async fn send(&self, address: SocketAddr) -> Answer {
        let answer = call(address, &self.method, &self.target, &self.headers, self.body.as_bytes()).await;
        answer.unwrap_or_else(|| panic!("{} {}: no answer", self.method, self.target))
    }

    /// Sends it, and holds the answer against the documentation.
    pub async fn answered(&self, address: SocketAddr, complaints: impl Fn() -> String) -> Answer {
        let answer = self.send(address).await;
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, self.status, "{} {}: {text} {}", self.method, self.target, complaints());
        answer
    }
}

/// The commands of the text blocks of a source's documentation, in their order. Those behind a comment that begins with
/// a number are answered with that status, the others with 200.
pub fn documented(source: &str, address: SocketAddr) -> Vec<Request> {
    let docs = source.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim_start);
    let (mut in_block, mut status, mut variables, mut requests) = (false, 200, String::new(), Vec::new());
    let mut begun = String::new();
    for line in docs {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if let Some(comment) = line.strip_prefix("# ").filter(|_| in_block) {
            let word = comment.split(':').next().unwrap_or_default();
            status = word.parse().unwrap_or(200);
        } else if in_block {
            begun.push_str(line);
            if begun.ends_with('\\') {
                begun.pop();
                continue;
            }
            let line =
                std::mem::take(&mut begun).replace("http://127.0.0.1:8080", &format!("http://{address}"));
            if line.starts_with("curl ") {
                requests.push(Request::new(&words(&variables, &line), address, status));
            } else if !line.starts_with("cargo ") {
                variables.push_str(&line);
                variables.push('\n');
            }
        }
    }
    requests
}

/// A command that a server printed.
pub fn printed(command: &str, address: SocketAddr) -> Request {
    Request::new(&words("", command), address, 200)
}

/// The words that the shell hands to `curl`.
fn words(variables: &str, command: &str) -> Vec<String> {
    let script = format!("set -eu\ncurl() {{ printf '%s\\0' \"$@\"; }}\n{variables}\n{command}");
    let output = Command::new("sh").arg("-c").arg(&script).output().expect("a shell");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    let words = String::from_utf8(output.stdout).expect("text");
    words.strip_suffix('\0').expect("words").split('\0').map(str::to_owned).collect()
}
