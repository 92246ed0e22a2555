//! Merging several identities of one person, with conflicts kept visible.

use super::{
    compare::{self, Comparison},
    person::{Identity, sorted},
    provenance::{Attribute, Provenance},
    values::{BirthDate, BirthPlace, Gender, Name},
};
use crate::wire::words::stable_words;

stable_words! {
    /// Kind of a conflict: a value that a person has once.
    pub enum ConflictKind {
        /// The name.
        Name = "name",
        /// The day of birth.
        BirthDate = "birth_date",
        /// The country of birth.
        BirthCountry = "birth_country",
        /// The gender.
        Gender = "gender",
    }
}

/// Two values of one person that cannot both be true. It holds no value: the indices lead to them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conflict {
    /// The kind of the values.
    pub kind: ConflictKind,
    /// Indices of the two values in the identity's list.
    pub between: (usize, usize),
    /// Provenance of the two values, in the same order.
    pub provenances: (Provenance, Provenance),
}

impl Identity {
    /// Merges two identities of one person. The caller knows that both are of the same person.
    ///
    /// It is the union: nothing is chosen, nothing dropped, and every value and finding keeps what it rests on. So it
    /// does not matter in which order identities are merged, merging twice changes nothing, and nothing is proven by
    /// the whole that none of its parts proves. What contradicts itself stays, and [`conflicts`](Self::conflicts) finds
    /// it.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        fn union<T: Ord>(mut left: Vec<Attribute<T>>, right: Vec<Attribute<T>>) -> Vec<Attribute<T>> {
            left.extend(right);
            sorted(left)
        }
        self.assurance.union(other.assurance);
        Self {
            names: union(self.names, other.names),
            birth_dates: union(self.birth_dates, other.birth_dates),
            birth_places: union(self.birth_places, other.birth_places),
            nationalities: union(self.nationalities, other.nationalities),
            genders: union(self.genders, other.genders),
            contacts: union(self.contacts, other.contacts),
            addresses: union(self.addresses, other.addresses),
            documents: union(self.documents, other.documents),
            work: union(self.work, other.work),
            reputation: union(self.reputation, other.reputation),
            identifiers: union(self.identifiers, other.identifiers),
            assurance: self.assurance,
        }
    }

    /// Every pair of values that cannot both be true of one person: different names, two days of birth (also with day
    /// and month exchanged), two countries of birth, two genders. Names that are [similar](Comparison::Similar)
    /// contradict nothing, and neither does what cannot be compared, such as a country or a gender in a word that is
    /// not understood, nor a value that failed its check, since no provider stands for it.
    ///
    /// Look here before you treat a merged identity as one person.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut found = Vec::new();
        pairs(&self.names, ConflictKind::Name, &mut found, |left: &Name, right| {
            compare::names(left, right) == Comparison::Different
        });
        pairs(&self.birth_dates, ConflictKind::BirthDate, &mut found, |left: &BirthDate, right| {
            compare::dates(*left.0.expose(), *right.0.expose()) != Comparison::Same
        });
        pairs(&self.birth_places, ConflictKind::BirthCountry, &mut found, |left: &BirthPlace, right| match (
            &left.country,
            &right.country,
        ) {
            (Some(left), Some(right)) => compare::countries(left, right) == Comparison::Different,
            _ => false,
        });
        pairs(&self.genders, ConflictKind::Gender, &mut found, |left: &Gender, right| {
            compare::genders(&left.0, &right.0) == Comparison::Different
        });
        found
    }
}

fn pairs<T>(
    list: &[Attribute<T>],
    kind: ConflictKind,
    found: &mut Vec<Conflict>,
    contradict: impl Fn(&T, &T) -> bool,
) {
    let stood_for = |attribute: &Attribute<T>| {
        attribute.provenance().method() != super::provenance::VerificationMethod::CheckFailed
    };
    for (at, left) in list.iter().enumerate().filter(|(_, left)| stood_for(left)) {
        for (other, right) in list.iter().enumerate().skip(at + 1).filter(|(_, right)| stood_for(right)) {
            if contradict(left.value(), right.value()) {
                found.push(Conflict {
                    kind,
                    between: (at, other),
                    provenances: (left.provenance().clone(), right.provenance().clone()),
                });
            }
        }
    }
}
