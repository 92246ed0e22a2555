//! Schemas of the attributes that the fake asks for and of the most usual others, as the contract's table describes
//! them. They are this crate's own words, not the provider's files.

use serde_json::{Value, json};

/// In front of an attribute's name.
const PREFIX: &str = "http://platform.selfkey.org/schema/attribute/";

/// The id of an attribute's schema.
pub(super) fn id(name: &str) -> String {
    format!("{PREFIX}{name}.json")
}

/// All of them.
pub(super) fn all() -> Vec<(String, Value)> {
    let text = || json!({ "type": "string", "minLength": 1 });
    let date = || json!({ "type": "string", "format": "date" });
    let country = || json!({ "type": "string", "pattern": "^[A-Z]{2}$" });
    let file = |types: &[&str]| {
        json!({
            "type": "object",
            "format": "file",
            "properties": {
                "mimeType": { "type": "string", "enum": types },
                "size": { "type": "integer", "maximum": 50_000_000 },
                "content": { "type": "string" },
            },
            "required": ["content"],
        })
    };
    let image = || file(&["image/jpeg", "image/png", "application/pdf"]);
    let object = |properties: Value, required: &[&str]| json!({ "type": "object", "properties": properties, "required": required });
    let images = || json!({ "type": "array", "items": image() });
    let selfie = || object(json!({ "image": image() }), &["image"]);
    let schemas = [
        ("first-name", text()),
        ("middle-name", text()),
        ("last-name", text()),
        ("company-name", text()),
        ("tax-id-number", text()),
        ("work-place", text()),
        ("email", json!({ "type": "string", "format": "email" })),
        ("phone-number", json!({ "type": "string", "pattern": r"^\+?[0-9() .-]{6,24}$" })),
        ("date-of-birth", date()),
        ("incorporation-date", date()),
        ("nationality", object(json!({ "country": country(), "denonym": text() }), &["country"])),
        ("country-of-residency", object(json!({ "country": country() }), &["country"])),
        (
            "physical-address",
            object(
                json!({ "address_line_1": text(), "address_line_2": { "type": "string" },
                    "city": { "type": "string" }, "province": { "type": "string" },
                    "postalcode": { "type": "string" } }),
                &["address_line_1"],
            ),
        ),
        (
            "national-id-number",
            object(
                json!({ "id_number": text(), "issuing_country": country() }),
                &["id_number", "issuing_country"],
            ),
        ),
        (
            "passport",
            object(
                json!({ "image": image(), "issued": date(), "expires": date(), "selfie": selfie(),
                    "extra": images() }),
                &["image", "issued", "expires"],
            ),
        ),
        (
            "national-id",
            object(
                json!({ "front": image(), "back": image(), "issued": date(), "expires": date(),
                    "selfie": selfie(), "extra": images() }),
                &["front", "issued"],
            ),
        ),
        (
            "utility-bill",
            object(json!({ "images": images(), "issued": date(), "extra": images() }), &["images", "issued"]),
        ),
        ("cv", json!({ "type": "array", "items": image() })),
        ("voice-id", file(&["audio/mp3", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/x-wav"])),
    ];
    schemas.into_iter().map(|(name, schema)| (id(name), schema)).collect()
}
