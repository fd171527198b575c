//! The steps from one set of the log's files to the next, and the last step of all.

use std::future::poll_fn;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use super::super::snapshots::{self, describe, locked};
use super::{Writer, let_go};
use crate::config::{Durability, SyncPolicy};
use crate::log::{AppendFile, Folder};
use crate::persistence::Job;
use crate::rt;

impl Writer {
    /// 5: The log begins a new file; a snapshot of this very moment is to stand for the older ones.
    pub(super) async fn rewrite(&mut self) {
        let settings = self.settings();
        if self.folder.is_none() {
            return self.rewrite_without_log(&settings).await;
        }
        let (group, place, job) = self.with(|state| {
            let group = (state.journal.take(), state.journal.end());
            state.journal.begin_file();
            (group.0, group.1, snapshots::begin_rewrite(state, false))
        });
        if !group.is_empty() {
            self.write(group, place).await;
        }
        let Some(folder) = self.folder.clone() else { return };
        // The old file is complete. Under `always` the new one must not be ahead of it.
        let at_once = self.with(|state| state.config.durability.sync == SyncPolicy::Always);
        self.begin_sync();
        if at_once {
            self.end_sync().await;
        }
        let work = rt::spawn_blocking(move || locked(&folder).begin(true));
        match work.await.and_then(|next| next) {
            Ok(next) if self.file.is_some() => {
                self.file = Some(next);
                self.with(|state| state.persistence.replaced_size = state.persistence.log_size);
                let folder = self.folder.clone();
                rt::spawn(job.run(Rc::clone(&self.shared), folder, true));
            }
            Ok(_) => {}
            Err(error) => self.with(|state| job.give_up(state, &describe(&error))),
        }
    }

    /// A log that is turned off can be rewritten too: what is on the disk is then as of now.
    async fn rewrite_without_log(&mut self, settings: &Durability) {
        let job = self.with(|state| snapshots::begin_rewrite(state, false));
        let opened = open(settings.clone(), false).await;
        match opened {
            Ok((folder, _)) => {
                let folder = Some(Arc::new(Mutex::new(folder)));
                rt::spawn(job.run(Rc::clone(&self.shared), folder, false));
            }
            Err(why) => self.with(|state| job.give_up(state, &why)),
        }
    }

    /// The log begins while the server runs: a new file, and a snapshot that it follows.
    pub(super) async fn turn_on(&mut self) {
        match open(self.settings(), true).await {
            Ok((folder, file)) => {
                let folder = Arc::new(Mutex::new(folder));
                self.folder = Some(Arc::clone(&folder));
                self.file = file;
                let job = self.with(|state| {
                    state.journal.keep(true);
                    state.persistence.log_size = 0;
                    snapshots::begin_rewrite(state, true)
                });
                rt::spawn(job.run(Rc::clone(&self.shared), Some(folder), true));
            }
            Err(why) => {
                tracing::warn!("the log cannot be begun: {why}");
                self.with(|state| state.config.durability.append_only = false);
            }
        }
    }

    /// No log is wanted any more.
    pub(super) async fn turn_off(&mut self) {
        self.write_group().await;
        self.sync().await;
        self.file = None;
        self.folder = None;
        self.with(|state| {
            state.journal.keep(false);
            let_go(state);
            if state.persistence.running == Some(Job::Rewrite) {
                state.databases.end_snapshot();
            }
        });
    }

    /// All clients are gone: nothing more will be written.
    pub(super) async fn end(&mut self) {
        // A snapshot that is not complete by now is given up; its task sees that, and ends.
        self.with(|state| state.databases.end_snapshot());
        poll_fn(|context| {
            let persistence = &mut self.shared.state.borrow_mut().persistence;
            persistence.waker = Some(context.waker().clone());
            if persistence.running.is_none() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        if self.file.is_some() {
            self.sync().await;
        }
        let (wanted, changed) = self.with(|state| {
            let by_itself = !state.config.durability.save.is_empty();
            let wanted = state.persistence.wanted.last_save.unwrap_or(by_itself);
            (wanted, state.persistence.unsaved(state.databases.dirty) > 0)
        });
        if wanted && changed {
            let save = self.with(snapshots::begin_save);
            save.run(Rc::clone(&self.shared)).await;
            self.with(|state| {
                if !state.persistence.save.succeeded {
                    let text = "the last snapshot cannot be written".to_owned();
                    state.persistence.fatal.get_or_insert(text);
                }
            });
        }
    }
}

/// Opens the log's folder, and perhaps begins a file for a log whose base is yet to come.
async fn open(settings: Durability, begin: bool) -> Result<(Folder, Option<AppendFile>), String> {
    let work = rt::spawn_blocking(move || {
        let mut folder =
            Folder::open(&settings.dir, &settings.append_folder, &settings.append_file)?;
        let file = begin.then(|| folder.begin(false)).transpose();
        file.map(|file| (folder, file)).map_err(|error| describe(&error))
    });
    work.await.unwrap_or_else(|error| Err(error.to_string()))
}
