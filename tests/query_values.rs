//! Single values of rows, groups and aggregates, against a server.

mod domain;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    Execution, ExecutionColumns, ExecutionStatus, NewExecution, NewPipeline, Pipeline, PipelineColumns,
    database,
};
use persist::prelude::*;
use persist::query::{Predicate, TimeUnit, value};
use persist::{Interval, now};
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Pipelines `a`, `b` (described) and `c` (described alike, off), of which `a` was executed 3 times and `b`
/// twice.
async fn domain(db: &Database) -> Result<Vec<Uuid>> {
    let pipelines = db.repository::<Pipeline>();
    let mut ids = Vec::new();
    for (name, description, is_active) in
        [("a", None, true), ("b", Some("same"), true), ("c", Some("same"), false)]
    {
        let new = NewPipeline::new(name, BTreeMap::new())
            .description(description.map(str::to_owned))
            .is_active(is_active);
        ids.push(pipelines.insert(new).await?.id);
    }
    let executions = db.repository::<Execution>();
    use ExecutionStatus::{Failed, Pending, Succeeded};
    for (pipeline, number, status) in
        [(0, 1, Failed), (0, 2, Succeeded), (0, 3, Succeeded), (1, 1, Failed), (1, 20, Pending)]
    {
        executions.insert(NewExecution::new(ids[pipeline], number).status(status)).await?;
    }
    Ok(ids)
}

#[tokio::test]
async fn selects_columns_and_tuples() -> Result {
    let (_server, db) = database().await;
    let ids = domain(&db).await?;
    let p = db.repository::<Pipeline>();
    let names: Vec<String> = p.order_by(|p| p.name.desc()).select(|p| p.name).all().await?;
    assert_eq!(names, ["c", "b", "a"]);
    let pairs: Vec<(Uuid, Option<String>)> =
        p.order_by(|p| p.name.asc()).limit(2).select(|p| (p.id, p.description)).all().await?;
    assert_eq!(pairs, [(ids[0], None), (ids[1], Some("same".into()))]);
    let statuses =
        db.repository::<Execution>().query().order_by(|e| e.status.asc()).select(|e| e.status).all().await?;
    assert_eq!(statuses.first(), Some(&ExecutionStatus::Pending), "in the order of the labels");
    assert_eq!(
        p.order_by(|p| p.name.asc()).offset(1).select(|p| p.name).first().await?.as_deref(),
        Some("b")
    );
    let given = p
        .filter(|p| value("bus".to_owned()).starts_with(p.name))
        .select(|p| (p.name, value(7_i64), value(true)));
    assert_eq!(given.one().await?, ("b".to_owned(), 7, true));
    assert!(!p.filter(|p| p.name.eq("c")).select(|p| p.is_active).one().await?);
    assert!(p.filter(|p| p.name.eq("z")).select(|p| p.is_active).one().await.unwrap_err().is_not_found());
    assert!(p.query().select(|p| p.is_active).one().await.unwrap_err().is_too_many_rows());
    Ok(())
}

#[tokio::test]
async fn selects_what_is_distinct() -> Result {
    let (_server, db) = database().await;
    domain(&db).await?;
    let (p, e) = (db.repository::<Pipeline>(), db.repository::<Execution>());
    let descriptions =
        p.order_by(|p| p.description.asc().nulls_first()).select(|p| p.description).distinct().all().await?;
    assert_eq!(descriptions, [None, Some("same".to_owned())]);
    let statuses = e.order_by(|e| e.status.desc()).limit(2).select(|e| e.status).distinct().all().await?;
    assert_eq!(
        statuses,
        [ExecutionStatus::Failed, ExecutionStatus::Succeeded],
        "labels sort as the enum does"
    );
    // Two computed values that differ in what is sent only.
    let is = |number| move |e: ExecutionColumns| e.execution_number.eq(number).holds();
    let both = e.order_by(|e| (is(2)(e).desc(), is(1)(e).desc())).select(|e| (is(1)(e), is(2)(e))).distinct();
    assert_eq!(both.all().await?, [(false, true), (true, false), (false, false)]);
    let error = p.order_by(|p| p.name.asc()).select(|p| p.description).distinct().all().await.unwrap_err();
    assert!(error.is_invalid_query());
    assert_eq!(
        error.to_string(),
        "what is distinct can be ordered by what is selected only, and `t0.name` is not: select it, or leave the order out"
    );
    Ok(())
}

