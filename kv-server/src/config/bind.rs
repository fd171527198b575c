//! Where to listen: `bind` names addresses, `port` the port of all of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::Config;

/// A further address to listen at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extra {
    /// The address; its port is that of the first.
    pub ip: IpAddr,
    /// This machine may do without it, as with `-::1` where there is no IPv6.
    pub optional: bool,
}

/// The addresses as `bind` takes them.
pub(super) fn get(config: &Config) -> String {
    let mut text = config.bind.ip().to_string();
    for Extra { ip, optional } in &config.bind_also {
        text.push_str(if *optional { " -" } else { " " });
        text.push_str(&ip.to_string());
    }
    text
}

/// `ADDR`, `ADDR:PORT`, or several addresses. `*` is every one of IPv4, `::*` every one of IPv6.
pub(super) fn set(config: &mut Config, text: &str) -> Result<(), String> {
    let mut words = text.split_ascii_whitespace();
    let first = words.next().ok_or("argument must be an address, as 127.0.0.1 or ::1")?;
    let first = first.strip_prefix('-').unwrap_or(first);
    let address = match first.parse::<SocketAddr>() {
        Ok(address) => address,
        Err(_) => SocketAddr::new(ip(first)?, config.bind.port()),
    };
    let extra = |word: &str| {
        let (optional, word) = match word.strip_prefix('-') {
            Some(word) => (true, word),
            None => (false, word),
        };
        Ok(Extra { ip: ip(word)?, optional })
    };
    config.bind_also = words.map(extra).collect::<Result<Vec<Extra>, String>>()?;
    config.bind = address;
    Ok(())
}

fn ip(word: &str) -> Result<IpAddr, String> {
    match word {
        "*" => Ok(Ipv4Addr::UNSPECIFIED.into()),
        "::*" => Ok(Ipv6Addr::UNSPECIFIED.into()),
        _ => word.parse().map_err(|_| format!("{word:?} is no address as 127.0.0.1 or ::1")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, get, set};

    fn bound(texts: &[&str]) -> Result<String, String> {
        let mut config = Config::default();
        for text in texts {
            set(&mut config, text)?;
        }
        Ok(format!("{} {}", config.bind, get(&config)))
    }

    #[test]
    fn addresses_come_alone_with_a_port_or_several() {
        assert_eq!(bound(&["::1"]).as_deref(), Ok("[::1]:6379 ::1"));
        assert_eq!(bound(&["127.0.0.2:1", "127.0.0.3"]).as_deref(), Ok("127.0.0.3:1 127.0.0.3"));
        assert_eq!(bound(&["127.0.0.1 -::1"]).as_deref(), Ok("127.0.0.1:6379 127.0.0.1 -::1"));
        assert_eq!(bound(&["* -::*"]).as_deref(), Ok("0.0.0.0:6379 0.0.0.0 -::"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "6379", "nowhere", "127.0.0.1 127.0.0.1:5", "127.0.0.1:x"] {
            assert!(bound(&[text]).is_err(), "{text}");
        }
    }
}
