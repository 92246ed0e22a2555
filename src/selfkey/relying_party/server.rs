//! The server: a request in, a response out.

use std::{net::IpAddr, sync::Arc};

use ::http::{HeaderMap, Request, Response, StatusCode};
use bytes::Bytes;

use super::{
    body::RequestBody,
    holder::Holder,
    rejection::{Outcome, Rejection},
    route::{NoRoute, Route},
    service::{MAX_JSON_BYTES, MAX_TOKEN_BYTES, Service},
};
use crate::{
    error::{Error, ErrorKind},
    selfkey::PROVIDER,
    server::{BodyLimits, Caller},
    transport::Body,
};

/// Serves wallets. Cheap to clone.
#[derive(Clone)]
pub struct RelyingParty(pub(super) Arc<Service>);

/// The error behind a rejection, in the extensions of the response. It holds nothing personal and no secret.
#[derive(Clone, Debug)]
pub struct Cause(pub Arc<Error>);

impl RelyingParty {
    /// Answers a request. Its path is that below the root endpoint; `peer` is the address of whoever is connected.
    ///
    /// It never fails: what went wrong is a status and a code, and the error behind it is a [`Cause`] in the response's
    /// extensions. The body is read within the [`BodyLimits`] of the request's extensions.
    pub async fn handle(&self, request: Request<Body>, peer: IpAddr) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let service = &*self.0;
        let route = match Route::of(service.dialect, &head.method, head.uri.path()) {
            Ok(route) => route,
            Err(no_route) => {
                let rejection = match no_route {
                    NoRoute::Path => Rejection::not_found(),
                    NoRoute::Method => {
                        Rejection::new(StatusCode::METHOD_NOT_ALLOWED, "bad_request", "not by this method")
                    }
                };
                return rejection.into_response(service.dialect, None);
            }
        };
        let caller = service.proxies.caller(peer, &head.headers);
        let query = head.uri.query().unwrap_or_default();
        let body = RequestBody { body, limits: BodyLimits::of(&head.extensions) };
        match service.dispatch(&route, &head.headers, query, body, caller).await {
            Ok(response) => response,
            Err(mut rejection) => {
                let cause = rejection.take_cause(&route);
                let mut response = rejection.into_response(service.dialect, Some(&route));
                response.extensions_mut().insert(Cause(Arc::new(cause)));
                response
            }
        }
    }

    /// Validates the request's access token and returns its holder.
    ///
    /// For calls of the application's own that wallets make.
    ///
    /// # Errors
    ///
    /// [`Authentication`](ErrorKind::Authentication) when there is none, or none that is valid.
    pub fn holder(&self, headers: &HeaderMap) -> Result<Holder, Error> {
        self.0.authenticate(headers).map_err(|rejection| {
            let what = "the request carries no valid access token";
            let error = Error::new(ErrorKind::Authentication, what).with_status(rejection.status());
            error.during(PROVIDER, "authenticate")
        })
    }
}

impl Service {
    async fn dispatch(
        &self,
        route: &Route,
        headers: &HeaderMap,
        query: &str,
        body: RequestBody,
        caller: IpAddr,
    ) -> Outcome {
        self.check_origin(route, headers)?;
        match route {
            Route::Challenge(subject) => return self.challenge(subject.as_deref(), caller),
            Route::Reply => return self.reply(headers, body, caller).await,
            Route::Templates => return self.list_templates().await,
            Route::Template(id) => return self.template(id).await,
            Route::Login if !self.is_documented() => {
                let body = body.read(Caller::Unknown, MAX_TOKEN_BYTES).await?;
                return self.login(&body).await;
            }
            _ => {}
        }
        let holder = &self.authenticate(headers)?;
        match route {
            Route::Login => self.login(&body.read(Caller::Authenticated, MAX_TOKEN_BYTES).await?).await,
            Route::UploadUserFile | Route::Upload => self.upload(holder, headers, body).await,
            Route::FileLink(id) => self.file_link(holder, id).await,
            Route::CreateUser => self.create_user(holder, headers, body).await,
            Route::Token => self.user_token(holder, query).await,
            Route::CreateApplication => self.create_application(holder, body).await,
            Route::Applications => self.list_applications(holder, query).await,
            Route::Application(id) => self.application(holder, id).await,
            Route::UpdateApplication(id) => self.update_application(holder, id, body).await,
            Route::Pay(id) => self.pay(holder, id, body.texts().await?).await,
            Route::Messages(id) => self.messages(holder, id).await,
            Route::PostMessage(id) => self.post_message(holder, id, body.texts().await?).await,
            Route::ChangeStatus(id) => self.change_status(holder, id, body.texts().await?).await,
            Route::AddRequirement(id) => {
                // It comes with its schema.
                let body = body.read(Caller::Authenticated, MAX_JSON_BYTES).await?;
                self.add_requirement(holder, id, body).await
            }
            Route::AddMember(id) => self.add_member(holder, id, body).await,
            Route::KycUser => self.kyc_user(holder).await,
            Route::CreateKycUser => self.create_kyc_user(holder, body.texts().await?).await,
            Route::AccessToken => self.access_token(holder).await,
            Route::Challenge(_) | Route::Reply | Route::Templates | Route::Template(_) => {
                Err(Rejection::not_found())
            }
        }
    }
}

crate::privacy::redacted_debug!(RelyingParty { dialect: |it| it.0.dialect, .. });
