//! Opening connections: each thing that can be wrong has its predicate and says what to do.

use std::error::Error as _;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use persist_runtime::{Database, Error, Sql, SslMode};
use persist_testkit::{Cluster, Point, Proxy, TestDatabase};

async fn refused(url: &str) -> Error {
    Database::connect(url).await.expect_err("there is nothing to connect to")
}

/// The error and all its causes, printed in both ways.
fn everything(error: &Error) -> String {
    let mut text = format!("{error:?}");
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        text += &format!("\n{error}");
        next = error.source();
    }
    text
}

#[tokio::test]
async fn wrong_password_and_wrong_database() {
    let cluster = Cluster::builder().tcp().password("right-one").start().await;
    let url = cluster.url() + "?sslmode=disable";
    let db = Database::connect(&url).await.unwrap();
    assert_eq!(Sql::unchecked("SELECT 1").one::<i32>(&db).await.unwrap(), 1);

    let error = refused(&url.replace("right-one", "wrong-one")).await;
    assert!(error.is_authentication() && !error.is_connect());
    assert_eq!(error.code(), Some("28P01"));
    assert!(error.to_string().contains("refused the user or the password"), "{error}");
    assert!(!everything(&error).contains("wrong-one"), "{}", everything(&error));

    let error = refused(&url.replace(":right-one", "")).await;
    assert!(error.is_authentication());
    assert!(error.to_string().contains("asks for a password"), "{error}");

    let error = refused(&(cluster.url_of("nowhere") + "?sslmode=disable")).await;
    assert!(error.is_unknown_database() && !error.is_connect());
    assert!(error.to_string().contains("database `nowhere`"), "{error}");
    assert!(!everything(&error).contains("right-one"));
}

#[tokio::test]
async fn a_password_from_a_callback_is_asked_for_by_every_connection() {
    let cluster = Cluster::builder().tcp().password("first").start().await;
    let url = cluster.url().replace(":first", "") + "?sslmode=disable";
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let callback = move || {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        async move {
            if number == 2 {
                Err("the vault is closed")
            } else {
                Ok(["first", "second"][number.min(1)].into())
            }
        }
    };
    let db = Database::builder().url(&url).pool_size(1).password_from(callback).connect().await.unwrap();
    let pid = Sql::unchecked("SELECT pg_backend_pid()").one::<i32>(&db).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    Sql::unchecked("ALTER USER postgres PASSWORD 'second'").execute(&db).await.unwrap();
    let ended = Sql::unchecked("SELECT pg_terminate_backend(pg_backend_pid())").execute(&db).await;
    assert!(ended.unwrap_err().is_connection_lost());
    assert_ne!(Sql::unchecked("SELECT pg_backend_pid()").one::<i32>(&db).await.unwrap(), pid);

    Sql::unchecked("SELECT pg_terminate_backend(pg_backend_pid())").execute(&db).await.unwrap_err();
    let error = Sql::unchecked("SELECT 1").one::<i32>(&db).await.unwrap_err();
    assert!(error.is_authentication());
    assert_eq!(error.source().unwrap().to_string(), "the vault is closed");
}

#[tokio::test]
async fn no_server() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for url in [
        format!("postgresql://me@127.0.0.1:{port}/shop?sslmode=disable"),
        format!("postgresql://me@127.0.0.1:{port}/shop"),
        "postgresql:///shop?user=me&host=/nowhere".to_owned(),
    ] {
        let error = refused(&url).await;
        assert!(error.is_connect() && !error.is_authentication(), "{error:?}");
        assert!(error.to_string().starts_with("no PostgreSQL server answers at "), "{error}");
        assert!(error.to_string().contains("database `shop`, user `me`"), "{error}");
        assert!(error.source().is_some());
    }
}

