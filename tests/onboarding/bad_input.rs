//! States that are altered, spent or another person's, posts from elsewhere, markup, and what is too large.

use http::{HeaderMap, header};

use crate::support::{Page, site};

fn refused(page: &Page, status: u16, title: &str, code: &str) {
    assert_eq!((page.status.as_u16(), page.h1().as_str()), (status, title), "{}", page.text);
    assert!(page.has("role=\"alert\"") && page.has(&format!("<code>{code}</code>")), "{}", page.text);
}

#[tokio::test]
async fn a_state_that_is_altered_is_refused_and_nothing_is_lost() {
    let site = site().await;
    let mut person = site.person();
    let page = person.begin("credo360").await;
    let (state, code) = (page.state(), page.element("delivered"));
    let last = state.len() - 20;
    let other = if state.as_bytes()[last] == b'A' { 'B' } else { 'A' };
    let altered = format!("{}{other}{}", &state[..last], &state[last + 1..]);
    for state in [altered.as_str(), "", "kyckit1.maya.1.AAAA", "<script>", &"x".repeat(20_000)] {
        let page = person.post("/passcode", &[("state", state), ("passcode", &code)]).await;
        refused(&page, 400, "This step is not valid", "altered");
    }
    let page = person.get("/step").await;
    assert_eq!((page.h1().as_str(), page.state()), ("Enter the code", state));
    let page = person.post("/passcode", &[("state", &page.state()), ("passcode", &code)]).await;
    assert_eq!(page.h1(), "You have been verified.");
}

#[tokio::test]
async fn a_state_serves_once_and_its_person_alone() {
    let site = site().await;
    let (mut one, mut other) = (site.person(), site.person());
    let mine = one.begin("credo360").await;
    let theirs = other.begin("selfkey").await;
    let form = [("state", mine.state()), ("passcode", mine.element("delivered"))];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();

    let page = other.post("/passcode", &form).await;
    refused(&page, 403, "This step is not yours", "other_person");
    assert_eq!(other.get("/step").await.state(), theirs.state());
    // No cookie, and an invented one.
    refused(&site.person().post("/passcode", &form).await, 403, "Your visit is over", "no_visit");
    let mut stranger = site.person();
    stranger.cookie = Some(format!("visit={}", "0".repeat(64)));
    refused(&stranger.post("/passcode", &form).await, 403, "Your visit is over", "no_visit");
    // A passcode is no answer to a nonce.
    let page = other.post("/passcode", &[("state", &theirs.state()), ("passcode", "123456")]).await;
    refused(&page, 409, "We are not waiting for this", "not_awaited");

    assert_eq!(one.post("/passcode", &form).await.h1(), "You have been verified.");
    refused(&one.post("/passcode", &form).await, 409, "This step is done already", "used");
    assert_eq!(one.get("/step").await.h1(), "You have been verified.");
}

#[tokio::test]
async fn another_visits_return_is_not_taken() {
    let site = site().await;
    let (mut one, mut other) = (site.person(), site.person());
    let page = one.begin("credify").await;
    let back = site.app.demo.credify.agree(&page.link("open")).expect("agreed").redirect_url;
    other.begin("credify").await;
    refused(&other.get(back.expose()).await, 403, "This answer is not yours", "other_return");
    let page = other.get("/return/maya?sessionId=x").await;
    refused(&page, 409, "We are not waiting for this", "not_awaited");
    assert_eq!(site.person().get(back.expose()).await.status, 403);
    assert_eq!(one.get(back.expose()).await.h1(), "You have been verified.");
}

#[tokio::test]
async fn an_unpushed_maya_session_is_refused() {
    let site = site().await;
    let mut person = site.person();
    person.begin("maya").await;
    let mut landing = person.landing().await;
    let visit = landing.query_pairs().find(|(name, _)| name == "visit").map(|(_, value)| value.into_owned());
    landing.set_query(None);
    landing
        .query_pairs_mut()
        .append_pair("visit", &visit.expect("the visit"))
        .append_pair("sessionId", &"A".repeat(43));
    let page = person.get(landing.as_str()).await;
    assert_eq!(page.h1(), "Open us in the Maya app");
    assert!(page.has("role=\"alert\""), "{}", page.text);
    let page = person.post("/sandbox/phone", &[]).await;
    assert_eq!(page.h1(), "You have been verified.");
}

