//! Checks of each service.

use serde_json::{Map, Value, json};

use super::{
    Case, Decided, is_on,
    name::{full_name, plain, read_name, without_switch},
    service_result::ServiceResult,
};
use crate::sandbox::{
    Person,
    shuftipro::{services, upload::Upload},
};

impl Case<'_> {
    pub(super) fn examine(&self, service: &str, result: &mut ServiceResult<'_>) {
        match service {
            services::DOCUMENT | services::DOCUMENT_TWO => self.document(result),
            services::FACE => self.face(result),
            services::ADDRESS => self.address(result),
            services::CONSENT => consent(result),
            services::BACKGROUND_CHECKS => self.screen_person(result),
            services::AML_FOR_BUSINESSES => self.screen_business(result),
            services::KYB => kyb(result),
            services::EKYC => self.ekyc(result),
            services::RISK_ASSESSMENT => risk(result),
            // A phone number and answers to questions are right; their results are scalars.
            _ => {}
        }
    }

    fn document(&self, result: &mut ServiceResult<'_>) {
        let person = self.person;
        result.leaf("document", 1);
        result.leaf("document_visibility", 1);
        result.leaf("document_must_not_be_expired", 1);
        result.leaf("document_proof", Value::Null);
        let asked_country = self.general.get("country").and_then(Value::as_str).unwrap_or_default();
        let own = person.country.expose().as_str();
        let country = if self.own_country || asked_country.is_empty() { own } else { asked_country };
        let fits = asked_country.is_empty() || asked_country.eq_ignore_ascii_case(country);
        result.verdict("document_country", fits, "SPDR12");
        result.name(person, "SPDR07");
        result.exact("dob", person.dob.expose(), "SPDR08");
        self.age(result);
        result.exact("issue_date", person.issue_date.expose(), "SPDR10");
        result.exact("expiry_date", person.expiry_date.expose(), "SPDR16");
        result.exact("document_number", person.document_number.expose(), "SPDR11");
        result.exact("gender", person.gender.expose(), "SPDR305");
        result.data.insert("country".to_owned(), Value::from(country));
        if self.services.contains_key(services::FACE) {
            result.leaf("face_on_document_matched", 1);
            result.data.insert("face_match_confidence".to_owned(), Value::from(95));
        }
        result.types(&["id_card", "credit_or_debit_card", "driving_license", "passport"]);
    }

    fn age(&self, result: &mut ServiceResult<'_>) {
        let truth = u64::from(self.person.age(self.now));
        let fits = match result.asked.get("age") {
            None | Some(Value::Null) => return,
            Some(Value::Object(range)) if !range.is_empty() => {
                let bound = |key, default| range.get(key).and_then(Value::as_u64).unwrap_or(default);
                (bound("min", 0)..=bound("max", u64::MAX)).contains(&truth)
            }
            Some(value) => value.as_u64().is_none_or(|given| given == truth),
        };
        result.data.insert("age".to_owned(), Value::from(truth));
        result.verdict("age", fits, "SPDR14");
    }

    fn face(&self, result: &mut ServiceResult<'_>) {
        if is_on(result.asked, "check_duplicate_request") {
            let flag = if self.face.duplicate { "1" } else { "0" };
            result.data.insert("duplicate_account_detected".to_owned(), Value::from(flag));
            if self.face.duplicate {
                result.decline("SPDR287");
            }
        }
        match result.asked.get("face_authentication").and_then(Value::as_str) {
            Some("enroll") if self.face.enrolled => result.decline("SPDR344"),
            Some("authenticate") if !self.face.enrolled => result.decline("SPDR343"),
            _ => {}
        }
    }

    fn address(&self, result: &mut ServiceResult<'_>) {
        let person = self.person;
        result.leaf("address_document", 1);
        result.leaf("address_document_visibility", 1);
        result.leaf("address_document_must_not_be_expired", 1);
        result.leaf("address_document_country", 1);
        result.leaf("address_document_proof", Value::Null);
        result.leaf("match_address_proofs_with_document_proofs", Value::Null);
        let truth = person.full_address().into_exposed();
        let fuzzy = is_on(result.asked, "address_fuzzy_match");
        result.field("full_address", &truth, "SPDR23", |given| {
            let (given, whole) = (plain(given), plain(&truth));
            given == whole || (fuzzy && given.contains(&plain(person.street.expose())))
        });
        result.name(person, "SPDR22");
        result.exact("issue_date", person.issue_date.expose(), "SPDR30");
        result.data.insert("country".to_owned(), Value::from(person.country.expose().as_str()));
        result.types(&["id_card", "bank_statement", "utility_bill", "tax_bill"]);
    }

    fn screen_person(&self, result: &mut ServiceResult<'_>) {
        let from_document = self.services.get(services::DOCUMENT).and_then(Value::as_object);
        let own = result.asked.get("name").and_then(Value::as_object).filter(|name| !name.is_empty());
        let given = own.or_else(|| {
            from_document
                .and_then(|document| document.get("name")?.as_object())
                .filter(|name| !name.is_empty())
        });
        let dob = |fields: &Map<String, Value>| {
            fields.get("dob").and_then(Value::as_str).filter(|dob| !dob.is_empty()).map(str::to_owned)
        };
        let dob = dob(result.asked).or_else(|| from_document.and_then(dob));
        let (name, dob) = match given {
            Some(given) => (without_switch(given), dob),
            None => (read_name(self.person), dob.or_else(|| Some(self.person.dob.expose().clone()))),
        };
        let filters = filters(result.asked);
        let hits = self.watchlist.person(&full_name(&name), dob.as_deref(), &filters);
        if !hits.is_empty() {
            result.decline("SPDR34");
        }
        result.data.insert("dob".to_owned(), Value::from(dob.unwrap_or_default()));
        result.data.insert("name".to_owned(), name);
        result.data.insert("aml_data".to_owned(), json!({ "filters": filters, "hits": hits }));
    }

    fn screen_business(&self, result: &mut ServiceResult<'_>) {
        let name = result.asked.get("business_name").and_then(Value::as_str).unwrap_or_default();
        let filters = filters(result.asked);
        let hits = self.watchlist.business(name, &filters);
        if !hits.is_empty() {
            result.decline("SPDR34");
        }
        result.data.insert("business_name".to_owned(), Value::from(name));
        result.data.insert("aml_data".to_owned(), json!({ "filters": filters, "hits": hits }));
    }

    fn ekyc(&self, result: &mut ServiceResult<'_>) {
        let person = self.person;
        let truth = json!({
            "first_name": person.first_name, "middle_name": null, "last_name": person.last_name,
            "national_id": person.national_id, "gender": person.gender, "dob": person.dob,
        });
        let details = result.asked.get("personal_details").and_then(Value::as_object);
        let given = details.into_iter().flatten().chain(result.asked.get_key_value("national_id"));
        let differs = |(key, given): (&String, &Value)| {
            let (given, truth) = (given.as_str().unwrap_or_default(), truth.get(key).and_then(Value::as_str));
            !given.is_empty() && truth.is_some_and(|truth| plain(given) != plain(truth))
        };
        let differing: Vec<&String> = given.filter(|pair| differs(*pair)).map(|(key, _)| key).collect();
        result.leaf("ekyc", 1);
        if differing.iter().any(|key| *key == "national_id") {
            result.decline("SPDR266");
        } else if !differing.is_empty() {
            result.decline("SPDR305");
        }
        result.data.insert("personal_details".to_owned(), truth);
    }

    /// What stands beside the results.
    pub(super) fn remarks(&self, service: &str, asked: &Value, decided: &mut Decided) {
        if [services::QUESTIONNAIRE, services::KYI].contains(&service) {
            decided.data.insert(service.to_owned(), questions("About you"));
        }
        let png = |upload: &&Upload| upload.service == service && upload.media_type == "image/png";
        if is_on(self.general, "allow_warnings") && self.uploads.iter().any(|upload| png(&upload)) {
            decided
                .warnings
                .insert(service.to_owned(), json!({ "png_format_detected": "Proof is in PNG format" }));
        }
        let enhanced = is_on(self.general, "fetch_enhanced_data")
            || asked.as_object().is_some_and(|asked| is_on(asked, "fetch_enhanced_data"));
        if enhanced && [services::DOCUMENT, services::DOCUMENT_TWO].contains(&service) {
            decided.additional.insert(service.to_owned(), json!({ "proof": enhanced_data(self.person) }));
        }
    }
}

