//! Values of all crates go to a server and come back as they are, or are refused on the way there; what the server
//! has is read as it is, or not at all. All features: `cargo test -p persist-runtime --all-features --test values`.
#![expect(clippy::unwrap_used, reason = "what helpers of tests cannot do fails the test")]

use std::fmt::Debug;

use persist_runtime::scalar::Scalar;
use persist_runtime::{Database, Interval, Sql};
use persist_testkit::TestDatabase;

/// How many random values of each type are tried.
const CASES: u64 = 300;

/// Numbers that only look random, the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // SplitMix64, by its constants.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number of any length.
    fn any(&mut self) -> i64 {
        let bits = self.next() % 64;
        (self.next() >> bits) as i64
    }

    fn within(&mut self, low: i64, high: i64) -> i64 {
        low + (i128::from(self.next()) % (i128::from(high) - i128::from(low) + 1)) as i64
    }
}

async fn database() -> (TestDatabase, Database) {
    let server = TestDatabase::empty().await;
    let db = Database::connect(server.url()).await.unwrap();
    (server, db)
}

/// The value comes back as it was, or is refused before it is sent; was it sent?
async fn sent<T: Scalar + Clone + PartialEq + Debug>(db: &Database, value: &T) -> bool {
    match Sql::unchecked("SELECT $1").bind(value.clone()).one::<T>(db).await {
        Ok(read) => {
            assert_eq!(format!("{read:?}"), format!("{value:?}"));
            assert_eq!(read, *value);
            true
        }
        Err(error) => {
            assert!(error.is_encode() && error.code().is_none(), "{value:?}: {error:?}");
            false
        }
    }
}

async fn is_sent<T: Scalar + Clone + PartialEq + Debug>(db: &Database, value: T) {
    assert!(sent(db, &value).await, "{value:?}");
}

async fn is_refused<T: Scalar + Clone + PartialEq + Debug>(db: &Database, value: T) {
    assert!(!sent(db, &value).await, "{value:?}");
}

/// What the server has is read and written as it is, or not read; was it read?
async fn read<T: Scalar>(db: &Database, ty: &str, text: &str) -> bool {
    let found = Sql::unchecked(format!("SELECT '{text}'::{ty}")).one::<T>(db).await;
    match found {
        Ok(value) => {
            let same = format!("SELECT $1 IS NOT DISTINCT FROM '{text}'::{ty}");
            assert!(Sql::unchecked(same).bind(value).one::<bool>(db).await.unwrap(), "{ty} {text}");
            true
        }
        Err(error) => {
            assert!(error.is_decode(), "{ty} {text}: {error:?}");
            false
        }
    }
}

async fn are_read<T: Scalar>(db: &Database, ty: &str, texts: &[&str]) {
    for text in texts {
        assert!(read::<T>(db, ty, text).await, "{text}");
    }
}

async fn are_not_read<T: Scalar>(db: &Database, ty: &str, texts: &[&str]) {
    for text in texts {
        assert!(!read::<T>(db, ty, text).await, "{text}");
    }
}

#[tokio::test]
async fn floats_keep_each_bit() {
    let (_server, db) = database().await;
    let mut random = Random(1);
    let special = [0.0, -0.0, f64::MIN, f64::MAX, f64::EPSILON, 5e-324, f64::INFINITY, f64::NEG_INFINITY];
    let any = (0..CASES).map(|_| f64::from_bits(random.next())).collect::<Vec<f64>>();
    for value in special.into_iter().chain(any).chain([f64::NAN]) {
        let read: f64 = Sql::unchecked("SELECT $1").bind(value).one(&db).await.unwrap();
        assert_eq!(read.to_bits(), value.to_bits());
        let short = value as f32;
        let read: f32 = Sql::unchecked("SELECT $1").bind(short).one(&db).await.unwrap();
        assert_eq!(read.to_bits(), short.to_bits());
    }
}

