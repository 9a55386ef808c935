//! SQLAlchemy with asyncpg, in a Python process that takes one order per line.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio_postgres::Client;

use crate::error::Error;
use crate::task::{Contender, Later, Task};
use crate::time::Time;
use crate::unit::{self, Unit};

/// The process, which ends when its input does.
pub struct SqlAlchemy {
    _process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl SqlAlchemy {
    /// Starts it; `None` if there is no Python, or no package index that gives out what it needs.
    pub fn connect(url: &str) -> Result<Option<SqlAlchemy>, Error> {
        static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
        let Some(python) = PYTHON.get_or_init(environment) else { return Ok(None) };
        let mut process = Command::new(python)
            .arg(folder().join("units.py"))
            .arg(url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take().ok_or("a process without input")?;
        let output = process.stdout.take().ok_or("a process without output")?;
        Ok(Some(SqlAlchemy { _process: process, input, output: BufReader::new(output).lines() }))
    }

    async fn ask(&mut self, what: &str) -> Result<String, Error> {
        self.input.write_all(format!("{what}\n").as_bytes()).await?;
        self.output.next_line().await?.ok_or_else(|| "the Python process ended".into())
    }
}

impl Contender<Unit> for SqlAlchemy {
    fn prepare(&mut self, unit: Unit, repetitions: usize) -> Later<'_, ()> {
        Box::pin(async move {
            self.ask(&format!("prepare {} {repetitions}", unit.name())).await?;
            Ok(())
        })
    }

    fn work(&mut self, _unit: Unit) -> Later<'_, Time> {
        Box::pin(async {
            let times = self.ask("work").await?;
            let (wall, cpu) = times.split_once(' ').ok_or("two times were expected")?;
            Ok(Time { wall_us: wall.parse()?, cpu_us: cpu.parse()? })
        })
    }

    fn discard(&mut self) -> Later<'_, ()> {
        Box::pin(async {
            self.ask("discard").await?;
            Ok(())
        })
    }

    fn show<'a>(&'a mut self, _unit: Unit, stage: &'a Client) -> Later<'a, Value> {
        Box::pin(unit::outcome(stage))
    }
}

/// The Python of a virtual environment beside this program, which is made if it is not there.
fn environment() -> Option<PathBuf> {
    let environment = std::env::current_exe().ok()?.with_file_name("python");
    let made =
        std::process::Command::new("python3").arg(folder().join("environment.py")).arg(&environment).status();
    if made.is_ok_and(|status| status.success()) {
        return Some(environment.join("bin/python"));
    }
    eprintln!("SQLAlchemy is left out: python3 could not make {}", environment.display());
    None
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python")
}
