//! The folder of a log: which files it consists of, and how that changes.
//!
//! ```text
//!               1 begin                      2 install                 3 tidy
//!  base 1 ──────────────► base 1 ──────────────────────► base 2 ──────────────► base 2
//!  incr 1                 incr 1, incr 2 (appended to)   incr 2                 incr 2
//!                                                        history: base 1, incr 1
//! ```
//!
//! Each arrow is a new manifest, written beside the old one and renamed over it. Whenever the
//! process or the machine stops, the files that the manifest names hold everything.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::append::AppendFile;
use super::encode::Format;
use super::manifest::Manifest;
use super::snapshot::{SnapshotFile, sync_folder};

/// One file of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    /// Counts up, bases and increments apart.
    pub(super) seq: u64,
}

/// A log's files.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// What all the names begin with.
    name: String,
    manifest: Manifest,
    /// An increment that the manifest does not name before the base to it is there.
    unlisted: Option<Part>,
}

impl Folder {
    /// The log in `dir/folder`, as its manifest says; without one it has no files. A single file
    /// `dir/name`, as Redis before 7.0 wrote it, is moved in to be the base.
    pub(crate) fn open(dir: &Path, folder: &str, name: &str) -> Result<Folder, String> {
        let path = dir.join(folder);
        let mut this =
            Folder { path, name: name.to_owned(), manifest: Manifest::default(), unlisted: None };
        let manifest = this.manifest_path();
        let told = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        match fs::read_to_string(&manifest) {
            Ok(text) => {
                this.manifest = Manifest::parse(&text).map_err(|why| told(&manifest, &why))?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(told(&manifest, &error)),
        }
        this.take_in(&dir.join(name)).map_err(|error| told(&dir.join(name), &error))?;
        this.tidy();
        Ok(this)
    }

    /// Takes in the single file of an older log. The manifest comes first: if nothing comes after
    /// it, it names a file that is still outside.
    fn take_in(&mut self, old: &Path) -> io::Result<()> {
        if self.is_empty() && old.is_file() {
            fs::create_dir_all(&self.path)?;
            let base = Some(Part { name: self.name.clone(), seq: 1 });
            self.write(Manifest { base, ..Manifest::default() })?;
        }
        let is_base = self.manifest.base.as_ref().is_some_and(|base| base.name == self.name);
        let inside = self.path.join(&self.name);
        if is_base && !inside.exists() && old.is_file() {
            fs::rename(old, &inside)?;
            sync_folder(&inside)?;
        }
        Ok(())
    }

    /// Whether there is no log yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.manifest.base.is_none() && self.manifest.increments.is_empty()
    }

