//! Counts as queries.

use super::{dialect::Dialect, mapping::Mapping, query::Query, render::Renderer};
use crate::{credify::offer::Segments, error::Result};

impl Mapping {
    /// Renders a query that counts the users of all segments in one pass.
    ///
    /// # Errors
    ///
    /// When a segment cannot be said equally; [`path`](crate::Error::path) names it, and
    /// [`check`](crate::Error::check) says why:
    ///
    /// | check | |
    /// | --- | --- |
    /// | `segment.claim` | the claim has no column of the type, and no document |
    /// | `segment.scope` | nothing says who has the required scope |
    /// | `segment.nul` | a text holds NUL |
    /// | `segment.json_name` | a name that the engine's JSON functions read otherwise |
    /// | `segment.json_engine` | a document, and an engine that has none |
    /// | `segment.size` | more than 1,000 segments, 30,000 values, 16 MiB of them or 900,000 bytes of text: render fewer at once |
    /// | `segment.empty` | there is no segment |
    pub fn count(&self, segments: &Segments, dialect: Dialect) -> Result<Query> {
        Renderer::new(self, segments, dialect).render(&[])
    }

    /// The same without some users, by their Credify ids.
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count), and `segment.user_id` when there is no column of ids.
    pub fn count_without(&self, segments: &Segments, dialect: Dialect, ids: &[&str]) -> Result<Query> {
        Renderer::new(self, segments, dialect).render(ids)
    }
}
