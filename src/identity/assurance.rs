//! Assurance: what was proven of a person.

use std::cmp::Ordering;

use super::provenance::{Origin, Provenance, VerificationMethod};

/// Set of findings about a person, each with provider, method and time.
///
/// It is no level and no score. A checked document and an owned account do not add up to anything, and neither is more
/// than the other. The only order is that of sets: one assurance is at least another when it has every finding of it.
/// Most pairs are not comparable, and [`partial_cmp`](PartialOrd::partial_cmp) says so with `None`.
///
/// Only the conversions in the providers' modules add a finding. A [recorded](Origin::Recorded) one proves nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assurance {
    /// Sorted, each once.
    findings: Vec<Provenance>,
}

impl Assurance {
    /// Adds what a provider found.
    pub(crate) fn add(&mut self, finding: Provenance) {
        if let Err(at) = self.findings.binary_search(&finding) {
            self.findings.insert(at, finding);
        }
    }

    /// Returns all findings, in a fixed order: also those that prove nothing.
    pub fn findings(&self) -> &[Provenance] {
        &self.findings
    }

    /// Returns the findings that prove something.
    pub fn proven(&self) -> impl Iterator<Item = &Provenance> {
        self.findings.iter().filter(|finding| finding.is_verified())
    }

    /// Whether any provider proved something by this method.
    pub fn proves(&self, method: VerificationMethod) -> bool {
        self.proven().any(|finding| finding.method() == method)
    }

    /// Returns the findings of a record. Their worth depends on the store of the record.
    pub fn recorded(&self) -> impl Iterator<Item = &Provenance> {
        self.findings
            .iter()
            .filter(|finding| finding.origin() == Origin::Recorded && finding.method().proves())
    }

    /// Whether there is no finding.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    fn includes(&self, other: &Self) -> bool {
        other.findings.iter().all(|finding| self.findings.binary_search(finding).is_ok())
    }

    pub(super) fn union(&mut self, other: Self) {
        other.findings.into_iter().for_each(|finding| self.add(finding));
    }

    pub(super) fn into_recorded(self) -> Self {
        Self::collect(self.findings.into_iter().map(Provenance::into_recorded))
    }

    pub(super) fn collect(findings: impl Iterator<Item = Provenance>) -> Self {
        let mut assurance = Self::default();
        findings.for_each(|finding| assurance.add(finding));
        assurance
    }
}

impl PartialOrd for Assurance {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.includes(other), other.includes(self)) {
            (true, true) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Greater),
            (false, true) => Some(Ordering::Less),
            (false, false) => None,
        }
    }
}
