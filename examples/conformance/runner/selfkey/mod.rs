//! SelfKey's vectors: a file is a list of cases, and each file has a function here that runs them.

mod application_attributes;
mod applications;
mod challenge_sign;
mod document_references;
mod endpoints;
mod errors;
mod issuing;
mod kycc;
mod recorded;
mod requirements;
mod resolving;
mod signatures;
mod templates;
mod tokens;
mod validating;
mod wallet_requests;

use serde_json::Value;

use super::{Run, same};
use kyckit::selfkey::did::{Chain, Controllers, Resolver};

/// Runs all cases of one file: name and content.
type Cases = fn(&mut Run, &str, &Value);

/// Who runs which file. A folder may hold some of them only.
const FILES: &[(&str, Cases)] = &[
    ("application-attributes.json", application_attributes::run),
    ("application-messages.json", applications::messages),
    ("application-statuses.json", applications::statuses),
    ("attribute-requirements.json", requirements::run),
    ("challenge-sign.json", challenge_sign::run),
    ("challenge-verify.json", signatures::run),
    ("did.json", resolving::run),
    ("document-references.json", document_references::run),
    ("endpoints.json", endpoints::run),
    ("errors.json", errors::run),
    ("jwt-hs512-issue.json", issuing::jwt),
    ("jwt-rs512-issue.json", issuing::jwt),
    ("jwt-validate.json", validating::run),
    ("kycc-integrations-requests.json", kycc::integrations),
    ("kycc-user-data.json", kycc::user_data),
    ("legacy-2018-signature.json", signatures::legacy),
    ("sample-tokens.json", tokens::run),
    ("templates.json", templates::run),
    ("tokens-issued.json", issuing::challenges),
    ("wallet-requests.json", wallet_requests::run),
    ("wallet-token.json", tokens::run),
];

pub(super) fn run(run: &mut Run) {
    for (name, cases) in FILES {
        if !run.unlisted.contains(*name) {
            continue;
        }
        match run.read_json(name) {
            Ok(file) => cases(run, name, &file),
            Err(what) => run.fault(name, &what),
        }
    }
    run.close();
}

/// Runs each case of a file and counts it. `known` are the members that an expectation may have: another one is an
/// expectation that is not looked at, and fails the case.
fn each(
    run: &mut Run,
    name: &str,
    file: &Value,
    known: &[&str],
    check: impl Fn(&Case<'_>) -> Result<(), String>,
) {
    let Some(cases) = file["vectors"].as_array().filter(|cases| !cases.is_empty()) else {
        return run.fault(name, "has no list of cases");
    };
    run.file(name, cases.len());
    for (index, case) in cases.iter().enumerate() {
        let title = case["name"].as_str().map_or_else(|| format!("[{index}]"), str::to_owned);
        let case = Case { input: &case["input"], expect: &case["expect"] };
        let unknown = case
            .expect
            .as_object()
            .map(|expect| expect.keys().find(|member| !known.contains(&member.as_str())).map(String::as_str));
        let fault = match unknown {
            None => Some("expects nothing".to_owned()),
            Some(Some(member)) => Some(format!("expects {member}, which the runner does not know")),
            Some(None) => check(&case).err(),
        };
        run.case(&format!("{name}: {title}"), &fault.into_iter().collect());
    }
}

/// One case: what goes in, and what must come out.
struct Case<'a> {
    input: &'a Value,
    expect: &'a Value,
}

impl Case<'_> {
    fn text(&self, member: &str) -> Result<&str, String> {
        self.input[member].as_str().ok_or_else(|| format!("has no text `{member}`"))
    }

    /// The time at which the case stands still.
    fn now(&self) -> Result<std::time::SystemTime, String> {
        let seconds = self.input["now"].as_u64().ok_or("has no time")?;
        Ok(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds))
    }

    /// What is expected of a member: `recommended` replaces what it names.
    fn expected(&self, member: &str) -> &Value {
        self.expect["recommended"].get(member).unwrap_or(&self.expect[member])
    }

    /// Compares as JSON; null and absent are the same at the top.
    fn holds(&self, member: &str, found: &Value) -> Result<(), String> {
        let expected = self.expected(member);
        if same(found, expected) { Ok(()) } else { Err(format!("{member} is {found}, and not {expected}")) }
    }
}

/// A resolver that knows these controllers on every chain, and no other.
fn resolver(controllers: &Value) -> Result<Resolver, String> {
    let mut known = Controllers::new();
    for (id, address) in controllers.as_object().into_iter().flatten() {
        let address = address.as_str().ok_or("has a controller that is no text")?;
        for chain in [Chain::Mainnet, Chain::Ropsten] {
            known = known.with(chain, id, address);
        }
    }
    Ok(Resolver::new().controllers(known))
}

/// The same value without members that are null, at every depth of objects.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.clone(), without_nulls(value)))
                .collect(),
        ),
        Value::Array(list) => Value::Array(list.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}
