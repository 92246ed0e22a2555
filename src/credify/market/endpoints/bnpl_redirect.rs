//! `GET /api/bnpl/orders/{order id}/redirect`: a person comes back from paying later.

use url::{Url, form_urlencoded};

use crate::credify::server::{
    rejection::Rejection,
    reply::{Reply, redirect},
    request::Request,
};

/// The longest text that is passed on to the page, in characters.
const MAX_MESSAGE_CHARS: usize = 500;

pub(in super::super) struct BnplRedirect {
    /// Where the person goes; none where the market has no such page.
    pub(in super::super) page: Option<Url>,
}

impl BnplRedirect {
    pub(super) fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        let mut page = self.page.clone().ok_or(Rejection::NOT_FOUND)?;
        let mut query = form_urlencoded::parse(request.query.as_bytes());
        if let Some((_, message)) = query.find(|(name, _)| name == "error_message") {
            let message: String =
                message.chars().filter(|char| !char.is_control()).take(MAX_MESSAGE_CHARS).collect();
            page.query_pairs_mut().append_pair("error_message", &message);
        }
        Ok(redirect(page.as_str())?)
    }
}
