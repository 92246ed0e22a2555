//! The values of a relying party's responses, read leniently: ids as text or number, lists bare or wrapped, members of
//! every generation.

mod application;
pub mod attribute;
mod change;
mod lenient;
mod message;
mod status;
mod template;
mod timestamp;
mod token;
mod user;

pub use application::{Application, ApplicationAttribute, Question, StatusChange};
pub(crate) use application::{attribute_list, attributes_by_type, read_list};
pub use change::{ApplicationUpdate, Created, Uploaded};
pub(crate) use lenient::{id_of, text_of};
pub(crate) use message::read_messages;
pub use message::{Author, Message};
pub use status::{Status, View};
pub use template::{MemberRole, MemberTemplate, Template, TemplateId, TemplateSummary, TemplateType};
pub(crate) use template::{read_template, read_templates};
pub use timestamp::Timestamp;
pub use token::UnverifiedToken;
pub use user::{KycUser, NewKycUser, Redirect, UserCreated, UserToken};
