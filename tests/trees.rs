//! Rows above one in a tree: loaded with it, in conditions, and as values of views.

#[macro_use]
mod scratch;

use std::time::Duration;

use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};
use scratch::Scratch;
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "categories", filter_by(above: Vec<Category>, ancestors))]
struct Category {
    #[persist(id)]
    id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
    #[persist(ancestors)]
    ancestors: Vec<CategoryName>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Category, table = "categories")]
struct CategoryName {
    id: Uuid,
    name: String,
}

/// The nearest rows above, as structs that could be saved by themselves, and what is computed.
#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Category, table = "categories")]
struct Place {
    name: String,
    #[persist(depth)]
    depth: i32,
    #[persist(path = "name", foreign_key = "parent_id")]
    path: Vec<String>,
    #[persist(path = "id")]
    keys: Vec<Uuid>,
    #[persist(ancestors(foreign_key = "parent_id"), max_depth = 2)]
    nearest: Vec<Plain>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "categories")]
struct Plain {
    #[persist(id)]
    id: Uuid,
    name: String,
}

/// Both ways at once: each row of a tree with those above it.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "categories")]
struct Node {
    #[persist(id)]
    id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
    #[persist(has_many, order_by = "name")]
    children: Vec<Node>,
    #[persist(ancestors)]
    ancestors: Vec<Filed>,
}

/// What is above has relations of its own.
#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Node, table = "categories")]
struct Filed {
    name: String,
    #[persist(has_many(table = "pipelines"), order_by = "name")]
    pipelines: Vec<PipelineName>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Pipeline, table = "pipelines")]
struct PipelineName {
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<std::collections::BTreeMap<String, String>>,
    category_id: Option<Uuid>,
    #[persist(belongs_to)]
    category: Option<Category>,
}

/// A tree, a row alone, and a circle of three with a row below it. The keys are numbers.
const ROWS: &str = "
    INSERT INTO categories (id, name, parent_id)
    SELECT lpad(id::text, 32, '0')::uuid, name, lpad(parent::text, 32, '0')::uuid
    FROM (VALUES (1, 'World', NULL), (2, 'Europe', 1), (3, 'Spain', 2), (4, 'Madrid', 3), (5, 'Asia', 1), (6, 'Lonely', NULL),
        (11, 'A', NULL), (12, 'B', 11), (13, 'C', 12), (14, 'D', 11)) AS c (id, name, parent);
    UPDATE categories SET parent_id = lpad('13', 32, '0')::uuid WHERE name = 'A';
    INSERT INTO pipelines (id, name, environment_variables, category_id)
    SELECT gen_random_uuid(), 'of ' || name, '{}', id FROM categories WHERE name IN ('Madrid', 'Europe', 'B');
    INSERT INTO pipelines (id, name, environment_variables) VALUES (gen_random_uuid(), 'of none', '{}');";

async fn database() -> Result<(TestDatabase, Proxy, Database)> {
    let server = TestDatabase::new().await;
    server.client().await.batch_execute(ROWS).await?;
    let proxy = Proxy::start(&server).await;
    // With some latency an answer cannot come between two writes, and count as one trip more.
    proxy.set_latency(Duration::from_millis(5));
    let db = Database::connect(proxy.url()).await?;
    Ok((server, proxy, db))
}

fn id(number: u128) -> Uuid {
    let digits = number.to_string();
    format!("{digits:0>32}").parse().expect("digits are a key")
}

fn above(category: &Category) -> String {
    let names = category.ancestors.iter().map(|above| above.name.as_str());
    format!("{}: {}", category.name, names.collect::<Vec<_>>().join(" "))
}

const ALL: [&str; 10] = [
    "A: B C",
    "Asia: World",
    "B: C A",
    "C: A B",
    "D: B C A",
    "Europe: World",
    "Lonely: ",
    "Madrid: World Europe Spain",
    "Spain: World Europe",
    "World: ",
];

#[tokio::test]
async fn the_rows_above_come_in_the_same_trip() -> Result {
    let (_server, proxy, db) = database().await?;
    let categories = db.repository::<Category>();
    for _ in ["first use", "later use"] {
        let madrid = assert_round_trips!(proxy, 1, categories.get(id(4)).await?);
        assert_eq!(above(&madrid), "Madrid: World Europe Spain");
        let all = assert_round_trips!(proxy, 1, categories.order_by(|c| c.name.asc()).all().await?);
        assert_eq!(all.iter().map(above).collect::<Vec<_>>(), ALL);
        let found = assert_round_trips!(proxy, 1, categories.find_many(&[id(13), id(4)]).await?);
        assert_eq!(found.iter().map(above).collect::<Vec<_>>().len(), 2);
        // What is found by a condition hands its keys over.
        let some = categories.filter(|c| c.name.in_(["B", "Spain"])).order_by(|c| c.name.asc());
        let some = assert_round_trips!(proxy, 1, some.all().await?);
        assert_eq!(some.iter().map(above).collect::<Vec<_>>(), ["B: C A", "Spain: World Europe"]);
        let page = categories.order_by(|c| c.name.asc()).page(PageRequest::first(3));
        let page = assert_round_trips!(proxy, 1, page.await?);
        assert_eq!(page.items.iter().map(above).collect::<Vec<_>>(), ALL[..3]);
    }
    let (mut rows, mut streamed) = (categories.order_by(|c| c.name.asc()).stream(), Vec::new());
    while let Some(row) = rows.try_next().await? {
        streamed.push(above(&row));
    }
    assert_eq!(streamed, ALL);
    let new = NewCategory::new("Toledo").parent_id(id(3));
    let toledo = assert_round_trips!(proxy, 1, categories.insert(new).await?);
    assert_eq!(above(&toledo), "Toledo: World Europe Spain");
    let uow = db.unit_of_work();
    let found = uow.repository::<Category>().filter(|c| c.id.eq(id(3))).for_update().all().await?;
    assert_eq!(found.iter().map(above).collect::<Vec<_>>(), ["Spain: World Europe"]);
    drop(uow);
    Ok(())
}

