//! `info`: the device and the place the request came from.

use serde::Deserialize;

use super::Extra;
use crate::{privacy::Pii, wire};

/// Device and place. In an offsite request they describe your backend, not the person.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Info {
    /// The device and browser.
    #[serde(deserialize_with = "wire::object")]
    pub agent: Agent,
    /// The place, by network address.
    #[serde(deserialize_with = "wire::object")]
    pub geolocation: Geolocation,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The device and browser, as the user agent tells.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Agent {
    /// Whether it is a desktop; `None` when unknown.
    #[serde(deserialize_with = "wire::only_bool")]
    pub is_desktop: Option<bool>,
    /// Whether it is a phone; `None` when unknown.
    #[serde(deserialize_with = "wire::only_bool")]
    pub is_phone: Option<bool>,
    /// The user agent.
    #[serde(deserialize_with = "wire::text")]
    pub useragent: Option<Pii<String>>,
    /// The device's name; `0` has been seen.
    #[serde(deserialize_with = "wire::text")]
    pub device_name: Option<Pii<String>>,
    /// The browser's name; a single space has been seen.
    #[serde(deserialize_with = "wire::text")]
    pub browser_name: Option<Pii<String>>,
    /// The operating system's name.
    #[serde(deserialize_with = "wire::text")]
    pub platform_name: Option<Pii<String>>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The place, by network address. Every member is text on the wire, also the numbers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Geolocation {
    /// The host's name.
    #[serde(deserialize_with = "wire::text")]
    pub host: Option<Pii<String>>,
    /// The network address.
    #[serde(deserialize_with = "wire::text")]
    pub ip: Option<Pii<String>>,
    /// The reverse name of the address.
    #[serde(deserialize_with = "wire::text")]
    pub rdns: Option<Pii<String>>,
    /// The number of the autonomous system.
    #[serde(deserialize_with = "wire::text")]
    pub asn: Option<Pii<String>>,
    /// The internet service provider.
    #[serde(deserialize_with = "wire::text")]
    pub isp: Option<Pii<String>>,
    /// The country's name.
    #[serde(deserialize_with = "wire::text")]
    pub country_name: Option<Pii<String>>,
    /// The country, ISO 3166-1 alpha-2.
    #[serde(deserialize_with = "wire::text")]
    pub country_code: Option<Pii<String>>,
    /// The region's name.
    #[serde(deserialize_with = "wire::text")]
    pub region_name: Option<Pii<String>>,
    /// The region's code.
    #[serde(deserialize_with = "wire::text")]
    pub region_code: Option<Pii<String>>,
    /// The city.
    #[serde(deserialize_with = "wire::text")]
    pub city: Option<Pii<String>>,
    /// The postal code.
    #[serde(deserialize_with = "wire::text")]
    pub postal_code: Option<Pii<String>>,
    /// The continent's name.
    #[serde(deserialize_with = "wire::text")]
    pub continent_name: Option<Pii<String>>,
    /// The continent's code, two letters.
    #[serde(deserialize_with = "wire::text")]
    pub continent_code: Option<Pii<String>>,
    /// Degrees north, as text.
    #[serde(deserialize_with = "wire::text")]
    pub latitude: Option<Pii<String>>,
    /// Degrees east, as text.
    #[serde(deserialize_with = "wire::text")]
    pub longitude: Option<Pii<String>>,
    /// The metro code.
    #[serde(deserialize_with = "wire::text")]
    pub metro_code: Option<Pii<String>>,
    /// The time zone, such as `Europe/Berlin`.
    #[serde(deserialize_with = "wire::text")]
    pub timezone: Option<Pii<String>>,
    /// The kind of address, such as `ipv4`.
    #[serde(deserialize_with = "wire::text")]
    pub ip_type: Option<Pii<String>>,
    /// The country's capital.
    #[serde(deserialize_with = "wire::text")]
    pub capital: Option<Pii<String>>,
    /// The country's currency, ISO 4217.
    #[serde(deserialize_with = "wire::text")]
    pub currency: Option<Pii<String>>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}
