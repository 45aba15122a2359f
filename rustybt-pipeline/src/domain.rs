//! Domains: the market that a pipeline is of.

use std::borrow::Cow;
use std::fmt;

use rustybt_calendars::{calendar, resolve_alias};
use rustybt_data::{Asset, AssetClass};
use serde::{Deserialize, Serialize};

use crate::Error;

/// The market that a pipeline is of: a country, a calendar, a class of assets, as far as it says so.
///
/// A pipeline without one runs on whatever calendar the data are on, over all of their assets. One with a domain
/// refuses data on another calendar, and leaves out the assets of other classes and of exchanges of other countries.
///
/// ```
/// use rustybt_pipeline::Domain;
///
/// let japan = Domain::named("JP_EQUITIES").unwrap();
/// assert_eq!(japan, Domain::equities("JP", "XTKS"));
/// assert_eq!(japan.to_string(), "JP_EQUITIES");
/// assert_eq!(Domain::equities("DE", "XETR").to_string(), "equities of DE on XETR");
/// ```
///
/// # Source
///
/// The countries and calendars of zipline's 44 domains, and of the other stock exchanges that ship here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<Cow<'static, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calendar: Option<Cow<'static, str>>,
    assets: Assets,
}

/// The classes of assets that a domain has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Assets {
    Equities,
    Futures,
    Crypto,
    Forex,
}

/// The countries and the calendar of their stock exchange.
const COUNTRIES: [(&str, &str); 58] = [
    ("AR", "XBUE"),
    ("AT", "XWBO"),
    ("AU", "XASX"),
    ("BE", "XBRU"),
    ("BM", "XBDA"),
    ("BR", "BVMF"),
    ("CA", "XTSE"),
    ("CH", "XSWX"),
    ("CL", "XSGO"),
    ("CN", "XSHG"),
    ("CO", "XBOG"),
    ("CY", "XCYS"),
    ("CZ", "XPRA"),
    ("DE", "XFRA"),
    ("DK", "XCSE"),
    ("EE", "XTAL"),
    ("ES", "XMAD"),
    ("FI", "XHEL"),
    ("FR", "XPAR"),
    ("GB", "XLON"),
    ("GR", "ASEX"),
    ("HK", "XHKG"),
    ("HR", "XZAG"),
    ("HU", "XBUD"),
    ("ID", "XIDX"),
    ("IE", "XDUB"),
    ("IL", "XTAE"),
    ("IN", "XBOM"),
    ("IS", "XICE"),
    ("IT", "XMIL"),
    ("JP", "XTKS"),
    ("KR", "XKRX"),
    ("KZ", "AIXK"),
    ("LT", "XLIT"),
    ("LU", "XLUX"),
    ("LV", "XRIS"),
    ("MX", "XMEX"),
    ("MY", "XKLS"),
    ("NL", "XAMS"),
    ("NO", "XOSL"),
    ("NZ", "XNZE"),
    ("PE", "XLIM"),
    ("PH", "XPHS"),
    ("PK", "XKAR"),
    ("PL", "XWAR"),
    ("PT", "XLIS"),
    ("RO", "XBSE"),
    ("RU", "XMOS"),
    ("SA", "XSAU"),
    ("SE", "XSTO"),
    ("SG", "XSES"),
    ("SI", "XLJU"),
    ("SK", "XBRA"),
    ("TH", "XBKK"),
    ("TR", "XIST"),
    ("TW", "XTAI"),
    ("US", "XNYS"),
    ("ZA", "XJSE"),
];

impl Domain {
    /// Coins: spot and perpetual, on the calendar that never closes.
    pub const CRYPTO: Self =
        Self { country: None, calendar: Some(Cow::Borrowed("24/7")), assets: Assets::Crypto };
    /// Futures, on whatever calendar the data are on.
    pub const FUTURES: Self = Self { country: None, calendar: None, assets: Assets::Futures };
    /// Currency pairs, on whatever calendar the data are on.
    pub const FOREX: Self = Self { country: None, calendar: None, assets: Assets::Forex };

    /// The equities of a country (two letters) on a calendar: zipline's `EquityCalendarDomain`.
    pub fn equities(
        country: impl Into<Cow<'static, str>>,
        calendar: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (country, calendar) = (Some(country.into()), Some(calendar.into()));
        Self { country, calendar, assets: Assets::Equities }
    }

