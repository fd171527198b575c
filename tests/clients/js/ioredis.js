// What applications do with ioredis, done to the server at the port given as argument.

const assert = require("node:assert/strict");
const Redis = require("ioredis");
const { run, until } = require("./scenarios.js");

const connect = (port, options) =>
  new Redis({ host: "127.0.0.1", port, commandTimeout: 20000, maxRetriesPerRequest: 3, ...options });

const scenarios = {
  async values_and_counters(open) {
    const client = open();
    assert.equal(await client.set("key", "value"), "OK");
    assert.equal(await client.get("key"), "value");
    assert.equal(await client.get("missing"), null);
    assert.equal(await client.set("key", "other", "EX", 100, "NX"), null);
    assert.equal(await client.incrby("n", 41), 41);
    assert.deepEqual(await client.mget("key", "missing", "n"), ["value", null, "41"]);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await client.set(bytes, bytes);
    assert.deepEqual(await client.getBuffer(bytes), bytes);
    assert.equal(await client.del("key", bytes, "missing"), 2);
  },

  // One tick's commands go out as one pipeline, and each promise gets its own answer.
  async ten_thousand_at_once(open) {
    const client = open({ enableAutoPipelining: true });
    const numbers = Array.from({ length: 10000 }, (_, number) => number);
    await Promise.all(numbers.map((number) => client.set(`key:${number}`, number)));
    const answers = await Promise.all(numbers.map((number) => client.get(`key:${number}`)));
    assert.deepEqual(answers, numbers.map(String));
  },

  async errors_reject_and_nothing_else_does(open) {
    const client = open();
    await client.set("text", "x");
    await assert.rejects(client.incr("text"), /ERR value is not an integer/);
    await assert.rejects(client.call("NONSENSE", "1"), /unknown command/);
    const answers = await client.pipeline().set("a", 1).incr("text").get("a").exec();
    assert.equal(answers[1][0].name, "ReplyError");
    assert.deepEqual([answers[0][1], answers[2][1]], ["OK", "1"]);
  },

  async transactions(open) {
    const client = open();
    const other = open();
    assert.deepEqual(await client.multi().set("a", 1).incr("a").exec(), [[null, "OK"], [null, 2]]);
    await client.watch("a");
    await other.set("a", 10);
    assert.equal(await client.multi().set("a", 3).exec(), null);
    assert.equal(await client.get("a"), "10");
  },

  async subscriptions_in_order(open) {
    const listening = open();
    const client = open();
    const heard = [];
    listening.on("message", (channel, message) => heard.push(message));
    const matched = [];
    listening.on("pmessage", (pattern, channel, message) => matched.push(message));
    assert.equal(await listening.subscribe("news", "sport"), 2);
    assert.equal(await listening.psubscribe("n*"), 3);
    for (let number = 0; number < 1000; number++) client.publish("news", number);
    await until(() => heard.length === 1000 && matched.length === 1000, "a thousand messages");
    assert.deepEqual(heard, Array.from({ length: 1000 }, (_, number) => String(number)));
    assert.deepEqual(matched, heard);
    assert.equal(await listening.unsubscribe("news"), 2);
  },

  async scan_streams(open) {
    const client = open();
    const names = Array.from({ length: 1000 }, (_, number) => `user:${number}`);
    await client.mset(names.flatMap((name) => [name, 1]));
    const found = new Set();
    for await (const keys of client.scanStream({ match: "user:*", count: 50 })) {
      keys.forEach((key) => found.add(key));
    }
    assert.deepEqual([...found].sort(), names.sort());
  },

  async a_lost_connection_is_made_anew_and_subscribed_again(open) {
    const listening = open({ connectionName: "listening" });
    const client = open();
    const heard = [];
    listening.on("message", (channel, message) => heard.push(message));
    await listening.subscribe("news");
    const line = (await client.client("LIST")).split("\n").find((one) => one.includes("listening"));
    assert.equal(await client.client("KILL", "ID", line.match(/id=(\d+)/)[1]), 1);
    await until(async () => (await client.publish("news", "again")) === 1, "the subscription");
    await until(() => heard.includes("again"), "the message");
  },

  async big_values(open) {
    const client = open();
    const big = Buffer.alloc(16 * 1024 * 1024, "0123456789");
    await client.set("big", big);
    assert.ok((await client.getBuffer("big")).equals(big));
  },
};

const begin = (client) => client.flushall();
const close = (client) => client.disconnect();

run("ioredis", scenarios, connect, begin, close);
