//! The result of a verification: what was asked, held against what the person's papers say.
//!
//! The three states of a request field (contract section 3.1) mean here: absent is not checked, empty is read from the
//! papers, a value is compared with them.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::{checks::is_empty, reasons, screening::Watchlist, services, upload::Upload};
use crate::sandbox::Person;

/// All that a result depends on.
pub(super) struct Case<'a> {
    /// The services, without their proofs.
    pub(super) services: &'a Map<String, Value>,
    /// The general fields.
    pub(super) general: &'a Map<String, Value>,
    pub(super) person: &'a Person,
    /// The papers are from the person's own country, although the request names one.
    pub(super) own_country: bool,
    pub(super) uploads: &'a [Upload],
    pub(super) watchlist: &'a Watchlist,
    pub(super) face: FaceHistory,
    pub(super) now: SystemTime,
}

/// What earlier requests of the account say about the face.
#[derive(Clone, Copy, Default)]
pub(super) struct FaceHistory {
    /// It was seen under another reference.
    pub(super) duplicate: bool,
    /// It is enrolled under this `customer_unique_id`.
    pub(super) enrolled: bool,
}

/// Who decides.
#[derive(Clone)]
pub(super) enum Verdict {
    /// The papers.
    Natural,
    /// Whoever plays the provider: all is well.
    Accept,
    /// The same: these codes.
    Decline(Vec<String>),
}

/// The parts of a final body (contract sections 4.1, 4.2, 4.4).
#[derive(Clone, Default)]
pub(super) struct Judgement {
    pub(super) accepted: bool,
    pub(super) result: Map<String, Value>,
    pub(super) data: Map<String, Value>,
    pub(super) additional: Map<String, Value>,
    pub(super) warnings: Map<String, Value>,
    /// Service and code, in the order in which they were found.
    pub(super) codes: Vec<(String, String)>,
}

impl Judgement {
    /// Every code once, in order.
    pub(super) fn declined_codes(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = Vec::new();
        for (_, code) in &self.codes {
            if !codes.contains(&code.as_str()) {
                codes.push(code);
            }
        }
        codes
    }

    /// Service to codes.
    pub(super) fn services_declined_codes(&self) -> Map<String, Value> {
        let mut map = Map::new();
        for (service, code) in &self.codes {
            if let Value::Array(codes) =
                map.entry(service.clone()).or_insert_with(|| Value::Array(Vec::new()))
            {
                codes.push(Value::from(code.as_str()));
            }
        }
        map
    }
}

/// Judges a case.
pub(super) fn judge(case: &Case<'_>, verdict: &Verdict) -> Judgement {
    let mut judgement = Judgement::default();
    let single_step = is_on(case.general, "decline_on_single_step");
    let known = services::ALL.into_iter().chain([services::RISK_ASSESSMENT]);
    for service in known {
        let Some(asked) = case.services.get(service) else { continue };
        if single_step && matches!(verdict, Verdict::Natural) && !judgement.codes.is_empty() {
            judgement.result.insert(service.to_owned(), Value::Null);
            continue;
        }
        let empty = Map::new();
        let mut sheet = Sheet::new(asked.as_object().unwrap_or(&empty));
        case.examine(service, &mut sheet);
        for code in
            case.uploads.iter().filter(|upload| upload.service == service).flat_map(Upload::decline_codes)
        {
            sheet.decline(code);
        }
        sheet.into(service, &mut judgement);
        case.remarks(service, asked, &mut judgement);
    }
    match verdict {
        Verdict::Natural => {}
        Verdict::Accept => judgement.acquit(),
        Verdict::Decline(codes) => {
            judgement.acquit();
            judgement.convict(codes);
        }
    }
    judgement.accepted = judgement.codes.is_empty() && !matches!(verdict, Verdict::Decline(_));
    judgement
}

