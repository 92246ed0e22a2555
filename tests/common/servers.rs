//! The example servers as their users run them: processes of their own.

#![allow(dead_code)]

use std::{
    collections::HashSet,
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, SystemTime},
};

/// An example that runs; it ends with this.
pub struct Server {
    pub example: &'static str,
    child: Child,
    /// What it keeps files in.
    folder: PathBuf,
    /// The first address that it named.
    pub address: SocketAddr,
    /// What it printed until it was ready.
    pub printed: Vec<String>,
    complaints: Arc<Mutex<String>>,
}

impl Server {
    /// Starts an example with these settings and no others, and waits until it printed so many lines that begin so.
    pub fn start(example: &'static str, settings: &[(&str, &str)], ready: (&str, usize)) -> Self {
        let folder = format!("{example}-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        fs::create_dir_all(&folder).expect("a folder");
        let mut command = Command::new(program(example));
        command.env_clear().env("PORT", "0").env("NO_PROXY", "127.0.0.1").env("RUST_BACKTRACE", "0");
        command.env("TMPDIR", &folder).envs(settings.iter().copied()).current_dir(&folder);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the example's process");
        let complaints = Arc::new(Mutex::new(String::new()));
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let heard = Arc::clone(&complaints);
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                heard.push_str(&line);
                heard.push('\n');
            }
        });
        let (tell, output) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        // Read to its end, so that the server never waits for its reader.
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        let mut printed = Vec::new();
        let mut found = 0;
        while found < ready.1 {
            let Ok(line) = output.recv() else {
                let said = complaints.lock().unwrap_or_else(PoisonError::into_inner).clone();
                panic!("{example} ended before it was ready: {printed:?} {said}");
            };
            found += usize::from(line.starts_with(ready.0));
            printed.push(line);
        }
        let address = printed.iter().find_map(|line| address(line)).expect("an address");
        Self { example, child, folder, address, printed, complaints }
    }

    /// Whether the process has not ended.
    pub fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What it wrote to its standard error.
    pub fn complaints(&self) -> String {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The first address in a line.
pub fn address(line: &str) -> Option<SocketAddr> {
    let rest = line.split("http://").nth(1)?;
    let end = rest.find(|letter: char| !(letter.is_ascii_digit() || letter == '.' || letter == ':'));
    rest[..end.unwrap_or(rest.len())].parse().ok()
}

/// Sends a request on a connection of its own, and gives the whole response: empty when the server closed early.
pub fn call(to: SocketAddr, method: &str, target: &str, headers: &[(String, String)], body: &[u8]) -> String {
    let mut request = format!(
        "{method} {target} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let Ok(mut stream) = TcpStream::connect(to) else { return String::new() };
    let limit = Some(Duration::from_secs(30));
    let _ = stream.set_read_timeout(limit).and(stream.set_write_timeout(limit));
    // A server may refuse without reading to the end.
    let _ = stream.write_all(request.as_bytes()).and_then(|()| stream.write_all(body));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The example's program, beside this one; built when it is not there or older than what it is made of.
pub fn program(example: &str) -> PathBuf {
    static BUILT: Mutex<Option<HashSet<String>>> = Mutex::new(None);

    let own = env::current_exe().expect("this program");
    let folder = own.ancestors().nth(2).expect("the folder of the profile");
    let program = folder.join("examples").join(format!("{example}{}", env::consts::EXE_SUFFIX));
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let is_new = built.get_or_insert_default().insert(example.to_owned());
    let made = fs::metadata(&program).and_then(|program| program.modified()).ok();
    if is_new && made.is_none_or(|made| made < newest_source()) {
        let cargo = env::var("CARGO").unwrap_or_else(|_| env!("CARGO").to_owned());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--features", "full", "--example", example]);
        if folder.ends_with("release") {
            build.arg("--release");
        }
        let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status();
        assert!(
            status.is_ok_and(|status| status.success()) && program.is_file(),
            "the example is not built: run `cargo build --features full --example {example}`, which makes {}",
            program.display()
        );
    }
    program
}

fn newest_source() -> SystemTime {
    fn newest(path: &Path) -> SystemTime {
        let own = fs::metadata(path).and_then(|file| file.modified()).expect("a file");
        match fs::read_dir(path) {
            Ok(entries) => entries.map(|entry| newest(&entry.expect("an entry").path())).fold(own, Ord::max),
            Err(_) => own,
        }
    }

    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    [root.join("examples"), root.join("src"), root.join("Cargo.toml")]
        .iter()
        .map(|path| newest(path))
        .max()
        .expect("files")
}
