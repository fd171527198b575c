"""What applications do with redis-py, done to the server at the port given as argument.

Each scenario is a function; it gets a function that makes connections of one protocol version,
begins on an empty server, and asserts. One that fails prints its traceback and ends the run.
"""

import asyncio
import socket
import sys
import threading
import time

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

PATIENCE = 20.0


def values_of_all_kinds(connect):
    client = connect(decode_responses=True)
    assert client.ping() is True
    assert client.echo("h\u00e9llo") == "h\u00e9llo"
    assert client.set("key", "value") is True
    assert client.get("key") == "value"
    assert client.get("missing") is None
    assert client.set("key", "other", nx=True) is None
    assert client.set("key", "other", xx=True, get=True) == "value"
    assert client.mset({"a": 1, "b": 2}) is True
    assert client.mget("a", "b", "missing") == ["1", "2", None]
    assert client.msetnx({"a": 1, "new": 2}) in (0, False)
    assert client.incr("a", 41) == 42
    assert client.decr("a") == 41
    assert client.append("key", "!") == 6
    assert client.strlen("key") == 6
    assert client.getset("key", "x") == "other!"
    assert client.getdel("key") == "x"
    assert client.exists("key", "a", "a") == 2
    assert client.delete("a", "b", "missing") == 2
    assert client.type("missing") == "none"
    assert sorted(client.keys("*")) == []
    raw = connect()
    everything = bytes(range(256))
    assert raw.set(everything, everything)
    assert raw.get(everything) == everything
    assert raw.dbsize() == 1
    assert raw.flushdb() is True
    assert raw.dbsize() == 0


def times(connect):
    client = connect(decode_responses=True)
    assert client.set("key", "value", ex=100)
    assert 99 <= client.ttl("key") <= 100
    assert 99_000 <= client.pttl("key") <= 100_000
    assert client.persist("key")
    assert client.ttl("key") == -1
    assert client.ttl("missing") == -2
    assert client.expire("key", 100, nx=True)
    assert not client.expire("key", 50, gt=True)
    assert client.expireat("key", 4_000_000_000)
    assert client.expiretime("key") == 4_000_000_000
    assert client.getex("key", persist=True) == "value"
    assert client.ttl("key") == -1
    assert client.set("brief", "x", px=1)
    wait_until(lambda: client.get("brief") is None, "a key to expire")
    seconds, microseconds = client.time()
    assert seconds > 1_600_000_000 and 0 <= microseconds < 1_000_000


def errors_have_their_classes(connect):
    client = connect(decode_responses=True)
    client.set("text", "value")
    for call, message in [
        (lambda: client.incr("text"), "not an integer"),
        (lambda: client.execute_command("NONSENSE", 1), "unknown command"),
        (lambda: client.execute_command("GET"), "wrong number of arguments"),
        (lambda: client.set("key", "value", ex=0), "invalid expire time"),
        (lambda: client.execute_command("SET", "a", "b", "c"), "syntax error"),
    ]:
        try:
            answer = call()
        except redis.ResponseError as error:
            assert message in str(error), error
        else:
            raise AssertionError(f"{message}: no error but {answer!r}")
        assert client.get("text") == "value", "the connection goes on after an error"
    try:
        connect(username="nobody", password="wrong", retry=Retry(NoBackoff(), 0)).ping()
    except redis.AuthenticationError:
        pass
    else:
        raise AssertionError("a user whom nobody knows is let in")


def pipelines(connect):
    client = connect(decode_responses=True)
    with client.pipeline(transaction=False) as pipe:
        for number in range(10_000):
            pipe.set(f"key:{number}", number)
            pipe.get(f"key:{number}")
        answers = pipe.execute()
    assert answers == [answer for number in range(10_000) for answer in (True, str(number))]
    with client.pipeline(transaction=False) as pipe:
        pipe.set("text", "x").incr("text").get("text")
        answers = pipe.execute(raise_on_error=False)
    assert isinstance(answers[1], redis.ResponseError), answers
    assert (answers[0], answers[2]) == (True, "x")