fn consent(result: &mut ServiceResult<'_>) {
    let text = result.asked.get("text").cloned().unwrap_or_default();
    result.leaf("consent", 1);
    result.data.insert("text".to_owned(), text);
    result.types(&["printed", "handwritten"]);
}

fn kyb(result: &mut ServiceResult<'_>) {
    let text = |key, default: &str| match result.asked.get(key).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => text.to_owned(),
        _ => default.to_owned(),
    };
    let record = json!({
        "company_name": text("company_name", "Example Trading LLC"),
        "company_registration_number": text("company_registration_number", "12345678"),
        "company_jurisdiction_code": text("company_jurisdiction_code", "gb"),
        "company_status": "Active",
        "company_incorporation_date": "1994-07-05",
        "company_ultimate_beneficial_owners": [{ "name": "Alex Sample", "percentage_of_shares": "51.00" }],
    });
    if let Value::Object(record) = record {
        result.data = record;
    }
}

fn risk(result: &mut ServiceResult<'_>) {
    let data = json!({
        "title": "Onboarding",
        "fraud_prevention": [
            { "point_name": "No of successful verifications in last month", "point_score": "50" },
            { "point_name": "No of failed verifications in last month", "point_score": "50" },
        ],
        "questionnaire": questions("Onboarding"),
        "risk_score": {
            "range_name": "low", "total_assessment_score": "12", "fraud_prevention_score": null,
            "questionnaire_score": "12",
        },
        "services": [
            { "service_name": "phone", "status": "verification.declined" },
            { "service_name": "face", "status": "verification.accepted" },
            { "service_name": "document", "status": "verification.accepted" },
        ],
    });
    if let Value::Object(data) = data {
        result.data = data;
    }
}

