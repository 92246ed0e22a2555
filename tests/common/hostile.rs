//! JSON that is made to break its reader: nested beyond what a stack bears, also where a limit of depth does not see it.

#![allow(dead_code)]

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use url::form_urlencoded;

/// The member by which serde_json hands a text on without reading it. Whatever reads that text starts to count anew.
const RAW: &str = "$serde_json::private::RawValue";
/// The member by which serde_json hands a number on as a text.
const NUMBER: &str = "$serde_json::private::Number";
/// What members of messages that something is read from are called.
const MEMBERS: &[&str] = &[
    "accessToken",
    "access_token",
    "claims",
    "code",
    "data",
    "error",
    "errors",
    "event",
    "expires_in",
    "expiryAt",
    "handle",
    "id",
    "items",
    "jwt",
    "message",
    "reference",
    "signature",
    "token",
    "user",
];

/// A text, and what it is.
#[derive(Clone)]
pub struct Text {
    pub name: &'static str,
    pub body: String,
    /// Whether no reader of JSON may take it.
    pub refused: bool,
}

/// A list in a list, and so on, with an object at its middle that hands a text on, which is again such a list.
pub fn nested(key: &str, levels: usize, lists: usize) -> String {
    let mut text = "1".to_owned();
    for _ in 0..levels {
        let escaped = text.replace('\\', "\\u005c").replace('"', "\\u0022");
        text = format!("{}{{\"{key}\":\"{escaped}\"}}{}", "[".repeat(lists), "]".repeat(lists));
    }
    text
}

/// A token of three parts with these two.
pub fn token(header: &str, payload: &str) -> String {
    format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
}

/// All members that something is read from, with one value.
fn in_members(value: &str) -> String {
    let members: Vec<_> = MEMBERS.iter().map(|name| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// Tokens with the text in their parts, each as it is sent in a header.
pub static TOKENS: LazyLock<Vec<String>> = LazyLock::new(|| tokens(&nested(RAW, 45, 110)));
static SMALL_TOKENS: LazyLock<Vec<String>> = LazyLock::new(|| tokens(&nested(RAW, 24, 110)));

fn tokens(deep: &str) -> Vec<String> {
    vec![
        token(deep, "{}"),
        token(r#"{"alg":"HS512"}"#, deep),
        token(r#"{"alg":"EdDSA","typ":"JWT"}"#, &format!("{{\"sub\":\"a\",\"exp\":{deep}}}")),
        token(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, &"[".repeat(20_000)),
    ]
}

/// All texts.
pub static TEXTS: LazyLock<Vec<Text>> = LazyLock::new(|| {
    let refused = |name, body| Text { name, body, refused: true };
    let maybe = |name, body| Text { name, body, refused: false };
    let deep = nested(RAW, 30, 110);
    let name_of = |text: &str| text.replace('\\', "\\u005c").replace('"', "\\u0022");
    vec![
        refused("30 levels", format!("{{\"a\":{deep}}}")),
        refused("45 levels", format!("{{\"a\":{}}}", nested(RAW, 45, 110))),
        refused("60 levels", format!("{{\"a\":{}}}", nested(RAW, 60, 110))),
        refused("75 levels", format!("{{\"a\":{}}}", nested(RAW, 75, 110))),
        refused("45 levels below a list", nested(RAW, 45, 120)),
        refused("an object that hands itself on", format!("{{\"{RAW}\":\"{}\"}}", name_of(&deep))),
        refused("behind another member", format!("{{\"a\":1,\"{RAW}\":\"{}\",\"b\":2}}", name_of(&deep))),
        refused(
            "the member in escapes",
            format!("{{\"a\":{}}}", nested("\\u0024serde_json\\u003a:private::RawValue", 30, 60)),
        ),
        refused("in all members", in_members(&nested(RAW, 24, 120))),
        refused("a number that is none", format!("{{\"a\":{{\"{NUMBER}\":\"{}\"}}}}", name_of(&deep))),
        refused("numbers in all members", in_members(&format!("{{\"{NUMBER}\":\"1e99999999\"}}"))),
        refused("lists", "[".repeat(100_000)),
        refused("closed lists", format!("{}{}", "[".repeat(50_000), "]".repeat(50_000))),
        refused("objects", r#"{"a":"#.repeat(20_000)),
        refused("lists in all members", in_members(&format!("{}{}", "[".repeat(200), "]".repeat(200)))),
        // A text within a text is for whoever reads that one.
        maybe("as the name of a member", format!("{{\"{}\":1}}", name_of(&deep))),
        maybe("as a text in all members", in_members(&format!("\"{}\"", name_of(&nested(RAW, 30, 110))))),
        maybe("tokens with a hostile header", in_members(&format!("\"{}\"", SMALL_TOKENS[0]))),
        maybe("tokens with a hostile payload", in_members(&format!("\"{}\"", SMALL_TOKENS[2]))),
        maybe("wrapped tokens", format!("{{\"data\":{}}}", in_members(&format!("\"{}\"", SMALL_TOKENS[1])))),
        maybe("a form", form(&deep)),
        // What is of another type than any reader expects.
        maybe("a number", "7".to_owned()),
        maybe("a text", r#""x""#.to_owned()),
        maybe("nothing", "null".to_owned()),
        maybe("an empty list", "[]".to_owned()),
        maybe("a list of numbers", "[7]".to_owned()),
        maybe("an empty object", "{}".to_owned()),
        maybe("numbers in members", in_members("7")),
        maybe("texts in members", in_members(r#""x""#)),
        maybe("nothing in members", in_members("null")),
        maybe("empty lists in members", in_members("[]")),
        maybe("lists of numbers in members", in_members("[7]")),
        maybe("empty objects in members", in_members("{}")),
        maybe("objects in members", in_members(&in_members("7"))),
        maybe("objects in lists in members", in_members(&format!("[{}]", in_members("[]")))),
    ]
});

/// A form with the text in its fields.
pub fn form(text: &str) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for name in
        ["data", "token", "signature", "attributes", "code", "client_secret", "grant_type", "body", "state"]
    {
        form.append_pair(name, text);
    }
    form.finish()
}

/// A form of parts with the text in each of them.
pub fn multipart(text: &str) -> Vec<u8> {
    let mut form = String::new();
    for name in ["attributes", "meta", "type", "json"] {
        form.push_str(&format!(
            "--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: application/json\r\n\r\n{text}\r\n"
        ));
    }
    form.push_str(&format!(
        "--B\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a.json\"\r\nContent-Type: application/json\r\n\r\n{text}\r\n--B--\r\n"
    ));
    form.into_bytes()
}

/// Runs something where a reader that goes too deep does not survive: on a stack of 2 MiB.
pub fn on_a_usual_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(work).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