def transactions(connect):
    client, other = connect(decode_responses=True), connect(decode_responses=True)
    with client.pipeline() as pipe:
        assert pipe.set("a", 1).incr("a").get("a").execute() == [True, 2, "2"]
    with client.pipeline() as pipe:
        pipe.watch("a")
        assert pipe.get("a") == "2"
        other.set("a", 10)
        pipe.multi()
        pipe.set("a", 3)
        try:
            pipe.execute()
        except redis.WatchError:
            pass
        else:
            raise AssertionError("it was changed while watched, and EXEC ran")
    assert client.get("a") == "10"

    def double(pipe):
        # The first time it is disturbed, and tried again.
        value = int(pipe.get("a"))
        if value == 10:
            other.set("a", 11)
        pipe.multi()
        pipe.set("a", value * 2)

    assert client.transaction(double, "a") == [True]
    assert client.get("a") == "22"
    with client.pipeline() as pipe:
        pipe.set("b", "x").incr("b").get("b")
        answers = pipe.execute(raise_on_error=False)
    assert isinstance(answers[1], redis.ResponseError) and answers[2] == "x", answers
    try:
        with client.pipeline() as pipe:
            pipe.set("b", "y").execute_command("GET")
            pipe.execute()
    except redis.ResponseError as error:
        assert "wrong number" in str(error) or "discarded" in str(error), error
    else:
        raise AssertionError("a transaction with an error ran")
    assert client.get("b") == "x"


def subscriptions(connect):
    client = connect(decode_responses=True)
    listening = client.pubsub()
    listening.subscribe("news", "sport")
    listening.psubscribe("n*")
    for kind, channel, count in [
        ("subscribe", "news", 1), ("subscribe", "sport", 2), ("psubscribe", "n*", 3),
    ]:
        message = listening.get_message(timeout=PATIENCE)
        assert (message["type"], message["channel"], message["data"]) == (kind, channel, count)
    assert client.publish("news", "hello") == 2
    first, second = listening.get_message(timeout=PATIENCE), listening.get_message(timeout=PATIENCE)
    assert (first["type"], first["data"]) == ("message", "hello"), first
    assert (second["type"], second["pattern"]) == ("pmessage", "n*"), second
    assert set(client.pubsub_channels()) == {"news", "sport"}
    assert client.pubsub_numsub("news", "none") == [("news", 1), ("none", 0)]
    assert client.pubsub_numpat() == 1
    listening.ping()
    assert listening.get_message(timeout=PATIENCE) is not None
    heard = []
    listening.unsubscribe()
    listening.punsubscribe()
    while listening.subscribed:
        assert listening.get_message(timeout=PATIENCE) is not None
    handler = client.pubsub(ignore_subscribe_messages=True)
    handler.subscribe(work=lambda message: heard.append(message["data"]))
    thread = handler.run_in_thread(sleep_time=0.01)
    wait_until(lambda: client.publish("work", "0") == 1, "the thread's subscription")
    for number in range(1, 1000):
        client.publish("work", number)
    wait_until(lambda: len(heard) == 1000, "a thousand messages")
    thread.stop()
    thread.join(PATIENCE)
    assert heard == [str(number) for number in range(1000)], "in order"


def sharded_subscriptions(connect):
    client = connect(decode_responses=True)
    listening = client.pubsub(ignore_subscribe_messages=True)
    listening.ssubscribe("shard")
    wait_until(lambda: client.spublish("shard", "hello") == 1, "the subscription")
    message = None
    while message is None:
        message = listening.get_message(timeout=PATIENCE)
    assert (message["type"], message["data"]) == ("smessage", "hello"), message
    assert client.pubsub_shardchannels() == ["shard"]


def scans(connect):
    client = connect(decode_responses=True)
    names = {f"user:{number}" for number in range(1000)}
    client.mset({name: 1 for name in names})
    client.set("other", 1)
    found = list(client.scan_iter("user:*", count=10))
    assert set(found) == names
    assert set(client.scan_iter(count=7)) == names | {"other"}
    assert set(client.scan_iter(_type="string")) == names | {"other"}
    assert client.randomkey() in names | {"other"}
    cursor, some = client.scan(0, count=5)
    assert cursor != 0 and some
    assert client.rename("other", "renamed") and client.renamenx("renamed", "other")
    assert client.copy("other", "copied")
    assert client.move("copied", 1)
    # Each key that stays is seen, however many others go.
    kept = {name for name in names if int(name[5:]) % 2}
    seen = set()
    for name in client.scan_iter("user:*", count=10):
        seen.add(name)
        number = int(name[5:])
        client.delete(f"user:{number + 1 if number % 2 else number}")
    assert kept <= seen


