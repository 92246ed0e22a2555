//! The payload of a customer's profile.

use serde_json::{Map, Value, json};

use crate::{maya::Scope, sandbox::Person};

/// Spelling of a profile where the provider's table and sample disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spelling {
    /// `PASSED`, `subtype`, `mailto:`; what is not known is left out.
    #[default]
    Sample,
    /// `PASS`, `subType`, no `mailto:`; what is not known is `null`.
    Table,
}

/// The links of one response, made when it is.
pub(super) struct Links {
    pub(super) front: String,
    pub(super) back: String,
    pub(super) video: String,
}

pub(super) fn payload(
    customer: u64,
    person: &Person,
    scopes: &[Scope],
    spelling: Spelling,
    links: &Links,
) -> Value {
    let table = spelling == Spelling::Table;
    let passed = if table { "PASS" } else { "PASSED" };
    let subtype = if table { "subType" } else { "subtype" };
    let mut payload = Map::new();
    let mut put = |name: &str, value: Value| drop(payload.insert(name.to_owned(), value));
    put("id", json!(format!("{customer:036x}")));
    put("profileId", json!(format!("{customer:012}")));
    put("kycStatus", json!("KYC1"));
    if scopes.contains(&Scope::WorkDetails) {
        put(
            "workDetails",
            json!({
                "sourceOfIncome": "EMPLOYMENT", "sourceOfIncomeDetails": null, "natureOfWork": "OTHERS",
                "natureOfWorkDetails": "Quality tester", "verificationStatus": passed,
            }),
        );
    }
    if scopes.contains(&Scope::Address) {
        let mut address = json!({
            "line1": person.street.expose(), "locality": "Brgy. Uno", "city": person.city.expose(),
            "country": person.country.expose(), "type": "PRESENT", "zipCode": "0123", "region": "NCR",
            "verificationStatus": passed,
        });
        if table {
            address["line2"] = Value::Null;
            address["province"] = Value::Null;
        }
        let mut permanent = address.clone();
        permanent["type"] = json!("PERMANENT");
        put("address", json!([address, permanent]));
    }
    if scopes.contains(&Scope::Contact) {
        let scheme = if table { "" } else { "mailto:" };
        let mail = format!("{scheme}{}", person.email.expose());
        put(
            "contact",
            json!([
                { "type": "MSISDN", subtype: "PRIMARY", "value": person.phone.expose(), "verificationStatus": passed },
                { "type": "EMAIL", subtype: "PRIMARY", "value": mail, "verificationStatus": null },
            ]),
        );
    }
    if scopes.contains(&Scope::Profile) {
        put(
            "name",
            json!({
                "firstName": person.first_name.expose(), "middleName": null, "lastName": person.last_name.expose(),
                "verificationStatus": passed,
            }),
        );
        put(
            "birthDetails",
            json!({
                "birthDate": month_first(person.dob.expose()), "city": "Cebu City",
                "nationality": person.country.expose(), "country": person.country.expose(),
                "verificationStatus": passed,
            }),
        );
    }
    if scopes.contains(&Scope::IdentityDocument) {
        let expiry = month_first(person.expiry_date.expose());
        put(
            "identityDocument",
            json!([
                { "type": "PASSPORT", "value": null, "frontUrl": links.front, "backUrl": links.back,
                  "expiryDate": expiry, "verificationStatus": passed },
                { "type": "DRIVERS_LICENSE", "value": person.document_number.expose(), "frontUrl": null,
                  "backUrl": null, "expiryDate": expiry, "verificationStatus": null },
                { "type": "LIVENESS_VIDEO", "value": null, "frontUrl": links.video, "backUrl": null,
                  "expiryDate": null, "verificationStatus": passed },
            ]),
        );
    }
    Value::Object(payload)
}

/// `yyyy-mm-dd` as Maya writes it: `mm-dd-yyyy`.
fn month_first(day: &str) -> String {
    match day.split_once('-') {
        Some((year, rest)) => format!("{rest}-{year}"),
        None => day.to_owned(),
    }
}
