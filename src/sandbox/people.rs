//! Invented people: the same seed gives the same person on every machine and in every version of this crate.
//!
//! Names, numbers and addresses are made up from lists. Mail addresses are under `example.com` (RFC 2606), telephone
//! numbers are from the ranges that regulators keep free for fiction: Ofcom (GB), NANPA (US), ARCEP (FR), PTS (SE).

use std::time::SystemTime;

use crate::privacy::Pii;

/// A person who does not exist, with the papers that a verification asks for. Dates are `yyyy-mm-dd`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Person {
    /// What the person was made from.
    pub seed: u64,
    /// First name.
    pub first_name: Pii<String>,
    /// Last name.
    pub last_name: Pii<String>,
    /// `M` or `F`.
    pub gender: Pii<String>,
    /// Date of birth.
    pub dob: Pii<String>,
    /// Country of residence and of the papers, ISO 3166-1 alpha-2.
    pub country: Pii<String>,
    /// The same, alpha-3, as papers have it.
    pub country_alpha3: Pii<String>,
    /// Number and street, in the order of the country.
    pub street: Pii<String>,
    /// City with its post code, in the order of the country.
    pub city: Pii<String>,
    /// Mail address.
    pub email: Pii<String>,
    /// Telephone number with a leading `+`.
    pub phone: Pii<String>,
    /// Number of the identity document.
    pub document_number: Pii<String>,
    /// The day it was issued.
    pub issue_date: Pii<String>,
    /// The day it expires.
    pub expiry_date: Pii<String>,
    /// The number in the national register: 12 digits.
    pub national_id: Pii<String>,
}

struct Country {
    alpha2: &'static str,
    alpha3: &'static str,
    number_first: bool,
    streets: &'static [&'static str],
    cities: &'static [&'static str],
    /// A prefix, and from and to which number it is continued.
    phone: (&'static str, u64, u64),
}

const COUNTRIES: [Country; 4] = [
    Country {
        alpha2: "GB",
        alpha3: "GBR",
        number_first: true,
        streets: &["Example Street", "Sample Lane", "Specimen Road"],
        cities: &["Leeds LS1 1AA", "Bristol BS1 1AA", "Cardiff CF1 1AA"],
        phone: ("+447700900", 0, 999),
    },
    Country {
        alpha2: "US",
        alpha3: "USA",
        number_first: true,
        streets: &["Example Avenue", "Sample Boulevard", "Specimen Drive"],
        cities: &["Springfield, IL 62701", "Portland, OR 97201", "Austin, TX 73301"],
        phone: ("+120255501", 0, 99),
    },
    Country {
        alpha2: "FR",
        alpha3: "FRA",
        number_first: true,
        streets: &["rue de l'Exemple", "allée du Modèle", "chemin du Spécimen"],
        cities: &["69001 Lyon", "44000 Nantes", "67000 Strasbourg"],
        phone: ("+3363998", 0, 9_999),
    },
    Country {
        alpha2: "SE",
        alpha3: "SWE",
        number_first: false,
        streets: &["Exempelgatan", "Provvägen", "Mönstergränd"],
        cities: &["111 22 Stockholm", "411 01 Göteborg", "211 11 Malmö"],
        phone: ("+467017406", 5, 99),
    },
];

const FIRST_NAMES: [(&str, &str); 18] = [
    ("Jane", "F"),
    ("Zoë", "F"),
    ("Amélie", "F"),
    ("Ingrid", "F"),
    ("Małgorzata", "F"),
    ("Adaeze", "F"),
    ("Noor", "F"),
    ("Yuki", "F"),
    ("Lucía", "F"),
    ("Oliver", "M"),
    ("Łukasz", "M"),
    ("Jean-Luc", "M"),
    ("Åke", "M"),
    ("Chidi", "M"),
    ("Omar", "M"),
    ("Hiroshi", "M"),
    ("Minh", "M"),
    ("José", "M"),
];

const LAST_NAMES: [&str; 18] = [
    "Roe",
    "O'Sample",
    "Muster",
    "Dupond",
    "Provsson",
    "Przykładowa",
    "Okonkwo-Doe",
    "Al-Mithali",
    "Reizai",
    "de la Prueba",
    "Nguyễn",
    "Esempio",
    "Specimen",
    "Mallinen",
    "Örnek",
    "Voorbeeld",
    "Exemplu",
    "Ukázková",
];