#[tokio::test]
async fn a_server_that_says_nothing() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    proxy.next_connection().freeze(Point::client_messages(0));
    let builder = Database::builder().url(proxy.url()).connect_timeout(Duration::from_millis(200));
    let error = builder.connect().await.unwrap_err();
    assert!(error.is_connect() && error.is_timeout() && !error.is_pool_timeout(), "{error:?}");
    assert!(error.to_string().contains("did not answer within 200.0ms"), "{error}");
    proxy.heal();
    Database::connect(proxy.url()).await.unwrap();
}

#[tokio::test]
async fn settings_that_cannot_be_used() {
    for (url, message) in [
        ("localhost/shop", "the database URL must look like `postgresql://"),
        ("postgresql://localhost/shop?sslmode=prefer", "`sslmode=prefer` would fall back"),
        ("postgresql://localhost/shop?sslmode=on", "`sslmode=on` is unknown"),
        ("postgresql://localhost/shop?ssl=1&sslmode=disable", "unknown option `ssl`"),
        ("postgresql://localhost:x/shop?sslmode=disable", "invalid value for option `port`"),
        ("postgresql://localhost/shop?connect_timeout=soon&sslmode=disable", "`connect_timeout` must be"),
        ("postgresql://a,b,c/shop?sslmode=disable&port=1,2", "there are 2 of `port` for 3 servers"),
        ("postgresql://a,b/shop?sslmode=disable&hostaddr=::1", "there are 2 of `host` and 1 of `hostaddr`"),
        (
            "postgresql://localhost/shop?options=-c%20timezone%3DCET&sslmode=disable",
            "`options` sets `timezone`",
        ),
        ("postgresql://localhost/shop?sslmode", "`sslmode` in the database URL lacks a value"),
        ("postgresql://localhost/shop?sslrootcert=/nowhere", "the certificates of `sslrootcert=/nowhere`"),
    ] {
        let error = refused(url).await;
        assert!(error.is_configuration(), "{error:?}");
        assert!(error.to_string().contains(message), "{error}");
    }
    let error = Database::builder().pool_size(0).connect().await.unwrap_err();
    assert_eq!(error.to_string(), "`pool_size` must be at least 1");
    let shown = format!("{:?}", Database::builder().url("postgresql://me:secret@db/shop").password("hidden"));
    assert!(!shown.contains("secret") && !shown.contains("hidden") && shown.contains("shop"), "{shown}");
}

#[tokio::test]
async fn a_setting_reaches_the_server() {
    let database = TestDatabase::empty().await;
    let builder = Database::builder().url(database.url()).application_name("O'Hara \\ sons");
    let builder = builder.statement_timeout(Duration::from_secs(7));
    let db = builder.connect().await.unwrap();
    let setting = "SELECT current_setting('application_name'), current_setting('statement_timeout')";
    let found = Sql::unchecked(setting).one::<(String, String)>(&db).await.unwrap();
    assert_eq!(found, ("O'Hara \\ sons".to_owned(), "7s".to_owned()));
}

#[tokio::test]
async fn tls_is_on_by_default_and_checked() {
    let cluster = Cluster::builder().tls().start().await;
    let url = cluster.url();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(cluster.certificate().unwrap().as_bytes()).unwrap();
    let trusting = format!("{url}?sslrootcert={}", file.path().display());

    let error = refused(&url).await;
    assert!(error.is_tls() && !error.is_connect(), "{error:?}");
    assert!(error.to_string().contains("sslrootcert"), "{error}");

    let db = Database::connect(&trusting).await.unwrap();
    let encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert!(Sql::unchecked(encrypted).one::<bool>(&db).await.unwrap());

    // Another name for the same server: its certificate does not mention it.
    let renamed = trusting.replace("127.0.0.1", "db.example.com") + "&hostaddr=127.0.0.1";
    assert!(refused(&renamed).await.is_tls());
    for mode in [SslMode::VerifyCa, SslMode::Require] {
        let db = Database::builder().url(&renamed).ssl_mode(mode).connect().await.unwrap();
        assert!(Sql::unchecked(encrypted).one::<bool>(&db).await.unwrap());
    }
    // An authority that did not sign it; `require` looks at it only if there is one.
    let other = Cluster::builder().tls().start().await;
    let other = Database::builder().url(&other.url());
    let other = other.ssl_root_cert(file.path());
    assert!(other.ssl_mode(SslMode::Require).connect().await.unwrap_err().is_tls());
    let db = Database::connect(&(url.clone() + "?sslmode=require")).await.unwrap();
    assert!(Sql::unchecked(encrypted).one::<bool>(&db).await.unwrap());
    let db = Database::connect(&(url + "?sslmode=disable")).await.unwrap();
    assert!(!Sql::unchecked(encrypted).one::<bool>(&db).await.unwrap());
}