/// A stranger with a session of their own at Maya sends its address to a person in the middle of a visit.
#[tokio::test]
async fn a_strangers_maya_session_does_not_end_a_persons_visit() {
    let site = site().await;
    let (mut victim, mut stranger) = (site.person(), site.person());
    victim.begin("maya").await;
    stranger.begin("maya").await;
    // The sandbox has one customer and only the newest tokens count: the stranger's are the newer ones.
    let own = victim.landing().await;
    let own = own.query_pairs().find(|(name, _)| name == "visit").expect("the visit").1.into_owned();
    let landing = stranger.landing().await;
    let session =
        landing.query_pairs().find(|(name, _)| name == "sessionId").expect("a session").1.into_owned();
    for address in [
        landing.to_string(),
        format!("/return/maya?sessionId={session}"),
        format!("/return/maya?sessionId={session}&visit="),
        format!("/return/maya?sessionId={session}&visit={}", "0".repeat(64)),
        format!("/return/maya?sessionId={session}&visit={}", &own[..63]),
        format!("/return/maya?visit={own}&sessionId={session}&visit={}", "0".repeat(64)),
    ] {
        refused(&victim.get(&address).await, 403, "This answer is not yours", "other_return");
        let page = victim.get("/step").await;
        assert_eq!(page.h1(), "Open us in the Maya app", "{address}");
    }
    // Nothing of either was spent.
    assert_eq!(stranger.get(landing.as_str()).await.h1(), "You have been verified.");
    assert_eq!(victim.post("/sandbox/phone", &[]).await.h1(), "You have been verified.");
}

/// The other returns cannot be used like that: Credify's answer has the `state` of one flow, and the return from Shufti
/// Pro says nothing, whatever stands in it.
#[tokio::test]
async fn what_a_return_says_of_another_verification_is_not_looked_at() {
    let site = site().await;
    let (mut victim, mut stranger) = (site.person(), site.person());
    let theirs = stranger.begin("shuftipro").await;
    stranger.post(&theirs.link("open"), &[("action", "accept")]).await;
    victim.begin("shuftipro").await;
    let reference = site.app.demo.shuftipro.server().log().len().to_string();
    for query in
        ["", "?event=verification.accepted", &format!("?reference={reference}&event=verification.accepted")]
    {
        let page = victim.get(&format!("/return/shuftipro{query}")).await;
        assert_eq!(page.h1(), "Go on at Shufti Pro", "{query}");
    }
}

#[tokio::test]
async fn one_address_does_not_take_all_places() {
    let site = site().await;
    let mut early = site.person();
    early.begin("maya").await;
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let other =
        builder.tls_certs_only([]).local_address("127.0.0.2".parse::<std::net::IpAddr>().expect("loopback"));
    let other = other.build().expect("a client");
    let start = || async {
        let request = other.post(site.base.join("/start").expect("a path"));
        let form = "provider=maya&name=A&mail=a%40example.com";
        request.header("sec-fetch-site", "same-origin").body(form).send().await.expect("an answer")
    };
    for number in 0..300 {
        assert_eq!(start().await.status(), 303, "{number}");
    }
    for _ in 0..10 {
        let answer = start().await;
        assert_eq!(answer.status(), 429);
        let wait =
            answer.headers()[header::RETRY_AFTER].to_str().expect("text").parse::<u64>().expect("seconds");
        assert!((1..=3600).contains(&wait), "{wait}");
        assert!(answer.headers().get(header::SET_COOKIE).is_none());
        assert!(answer.text().await.expect("a page").contains("Too many attempts"));
    }
    // Others begin, and go on.
    assert_eq!(site.person().begin("maya").await.h1(), "Open us in the Maya app");
    assert_eq!(early.post("/sandbox/phone", &[]).await.h1(), "You have been verified.");
}

#[tokio::test]
async fn posts_come_from_this_website_alone() {
    let site = site().await;
    let mut person = site.person();
    let page = person.begin("maya").await;
    assert_eq!(page.status, 200);
    let own = site.base.origin().ascii_serialization();
    for path in
        ["/start", "/passcode", "/signature", "/look", "/again", "/another", "/leave", "/sandbox/phone"]
    {
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site"), ("origin", &own)],
            &[("origin", "https://attacker.example")],
            &[("origin", "null")],
            &[],
        ] {
            let page = person.post_with(path, &[("provider", "maya")], headers).await;
            refused(&page, 403, "This came from another website", "cross_site");
        }
    }
    assert_eq!(person.get("/step").await.h1(), "Open us in the Maya app", "nothing has happened");
    // A browser that knows no `Sec-Fetch-Site`.
    let page = person.post_with("/sandbox/phone", &[], &[("origin", &own)]).await;
    assert_eq!(page.h1(), "You have been verified.");
}

