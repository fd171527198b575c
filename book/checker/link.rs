//! Whether a link leads somewhere.

use std::fs;
use std::path::Path;

use crate::page::Page;

/// `Err` says what to mend. Addresses on the net are not looked up.
pub(crate) fn check(page: &Page<'_>, to: &str) -> Result<(), String> {
    if to.contains("://") {
        return Ok(());
    }
    let (path, anchor) =
        to.split_once('#').map_or((to, None), |(path, anchor)| (path, Some(anchor)));
    let target = page.file.parent().unwrap_or(Path::new("")).join(path);
    if !path.is_empty() && !target.exists() {
        return Err(format!("the link to `{to}` leads nowhere; mend the path"));
    }
    let Some(anchor) = anchor else { return Ok(()) };
    if path.is_empty() {
        return known(&page.anchors, to, anchor);
    }
    if !path.ends_with(".md") {
        return Err(format!(
            "`{to}` names a place that moves with the code; link to the file alone"
        ));
    }
    let text = fs::read_to_string(&target).map_err(|error| format!("`{path}`: {error}"))?;
    known(&Page::parse(&target, &text).anchors, to, anchor)
}

fn known(anchors: &[String], to: &str, anchor: &str) -> Result<(), String> {
    if anchors.iter().any(|known| known == anchor) {
        return Ok(());
    }
    let known: Vec<String> = anchors.iter().map(|anchor| format!("#{anchor}")).collect();
    Err(format!("the link to `{to}`: there is no such heading; there are {}", known.join(", ")))
}