#[tokio::test]
async fn below_other_relations_and_beside_a_tree() -> Result {
    let (_server, proxy, db) = database().await?;
    let pipelines = db.repository::<Pipeline>();
    for _ in ["first use", "later use"] {
        let all = assert_round_trips!(proxy, 1, pipelines.order_by(|p| p.name.asc()).all().await?);
        let all: Vec<String> =
            all.iter().map(|p| p.category.as_ref().map_or_else(|| p.name.clone(), above)).collect();
        assert_eq!(all, ["B: C A", "Europe: World", "Madrid: World Europe Spain", "of none"]);
        let world = assert_round_trips!(proxy, 1, db.repository::<Node>().get(id(1)).await?);
        let shown = show(&world);
        let expected = [
            "World []",
            "Asia [World()]",
            "Europe [World()]",
            "Spain [World() Europe(of Europe)]",
            "Madrid [World() Europe(of Europe) Spain()]",
        ];
        assert_eq!(shown, expected);
    }
    Ok(())
}

fn show(node: &Node) -> Vec<String> {
    let above = node.ancestors.iter().map(|above| {
        let pipelines = above.pipelines.iter().map(|pipeline| pipeline.name.as_str());
        format!("{}({})", above.name, pipelines.collect::<Vec<_>>().join(" "))
    });
    let mut shown = vec![format!("{} [{}]", node.name, above.collect::<Vec<_>>().join(" "))];
    shown.extend(node.children.iter().flat_map(show));
    shown
}

#[tokio::test]
async fn depth_and_path_of_views() -> Result {
    let (_server, proxy, db) = database().await?;
    let places = db.repository::<Category>().view::<Place>();
    let madrid = assert_round_trips!(proxy, 1, places.find(id(4)).await?).ok_or("it is there")?;
    assert_eq!((madrid.depth, madrid.path.join("/")), (3, "World/Europe/Spain/Madrid".to_owned()));
    assert_eq!(madrid.keys, [1, 2, 3, 4].map(id));
    assert_eq!(
        madrid.nearest.iter().map(|above| above.name.as_str()).collect::<Vec<_>>(),
        ["Europe", "Spain"]
    );

    let places = db.repository::<Category>();
    let deep = places
        .query()
        .view::<Place>()
        .filter_view(|p| p.depth.ge(2))
        .order_by_view(|p| (p.depth.desc(), p.path.asc()));
    let deep: Vec<String> =
        deep.all().await?.iter().map(|p| format!("{} {}", p.depth, p.path.join("/"))).collect();
    // What is above itself counts once.
    assert_eq!(
        deep,
        ["3 B/C/A/D", "3 World/Europe/Spain/Madrid", "2 A/B/C", "2 B/C/A", "2 C/A/B", "2 World/Europe/Spain"]
    );
    let roots =
        places.query().view::<Place>().filter_view(|p| p.depth.eq(0)).order_by_view(|p| p.path.desc());
    let roots: Vec<String> = roots.all().await?.into_iter().map(|p| p.name).collect();
    assert_eq!(roots, ["World", "Lonely"]);
    Ok(())
}

