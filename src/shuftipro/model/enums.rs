//! The provider's lists of words. All of them are open.
//!
//! Source: `shuftipro.com/help-center/response-events`, `docs/coverage` and the services' own pages.

use crate::wire::open_enum;

open_enum! {
    /// A service of the verification call, by its key in requests and answers.
    pub enum Service {
        /// An identity document:
        Document = "document",
        /// A second, different identity document:
        DocumentTwo = "document_two",
        /// The person's face:
        Face = "face",
        /// A proof of address:
        Address = "address",
        /// A note of consent:
        Consent = "consent",
        /// A phone number, by a code sent to it:
        Phone = "phone",
        /// Screening of a person against AML lists:
        BackgroundChecks = "background_checks",
        /// Screening of a business against AML lists:
        AmlForBusinesses = "aml_for_businesses",
        /// A company's record:
        Kyb = "kyb",
        /// Questions for the person:
        Questionnaire = "questionnaire",
        /// Questions for an investor:
        Kyi = "kyi",
        /// Electronic identity verification against databases:
        Ekyc = "ekyc",
        /// A risk assessment, which has a call of its own:
        RiskAssessment = "risk_assessment",
    }
}

open_enum! {
    /// An identity document's kind.
    pub enum DocumentType {
        /// Passport:
        Passport = "passport",
        /// National identity card:
        IdCard = "id_card",
        /// Driving licence:
        DrivingLicense = "driving_license",
        /// Bank card:
        CreditOrDebitCard = "credit_or_debit_card",
    }
}

open_enum! {
    /// An address document's kind.
    pub enum AddressType {
        /// Identity card:
        IdCard = "id_card",
        /// Passport:
        Passport = "passport",
        /// Driving licence:
        DrivingLicense = "driving_license",
        /// Utility bill:
        UtilityBill = "utility_bill",
        /// Bank statement:
        BankStatement = "bank_statement",
        /// Rent agreement:
        RentAgreement = "rent_agreement",
        /// Employer's letter:
        EmployerLetter = "employer_letter",
        /// Insurance agreement:
        InsuranceAgreement = "insurance_agreement",
        /// Tax bill:
        TaxBill = "tax_bill",
        /// Envelope:
        Envelope = "envelope",
        /// CPR smart card reader copy:
        CprSmartCardReaderCopy = "cpr_smart_card_reader_copy",
        /// Property tax:
        PropertyTax = "property_tax",
        /// Lease agreement:
        LeaseAgreement = "lease_agreement",
        /// Insurance card:
        InsuranceCard = "insurance_card",
        /// Permanent residence permit:
        PermanentResidencePermit = "permanent_residence_permit",
        /// Credit card statement:
        CreditCardStatement = "credit_card_statement",
        /// Insurance policy:
        InsurancePolicy = "insurance_policy",
        /// Receipt of an online shop:
        ECommerceReceipt = "e_commerce_receipt",
        /// Receipt of a bank letter:
        BankLetterReceipt = "bank_letter_receipt",
        /// Birth certificate:
        BirthCertificate = "birth_certificate",
        /// Salary slip:
        SalarySlip = "salary_slip",
        /// Any of them:
        Any = "any",
    }
}

open_enum! {
    /// How a note of consent is written.
    pub enum ConsentType {
        /// By hand:
        Handwritten = "handwritten",
        /// Printed:
        Printed = "printed",
    }
}

open_enum! {
    /// Which kinds of proof a person may give.
    pub enum VerificationMode {
        /// Images and videos:
        Any = "any",
        /// Images and PDF:
        ImageOnly = "image_only",
        /// Videos:
        VideoOnly = "video_only",
    }
}

open_enum! {
    /// A gender as documents state it.
    pub enum Gender {
        /// Male:
        Male = "M",
        /// Female:
        Female = "F",
        /// Other:
        Unspecified = "O",
    }
}

open_enum! {
    /// When a questionnaire is asked.
    pub enum QuestionnaireType {
        /// Before the other services, the default:
        PreKyc = "pre_kyc",
        /// After them:
        PostKyc = "post_kyc",
    }
}

open_enum! {
    /// How a company's name is searched for.
    pub enum SearchType {
        /// Anywhere in the name:
        Contains = "contains",
        /// At its start:
        StartWith = "start_with",
        /// With spelling differences:
        Fuzzy = "fuzzy",
    }
}

