//! What a request has to do, asked of every version.

use std::mem;

use super::memory::Memory;
use super::{Request, v1_address, v2_index, v3_boxed, v4_pinned};

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It holds.
    Ok,
    /// The key was read out of another request.
    Others,
    /// The key lies where nobody is any more.
    Nowhere,
}

/// A version, and what it makes of each of the claims.
pub struct Version {
    /// Its name in the book.
    pub name: &'static str,
    /// What it does, claim by claim.
    pub tried: fn() -> [Outcome; CLAIMS.len()],
    /// What is known of it.
    pub outcomes: [Outcome; CLAIMS.len()],
}

/// All claims, in words.
pub const CLAIMS: [&str; 4] = [
    "finds its key",
    "… and after a move, before it has looked",
    "… and after two of them changed places",
    "… and after it was put into a box",
];

/// All versions.
pub const VERSIONS: [Version; 4] = {
    use Outcome::{Nowhere, Ok, Others};
    [
        version::<v1_address::Request>("v1_address", [Ok, Ok, Others, Nowhere]),
        version::<v2_index::Request>("v2_index", [Ok; 4]),
        version::<v3_boxed::Request>("v3_boxed", [Ok; 4]),
        version::<v4_pinned::Request>("v4_pinned", [Ok; 4]),
    ]
};

const fn version<R: Request>(name: &'static str, outcomes: [Outcome; 4]) -> Version {
    Version { name, tried: tried::<R>, outcomes }
}

fn tried<R: Request>() -> [Outcome; CLAIMS.len()] {
    [finds_its_key::<R>(), moved_before::<R>(), changed_places::<R>(), put_into_a_box::<R>()]
}

/// What one finds at the request's key, if one knows it and `other`.
fn outcome<R: Request>(request: &R, key: &str, other: &R) -> Outcome {
    let memory = Memory::new().with("own", request.text()).with("other", other.text());
    match memory.look_up(request.key()) {
        Some(("own", found)) if found == key => Outcome::Ok,
        Some(_) => Outcome::Others,
        None => Outcome::Nowhere,
    }
}

fn finds_its_key<R: Request>() -> Outcome {
    let (mut request, other) = (R::new("DEL size"), R::new("GET colour"));
    request.find_key();
    outcome(&request, "size", &other)
}

fn moved_before<R: Request>() -> Outcome {
    let (mut one, mut two) = (R::new("DEL size"), R::new("GET colour"));
    mem::swap(&mut one, &mut two);
    two.find_key();
    outcome(&two, "size", &one)
}

fn changed_places<R: Request>() -> Outcome {
    let (mut one, mut two) = (R::new("DEL size"), R::new("GET colour"));
    one.find_key();
    two.find_key();
    mem::swap(&mut one, &mut two);
    outcome(&two, "size", &one)
}

fn put_into_a_box<R: Request>() -> Outcome {
    let (mut request, other) = (R::new("DEL size"), R::new("GET colour"));
    request.find_key();
    let request = Box::new(request);
    outcome(&*request, "size", &other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_does_what_the_book_says_of_it() {
        for version in &VERSIONS {
            assert_eq!((version.tried)(), version.outcomes, "{}", version.name);
        }
    }

    #[test]
    fn only_the_one_that_points_into_itself_and_moves_is_wrong() {
        let wrong = VERSIONS.iter().filter(|version| version.outcomes != [Outcome::Ok; 4]);
        let names: Vec<&str> = wrong.map(|version| version.name).collect();
        assert_eq!(names, ["v1_address"]);
    }
}
