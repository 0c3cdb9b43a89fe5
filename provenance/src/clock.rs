//! Dates out of milliseconds since 1970, in UTC. Nothing here reads the clock: a time enters a record only when the caller
//! gives one, so that a reproducible run has none.

/// A moment in UTC, in the parts that tags are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Utc {
    pub year: i64,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
}

impl Utc {
    /// The moment `unix_ms` milliseconds after 1970-01-01T00:00:00Z (proleptic Gregorian calendar; the days-to-date
    /// arithmetic counts years from 1 March so that a leap day is the last of its year).
    pub fn from_unix_ms(unix_ms: u64) -> Self {
        let seconds = unix_ms / 1000;
        let days = (seconds / 86_400) as i64 + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let of_day = (seconds % 86_400) as u32;
        Self { year, month, day, hour: of_day / 3600, minute: of_day / 60 % 60, second: of_day % 60 }
    }

    /// `2026-05-04`.
    pub fn date(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `13:07:09`.
    pub fn time(self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }

    /// `2026-05-04T13:07:09Z` (RFC 3339).
    pub fn rfc3339(self) -> String {
        format!("{}T{}Z", self.date(), self.time())
    }
}

/// RFC 3339 text of milliseconds since 1970.
pub(crate) fn rfc3339(unix_ms: u64) -> String {
    Utc::from_unix_ms(unix_ms).rfc3339()
}

/// `1:02.345` minutes, seconds and thousandths; used in sentences for people.
pub(crate) fn minutes(seconds: f64) -> String {
    let ms = (seconds.max(0.0) * 1000.0).round() as u64;
    format!("{}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_782_400_000), "2000-02-29T00:00:00Z");
        // 1e9 seconds and the 32-bit turn are well-known anchors.
        assert_eq!(rfc3339(1_000_000_000_000), "2001-09-09T01:46:40Z");
        assert_eq!(rfc3339(2_147_483_647_999), "2038-01-19T03:14:07Z");
        assert_eq!(minutes(61.2345), "1:01.235");
    }
}
