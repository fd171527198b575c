//! Whether a link leads somewhere.

use std::fs;

use crate::page::Page;

/// `Err` says what to mend. Addresses on the net are not looked up.
pub(crate) fn check(page: &Page<'_>, to: &str) -> Result<(), String> {
    if to.contains("://") {
        return Ok(());
    }
    let (path, anchor) =
        to.split_once('#').map_or((to, None), |(path, anchor)| (path, Some(anchor)));
    let target = page.beside(path);
    if !path.is_empty() && !target.exists() {
        return Err(format!("the link to `{to}` leads nowhere; mend the path"));
    }
    let Some(anchor) = anchor else { return Ok(()) };
    if !path.is_empty() && !path.ends_with(".md") {
        return Err(format!(
            "`{to}` names a place that moves with the code; link to the file alone"
        ));
    }
    let file = if path.is_empty() { page.file } else { &target };
    let text = fs::read_to_string(file).map_err(|error| format!("`{to}`: {error}"))?;
    let anchors = Page::parse(file, &text).anchors;
    if anchors.iter().any(|known| known == anchor) {
        return Ok(());
    }
    Err(format!("the link to `{to}`: there is no such heading; there are #{}", anchors.join(", #")))
}