impl Person {
    /// The person of this seed.
    ///
    /// ```
    /// use kyckit::sandbox::Person;
    ///
    /// assert_eq!(Person::from_seed(7), Person::from_seed(7));
    /// assert_ne!(Person::from_seed(7).dob, Person::from_seed(8).dob);
    /// ```
    pub fn from_seed(seed: u64) -> Self {
        let mut draw = Draw(seed);
        let (first_name, gender) = draw.one_of(&FIRST_NAMES);
        let last_name = draw.one_of(&LAST_NAMES);
        let country = draw.one_of(&COUNTRIES);
        let dob =
            format!("{}-{:02}-{:02}", draw.between(1950, 2004), draw.between(1, 12), draw.between(1, 28));
        let (number, street) = (draw.between(1, 199), draw.one_of(country.streets));
        let street =
            if country.number_first { format!("{number} {street}") } else { format!("{street} {number}") };
        let (prefix, from, to) = country.phone;
        // All numbers of a range are equally long.
        let digits = to.to_string().len();
        let phone = format!("{prefix}{:0digits$}", draw.between(from, to));
        let (issued, month, day) = (draw.between(2018, 2023), draw.between(1, 12), draw.between(1, 28));
        Self {
            seed,
            first_name: Pii::from(*first_name),
            last_name: Pii::from(*last_name),
            gender: Pii::from(*gender),
            national_id: Pii::new(format!("{}{:04}", dob.replace('-', ""), draw.between(0, 9_999))),
            dob: Pii::new(dob),
            country: Pii::from(country.alpha2),
            country_alpha3: Pii::from(country.alpha3),
            street: Pii::new(street),
            city: Pii::from(*draw.one_of(country.cities)),
            email: Pii::new(format!("person.{seed}@example.com")),
            phone: Pii::new(phone),
            document_number: Pii::new(format!("SPX{:07}", draw.between(0, 9_999_999))),
            issue_date: Pii::new(format!("{issued}-{month:02}-{day:02}")),
            // Longer than real papers hold, so that tests do not rot.
            expiry_date: Pii::new(format!("{}-{month:02}-{day:02}", issued + 20)),
        }
    }

    /// A person who stands on the sandbox's sanction list: Sam Sample, born on 8 September 1985.
    pub fn sanctioned() -> Self {
        Self {
            first_name: Pii::from("Sam"),
            last_name: Pii::from("Sample"),
            dob: Pii::from("1985-09-08"),
            ..Self::from_seed(0)
        }
    }

    /// First and last name.
    pub fn full_name(&self) -> Pii<String> {
        Pii::new(format!("{} {}", self.first_name.expose(), self.last_name.expose()))
    }

    /// Street and city in one line.
    pub fn full_address(&self) -> Pii<String> {
        Pii::new(format!("{}, {}", self.street.expose(), self.city.expose()))
    }

    /// The age in years on a day, counted as birthdays are.
    pub fn age(&self, on: SystemTime) -> u32 {
        let today = time::OffsetDateTime::from(on).date();
        let mut parts = self.dob.expose().splitn(3, '-').map(|part| part.parse::<i32>().unwrap_or(1));
        let (year, month, day) =
            (parts.next().unwrap_or(1970), parts.next().unwrap_or(1), parts.next().unwrap_or(1));
        let before = (i32::from(u8::from(today.month())), i32::from(today.day())) < (month, day);
        u32::try_from(today.year() - year - i32::from(before)).unwrap_or(0)
    }
}

/// SplitMix64: a few lines that give the same numbers everywhere, for variety and not for secrets.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Both ends are among the numbers drawn.
    fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from + 1)
    }

    fn one_of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[(self.next() % list.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        // The reference implementation's first outputs for the seed 1234567.
        let mut draw = Draw(1_234_567);
        assert_eq!([draw.next(), draw.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn a_thousand_people_keep_to_the_ranges_for_fiction() {
        for seed in 0..1_000 {
            let person = Person::from_seed(seed);
            assert_eq!(person, Person::from_seed(seed));
            let phone = person.phone.expose();
            let fictional = ["+447700900", "+120255501", "+3363998", "+467017406"];
            assert!(fictional.iter().any(|range| phone.starts_with(range)), "{phone}");
            assert!((12..=13).contains(&phone.len()), "{phone}");
            assert!(person.email.expose().ends_with("@example.com"));
            assert!(person.dob < person.issue_date && person.issue_date < person.expiry_date);
            assert_eq!(format!("{person:?}").matches("[redacted]").count(), 14);
        }
    }

    #[test]
    fn age_counts_birthdays() {
        let sam = Person::sanctioned();
        let day = |days: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400);
        // 7 and 8 September 2025 are the days 20338 and 20339 since 1970.
        assert_eq!((sam.age(day(20_338)), sam.age(day(20_339))), (39, 40));
    }
}
