//! Where an application stands.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

/// The state of an application, by its code.
///
/// Source: the provider's library, `src/kycc/kycc-statuses`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// 0
    Missing,
    /// 1
    InProgress,
    /// 2: approved, and final.
    Approved,
    /// 3: denied, and final. The applicant may start another application.
    Rejected,
    /// 4: submitted, ready for review.
    Uploaded,
    /// 5
    Invited,
    /// 6
    UserProcessing,
    /// 7: the applicant declined; final.
    UserDeclined,
    /// 8: the applicant canceled; final. The applicant may start another application.
    Canceled,
    /// 9: the applicant must hand in more.
    AdditionalRequested,
    /// 10
    CorporateDetails,
    /// 11: the applicant is filling in what was asked for.
    UserProcessingRequirement,
    /// 12: the first of several approvals.
    PartiallyApproved,
    /// 13
    SendTokens,
    /// 14
    ManagerAssigned,
    /// 15
    DataCheck,
    /// 16: a manager took it up again, also after a final state.
    Reopened,
    /// A code that this version of the crate does not list: pending, as far as anybody knows.
    Other(i64),
}

/// How an applicant is shown the state of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum View {
    /// It was approved.
    Approved,
    /// It was rejected, declined or canceled.
    Denied,
    /// Something is asked of the applicant.
    NeedsApplicant,
    /// It takes its course.
    Pending,
}

const LISTED: [(Status, &str); 17] = [
    (Status::Missing, "MISSING"),
    (Status::InProgress, "IN_PROGRESS"),
    (Status::Approved, "APPROVED"),
    (Status::Rejected, "REJECTED"),
    (Status::Uploaded, "UPLOADED"),
    (Status::Invited, "INVITED"),
    (Status::UserProcessing, "USER_PROCESSING"),
    (Status::UserDeclined, "USER_DECLINED"),
    (Status::Canceled, "CANCELED"),
    (Status::AdditionalRequested, "ADDITIONAL_REQUESTED"),
    (Status::CorporateDetails, "CORPORATE_DETAILS"),
    (Status::UserProcessingRequirement, "USER_PROCESSING_REQUIREMENT"),
    (Status::PartiallyApproved, "PARTIALLY_APPROVED"),
    (Status::SendTokens, "SEND_TOKENS"),
    (Status::ManagerAssigned, "MANAGER_ASSIGNED"),
    (Status::DataCheck, "DATA_CHECK"),
    (Status::Reopened, "REOPENED"),
];

impl Status {
    /// Returns the status with this code.
    pub fn from_code(code: i64) -> Self {
        let listed = usize::try_from(code).ok().and_then(|at| LISTED.get(at));
        listed.map_or(Self::Other(code), |(status, _)| *status)
    }

    /// Returns the code.
    pub fn code(self) -> i64 {
        match self {
            Self::Other(code) => code,
            // The list is ordered by code and short.
            listed => {
                LISTED.iter().zip(0..).find(|((status, _), _)| *status == listed).map_or(0, |(_, code)| code)
            }
        }
    }

    /// Returns the provider's name. None for a code that is not listed.
    pub fn name(self) -> Option<&'static str> {
        LISTED.iter().find(|(status, _)| *status == self).map(|(_, name)| *name)
    }

    /// Returns how it is shown to the applicant.
    pub fn view(self) -> View {
        match self {
            Self::Approved => View::Approved,
            Self::Rejected | Self::UserDeclined | Self::Canceled => View::Denied,
            Self::AdditionalRequested => View::NeedsApplicant,
            _ => View::Pending,
        }
    }

    /// Returns whether it is approved or denied. A manager can reopen any application all the same.
    pub fn is_final(self) -> bool {
        matches!(self.view(), View::Approved | View::Denied)
    }

    /// Returns whether nothing happens before the applicant has done something.
    pub fn applicant_must_act(self) -> bool {
        matches!(self, Self::AdditionalRequested | Self::UserProcessingRequirement)
    }

    /// Returns whether the applicant may start another application for the same template.
    pub fn allows_another_application(self) -> bool {
        matches!(self, Self::Rejected | Self::Canceled)
    }
}

impl View {
    /// Returns a stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::NeedsApplicant => "needs_applicant",
            Self::Pending => "pending",
        }
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.code())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = match Value::deserialize(deserializer)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        code.map(Self::from_code).ok_or_else(|| de::Error::custom("a status is a whole number"))
    }
}
