//! One function a page. Whatever changes something is a post and ends in a redirect, so that reloading repeats nothing.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use kyckit::{
    Error,
    flow::{Consent, Next, PollPolicy, Reply, SealedState, Start, Step},
    maya,
};

use super::{
    App,
    form::{Details, Fields},
    outcome::{self, Refused, begun, refusal, went_on},
    pages,
    visit::{Caller, NotBegun, Stage, Visit, VisitId},
};

type Shared = State<Arc<App>>;

/// How long one request waits for a decision. The page comes again by itself.
const PATIENCE: Duration = Duration::from_secs(5);
/// After a second.
const REFRESH: HeaderValue = HeaderValue::from_static("1; url=/wait");

pub fn to(path: &str) -> Response {
    Redirect::to(path).into_response()
}

fn refuse(caller: &Caller, Refused(word, status): Refused) -> Response {
    (status, pages::refused(caller.words, word)).into_response()
}

/// There is no visit: the cookie is gone, or its time is over.
fn without_visit(caller: &Caller) -> Response {
    refuse(caller, Refused("no_visit", StatusCode::FORBIDDEN))
}

pub async fn not_found(caller: Caller) -> Response {
    refuse(&caller, Refused("not_found", StatusCode::NOT_FOUND))
}

pub async fn choose(State(app): Shared, caller: Caller) -> Response {
    pages::choose(caller.words, &app.backend, false).into_response()
}

pub async fn details(State(app): Shared, caller: Caller, RawQuery(query): RawQuery) -> Response {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let Some(provider) = app.backend.provider(query.get("provider")) else {
        let page = pages::choose(caller.words, &app.backend, true);
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    };
    // The sandbox: goes in production.
    let (filled, aside) = app.demo.form(provider, query.get("sandbox") == "fill");
    pages::details(caller.words, provider, &filled, &[], Some(aside)).into_response()
}

pub async fn start(State(app): Shared, caller: Caller, body: Bytes) -> Response {
    let fields = Fields::read(&body);
    let Some(provider) = app.backend.provider(fields.get("provider")) else {
        let page = pages::choose(caller.words, &app.backend, true);
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    };
    let details = Details::of(&fields);
    let wrong = details.wrong(provider);
    if !wrong.is_empty() {
        let page = pages::details(caller.words, provider, &details, &wrong, None);
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    }
    let made = app
        .visits
        .begin(&app.backend.clock, &caller, |person, now| Visit::new(person, details, provider, now));
    match made {
        Ok((id, visit)) => {
            begin(&app, &id, visit).await;
            ([(header::SET_COOKIE, app.visits.cookie(&id))], to("/step")).into_response()
        }
        Err(NotBegun::TooMany(wait)) => too_many(&caller, wait),
        Err(NotBegun::Broken(error)) => {
            app.log.line(format_args!("visit: {error}"));
            refuse(&caller, Refused("broken", StatusCode::INTERNAL_SERVER_ERROR))
        }
    }
}

/// This address has begun too many attempts within the hour. What it has begun goes on.
fn too_many(caller: &Caller, wait: Duration) -> Response {
    let page = refuse(caller, Refused("too_many", StatusCode::TOO_MANY_REQUESTS));
    ([(header::RETRY_AFTER, wait.as_secs().max(1).to_string())], page).into_response()
}

async fn begin(app: &App, id: &VisitId, visit: Visit) {
    let start = start_of(app, &visit);
    let step = app.backend.registry.start(visit.provider, &start).await;
    begun(app, id, visit, step);
}

fn start_of(app: &App, visit: &Visit) -> Start {
    let attempt = app.backend.attempt(&visit.person, visit.number);
    // The sandbox: goes in production.
    app.demo.give_papers(&attempt);
    Start::new(visit.person.clone()).known_identity(visit.known(app.backend.clock.now())).attempt(attempt)
}

