//! The website in this process, and people who walk through it by plain HTTP with a cookie jar.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{HeaderMap, StatusCode, header};
use tokio::{net::TcpListener, task::JoinHandle};
use url::{Url, form_urlencoded};

use crate::onboarding::{App, Log};

pub struct Site {
    pub app: Arc<App>,
    pub base: Url,
    log: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub async fn site() -> Site {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = Url::parse(&format!("http://{}/", listener.local_addr().expect("bound"))).expect("a URL");
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&log);
    let write = Log::new(move |line| kept.lock().expect("lines").push(line));
    let app = App::start(base.clone(), write).await.expect("started");
    let serving = tokio::spawn({
        let app = Arc::clone(&app);
        async move { app.serve(listener).await.expect("served") }
    });
    Site { app, base, log, serving }
}

impl Site {
    pub fn log(&self) -> Vec<String> {
        self.log.lock().expect("lines").clone()
    }

    /// Waits until the website has said this.
    pub async fn says(&self, line: &str) {
        let found = async {
            while !self.log().iter().any(|said| said.contains(line)) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), found).await;
        assert!(waited.is_ok(), "it never said {line}: {:#?}", self.log());
    }

    pub fn person(&self) -> Person {
        Person { http: http(), base: self.base.clone(), cookie: None, language: "en" }
    }
}

pub fn http() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    // There is no TLS on loopback, and reading the machine's certificates takes its time.
    builder.tls_certs_only([]).timeout(Duration::from_secs(60)).build().expect("a client")
}

/// A person with a browser that follows redirects and keeps one cookie.
pub struct Person {
    pub http: reqwest::Client,
    pub base: Url,
    pub cookie: Option<String>,
    pub language: &'static str,
}

/// A page that the person sees.
pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Person {
    pub async fn get(&mut self, path: &str) -> Page {
        let url = self.base.join(path).expect("a path");
        self.follow(url, None, &[]).await
    }

    /// Sends a form as this website's own page does.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        self.post_with(path, form, &[("sec-fetch-site", "same-origin")]).await
    }

    pub async fn post_with(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&'static str, &str)],
    ) -> Page {
        let url = self.base.join(path).expect("a path");
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.follow(url, Some(body), headers).await
    }

    async fn follow(
        &mut self,
        mut url: Url,
        mut form: Option<String>,
        headers: &[(&'static str, &str)],
    ) -> Page {
        for _ in 0..10 {
            let is_post = form.is_some();
            let mut request = match form.take() {
                Some(form) => self
                    .http
                    .post(url.clone())
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .body(form),
                None => self.http.get(url.clone()),
            };
            request = request.header(header::ACCEPT, "text/html,*/*;q=0.8");
            request = request.header(header::ACCEPT_LANGUAGE, self.language);
            for (name, value) in headers.iter().filter(|_| is_post) {
                request = request.header(*name, *value);
            }
            let is_home = url.origin() == self.base.origin();
            if let Some(cookie) = self.cookie.as_ref().filter(|_| is_home) {
                request = request.header(header::COOKIE, cookie);
            }
            let response = request.send().await.expect("an answer");
            if let Some(set) = response.headers().get(header::SET_COOKIE).filter(|_| is_home) {
                let set = set.to_str().expect("text");
                let pair = set.split(';').next().unwrap_or_default();
                self.cookie = (!pair.ends_with('=')).then(|| pair.to_owned());
            }
            let (status, headers) = (response.status(), response.headers().clone());
            if status.is_redirection() {
                let location = headers[header::LOCATION].to_str().expect("text");
                url = url.join(location).expect("a location");
                continue;
            }
            let text = response.text().await.expect("a page");
            return Page { url, status, headers, text };
        }
        panic!("redirected too often: {url}");
    }

    /// Fills the first form in with what the sandbox offers, and sends it.
    pub async fn begin(&mut self, provider: &str) -> Page {
        self.begin_as(provider, None).await
    }

    pub async fn begin_as(&mut self, provider: &str, name: Option<&str>) -> Page {
        let page = self.get(&format!("/details?provider={provider}&sandbox=fill")).await;
        assert_eq!(page.status, 200);
        let names = ["provider", "name", "mail", "credo_id", "did"];
        let mut form: Vec<_> =
            names.iter().filter_map(|name| Some((*name, page.find_value(name)?))).collect();
        if let (Some(name), Some(field)) = (name, form.iter_mut().find(|(field, _)| *field == "name")) {
            field.1 = name.to_owned();
        }
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.post("/start", &form).await
    }

    /// The address that the person's phone opens when they tap the tile, not yet opened.
    pub async fn landing(&self) -> Url {
        let request = self.http.post(self.base.join("/sandbox/phone").expect("a path"));
        let request = request.header("sec-fetch-site", "same-origin");
        let request = request.header(header::COOKIE, self.cookie.as_deref().unwrap_or_default());
        let answer = request.send().await.expect("an answer");
        let location = answer.headers()[header::LOCATION].to_str().expect("text");
        self.base.join(location).expect("an address")
    }

    /// Until the page is no more the one that waits.
    pub async fn wait(&mut self, page: Page) -> Page {
        let mut page = page;
        for _ in 0..20 {
            match page.headers.get(header::REFRESH) {
                Some(refresh) => {
                    assert_eq!(refresh, "1; url=/wait");
                    page = self.get("/wait").await;
                }
                None => return page,
            }
        }
        panic!("it waits for ever: {}", page.text);
    }
}

impl Page {
    pub fn h1(&self) -> String {
        let after = self.text.split("<h1").nth(1).unwrap_or_else(|| panic!("no heading: {}", self.text));
        let text = after.split('>').nth(1).and_then(|text| text.split('<').next());
        unescape(text.unwrap_or_default())
    }

    /// The value of the first field of this name.
    pub fn find_value(&self, name: &str) -> Option<String> {
        let at = self.text.find(&format!("name=\"{name}\" value=\""))?;
        let value = self.text[at..].split('"').nth(3)?;
        Some(unescape(value))
    }

    pub fn value(&self, name: &str) -> String {
        self.find_value(name).unwrap_or_else(|| panic!("no field {name}: {}", self.text))
    }

    pub fn state(&self) -> String {
        self.value("state")
    }

    /// Where the link with this id leads.
    pub fn link(&self, id: &str) -> String {
        let at = self.text.find(&format!("id=\"{id}\" href=\"")).expect("a link");
        unescape(self.text[at..].split('"').nth(3).unwrap_or_default())
    }

    /// The text of the element with this id, which has no element inside.
    pub fn element(&self, id: &str) -> String {
        let at = self.text.find(&format!("id=\"{id}\">")).expect("an element");
        let text = self.text[at..].split('>').nth(1).and_then(|text| text.split('<').next());
        unescape(text.unwrap_or_default())
    }

    pub fn has(&self, part: &str) -> bool {
        self.text.contains(part)
    }
}

fn unescape(text: &str) -> String {
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    plain.replace("&#39;", "'").replace("&amp;", "&")
}