#[derive(Debug, PartialEq)]
struct Summary {
    status: ExecutionStatus,
    runs: i64,
    highest: Option<i32>,
}

#[tokio::test]
async fn groups_rows() -> Result {
    let (_server, db) = database().await;
    let ids = domain(&db).await?;
    let e = db.repository::<Execution>();
    let summary: Vec<Summary> = e
        .filter(|e| e.status.ne(ExecutionStatus::Pending))
        .group_by(|e| e.status)
        .order_by(|e| e.status.desc())
        .select(|e| (e.status, e.id.count(), e.execution_number.max()))
        .map(|(status, runs, highest)| Summary { status, runs, highest })
        .all()
        .await?;
    let expected = [(ExecutionStatus::Failed, 2, Some(1)), (ExecutionStatus::Succeeded, 2, Some(3))];
    assert_eq!(summary, expected.map(|(status, runs, highest)| Summary { status, runs, highest }));

    let busy = e
        .query()
        .group_by(|e| e.pipeline_id)
        .having(|e| e.id.count().gt(2) & e.execution_number.sum().lt(100))
        .select(|e| (e.pipeline_id, e.execution_number.sum()))
        .all()
        .await?;
    assert_eq!(busy, [(ids[0], Some(6))]);

    let per_both = e
        .query()
        .group_by(|e| (e.pipeline_id, e.status))
        .order_by(|e| (e.id.count().desc(), e.execution_number.max().desc()))
        .limit(2)
        .select(|e| (e.status, e.id.count(), e.started_at.min()))
        .all()
        .await?;
    assert_eq!(per_both, [(ExecutionStatus::Succeeded, 2, None), (ExecutionStatus::Pending, 1, None)]);

    // By a computed value that is made of values which are sent: the same again where it is selected and sorted by.
    let class = |e: ExecutionColumns| {
        let small =
            e.execution_number.lt(2) & e.status.in_([ExecutionStatus::Failed, ExecutionStatus::Pending]);
        e.execution_number.when(small, 100)
    };
    let per_class = e
        .filter(|e| e.execution_number.lt(2) | e.execution_number.ge(2))
        .group_by(|e| (class(e), e.status.eq(ExecutionStatus::Failed).holds()))
        .having(|e| class(e).gt(1) & e.id.count().gt(0))
        .order_by(|e| (class(e) + 1).desc())
        .select(|e| (class(e) + 1, e.status.eq(ExecutionStatus::Failed).holds(), e.id.count()))
        .all()
        .await?;
    assert_eq!(per_class, [(101, true, 2), (21, false, 1), (4, false, 1), (3, false, 1)]);

    let error = e.query().limit(1).group_by(|e| e.status).select(|e| e.status).all().await.unwrap_err();
    assert!(error.is_invalid_query() && error.to_string().contains("after `group_by`"), "{error}");
    Ok(())
}

#[tokio::test]
async fn aggregates_all_rows() -> Result {
    let (_server, db) = database().await;
    domain(&db).await?;
    let e = db.repository::<Execution>();
    assert_eq!(e.query().sum(|e| e.execution_number).await?, Some(27));
    assert_eq!(e.query().min(|e| e.execution_number).await?, Some(1));
    assert_eq!(e.query().max(|e| e.execution_number).await?, Some(20));
    assert_eq!(e.query().max(|e| e.status).await?, Some(ExecutionStatus::Failed));
    assert_eq!(e.query().count_distinct(|e| e.status).await?, 3);
    assert_eq!(e.filter(|e| e.execution_number.gt(100)).sum(|e| e.execution_number).await?, None);
    let highest = || e.order_by(|e| e.execution_number.desc()).limit(2);
    assert_eq!(highest().sum(|e| e.execution_number).await?, Some(23), "the limited rows only");
    let both =
        e.query().select(|e| (e.started_at.count(), e.id.count(), e.execution_number.sum())).one().await?;
    assert_eq!(both, (0, 5, Some(27)));
    let both = highest().select(|e| (e.id.count(), e.execution_number.min())).one().await?;
    assert_eq!(both, (2, Some(3)));
    let mixed = e.query().select(|e| (e.status, e.id.count())).all().await.unwrap_err();
    assert_eq!(
        mixed.to_string(),
        "aggregates of all rows are selected, and `t0.status` is none: group by it, or leave it out"
    );
    Ok(())
}

