//! What is measured.

use serde::Serialize;
use uuid::Uuid;

use crate::draft::Draft;
use crate::error::Error;
use crate::side::Side;

/// One thing that a program does with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// One row by its primary key.
    Find,
    /// A query that answers one row.
    ReadOne,
    /// A query that answers a hundred rows.
    ReadHundred,
    /// A query that answers ten thousand rows.
    ReadTenThousand,
    /// A query that answers ten thousand rows of which four columns are read.
    ReadTenThousandNames,
    /// One row written and read as stored.
    Insert,
}

impl Case {
    /// In the order of the report.
    pub const ALL: [Case; 6] = [
        Case::Find,
        Case::ReadOne,
        Case::ReadHundred,
        Case::ReadTenThousand,
        Case::ReadTenThousandNames,
        Case::Insert,
    ];

    /// The name for the command line.
    pub fn name(self) -> &'static str {
        match self {
            Case::Find => "find",
            Case::ReadOne => "read-1",
            Case::ReadHundred => "read-100",
            Case::ReadTenThousand => "read-10000",
            Case::ReadTenThousandNames => "read-10000-names",
            Case::Insert => "insert",
        }
    }

    /// The name for the report.
    pub fn title(self) -> &'static str {
        match self {
            Case::Find => "find by key",
            Case::ReadOne => "filter, 1 row",
            Case::ReadHundred => "filter, 100 rows",
            Case::ReadTenThousand => "filter, 10,000 rows",
            Case::ReadTenThousandNames => "filter, 10,000 rows of 4 columns",
            Case::Insert => "insert one",
        }
    }

    /// Rows that it reads each time.
    pub fn rows(self) -> usize {
        match self {
            Case::Find | Case::ReadOne | Case::Insert => 1,
            Case::ReadHundred => 100,
            Case::ReadTenThousand | Case::ReadTenThousandNames => 10_000,
        }
    }

    /// How often it is repeated where that is timed: about ten milliseconds.
    pub fn repetitions(self) -> usize {
        match self {
            Case::Find | Case::ReadOne | Case::Insert => 100,
            Case::ReadHundred => 20,
            Case::ReadTenThousand | Case::ReadTenThousandNames => 1,
        }
    }

    /// The name that the plugins have which it reads or writes.
    pub fn plugin_name(self) -> &'static str {
        match self {
            Case::Find | Case::ReadOne => "one",
            Case::ReadHundred => "hundred",
            Case::ReadTenThousand | Case::ReadTenThousandNames => "ten thousand",
            Case::Insert => "inserted",
        }
    }

    /// What it needs, made before anything is measured.
    pub fn prepare(self, key: Uuid, repetitions: usize) -> Work {
        let drafts = match self {
            Case::Insert => (0..repetitions).map(|number| Draft::new(self.plugin_name(), number)).collect(),
            _ => Vec::new(),
        };
        Work { case: self, key, repetitions, drafts }
    }
}

/// A case with what it needs.
pub struct Work {
    case: Case,
    key: Uuid,
    repetitions: usize,
    drafts: Vec<Draft>,
}

impl Work {
    /// Does it, and fails unless each repetition had the rows that it should have.
    pub async fn run<S: Side>(self, side: &S) -> Result<(), Error> {
        match self.case {
            Case::Find => {
                for _ in 0..self.repetitions {
                    expect(1, side.find(self.key).await?.into())?;
                }
            }
            Case::ReadOne | Case::ReadHundred | Case::ReadTenThousand => {
                for _ in 0..self.repetitions {
                    expect(self.case.rows(), side.read(self.case.plugin_name()).await?)?;
                }
            }
            Case::ReadTenThousandNames => {
                for _ in 0..self.repetitions {
                    expect(self.case.rows(), side.read_names(self.case.plugin_name()).await?)?;
                }
            }
            Case::Insert => {
                for draft in self.drafts {
                    side.insert(draft).await?;
                }
            }
        }
        Ok(())
    }
}

fn expect(rows: usize, found: usize) -> Result<(), Error> {
    match rows == found {
        true => Ok(()),
        false => Err(format!("{found} rows were read, not {rows}").into()),
    }
}
