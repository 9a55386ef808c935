//! Random rows: whatever way they are loaded, the answer is what nested loops over all rows make of them.

use std::fmt::Debug;
use std::ops::Deref as _;

use persist::prelude::*;
use persist::query::Query;
use persist::{Entity, Error, Repository, StatementMode, View};
use persist_testkit::{Random, TestDatabase};

use crate::Result;
use crate::data::Data;
use crate::root::{NARROWINGS, Root};
use crate::seen::Seen;
use crate::shapes::keys::{Sibling, Slot, Timetable};
use crate::shapes::pipelines::{Limited, Member, Owner, Payer, SharedTag, Whole};
use crate::shapes::trees::{Dependency, Discussed, Shallow, Thread, Tree};
use crate::shapes::views::{Branch, PipelineCard, Remark};

/// `LOADING_CASES=100000 LOADING_SEED=7 cargo test --test loading` tries others.
fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn is_what_nested_loops_find() -> Result {
    let server = TestDatabase::new().await;
    let writing = Database::builder().url(server.url()).pool_size(1).statement_cache(2).connect().await?;
    let named = Database::connect(server.url()).await?;
    let unnamed =
        Database::builder().url(server.url()).statement_mode(StatementMode::Unnamed).connect().await?;
    let wanted = variable("LOADING_CASES", 10_000);
    let (mut seed, mut cases) = (variable("LOADING_SEED", 1), 0);
    while cases < wanted {
        let mut random = Random::new(seed);
        let mut data = Data::random(&mut random);
        data.store(&writing).await?;
        let db = if seed % 5 == 0 { &unnamed } else { &named };
        let mut case = Case { db, data: &data, random, seed, cases: 0 };
        case.root::<Whole>().await;
        case.root::<Limited>().await;
        case.root::<Discussed>().await;
        case.root::<Timetable>().await;
        case.root::<Owner>().await;
        case.root::<Member>().await;
        case.root::<Payer>().await;
        case.root::<SharedTag>().await;
        case.root::<Tree>().await;
        case.root::<Shallow>().await;
        case.root::<Thread>().await;
        case.root::<Dependency>().await;
        case.root::<Slot>().await;
        case.root::<Sibling>().await;
        case.view::<PipelineCard>().await;
        case.view::<Branch>().await;
        case.view::<Remark>().await;
        cases += case.cases;
        seed += 1;
    }
    println!("{cases} cases of {} sets of rows", seed - variable("LOADING_SEED", 1));
    Ok(())
}

/// Some rows, and the ways to load them.
struct Case<'c> {
    db: &'c Database,
    data: &'c Data,
    random: Random,
    seed: u64,
    cases: u64,
}

