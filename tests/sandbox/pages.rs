//! The verification page, clicked through by forms.

use std::time::Duration;

use kyckit::sandbox::shuftipro::ShuftiPro;
use serde_json::json;

use crate::support::{Answer, Client, send, start, start_frozen};

async fn open(client: &Client, reference: &str, extra: serde_json::Value) -> String {
    let mut body =
        json!({ "reference": reference, "document": { "name": "", "dob": "1990-10-10" }, "face": "" });
    if let (Some(body), Some(extra)) = (body.as_object_mut(), extra.as_object()) {
        body.extend(extra.clone());
    }
    let answer = client.post("", body).await.json();
    answer["verification_url"].as_str().expect("a URL").to_owned()
}

async fn click(client: &Client, url: &str, form: &str) -> Answer {
    let request = client.http.post(url).header("content-type", "application/x-www-form-urlencoded");
    send(request.body(form.to_owned())).await
}

async fn text(client: &Client, url: &str) -> String {
    String::from_utf8(send(client.http.get(url)).await.bytes.to_vec()).expect("text")
}

#[tokio::test]
async fn the_page_shows_what_is_asked_and_its_buttons_end_it() {
    let client = start().await;
    for (number, (form, event, title)) in [
        ("action=accept&reason=SPDR01", "verification.accepted", "Accepted"),
        ("action=decline&reason=SPDR07", "verification.declined", "Declined"),
        ("action=natural", "verification.declined", "Declined"),
        ("action=cancel", "verification.cancelled", "Cancelled"),
        ("action=review", "review.pending", "Thank you"),
    ]
    .into_iter()
    .enumerate()
    {
        let reference = format!("order-{number}");
        let url = open(&client, &reference, json!({})).await;
        let page = text(&client, &url).await;
        for part in [
            "<html lang=\"en\">",
            "<h1>",
            "document: name is read, dob is compared",
            "<label for=\"reason\">",
            "SPDR07",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        // Reasons of services that were not asked for are not offered.
        assert!(!page.contains("SPDR35") && !page.contains("<script"));
        let answer = click(&client, &url, form).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, url.as_str()));
        assert_eq!(client.status(&reference).await["event"], event);
        assert!(text(&client, &url).await.contains(&format!("<h1>{title}</h1>")));
        // Once is enough.
        assert_eq!(click(&client, &url, form).await.status, 409, "{form}");
    }
    assert_eq!(client.status("order-1").await["declined_codes"], json!(["SPDR07"]));
}

#[tokio::test]
async fn the_user_is_sent_back_and_may_not_learn_the_result() {
    let client = start().await;
    let extra = json!({ "redirect_url": "https://www.example.com/done?a=b", "show_results": "0" });
    let url = open(&client, "order-1", extra).await;
    let answer = click(&client, &url, "action=decline&reason=SPDR07").await;
    assert_eq!(answer.headers["location"], "https://www.example.com/done?a=b");
    assert!(!text(&client, &url).await.contains("Declined"));
}

#[tokio::test]
async fn wrong_clicks_and_dead_links_get_a_readable_page() {
    let (client, time) = start_frozen(ShuftiPro::builder()).await;
    let url = open(&client, "order-1", json!({})).await;
    assert_eq!(click(&client, &url, "action=explode").await.status, 400);
    assert_eq!(click(&client, &url, "").await.status, 400);
    assert_eq!(send(client.http.put(&url)).await.status, 405);
    assert_eq!(send(client.http.get(format!("{url}x"))).await.status, 404);
    time.advance(Duration::from_secs(3_600));
    assert_eq!(send(client.http.get(&url)).await.status, 410);
    assert_eq!(click(&client, &url, "action=accept").await.status, 409);
}

#[tokio::test]
async fn markup_in_a_request_does_not_reach_the_page() {
    let client = start().await;
    let extra = json!({ "document": { "<script>alert(1)</script>": "" } });
    let url = open(&client, "order-1", extra).await;
    let answer = send(client.http.get(&url)).await;
    let page = String::from_utf8(answer.bytes.to_vec()).expect("text");
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
}
