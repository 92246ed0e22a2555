//! Every provider, from the choice to the result.

use kyckit::provider::ProviderId;

use crate::support::{Page, Site, site};

const SHUFTIPRO: ProviderId = kyckit::shuftipro::PROVIDER;

/// The result is an accepted one, of the person whom the sandbox has in mind, by these means.
fn accepted(site: &Site, provider: ProviderId, page: &Page, means: &[&str]) {
    assert_eq!(
        (page.h1().as_str(), page.url.path()),
        ("You have been verified.", "/result"),
        "{}",
        page.text
    );
    assert_eq!(page.element("outcome"), "accepted");
    let person = site.app.demo.person(provider).expect("a person");
    let last = person.last_name.expose();
    let last = last.replace('\'', "&#39;");
    assert!(page.has(&last) || page.has(person.last_name.expose()), "{last}: {}", page.text);
    for means in means {
        assert!(page.has(&format!("<code>{means}</code>")), "{means}: {}", page.text);
    }
}

#[tokio::test]
async fn shuftipro_shows_the_papers_and_comes_back() {
    let site = site().await;
    let mut person = site.person();
    let page = person.begin("shuftipro").await;
    assert_eq!(page.h1(), "Go on at Shufti Pro");
    let hosted = page.link("open");
    // Not yet finished there: nothing has changed, and the state of the next try is another one.
    let again = person.post("/look", &[("state", &page.state())]).await;
    assert_eq!(again.h1(), "Go on at Shufti Pro");
    assert_ne!(again.state(), page.state());
    let shown = person.get(&hosted).await;
    assert!(shown.has("Show the papers and let them decide"));
    let page = person.post(&hosted, &[("action", "natural")]).await;
    accepted(&site, SHUFTIPRO, &page, &["document_checked", "face_match"]);
    // Loading it once more shows the same, and calls no provider.
    let before = site.app.demo.shuftipro.server().log().len();
    accepted(&site, SHUFTIPRO, &person.get("/result").await, &["document_checked"]);
    site.app.demo.shuftipro.settled().await;
    site.says("callback of shuftipro: Applied").await;
    assert_eq!(site.app.demo.shuftipro.server().log().len(), before);
}

#[tokio::test]
async fn shuftipro_reviews_and_its_callback_ends_the_wait() {
    let site = site().await;
    for (decision, title) in
        [("accept", "You have been verified."), ("decline", "You could not be verified.")]
    {
        let mut person = site.person();
        let page = person.begin("shuftipro").await;
        let page = person.post(&page.link("open"), &[("action", "review")]).await;
        assert_eq!(page.h1(), "Waiting for the result");
        let page = person.post("/sandbox/review", &[("decision", decision)]).await;
        let page = person.wait(page).await;
        assert_eq!(page.h1(), title);
        if decision == "decline" {
            assert_eq!(page.element("outcome"), "declined");
            assert!(page.has("Try again") && !page.has(">accepted<"), "{}", page.text);
        }
    }
    site.app.demo.shuftipro.settled().await;
    site.says("callback of shuftipro: Applied").await;
}

#[tokio::test]
async fn a_declined_person_tries_again_under_a_new_reference() {
    let site = site().await;
    let mut person = site.person();
    let first = person.begin("shuftipro").await.link("open");
    let page = person.post(&first, &[("action", "decline"), ("reason", "SPDR06")]).await;
    assert_eq!(page.h1(), "You could not be verified.");
    let page = person.post("/again", &[]).await;
    assert_ne!(page.link("open"), first);
    let page = person.post(&page.link("open"), &[("action", "accept")]).await;
    assert_eq!(page.h1(), "You have been verified.");
}

#[tokio::test]
async fn credo360_counts_wrong_codes_and_takes_the_right_one() {
    let site = site().await;
    let mut person = site.person();
    let page = person.begin("credo360").await;
    assert_eq!(page.h1(), "Enter the code");
    let code = page.element("delivered");
    let wrong = if code.starts_with('1') { "000000" } else { "111111" };
    let page = person.post("/passcode", &[("state", &page.state()), ("passcode", wrong)]).await;
    assert!(page.has("role=\"alert\"") && page.has("You have 2 tries left."), "{}", page.text);
    assert!(page.has("<title>Error: Enter the code"));
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let page = person.post("/passcode", &[("state", &page.state()), ("passcode", &spaced)]).await;
    accepted(&site, kyckit::credo360::PROVIDER, &page, &["possession_of_account", "database_match"]);
}

#[tokio::test]
async fn maya_opens_the_website_and_pushes_first() {
    let site = site().await;
    let mut person = site.person();
    let page = person.begin("maya").await;
    assert_eq!(page.h1(), "Open us in the Maya app");
    let page = person.post("/sandbox/phone", &[]).await;
    accepted(&site, kyckit::maya::PROVIDER, &page, &["possession_of_account", "attested"]);
}

