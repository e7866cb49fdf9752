//! Files: read as a whole, and written as a whole or not at all.
//!
//! A file is written beside the one that it is to replace, brought to the disk, and then renamed, which POSIX and Windows do at once or
//! not at all. So whoever looks at the path, at any time and after any interruption, finds the old file or the new one.

use std::borrow::ToOwned;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::contents::Show;
use super::save::to_sink;
use super::{LoadError, Problem};

/// Lends the bytes of a file.
pub(super) fn read(path: &Path, f: impl FnOnce(&[u8]) -> Result<(), LoadError>) -> Result<(), LoadError> {
    let bytes = fs::read(path).map_err(|error| LoadError::new(Problem::Io(error)));
    bytes.and_then(|bytes| f(&bytes)).map_err(|error| error.at(path))
}

/// Saves a file in the place of the one at a path, whose permissions it takes.
pub(super) fn save<C: Show>(contents: &C, path: &Path) -> io::Result<()> {
    // What a link points to is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let saved = replace(&mut Machine, &target, |file| {
        if let Ok(old) = fs::metadata(&target) {
            file.set_permissions(old.permissions())?;
        }
        write(contents, file)
    });
    saved.map_err(|error| io::Error::new(error.kind(), std::format!("{}: {error}", path.display())))
}

fn write<C: Show>(contents: &C, file: &mut impl Write) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    to_sink(contents, &mut |bytes| file.write_all(bytes))?;
    file.flush()
}

/// What is asked of a disk.
trait Disk {
    type File: Write;

    /// A new file; an error where there is one.
    fn create(&mut self, path: &Path) -> io::Result<Self::File>;
    /// Waits until the file's content is on the disk.
    fn sync(&mut self, file: &mut Self::File) -> io::Result<()>;
    /// Puts one file in the place of another.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Waits until the folder's names are on the disk.
    fn sync_folder(&mut self, folder: &Path) -> io::Result<()>;
    /// Removes what was not finished, if that is possible.
    fn remove(&mut self, path: &Path);
}

fn replace<D: Disk>(disk: &mut D, path: &Path, write: impl FnOnce(&mut D::File) -> io::Result<()>) -> io::Result<()> {
    let (mut file, draft) = draft(disk, path)?;
    let mut saved = write(&mut file).and_then(|()| disk.sync(&mut file));
    drop(file); // Windows renames what is closed
    saved = saved.and_then(|()| disk.rename(&draft, path));
    if saved.is_err() {
        disk.remove(&draft);
    }
    saved.and_then(|()| disk.sync_folder(folder(path)))
}

