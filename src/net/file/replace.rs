//! Replaces a file in one step: whoever looks sees the old file or the new one, never a part.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes `path` the file that `write` writes.
///
/// The new file is written beside the old one under a name of its own, flushed to the disk, and
/// renamed. If anything fails before that, it is removed and `path` is what it was. A symbolic
/// link stays one: the file it leads to is replaced. Permissions stay.
pub(super) fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let refuse = |kind, reason: &str| Err(io::Error::new(kind, reason));
    if path.file_name().is_none() {
        return refuse(ErrorKind::InvalidInput, "it names no file");
    }
    let permissions = match fs::metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
        Ok(old) if old.is_dir() => return refuse(ErrorKind::IsADirectory, "it is a directory"),
        // A rename would put a file in the place of a device.
        Ok(old) if !old.is_file() => {
            return refuse(ErrorKind::InvalidInput, "it is no regular file");
        }
        // A rename asks for the directory's permission only.
        Ok(old) if old.permissions().readonly() => {
            return refuse(ErrorKind::PermissionDenied, "the file is read-only");
        }
        Ok(old) => Some(old.permissions()),
    };
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };

    let temporary = Temporary::create(directory)?;
    let mut buffered = BufWriter::new(&temporary.file);
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    if let Some(permissions) = permissions {
        temporary.file.set_permissions(permissions)?;
    }
    temporary.file.sync_all()?;
    temporary.rename(&path)?;
    // The new name, too, should outlive a power failure. Where a directory cannot be flushed,
    // the file is complete all the same.
    #[cfg(unix)]
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}

/// A file under a name that nobody else has, removed when dropped.
struct Temporary {
    path: PathBuf,
    file: File,
    renamed: bool,
}

impl Temporary {
    fn create(directory: &Path) -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            // Short, since the longest name that a directory takes must be able to be saved.
            let path = directory.join(format!(".elbo-{}-{number}.tmp", process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    return Ok(Temporary {
                        path,
                        file,
                        renamed: false,
                    });
                }
                // Of a process of the same number, on another machine or killed long ago.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn rename(mut self, path: &Path) -> io::Result<()> {
        fs::rename(&self.path, path)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // There is an error on its way already, and it says more.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of its own for one test.
    fn directory(test: &str) -> PathBuf {
        let directory = std::env::temp_dir().join(format!("elbo-{test}-{}", process::id()));
        fs::create_dir_all(&directory).unwrap();
        directory
    }

    fn names(directory: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> = fs::read_dir(directory).unwrap().map(name).collect();
        names.sort();
        (names.into_iter())
            .map(|name| name.into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let directory = directory("write");
        let path = directory.join("model");
        fs::write(&path, "old").unwrap();
        let error = replace(&path, |file| {
            file.write_all(b"half")?;
            file.flush()?;
            Err(io::Error::other("the disk is full"))
        });
        assert_eq!(error.unwrap_err().to_string(), "the disk is full");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(&directory), ["model"]);
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_failed_rename_leaves_nothing() {
        let directory = directory("rename");
        let path = directory.join("model");
        // Somebody makes a directory of that name in the meantime.
        let error = replace(&path, |_| fs::create_dir(&path));
        assert!(error.is_err());
        assert_eq!(names(&directory), ["model"]);
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_name_that_is_taken_is_passed_over() {
        let directory = directory("taken");
        let first = Temporary::create(&directory).unwrap();
        let (_, number) = first.path.to_str().unwrap().rsplit_once('-').unwrap();
        let number: u64 = number.strip_suffix(".tmp").unwrap().parse().unwrap();
        // Other tests of this process count too: take the next hundred.
        for taken in number + 1..number + 100 {
            let name = format!(".elbo-{}-{taken}.tmp", process::id());
            fs::write(directory.join(name), "of another").unwrap();
        }
        let before = names(&directory).len();
        let second = Temporary::create(&directory).unwrap();
        assert_eq!(names(&directory).len(), before + 1);
        drop((first, second));
        assert_eq!(names(&directory).len(), before - 1);
        fs::remove_dir_all(directory).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let directory = directory("links");
        let (path, link) = (directory.join("model"), directory.join("latest"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&path, &link).unwrap();
        replace(&link, |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        let error = replace(&path, |file| file.write_all(b"newer")).unwrap_err();
        assert_eq!(error.to_string(), "the file is read-only");
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        fs::remove_dir_all(directory).unwrap();
    }
}
