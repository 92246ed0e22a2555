//! The website in a real browser, a screenshot of each step kept under `target/onboarding-screenshots/`.

use kyckit::{
    credify, credo360,
    flow::texts::Texts,
    identity::{Outcome, Reason},
    maya,
    provider::ProviderId,
    selfkey, shuftipro,
};
use serde_json::Value;

use crate::{
    driver::{Driver, Window, programs},
    support::{Site, site},
};

/// What a page of this website has to have for everybody to use it, and what it must not have.
const BASICS: &str = r"
    const wrong = [];
    const shown = element => element.getClientRects().length > 0;
    if (!document.documentElement.lang) wrong.push('no language');
    if (!document.title) wrong.push('no title');
    if (document.querySelectorAll('h1').length !== 1) wrong.push('not one h1');
    if (document.querySelectorAll('main').length !== 1) wrong.push('not one main');
    for (const field of document.querySelectorAll('input:not([type=hidden]), textarea, select')) {
        if (!field.labels || field.labels.length !== 1) wrong.push('no label: ' + field.name);
    }
    for (const group of document.querySelectorAll('fieldset')) {
        if (!group.querySelector('legend')) wrong.push('no legend');
    }
    for (const control of document.querySelectorAll('button, a')) {
        if (!control.innerText.trim()) wrong.push('no text: ' + control.outerHTML);
    }
    for (const element of document.querySelectorAll('[aria-describedby], [aria-labelledby]')) {
        const names = (element.getAttribute('aria-describedby') || '') + ' ' + (element.getAttribute('aria-labelledby') || '');
        for (const name of names.split(' ').filter(Boolean)) {
            if (!document.getElementById(name)) wrong.push('describes nothing: ' + name);
        }
    }
    const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
    if (new Set(ids).size !== ids.length) wrong.push('an id is there twice');
    if (document.scripts.length) wrong.push('a script');
    if (document.documentElement.scrollWidth > document.documentElement.clientWidth + 1) wrong.push('wider than the window');

    // Contrast, by WCAG 2: of every text against what is painted behind it.
    const numbers = color => color.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b]
        .map(part => part / 255)
        .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const color = numbers(getComputedStyle(at).backgroundColor);
            if (color.length === 3 || color[3] === 1) return color;
        }
        return [255, 255, 255];
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !shown(element)) continue;
        const [text, paper] = [light(numbers(getComputedStyle(element).color)), light(behind(element))];
        const contrast = (Math.max(text, paper) + 0.05) / (Math.min(text, paper) + 0.05);
        if (contrast < 4.5) wrong.push('contrast ' + contrast.toFixed(2) + ': ' + walker.currentNode.data.trim());
    }
    return wrong;
";

/// A person in front of a browser.
struct Walk<'a> {
    driver: &'a Driver,
    site: &'a Site,
    provider: ProviderId,
    variant: &'static str,
    number: u32,
}

impl Walk<'_> {
    /// The page with this heading: it is looked at, and a screenshot is kept.
    async fn see(&mut self, step: &str, heading: &str) {
        self.driver.see(heading).await;
        self.number += 1;
        let Self { provider, number, variant, .. } = self;
        self.driver.screenshot(&format!("{provider}{variant}-{number}-{step}")).await;
        // A page that looks for the result by itself may go on in this very moment.
        match self.driver.run(BASICS).await {
            Ok(Value::Array(wrong)) => assert!(wrong.is_empty(), "{provider} {step}: {wrong:#?}"),
            other => assert_eq!(step, "wait", "{other:?}"),
        }
    }

    /// From the choice to the first step, with what the sandbox offers typed in.
    async fn begin(&mut self, titles: [&str; 2]) {
        let Self { driver, provider, .. } = *self;
        driver.open(self.site.base.as_str()).await;
        self.see("choose", titles[0]).await;
        driver.click(&format!("#provider-{provider}")).await;
        driver.click("main button").await;
        driver.see(titles[1]).await;
        let person = self.site.app.demo.person(provider).expect("a person");
        driver.fill("#name", person.full_name().expose()).await;
        driver.fill("#mail", person.email.expose()).await;
        if provider == credo360::PROVIDER {
            driver.fill("#credo_id", self.site.app.demo.handle.expose()).await;
        }
        if provider == selfkey::PROVIDER {
            let did = driver.text(".sandbox dd code").await;
            driver.fill("#did", &did).await;
        }
        self.see("details", titles[1]).await;
        driver.click("main button").await;
    }

    /// The result, accepted, in this language.
    async fn verified(&mut self, texts: &Texts) {
        self.see("result", &texts.outcome(Outcome::Accepted)).await;
        assert_eq!(self.driver.text("#outcome").await, "accepted");
        assert_eq!(
            self.driver.run("return document.documentElement.lang").await,
            Ok(texts.language().into())
        );
        let person = self.site.app.demo.person(self.provider).expect("a person");
        let known = self.driver.text("table").await;
        assert!(known.contains(person.last_name.expose()), "{}: {known}", self.provider);
        assert_eq!(self.driver.complaints().await, [""; 0]);
    }
}