#[tokio::test]
async fn markup_is_text() {
    let site = site().await;
    let mut person = site.person();
    let name = "<script>alert(1)</script>\"' onfocus=x";
    let form = [("provider", "shuftipro"), ("name", name), ("mail", "<b>")];
    let page = person.post("/start", &form).await;
    assert_eq!(page.status, 422);
    assert!(!page.has("<script") && !page.has("<b>") && page.has("&lt;script&gt;"), "{}", page.text);
    assert_eq!((page.value("name"), page.value("mail")), (name.to_owned(), "<b>".to_owned()));
    assert!(page.has("href=\"#mail\"") && page.has("aria-invalid=\"true\"") && page.has("<title>Error: "));

    // What the provider says back is text too.
    let page = person.begin_as("shuftipro", Some(name)).await;
    let page = person.post(&page.link("open"), &[("action", "accept")]).await;
    assert_eq!(page.url.path(), "/result");
    assert!(page.has("&lt;script&gt;") && !page.has("<script"), "{}", page.text);
    for path in ["/<script>", "/details?provider=<script>", "/return/<script>?<script>", "/?x=<script>"] {
        let page = person.get(path).await;
        assert!(!page.has("<script"), "{path}");
    }
}

#[tokio::test]
async fn missing_values_are_asked_for_and_unknown_ones_are_reported() {
    let site = site().await;
    let mut person = site.person();
    let page = person.post("/start", &[("provider", "credo360")]).await;
    assert_eq!(page.status, 422);
    for (field, text) in
        [("name", "Enter your full name."), ("mail", "Enter an e-mail"), ("credo_id", "Enter the 11")]
    {
        assert!(page.has(&format!("href=\"#{field}\"")) && page.has(text), "{field}: {}", page.text);
    }
    assert!(person.cookie.is_none() && site.app.demo.credo360.server().log().is_empty());
    let form =
        [("provider", "credo360"), ("name", "A"), ("mail", "a@example.com"), ("credo_id", "00000000000")];
    let page = person.post("/start", &form).await;
    assert_eq!(page.h1(), "That did not work");
    assert!(page.has("Credo360 does not take what you entered."), "{}", page.text);

    assert_eq!(person.get("/details").await.status, 422);
    assert_eq!(person.post("/start", &[("provider", "unknown")]).await.status, 422);
    refused(&person.get("/nowhere").await, 404, "There is no such page", "not_found");
    let long = "x".repeat(100_000);
    assert_eq!(person.post("/start", &[("name", &long)]).await.status, 413);
}

#[tokio::test]
async fn every_answer_has_the_headers_that_guard_it() {
    let site = site().await;
    let mut person = site.person();
    let guarded = |headers: &HeaderMap| {
        let policy = headers["content-security-policy"].to_str().expect("text");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'") && !policy.contains("unsafe"),
            "{policy}"
        );
        for directive in ["form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(directive), "{policy}");
        }
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    };
    for path in ["/", "/details?provider=maya", "/style.css", "/icon.svg", "/nowhere", "/return/maya"] {
        guarded(&person.get(path).await.headers);
    }
    let begun = person.begin("maya").await;
    guarded(&begun.headers);
    guarded(&person.post_with("/leave", &[], &[]).await.headers);

    // The cookie is random, for this host alone, and out of reach of scripts and of other websites' forms.
    let request = person.http.post(site.base.join("/start").expect("a path"));
    let form = "provider=maya&name=A&mail=a%40example.com";
    let answer = request.header("sec-fetch-site", "same-origin").body(form).send().await.expect("an answer");
    assert_eq!(answer.status(), 303);
    let cookie = answer.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
    let (id, attributes) = cookie.split_once("; ").expect("attributes");
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax");
    assert!(id.len() == "visit=".len() + 64 && Some(id) != person.cookie.as_deref());
    // Who begins anew gets another one, and leaving takes it away.
    let before = person.cookie.clone();
    person.begin("maya").await;
    assert_ne!(person.cookie, before);
    person.post("/leave", &[]).await;
    assert_eq!(person.cookie, None);
}
