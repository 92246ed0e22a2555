//! Who somebody is, whichever provider was asked, and how sure that is. Depends on no provider.