/// A questionnaire with its answers. The answer of type `file` is filled in when it is sent, with a fresh link.
fn questions(title: &str) -> Value {
    json!([{
        "title": title,
        "questions": [
            { "question": "Are you acting for yourself?", "answer": "Yes", "type": "radio" },
            { "question": "What share of your income do you invest?", "answer": "10.4", "type": "float" },
            { "question": "Please upload a proof of income", "answer": "", "type": "file" },
        ],
    }])
}

fn enhanced_data(person: &Person) -> Value {
    let upper = |text: &str| text.to_uppercase();
    json!({
        "authority": "EXAMPLE AUTHORITY",
        "country_code": person.country_alpha3,
        "document_official_name": "Identity Card",
        "document_number": person.document_number,
        "first_name": upper(person.first_name.expose()),
        "last_name": upper(person.last_name.expose()),
        "dob": person.dob,
        "gender": person.gender,
        "issue_date": person.issue_date,
        "expiry_date": person.expiry_date,
        "height": "168",
        "face": "141,271,363,538",
        "signature": "733,504,856,569",
    })
}

fn filters(asked: &Map<String, Value>) -> Vec<String> {
    match asked.get("filters").and_then(Value::as_array).filter(|list| !list.is_empty()) {
        Some(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        None => services::DEFAULT_FILTERS.map(str::to_owned).to_vec(),
    }
}
