//! `cargo run -p book -- …`: what the chapters need now and then.

use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use book::{Book, Depth, coverage, outside, stage};

const USAGE: &str = "\
usage: cargo run -p book -- COMMAND
  check          holds the chapters against the code, and runs their examples and transcripts
  bless          rewrites the quotes, transcripts and pictures that have drifted
  stage N DIR    lays out the workspace as it stands after chapter N
  coverage       says how much of reactor and executor the chapters quote
  outside        reads a book from mdBook, and mends its links to the code";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Whether all is well.
fn run(arguments: &[&str]) -> io::Result<bool> {
    let book = Book::ours();
    match arguments {
        ["check"] => return check(&book),
        ["bless"] => {
            bless(&book)?;
            return check(&book);
        }
        ["coverage"] => {
            let quoted = book.check(Depth::Words)?.quoted;
            let reasons = fs::read_to_string(book.root.join("book/coverage.toml"))?;
            println!("{}", coverage::measure(&book.root, &quoted, &reasons)?);
        }
        ["outside"] => println!("{}", outside::preprocess(io::stdin())?),
        // mdBook asks first whether we mean this kind of output.
        ["outside", "supports", kind] => return Ok(*kind == "html"),
        ["stage", chapter, folder] => {
            let number = chapter.parse().map_err(|_| {
                io::Error::other(format!("`{chapter}` is no chapter; give its number"))
            })?;
            stage::lay_out(&book.root, number, Path::new(folder))?;
            println!("after chapter {chapter}: {folder}; there, `cargo test`");
        }
        _ => return Err(io::Error::other(USAGE)),
    }
    Ok(true)
}

fn check(book: &Book) -> io::Result<bool> {
    let report = book.check(Depth::Runs)?;
    println!("{report}");
    for problem in &report.problems {
        eprintln!("{problem}");
    }
    Ok(report.problems.is_empty())
}

fn bless(book: &Book) -> io::Result<()> {
    let pictures = listings::pictures();
    for picture in &pictures {
        fs::write(book.chapters.join("img").join(picture.name()), picture.svg())?;
    }
    for file in book.files()? {
        let mut text = fs::read_to_string(&file)?;
        for picture in &pictures {
            let begin = format!("(img/{})\n\n", picture.name());
            let Some(begin) = text.find(&begin).map(|place| place + begin.len()) else { continue };
            let Some(length) = text[begin..].find("</div>") else { continue };
            text.replace_range(begin..begin + length, &(picture.list() + "\n"));
        }
        fs::write(&file, text)?;
    }
    for (file, blocks) in book.bless()? {
        let file = file.display();
        println!("{file}: {blocks} blocks rewritten; read them, and what is said of them");
    }
    Ok(())
}
