//! Nothing of a person stands in the website's log.

use kyckit::privacy::leak::Canaries;

use crate::support::site;

#[tokio::test]
async fn the_log_has_nothing_personal() {
    let site = site().await;
    let mut secrets = vec!["Nobody Whosoever".to_owned(), "nobody@whosoever.example".to_owned()];
    let form = |provider| {
        [("provider", provider), ("name", "Nobody Whosoever"), ("mail", "nobody@whosoever.example")]
    };

    let mut person = site.person();
    let page = person.post("/start", &form("shuftipro")).await;
    secrets.extend([page.link("open"), page.state()]);
    person.post(&page.link("open"), &[("action", "natural")]).await;

    let page = person.begin("credo360").await;
    secrets.extend([page.state(), page.element("delivered"), site.app.demo.handle.expose().to_owned()]);
    person.post("/passcode", &[("state", &page.state()), ("passcode", "000000")]).await;
    person.post("/passcode", &[("state", &page.state()), ("passcode", "000000")]).await;

    let form = person.get("/details?provider=selfkey&sandbox=fill").await;
    secrets.push(form.value("did"));
    person.begin("selfkey").await;
    let page = person.begin("credify").await;
    secrets.push(page.link("open"));
    person.get(&format!("{}&sandbox_consent=refuse", page.link("open"))).await;
    secrets.extend(
        person.cookie.as_ref().and_then(|cookie| cookie.split_once('=')).map(|(_, id)| id.to_owned()),
    );
    person.begin("maya").await;
    person.post("/sandbox/phone", &[]).await;
    for provider in [kyckit::maya::PROVIDER, kyckit::shuftipro::PROVIDER, kyckit::credify::PROVIDER] {
        let someone = site.app.demo.person(provider).expect("a person");
        secrets.extend([someone.full_name(), someone.email, someone.dob].map(|text| text.expose().clone()));
    }
    site.app.demo.shuftipro.settled().await;
    site.says("callback of shuftipro").await;

    let log = site.log();
    assert!(log.len() > 8, "there is nothing to look at: {log:#?}");
    let canaries = Canaries::new(&secrets);
    let mut capture = canaries.capture();
    for (number, line) in log.into_iter().enumerate() {
        capture.text(format!("line {number}"), line);
    }
    capture.assert_clean();
}