#[tokio::test]
async fn compares_what_groups_have_by_all_operators() -> Result {
    let (_server, db) = database().await;
    let ids = domain(&db).await?;
    let e = db.repository::<Execution>();
    let groups = async |having: fn(ExecutionColumns) -> Predicate| -> Result<Vec<Uuid>> {
        let groups = e.query().group_by(|e| e.pipeline_id).having(having);
        Ok(groups.order_by(|e| e.id.count().desc()).select(|e| e.pipeline_id).all().await?)
    };
    let (a, b) = (ids[0], ids[1]);
    assert_eq!(groups(|e| e.id.count().in_([1, 3])).await?, [a]);
    assert_eq!(groups(|e| e.id.count().in_([] as [i64; 0])).await?.len(), 0, "no value, no row");
    assert_eq!(groups(|e| e.id.count().not_in([1, 3])).await?, [b]);
    assert_eq!(groups(|e| e.id.count().not_in([] as [i64; 0])).await?, [a, b]);
    assert_eq!(groups(|e| e.status.min().in_([ExecutionStatus::Pending])).await?, [b], "labels are cast");
    assert_eq!(groups(|e| e.execution_number.max().is_distinct_from(3)).await?, [b]);
    assert_eq!(groups(|e| e.execution_number.max().is_not_distinct_from(3)).await?, [a]);
    assert_eq!(groups(|e| e.started_at.min().is_not_distinct_from(e.started_at.max())).await?, [a, b]);
    assert_eq!(groups(|e| e.started_at.min().eq(e.started_at.max())).await?.len(), 0, "NULL is not equal");
    Ok(())
}

#[cfg(feature = "decimal")]
#[tokio::test]
async fn wide_sums_and_averages_are_numeric() -> Result {
    let (_server, db) = database().await;
    domain(&db).await?;
    let e = db.repository::<Execution>();
    let sum = e.query().sum(|e| e.version).await?.expect("there are rows");
    assert_eq!(sum.to_string(), "5");
    let average = e.query().avg(|e| e.execution_number).await?.expect("there are rows");
    assert_eq!(average.normalize().to_string(), "5.4");
    let busy =
        e.query().group_by(|e| e.pipeline_id).having(|e| e.version.sum().gt(2)).select(|e| e.id.count());
    assert_eq!(busy.all().await?, [3]);
    Ok(())
}

#[tokio::test]
async fn labels_are_ranked_by_the_caller() -> Result {
    use ExecutionStatus::{Failed, Pending, Succeeded};

    let (_server, db) = database().await;
    domain(&db).await?;
    let executions = db.repository::<Execution>();
    let ranked = || {
        let order = |e: ExecutionColumns| (e.status.rank([Pending, Failed]).asc(), e.execution_number.desc());
        executions.order_by(order)
    };
    let statuses = ranked().select(|e| e.status).all().await?;
    assert_eq!(
        statuses,
        [Pending, Failed, Failed, Succeeded, Succeeded],
        "what is not in the list comes last"
    );
    // Page by page, each of one.
    let (mut paged, mut request) = (Vec::new(), PageRequest::first(1));
    loop {
        let page = ranked().page(request).await?;
        paged.extend(page.items.into_iter().map(|execution| execution.status));
        let Some(next) = page.next else { break };
        request = PageRequest::first(1).after(next);
    }
    assert_eq!(paged, statuses);
    // A place in one order is none in another, whose text is the same.
    let next = ranked().page(PageRequest::first(1)).await?.next;
    let other = |e: ExecutionColumns| (e.status.rank([Failed, Pending]).asc(), e.execution_number.desc());
    let page = executions.order_by(other).page(PageRequest::first(1).after(next)).await;
    assert!(page.expect_err("it is another order").is_invalid_cursor());
    let pipelines = db.repository::<Pipeline>();
    let names =
        pipelines.order_by(|p| (p.description.rank(["same"]).desc(), p.name.desc())).select(|p| p.name).all();
    assert_eq!(names.await?, ["a", "c", "b"], "NULL is in no list");
    let none =
        pipelines.order_by(|p| (p.name.rank(Vec::<String>::new()).asc(), p.name.asc())).select(|p| p.name);
    assert_eq!(none.first().await?.as_deref(), Some("a"));
    Ok(())
}