open_enum! {
    /// A kind of AML list: what is screened, and what a hit was found on.
    pub enum AmlType {
        /// Warnings:
        Warning = "warning",
        /// Sanctions:
        Sanction = "sanction",
        /// Politically exposed persons:
        Pep = "pep",
        /// Politically exposed persons, class 1:
        PepClass1 = "pep-class-1",
        /// Politically exposed persons, class 2:
        PepClass2 = "pep-class-2",
        /// Politically exposed persons, class 3:
        PepClass3 = "pep-class-3",
        /// Politically exposed persons, class 4:
        PepClass4 = "pep-class-4",
        /// Fitness and probity:
        FitnessProbity = "fitness-probity",
        /// Adverse media:
        AdverseMedia = "adverse-media",
        /// Adverse media, financial crime:
        AdverseMediaFinancialCrime = "adverse-media-financial-crime",
        /// Adverse media, fraud:
        AdverseMediaFraud = "adverse-media-fraud",
        /// Adverse media, general:
        AdverseMediaGeneral = "adverse-media-general",
        /// Adverse media, narcotics:
        AdverseMediaNarcotics = "adverse-media-narcotics",
        /// Adverse media, sexual crime:
        AdverseMediaSexualCrime = "adverse-media-sexual-crime",
        /// Adverse media, terrorism:
        AdverseMediaTerrorism = "adverse-media-terrorism",
        /// Adverse media, violent crime:
        AdverseMediaViolentCrime = "adverse-media-violent-crime",
        /// Adverse media v2, property:
        AdverseMediaV2Property = "adverse-media-v2-property",
        /// Adverse media v2, financial, AML/CFT:
        AdverseMediaV2FinancialAmlCft = "adverse-media-v2-financial-aml-cft",
        /// Adverse media v2, fraud:
        AdverseMediaV2FraudLinked = "adverse-media-v2-fraud-linked",
        /// Adverse media v2, narcotics, AML/CFT:
        AdverseMediaV2NarcoticsAmlCft = "adverse-media-v2-narcotics-aml-cft",
        /// Adverse media v2, violence, AML/CFT:
        AdverseMediaV2ViolenceAmlCft = "adverse-media-v2-violence-aml-cft",
        /// Adverse media v2, terrorism:
        AdverseMediaV2Terrorism = "adverse-media-v2-terrorism",
        /// Adverse media v2, cybercrime:
        AdverseMediaV2Cybercrime = "adverse-media-v2-cybercrime",
        /// Adverse media v2, general, AML/CFT:
        AdverseMediaV2GeneralAmlCft = "adverse-media-v2-general-aml-cft",
        /// Adverse media v2, regulatory:
        AdverseMediaV2Regulatory = "adverse-media-v2-regulatory",
        /// Adverse media v2, financial difficulty:
        AdverseMediaV2FinancialDifficulty = "adverse-media-v2-financial-difficulty",
        /// Adverse media v2, violence, not AML/CFT:
        AdverseMediaV2ViolenceNonAmlCft = "adverse-media-v2-violence-non-aml-cft",
        /// Adverse media v2, other financial:
        AdverseMediaV2OtherFinancial = "adverse-media-v2-other-financial",
        /// Adverse media v2, other serious:
        AdverseMediaV2OtherSerious = "adverse-media-v2-other-serious",
        /// Adverse media v2, other minor:
        AdverseMediaV2OtherMinor = "adverse-media-v2-other-minor",
    }
}

open_enum! {
    /// Why an AML record was taken for the person.
    pub enum MatchType {
        /// The name:
        NameExact = "name_exact",
        /// An alias:
        AkaExact = "aka_exact",
        /// The name, with spelling differences:
        NameFuzzy = "name_fuzzy",
        /// An alias, with spelling differences:
        AkaFuzzy = "aka_fuzzy",
        /// The sound of the name:
        PhoneticName = "phonetic_name",
        /// The sound of an alias:
        PhoneticAka = "phonetic_aka",
        /// A form of the name in use elsewhere:
        EquivalentName = "equivalent_name",
        /// A form of an alias in use elsewhere:
        EquivalentAka = "equivalent_aka",
        /// The year of birth:
        YearOfBirth = "year_of_birth",
        /// After a personal title was removed:
        RemovedPersonalTitle = "removed_personal_title",
        /// After a personal suffix was removed:
        RemovedPersonalSuffix = "removed_personal_suffix",
        /// After an organisation's prefix was removed:
        RemovedOrganisationPrefix = "removed_organisation_prefix",
        /// After an organisation's suffix was removed:
        RemovedOrganisationSuffix = "removed_organisation_suffix",
        /// After a clerical mark was removed:
        RemovedClericalMark = "removed_clerical_mark",
        /// Not said:
        Unknown = "unknown",
    }
}
