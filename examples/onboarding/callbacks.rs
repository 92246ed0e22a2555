//! Webhooks of the providers: stored and acknowledged at once, worked afterwards. A callback decides nothing: it wakes
//! the waiting flow.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use kyckit::{
    inbox::{Action, Delivery, server::webhook},
    maya, shuftipro,
    verified::{Event, State as Origin},
};

use super::{
    App,
    backend::{Backend, SHUFTIPRO_CALLBACKS},
};

/// How soon what failed is tried again, and what another machine has kept is seen.
const NOW_AND_THEN: Duration = Duration::from_secs(2);

pub fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let verifier = Arc::new(app.backend.shuftipro.callbacks());
    let inbox = Arc::clone(&app.backend.inbox);
    Router::new()
        .route_service(SHUFTIPRO_CALLBACKS, webhook(inbox, verifier))
        .route_layer(middleware::from_fn_with_state(Arc::clone(app), call_the_worker))
        .route_service(
            &app.backend.maya_session_path,
            maya::server::session(Arc::clone(&app.backend.sessions)),
        )
}

async fn call_the_worker(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    app.called.notify_one();
    response
}

/// Works what was kept, for as long as the process lives.
pub async fn work(app: &App) -> Infallible {
    let verifier = app.backend.shuftipro.callbacks();
    loop {
        let worked = app.backend.inbox.work(&verifier, |delivery| apply(&app.backend, delivery)).await;
        match worked {
            Ok(Some(outcome)) => {
                app.log.line(format_args!("callback of {}: {outcome:?}", shuftipro::PROVIDER))
            }
            Ok(None) => {
                // Whichever comes first: both only say that looking again makes sense.
                let _ = tokio::time::timeout(NOW_AND_THEN, app.called.notified()).await;
            }
            Err(error) => {
                app.log.line(format_args!("callbacks: {error}"));
                tokio::time::sleep(NOW_AND_THEN).await;
            }
        }
    }
}

async fn apply(
    backend: &Backend,
    delivery: Delivery<shuftipro::VerificationResponse>,
) -> kyckit::Result<Origin> {
    match delivery.action {
        Action::Apply(answer) => {
            backend.bells.notify(shuftipro::PROVIDER, &answer);
            Ok(answer.state())
        }
        _ => {
            let reference = shuftipro::request::Reference::existing(delivery.subject)?;
            let answer = backend.shuftipro.status(&reference).await?;
            backend.bells.notify(shuftipro::PROVIDER, &answer);
            Ok(answer.state())
        }
    }
}
