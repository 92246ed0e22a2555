//! The calls of contract section 1: what is checked, what they do, what they answer.

use std::time::Duration;

use serde_json::{Map, Value, json};
use url::Url;

use super::{
    account::AccountId,
    bodies,
    checks::{self, Check, Fields, refuse},
    fake::{Fake, needs_user},
    reasons,
    router::{Call, Refused},
    services,
    state::{File, Verification, event},
    upload::{self, Upload},
};
use crate::{
    error::{Error, ErrorKind, FieldError, Result},
    shuftipro::PROVIDER,
};

/// Default `ttl` in minutes.
const TTL: u64 = 60;

impl Fake {
    fn fields<'a>(&self, map: &'a Map<String, Value>, today: &'a str) -> Fields<'a> {
        Fields { service: "", map, today }
    }

    fn today(&self) -> String {
        time::OffsetDateTime::from(self.now()).date().to_string()
    }

    pub(super) fn verify(
        &self,
        account: AccountId,
        call: Call,
        request: &Map<String, Value>,
        user_agent: &str,
    ) -> Result<Value, Refused> {
        let today = self.today();
        let general = self.fields(request, &today);
        let reference = checks::reference(&general)?.to_owned();
        checks::general(&general, |url| self.courier.is_registered(url))?;
        let mut asked = self.asked(call, request)?;
        let mut uploads = Vec::new();
        for (service, value) in &asked {
            let empty = Map::new();
            let map = value.as_object().unwrap_or(&empty);
            checks::service(&Fields { service, map, today: &today }, &general, &mut uploads)?;
        }
        self.check_account(account, &asked)?;
        let onsite = call != Call::Verify || needs_user(&asked);
        for (service, value) in &mut asked {
            // The files were taken out, and are large.
            if let Value::Object(fields) = value
                && uploads.iter().any(|upload| upload.service == *service)
            {
                fields.retain(|key, _| key != "proof" && key != "additional_proof");
            }
        }
        let key = (account, reference);
        let verification = self.build(call, &key.1, request, asked, uploads, onsite, user_agent);
        match self.take_in(&key, verification) {
            Some(answer) => Ok(Value::Object(answer)),
            None => Err(Refused::Taken),
        }
    }

    /// The services of a request: its own, or its journey's.
    fn asked(&self, call: Call, request: &Map<String, Value>) -> Check<Map<String, Value>> {
        let known: &[&str] =
            if call == Call::RiskAssessment { &[services::RISK_ASSESSMENT] } else { &services::ALL };
        let mut asked = Map::new();
        for service in known {
            match request.get(*service) {
                None | Some(Value::Null) => continue,
                Some(value) if value.is_object() || checks::is_empty(value) => {
                    asked.insert((*service).to_owned(), value.clone());
                }
                Some(_) => return refuse(service, "", format!("The {service} must be an object.")),
            }
        }
        if call == Call::RiskAssessment {
            self.fields(request, "").required("email")?;
            self.fields(request, "").required(services::RISK_ASSESSMENT)?;
        } else if let Some(journey) = request.get("journey_id").filter(|id| !checks::is_empty(id)) {
            let journeys = &self.settings.journeys;
            match journeys.iter().find(|(id, _)| journey == id.as_str()) {
                Some((_, services)) => asked.extend(services.clone()),
                None if journeys.is_empty() => {
                    asked.insert(services::DOCUMENT.to_owned(), json!({ "name": "", "dob": "" }));
                    asked.insert(services::FACE.to_owned(), json!({}));
                }
                None => return refuse("", "journey_id", "The selected journey id is invalid."),
            }
        }
        if asked.is_empty() {
            return refuse("", "", "At least one service is required.");
        }
        Ok(asked)
    }

