//! The documents of an order as claims.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use url::Url;

use super::{documents::DynDocuments, order_record::DocumentReference};
use crate::{
    credify::{claims::Claims, server::rejection::Rejection, token::disbursement::document},
    error::ErrorKind,
};

/// What every PDF begins with; the version follows (ISO 32000-1, section 7.5.2).
const PDF: &[u8] = b"%PDF";

/// Makes claims of the documents of an order.
#[derive(Clone)]
pub(super) struct DocumentClaims(pub(super) Arc<dyn DynDocuments>);

impl DocumentClaims {
    /// Fetches the documents, and makes claims of them without commitments.
    pub(super) async fn fetch(
        &self,
        order_id: &str,
        documents: &[DocumentReference],
    ) -> Result<Claims, Rejection> {
        let mut claims = Claims::new();
        for reference in documents {
            let url = Url::parse(reference.url.expose()).map_err(|_| Rejection::INVALID_BODY)?;
            let bytes = self.0.fetch(&url).await.map_err(|error| match error.kind() {
                ErrorKind::Configuration => Rejection::Invalid("A document's address is not allowed"),
                ErrorKind::TooLarge => Rejection::Invalid("A document is too large"),
                _ => error.into(),
            })?;
            // A caller who names an address must not get anything else that is there signed and passed on.
            if !bytes.starts_with(PDF) {
                return Err(Rejection::Invalid("A document is not a PDF"));
            }
            let content = STANDARD.encode(&bytes);
            claims = document(claims, order_id, &reference.name, "pdf", &content)
                .map_err(|_| Rejection::INVALID_BODY)?;
        }
        Ok(claims)
    }
}