#[tokio::test]
async fn whether_a_condition_holds_is_a_value() -> Result {
    let (_server, db) = database().await;
    domain(&db).await?;
    let pipelines = db.repository::<Pipeline>();
    let order = |p: PipelineColumns| (p.name.eq("b").holds().desc(), p.name.asc());
    let best_first: Vec<(String, bool, bool)> = pipelines
        .order_by(order)
        .select(|p| {
            (p.name, (p.name.gt("a") | p.is_active.eq(false)).holds(), p.description.eq("same").holds())
        })
        .all()
        .await?;
    let names: Vec<&str> = best_first.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["b", "a", "c"]);
    // NULL is not "same", as in a filter.
    for (name, is_later, is_same) in &best_first {
        let is = |p: PipelineColumns| p.name.eq(name);
        let later = pipelines.filter(is).filter(|p| p.name.gt("a") | p.is_active.eq(false)).count().await?;
        let same = pipelines.filter(is).filter(|p| p.description.eq("same")).count().await?;
        assert_eq!((*is_later, *is_same), (later == 1, same == 1), "{name}");
    }
    assert!(
        best_first.iter().any(|(.., is_same)| !is_same) && best_first.iter().any(|(.., is_same)| *is_same)
    );
    let grouped: Vec<(Option<String>, bool)> = pipelines
        .query()
        .group_by(|p| p.description)
        .order_by(|p| p.id.count().gt(1).holds().desc())
        .select(|p| (p.description, p.id.count().gt(1).holds()))
        .all()
        .await?;
    assert_eq!(grouped.iter().map(|(_, several)| *several).collect::<Vec<_>>(), [true, false], "{grouped:?}");
    // Pages go by it, and where a computed value is NULL.
    for nulls_first in [true, false] {
        let order = |p: PipelineColumns| {
            let by = p.description.when(p.name.eq("c"), "zz").desc();
            (
                p.name.eq("b").holds().asc(),
                if nulls_first { by.nulls_first() } else { by.nulls_last() },
                p.name.asc(),
            )
        };
        let all = pipelines.order_by(order).select(|p| p.name).all().await?;
        let (mut paged, mut request) = (Vec::new(), PageRequest::first(1));
        loop {
            let page = pipelines.order_by(order).page(request).await?;
            paged.extend(page.items.into_iter().map(|pipeline| pipeline.name));
            let Some(next) = page.next else { break };
            request = PageRequest::first(1).after(next);
        }
        assert_eq!(paged, all);
    }
    Ok(())
}

