//! The user's own calendars: every `.toml` file of a folder is a calendar, one that extends another, or an
//! overlay.

use std::path::Path;

use rustybt_calendars::register_files;

use crate::error::Error;
use crate::settings::Settings;

/// Makes the calendars of the folder known that the settings name, or of `calendars` in the data folder.
pub(crate) fn load(settings: &Settings) -> Result<(), Error> {
    if let Some(folder) = &settings.calendars.value {
        return load_folder(folder);
    }
    let folder = settings.data_dir.value.join("calendars");
    if folder.is_dir() { load_folder(&folder) } else { Ok(()) }
}

fn load_folder(folder: &Path) -> Result<(), Error> {
    let refused = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { action: "read the calendars of", path, source }
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(refused(folder))? {
        let path = entry.map_err(refused(folder))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(refused(&path))?;
        files.push((path.display().to_string(), text));
    }
    register_files(files)?;
    Ok(())
}
