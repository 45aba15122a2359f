//! A server that speaks S3, on this machine, for the tests.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustybt_bundles::StoreOptions;
use rustybt_bundles::vfs::ObjectFs;

use crate::serving::Serving;

pub(crate) struct Server {
    endpoint: String,
    _serving: Serving,
}

impl Server {
    /// What the environment would say of it.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }
}

impl Server {
    /// A new prefix in the bucket, for the store at a folder.
    pub(crate) fn place(&self, folder: &Path) -> StoreOptions {
        let url = format!("s3://market/{}", uuid::Uuid::new_v4());
        let vfs = ObjectFs::new(&url, folder, self.variables()).unwrap();
        StoreOptions::new().vfs(Arc::new(vfs))
    }
}

/// The server, with an empty bucket `market`; says `skipped: …` where there is none.
pub(crate) fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let (serving, endpoint) = Serving::start("s3_server.py", &[])?;
        Some(Server { endpoint, _serving: serving })
    });
    if server.is_none() {
        println!("skipped: there is no server that speaks S3");
    }
    server.as_ref()
}
