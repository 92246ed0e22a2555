//! A client of WebDriver (W3C, second edition), as far as the walks need one, over Debian's chromium and
//! chromium-driver.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::support::http;

/// How the W3C's names an element in JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long anything may take to appear: generous, since nothing waits for it but a failure.
const DEADLINE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// Where Debian's packages put them; `None` when one is not installed.
pub fn programs() -> Option<(PathBuf, PathBuf)> {
    let find = |name: &str| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
    };
    Some((find("chromium")?, find("chromedriver")?))
}

/// How the browser is set up.
pub struct Window {
    pub language: &'static str,
    /// Width and height in CSS pixels; a narrow one is a phone's.
    pub size: (u32, u32),
    pub is_dark: bool,
}

/// A headless browser. It ends when this is dropped, also by a panic.
pub struct Driver {
    child: Child,
    http: reqwest::Client,
    port: u16,
    session: String,
    profile: PathBuf,
    screenshots: PathBuf,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Ending the session ends the browser; the driver itself is this process's own child.
        if !self.session.is_empty()
            && let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port))
        {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
            let (session, port) = (&self.session, self.port);
            let request = format!(
                "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
            );
            let _ = stream.write_all(request.as_bytes());
            let _ = stream.read(&mut [0; 64]);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

impl Driver {
    pub async fn start((chromium, chromedriver): &(PathBuf, PathBuf), window: Window) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let profile = target.join(format!("onboarding-profile-{}-{number}", std::process::id()));
        let screenshots = target.parent().expect("a target folder").join("onboarding-screenshots");
        fs::create_dir_all(&profile).expect("a folder for the profile");
        fs::create_dir_all(&screenshots).expect("a folder for screenshots");

        let mut command = Command::new(chromedriver);
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("chromedriver starts");
        let lines = BufReader::new(child.stdout.take().expect("its output"));
        // From here on, a panic ends the child.
        let mut driver = Self { child, http: http(), port: 0, session: String::new(), profile, screenshots };
        let (port, lines) = tokio::task::spawn_blocking(move || listening(lines)).await.expect("read");
        driver.port = port.expect("chromedriver says its port");
        // Whatever else it says is thrown away, so that it never waits for a reader.
        std::thread::spawn(move || lines.lines().for_each(drop));
        driver.begin(chromium, window).await;
        driver
    }

    async fn begin(&mut self, chromium: &Path, window: Window) {
        let (width, height) = window.size;
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            // For tests that run as root, as in a container; every page here is the tests' own.
            "--no-sandbox".to_owned(),
            "--no-first-run".to_owned(),
            "--no-proxy-server".to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", self.profile.display()),
        ];
        if window.is_dark {
            arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        let mut options = json!({
            "binary": chromium,
            "args": arguments,
            "prefs": { "intl.accept_languages": window.language },
        });
        if width < 600 {
            options["mobileEmulation"] = json!({ "deviceMetrics": { "width": width, "height": height, "pixelRatio": 2.0, "mobile": true } });
        }
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            // A page that waits for a decision would hold commands up.
            "pageLoadStrategy": "none",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let begun = self.call("POST", "/session", Some(capabilities)).await.expect("a session");
        self.session = begun["sessionId"].as_str().expect("its id").to_owned();
    }

    /// The value of an answer, or the error's word.
    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let request = match method {
            "GET" => self.http.get(url),
            _ => self
                .http
                .post(url)
                .header("content-type", "application/json; charset=utf-8")
                .body(body.unwrap_or_else(|| json!({})).to_string()),
        };
        let answer = request.send().await.expect("chromedriver answers");
        let is_success = answer.status().is_success();
        let bytes = answer.bytes().await.expect("a body");
        let value = serde_json::from_slice::<Value>(&bytes).expect("JSON")["value"].take();
        if is_success {
            return Ok(value);
        }
        Err(format!(
            "{}: {}",
            value["error"].as_str().unwrap_or("?"),
            value["message"].as_str().unwrap_or("?")
        ))
    }

    async fn in_session(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        self.call(method, &format!("/session/{}{path}", self.session), body).await
    }

    /// Tries until it works: what is looked for may not be there yet, or be replaced just now.
    async fn until<T, F: Future<Output = Result<T, String>>>(
        &self,
        what: &str,
        mut attempt: impl FnMut() -> F,
    ) -> T {
        let deadline = tokio::time::Instant::now() + DEADLINE;
        loop {
            match attempt().await {
                Ok(value) => return value,
                Err(_) if tokio::time::Instant::now() < deadline => tokio::time::sleep(PAUSE).await,
                Err(error) => panic!("{what}: {error}"),
            }
        }
    }

    pub async fn open(&self, url: &str) {
        self.in_session("POST", "/url", Some(json!({ "url": url }))).await.expect("opened");
    }

    async fn find(&self, css: &str) -> Result<String, String> {
        let wanted = json!({ "using": "css selector", "value": css });
        let found = self.in_session("POST", "/element", Some(wanted)).await?;
        found[ELEMENT].as_str().map(str::to_owned).ok_or_else(|| format!("{css} is no element"))
    }

    pub async fn click(&self, css: &str) {
        self.until(css, async || {
            let element = self.find(css).await?;
            self.in_session("POST", &format!("/element/{element}/click"), None).await
        })
        .await;
    }

    pub async fn fill(&self, css: &str, text: &str) {
        self.until(css, async || {
            let element = self.find(css).await?;
            self.in_session("POST", &format!("/element/{element}/clear"), None).await?;
            self.in_session("POST", &format!("/element/{element}/value"), Some(json!({ "text": text }))).await
        })
        .await;
    }

    pub async fn text(&self, css: &str) -> String {
        let text = self
            .until(css, async || {
                let element = self.find(css).await?;
                self.in_session("GET", &format!("/element/{element}/text"), None).await
            })
            .await;
        text.as_str().expect("text").to_owned()
    }

    pub async fn run(&self, script: &str) -> Result<Value, String> {
        self.in_session("POST", "/execute/sync", Some(json!({ "script": script, "args": [] }))).await
    }

    /// Waits for the page with this heading.
    pub async fn see(&self, heading: &str) {
        self.until(heading, async || {
            let shown = self
                .run("return document.readyState === 'complete' ? document.querySelector('h1')?.innerText : null")
                .await?;
            match shown.as_str() {
                Some(shown) if shown == heading => Ok(()),
                _ => Err(format!("the page says {shown}")),
            }
        })
        .await;
    }

    /// The whole page, also what has to be scrolled to.
    pub async fn screenshot(&self, name: &str) {
        let parameters = json!({ "cmd": "Page.captureScreenshot", "params": {
            "format": "png", "captureBeyondViewport": true,
        } });
        let taken = self.in_session("POST", "/goog/cdp/execute", Some(parameters)).await.expect("taken");
        let picture = STANDARD.decode(taken["data"].as_str().expect("a picture")).expect("base64");
        assert!(picture.starts_with(b"\x89PNG\r\n"), "{name} is no picture");
        fs::write(self.screenshots.join(format!("{name}.png")), picture).expect("written");
    }

    /// What the browser has complained of since it was asked last.
    pub async fn complaints(&self) -> Vec<String> {
        let log =
            self.in_session("POST", "/se/log", Some(json!({ "type": "browser" }))).await.expect("a log");
        let said = log.as_array().into_iter().flatten().filter(|entry| entry["level"] != "INFO");
        said.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// The port out of the driver's first lines.
fn listening<R: BufRead>(mut lines: R) -> (Option<u16>, R) {
    let mut line = String::new();
    while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
        if let Some((_, port)) = line.split_once("successfully on port ") {
            return (port.trim().trim_end_matches('.').parse().ok(), lines);
        }
        line.clear();
    }
    (None, lines)
}