/// A new file beside the one at `path`, under a name that nobody else has: `.net.safetensors.4711-0.tmp`.
fn draft<D: Disk>(disk: &mut D, path: &Path) -> io::Result<(D::File, PathBuf)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "this is no file's name"))?;
    loop {
        let mut draft = OsString::from(".");
        draft.push(name);
        draft.push(std::format!(".{}-{}.tmp", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        let draft = folder(path).join(draft);
        match disk.create(&draft) {
            // Somebody died over it.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            created => return created.map(|file| (file, draft)),
        }
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The machine's own.
struct Machine;

impl Disk for Machine {
    type File = File;

    fn create(&mut self, path: &Path) -> io::Result<File> {
        File::options().write(true).create_new(true).open(path)
    }

    fn sync(&mut self, file: &mut File) -> io::Result<()> {
        file.sync_all()
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Where folders can be synchronised: elsewhere the system sees to it.
    fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        if !cfg!(unix) {
            return Ok(());
        }
        match File::open(folder)?.sync_all() {
            Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
            synced => synced,
        }
    }

    fn remove(&mut self, path: &Path) {
        let _ = fs::remove_file(path); // the first error is the one to tell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::rc::Rc;
    use std::vec::Vec;

    /// A disk that loses power, or is full, after so many operations. What is not synchronised then may be lost.
    #[derive(Default)]
    struct Flaky {
        /// Every file that was made.
        files: Vec<Rc<RefCell<Content>>>,
        /// What the names stand for now.
        names: BTreeMap<PathBuf, usize>,
        /// What they stood for when the folder was synchronised.
        synced_names: BTreeMap<PathBuf, usize>,
        left: Rc<RefCell<usize>>,
        /// Whether it goes on after the failure, as a full one does.
        recovers: bool,
    }

    #[derive(Default)]
    struct Content {
        bytes: Vec<u8>,
        /// How many of them are on the disk for certain.
        synced: usize,
    }

    struct Written(Rc<RefCell<Content>>, Rc<RefCell<usize>>);

    fn spend(left: &RefCell<usize>) -> io::Result<()> {
        let mut left = left.borrow_mut();
        *left = left.checked_sub(1).ok_or_else(|| io::Error::other("no power"))?;
        Ok(())
    }

    /// One byte is one operation.
    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            spend(&self.1)?;
            self.0.borrow_mut().bytes.extend(&bytes[..1]);
            Ok(1)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Disk for Flaky {
        type File = Written;

        fn create(&mut self, path: &Path) -> io::Result<Written> {
            spend(&self.left)?;
            if self.names.contains_key(path) {
                return Err(ErrorKind::AlreadyExists.into());
            }
            self.names.insert(path.to_owned(), self.files.len());
            self.files.push(Rc::default());
            Ok(Written(self.files.last().unwrap().clone(), self.left.clone()))
        }

        fn sync(&mut self, file: &mut Written) -> io::Result<()> {
            spend(&self.left)?;
            let mut content = file.0.borrow_mut();
            content.synced = content.bytes.len();
            Ok(())
        }

        fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
            spend(&self.left)?;
            let file = self.names.remove(from).unwrap();
            self.names.insert(to.to_owned(), file);
            Ok(())
        }

        fn sync_folder(&mut self, _: &Path) -> io::Result<()> {
            spend(&self.left)?;
            self.synced_names = self.names.clone();
            Ok(())
        }

        fn remove(&mut self, path: &Path) {
            if self.recovers {
                self.names.remove(path);
            }
        }
    }

    impl Flaky {
        /// What may stand at a path when the power is back: by the names then or the ones on the disk, with any part of what was not
        /// synchronised.
        fn found(&self, path: &Path) -> Vec<Vec<u8>> {
            let mut found = Vec::new();
            for names in [&self.names, &self.synced_names] {
                let Content { bytes, synced } = &*self.files[names[path]].borrow();
                found.extend((*synced..=bytes.len()).map(|len| bytes[..len].to_owned()));
            }
            found
        }
    }

    const PATH: &str = "folder/net.safetensors";

    /// A disk with an old file, which fails after so many operations of a save; and how the save went.
    fn interrupted(after: usize, recovers: bool) -> (Flaky, io::Result<()>) {
        let path = Path::new(PATH);
        let mut disk = Flaky { recovers, ..Flaky::default() };
        *disk.left.borrow_mut() = usize::MAX;
        replace(&mut disk, path, |file| file.write_all(b"old")).unwrap();
        *disk.left.borrow_mut() = after;
        let saved = replace(&mut disk, path, |file| file.write_all(b"new file"));
        (disk, saved)
    }

    #[test]
    fn after_an_interruption_there_is_the_old_file_or_the_new_one() {
        let path = Path::new(PATH);
        let mut seen = [0; 2];
        for after in 0.. {
            let (disk, saved) = interrupted(after, false);
            for bytes in disk.found(path) {
                let which = [&b"old"[..], b"new file"].iter().position(|known| *known == bytes);
                seen[which.unwrap_or_else(|| panic!("{bytes:?} after {after} operations"))] += 1;
            }
            if saved.is_ok() {
                assert_eq!(disk.found(path), [b"new file", b"new file"]);
                assert_eq!(after, 12, "create, 8 bytes, sync, rename, sync of the folder");
                break;
            }
        }
        assert!(seen[0] > 10 && seen[1] > 1, "{seen:?}");
    }

    #[test]
    fn a_save_that_fails_leaves_nothing_behind() {
        for after in 0..11 {
            let (disk, saved) = interrupted(after, true);
            assert!(saved.is_err());
            assert_eq!(disk.names.keys().map(|path| path.to_str().unwrap()).collect::<Vec<_>>(), [PATH]);
            assert_eq!(disk.found(Path::new(PATH)), [b"old", b"old"]);
        }
    }
}