    /// What depends on the account's plan.
    fn check_account(&self, account: AccountId, asked: &Map<String, Value>) -> Result<(), Refused> {
        let store = self.store();
        let account = store.accounts.get(account);
        if let Some(plan) = &account.services {
            let known = services::ALL.into_iter().chain([services::RISK_ASSESSMENT]);
            let mut outside = known
                .filter(|service| asked.contains_key(*service) && !plan.iter().any(|own| own == service));
            if let Some(service) = outside.next() {
                return Err(Refused::Forbidden(service));
            }
        }
        for service in [services::BACKGROUND_CHECKS, services::AML_FOR_BUSINESSES] {
            let ongoing = asked.get(service).and_then(|asked| asked.get("ongoing")?.as_str());
            if ongoing == Some("1") && !account.production {
                refuse(service, "ongoing", "The ongoing is available on production accounts only.")?;
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn build(
        &self,
        call: Call,
        reference: &str,
        request: &Map<String, Value>,
        services: Map<String, Value>,
        uploads: Vec<Upload>,
        onsite: bool,
        user_agent: &str,
    ) -> Verification {
        let token = self.token();
        let verification_url = match call {
            Call::RiskAssessment => self.at(&["risk-api", "process", "verification", &token]),
            _ => self.at(&["verification", "process", &token]),
        };
        let minutes = request.get("ttl").and_then(Value::as_u64).unwrap_or(TTL);
        let url = |key: &str| request.get(key).and_then(Value::as_str).and_then(|text| Url::parse(text).ok());
        let mut general = request.clone();
        general.retain(|key, _| !services.contains_key(key));
        let pending = onsite || self.settings.received_as_pending;
        Verification {
            event: if pending { event::PENDING } else { event::RECEIVED }.to_owned(),
            general,
            services,
            uploads,
            person: self.person(reference),
            assigned: self.store().people.contains_key(reference),
            onsite,
            token,
            verification_url,
            expires: self.now() + Duration::from_secs(minutes * 60),
            callback_url: url("callback_url"),
            redirect_url: url("redirect_url"),
            user_agent: user_agent.to_owned(),
            decided: None,
        }
    }

    /// As `POST /`, without the call.
    pub(super) fn submit(&self, request: &Value) -> Result<()> {
        let empty = Map::new();
        let request = request.as_object().unwrap_or(&empty);
        self.verify(AccountId(0), Call::Verify, request, "").map(drop).map_err(|refused| {
            let refusal = refused.refusal();
            let field = [refusal.service, refusal.key].join(".");
            Error::new(ErrorKind::InvalidRequest, "POST / refuses this request")
                .with_field(FieldError::new(field.trim_matches('.'), refusal.message.to_string()))
                .during(PROVIDER, "sandbox")
        })
    }

    pub(super) fn status(&self, account: AccountId, request: &Map<String, Value>) -> Check<Value> {
        let today = self.today();
        let reference = checks::reference(&self.fields(request, &today))?;
        let key = (account, reference.to_owned());
        let mut store = self.store();
        let Some(held) = store.verifications.get(&key) else { return unknown_reference() };
        let (files, decided, video, assessment) = (
            held.files(),
            held.is_decided(),
            held.onsite && !held.is_risk_assessment(),
            held.is_risk_assessment(),
        );
        let deleted = held.event == event::DELETED;
        let mut body = self.body(&mut store, &key);
        if deleted {
            return Ok(Value::Object(body));
        }
        let token = self.token();
        let mut link = |file| {
            let id = self.token();
            let url = self.at(&["api", "pea", &id]);
            store.link(id, token.clone(), &key, file, self.now());
            Value::from(url.as_str())
        };
        let files = if decided { files } else { Vec::new() };
        if assessment {
            let proofs: Vec<Value> = files
                .into_iter()
                .map(|(service, kind, file)| {
                    let mut entry = Map::from_iter([("service".to_owned(), Value::from(service))]);
                    entry.insert(kind.to_owned(), link(file));
                    Value::Object(entry)
                })
                .collect();
            if decided {
                // How these links are opened is not documented; they are under the same call as the others.
                body.insert("services_proofs".to_owned(), proofs.into());
            }
            return Ok(Value::Object(body));
        }
        let mut proofs = Map::new();
        for (service, kind, file) in files {
            let url = link(file);
            if let Value::Object(links) = proofs.entry(service).or_insert_with(|| json!({})) {
                links.insert(kind.to_owned(), url);
            }
        }
        if !proofs.is_empty() {
            if video {
                let file = File { media_type: "video/mp4", bytes: upload::mp4() };
                proofs.insert("verification_video".to_owned(), link(file));
            }
            let report = File { media_type: "application/pdf", bytes: upload::pdf() };
            proofs.insert("verification_report".to_owned(), link(report));
            proofs.insert("access_token".to_owned(), token.clone().into());
        }
        body.insert("proofs".to_owned(), proofs.into());
        Ok(Value::Object(body))
    }

    pub(super) fn erase(&self, account: AccountId, request: &Map<String, Value>) -> Check<Value> {
        let today = self.today();
        let fields = self.fields(request, &today);
        let reference = checks::reference(&fields)?;
        fields.required("comment")?;
        fields.text("comment", 5, 200)?;
        let key = (account, reference.to_owned());
        match self.store().verifications.get(&key) {
            Some(held) if held.event != event::DELETED => {}
            _ => return unknown_reference(),
        }
        self.delete(&key);
        Ok(Value::Object(bodies::two_keys(reference, event::DELETED)))
    }

    pub(super) fn access_token(&self, account: AccountId) -> Value {
        let token = self.token();
        self.store().accounts.issue(token.clone(), account, self.now());
        json!({ "access_token": token })
    }

    pub(super) fn account_info(&self, account: AccountId) -> Value {
        let store = self.store();
        let account = store.accounts.get(account);
        json!({ "account": {
            "name": account.name,
            "status": if account.production { "production" } else { "trial" },
            "balance": { "amount": account.balance, "currency": "USD" },
        }})
    }
}

fn unknown_reference<T>() -> Check<T> {
    refuse("", "reference", "The selected reference is invalid.")
}

pub(super) fn decline_reasons() -> Value {
    let reasons = reasons::REASONS.iter();
    let list: Vec<Value> =
        reasons.map(|reason| json!({ "status_code": reason.code, "description": reason.text })).collect();
    json!({ "decline_reasons": list })
}