impl Judgement {
    fn acquit(&mut self) {
        self.codes.clear();
        let pass = |value: &mut Value| {
            if *value == 0 {
                *value = Value::from(1);
            }
        };
        for value in self.result.values_mut() {
            match value {
                Value::Object(leaves) => leaves.values_mut().for_each(pass),
                scalar => pass(scalar),
            }
        }
    }

    fn convict(&mut self, codes: &[String]) {
        for code in codes {
            let reason = reasons::find(code);
            let likely = reason.map_or(&[][..], |reason| reason.services);
            let service = likely
                .iter()
                .find(|service| self.result.contains_key(**service))
                .map(|service| (*service).to_owned())
                .or_else(|| self.result.keys().next().cloned());
            let Some(service) = service else { continue };
            if let Some(value) = self.result.get_mut(&service) {
                fail(value, &service, reason.map_or("", |reason| reason.leaf));
            }
            self.codes.push((service, code.clone()));
        }
    }
}

/// Marks a service's result as declined, at the leaf where there is one.
fn fail(value: &mut Value, service: &str, leaf: &str) {
    match value {
        Value::Object(leaves) => {
            let leaf = match (leaf, service) {
                ("", services::ADDRESS) => "address_document",
                ("", service) => service,
                (leaf, _) => leaf,
            };
            leaves.insert(leaf.to_owned(), Value::from(0));
            if leaf == "document_proof" {
                leaves.insert("document".to_owned(), Value::from(0));
            }
        }
        scalar => *scalar = Value::from(0),
    }
}

/// What is found for one service.
struct Sheet<'a> {
    asked: &'a Map<String, Value>,
    /// `None`: the result is a scalar.
    leaves: Option<Map<String, Value>>,
    data: Map<String, Value>,
    codes: Vec<String>,
    /// Those of the codes whose leaf is not marked yet.
    unmarked: Vec<String>,
}

impl<'a> Sheet<'a> {
    fn new(asked: &'a Map<String, Value>) -> Self {
        Self { asked, leaves: None, data: Map::new(), codes: Vec::new(), unmarked: Vec::new() }
    }

    fn leaf(&mut self, key: &str, value: impl Into<Value>) {
        self.leaves.get_or_insert_default().insert(key.to_owned(), value.into());
    }

    fn decline(&mut self, code: impl Into<String>) {
        let code = code.into();
        self.unmarked.push(code.clone());
        self.codes.push(code);
    }

    /// A field in its three states; `code` stands for a difference.
    fn field(&mut self, key: &str, truth: &str, code: &str, same: impl FnOnce(&str) -> bool) {
        let Some(asked) = self.asked.get(key).filter(|asked| !asked.is_null()) else { return };
        let (shown, fits) = match asked.as_str().filter(|text| !text.is_empty()) {
            None => (truth, true),
            Some(given) => (given, same(given)),
        };
        self.data.insert(key.to_owned(), Value::from(shown));
        self.verdict(key, fits, code);
    }

    fn exact(&mut self, key: &str, truth: &str, code: &str) {
        self.field(key, truth, code, |given| given.eq_ignore_ascii_case(truth));
    }

    fn verdict(&mut self, leaf: &str, fits: bool, code: &str) {
        self.leaf(leaf, u8::from(fits));
        if !fits {
            self.codes.push(code.to_owned());
        }
    }

    fn name(&mut self, person: &Person, code: &str) {
        match self.asked.get("name") {
            None | Some(Value::Null) => {}
            Some(Value::Object(given)) if !given.is_empty() => {
                let fits = name_fits(given, person);
                let shown = given.iter().filter(|(key, _)| *key != "fuzzy_match");
                self.data.insert(
                    "name".to_owned(),
                    shown.map(|(key, value)| (key.clone(), value.clone())).collect(),
                );
                self.verdict("name", fits, code);
            }
            Some(_) => {
                self.data.insert("name".to_owned(), read_name(person));
                self.leaf("name", 1);
            }
        }
    }

