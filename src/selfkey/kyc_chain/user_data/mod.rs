//! The data behind one user's token: what a website gets when its users log in through KYC-Chain.

mod builder;
mod cookie;
mod data;
mod error_code;
mod reader;

pub use builder::Builder;
pub use data::{UserData, UserFile};
pub use error_code::ErrorCode;
pub use reader::Reader;