#[tokio::test]
async fn moments_are_cut_off_and_lie_apart() -> Result {
    let (server, db) = database().await;
    let ids = domain(&db).await?;
    let e = db.repository::<Execution>();
    let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a moment");
    let (early, late) = (at("2026-03-29T00:30:00.123456Z"), at("2026-03-30T22:45:30Z"));
    e.filter(|e| e.pipeline_id.eq(ids[0]))
        .update(|e| (e.started_at.set(early), e.finished_at.set(late)))
        .await?;

    // Whatever the session says of time zones.
    let zone = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''', current_database()); END $$";
    server.client().await.batch_execute(zone).await?;
    let elsewhere = Database::connect(server.url()).await?;
    for db in [&db, &elsewhere] {
        let days = db
            .repository::<Execution>()
            .query()
            .group_by(|e| e.started_at.date_trunc(TimeUnit::Day))
            .order_by(|e| e.started_at.date_trunc(TimeUnit::Day).asc())
            .select(|e| (e.started_at.date_trunc(TimeUnit::Day), e.id.count()))
            .all()
            .await?;
        assert_eq!(days, [(Some(at("2026-03-29T00:00:00Z")), 3), (None, 2)]);
    }
    let first = e.filter(|e| e.pipeline_id.eq(ids[0]) & e.execution_number.eq(1));
    let in_berlin = |unit| first.clone().select(move |e| e.finished_at.date_trunc_in(unit, "Europe/Berlin"));
    assert_eq!(in_berlin(TimeUnit::Day).one().await?, Some(at("2026-03-30T22:00:00Z")), "the next day began");
    assert_eq!(in_berlin(TimeUnit::Year).one().await?, Some(at("2025-12-31T23:00:00Z")));
    let cut = |unit| first.clone().select(move |e| e.started_at.date_trunc(unit));
    let expected = [
        (TimeUnit::Millisecond, "2026-03-29T00:30:00.123Z"),
        (TimeUnit::Second, "2026-03-29T00:30:00Z"),
        (TimeUnit::Minute, "2026-03-29T00:30:00Z"),
        (TimeUnit::Hour, "2026-03-29T00:00:00Z"),
        (TimeUnit::Week, "2026-03-23T00:00:00Z"),
        (TimeUnit::Month, "2026-03-01T00:00:00Z"),
        (TimeUnit::Quarter, "2026-01-01T00:00:00Z"),
        (TimeUnit::Year, "2026-01-01T00:00:00Z"),
    ];
    for (unit, expected) in expected {
        assert_eq!(cut(unit).one().await?, Some(at(expected)), "{unit:?}");
    }
    let nowhere = first.clone().select(|e| e.started_at.date_trunc_in(TimeUnit::Day, "Nowhere")).one().await;
    assert_eq!(nowhere.expect_err("no such zone").code(), Some("22023"));

    let apart = first
        .clone()
        .select(|e| (e.finished_at.since(e.started_at), e.started_at.since(e.finished_at).seconds()));
    let (apart, back) = apart.one().await?;
    let day = 24.0 * 3600.0;
    assert_eq!(back, Some(-(day + 80_129.876544)));
    assert_eq!(
        apart.map(|apart| (apart.months, apart.days, apart.microseconds)),
        Some((0, 1, 80_129_876_544))
    );
    assert_eq!(e.filter(|e| e.finished_at.since(e.started_at).seconds().gt(day)).count().await?, 3);
    assert_eq!(e.filter(|e| e.finished_at.since(e.started_at).is_null()).count().await?, 2);
    assert_eq!(e.filter(|e| e.finished_at.since(now()).is_null()).count().await?, 2);

    assert_eq!(first.clone().update(|e| (e.status.set_default(), e.output.set_default())).await?, 1);
    assert_eq!(first.clone().select(|e| e.status).one().await?, ExecutionStatus::Pending);
    let claimed = first.update(|e| e.status.set(ExecutionStatus::Running)).returning().select(|e| e.status);
    assert_eq!(claimed.first().await?, Some(ExecutionStatus::Running));
    Ok(())
}

#[tokio::test]
async fn fields_of_documents_are_texts() -> Result {
    let (_server, db) = database().await;
    let ids = domain(&db).await?;
    let e = db.repository::<Execution>();
    let input = serde_json::json!({ "level": "high", "n": 7, "gone": null, "Ünicode \"key": { "list": ["a", { "b": true }] } });
    e.filter(|e| e.pipeline_id.eq(ids[0]) & e.execution_number.eq(1))
        .update(|e| e.input.set(input.clone()))
        .await?;
    let read = e
        .filter(|e| e.input.text("level").eq("high"))
        .select(|e| {
            let list = ["Ünicode \"key", "list", "1", "b"];
            (e.input.text("n"), e.input.text("gone"), e.input.text_at(list), e.input.text_at(["no", "thing"]))
        })
        .all()
        .await?;
    assert_eq!(read, [(Some("7".into()), None, Some("true".into()), None)]);
    let levels = e
        .query()
        .group_by(|e| e.input.text("level"))
        .order_by(|e| e.input.text("level").asc().nulls_first())
        .select(|e| (e.input.text("level"), e.id.count()))
        .all()
        .await?;
    assert_eq!(levels, [(None, 4), (Some("high".into()), 1)]);
    assert_eq!(e.filter(|e| e.output.text("x").is_null()).count().await?, 5);
    let whole = e.filter(|e| e.input.text_at(Vec::<String>::new()).is_not_null()).count().await?;
    assert_eq!(whole, 5, "no step is the document itself");
    Ok(())
}

#[tokio::test]
async fn numbers_have_functions_and_are_cast() -> Result {
    let (_server, db) = database().await;
    let ids = domain(&db).await?;
    let e = db.repository::<Execution>();
    let first = e.filter(|e| e.pipeline_id.eq(ids[0])).order_by(|e| e.execution_number.asc());
    let halves = first.clone().select(|e| {
        let half = e.execution_number.cast::<f64>() / 2.0;
        (
            half.clone(),
            half.clone().floor(),
            half.clone().ceil(),
            half.cast::<i32>(),
            (e.execution_number - 3).abs(),
        )
    });
    let expected = [(0.5, 0.0, 1.0, 0, 2), (1.0, 1.0, 1.0, 1, 1), (1.5, 1.0, 2.0, 2, 0)];
    assert_eq!(halves.all().await?, expected);
    let powers = first.clone().select(|e| {
        let pause = value(Interval::minutes(1)).times(value(2.0).power(e.execution_number.cast::<f64>()));
        (pause.clone().seconds(), e.started_at + pause, e.execution_number.cast::<String>().concat("!"))
    });
    let expected = [(120.0, None, "1!".to_owned()), (240.0, None, "2!".into()), (480.0, None, "3!".into())];
    assert_eq!(powers.all().await?, expected);

    // Without the feature `decimal` these are sums and averages of floats.
    let per_pipeline = e
        .query()
        .group_by(|e| e.pipeline_id)
        .having(|e| e.id.count().cast::<f64>().gt(2.5))
        .order_by(|e| e.id.count().cast::<f64>().desc())
        .select(|e| {
            (
                e.version.cast::<f64>().sum(),
                e.execution_number.cast::<f64>().avg(),
                e.id.count().cast::<i32>(),
            )
        })
        .all()
        .await?;
    assert_eq!(per_pipeline, [(Some(3.0), Some(2.0), 3)]);

    let spans = e.query().select(|e| (e.execution_number * 2 + 1).sum()).one().await?;
    assert_eq!(spans, Some(59));
    let most = e
        .query()
        .group_by(|e| e.status)
        .select(|e| (e.execution_number * e.execution_number).max())
        .all()
        .await?;
    assert_eq!(most.iter().max(), Some(&Some(400)));
    let nested = e.query().select(|e| e.id.count().max()).all().await.expect_err("of another aggregate");
    assert!(nested.is_invalid_query(), "{nested}");

    let set = |text: &str| first.clone().update(|e| e.input.set(serde_json::json!({ "n": text })));
    set("7").await?;
    assert_eq!(e.filter(|e| e.input.text("n").cast::<i64>().between(7, 8)).count().await?, 3);
    assert_eq!(e.filter(|e| e.output.text("n").cast::<i64>().is_null()).count().await?, 5);
    set("seven").await?;
    let error = e.filter(|e| e.input.text("n").cast::<i64>().gt(1)).all().await.expect_err("no number");
    assert_eq!(error.code(), Some("22P02"));
    let error = e.query().select(|e| (e.execution_number.cast::<f64>() * 1e9).cast::<i16>()).all().await;
    assert_eq!(error.expect_err("too large").code(), Some("22003"));
    Ok(())
}