    /// The type that was chosen: the only or the first one offered.
    fn types(&mut self, all: &[&str]) {
        let offered = self.asked.get("supported_types").filter(|types| !is_empty(types));
        let offered = offered.cloned().unwrap_or_else(|| json!(all));
        let chosen = offered.get(0).cloned().unwrap_or_default();
        self.data.insert("selected_type".to_owned(), json!([chosen]));
        self.data.insert("supported_types".to_owned(), offered);
        self.leaf("selected_type", 1);
    }

    fn into(self, service: &str, judgement: &mut Judgement) {
        let mut value = self.leaves.map_or_else(|| Value::from(1), Value::Object);
        for code in &self.unmarked {
            fail(&mut value, service, reasons::find(code).map_or("", |reason| reason.leaf));
        }
        judgement.result.insert(service.to_owned(), value);
        if !self.data.is_empty() {
            judgement.data.insert(service.to_owned(), Value::Object(self.data));
        }
        judgement.codes.extend(self.codes.into_iter().map(|code| (service.to_owned(), code)));
    }
}

impl Case<'_> {
    fn examine(&self, service: &str, sheet: &mut Sheet<'_>) {
        match service {
            services::DOCUMENT | services::DOCUMENT_TWO => self.document(sheet),
            services::FACE => self.face(sheet),
            services::ADDRESS => self.address(sheet),
            services::CONSENT => consent(sheet),
            services::BACKGROUND_CHECKS => self.screen_person(sheet),
            services::AML_FOR_BUSINESSES => self.screen_business(sheet),
            services::KYB => kyb(sheet),
            services::EKYC => self.ekyc(sheet),
            services::RISK_ASSESSMENT => risk(sheet),
            // A phone number and answers to questions are right; their results are scalars.
            _ => {}
        }
    }

    fn document(&self, sheet: &mut Sheet<'_>) {
        let person = self.person;
        sheet.leaf("document", 1);
        sheet.leaf("document_visibility", 1);
        sheet.leaf("document_must_not_be_expired", 1);
        sheet.leaf("document_proof", Value::Null);
        let asked_country = self.general.get("country").and_then(Value::as_str).unwrap_or_default();
        let own = person.country.expose().as_str();
        let country = if self.own_country || asked_country.is_empty() { own } else { asked_country };
        let fits = asked_country.is_empty() || asked_country.eq_ignore_ascii_case(country);
        sheet.verdict("document_country", fits, "SPDR12");
        sheet.name(person, "SPDR07");
        sheet.exact("dob", person.dob.expose(), "SPDR08");
        self.age(sheet);
        sheet.exact("issue_date", person.issue_date.expose(), "SPDR10");
        sheet.exact("expiry_date", person.expiry_date.expose(), "SPDR16");
        sheet.exact("document_number", person.document_number.expose(), "SPDR11");
        sheet.exact("gender", person.gender.expose(), "SPDR305");
        sheet.data.insert("country".to_owned(), Value::from(country));
        if self.services.contains_key(services::FACE) {
            sheet.leaf("face_on_document_matched", 1);
            sheet.data.insert("face_match_confidence".to_owned(), Value::from(95));
        }
        sheet.types(&["id_card", "credit_or_debit_card", "driving_license", "passport"]);
    }

    fn age(&self, sheet: &mut Sheet<'_>) {
        let truth = u64::from(self.person.age(self.now));
        let fits = match sheet.asked.get("age") {
            None | Some(Value::Null) => return,
            Some(Value::Object(range)) if !range.is_empty() => {
                let bound = |key, default| range.get(key).and_then(Value::as_u64).unwrap_or(default);
                (bound("min", 0)..=bound("max", u64::MAX)).contains(&truth)
            }
            Some(value) => value.as_u64().is_none_or(|given| given == truth),
        };
        sheet.data.insert("age".to_owned(), Value::from(truth));
        sheet.verdict("age", fits, "SPDR14");
    }

    fn face(&self, sheet: &mut Sheet<'_>) {
        if is_on(sheet.asked, "check_duplicate_request") {
            let flag = if self.face.duplicate { "1" } else { "0" };
            sheet.data.insert("duplicate_account_detected".to_owned(), Value::from(flag));
            if self.face.duplicate {
                sheet.decline("SPDR287");
            }
        }
        match sheet.asked.get("face_authentication").and_then(Value::as_str) {
            Some("enroll") if self.face.enrolled => sheet.decline("SPDR344"),
            Some("authenticate") if !self.face.enrolled => sheet.decline("SPDR343"),
            _ => {}
        }
    }

    fn address(&self, sheet: &mut Sheet<'_>) {
        let person = self.person;
        sheet.leaf("address_document", 1);
        sheet.leaf("address_document_visibility", 1);
        sheet.leaf("address_document_must_not_be_expired", 1);
        sheet.leaf("address_document_country", 1);
        sheet.leaf("address_document_proof", Value::Null);
        sheet.leaf("match_address_proofs_with_document_proofs", Value::Null);
        let truth = person.full_address().into_exposed();
        let fuzzy = is_on(sheet.asked, "address_fuzzy_match");
        sheet.field("full_address", &truth, "SPDR23", |given| {
            let (given, whole) = (plain(given), plain(&truth));
            given == whole || (fuzzy && given.contains(&plain(person.street.expose())))
        });
        sheet.name(person, "SPDR22");
        sheet.exact("issue_date", person.issue_date.expose(), "SPDR30");
        sheet.data.insert("country".to_owned(), Value::from(person.country.expose().as_str()));
        sheet.types(&["id_card", "bank_statement", "utility_bill", "tax_bill"]);
    }

    fn screen_person(&self, sheet: &mut Sheet<'_>) {
        let from_document = self.services.get(services::DOCUMENT).and_then(Value::as_object);
        let own = sheet.asked.get("name").and_then(Value::as_object).filter(|name| !name.is_empty());
        let given = own.or_else(|| {
            from_document
                .and_then(|document| document.get("name")?.as_object())
                .filter(|name| !name.is_empty())
        });
        let dob = |fields: &Map<String, Value>| {
            fields.get("dob").and_then(Value::as_str).filter(|dob| !dob.is_empty()).map(str::to_owned)
        };
        let dob = dob(sheet.asked).or_else(|| from_document.and_then(dob));
        let (name, dob) = match given {
            Some(given) => (without_switch(given), dob),
            None => (read_name(self.person), dob.or_else(|| Some(self.person.dob.expose().clone()))),
        };
        let filters = filters(sheet.asked);
        let hits = self.watchlist.person(&full_name(&name), dob.as_deref(), &filters);
        if !hits.is_empty() {
            sheet.decline("SPDR34");
        }
        sheet.data.insert("dob".to_owned(), Value::from(dob.unwrap_or_default()));
        sheet.data.insert("name".to_owned(), name);
        sheet.data.insert("aml_data".to_owned(), json!({ "filters": filters, "hits": hits }));
    }

    fn screen_business(&self, sheet: &mut Sheet<'_>) {
        let name = sheet.asked.get("business_name").and_then(Value::as_str).unwrap_or_default();
        let filters = filters(sheet.asked);
        let hits = self.watchlist.business(name, &filters);
        if !hits.is_empty() {
            sheet.decline("SPDR34");
        }
        sheet.data.insert("business_name".to_owned(), Value::from(name));
        sheet.data.insert("aml_data".to_owned(), json!({ "filters": filters, "hits": hits }));
    }

    fn ekyc(&self, sheet: &mut Sheet<'_>) {
        let person = self.person;
        let truth = json!({
            "first_name": person.first_name, "middle_name": null, "last_name": person.last_name,
            "national_id": person.national_id, "gender": person.gender, "dob": person.dob,
        });
        let details = sheet.asked.get("personal_details").and_then(Value::as_object);
        let given = details.into_iter().flatten().chain(sheet.asked.get_key_value("national_id"));
        let differs = |(key, given): (&String, &Value)| {
            let (given, truth) = (given.as_str().unwrap_or_default(), truth.get(key).and_then(Value::as_str));
            !given.is_empty() && truth.is_some_and(|truth| plain(given) != plain(truth))
        };
        let differing: Vec<&String> = given.filter(|pair| differs(*pair)).map(|(key, _)| key).collect();
        sheet.leaf("ekyc", 1);
        if differing.iter().any(|key| *key == "national_id") {
            sheet.decline("SPDR266");
        } else if !differing.is_empty() {
            sheet.decline("SPDR305");
        }
        sheet.data.insert("personal_details".to_owned(), truth);
    }

    /// What stands beside the results.
    fn remarks(&self, service: &str, asked: &Value, judgement: &mut Judgement) {
        if [services::QUESTIONNAIRE, services::KYI].contains(&service) {
            judgement.data.insert(service.to_owned(), questions("About you"));
        }
        let png = |upload: &&Upload| upload.service == service && upload.media_type == "image/png";
        if is_on(self.general, "allow_warnings") && self.uploads.iter().any(|upload| png(&upload)) {
            judgement
                .warnings
                .insert(service.to_owned(), json!({ "png_format_detected": "Proof is in PNG format" }));
        }
        let enhanced = is_on(self.general, "fetch_enhanced_data")
            || asked.as_object().is_some_and(|asked| is_on(asked, "fetch_enhanced_data"));
        if enhanced && [services::DOCUMENT, services::DOCUMENT_TWO].contains(&service) {
            judgement.additional.insert(service.to_owned(), json!({ "proof": enhanced_data(self.person) }));
        }
    }
}

