//! Telnet's own commands, which telnet programs put between the bytes that are typed: each begins
//! with the byte 255, called IAC. They are left out; nothing is negotiated, as lines need nothing.
//!
//! ```text
//!            IAC               WILL WONT DO DONT            any
//!   Data ──────────► Command ───────────────────► Option ────────► Data
//!    ▲                │  │ SB                IAC
//!    │ any, IAC = 255 │  └───► Negotiation ◄──────────► Escape
//!    └────────────────┘                                    │ SE
//!    ▲─────────────────────────────────────────────────────┘
//! ```
//!
//! RFC 854, <https://www.rfc-editor.org/rfc/rfc854>.

/// The byte that begins a command.
pub(super) const IAC: u8 = 255;
const SB: u8 = 250;
const SE: u8 = 240;

/// Where in a command the stream is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Telnet {
    /// In none.
    #[default]
    Data,
    Command,
    Option,
    Negotiation,
    Escape,
}

impl Telnet {
    /// Takes the next byte, which is the first of a command or within one. Whether the byte 255 is
    /// meant.
    pub(super) fn advance(&mut self, byte: u8) -> bool {
        let before = *self;
        *self = match (before, byte) {
            (Telnet::Data, IAC) => Telnet::Command,
            (Telnet::Command, SB) => Telnet::Negotiation,
            (Telnet::Command, 251..=254) => Telnet::Option,
            (Telnet::Data | Telnet::Command | Telnet::Option, _) | (Telnet::Escape, SE) => {
                Telnet::Data
            }
            (Telnet::Negotiation, IAC) => Telnet::Escape,
            (Telnet::Negotiation | Telnet::Escape, _) => Telnet::Negotiation,
        };
        before == Telnet::Command && byte == IAC
    }
}