#[tokio::test]
async fn texts_hold_all_but_nul() {
    let (_server, db) = database().await;
    for text in ["", "a", "\u{1}\u{7f}\u{fffd}\u{10ffff}", "\\x", "'\"$1", " a \n\t"] {
        is_sent(&db, text.to_owned()).await;
    }
    is_refused(&db, "a\0b".to_owned()).await;
    is_refused(&db, vec!["a".to_owned(), "\0".to_owned()]).await;
    // char(n) is padded where it is stored, and read as stored; "char" is one byte.
    let padded: String = Sql::unchecked("SELECT 'ab'::char(4)").one(&db).await.unwrap();
    assert_eq!(padded, "ab  ");
    are_read::<i8>(&db, "\"char\"", &["", "a", "~"]).await;
    for byte in i8::MIN..=i8::MAX {
        is_sent(&db, byte).await;
    }
}

#[tokio::test]
async fn intervals_are_three_numbers() {
    let (_server, db) = database().await;
    let mut random = Random(2);
    for _ in 0..CASES {
        let (months, days) = (random.any() as i32, random.any() as i32);
        is_sent(&db, Interval { months, days, microseconds: random.any() }).await;
    }
    for microseconds in [i64::MIN, i64::MAX, 0] {
        is_sent(&db, Interval { months: i32::MAX, days: i32::MIN, microseconds }).await;
    }
    are_read::<Interval>(
        &db,
        "interval",
        &["-178000000 years", "178000000 years", "1 mon -1 day 00:00:00.000001"],
    )
    .await;
}

#[tokio::test]
async fn arrays_forget_nothing() {
    let (_server, db) = database().await;
    are_read::<Vec<i32>>(&db, "int4[]", &["{}", "{1}", "{1,2,3}"]).await;
    are_read::<Vec<Option<i32>>>(&db, "int4[]", &["{NULL}", "{1,NULL}"]).await;
    are_not_read::<Vec<i32>>(
        &db,
        "int4[]",
        &["{NULL}", "[0:1]={1,2}", "[-5:-5]={1}", "{{1}}", "{{1,2},{3,4}}"],
    )
    .await;
}

#[cfg(feature = "decimal")]
#[tokio::test]
async fn decimals_are_exact() {
    use rust_decimal::Decimal;

    let (_server, db) = database().await;
    let mut random = Random(3);
    for _ in 0..CASES {
        let (low, middle, high) = (random.any() as u32, random.any() as u32, random.any() as u32);
        let scale = random.within(0, 28) as u32;
        let value = Decimal::from_parts(low, middle, high, random.next().is_multiple_of(2), scale);
        // A zero has no sign there.
        is_sent(&db, if value.is_zero() { value.abs() } else { value }).await;
    }
    for value in [Decimal::MAX, Decimal::MIN, Decimal::ZERO, Decimal::new(1, 28)] {
        is_sent(&db, value).await;
    }
    let long = format!("1{}", "0".repeat(130_000));
    let nines = format!("0.{}", "9".repeat(29));
    let smallest = format!("0.{}1", "0".repeat(16_000));
    are_not_read::<Decimal>(
        &db,
        "numeric",
        &["NaN", "Infinity", "-Infinity", "1e29", &long, &nines, &smallest],
    )
    .await;
    are_read::<Decimal>(&db, "numeric(65, 30)", &["0", "1.5", "-79228162514264337593543950335"]).await;
    for _ in 0..CASES {
        let digits = random.next() % 40 + 1;
        let digits: String = (0..digits).map(|_| char::from(b'0' + (random.next() % 10) as u8)).collect();
        let exponent = random.within(-40, 20);
        read::<Decimal>(&db, "numeric", &format!("{digits}e{exponent}")).await;
    }
}

/// The ends of dates and of timestamps of PostgreSQL, and what is no time of the calendar.
const DATES: &[&str] = &[
    "4714-11-24 BC",
    "0001-12-31 BC",
    "0001-01-01",
    "1582-10-15",
    "1999-12-31",
    "9999-12-31",
    "10000-01-01",
    "262142-12-31",
    "262143-12-31",
    "262144-01-01",
    "294276-12-31",
    "5874897-12-31",
    "infinity",
    "-infinity",
];

const TIMESTAMPS: &[&str] = &[
    "4714-11-24 00:00:00 BC",
    "0001-12-31 23:59:59.999999 BC",
    "0001-01-01 00:00:00",
    "1969-12-31 23:59:59.999999",
    "1999-12-31 23:59:59.999999",
    "2016-12-31 23:59:60",
    "9999-12-30 21:59:59.999999",
    "9999-12-31 23:59:59.999999",
    "10000-01-01 00:00:00",
    "262143-12-31 23:59:59.999999",
    "262144-01-01 00:00:00",
    "294276-12-31 23:59:59.999999",
    "infinity",
    "-infinity",
];

