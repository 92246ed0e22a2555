//! The provider's words: lists that stay open.

use crate::wire::open_enum;

open_enum! {
    /// The state of an order.
    pub enum OrderStatus {
        /// Made, not decided:
        Pending = "PENDING",
        /// A provider will pay:
        Approved = "APPROVED",
        /// Over:
        Canceled = "CANCELED",
        /// On its way to being over:
        Canceling = "CANCELING",
        /// On its way to being paid:
        Disbursing = "DISBURSING",
        /// Paid:
        Paid = "PAID",
    }
}

open_enum! {
    /// A document that a disbursement may require.
    pub enum DocumentType {
        /// The invoice:
        Invoice = "INVOICE",
        /// Proof of the down payment:
        DownPayment = "DOWN_PAYMENT",
        /// Proof of the first payment:
        FirstPayment = "FIRST_PAYMENT",
        /// Proof of the delivery:
        Delivery = "DELIVERY",
    }
}

open_enum! {
    /// The state of an offer's transaction, that is of a person's onboarding at a service provider.
    pub enum TransactionStatus {
        /// Under way:
        Pending = "PENDING",
        /// Done:
        Completed = "COMPLETED",
        /// Came to nothing:
        Failed = "FAILED",
    }
}

open_enum! {
    /// What Credify's review says of an offer.
    pub enum OfferStatus {
        /// It may be shown:
        Approved = "APPROVED",
        /// It may not:
        Rejected = "REJECTED",
        /// Not decided yet:
        InReview = "IN_REVIEW",
    }
}

open_enum! {
    /// The state of a campaign.
    pub enum CampaignStatus {
        /// Running:
        Approved = "APPROVED",
        /// Refused:
        Rejected = "REJECTED",
        /// Not decided yet:
        InReview = "IN_REVIEW",
        /// Over:
        Archived = "ARCHIVED",
        /// Not handed in yet:
        Draft = "DRAFT",
    }
}

open_enum! {
    /// The state of a dispute about a transaction.
    pub enum DisputeStatus {
        /// Raised:
        New = "NEW",
        /// Looked into:
        InProcess = "IN_PROCESS",
        /// Upheld:
        Approved = "APPROVED",
        /// Dismissed:
        Rejected = "REJECTED",
    }
}

open_enum! {
    /// Why a transaction is disputed.
    pub enum DisputeReason {
        /// The person did not become a customer:
        ConversionFailure = "CONVERSION_FAILURE",
        /// The data were wrong:
        IncorrectData = "INCORRECT_DATA",
        /// The transaction was there already:
        DuplicatedTransaction = "DUPLICATED_TRANSACTION",
        /// The person was a customer already:
        ExistingUser = "EXISTING_USER",
        /// The person may not have the offer:
        DisqualifiedUser = "DISQUALIFIED_USER",
        /// The person meant harm:
        MaliciousUser = "MALICIOUS_USER",
        /// None of these:
        SomethingElse = "OTHER",
    }
}

open_enum! {
    /// The trade of an organisation.
    pub enum OrganizationCategory {
        /// A bank:
        Bank = "BANK",
        /// An insurer:
        Insurance = "INSURANCE",
        /// A lender to consumers:
        ConsumerFinance = "CONSUMER FINANCE",
        /// A shop:
        Retail = "RETAIL",
        /// None of these:
        Others = "OTHERS",
    }
}

open_enum! {
    /// A paper of the state that names a person.
    pub enum IdentityDocumentType {
        /// A passport:
        Passport = "PASSPORT",
        /// A driving licence:
        DrivingLicense = "DRIVING_LICENSE",
        /// A national identity card:
        NationalId = "NATIONAL_ID",
        /// A residence permit:
        BiometricResidencePermit = "BIOMETRIC_RESIDENCE_PERMIT",
        /// A tax number:
        TaxId = "TAX_ID",
        /// A voter's card:
        VoterId = "VOTER_ID",
    }
}

open_enum! {
    /// What an offer sells.
    pub enum ProductType {
        /// Health insurance for one person:
        HealthInsuranceForIndividual = "insurance:health-insurance:for-individual",
        /// Health insurance for a group:
        HealthInsuranceForGroup = "insurance:health-insurance:for-group",
        /// Insurance of a motorbike:
        MotorbikeInsurance = "insurance:automobile-insurance:motorbike",
        /// Insurance of a car:
        CarInsurance = "insurance:automobile-insurance:car",
        /// Home insurance for who owns the home:
        HomeInsuranceForHomeowner = "insurance:home-insurance:for-homeowner",
        /// Insurance of the house itself:
        HomeInsuranceForHouse = "insurance:home-insurance:for-house",
        /// Home insurance for who rents it:
        HomeInsuranceForRenter = "insurance:home-insurance:for-renter",
        /// A cash loan to a consumer:
        ConsumerCash = "consumer-financing:unsecured-loan:cash",
        /// A credit card loan to a consumer:
        ConsumerCreditCard = "consumer-financing:unsecured-loan:credit-card",
        /// Buy now, pay later for a consumer:
        ConsumerBnpl = "consumer-financing:unsecured-loan:bnpl",
        /// A loan for a consumer's durable goods:
        ConsumerDurables = "consumer-financing:unsecured-loan:cd-loan",
        /// A consumer's loan on a salary:
        ConsumerPayday = "consumer-financing:secured-loan:payday",
        /// A consumer's loan on a purchase order:
        ConsumerPurchaseOrder = "consumer-financing:secured-loan:po-financing",
        /// A cash loan to a company:
        CorporateCash = "corporate-financing:unsecured-loan:cash",
        /// A credit card loan to a company:
        CorporateCreditCard = "corporate-financing:unsecured-loan:credit-card",
        /// Buy now, pay later for a company:
        CorporateBnpl = "corporate-financing:unsecured-loan:bnpl",
        /// A loan for a company's durable goods:
        CorporateDurables = "corporate-financing:unsecured-loan:cd-loan",
        /// A company's loan on salaries:
        CorporatePayday = "corporate-financing:secured-loan:payday",
        /// A company's loan on a purchase order:
        CorporatePurchaseOrder = "corporate-financing:secured-loan:po-financing",
        /// A credit card of the usual kind:
        TraditionalCreditCard = "credit-card:traditional",
        /// A credit card in cooperation with a brand:
        CobrandedCreditCard = "credit-card:cbcc",
    }
}
