//! The endpoints of a market.

/// An endpoint of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `GET /`
    Health,
    /// `POST /api/claims/push`
    PushClaims,
    /// `POST /api/offers/filter`
    FilterOffers,
    /// `POST /api/offers/segment`
    UserSegment,
    /// `POST /api/offers/evaluate`
    EvaluateOffer,
    /// `POST /api/claims/request`
    EncryptedClaims,
    /// `GET /api/bnpl/orders/{order id}/redirect`
    BnplRedirect,
    /// `POST /api/bnpl/orders/{order id}/disbursement-requirements`
    DisbursementDocuments,
    /// `POST /webhook`
    Webhook,
    /// `POST /push-disbursement-claims`
    PushDisbursementClaims,
    /// `POST /simulation`
    Simulation,
    /// `POST /orders`
    CreateOrder,
    /// `GET /orders`
    Orders,
    /// `GET /orders/credify/{credify id}`
    OrdersOfUser,
    /// `POST /orders/{order id}/cancel`
    CancelOrder,
    /// `POST /orders/{order id}/disburse`
    DisburseOrder,
    /// `POST /intents`
    Intent,
    /// `POST /product`
    Product,
    /// `POST /offers`
    OwnOffers,
    /// `POST /claims`
    ClaimsValue,
}

impl Endpoint {
    /// Whether the market authenticates the caller by [`CallerAuthentication`](super::CallerAuthentication).
    pub fn is_for_own_callers(self) -> bool {
        matches!(
            self,
            Self::PushClaims
                | Self::PushDisbursementClaims
                | Self::Simulation
                | Self::CreateOrder
                | Self::Orders
                | Self::OrdersOfUser
                | Self::CancelOrder
                | Self::DisburseOrder
                | Self::Intent
                | Self::Product
                | Self::OwnOffers
                | Self::ClaimsValue
        )
    }
}