/// The next action.
pub async fn step(State(app): Shared, caller: Caller) -> Response {
    let Some((words, _, visit)) = caller.at_home() else { return to("/") };
    match &visit.stage {
        Stage::Done(_) => to("/result"),
        Stage::Over(problem) => pages::over(words, &visit, problem).into_response(),
        Stage::Next(pending, problem) => {
            // The sandbox: goes in production.
            let aside = app.demo.step(&visit, pending);
            let page = pages::step(words, pending, problem.as_ref(), aside).into_response();
            match pending.next {
                // No script: the browser asks again by itself.
                Next::Wait { .. } => ([(header::REFRESH, REFRESH)], page).into_response(),
                _ => page,
            }
        }
    }
}

pub async fn passcode(app: Shared, caller: Caller, body: Bytes) -> Response {
    let fields = Fields::read(&body);
    let typed: String = fields.get("passcode").chars().filter(|char| !char.is_whitespace()).collect();
    reply(&app, caller, fields.get("state"), Reply::passcode(typed)).await
}

pub async fn signature(app: Shared, caller: Caller, body: Bytes) -> Response {
    let fields = Fields::read(&body);
    reply(&app, caller, fields.get("state"), Reply::signature(fields.get("signature"))).await
}

/// The person says that something has happened elsewhere.
pub async fn look(app: Shared, caller: Caller, body: Bytes) -> Response {
    reply(&app, caller, Fields::read(&body).get("state"), Reply::Poll).await
}

/// Goes on with the state of the form that was sent: it fits the very step that the person saw, and serves once.
pub async fn reply(app: &App, caller: Caller, state: &str, reply: Reply) -> Response {
    let (Some(id), Some(visit)) = (&caller.id, &caller.visit) else { return without_visit(&caller) };
    let step = match state.parse::<SealedState>() {
        Ok(state) => app.backend.registry.resume(&visit.person, &state, reply).await,
        Err(error) => Err(error),
    };
    match went_on(app, id, step) {
        Ok(()) => to("/step"),
        Err(refused) => refuse(&caller, refused),
    }
}

/// Waits for a decision, callbacks and polling joined, for as long as a browser likes to wait for a page.
pub async fn wait(State(app): Shared, caller: Caller) -> Response {
    let (Some(id), Some(visit)) = (&caller.id, &caller.visit) else { return to("/") };
    let Stage::Next(pending, _) = &visit.stage else { return to("/step") };
    let patience = PollPolicy::until(PATIENCE);
    let step = app.backend.registry.wait(&visit.person, &pending.state, &app.backend.bells, patience).await;
    match went_on(&app, id, step) {
        Ok(()) => to("/step"),
        Err(refused) => {
            // Another window was faster: what it found is kept.
            let mut is_overtaken = false;
            app.visits.change(id, |row| {
                is_overtaken = !matches!(&row.stage, Stage::Next(now, _) if now.state == pending.state);
            });
            if is_overtaken { to("/step") } else { refuse(&caller, refused) }
        }
    }
}

/// The person's browser is back from a provider's page or app. The redirect takes the query off the address bar.
pub async fn returned(
    State(app): Shared,
    caller: Caller,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let (Some(id), Some(visit)) = (&caller.id, &caller.visit) else { return without_visit(&caller) };
    let pending = match &visit.stage {
        Stage::Next(pending, _) if pending.provider.as_str() == provider => pending,
        // A callback was faster.
        Stage::Done(done) if done.provider.as_str() == provider => return to("/result"),
        _ => return refuse(&caller, Refused("not_awaited", StatusCode::CONFLICT)),
    };
    let query = query.unwrap_or_default();
    // Maya sends no `state` along, so the landing page's address has to say which visit it belongs to. Credify's has one,
    // which the flow compares; the return from Shufti Pro says nothing at all, and the provider is asked.
    if pending.provider == maya::PROVIDER && !visit.is_landing(&query) {
        app.log.line(format_args!("refused: a landing that belongs to no visit of this browser"));
        return refuse(&caller, Refused("other_return", StatusCode::FORBIDDEN));
    }
    let reply = Reply::returned(query);
    let step = app.backend.registry.resume(&visit.person, &pending.state, reply).await;
    match went_on(&app, id, step) {
        Ok(()) => to("/step"),
        Err(refused) => refuse(&caller, refused),
    }
}

