//! A PostgreSQL server of the test's own, on loopback, where Debian's package is installed.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio_postgres::{Client, NoTls};

pub struct Postgres {
    server: Child,
    dir: PathBuf,
    port: u16,
}

/// The server of this program: started once, and stopped when the last test that holds it is done.
static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());

impl Postgres {
    /// None, with a word on why, where it cannot be run.
    pub fn shared() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().expect("not poisoned");
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        match Self::start() {
            Ok(server) => {
                let server = Arc::new(server);
                *shared = Arc::downgrade(&server);
                Some(server)
            }
            Err(why) => {
                println!("PostgreSQL was not run: {why}");
                None
            }
        }
    }

    fn start() -> Result<Self, String> {
        let programs = programs().ok_or("no initdb under /usr/lib/postgresql")?;
        // The one before may be on its way out.
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("kyckit-postgres-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).map_err(|error| error.to_string())?;
        let as_root = output(Command::new("id").arg("-u"))?.trim() == "0";
        if as_root {
            // The server refuses to be run by root.
            output(Command::new("chown").arg("postgres").arg(&dir))?;
        }
        let run = |program: &str| {
            let path = programs.join(program);
            let mut command = if as_root {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]).arg(path);
                command
            } else {
                Command::new(path)
            };
            command.current_dir(&dir).env("LC_ALL", "C").stdin(Stdio::null());
            command
        };
        let data = dir.join("data");
        output(run("initdb").arg("-D").arg(&data).args([
            "-U",
            "kyckit",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]))?;
        let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let port = free.map_err(|error| error.to_string())?.port();
        let log = fs::File::create(dir.join("log")).map_err(|error| error.to_string())?;
        let mut postgres = run("postgres");
        postgres
            .arg("-D")
            .arg(&data)
            .args(["-F", "-p", &port.to_string(), "-h", "127.0.0.1", "-k"])
            .arg(&dir);
        let server = postgres.stdout(Stdio::null()).stderr(log).spawn().map_err(|error| error.to_string())?;
        Ok(Self { server, dir, port })
    }

    /// The URL of a database, for a process of its own.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://kyckit@127.0.0.1:{}/{database}", self.port)
    }

    /// A connection: waits until the server is up. The connection is driven on the runtime that this is called in.
    pub async fn connect(&self) -> Client {
        self.connect_to("postgres").await
    }

    /// A connection to one of its databases.
    pub async fn connect_to(&self, database: &str) -> Client {
        let url = self.url(database);
        for _ in 0..600 {
            if let Ok((client, connection)) = tokio_postgres::connect(&url, NoTls).await {
                tokio::spawn(connection);
                return client;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
        panic!("PostgreSQL did not come up: {log}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // At once, but with its own children stopped.
        let _ = Command::new("kill").args(["-QUIT", &self.server.id().to_string()]).status();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let programs = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    programs.filter(|programs| programs.join("initdb").is_file()).max()
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}
