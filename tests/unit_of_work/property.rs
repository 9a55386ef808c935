//! Random things done in random order: what is committed is what a model in memory says, what is rolled back
//! is as it was.

use std::collections::{BTreeMap, BTreeSet};

use persist::prelude::*;
use persist::{Isolation, StatementMode};
use persist_testkit::{Random, TestDatabase};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::operations::LAST_OPERATIONS;
use crate::shapes::NewTag;
use crate::unit::Unit;
use crate::world::{Normal as _, World, stored};
use crate::{Result, variable};

/// Sequences that one database sees.
const EACH: usize = 50;

/// `UOW_CASES=5000 UOW_SEED=7 cargo test --test unit_of_work property` tries others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_is_what_the_model_says() -> Result {
    let (first, cases) = (variable("UOW_SEED", 1), variable("UOW_CASES", 400));
    let mut done = Counts::default();
    let mut seeds = first..first + cases.div_ceil(EACH);
    let mut running = tokio::task::JoinSet::new();
    loop {
        while running.len() < 2
            && let Some(seed) = seeds.next()
        {
            running.spawn(sequences(seed));
        }
        match running.join_next().await {
            Some(counts) => done.add(&counts?.unwrap_or_else(|error| panic!("{error}"))),
            None => break,
        }
    }
    println!("{done:?} in {cases} sequences");
    assert!(done.committed > cases / 2 && done.committed < cases * 9 / 10, "{done:?}");
    Ok(())
}

#[derive(Debug, Default)]
struct Counts {
    committed: usize,
    operations: usize,
    most_rows: usize,
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.committed += other.committed;
        self.operations += other.operations;
        self.most_rows = self.most_rows.max(other.most_rows);
    }
}

async fn sequences(seed: usize) -> Result<Counts> {
    let server = TestDatabase::new().await;
    let client = server.client().await;
    let mode = if seed.is_multiple_of(4) { StatementMode::Unnamed } else { StatementMode::Named };
    let db = Database::builder().url(server.url()).pool_size(2).statement_mode(mode).connect().await?;
    let (mut world, mut names, mut counts) = (World::default(), 0, Counts::default());
    for number in 0..EACH {
        let random = Random::new((seed * EACH + number) as u64);
        let place = format!("UOW_SEED={seed} UOW_CASES=1, sequence {number}");
        let one = Sequence { db: &db, client: &client, place };
        world = one.run(world, random, &mut names, &mut counts).await?;
    }
    Ok(counts)
}

struct Sequence<'s> {
    db: &'s Database,
    client: &'s Client,
    place: String,
}

impl Sequence<'_> {
    /// Runs a unit of work; answers what is stored afterwards.
    async fn run(
        &self,
        before: World,
        random: Random,
        names: &mut usize,
        counts: &mut Counts,
    ) -> Result<World> {
        let mut random = random;
        let builder = self.db.unit_of_work_builder();
        let uow = match random.below(6) {
            0 => builder.isolation(Isolation::RepeatableRead).build(),
            1 => builder.isolation(Isolation::Serializable).build(),
            2 => builder.with_token().build(),
            _ => builder.build(),
        };
        let mut unit = Unit::new(&uow, before.clone(), random, *names);
        let versions = self.versions().await?;
        let outcome = self.act(&mut unit).await;
        let Unit { world: after, mut random, names: named, said, saved, .. } = unit;
        let was = before.clone();
        let report = || format!("{}:\n{}", self.place, said.join("\n"));
        outcome.map_err(|error| format!("{}\n{error:?}", report()))?;
        *names = named;
        counts.operations += said.iter().filter(|line| line.contains("::")).count();
        let expected = match random.below(8) {
            0 => {
                uow.rollback().await?;
                before
            }
            1 => {
                drop(uow);
                before
            }
            2 if !after.tags.is_empty() => {
                // The last of it cannot be, so nothing of it is.
                let (_, tag) = after.tags.iter().next().ok_or("there is one")?;
                uow.insert(NewTag::new(&*tag.name))?;
                let error =
                    uow.commit().await.err().ok_or_else(|| format!("{}\nbut for its end", report()))?;
                if !error.is_unique_violation() {
                    return Err(format!("{}\ncommit: {error:?}", report()).into());
                }
                before
            }
            _ => {
                uow.commit().await.map_err(|error| format!("{}\ncommit: {error:?}", report()))?;
                counts.committed += 1;
                after
            }
        };
        let (found, lines) = (stored(self.client).await?, expected.lines());
        counts.most_rows = counts.most_rows.max(lines.len());
        let differing: BTreeSet<String> = found
            .difference(&lines)
            .map(|line| format!("stored: {line}"))
            .chain(lines.difference(&found).map(|line| format!("missing: {line}")))
            .collect();
        if !differing.is_empty() {
            return Err(format!("{}\n{differing:#?}", report()).into());
        }
        for (id, version) in self.versions().await? {
            let (Some(then), Some(row)) = (was.pipelines.get(&id), expected.pipelines.get(&id)) else {
                continue;
            };
            let has_changed = (&then.name, &then.description) != (&row.name, &row.description);
            let is_right = match versions[&id] {
                old if has_changed => version > old,
                old => version == old || saved.contains(&id),
            };
            if !is_right {
                return Err(format!("{}\nversion {version} of {id} after {}", report(), versions[&id]).into());
            }
        }
        Ok(expected)
    }

    async fn versions(&self) -> Result<BTreeMap<Uuid, i64>> {
        let rows = self.client.query("SELECT id::text, version FROM pipelines", &[]).await?;
        rows.iter().map(|row| Ok((row.get::<_, &str>(0).parse()?, row.get(1)))).collect()
    }

    async fn act(&self, unit: &mut Unit<'_>) -> Result {
        if unit.random.once_in(3) {
            let pipelines = self.db.repository::<crate::shapes::Pipeline>();
            for pipeline in pipelines.all().await? {
                let expected = unit.world.pipelines[&pipeline.id].clone().normal(&unit.world);
                assert_eq!(pipeline.clone().normal(&unit.world), expected);
                unit.read_elsewhere.insert(pipeline.id, pipeline);
            }
        }
        let operations = 1 + unit.random.below(9);
        unit.act(operations).await?;
        if unit.random.once_in(4) {
            let (name, operation) = *unit.random.of(LAST_OPERATIONS);
            unit.said.push(name.to_owned());
            operation(unit).await?;
        }
        Ok(())
    }
}
