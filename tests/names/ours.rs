//! Tables and columns that are called as parts of the library's own SQL are.

use persist::prelude::*;
use persist::PageRequest;

macro_rules! named {
    ($($module:ident $table:literal $rows:literal $links:literal;)*) => {
        $(mod $module {
            use super::*;

            #[derive(Debug, Clone, PartialEq, Repository)]
            #[persist(table = $table)]
            struct Node {
                #[persist(id)]
                id: i32,
                parent_id: Option<i32>,
                #[persist(column = $table)]
                number: i32,
                #[persist(has_many, orphans = "delete")]
                below: Vec<Node>,
                #[persist(has_many(table = $rows), order_by = "place DESC")]
                rows: Vec<Row>,
                #[persist(has_many(table = $rows), order_by = "place", limit = 1)]
                first: Vec<Row>,
                #[persist(many_to_many(through = $links, table = $rows))]
                linked: Vec<Row>,
            }

            #[derive(Debug, Clone, PartialEq, Repository)]
            #[persist(table = $rows)]
            struct Row {
                #[persist(id)]
                id: i32,
                of: i32,
                place: i32,
                tree: i32, k: i32, t0: i32, l: i32, d: i32, u: i32, n: i32, k0: i32, k1: i32, p1: i32, r1: i32,
                path: i32, depth: i32, c0: i32, v0: i32, picked: i32, persist_number: i32, persist_k0_0: i32,
                persist_k1_0: i32,
            }

            pub(super) async fn all(db: &Database) -> Result<(), persist::Error> {
                let nodes = db.repository::<Node>();
                let node = |id: i32| {
                    let rows = [NewRow::new(id * 10, id, 1), NewRow::new(id * 10 + 1, id, 2)];
                    NewNode::new(id).number(id).rows(rows)
                };
                let written = nodes.insert(node(1).below([node(2).below([node(3)]), node(4)])).await?;
                let read = nodes.get(1).await?;
                assert_eq!(written.rows, read.rows);
                assert_eq!(read.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [11, 10]);
                assert_eq!(read.first[0].id, 10);
                assert_eq!(read.below[0].below[0].rows.len(), 2);
                assert_eq!(nodes.find_many(&[4, 2]).await?.iter().map(|node| node.id).collect::<Vec<_>>(), [4, 2]);

                let work = db.unit_of_work();
                let mut changed = work.repository::<Node>().get(1).await?;
                changed.number = 100;
                changed.rows[0].tree = 7;
                changed.rows[1].picked = 8;
                changed.below[0].number = 200;
                changed.linked.push(changed.rows[1].clone());
                let gone = changed.below[0].below.remove(0);
                assert_eq!(gone.id, 3);
                work.save(&changed)?;
                work.insert(node(5))?;
                work.commit().await?;
                let read = nodes.get(1).await?;
                assert_eq!((read.number, read.below[0].number, read.rows[0].tree), (100, 200, 7));
                assert_eq!((read.linked.len(), read.linked[0].picked, read.below[0].below.len()), (1, 8, 0));

                let found = nodes.filter(|n| n.rows.any(|r| r.tree.eq(7)) & n.linked.exists());
                assert_eq!(found.order_by(|n| n.rows.count().desc()).limit(3).all().await?, [read.clone()]);
                let page = nodes.order_by(|n| n.number.desc()).page(PageRequest::first(2).with_total()).await?;
                let next = nodes.order_by(|n| n.number.desc());
                let next = next.page(PageRequest::first(2).after(page.next)).await?;
                let ids = |items: &[Node]| items.iter().map(|node| node.id).collect::<Vec<_>>();
                assert_eq!((ids(&page.items), ids(&next.items)), (vec![2, 1], vec![5, 4]));
                let by_number = nodes.order_by(|n| n.id.asc()).page(PageRequest::offset(1, 2)).await?;
                assert_eq!(ids(&by_number.items), [2, 4]);
                let mut stream = nodes.query().stream();
                let mut count = 0;
                while let Some(node) = stream.try_next().await? {
                    count += node.rows.len();
                }
                assert_eq!(count, 8);
                drop(stream);

                assert_eq!(nodes.query().count_distinct(|n| n.number).await?, 4);
                assert_eq!(nodes.query().limit(2).sum(|n| n.number).await?, Some(300));
                let groups = nodes.query().group_by(|n| n.parent_id).select(|n| (n.parent_id, n.number.sum()));
                assert_eq!(groups.all().await?.len(), 2);
                assert_eq!(nodes.order_by(|n| n.id.asc()).limit(1).update(|n| n.number.set(9)).await?, 1);
                assert_eq!(nodes.order_by(|n| n.id.desc()).limit(1).delete().await?, 1);
                assert_eq!(nodes.filter(|n| n.number.eq(9)).for_update().all().await?.len(), 1);
                let again = nodes.upsert(NewNode::new(4).number(44)).await?;
                assert_eq!(again.number, 44);
                assert!(nodes.delete(1).await?);
                assert_eq!(nodes.count().await?, 0);
                Ok(())
            }
        })*

        pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
            $($module::all(db).await.map_err(|error| { eprintln!("{}", $table); error })?;)*
            Ok(())
        }
    };
}
