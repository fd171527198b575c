//! Who imports whom within a crate.
//!
//! Read from the syntax tree: `use crate::a::{b, c}`, a path `crate::a::f()` in the middle of
//! an expression or a type, `super::` and `self::` in each of these, and the same within the
//! arguments of macros, which the tree holds as tokens alone. What is compiled for tests
//! alone is left out: a test may look at its module from above.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::source::Source;
use super::tokens::is_for_tests;

/// One mention of an item of the same crate.
#[derive(Clone, Debug)]
pub struct Import {
    /// The module that mentions it.
    pub from: Vec<String>,
    /// The path that it mentions, from the crate's root; it ends in an item, as a rule.
    pub to: Vec<String>,
    /// Where: `path:line`.
    pub place: String,
}

/// The imports of one file.
///
/// # Panics
/// When the source is not Rust.
pub fn of(source: &Source) -> Vec<Import> {
    if source.is_test() {
        return Vec::new();
    }
    let mut reader =
        Reader { path: source.path.clone(), module: source.module(), found: Vec::new() };
    reader.visit_file(&source.parse());
    reader.found
}

struct Reader {
    path: String,
    /// The module that is being read; grows within `mod name { … }`.
    module: Vec<String>,
    found: Vec<Import>,
}

impl Reader {
    /// Notes a path if it begins with `crate`, `self` or `super`.
    fn note(&mut self, segments: &[String], line: usize) {
        let mut rest = segments;
        let mut to = match rest.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("self" | "super") => self.module.clone(),
            _ => return,
        };
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "crate" | "self" => {}
                "super" => {
                    to.pop();
                }
                _ => break,
            }
            rest = others;
        }
        to.extend_from_slice(rest);
        self.found.push(Import {
            from: self.module.clone(),
            to,
            place: format!("{}:{line}", self.path),
        });
    }

    fn read_use(&mut self, tree: &syn::UseTree, before: &[String]) {
        let line = tree.span().start().line;
        let with = |name: &syn::Ident| {
            let mut path = before.to_vec();
            path.push(name.to_string());
            path
        };
        match tree {
            syn::UseTree::Path(part) => self.read_use(&part.tree, &with(&part.ident)),
            syn::UseTree::Name(part) => self.note(&with(&part.ident), line),
            syn::UseTree::Rename(part) => self.note(&with(&part.ident), line),
            syn::UseTree::Glob(_) => self.note(before, line),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.read_use(tree, before);
                }
            }
        }
    }

    /// Finds paths in what is not parsed: identifiers joined by `::`.
    fn read_tokens(&mut self, stream: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut line = 0;
        let (mut colons, mut exported) = (0, false);
        for tree in stream {
            let dollar = matches!(&tree, TokenTree::Punct(mark) if mark.as_char() == '$');
            match tree {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        let complete = std::mem::take(&mut path);
                        self.note(&complete, line);
                        line = name.span().start().line;
                    }
                    // `$crate` is what an exported macro writes into another crate, whose way in is
                    // the root: no import of this one.
                    path.push(if exported { format!("${name}") } else { name.to_string() });
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                other => {
                    let complete = std::mem::take(&mut path);
                    self.note(&complete, line);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.read_tokens(group.stream());
                    }
                }
            }
            exported = dollar;
        }
        self.note(&path, line);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if is_for_tests(&item.attrs) {
            return;
        }
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_for_tests(&item.attrs) {
            self.read_use(&item.tree, &[]);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        // A lone `self` is the value, not the module.
        if segments.len() > 1 {
            self.note(&segments, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {
        // `pub(super)` says who may import; it imports nothing.
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.read_tokens(call.tokens.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let imports = of(&Source::new(path, text));
        imports.iter().map(|import| import.to.join("::")).collect()
    }

    #[test]
    fn every_spelling_of_an_import_is_seen() {
        let text = "
            use crate::a::{b, c::{self, d as e}, f::*};
            pub(super) use super::g;
            use std::fmt;
            fn run(x: crate::h::T) -> Vec<super::i::U> {
                self.field; crate::j::go(); println!(\"{}\", crate::k::l(super::m::N));
            }
            mod inner { use super::super::o; }
        ";
        let expected = [
            "a::b",
            "a::c::self",
            "a::c::d",
            "a::f",
            "net::g",
            "h::T",
            "net::i::U",
            "j::go",
            "k::l",
            "net::m::N",
            "net::o",
        ];
        assert_eq!(found("x/src/net/tcp.rs", text), expected);
    }

    #[test]
    fn what_is_for_tests_alone_is_not_an_import() {
        let text = "
            #[cfg(test)] use crate::a::b;
            #[cfg(test)] mod tests { use crate::c::d; }
            #[cfg(test)] fn fixture() { crate::e::f(); }
            #[cfg(not(test))] use crate::g::h;
        ";
        assert_eq!(found("x/src/y.rs", text), ["g::h"]);
        assert!(found("x/src/y/tests.rs", "use crate::a::b;").is_empty());
    }

    #[test]
    fn a_line_is_told() {
        let imports = of(&Source::new("x/src/y.rs", "\n\nuse crate::a::b;\n"));
        assert_eq!(imports[0].place, "x/src/y.rs:3");
        assert_eq!(imports[0].from, ["y"]);
    }
}
