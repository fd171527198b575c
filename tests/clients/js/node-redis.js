// What applications do with node-redis, done to the server at the port given as argument.

const assert = require("node:assert/strict");
const { createClient, WatchError } = require("@redis/client");
const { run, until } = require("./scenarios.js");

const connect = (RESP) => (port, options) => {
  const client = createClient({ RESP, socket: { host: "127.0.0.1", port }, ...options });
  // Without a listener the loss of a connection would end the program.
  client.on("error", () => {});
  return client;
};

const scenarios = {
  async values_and_counters(open) {
    const client = await open().connect();
    assert.equal(await client.set("key", "value"), "OK");
    assert.equal(await client.get("key"), "value");
    assert.equal(await client.get("missing"), null);
    assert.equal(await client.set("key", "x", { EX: 100, NX: true }), null);
    assert.equal(await client.incrBy("n", 41), 41);
    assert.deepEqual(await client.mGet(["key", "missing", "n"]), ["value", null, "41"]);
    assert.equal(await client.expire("key", 100), 1);
    assert.ok((await client.ttl("key")) > 90);
    assert.equal(await client.del(["key", "missing"]), 1);
    await assert.rejects(client.sendCommand(["NONSENSE"]), /unknown command/);
  },

  async ten_thousand_at_once(open) {
    const client = await open().connect();
    const numbers = Array.from({ length: 10000 }, (_, number) => number);
    await Promise.all(numbers.map((number) => client.set(`key:${number}`, number)));
    const answers = await Promise.all(numbers.map((number) => client.get(`key:${number}`)));
    assert.deepEqual(answers, numbers.map(String));
  },

  async transactions(open) {
    const client = await open().connect();
    const other = await open().connect();
    assert.deepEqual(await client.multi().set("a", 1).incr("a").get("a").exec(), ["OK", 2, "2"]);
    await client.watch("a");
    await other.set("a", 10);
    await assert.rejects(client.multi().set("a", 3).exec(), WatchError);
    assert.equal(await client.get("a"), "10");
  },

  async subscriptions_in_order(open) {
    const listening = await open().connect();
    const client = await open().connect();
    const heard = [];
    const matched = [];
    await listening.subscribe("news", (message) => heard.push(message));
    await listening.pSubscribe("n*", (message) => matched.push(message));
    for (let number = 0; number < 1000; number++) client.publish("news", String(number));
    await until(() => heard.length === 1000 && matched.length === 1000, "a thousand messages");
    assert.deepEqual(heard, Array.from({ length: 1000 }, (_, number) => String(number)));
    assert.deepEqual(matched, heard);
    await listening.unsubscribe("news");
    await listening.pUnsubscribe("n*");
    assert.equal(await client.publish("news", "nobody"), 0);
    assert.equal(String(await listening.ping()), "PONG");
  },

  async sharded_subscriptions(open) {
    const listening = await open().connect();
    const client = await open().connect();
    const heard = [];
    await listening.sSubscribe("shard", (message) => heard.push(message));
    assert.equal(await client.sPublish("shard", "hello"), 1);
    await until(() => heard.length === 1, "the message");
    assert.deepEqual(heard, ["hello"]);
  },

  async scan_iterators(open) {
    const client = await open().connect();
    const names = Array.from({ length: 1000 }, (_, number) => `user:${number}`);
    await client.mSet(names.flatMap((name) => [name, "1"]));
    const found = new Set();
    for await (const keys of client.scanIterator({ MATCH: "user:*", COUNT: 50 })) {
      keys.forEach((key) => found.add(key));
    }
    assert.deepEqual([...found].sort(), names.sort());
  },

  async a_lost_connection_is_made_anew_and_subscribed_again(open) {
    const listening = await open({ name: "listening" }).connect();
    const client = await open().connect();
    const heard = [];
    await listening.subscribe("news", (message) => heard.push(message));
    const victim = (await client.clientList()).find((one) => one.name === "listening");
    assert.equal(await client.clientKill({ filter: "ID", id: victim.id }), 1);
    await until(async () => (await client.publish("news", "again")) === 1, "the subscription");
    await until(() => heard.includes("again"), "the message");
  },
};

const begin = async (client) => {
  await client.connect();
  await client.flushAll();
};
const close = (client) => client.isOpen && client.destroy();

(async () => {
  await run("node-redis, RESP2", scenarios, connect(2), begin, close);
  await run("node-redis, RESP3", scenarios, connect(3), begin, close);
})();
