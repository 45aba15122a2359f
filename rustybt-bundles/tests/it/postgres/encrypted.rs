//! Encrypted connections, through a proxy that does for the server what the tests' server cannot.

use rustybt_bundles::{Error, Store, StoreOptions};
use tempfile::TempDir;

use super::{day, ingest, shared};
use crate::fixture::name;
use crate::serving::Serving;

fn said(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text += ": ";
        text += &error.to_string();
        source = error.source();
    }
    text
}

#[test]
fn a_server_is_believed_when_its_certificate_is() {
    let Some(server) = shared() else { return };
    let folder = TempDir::new().unwrap();
    let certificate = folder.path().join("authority.pem");
    let socket = server.url.split("host=").nth(1).unwrap();
    let arguments = [socket.as_ref(), certificate.as_os_str()];
    let Some((_proxy, port)) = Serving::start("tls_proxy.py", &arguments) else { return };
    let schema = server.catalog().split("schema=").nth(1).unwrap().to_owned();
    let open = |host: &str, more: &str| -> Result<Store, Error> {
        let url = format!("postgres://postgres@{host}:{port}/postgres?schema={schema}&{more}");
        StoreOptions::new().create(true).catalog(url).open(folder.path())
    };
    let trusted = format!("sslrootcert={}", certificate.display());

    let store = open("localhost", &format!("sslmode=require&{trusted}")).unwrap();
    assert_eq!(ingest(&store, "us", &day(5), "2020-02-03T00:00Z").unwrap(), 1);
    let again = open("localhost", &format!("sslmode=verify-full&{trusted}")).unwrap();
    assert_eq!(again.versions(&name("us")).unwrap().len(), 1);

    for (host, more, why) in [
        ("localhost", "sslmode=require".to_owned(), "certificate"),
        ("127.0.0.1", format!("sslmode=require&{trusted}"), "certificate"),
        ("localhost", "sslmode=require&sslrootcert=/nonexistent".to_owned(), "/nonexistent"),
    ] {
        let error = open(host, &more).unwrap_err();
        assert!(said(&error).contains(why), "{more}: {}", said(&error));
    }
    // One that does not encrypt is not spoken to.
    let plain = format!("{}&sslmode=require&{trusted}", server.catalog());
    assert!(StoreOptions::new().catalog(plain).open(folder.path()).is_err());
}
