//! Random rows for the sample domain: all of them in memory, and the SQL that stores them.

use persist_testkit::Random;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use persist::Sql;
use persist::prelude::*;
use uuid::Uuid;

use crate::shapes::flat;
use crate::sql;

/// What is stored.
#[derive(Default)]
pub(crate) struct Data {
    pub(crate) users: Vec<flat::User>,
    pub(crate) accounts: Vec<flat::Account>,
    #[cfg(feature = "decimal")]
    pub(crate) invoices: Vec<flat::Invoice>,
    pub(crate) roles: Vec<flat::Role>,
    pub(crate) permissions: Vec<flat::Permission>,
    pub(crate) role_permissions: BTreeSet<(Uuid, Uuid)>,
    pub(crate) user_roles: Vec<flat::UserRole>,
    pub(crate) categories: Vec<flat::Category>,
    pub(crate) pipelines: Vec<flat::Pipeline>,
    pub(crate) tags: Vec<flat::Tag>,
    pub(crate) pipeline_tags: BTreeSet<(Uuid, Uuid)>,
    pub(crate) steps: Vec<flat::Step>,
    pub(crate) executions: Vec<flat::Execution>,
    pub(crate) logs: Vec<flat::Log>,
    pub(crate) comments: Vec<flat::Comment>,
    pub(crate) schedules: Vec<flat::Schedule>,
    pub(crate) runs: Vec<flat::Run>,
    /// Where the server sorts each text.
    ranks: HashMap<String, usize>,
}

/// Text that is special somewhere: in SQL, in arrays, in settings, in collations.
const TEXTS: [&str; 20] = [
    "",
    " ",
    "a",
    "A",
    "b",
    "ä",
    "Ä",
    "é",
    "e\u{301}",
    "ß",
    "日本",
    "\u{1f980}",
    "o'clock",
    "\"",
    "\\",
    "{}",
    "NULL",
    "a,b",
    "{\"a\",NULL}",
    "-",
];

impl Data {
    pub(crate) fn random(random: &mut Random) -> Data {
        let mut data = Data::default();
        // Small numbers are where relations are empty, full, or of one row.
        let size = *random.of(&[0, 1, 2, 3, 5, 8, 12]);
        data.people(random, size);
        data.categories(random, size);
        data.pipelines(random, size);
        data.contents(random);
        data.comments(random, size * 2);
        data.schedules(random);
        #[cfg(feature = "decimal")]
        data.invoices(random, size * 2);
        data
    }

    fn people(&mut self, random: &mut Random, size: usize) {
        let mut names = Names::default();
        for number in 0..random.below(size + 1) {
            let (id, display_name) = (random.uuid(), text(random));
            let last_login_at = (!random.once_in(3)).then(|| time(random));
            let email = format!("u{number}@example.org");
            self.users.push(flat::User { id, email, display_name, last_login_at });
            if random.once_in(2) {
                self.accounts.push(flat::Account {
                    id: random.uuid(),
                    number: names.unique(random),
                    owner_id: id,
                });
            }
        }
        for _ in 0..random.below(5) {
            self.roles.push(flat::Role { id: random.uuid(), name: names.unique(random) });
        }
        for number in 0..random.below(5) {
            let action = (*random.of(&["read", "write", "execute"])).to_owned();
            let resource = format!("{}{number}", text(random));
            self.permissions.push(flat::Permission { id: random.uuid(), resource, action });
        }
        for role in &self.roles {
            for permission in self.permissions.iter().filter(|_| random.once_in(2)) {
                self.role_permissions.insert((role.id, permission.id));
            }
        }
        for user in &self.users {
            for role in &self.roles {
                if random.once_in(2) {
                    continue;
                }
                let granted_by = random.maybe_of(&self.users).map(|user| user.id);
                let granted_at = time(random);
                let (user_id, role_id) = (user.id, role.id);
                self.user_roles.push(flat::UserRole { user_id, role_id, granted_by, granted_at });
            }
        }
        self.user_roles.sort_by_key(|grant| (grant.user_id, grant.role_id));
    }