fn consent(sheet: &mut Sheet<'_>) {
    let text = sheet.asked.get("text").cloned().unwrap_or_default();
    sheet.leaf("consent", 1);
    sheet.data.insert("text".to_owned(), text);
    sheet.types(&["printed", "handwritten"]);
}

fn kyb(sheet: &mut Sheet<'_>) {
    let text = |key, default: &str| match sheet.asked.get(key).and_then(Value::as_str) {
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
        sheet.data = record;
    }
}

fn risk(sheet: &mut Sheet<'_>) {
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
        sheet.data = data;
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

/// True for the flag `"1"`.
pub(super) fn is_on(fields: &Map<String, Value>, key: &str) -> bool {
    fields.get(key).and_then(Value::as_str) == Some("1")
}

fn filters(asked: &Map<String, Value>) -> Vec<String> {
    match asked.get("filters").and_then(Value::as_array).filter(|list| !list.is_empty()) {
        Some(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        None => services::DEFAULT_FILTERS.map(str::to_owned).to_vec(),
    }
}

fn read_name(person: &Person) -> Value {
    json!({
        "first_name": person.first_name, "middle_name": null, "last_name": person.last_name,
        "full_name": person.full_name(),
    })
}

fn without_switch(name: &Map<String, Value>) -> Value {
    name.iter()
        .filter(|(key, _)| *key != "fuzzy_match")
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// `full_name`, or the parts in order.
fn full_name(name: &Value) -> String {
    let part = |key| name.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    part("full_name").map_or_else(
        || {
            ["first_name", "middle_name", "last_name"]
                .into_iter()
                .filter_map(part)
                .collect::<Vec<_>>()
                .join(" ")
        },
        str::to_owned,
    )
}

fn name_fits(given: &Map<String, Value>, person: &Person) -> bool {
    let given_value = Value::Object(given.clone());
    let (given_name, truth) = (plain(&full_name(&given_value)), plain(person.full_name().expose()));
    let first_only =
        given.get("last_name").is_none_or(is_empty) && given.get("full_name").is_none_or(is_empty);
    if first_only {
        return given_name == plain(person.first_name.expose());
    }
    given_name == truth || (is_on(given, "fuzzy_match") && distance(&given_name, &truth) <= 2)
}

/// Lower case, letters and digits only.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Levenshtein's distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, char) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, other) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(char != *other);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}