    /// The domain that pipeline files call so: `US_EQUITIES` and so on, `CRYPTO`, `FUTURES`, `FOREX`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "CRYPTO" => Some(Self::CRYPTO),
            "FUTURES" => Some(Self::FUTURES),
            "FOREX" => Some(Self::FOREX),
            _ => {
                let country = name.strip_suffix("_EQUITIES")?;
                let (country, calendar) = COUNTRIES.iter().find(|(known, _)| *known == country)?;
                Some(Self::equities(*country, *calendar))
            }
        }
    }

    /// Its country, two letters.
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }

    /// The calendar that the data must be on.
    pub fn calendar(&self) -> Option<&str> {
        self.calendar.as_deref()
    }

    /// Whether an asset is of this market, as far as is known of it.
    ///
    /// Of its exchange it must be known that it lies in another country.
    pub fn has(&self, asset: &Asset) -> bool {
        let of_class = match self.assets {
            Assets::Equities => asset.class == AssetClass::Equity,
            Assets::Futures => asset.class == AssetClass::Future,
            Assets::Crypto => {
                matches!(asset.class, AssetClass::CryptoSpot | AssetClass::CryptoPerpetual)
            }
            Assets::Forex => asset.class == AssetClass::Forex,
        };
        let abroad = || {
            let own = self.country.as_deref()?;
            let exchange = resolve_alias(&asset.exchange)?;
            let (country, _) = COUNTRIES.iter().find(|(_, calendar)| *calendar == exchange)?;
            Some(*country != own)
        };
        of_class && !abroad().unwrap_or(false)
    }

    /// Refuses data on another calendar.
    pub(crate) fn check(&self, found: &str) -> Result<(), Error> {
        let Some(wanted) = self.calendar() else { return Ok(()) };
        let wanted = calendar(wanted).map_err(|error| Error::Data(error.into()))?;
        if wanted.name() == found {
            return Ok(());
        }
        let (domain, calendar) = (self.to_string(), wanted.name().to_owned());
        Err(Error::Domain { domain, calendar, found: found.to_owned() })
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (country, calendar) = (self.country(), self.calendar());
        let shipped = |known: &(&str, &str)| Some(known.0) == country && Some(known.1) == calendar;
        match (self.assets, country, calendar) {
            (Assets::Equities, Some(country), _) if COUNTRIES.iter().any(shipped) => {
                write!(f, "{country}_EQUITIES")
            }
            (Assets::Equities, country, calendar) => {
                let (country, calendar) = (country.unwrap_or("??"), calendar.unwrap_or("??"));
                write!(f, "equities of {country} on {calendar}")
            }
            (Assets::Futures, ..) => f.write_str("FUTURES"),
            (Assets::Crypto, ..) => f.write_str("CRYPTO"),
            (Assets::Forex, ..) => f.write_str("FOREX"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustybt_data::Sid;

    #[test]
    fn every_country_has_a_calendar_and_a_name() {
        for (country, exchange) in COUNTRIES {
            let domain = Domain::named(&format!("{country}_EQUITIES")).unwrap();
            assert_eq!(domain.to_string(), format!("{country}_EQUITIES"));
            assert_eq!(calendar(exchange).unwrap().name(), exchange);
            assert!(domain.check(exchange).is_ok());
        }
        assert!(COUNTRIES.is_sorted());
        assert_eq!(Domain::named("XX_EQUITIES"), None);
        for domain in [Domain::CRYPTO, Domain::FUTURES, Domain::FOREX] {
            assert_eq!(Domain::named(&domain.to_string()), Some(domain));
        }
    }

    #[test]
    fn assets_abroad_and_of_other_classes_are_left_out() {
        let day = "2014-06-09".parse().unwrap();
        let mut asset = Asset::equity(Sid(1), "A", day, day);
        let us = Domain::named("US_EQUITIES").unwrap();
        for (exchange, is_in) in
            [("", true), ("NASDAQ", true), ("XNYS", true), ("a bank", true), ("XLON", false)]
        {
            exchange.clone_into(&mut asset.exchange);
            assert_eq!(us.has(&asset), is_in, "{exchange}");
        }
        asset.class = AssetClass::Forex;
        assert!(Domain::FOREX.has(&asset) && !Domain::CRYPTO.has(&asset) && !us.has(&asset));
        let refused = us.check("24/7").unwrap_err().to_string();
        assert_eq!(
            refused,
            "the pipeline is of US_EQUITIES, on the calendar XNYS, and the data are on 24/7"
        );
    }
}