const TIMES: &[&str] = &["00:00:00", "00:00:00.000001", "23:59:59.999999", "23:59:60", "24:00:00"];

/// Whatever the server can hold is read as it is, or not at all.
async fn ends<Date: Scalar, Timestamp: Scalar, Timestamptz: Scalar, Time: Scalar>(db: &Database) {
    for text in DATES {
        read::<Date>(db, "date", text).await;
    }
    for text in TIMESTAMPS {
        read::<Timestamp>(db, "timestamp", text).await;
        let utc = match text.strip_suffix(" BC") {
            Some(text) => format!("{text}+00 BC"),
            None if text.ends_with("infinity") => (*text).to_owned(),
            None => format!("{text}+00"),
        };
        read::<Timestamptz>(db, "timestamptz", &utc).await;
    }
    for text in TIMES {
        read::<Time>(db, "time", text).await;
    }
    are_read::<Date>(db, "date", &DATES[..6]).await;
    are_read::<Timestamp>(db, "timestamp", &TIMESTAMPS[..8]).await;
    are_read::<Time>(db, "time", &TIMES[..3]).await;
    are_not_read::<Date>(db, "date", &["infinity", "-infinity", "5874897-12-31"]).await;
    are_not_read::<Timestamp>(db, "timestamp", &["infinity", "-infinity", "294276-12-31 23:59:59.999999"])
        .await;
    are_not_read::<Timestamptz>(db, "timestamptz", &["infinity", "-infinity"]).await;
    are_not_read::<Time>(db, "time", &["23:59:60", "24:00:00"]).await;
}

#[cfg(feature = "chrono")]
#[tokio::test]
async fn chrono_is_exact_or_refused() {
    use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

    let (_server, db) = database().await;
    let mut random = Random(4);
    for case in 0..CASES {
        let nanoseconds = (random.next() % 2_000_000_000) as u32 / 1_000 * 1_000;
        let seconds = random.within(-8_334_601_228_800, 8_210_266_876_799);
        let exact = nanoseconds < 1_000_000_000 && seconds >= -210_866_803_200;
        if let Some(value) = DateTime::<Utc>::from_timestamp(seconds, nanoseconds) {
            assert_eq!(sent(&db, &value).await, exact, "{value}");
            assert_eq!(sent(&db, &value.naive_utc()).await, exact, "{value}");
        }
        let finer = DateTime::<Utc>::from_timestamp(random.within(0, 4_000_000_000), case as u32 * 1_000 + 1);
        is_refused(&db, finer.unwrap()).await;
        let date = NaiveDate::from_num_days_from_ce_opt(random.within(-95_000_000, 95_000_000) as i32);
        if let Some(date) = date {
            sent(&db, &date).await;
        }
        let second = random.within(0, 86_399) as u32;
        if let Some(time) = NaiveTime::from_num_seconds_from_midnight_opt(second, nanoseconds) {
            assert_eq!(sent(&db, &time).await, nanoseconds < 1_000_000_000, "{time}");
        }
    }
    let minute = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap();
    for nanoseconds in [1_000_000_000, 1_500_000_000, 1_999_999_000, 1, 999_999_999] {
        let time = NaiveTime::from_hms_nano_opt(23, 59, 59, nanoseconds).unwrap();
        is_refused(&db, time).await;
        is_refused(&db, minute.and_time(time)).await;
        is_refused(&db, minute.and_time(time).and_utc()).await;
        is_refused(&db, vec![minute.and_time(time).and_utc()]).await;
    }
    is_refused(&db, NaiveDate::MIN).await;
    is_refused(&db, NaiveDateTime::MIN).await;
    is_refused(&db, DateTime::<Utc>::MIN_UTC).await;
    is_refused(&db, NaiveDateTime::MAX).await;
    is_sent(&db, NaiveDate::MAX).await;
    is_sent(&db, NaiveDate::from_ymd_opt(-4713, 11, 24).unwrap()).await;
    is_refused(&db, NaiveDate::from_ymd_opt(-4713, 11, 23).unwrap()).await;
    is_sent(&db, NaiveDate::from_ymd_opt(0, 2, 29).unwrap()).await;
    ends::<NaiveDate, NaiveDateTime, DateTime<Utc>, NaiveTime>(&db).await;
}

