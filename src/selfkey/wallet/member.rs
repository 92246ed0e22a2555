//! The application of a member of a company.

use crate::selfkey::model::{MemberRole, TemplateId, attribute::Attribute};

/// The application of a member of a company.
///
/// ```
/// use kyckit::selfkey::{
///     NewMember,
///     attribute::{Attribute, AttributeType},
///     model::MemberRole,
/// };
///
/// let bob = NewMember::new("5c6533c440e7080070dda1f4")
///     .attribute(Attribute::new(
///         "5c657861e97908003ec70d19",
///         AttributeType::FirstName,
///         "Bob",
///     ))
///     .role(MemberRole::Shareholder)
///     .shares(25.0);
/// # let _ = bob;
/// ```
#[derive(Clone, Debug)]
pub struct NewMember {
    pub(super) template: TemplateId,
    pub(super) attributes: Vec<Attribute>,
    pub(super) roles: Vec<MemberRole>,
    pub(super) shares: f64,
}

impl NewMember {
    /// Creates a member by the template for members of its kind.
    pub fn new(template: impl Into<TemplateId>) -> Self {
        Self { template: template.into(), attributes: Vec::new(), roles: Vec::new(), shares: 0.0 }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// Adds what the member is to the company. The first hyphen is sent as an underscore, as the provider's wallet
    /// does.
    #[must_use]
    pub fn role(mut self, role: impl Into<MemberRole>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// Sets the share that the member holds, presumably in percent. Default: 0.
    #[must_use]
    pub fn shares(mut self, shares: f64) -> Self {
        self.shares = shares;
        self
    }
}