    /// The files in the order in which they are to be read.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let parts = self.manifest.base.iter().chain(&self.manifest.increments);
        parts.map(|part| self.path.join(&part.name)).collect()
    }

    /// Bytes of all files together, which is what a rewrite could save.
    pub(crate) fn size(&self) -> u64 {
        let sizes = self.files().into_iter().map(|path| fs::metadata(path).map(|data| data.len()));
        sizes.filter_map(Result::ok).sum()
    }

    /// Bytes of the base alone, of which the rest is growth.
    pub(crate) fn base_size(&self) -> u64 {
        let base = self.manifest.base.as_ref();
        base.and_then(|base| fs::metadata(self.path.join(&base.name)).ok())
            .map_or(0, |data| data.len())
    }

    /// Opens the file that commands are to be appended to; creates it where there is none.
    pub(crate) fn open_last(&mut self) -> io::Result<AppendFile> {
        fs::create_dir_all(&self.path)?;
        match self.manifest.increments.last() {
            Some(last) => AppendFile::open(&self.path.join(&last.name)),
            None => self.begin(true),
        }
    }

    /// Begins a new increment. It is `listed` at once where it follows what there is; not where it
    /// will have a base that is yet to be written.
    pub(crate) fn begin(&mut self, listed: bool) -> io::Result<AppendFile> {
        fs::create_dir_all(&self.path)?;
        let seq = self.manifest.increments.last().map_or(0, |last| last.seq) + 1;
        let part = Part { name: format!("{}.{seq}.incr.aof", self.name), seq };
        let path = self.path.join(&part.name);
        // It may be left over from a run that came no further; then nothing counts on it.
        File::create(&path)?;
        let file = AppendFile::open(&path)?;
        sync_folder(&path)?;
        if listed {
            let mut manifest = self.manifest.clone();
            manifest.increments.push(part);
            self.write(manifest)?;
        } else {
            self.unlisted = Some(part);
        }
        Ok(file)
    }

    /// A new file for a snapshot of this log.
    pub(crate) fn snapshot(&self, format: Format) -> io::Result<SnapshotFile> {
        fs::create_dir_all(&self.path)?;
        // Always the same name: what a killed process leaves is overwritten by the next.
        let name = format!("temp-rewrite.{}", format.suffix());
        SnapshotFile::create(self.path.join(name), format)
    }

    /// A snapshot is complete: from now on it stands for all that came before. It is of the state at
    /// the last increment's beginning and `followed` by that; or it is all there is. How long it is.
    pub(crate) fn install(
        &mut self,
        snapshot: SnapshotFile,
        format: Format,
        followed: bool,
    ) -> io::Result<u64> {
        let seq = self.manifest.base.as_ref().map_or(0, |base| base.seq) + 1;
        let name = format!("{}.{seq}.base.{}", self.name, format.suffix());
        let length = snapshot.finish(&self.path.join(&name))?;
        let mut manifest = self.manifest.clone();
        let increment = match self.unlisted.clone() {
            Some(increment) => Some(increment),
            None if followed => manifest.increments.pop(),
            None => None,
        };
        manifest.history.extend(manifest.base.replace(Part { name, seq }));
        manifest.history.append(&mut manifest.increments);
        manifest.increments.extend(increment);
        self.write(manifest)?;
        self.unlisted = None;
        self.tidy();
        Ok(length)
    }

    /// Removes files that are of no use any more. They do no harm, so a failure does not matter.
    fn tidy(&mut self) {
        if !self.manifest.history.is_empty() {
            for part in &self.manifest.history {
                let _ = fs::remove_file(self.path.join(&part.name));
            }
            let _ = self.write(Manifest { history: Vec::new(), ..self.manifest.clone() });
        }
    }

    /// Makes `manifest` the one that counts.
    fn write(&mut self, manifest: Manifest) -> io::Result<()> {
        let path = self.manifest_path();
        let temporary = self.path.join(format!("temp-{}.manifest", self.name));
        let mut file = File::create(&temporary)?;
        file.write_all(manifest.text().as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, &path)?;
        sync_folder(&path)?;
        self.manifest = manifest;
        Ok(())
    }

    fn manifest_path(&self) -> PathBuf {
        self.path.join(format!("{}.manifest", self.name))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::Format;
    use super::Folder;

    fn open(dir: &Path) -> Folder {
        Folder::open(dir, "logs", "a.aof").expect("a log or none")
    }

    fn names(folder: &Folder) -> Vec<String> {
        let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
        folder.files().iter().map(|path| name(path)).collect()
    }

    fn present(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir.join("logs")).expect("it was made");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.map(|entry| name(entry.expect("an entry"))).collect();
        names.sort();
        names
    }

    #[test]
    fn a_rewrite_replaces_everything_before_it_and_nothing_after() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut folder = open(dir.path());
        assert!(folder.is_empty());
        folder.open_last().expect("created").append(b"old").expect("room");
        folder.begin(true).expect("created").append(b"new").expect("room");
        assert_eq!(names(&open(dir.path())), ["a.aof.1.incr.aof", "a.aof.2.incr.aof"]);
        let mut snapshot = folder.snapshot(Format::Resp).expect("created");
        snapshot.write(b"state").expect("room");
        assert_eq!(folder.install(snapshot, Format::Resp, true).expect("installed"), 5);
        let folder = open(dir.path());
        assert_eq!(names(&folder), ["a.aof.1.base.aof", "a.aof.2.incr.aof"]);
        assert_eq!(folder.size(), 8);
        assert_eq!(present(dir.path()), ["a.aof.1.base.aof", "a.aof.2.incr.aof", "a.aof.manifest"]);
    }

    #[test]
    fn a_log_that_is_turned_on_counts_once_its_base_is_there() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut folder = open(dir.path());
        folder.begin(false).expect("created").append(b"new").expect("room");
        assert!(open(dir.path()).is_empty(), "a crash now leaves no log");
        let snapshot = folder.snapshot(Format::Rdb).expect("created");
        folder.install(snapshot, Format::Rdb, true).expect("installed");
        assert_eq!(names(&open(dir.path())), ["a.aof.1.base.rdb", "a.aof.1.incr.aof"]);
    }

    #[test]
    fn a_snapshot_that_is_not_finished_leaves_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut folder = open(dir.path());
        folder.open_last().expect("created");
        let snapshot = folder.snapshot(Format::Rdb).expect("created");
        assert_eq!(present(dir.path()).len(), 3);
        drop(snapshot);
        assert_eq!(present(dir.path()), ["a.aof.1.incr.aof", "a.aof.manifest"]);
    }

    #[test]
    fn a_single_old_file_becomes_the_base_however_far_the_last_run_came() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("a.aof"), b"old").expect("room");
        assert_eq!(names(&open(dir.path())), ["a.aof"]);
        assert_eq!(fs::read(dir.path().join("logs/a.aof")).expect("moved"), b"old");
        // As if it had stopped between the manifest and the move.
        fs::rename(dir.path().join("logs/a.aof"), dir.path().join("a.aof")).expect("moved back");
        let mut folder = open(dir.path());
        assert_eq!(fs::read(dir.path().join("logs/a.aof")).expect("moved"), b"old");
        folder.open_last().expect("created");
        assert_eq!(names(&open(dir.path())), ["a.aof", "a.aof.1.incr.aof"]);
    }

    #[test]
    fn a_damaged_manifest_is_no_reason_to_begin_anew() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir(dir.path().join("logs")).expect("room");
        fs::write(dir.path().join("logs/a.aof.manifest"), b"file x\n").expect("room");
        let error = Folder::open(dir.path(), "logs", "a.aof").expect_err("damaged");
        assert!(error.contains("a.aof.manifest") && error.contains("line 1"), "{error}");
    }
}
