//! What becomes of users, files, applications and templates: the application's own stores.

mod applications;
mod erased;
mod files;
mod templates;
mod users;

pub use applications::{Applications, Change, CreatedApplication, KycUser, Member, NewApplication};
pub(super) use erased::{DynApplications, DynFileSink, DynFiles, DynTemplates, DynUsers};
pub use files::{FileInfo, FileSink, Files};
pub use templates::Templates;
pub(super) use templates::requirements;
pub use users::{Login, NewUser, Users};
