//! Types that travel as text.

use std::fmt;
use std::str::FromStr;

use persist::prelude::*;
use persist::{Hstore, Text};

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Thing {
    #[persist(id)]
    id: i32,
    net: String,
    mac: Option<Text<Mac>>,
    wide: Option<String>,
    flags: String,
    bits: Option<String>,
    doc: Option<String>,
    words: Option<String>,
    query: Option<String>,
    price: Option<String>,
    place: Option<Place>,
    lsn: Option<String>,
    path: String,
    pairs: Option<Hstore>,
    floats: Option<String>,
    nets: Vec<String>,
    zone: Option<String>,
    flag: i8,
    lots: Vec<String>,
    short: Option<String>,
    code: Option<String>,
}

/// A type of the program's own: six bytes, as PostgreSQL writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mac([u8; 6]);

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: Vec<String> = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        f.write_str(&bytes.join(":"))
    }
}

impl FromStr for Mac {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Mac, Self::Err> {
        let mut bytes = [0; 6];
        for (byte, part) in bytes.iter_mut().zip(text.split(':')) {
            *byte = u8::from_str_radix(part, 16)?;
        }
        Ok(Mac(bytes))
    }
}

/// A newtype over the text of a point.
#[derive(Debug, Clone, PartialEq, Domain)]
struct Place(String);

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "hosts")]
struct Host {
    #[persist(id)]
    net: String,
    label: String,
}

const MAC: Mac = Mac([8, 0, 43, 1, 2, 3]);

fn thing(id: i32) -> NewThing {
    NewThing::new(id, "10.1.0.0/16")
        .mac(Text(MAC))
        .wide("08:00:2b:01:02:03:04:05")
        .flags("10100000")
        .bits("101")
        .doc("<a>ä</a>")
        .words("'cat':3 'fat':2")
        .query("'fat' & 'rat'")
        .price("$12.50")
        .place(Place("(1,2)".into()))
        .lsn("16/B374D848")
        .path("top.science")
        .pairs(thing_pairs())
        .floats("[1.5,2.5)")
        .nets(["10.0.0.0/8", "::/0"])
        .zone("12:00:00+02")
        .lots(["1010", "0101"])
}

fn thing_pairs() -> Option<Hstore> {
    Some([("a", Some("1")), ("b", None)].into_iter().collect())
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    let things = db.repository::<Thing>();
    let one = things.insert(thing(1)).await?;
    assert_eq!(one.mac, Some(Text(MAC)));
    assert_eq!((one.net.as_str(), one.flags.as_str()), ("10.1.0.0/16", "10100000"));
    assert_eq!((one.path.as_str(), one.pairs == thing_pairs()), ("top.science", true));
    assert_eq!((one.floats.as_deref(), one.price.as_deref()), (Some("[1.5,2.5)"), Some("$12.50")));
    assert_eq!((one.nets.len(), one.lots.as_slice()), (2, ["1010".to_owned(), "0101".to_owned()].as_slice()));
    assert_eq!(one.place, Some(Place("(1,2)".into())));
    assert_eq!(things.get(1).await?, one);
    let none = things.insert(NewThing::new(2, "192.168.0.0/24")).await?;
    assert!(none.mac.is_none() && none.doc.is_none() && none.flags == "00000001" && none.nets.is_empty());
    let error = things.insert(NewThing::new(3, "no network")).await.unwrap_err();
    assert_eq!(error.code(), Some("22P02"), "{error}");

    // Nothing is cut off.
    let long = [
        thing(3).flags("101000001"),
        thing(3).bits("1").short("1011"),
        thing(3).code("10111"),
        thing(3).lots(["10101"]),
    ];
    for new in long {
        assert!(things.insert(new).await.is_err_and(|error| matches!(error.code(), Some("22001" | "22026"))));
    }
    let short = things.insert(thing(3).short("101").code("1011")).await?;
    assert_eq!((short.short.as_deref(), short.code.as_deref()), (Some("101"), Some("1011")));
    assert!(things.filter(|t| t.code.eq("1011") & t.short.in_(["101"])).exists().await?);
    things.delete(3).await?;

    // Compared as what they are, not as texts.
    macro_rules! found {
        ($condition:expr) => {
            things.filter($condition).order_by(|t| t.net.desc()).select(|t| t.id).all().await?
        };
    }
    assert_eq!(found!(|t| t.net.eq("10.1/16")), [1]);
    assert_eq!(found!(|t| t.net.in_(["10.1/16", "192.168.0/24"])), [2, 1], "in the order of networks");
    assert_eq!(found!(|t| t.mac.eq(Text(MAC)) & t.lsn.gt("16/0")), [1]);
    assert_eq!(found!(|t| t.nets.contains(["10/8"])), [1]);
    assert_eq!(found!(|t| t.flags.eq("10100000") & t.price.lt("$100")), [1]);
    assert_eq!(found!(|t| t.wide.is_null()), [2]);
    let changed = things.filter(|t| t.id.eq(2)).update(|t| (t.mac.set(Text(MAC)), t.bits.set("11"))).await?;
    assert_eq!((changed, found!(|t| t.mac.is_not_null())), (1, vec![2, 1]));

    // In units of work and pages.
    let uow = db.unit_of_work();
    let mut thing_one = uow.repository::<Thing>().get(1).await?;
    uow.save(&thing_one)?;
    assert!(uow.plan()?.statements().is_empty(), "nothing differs");
    (thing_one.net, thing_one.flags, thing_one.doc) = ("10.2.0.0/16".into(), "00000011".into(), None);
    uow.save(&thing_one)?;
    uow.insert(thing(4))?;
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT concat(id, net, flags) FROM things WHERE id <> 2").await?, "110.2.0.0/1600000011 410.1.0.0/1610100000");
    let sorted = || things.order_by(|t| t.net.asc());
    let (mut ids, mut request) = (Vec::new(), PageRequest::first(1));
    loop {
        let page = sorted().page(request).await?;
        ids.extend(page.items.iter().map(|thing| thing.id));
        let Some(next) = page.next else { break };
        request = PageRequest::first(1).after(next);
    }
    assert_eq!(ids, [4, 1, 2]);

    // As a key, however it is spelled.
    let hosts = db.repository::<Host>();
    hosts.insert(NewHost::new("10.0.0.0/8", "ten")).await?;
    assert_eq!(hosts.get("10/8".to_owned()).await?.label, "ten");
    assert_eq!(hosts.upsert(NewHost::new("10/8", "TEN")).await?.net, "10.0.0.0/8");
    let many = hosts.find_many(&["10/8".to_owned()]).await?;
    assert_eq!(many.len(), 1);
    Ok(())
}

pub(crate) async fn on_a_fresh_connection(db: &Database) -> Result<(), persist::Error> {
    let things = db.repository::<Thing>();
    let stored = things.insert(thing(9)).await?;
    assert_eq!(things.filter(|t| t.nets.contains(["10/8"]) & t.id.eq(9)).one().await?, stored);
    Ok(())
}
