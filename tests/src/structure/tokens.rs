//! Where a sequence of tokens stands in a file.
//!
//! Searching text would find comments and strings too; here `unsafe` is the keyword, and
//! `Instant::now` is found however it is spaced. `cfg(feature = "x")` is tokens like others.

use std::ops::RangeInclusive;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::source::Source;

/// One token: its text, and the line where it stands.
struct Token {
    text: String,
    line: usize,
}

/// The lines at which `sequence` begins, code for tests included.
///
/// # Panics
/// When the source is not Rust.
pub fn lines_with(source: &Source, sequence: &str) -> Vec<usize> {
    let tokens = flatten_text(source, &source.text);
    let wanted = flatten_text(source, sequence);
    tokens
        .windows(wanted.len())
        .filter(|window| {
            let mut pairs = window.iter().zip(&wanted);
            pairs.all(|(token, wanted)| token.text == wanted.text)
        })
        .map(|window| window[0].line)
        .collect()
}

/// As [`lines_with`], without what is compiled for tests alone.
///
/// # Panics
/// When the source is not Rust.
pub fn lines_with_outside_tests(source: &Source, sequence: &str) -> Vec<usize> {
    if source.is_test() {
        return Vec::new();
    }
    let tests = test_lines(&source.parse());
    let mut lines = lines_with(source, sequence);
    lines.retain(|line| !tests.iter().any(|range| range.contains(line)));
    lines
}

/// Whether attributes hold `#[cfg(test)]`.
pub fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|argument| argument == "test")
    })
}

/// The lines of the items that are compiled for tests alone.
fn test_lines(file: &syn::File) -> Vec<RangeInclusive<usize>> {
    struct Finder(Vec<RangeInclusive<usize>>);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_item(&mut self, item: &'ast syn::Item) {
            let attributes = match item {
                syn::Item::Fn(item) => &item.attrs,
                syn::Item::Impl(item) => &item.attrs,
                syn::Item::Mod(item) => &item.attrs,
                syn::Item::Struct(item) => &item.attrs,
                syn::Item::Use(item) => &item.attrs,
                _ => return visit::visit_item(self, item),
            };
            if is_for_tests(attributes) {
                let span = item.span();
                self.0.push(span.start().line..=span.end().line);
            } else {
                visit::visit_item(self, item);
            }
        }
        fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
            if is_for_tests(&item.attrs) {
                let span = item.span();
                self.0.push(span.start().line..=span.end().line);
            }
        }
    }
    let mut finder = Finder(Vec::new());
    finder.visit_file(file);
    finder.0
}

fn flatten_text(source: &Source, text: &str) -> Vec<Token> {
    let stream: TokenStream =
        text.parse().unwrap_or_else(|error| panic!("{} is not Rust: {error}", source.path));
    let mut tokens = Vec::new();
    flatten(stream, &mut tokens);
    tokens
}

/// Groups become their contents between two brackets, so that a sequence may cross them.
fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Group(group) => {
                tokens.push(Token { text: "(".to_owned(), line });
                flatten(group.stream(), tokens);
                tokens.push(Token { text: ")".to_owned(), line: group.span_close().start().line });
            }
            other => tokens.push(Token { text: other.to_string(), line }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"
        //! unsafe in a comment
        #![forbid(unsafe_code)]
        fn f() { let s = "unsafe"; unsafe { g() } }
        fn now() { std::time::Instant :: now(); }
        #[cfg(all(unix, feature = "tokio"))]
        fn h() {}
        #[cfg(test)]
        mod tests { fn t() { Instant::now(); } }
        impl S {
            #[cfg(test)]
            fn only_in_tests() { Instant::now(); }
        }
    "#;

    #[test]
    fn tokens_are_found_and_comments_and_strings_are_not() {
        let source = Source::new("x/src/a.rs", SAMPLE);
        assert_eq!(lines_with(&source, "unsafe"), [4]);
        assert_eq!(lines_with(&source, "feature = \"tokio\""), [6]);
        assert!(lines_with(&source, "feature = \"other\"").is_empty());
    }

    #[test]
    fn code_for_tests_is_left_out_where_asked() {
        let source = Source::new("x/src/a.rs", SAMPLE);
        assert_eq!(lines_with(&source, "Instant::now"), [5, 9, 12]);
        assert_eq!(lines_with_outside_tests(&source, "Instant::now"), [5]);
    }
}