#[tokio::test]
async fn a_server_without_tls_says_how_to_go_on() {
    let cluster = Cluster::builder().tcp().start().await;
    let error = refused(&cluster.url()).await;
    assert!(error.is_tls());
    assert!(error.to_string().contains("add `?sslmode=disable` to the URL"), "{error}");
}

/// Whether the session is encrypted, and by which certificate the client is known.
async fn tls_of(db: &Database) -> (bool, Option<String>) {
    let session = "SELECT ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    Sql::unchecked(session).one(db).await.expect("the session")
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("the file is written");
    file
}

/// Whatever stands beside its address.
#[tokio::test]
async fn what_travels_by_tcp_is_encrypted() {
    let cluster = Cluster::builder().tls().start().await;
    let port = cluster.config().get_ports()[0];
    let root = file(cluster.certificate().unwrap());
    for host in ["/tmp", "/nowhere", "localhost", ""] {
        for mode in ["require", "verify-ca", "verify-full"] {
            let host = if host.is_empty() { String::new() } else { format!("host={host}&") };
            let url = format!(
                "postgresql://postgres@/postgres?{host}hostaddr=127.0.0.1&port={port}&sslmode={mode}&sslrootcert={}",
                root.path().display()
            );
            let db = Database::connect(&url).await.unwrap();
            assert!(tls_of(&db).await.0, "{url}");
        }
    }
    let untrusting = format!("postgresql://postgres@/postgres?host=/tmp&hostaddr=127.0.0.1&port={port}");
    let error = refused(&untrusting).await;
    assert!(error.to_string().contains("no trusted TLS connection"), "{error}");
}

#[tokio::test]
async fn a_password_is_bound_to_the_encryption() {
    let cluster = Cluster::builder().tls().password("word").start().await;
    let root = file(cluster.certificate().unwrap());
    let url = format!("{}?channel_binding=require&sslrootcert={}", cluster.url(), root.path().display());
    let db = Database::connect(&url).await.unwrap();
    assert!(tls_of(&db).await.0);
    let error = refused(&format!("{}?channel_binding=require&sslmode=disable", cluster.url())).await;
    assert!(error.is_authentication(), "{error:?}");
}

#[tokio::test]
async fn a_program_shows_its_certificate() {
    let cluster = Cluster::builder().client_certificates().start().await;
    let root = file(cluster.certificate().unwrap());
    let (certificate, key) = cluster.client_certificate().unwrap();
    let (certificate, key) = (file(certificate), file(key));
    let url = format!("{}?sslrootcert={}", cluster.url(), root.path().display());
    let with_both = format!("{url}&sslcert={}&sslkey={}", certificate.path().display(), key.path().display());
    let by_builder = Database::builder().url(&url).ssl_client_cert(certificate.path(), key.path());
    for db in [Database::connect(&with_both).await.unwrap(), by_builder.connect().await.unwrap()] {
        assert_eq!(tls_of(&db).await, (true, Some("/CN=postgres".to_owned())));
    }
    assert!(refused(&url).await.is_authentication());
    let alone = refused(&format!("{url}&sslcert={}", certificate.path().display())).await;
    assert_eq!(alone.to_string(), "a client certificate takes both `sslcert` and `sslkey`");
    let swapped = format!("{url}&sslcert={}&sslkey={}", certificate.path().display(), root.path().display());
    let error = refused(&swapped).await;
    assert!(error.is_configuration() && error.to_string().starts_with("the key of `sslkey="), "{error}");
}
