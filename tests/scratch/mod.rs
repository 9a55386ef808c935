//! A crate of a user: written to a temporary folder, and compiled by Cargo against this one.
#![allow(dead_code, unused_macros, reason = "each test uses a part of this")]

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The sources of a program, which are in a folder beside the test: their places, and their texts.
macro_rules! sources {
    ($folder:literal, $($name:literal),+ $(,)?) => {
        [$((concat!("src/", $name), include_str!(concat!($folder, "/", $name)))),+]
    };
}

/// What a program needs besides.
const TOKIO: &str = "\n[dependencies.tokio]\nversion = \"1\"\nfeatures = [\"macros\", \"rt\"]\n";

/// A crate of a user.
pub(crate) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// A crate that depends on this one under a name; what an earlier run left of it is gone.
    pub(crate) fn new(crate_name: &str, facade: &str) -> Self {
        Self::with_manifest(crate_name, &manifest(crate_name, facade))
    }

    /// A crate with a Cargo.toml of its own.
    pub(crate) fn with_manifest(folder: &str, manifest: &str) -> Self {
        let scratch = Self { folder: Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder) };
        let _ = fs::remove_dir_all(&scratch.folder);
        scratch.write("Cargo.toml", manifest);
        // The versions of this repository, which are there without a network.
        fs::copy(root().join("Cargo.lock"), scratch.folder.join("Cargo.lock"))
            .expect("Cargo.lock can be copied");
        scratch
    }

    /// A program that talks to a server.
    pub(crate) fn program(name: &str, sources: &[(&str, &str)]) -> Self {
        let program = Self::new(name, "persist");
        program.append("Cargo.toml", TOKIO);
        sources.iter().for_each(|(path, text)| program.write(path, text));
        program
    }

    /// Writes a file of the crate.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    /// Adds lines to a file of the crate.
    pub(crate) fn append(&self, path: &str, text: &str) {
        let before = fs::read_to_string(self.folder.join(path)).expect("the file is there");
        self.write(path, &format!("{before}{text}"));
    }

    /// What `cargo check` says: nothing, or its errors.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.cargo(&["check", "--quiet"]).map(|_| ())
    }

    /// What the program prints, which has to come to a good end.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let done = self.cargo(&[&["run", "--quiet", "--"], arguments].concat());
        done.unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// What a Cargo command prints, or its errors.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.command(&cargo()).args(arguments).output().expect("cargo can be started");
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Does `cargo check`, which has to succeed, compile a crate of the program anew?
    #[track_caller]
    pub(crate) fn compiles_anew(&self) -> bool {
        let output = self.command(&cargo()).arg("check").output().expect("cargo can be started");
        let says = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{says}");
        // Where a build script runs as well, Cargo says so once.
        says.contains("Checking ") || says.contains("Compiling ")
    }

    /// A program that is started in the folder of the crate, where Cargo does as it should here.
    pub(crate) fn command(&self, program: &OsStr) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.folder)
            // Shared with the ui tests, so that the dependencies are compiled once.
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tests/trybuild"))
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_NET_OFFLINE", "true")
            .env_remove("PERSIST_SCHEMA")
            .env_remove("RUSTFLAGS");
        command
    }
}

fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn manifest(crate_name: &str, facade: &str) -> String {
    let path = root().display();
    format!(
        "[package]\nname = \"{crate_name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\n{facade} = {{ package = \"persist-postgres\", path = \"{path}\" }}\nchrono = \"0.4\"\nserde_json = \"1\"\nuuid = \"1\"\n\n\
         [workspace]\n"
    )
}
