//! Calls by themselves, whose answers are known. The programs make different ones, so that a pooler which gives the
//! statement of one to the other shows.

use persist::Database;

use crate::bank::Account;

/// One call of the program of this number; answers what is wrong.
pub(crate) async fn call(db: &Database, program: usize, account: i64) -> Option<String> {
    let accounts = db.repository::<Account>();
    if program.is_multiple_of(2) {
        let found = accounts.find(account).await.ok()?.map(|found| found.id);
        (found != Some(account)).then(|| format!("account {account} was asked for, {found:?} was answered"))
    } else {
        let is_deleted = accounts.delete(-account).await.ok()?;
        is_deleted.then(|| "an account was deleted that does not exist".to_owned())
    }
}
