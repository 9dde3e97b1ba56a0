//! Holidays: the State Council's yearly notices that this program knows, as they stand in `data/holidays`.
//!
//! A new network begins with them. Later ones are put to the vote of its members.

use gongxin_types::Calendar;
use gongxin_types::calendar::notice::{self, Notice, NoticeError};

/// The files, one per year, the oldest first.
const FILES: [&str; 20] = [
    include_str!("../../../data/holidays/2007.json"),
    include_str!("../../../data/holidays/2008.json"),
    include_str!("../../../data/holidays/2009.json"),
    include_str!("../../../data/holidays/2010.json"),
    include_str!("../../../data/holidays/2011.json"),
    include_str!("../../../data/holidays/2012.json"),
    include_str!("../../../data/holidays/2013.json"),
    include_str!("../../../data/holidays/2014.json"),
    include_str!("../../../data/holidays/2015.json"),
    include_str!("../../../data/holidays/2016.json"),
    include_str!("../../../data/holidays/2017.json"),
    include_str!("../../../data/holidays/2018.json"),
    include_str!("../../../data/holidays/2019.json"),
    include_str!("../../../data/holidays/2020.json"),
    include_str!("../../../data/holidays/2021.json"),
    include_str!("../../../data/holidays/2022.json"),
    include_str!("../../../data/holidays/2023.json"),
    include_str!("../../../data/holidays/2024.json"),
    include_str!("../../../data/holidays/2025.json"),
    include_str!("../../../data/holidays/2026.json"),
];

/// The working days that the notices make.
///
/// # Errors
/// When a file that was compiled in is not as it should be; a test reads them.
pub fn known() -> Result<Calendar, NoticeError> {
    let notices = FILES.iter().map(|text| Notice::read(text)).collect::<Result<Vec<_>, _>>()?;
    notice::calendar(&notices)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is compiled in makes a calendar of all its years.
    #[test]
    fn the_notices_make_a_calendar() {
        let calendar = known().unwrap();
        assert!(calendar.is_sound());
        assert!((2007..=2026).all(|year| calendar.year(year).is_some_and(|year| !year.notices.is_empty())));
    }
}