    /// Mostly trees, some with a way back to their root.
    fn categories(&mut self, random: &mut Random, size: usize) {
        for number in 0..random.below(size * 2 + 1) {
            let parent_id = random.maybe_of(&self.categories).map(|category| category.id);
            let name = format!("{}{number}", text(random));
            let position = random.below(3) as i32;
            self.categories.push(flat::Category { id: random.uuid(), parent_id, name, position });
        }
        if random.once_in(3) {
            for index in 0..self.categories.len() {
                let parent = random.of(&self.categories).id;
                let category = &mut self.categories[index];
                if category.parent_id.is_none() && parent != category.id {
                    category.parent_id = Some(parent);
                }
            }
        }
    }

    fn pipelines(&mut self, random: &mut Random, size: usize) {
        let mut names = Names::default();
        for _ in 0..size {
            let variables: BTreeMap<String, String> =
                (0..random.below(3)).map(|_| (text(random), text(random))).collect();
            self.pipelines.push(flat::Pipeline {
                id: random.uuid(),
                name: names.unique(random),
                environment_variables: Json(variables),
                is_active: random.once_in(2),
                owner_id: random.maybe_of(&self.users).map(|user| user.id),
                category_id: random.maybe_of(&self.categories).map(|category| category.id),
            });
        }
        for _ in 0..random.below(size + 2) {
            let color = (*random.of(&["#000000", "#808080", "#ffffff"])).to_owned();
            self.tags.push(flat::Tag { id: random.uuid(), name: names.unique(random), color });
        }
        for pipeline in &self.pipelines {
            for tag in self.tags.iter().filter(|_| random.once_in(2)) {
                self.pipeline_tags.insert((pipeline.id, tag.id));
            }
        }
    }

    fn contents(&mut self, random: &mut Random) {
        for pipeline in &self.pipelines {
            let first = self.steps.len();
            for position in 1..=random.below(6) as i32 {
                // A later step may be the one that an earlier one waits for, so there are circles, too.
                let earlier = &self.steps[first..];
                let depends_on = random.maybe_of(earlier).map(|step| step.id);
                let (name, enabled) = (text(random), !random.once_in(4));
                let id = random.uuid();
                let pipeline_id = pipeline.id;
                self.steps.push(flat::Step { id, pipeline_id, position, name, enabled, depends_on });
            }
            if let [.., last] = &self.steps[first..]
                && random.once_in(3)
            {
                let last = last.id;
                let step = &mut self.steps[first];
                step.depends_on = (step.id != last).then_some(last);
            }
            for execution_number in 1..=random.below(6) as i32 {
                let started_at = (!random.once_in(3)).then(|| time(random));
                let (id, pipeline_id) = (random.uuid(), pipeline.id);
                self.executions.push(flat::Execution { id, pipeline_id, execution_number, started_at });
                for _ in 0..random.below(4) {
                    self.logs.push(flat::Log {
                        id: self.logs.len() as i64 * 3 + 1,
                        execution_id: id,
                        step_id: random.maybe_of(&self.steps).map(|step| step.id),
                        message: text(random),
                    });
                }
            }
        }
    }

    fn comments(&mut self, random: &mut Random, count: usize) {
        if self.pipelines.is_empty() {
            return;
        }
        for number in 0..count as i64 {
            let reply_to = random.maybe_of(&self.comments).filter(|_| number % 3 > 0).cloned();
            self.comments.push(flat::Comment {
                // Keys far apart, beyond what a float holds exactly.
                id: (number - 3) * 1_000_000_000_000_000_007,
                pipeline_id: reply_to
                    .as_ref()
                    .map_or_else(|| random.of(&self.pipelines).id, |other| other.pipeline_id),
                author_id: random.maybe_of(&self.users).map(|user| user.id),
                reply_to: reply_to.map(|comment| comment.id),
                body: text(random),
                is_hidden: random.once_in(5),
                written_at: time(random),
            });
            if number > 10 {
                break;
            }
        }
        // Circles, and comments on themselves.
        if random.once_in(2) && !self.comments.is_empty() {
            let last = random.of(&self.comments).id;
            self.comments[0].reply_to = Some(last);
        }
    }