/// Once more at the same provider.
pub async fn again(State(app): Shared, caller: Caller) -> Response {
    let (Some(id), Some(visit)) = (&caller.id, &caller.visit) else { return without_visit(&caller) };
    if let Err(wait) = app.visits.admit(caller.from, app.backend.clock.now()) {
        return too_many(&caller, wait);
    }
    let mut visit = visit.clone();
    if !matches!(&visit.stage, Stage::Over(problem) if problem.is_same_attempt) {
        visit.number += 1;
    }
    begin(&app, id, visit).await;
    to("/step")
}

pub async fn others(State(app): Shared, caller: Caller) -> Response {
    let Some((words, _, visit)) = caller.at_home() else { return to("/") };
    // The sandbox: goes in production.
    let aside = app.demo.identifiers();
    pages::others(words, &app.backend, &visit, "", &[], Some(aside)).into_response()
}

/// Gives this provider up for another one, with the person's consent.
pub async fn another(State(app): Shared, caller: Caller, body: Bytes) -> Response {
    let (Some(id), Some(before)) = (&caller.id, &caller.visit) else { return without_visit(&caller) };
    let fields = Fields::read(&body);
    let mut wrong = Vec::new();
    let chosen = app.backend.provider(fields.get("provider")).filter(|to| *to != before.provider);
    let mut visit = before.clone();
    visit.details = visit.details.with(&fields);
    visit.number += 1;
    match chosen {
        Some(provider) => {
            visit.provider = provider;
            wrong.extend(visit.details.wrong(provider));
        }
        None => wrong.push(("provider", "provider_wrong")),
    }
    if fields.get("consent") != "given" {
        wrong.push(("consent", "consent_wrong"));
    }
    if !wrong.is_empty() {
        let shown = Visit { provider: before.provider, ..visit };
        let page = pages::others(caller.words, &app.backend, &shown, fields.get("provider"), &wrong, None);
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    }
    if let Err(wait) = app.visits.admit(caller.from, app.backend.clock.now()) {
        return too_many(&caller, wait);
    }
    let consent = Consent::given(&visit.person, [visit.provider], app.backend.clock.now());
    let start = start_of(&app, &visit);
    let registry = &app.backend.registry;
    let step = match &before.stage {
        Stage::Next(pending, _) => {
            registry.switch_provider(&pending.state, visit.provider, &start, &consent).await
        }
        // There is nothing left to give up.
        _ => registry.start_with_fallback(visit.provider, &start, &consent).await,
    };
    if let Err(error) = &step
        && let Some(refused) = refusal(error)
    {
        return refuse(&caller, refused);
    }
    // The other one cannot be started: the attempt that was to be given up goes on.
    if let Ok(Step::Failed(_, pending)) = &step {
        visit.provider = pending.provider;
    }
    begun(&app, id, visit, step);
    to("/step")
}

pub async fn result(caller: Caller) -> Response {
    let Some((words, _, visit)) = caller.at_home() else { return to("/") };
    match &visit.stage {
        Stage::Done(done) => pages::result(words, done).into_response(),
        _ => to("/step"),
    }
}

/// Forgets the visit.
pub async fn leave(State(app): Shared, caller: Caller) -> Response {
    if let Some(id) = &caller.id {
        app.visits.end(id);
    }
    ([(header::SET_COOKIE, app.visits.no_cookie())], to("/")).into_response()
}

/// Logs what the sandbox's own people could not do.
pub fn stuck(app: &App, caller: &Caller, error: &Error) -> Response {
    app.log.line(format_args!("sandbox: {error}"));
    let refused = outcome::refusal(error);
    refuse(caller, refused.unwrap_or(Refused("broken", StatusCode::BAD_GATEWAY)))
}
