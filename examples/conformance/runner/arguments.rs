//! Arguments of the command line.

use std::path::PathBuf;

/// Folder to run, and the provider where the folder's name is not the provider's.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    /// Folder of vectors.
    pub dir: PathBuf,
    /// Name after `--provider`.
    pub provider: Option<String>,
}

impl Arguments {
    /// Reads the arguments behind the program's name; `None` for others than those of the usage line.
    pub fn read(mut given: impl Iterator<Item = String>) -> Option<Self> {
        let (mut dir, mut provider) = (None, None);
        while let Some(argument) = given.next() {
            match argument.as_str() {
                "--provider" if provider.is_none() => provider = Some(given.next()?),
                option if option.starts_with("--") => return None,
                path if dir.is_none() => dir = Some(PathBuf::from(path)),
                _ => return None,
            }
        }
        Some(Self { dir: dir?, provider })
    }
}