    fn schedules(&mut self, random: &mut Random) {
        for pipeline in &self.pipelines {
            for slot in 0..4 {
                if random.once_in(2) {
                    continue;
                }
                let (cron, is_enabled) = (text(random), !random.once_in(3));
                let pipeline_id = pipeline.id;
                self.schedules.push(flat::Schedule { pipeline_id, slot, cron, is_enabled });
                for _ in 0..random.below(5) {
                    let (id, due_at, was_late) = (random.uuid(), time(random), random.once_in(2));
                    self.runs.push(flat::Run { id, pipeline_id, slot, due_at, was_late });
                }
            }
        }
        self.schedules.sort_by_key(|schedule| (schedule.pipeline_id, schedule.slot));
    }

    #[cfg(feature = "decimal")]
    fn invoices(&mut self, random: &mut Random, count: usize) {
        for number in 0..count as i64 {
            let Some(account) = random.maybe_of(&self.accounts) else { continue };
            self.invoices.push(flat::Invoice {
                id: number,
                account_number: account.number.clone(),
                pipeline_id: random.maybe_of(&self.pipelines).map(|pipeline| pipeline.id),
                amount: rust_decimal::Decimal::new(random.bits() as i64 % 99_999_999_999_999, 4),
                paid_at: (!random.once_in(2)).then(|| time(random)),
            });
        }
    }

    /// Stores it in place of what is there.
    pub(crate) async fn store(&mut self, db: &Database) -> Result<(), persist::Error> {
        Sql::unchecked(sql::replacing(self)).execute(db).await?;
        let texts: BTreeSet<&str> = self.texts().collect();
        let texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
        let sorted: Vec<String> =
            Sql::unchecked("SELECT t FROM unnest($1::text[]) AS t ORDER BY t").bind(texts).all(db).await?;
        self.ranks = sorted.into_iter().enumerate().map(|(rank, text)| (text, rank)).collect();
        Ok(())
    }

    /// What a text is sorted by.
    pub(crate) fn rank(&self, text: &str) -> usize {
        self.ranks[text]
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let names = self.pipelines.iter().map(|row| &row.name).chain(self.tags.iter().map(|row| &row.name));
        let names = names.chain(self.tags.iter().map(|row| &row.color));
        let names = names.chain(self.roles.iter().map(|row| &row.name));
        let names = names.chain(self.permissions.iter().flat_map(|row| [&row.action, &row.resource]));
        let names = names.chain(self.categories.iter().map(|row| &row.name));
        let names = names.chain(self.steps.iter().map(|row| &row.name));
        let names = names.chain(self.logs.iter().map(|row| &row.message));
        let names = names.chain(self.users.iter().flat_map(|row| [&row.display_name, &row.email]));
        let names = names.chain(self.accounts.iter().map(|row| &row.number));
        names.map(String::as_str)
    }
}

/// Names of which none comes twice.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    fn unique(&mut self, random: &mut Random) -> String {
        let mut name = text(random);
        while !self.0.insert(name.clone()) {
            name.push_str(&text(random));
            name.push(char::from(b'0' + random.below(10) as u8));
        }
        name
    }
}

fn text(random: &mut Random) -> String {
    (*random.of(&TEXTS)).to_owned()
}

/// One of few, so that some are equal.
fn time(random: &mut Random) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_700_000_000_000_000 + random.below(5) as i64)
        .expect("a time of our age")
}
