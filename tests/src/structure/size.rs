//! How long files and functions are.
//!
//! A file that one can hold in one's head and a function that fits a screen are the promise;
//! the limits here are where it is plainly broken. A function that must be long says why,
//! in a comment that contains "Long because".

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::source::Source;

/// No file is longer than this many lines.
pub const FILE_LIMIT: usize = 400;

/// No function is longer than this many lines without a reason.
pub const FUNCTION_LIMIT: usize = 60;

/// The words that a reason begins with.
const REASON: &str = "Long because";

/// What in a file is too long.
///
/// # Panics
/// When the source is not Rust.
pub fn violations(source: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines = source.text.lines().count();
    if lines > FILE_LIMIT {
        let path = &source.path;
        wrong.push(format!("{path}: {lines} lines, more than {FILE_LIMIT}"));
    }
    let mut measure = Measure { source, wrong: &mut wrong };
    measure.visit_file(&source.parse());
    wrong
}

struct Measure<'a> {
    source: &'a Source,
    wrong: &'a mut Vec<String>,
}

impl Measure<'_> {
    /// `whole` begins with the attributes and the documentation, `signature` after them.
    fn measure(&mut self, whole: &impl Spanned, signature: &syn::Signature) {
        let begin = signature.span().start().line;
        let end = whole.span().end().line;
        let length = end - begin + 1;
        if length > FUNCTION_LIMIT && !self.has_reason(whole.span().start().line, end) {
            let (path, name) = (&self.source.path, &signature.ident);
            self.wrong.push(format!(
                "{path}:{begin}: `{name}` has {length} lines, more than {FUNCTION_LIMIT}, and no \
                 comment with \"{REASON}\""
            ));
        }
    }

    /// Looks at the function itself and at the plain comments right above it, which the
    /// syntax tree does not hold.
    fn has_reason(&self, first: usize, last: usize) -> bool {
        let lines: Vec<&str> = self.source.text.lines().collect();
        let above =
            lines[..first - 1].iter().rev().take_while(|line| line.trim_start().starts_with("//"));
        above
            .chain(&lines[first - 1..last])
            .any(|line| line.contains("//") && line.contains(REASON))
    }
}

impl<'ast> Visit<'ast> for Measure<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.measure(item, &item.sig);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.measure(item, &item.sig);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.measure(item, &item.sig);
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, lines: usize, within: &str) -> Vec<String> {
        let body = "    work();\n".repeat(lines - 2);
        let text = format!("struct S;\n\n{before}fn long() {{\n{within}{body}}}\n");
        violations(&Source::new("x/src/y.rs", &text))
    }

    #[test]
    fn a_function_of_61_lines_needs_a_reason() {
        assert!(check("", 60, "").is_empty());
        let wrong = check("", 61, "");
        assert_eq!(wrong.len(), 1);
        assert!(wrong[0].starts_with("x/src/y.rs:3: `long` has 61 lines"), "{wrong:?}");
    }

    #[test]
    fn documentation_does_not_count_and_may_hold_the_reason() {
        let documented = format!("{}#[inline]\n", "/// Words.\n".repeat(30));
        assert!(check(&documented, 60, "").is_empty());
        assert!(check("/// Long because it is a table.\n", 70, "").is_empty());
        assert!(check("// Long because it is a table.\n", 70, "").is_empty());
        assert!(check("", 70, "    // Long because it is a table.\n").is_empty());
        assert_eq!(check("/// Words.\n", 70, "").len(), 1);
    }

    #[test]
    fn methods_are_measured_too() {
        let body = "    work();\n".repeat(60);
        let text =
            format!("impl S {{ fn long(&self) {{\n{body}}} }}\ntrait T {{ fn t() {{\n{body}}} }}");
        assert_eq!(violations(&Source::new("x/src/y.rs", &text)).len(), 2);
    }

    #[test]
    fn a_file_of_401_lines_is_too_long() {
        let text = "struct S;\n".repeat(401);
        assert_eq!(violations(&Source::new("x/src/y.rs", &text)).len(), 1);
        let text = "struct S;\n".repeat(400);
        assert!(violations(&Source::new("x/src/y.rs", &text)).is_empty());
    }
}