#[tokio::test]
async fn conditions_mean_any_level() -> Result {
    let (_server, proxy, db) = database().await?;
    let categories = db.repository::<Category>();
    let names = async |query: persist::query::Query<'_, Category>| -> Result<String> {
        let found: Vec<String> = query.order_by(|c| c.name.asc()).select(|c| c.name).all().await?;
        Ok(found.join(" "))
    };
    let below_world = categories.filter(|c| c.ancestors.any(|a| a.id.eq(id(1))));
    assert_eq!(assert_round_trips!(proxy, 1, names(below_world).await?), "Asia Europe Madrid Spain");
    let world_or_below = categories.filter(|c| c.id.eq(id(1)) | c.above.any(|a| a.id.eq(id(1))));
    assert_eq!(names(world_or_below).await?, "Asia Europe Madrid Spain World");
    // A row is not above itself, not even where it is in a circle.
    assert_eq!(names(categories.filter(|c| c.above.any(|a| a.id.eq(c.id)))).await?, "");
    assert_eq!(names(categories.filter(|c| c.above.any(|a| a.name.eq("A")))).await?, "B C D");
    assert_eq!(names(categories.filter(|c| c.above.is_empty())).await?, "Lonely World");
    assert_eq!(names(categories.filter(|c| c.above.count().eq(2))).await?, "A B C Spain");
    assert_eq!(
        names(categories.filter(|c| c.above.all(|a| a.name.ne("Europe")) & c.id.lt(id(10)))).await?,
        "Asia Europe Lonely World"
    );
    // Ancestors of ancestors, and from another table.
    let twice =
        categories.filter(|c| c.above.any(|a| a.name.eq("Spain") & a.above.any(|b| b.name.eq("World"))));
    assert_eq!(names(twice).await?, "Madrid");
    let in_europe =
        db.repository::<Pipeline>().filter(|p| p.category.is(|c| c.above.any(|a| a.name.eq("Europe"))));
    assert_eq!(in_europe.count().await?, 1);
    let first: Vec<Option<String>> =
        categories.filter(|c| c.id.eq(id(4))).select(|c| c.above.min(|a| a.name)).all().await?;
    assert_eq!(first, [Some("Europe".to_owned())]);
    Ok(())
}

#[tokio::test]
async fn they_are_never_written() -> Result {
    let (server, proxy, db) = database().await?;
    let mut madrid = db.repository::<Category>().get(id(4)).await?;
    madrid.name = "Madrid!".to_owned();
    let uow = db.unit_of_work();
    uow.save(&madrid)?;
    uow.commit().await?;
    // Moved by its column, and shown as it was read until it is read again.
    let uow = db.unit_of_work();
    let mut madrid = uow.repository::<Category>().get(id(4)).await?;
    madrid.parent_id = Some(id(5));
    uow.save(&madrid)?;
    uow.flush().await?;
    uow.save(&madrid)?;
    uow.commit().await?;
    assert_eq!(above(&db.repository::<Category>().get(id(4)).await?), "Madrid!: World Asia");
    // A struct that was read elsewhere may show what has changed since.
    let uow = db.unit_of_work();
    madrid.name = "Madrid".to_owned();
    uow.save(&madrid)?;
    uow.commit().await?;
    // Who changes what is only shown would wait for ever.
    let changes: [fn(&mut Category); 3] = [
        |category| category.ancestors[0].name = "changed".to_owned(),
        |category| drop(category.ancestors.pop()),
        |category| category.ancestors.push(category.ancestors[0].clone()),
    ];
    for change in changes {
        let uow = db.unit_of_work();
        let mut madrid = uow.repository::<Category>().get(id(4)).await?;
        change(&mut madrid);
        uow.save(&madrid)?;
        let error = uow.commit().await.expect_err("it is only shown");
        assert!(error.to_string().contains("`Category.ancestors`"), "{error}");
    }
    // Nor are they deleted or let go with it.
    let uow = db.unit_of_work();
    let madrid = uow.repository::<Category>().get(id(4)).await?;
    uow.delete(&madrid)?;
    uow.commit().await?;
    let uow = db.unit_of_work();
    let error = uow.add(&madrid, |c| c.above, NewCategory::new("x")).expect_err("it is no child");
    assert!(error.to_string().contains("`insert` it"), "{error}");
    drop(uow);
    let rows = server.client().await.query("SELECT FROM categories", &[]).await?;
    assert_eq!(rows.len(), 9);
    // Structs that could be saved by themselves are only shown, too.
    let uow = db.unit_of_work();
    let mut node = uow.repository::<Node>().get(id(3)).await?;
    node.name = "España".to_owned();
    uow.save(&node)?;
    assert_round_trips!(proxy, 1, uow.commit().await?);
    Ok(())
}

#[tokio::test]
async fn a_line_has_a_limit_that_is_said() -> Result {
    let (server, _proxy, db) = database().await?;
    let chain = "
        INSERT INTO categories (id, name, parent_id)
        SELECT lpad(n::text, 32, '0')::uuid, n, CASE WHEN n > 1000 THEN lpad((n - 1)::text, 32, '0')::uuid END
        FROM generate_series(1000, 1502) AS n;";
    server.client().await.batch_execute(chain).await?;
    let categories = db.repository::<Category>();
    assert_eq!(categories.get(id(1500)).await?.ancestors.len(), 500);
    let error = categories.get(id(1501)).await.expect_err("it has 501");
    assert!(error.to_string().contains("`Category.ancestors` has more than 500 rows"), "{error}");
    let place = categories.view::<Place>().find(id(1502)).await?.ok_or("it is there")?;
    assert_eq!((place.depth, place.path.len(), place.nearest.len()), (502, 503, 2));
    Ok(())
}

/// Keys of other types and names, several keys of one table to itself, and one that is no primary key.
#[tokio::test]
async fn trees_of_other_keys() {
    let server = TestDatabase::empty().await;
    let program = Scratch::program("trees", &[]);
    program.write("schema/0001_trees.sql", include_str!("trees/schema.sql"));
    program.write("src/main.rs", include_str!("trees/program.rs"));
    program.run(&[server.url()]);
}
