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
    let done = match arguments[..] {
        ["check"] => check(),
        ["bless"] => bless(),
        ["coverage"] => measure(),
        ["outside"] => mend_links(),
        // mdBook asks first whether we mean this kind of output.
        ["outside", "supports", kind] => {
            Ok(if kind == "html" { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        ["stage", chapter, folder] => match chapter.parse() {
            Ok(chapter) => lay_out(chapter, Path::new(folder)),
            Err(_) => Err(io::Error::other(format!("`{chapter}` is no chapter; give its number"))),
        },
        _ => Err(io::Error::other(USAGE)),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn check() -> io::Result<ExitCode> {
    let report = Book::ours().check(Depth::Runs)?;
    println!("{report}");
    for problem in &report.problems {
        eprintln!("{problem}");
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn bless() -> io::Result<ExitCode> {
    let book = Book::ours();
    for picture in listings::pictures() {
        fs::write(book.chapters.join("img").join(picture.name()), picture.svg())?;
    }
    for file in book.files()? {
        let mut text = fs::read_to_string(&file)?;
        for picture in listings::pictures() {
            let begin = format!("(img/{})\n\n", picture.name());
            let Some(begin) = text.find(&begin).map(|place| place + begin.len()) else { continue };
            let Some(length) = text[begin..].find("</div>") else { continue };
            text.replace_range(begin..begin + length, &(picture.list() + "\n"));
        }
        fs::write(&file, text)?;
    }
    for (file, blocks) in book.bless()? {
        println!(
            "{}: {blocks} blocks rewritten; read them, and what is said of them",
            file.display()
        );
    }
    check()
}

fn measure() -> io::Result<ExitCode> {
    let book = Book::ours();
    let report = book.check(Depth::Words)?;
    let reasons = fs::read_to_string(book.root.join("book/coverage.toml"))?;
    println!("{}", coverage::measure(&book.root, &report.quoted, &reasons)?);
    Ok(ExitCode::SUCCESS)
}

fn mend_links() -> io::Result<ExitCode> {
    println!("{}", outside::preprocess(io::stdin())?);
    Ok(ExitCode::SUCCESS)
}

fn lay_out(chapter: i64, folder: &Path) -> io::Result<ExitCode> {
    stage::lay_out(&Book::ours().root, chapter, folder)?;
    println!("after chapter {chapter}: {}; there, `cargo test`", folder.display());
    Ok(ExitCode::SUCCESS)
}
