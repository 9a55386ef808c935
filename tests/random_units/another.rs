//! Another session changes what the unit of work has read.

use crate::domain::{Area, Card};
use crate::owner::RELATIONS;
use crate::tables::{Tables, card, code, new_card, shown};
use crate::unit::{Result, Unit, references};

impl Unit<'_> {
    /// It adds cards, and unless `only_adds` it moves and deletes some, and gives areas other codes.
    pub(crate) async fn meddle(&mut self, now: &mut Tables, only_adds: bool) -> Result {
        for _ in 0..1 + self.random.below(3) {
            let ids: Vec<i32> = now.cards.keys().copied().collect();
            match self.random.below(if only_adds || ids.is_empty() { 1 } else { 7 }) {
                0 | 1 => self.add(now).await?,
                2 | 3 => {
                    let id = *self.random.of(&ids);
                    self.change(id, now).await?;
                }
                4 | 5 => {
                    let id = *self.random.of(&ids);
                    self.said.push(format!("another deletes {id}"));
                    self.db.repository::<Card>().delete(id).await?;
                    now.cards.remove(&id);
                }
                _ => self.rename(now).await?,
            }
        }
        Ok(())
    }

    async fn add(&mut self, now: &mut Tables) -> Result {
        let (id, columns) = self.new_card(&references(now));
        self.said.push(format!("another adds {}", shown((&id, &columns))));
        self.db.repository::<Card>().insert(new_card(&(id, columns))).await?;
        now.cards.insert(id, columns);
        Ok(())
    }

    async fn change(&mut self, id: i32, now: &mut Tables) -> Result {
        let place = self.random.below(RELATIONS.len());
        let mut moved = now.cards[&id];
        self.refer(&mut moved, &RELATIONS[place], &references(now));
        self.said.push(format!("another makes {}", shown((&id, &moved))));
        self.db.repository::<Card>().update(&card(&(id, moved))).await?;
        now.cards.insert(id, moved);
        Ok(())
    }

    async fn rename(&mut self, now: &mut Tables) -> Result {
        let (area, new) = (1 + self.random.below(3) as i32, self.fresh());
        self.said.push(format!("another gives the area {area} the code {new}"));
        let areas = self.db.repository::<Area>();
        areas.filter(|row| row.id.eq(area)).update(|row| row.code.set(code(new))).await?;
        now.rename(&[(area, new)].into());
        Ok(())
    }
}