/// For both versions of the crate.
#[cfg(any(feature = "jiff", feature = "jiff-1"))]
macro_rules! jiff_is_exact_or_refused {
    ($jiff:ident) => {
        use $jiff::Timestamp;
        use $jiff::civil::{Date, DateTime, Time};
        use $jiff::tz::TimeZone;

        let (_server, db) = database().await;
        let mut random = Random(5);
        let first = Timestamp::MIN.as_second();
        for _ in 0..CASES {
            let microseconds = random.within(first * 1_000_000, Timestamp::MAX.as_microsecond());
            let at = Timestamp::from_microsecond(microseconds).unwrap();
            let exact = at.as_second() >= -210_866_803_200;
            assert_eq!(sent(&db, &at).await, exact, "{at}");
            let civil = TimeZone::UTC.to_datetime(at);
            assert_eq!(sent(&db, &civil).await, exact, "{civil}");
            assert_eq!(sent(&db, &civil.date()).await, exact, "{civil}");
            is_sent(&db, civil.time()).await;
            is_refused(
                &db,
                Timestamp::from_nanosecond(i128::from(random.within(-1_000_000, 1_000_000)) * 1_000 + 999)
                    .unwrap(),
            )
            .await;
        }
        for value in [Timestamp::MIN, Timestamp::MAX] {
            is_refused(&db, value).await;
        }
        for value in [DateTime::MIN, DateTime::MAX, DateTime::constant(2000, 1, 1, 0, 0, 0, 1)] {
            is_refused(&db, value).await;
        }
        is_refused(&db, Date::MIN).await;
        is_sent(&db, Date::MAX).await;
        is_refused(&db, Time::MAX).await;
        is_sent(&db, Time::constant(23, 59, 59, 999_999_000)).await;
        ends::<Date, DateTime, Timestamp, Time>(&db).await;
    };
}

#[cfg(feature = "jiff")]
#[tokio::test]
async fn jiff_is_exact_or_refused() {
    jiff_is_exact_or_refused!(jiff);
}

#[cfg(feature = "jiff-1")]
#[tokio::test]
async fn jiff_1_is_exact_or_refused() {
    jiff_is_exact_or_refused!(jiff_1);
}

#[cfg(feature = "bigdecimal")]
#[tokio::test]
async fn numbers_of_any_length_are_exact() {
    use bigdecimal::BigDecimal;

    let (_server, db) = database().await;
    let mut random = Random(7);
    let digits = |random: &mut Random| {
        let length = random.next() % 90;
        (0..length).map(|_| char::from(b'0' + (random.next() % 10) as u8)).collect::<String>()
    };
    let mut texts: Vec<String> = (0..CASES * 3)
        .map(|_| {
            let sign = if random.next().is_multiple_of(2) { "-" } else { "" };
            format!("{sign}0{}.{}0", digits(&mut random), digits(&mut random))
        })
        .collect();
    texts.extend(
        ["0", "-0.000", "10000", "0.0001", "0.00010000", "99990000.00009999", "1e20"].map(str::to_owned),
    );
    for text in texts {
        let value: BigDecimal = text.parse().unwrap();
        let (read, written): (BigDecimal, String) =
            Sql::unchecked("SELECT $1, $1::text").bind(value.clone()).one(&db).await.unwrap();
        assert_eq!(read, value, "{text}");
        assert_eq!(written.parse::<BigDecimal>().unwrap(), value, "{text}");
        // As many digits behind the point as it was written with.
        assert_eq!(read.fractional_digit_count(), value.fractional_digit_count().max(0), "{text}");
        let stored: BigDecimal = Sql::unchecked(format!("SELECT '{text}'::numeric")).one(&db).await.unwrap();
        assert_eq!(stored, value, "{text}");
    }
    for odd in ["NaN", "Infinity", "-Infinity"] {
        let read = Sql::unchecked(format!("SELECT '{odd}'::numeric")).one::<BigDecimal>(&db).await;
        assert!(read.unwrap_err().is_decode(), "{odd}");
    }
    is_refused(&db, "1e-20000".parse::<BigDecimal>().unwrap()).await;
}