impl Case<'_> {
    async fn root<R: Root>(&mut self) {
        let repository = self.db.repository::<R>();
        let repository = repository.deref();
        let (_, all) = R::narrowed(repository.query(), self.data, 0);
        let which = self.random.below(NARROWINGS);
        self.lists(repository, which).await;
        self.by_key(repository, &all).await;
    }

    /// Rows that are seen as something else.
    async fn view<V: Seen>(&mut self) {
        let repository = self.db.repository::<V::Of>();
        let repository = repository.deref();
        let which = self.random.below(NARROWINGS);
        let narrowed = || {
            let (query, rows) = V::Of::narrowed(repository.query(), self.data, which);
            let seen: Vec<V> = rows.iter().map(|row| V::of(self.data, row)).collect();
            (query.view::<V>(), seen, rows)
        };
        let (query, expected, rows) = narrowed();
        let found = query.all().await;
        let limit = self.random.below(expected.len() + 2);
        let limited = narrowed().0.limit(limit as u64).all().await;
        let locked = narrowed().0.limit(limit as u64).for_update().all().await;
        let streamed = streamed(narrowed().0.limit(500)).await;
        let first: Vec<V> = expected.iter().take(limit).cloned().collect();
        let keys: Vec<_> = rows.iter().rev().chain(&rows).map(Root::key).collect();
        let twice: Vec<V> = expected.iter().rev().chain(&expected).cloned().collect();
        let seen = repository.view::<V>();
        let by_keys = seen.find_many(&keys).await;
        self.same(&format!("narrowed {which}"), found, &expected);
        self.same(&format!("{limit} rows of {which}"), limited, &first);
        self.same(&format!("{limit} rows of {which}, locked"), locked, &first);
        self.same(&format!("stream of {which}"), streamed, &expected);
        self.same("find_many", by_keys, &twice);
        if let (Some(row), Some(expected)) = (rows.last(), expected.last()) {
            let found = seen.find(row.key()).await;
            self.same("find", found.map(|row| row.into_iter().collect()), std::slice::from_ref(expected));
        }
    }

    async fn lists<R: Root>(&mut self, repository: &Repository<'_, R>, which: usize) {
        let narrowed = || R::narrowed(repository.query(), self.data, which);
        let (query, expected) = narrowed();
        let found = query.all().await;
        let mut cut = narrowed();
        let (limit, offset) =
            (self.random.below(expected.len() + 2), self.random.below(expected.len() + 2) / 2);
        let cut_rows: Vec<R> = expected.iter().skip(offset).take(limit).cloned().collect();
        cut.0 = cut.0.limit(limit as u64).offset(offset as u64);
        let cut_found = cut.0.all().await;
        let first = narrowed().0.first().await;
        let locked = narrowed().0.limit(5).for_update().all().await;
        let skipped = narrowed().0.limit(limit as u64).skip_locked().all().await;
        let streamed = streamed(narrowed().0.limit(500)).await;
        let five: Vec<R> = expected.iter().take(5).cloned().collect();
        let limited: Vec<R> = expected.iter().take(limit).cloned().collect();
        self.same(&format!("narrowed {which}"), found, &expected);
        self.same(&format!("{limit} rows after {offset} of {which}"), cut_found, &cut_rows);
        self.same(
            &format!("first of {which}"),
            first.map(|row| row.into_iter().collect()),
            &five[..five.len().min(1)],
        );
        self.same(&format!("locked of {which}"), locked, &five);
        self.same(&format!("{limit} rows of {which}, none locked"), skipped, &limited);
        self.same(&format!("stream of {which}"), streamed, &expected);
    }

    async fn by_key<R: Root>(&mut self, repository: &Repository<'_, R>, all: &[R]) {
        let missing = R::missing(&mut self.random);
        let found = repository.find(missing.clone()).await;
        self.same("a missing key", found.map(|row| row.into_iter().collect()), &[]);
        for row in all.iter().take(3) {
            let found = repository.find(row.key()).await;
            self.same("find", found.map(|row| row.into_iter().collect()), std::slice::from_ref(row));
        }
        let mut asked: Vec<R> = Vec::new();
        let mut keys = Vec::new();
        for _ in 0..self.random.below(8) {
            match self.random.maybe_of(all) {
                Some(row) => {
                    asked.push(row.clone());
                    keys.push(row.key());
                }
                None => keys.push(missing.clone()),
            }
        }
        let found = repository.find_many(&keys).await;
        self.same("find_many", found, &asked);
        if let Some(row) = all.last() {
            let updated = repository.update(row).await;
            self.same("update", updated.map(|row| vec![row]), std::slice::from_ref(row));
        }
    }

    #[track_caller]
    fn same<R: PartialEq + Debug>(
        &mut self,
        way: &str,
        found: std::result::Result<Vec<R>, Error>,
        expected: &[R],
    ) {
        self.cases += 1;
        let place = format!("{} of `{}`, LOADING_SEED={}", way, std::any::type_name::<R>(), self.seed);
        match found {
            Ok(found) if found == expected => {}
            Ok(found) => {
                let differing = found.iter().zip(expected).find(|(found, expected)| found != expected);
                panic!(
                    "{place}: {} rows and not {}; the first that differs:\n{:#?}",
                    found.len(),
                    expected.len(),
                    differing,
                );
            }
            Err(error) => panic!("{place}: {error:?}"),
        }
    }
}

/// The rows of a stream until its end or its first error.
pub(crate) async fn streamed<E: Entity, V: View<Of = E>>(
    query: Query<'_, E, V>,
) -> std::result::Result<Vec<V>, Error> {
    let mut rows = query.stream();
    let mut all = Vec::new();
    while let Some(row) = rows.try_next().await? {
        all.push(row);
    }
    Ok(all)
}