#[tokio::test]
async fn selfkey_signs_hands_in_and_waits() {
    let site = site().await;
    let mut person = site.person();
    let page = person.begin("selfkey").await;
    assert_eq!(page.h1(), "Sign with your wallet");
    let page = person.post("/signature", &[("state", &page.state()), ("signature", "0x00")]).await;
    assert!(page.has("The signature does not fit."), "{}", page.text);
    let page = person.post("/sandbox/wallet", &[("state", &page.state())]).await;
    assert_eq!(page.h1(), "Hand in your application");
    let page = person.post("/sandbox/application", &[("state", &page.state())]).await;
    assert_eq!(page.h1(), "Waiting for the result");
    let page = person.post("/sandbox/review", &[("decision", "accept")]).await;
    let page = person.wait(page).await;
    accepted(&site, kyckit::selfkey::PROVIDER, &page, &["possession_of_key", "attested"]);
}

#[tokio::test]
async fn credify_asks_and_shares() {
    let site = site().await;
    let mut person = site.person();
    let page = person.begin("credify").await;
    let url = page.link("open");
    let asked = person.get(&url).await;
    assert_eq!(asked.h1(), "Share your data?");
    let page = person.get(&format!("{url}&sandbox_consent=agree")).await;
    accepted(&site, kyckit::credify::PROVIDER, &page, &["attested"]);
}

#[tokio::test]
async fn a_refusal_at_credify_is_asked_again_or_goes_elsewhere() {
    let site = site().await;
    let mut person = site.person();
    let page = person.begin("credify").await;
    let page = person.get(&format!("{}&sandbox_consent=refuse", page.link("open"))).await;
    assert_eq!(page.h1(), "That did not work");
    assert!(page.has("You have not agreed at Credify") && page.has("<code>reply.refused</code>"));
    let page = person.post("/again", &[]).await;
    assert_eq!(page.h1(), "Go on at Credify");
    let page = person.get(&format!("{}&sandbox_consent=agree", page.link("open"))).await;
    assert_eq!(page.h1(), "You have been verified.");
}

#[tokio::test]
async fn a_provider_that_is_down_is_left_with_consent_alone() {
    let site = site().await;
    site.app.demo.shuftipro.inject(kyckit::sandbox::Fault::anywhere().html(503).always());
    let mut person = site.person();
    let page = person.begin("shuftipro").await;
    assert_eq!(page.h1(), "That did not work");
    assert!(page.has("Shufti Pro does not answer at the moment."), "{}", page.text);

    let page = person.get("/another").await;
    assert!(page.has("value=\"maya\"") && !page.has("value=\"shuftipro\""));
    let page = person.post("/another", &[("provider", "credo360")]).await;
    assert_eq!(page.status, 422);
    assert!(page.has("Agree first.") && page.has("Enter the 11 digits"));
    assert!(site.app.demo.credo360.server().log().is_empty() && site.app.demo.maya.server().log().is_empty());

    let page = person.post("/another", &[("provider", "maya"), ("consent", "given")]).await;
    assert_eq!(page.h1(), "Open us in the Maya app");
    let page = person.post("/sandbox/phone", &[]).await;
    assert_eq!(page.h1(), "You have been verified.");
}

#[tokio::test]
async fn an_attempt_is_given_up_for_another_provider() {
    let site = site().await;
    let mut person = site.person();
    let page = person.begin("credo360").await;
    let given_up = page.state();
    let page = person.post("/another", &[("provider", "shuftipro"), ("consent", "given")]).await;
    assert_eq!(page.h1(), "Go on at Shufti Pro");
    let page = person.post("/passcode", &[("state", &given_up), ("passcode", "123456")]).await;
    assert_eq!((page.status.as_u16(), page.h1().as_str()), (409, "This step is done already"));
}

#[tokio::test]
async fn a_switch_to_a_provider_that_is_down_gives_nothing_up() {
    let site = site().await;
    site.app.demo.shuftipro.inject(kyckit::sandbox::Fault::anywhere().html(503).always());
    let mut person = site.person();
    let page = person.begin("credo360").await;
    let code = page.element("delivered");
    let page = person.post("/another", &[("provider", "shuftipro"), ("consent", "given")]).await;
    assert_eq!(page.h1(), "Enter the code");
    assert!(page.has("Shufti Pro does not answer at the moment."), "{}", page.text);
    let page = person.post("/passcode", &[("state", &page.state()), ("passcode", &code)]).await;
    accepted(&site, kyckit::credo360::PROVIDER, &page, &["possession_of_account"]);
}

#[tokio::test]
async fn the_pages_speak_the_persons_language() {
    let site = site().await;
    for (header, language, title) in [
        ("de-AT, en;q=0.5", "de", "Wie möchten Sie zeigen, wer Sie sind?"),
        ("nl, fr;q=0.7", "fr", "Comment souhaitez-vous prouver votre identité ?"),
        ("nl", "en", "How would you like to prove who you are?"),
    ] {
        let mut person = site.person();
        person.language = header;
        let page = person.get("/").await;
        assert!(page.has(&format!("<html lang=\"{language}\">")), "{}", page.text);
        assert_eq!(page.h1(), title);
        person.begin("maya").await;
        let page = person.post("/sandbox/phone", &[]).await;
        assert!(page.has(&format!("<html lang=\"{language}\">")));
        let texts = kyckit::flow::texts::Texts::of(language).expect("a language");
        assert_eq!(page.h1(), texts.outcome(kyckit::identity::Outcome::Accepted));
    }
}