const ENGLISH: [&str; 2] = ["How would you like to prove who you are?", "About you"];
const GERMAN: [&str; 2] = ["Wie möchten Sie zeigen, wer Sie sind?", "Zu Ihrer Person"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_provider_from_the_choice_to_the_result_in_a_browser() {
    let Some(programs) = programs() else {
        eprintln!("not run: chromium and chromedriver are not both installed");
        return;
    };
    let site = site().await;
    let wide = Window { language: "en-GB,en", size: (1200, 900), is_dark: false };
    let driver = Driver::start(&programs, wide).await;
    let texts = Texts::of("en").expect("English");
    let walk = |provider| Walk { driver: &driver, site: &site, provider, variant: "", number: 0 };

    let mut at = walk(shuftipro::PROVIDER);
    at.begin(ENGLISH).await;
    at.see("open", "Go on at Shufti Pro").await;
    driver.click("#open").await;
    at.see("provider", "Verify your identity").await;
    driver.click("button[value=review]").await;
    at.see("wait", "Waiting for the result").await;
    driver.click("button[value=accept]").await;
    at.verified(texts).await;
    site.app.demo.shuftipro.settled().await;
    site.says("callback of shuftipro: Applied").await;

    let mut at = walk(credo360::PROVIDER);
    at.begin(ENGLISH).await;
    at.see("passcode", "Enter the code").await;
    driver.fill("#passcode", "12").await;
    driver.click("main button").await;
    driver.text("[role=alert]").await;
    at.see("wrong-passcode", "Enter the code").await;
    let delivered = driver.text("#delivered").await;
    driver.fill("#passcode", &delivered).await;
    driver.click("main button").await;
    at.verified(texts).await;

    let mut at = walk(maya::PROVIDER);
    at.begin(ENGLISH).await;
    at.see("app", "Open us in the Maya app").await;
    driver.click(".sandbox button").await;
    at.verified(texts).await;

    let mut at = walk(selfkey::PROVIDER);
    at.begin(ENGLISH).await;
    at.see("sign", "Sign with your wallet").await;
    driver.click(".sandbox button").await;
    at.see("application", "Hand in your application").await;
    driver.click(".sandbox button").await;
    at.see("wait", "Waiting for the result").await;
    driver.click("button[value=accept]").await;
    at.verified(texts).await;

    let mut at = walk(credify::PROVIDER);
    at.begin(ENGLISH).await;
    at.see("open", "Go on at Credify").await;
    driver.click("#open").await;
    at.see("provider", "Share your data?").await;
    driver.click("button[value=agree]").await;
    at.verified(texts).await;

    // Leaving forgets the person.
    driver.click("main button").await;
    driver.see(ENGLISH[0]).await;
    driver.open(site.base.join("/result").expect("a path").as_str()).await;
    driver.see(ENGLISH[0]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_in_german_and_in_the_dark() {
    let Some(programs) = programs() else {
        eprintln!("not run: chromium and chromedriver are not both installed");
        return;
    };
    let site = site().await;
    let narrow = Window { language: "de-DE,de", size: (390, 844), is_dark: true };
    let driver = Driver::start(&programs, narrow).await;
    let texts = Texts::of("de").expect("German");
    let walk = |provider| Walk { driver: &driver, site: &site, provider, variant: "-de", number: 0 };

    // Declined, and what to do about it.
    let mut at = walk(shuftipro::PROVIDER);
    at.begin(GERMAN).await;
    at.see("open", "Weiter bei Shufti Pro").await;
    driver.click("#open").await;
    at.see("provider", "Verify your identity").await;
    driver.click("option[value=SPDR06]").await;
    driver.click("button[value=decline]").await;
    at.see("declined", &texts.outcome(Outcome::Declined)).await;
    let reasons = driver.text(".reasons").await;
    assert!(Reason::ALL.iter().any(|reason| reasons.contains(&texts.reason(*reason))), "{reasons}");

    // Another provider: not before the person agrees.
    driver.click("a[href='/another']").await;
    driver.see("Einen anderen Anbieter nutzen").await;
    driver.click("main button").await;
    driver.text("[role=alert]").await;
    at.see("no-consent", "Einen anderen Anbieter nutzen").await;
    // The status of that page is the one thing that this browser remarks on.
    let said = driver.complaints().await;
    assert!(said.len() == 1 && said[0].contains("status of 422"), "{said:?}");
    assert!(site.app.demo.credify.server().log().is_empty());
    driver.click("#provider-credify").await;
    driver.click("#consent").await;
    driver.click("main button").await;
    at.provider = credify::PROVIDER;
    at.see("open", "Weiter bei Credify").await;
    driver.click("#open").await;
    driver.see("Share your data?").await;
    driver.click("button[value=refuse]").await;
    at.see("refused", "Das hat nicht geklappt").await;
    driver.click("main form[action='/again'] button").await;
    driver.see("Weiter bei Credify").await;
    driver.click("#open").await;
    driver.click("button[value=agree]").await;
    at.verified(texts).await;

    let mut at = walk(selfkey::PROVIDER);
    at.begin(GERMAN).await;
    at.see("sign", "Unterschreiben Sie mit Ihrer Wallet").await;
    driver.click(".sandbox button").await;
    at.see("application", "Reichen Sie Ihren Antrag ein").await;
}
