//! The two example servers as their users run them: processes of their own, over SQLite and over PostgreSQL.

mod commands;
mod crash;
mod database;
mod faults;
mod market;
mod service_provider;
mod stores;

use std::{
    collections::HashSet,
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::SystemTime,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const EXAMPLES: [&str; 2] = ["credify_market", "credify_service_provider"];

/// All settings of both servers: what the test does not set is not inherited either.
const SETTINGS: [&str; 20] = [
    "HOST",
    "PORT",
    "DATABASE_URL",
    "USERS_FILE",
    "SCOPES_FILE",
    "SCOPES",
    "CALLER_TOKEN",
    "DOCUMENT_DOMAINS",
    "DOCUMENT_ORIGINS",
    "BNPL_PAGE",
    "REDIRECT_URI",
    "CREDIFY_MODE",
    "CREDIFY_API_BASE",
    "CREDIFY_OIDC_BASE",
    "CREDIFY_ORGANISATION_ID",
    "CREDIFY_API_KEY",
    "CREDIFY_SIGNING_KEY",
    "CREDIFY_WEBHOOK_URL",
    "CREDIFY_PREFIX",
    "CREDIFY_PROFILE_ITEMS",
];

/// An example that runs; it ends with this.
struct Server {
    child: Child,
    address: SocketAddr,
    /// What it said until it listened.
    said: Vec<String>,
    output: mpsc::Receiver<String>,
    complaints: Arc<Mutex<String>>,
}

impl Server {
    fn start(example: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program(example));
        for name in SETTINGS {
            command.env_remove(name);
        }
        command.env("PORT", "0").env("NO_PROXY", "127.0.0.1").envs(settings.iter().copied());
        command.current_dir(env!("CARGO_TARGET_TMPDIR"));
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
        // Read to its end, whether it is needed or not: the server must not wait for us.
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        let address = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut server = Self { child, address, said: Vec::new(), output, complaints };
        let address = server.until("listening on http://");
        server.address = address.parse().expect("an address");
        server
    }

    /// Reads what the server says up to the line that begins so, and gives the rest of that line.
    fn until(&mut self, beginning: &str) -> String {
        while let Ok(line) = self.output.recv() {
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.to_owned();
            }
            self.said.push(line);
        }
        panic!("the server ended before it said {beginning:?}: {:?} {}", self.said, self.complaints());
    }

    /// The commands that it prints.
    fn printed(&mut self, number: usize) -> Vec<String> {
        (0..number).map(|_| format!("curl {}", self.until("curl "))).collect()
    }

    /// What it wrote to its standard error.
    fn complaints(&self) -> String {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// SIGKILL, to this process alone.
    fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// The answer to a POST of JSON.
    async fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        let headers = [("authorization".to_owned(), format!("Bearer {token}"))];
        let answer = call(self.address, "POST", path, &headers, body.to_string().as_bytes()).await;
        answer.unwrap_or_else(|| panic!("no answer from {path}: {}", self.complaints()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The example's program, beside this one; built when it is not there or older than what it is made of.
fn program(example: &str) -> PathBuf {
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
    let examples = EXAMPLES.iter().flat_map(|name| [(*name).to_owned(), format!("{name}.rs")]);
    let examples = examples.chain(["credify_server".to_owned()]).map(|name| root.join("examples").join(name));
    examples
        .chain([root.join("src"), root.join("Cargo.toml")])
        .map(|path| newest(&path))
        .max()
        .expect("files")
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A request on a connection of its own; none when no whole answer came.
async fn call(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Option<Answer> {
    let mut request = format!(
        "{method} {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(&[request.as_bytes(), body].concat()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = (String::from_utf8(answer[..end].to_vec()).ok()?, answer[end + 4..].to_vec());
    let length = head.to_ascii_lowercase().lines().find_map(|line| {
        line.strip_prefix("content-length:").and_then(|length| length.trim().parse::<usize>().ok())
    });
    // A head without its body is no answer.
    (length? == body.len()).then_some(())?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    Some(Answer { status, head, body })
}

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("postgres-{}-{name}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    /// Writes a file, and gives its path.
    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.0.join(name), text).expect("written");
        self.path(name)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