def bits_and_ranges(connect):
    client = connect()
    assert client.setbit("bits", 7, 1) == 0
    assert client.get("bits") == b"\x01"
    assert client.incrbyfloat("float", 0.1) == 0.1
    assert client.incrbyfloat("float", 0.2) == 0.3
    assert client.setrange("range", 3, "x") == 4
    assert client.getrange("range", 0, -1) == b"\0\0\0x"
    assert client.getbit("bits", 7) == 1
    assert client.bitcount("bits") == 1
    assert client.bitpos("bits", 1) == 7
    client.set("other", b"\xff\x0f")
    assert client.bitop("AND", "dest", "bits", "other") == 2
    assert client.get("dest") == b"\x01\x00"
    field = client.bitfield("counter")
    assert field.incrby("u8", 0, 200).incrby("u8", 0, 100, "SAT").get("u8", 0).execute() == [200, 255, 255]


def what_clients_ask_about_themselves(connect):
    client = connect(decode_responses=True, client_name="me", db=3)
    assert client.client_getname() == "me"
    assert client.client_id() > 0
    assert [one for one in client.client_list() if one["name"] == "me" and one["db"] == "3"]
    info = client.info()
    assert info["redis_version"].split(".")[0] == "7", info
    assert info["connected_clients"] >= 1
    assert client.info("server")["redis_mode"] == "standalone"
    assert client.config_get("maxmemory*") is not None
    assert client.config_resetstat()
    assert client.command_count() > 50
    assert "get" in client.command()
    assert client.select(0)


def big_values(connect):
    client = connect()
    big = b"0123456789abcdef" * (2 * 1024 * 1024)
    assert client.set("big", big)
    assert client.get("big") == big
    assert client.strlen("big") == len(big)
    assert client.append("big", b"!") == len(big) + 1
    assert client.mget(["big"] * 3) == [big + b"!"] * 3


def a_lost_connection_is_made_anew(connect):
    client = connect(decode_responses=True, client_name="victim")
    killer = connect(decode_responses=True)
    client.set("key", "value")
    victim = client.client_id()
    assert killer.client_kill_filter(_id=victim) == 1
    try:
        assert client.get("key") == "value"
    except redis.ConnectionError:
        assert client.get("key") == "value"
    assert client.client_id() != victim


def many_threads_share_a_pool(connect):
    client = connect(max_connections=8)
    client.ping()

    def work():
        for _ in range(200):
            for attempt in range(1000):
                try:
                    client.incr("shared")
                    break
                except redis.MaxConnectionsError:
                    time.sleep(0.001)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert client.get("shared") == b"1600"


def asyncio_does_it_too(connect):
    options = dict(connect().connection_pool.connection_kwargs)
    options = {name: options[name] for name in ("host", "port", "protocol")}

    async def scenario():
        client = redis.asyncio.Redis(decode_responses=True, **options)
        await client.set("n", 0)
        await asyncio.gather(*(client.incr("n") for _ in range(50)))
        assert await client.get("n") == "50"
        async with client.pubsub() as listening:
            await listening.subscribe("news")
            assert (await listening.get_message(timeout=PATIENCE))["type"] == "subscribe"
            waiting = asyncio.create_task(listening.get_message(timeout=PATIENCE))
            assert await client.publish("news", "hello") == 1
            assert (await waiting)["data"] == "hello"
        # A call that is given up must not leave its answer to the next one.
        await asyncio.gather(*(given_up(client) for _ in range(20)))
        assert await client.echo("mine") == "mine"
        await client.aclose()

    async def given_up(client):
        try:
            await asyncio.wait_for(client.get("n"), timeout=0.0001)
        except (asyncio.TimeoutError, redis.TimeoutError):
            pass

    asyncio.run(asyncio.wait_for(scenario(), PATIENCE))


SCENARIOS = [
    values_of_all_kinds,
    times,
    errors_have_their_classes,
    pipelines,
    transactions,
    subscriptions,
    sharded_subscriptions,
    scans,
    bits_and_ranges,
    what_clients_ask_about_themselves,
    big_values,
    a_lost_connection_is_made_anew,
    many_threads_share_a_pool,
    asyncio_does_it_too,
]


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.001)


def main():
    port = int(sys.argv[1])
    passed = 0
    for protocol in (2, 3):
        for scenario in SCENARIOS:
            opened = []

            def connect(**options):
                client = redis.Redis(
                    host="127.0.0.1", port=port, protocol=protocol, socket_timeout=PATIENCE, **options
                )
                opened.append(client)
                return client

            connect().flushall()
            begun = time.monotonic()
            scenario(connect)
            for client in opened:
                client.close()
            passed += 1
            print(f"ok resp{protocol} {scenario.__name__} {time.monotonic() - begun:.2f} s", flush=True)
    print(f"{passed} scenarios passed", flush=True)


if __name__ == "__main__":
    socket.setdefaulttimeout(PATIENCE)
    main()