#[cfg(feature = "ipnetwork")]
#[tokio::test]
async fn networks_keep_their_length() {
    use ipnetwork::IpNetwork;

    let (_server, db) = database().await;
    for text in ["10.1.2.3/8", "10.1.2.3/32", "0.0.0.0/0", "::1/128", "2001:db8::7/33"] {
        let value: IpNetwork = text.parse().unwrap();
        let (read, written): (IpNetwork, String) =
            Sql::unchecked("SELECT $1, text($1)").bind(value).one(&db).await.unwrap();
        assert_eq!((read, written), (value, text.to_owned()));
    }
}

#[cfg(feature = "vector")]
#[tokio::test]
async fn vectors_keep_their_numbers() {
    use pgvector::Vector;

    let (_server, db) = database().await;
    for numbers in [vec![1.0, -2.5, 0.1], vec![f32::MIN_POSITIVE, f32::MAX, 1e-30]] {
        is_sent(&db, Vector::from(numbers)).await;
    }
    assert!(Sql::unchecked("SELECT 'x'").one::<Vector>(&db).await.unwrap_err().is_decode());
}

#[tokio::test]
async fn pairs_of_an_hstore_keep_what_is_quoted() {
    use persist_runtime::Hstore;

    let (_server, db) = database().await;
    let odd =
        [("", Some("")), ("a\"b\\c", Some("=>, ")), ("NULL", Some("NULL")), ("ä", None), ("d", Some("'"))];
    is_sent(&db, odd.into_iter().collect::<Hstore>()).await;
    is_sent(&db, Hstore::default()).await;
    for wrong in ["a=>1", "\"a\"=>1", "\"a", "\"a\"=>\"b\" x"] {
        assert!(wrong.parse::<Hstore>().is_err(), "{wrong}");
    }
}

#[cfg(feature = "time")]
#[tokio::test]
async fn time_is_exact_or_refused() {
    use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

    let (_server, db) = database().await;
    let mut random = Random(6);
    let first = Date::MIN.midnight().assume_utc().unix_timestamp();
    let last = Date::MAX.midnight().assume_utc().unix_timestamp();
    for _ in 0..CASES {
        let seconds = random.within(first, last);
        let microseconds = i128::from(seconds) * 1_000_000 + i128::from(random.within(0, 999_999));
        let at = OffsetDateTime::from_unix_timestamp_nanos(microseconds * 1_000).unwrap();
        let exact = seconds >= -210_866_803_200;
        assert_eq!(sent(&db, &at).await, exact, "{at}");
        let primitive = PrimitiveDateTime::new(at.date(), at.time());
        assert_eq!(sent(&db, &primitive).await, exact, "{at}");
        assert_eq!(sent(&db, &at.date()).await, exact, "{at}");
        is_sent(&db, at.time()).await;
        let finer = OffsetDateTime::from_unix_timestamp_nanos(
            i128::from(random.within(-1_000_000, 1_000_000)) * 1_000 + 1,
        )
        .unwrap();
        is_refused(&db, finer).await;
    }
    // In UTC it is the year 10000, or the one before the first.
    let hour = UtcOffset::from_hms(1, 0, 0).unwrap();
    let evening = Date::MAX.with_hms(23, 30, 0).unwrap().assume_offset(-hour);
    let morning = Date::MIN.midnight().assume_offset(hour);
    is_refused(&db, evening).await;
    is_refused(&db, morning).await;
    is_refused(&db, Time::MAX).await;
    is_refused(&db, Date::MIN).await;
    is_sent(&db, Date::MAX).await;
    is_sent(&db, Date::from_calendar_date(-4713, Month::November, 24).unwrap()).await;
    is_refused(&db, Date::from_calendar_date(-4713, Month::November, 23).unwrap()).await;
    let elsewhere = Date::MAX.midnight().assume_offset(hour);
    let read: OffsetDateTime = Sql::unchecked("SELECT $1").bind(elsewhere).one(&db).await.unwrap();
    assert_eq!(read, elsewhere);
    ends::<Date, PrimitiveDateTime, OffsetDateTime, Time>(&db).await;
}
