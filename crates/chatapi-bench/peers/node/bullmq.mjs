// BullMQ: node bullmq.mjs engine|end-to-end PORT MESSAGES LANES|SANDBOX

import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { BATCH, EndToEnd, KEYS, atOnce, message, promise, send, serially, setting, timed } from "./contest.mjs";

const [part, port, messages, last] = process.argv.slice(2);
const count = Number(messages);
const connection = { host: "127.0.0.1", port: Number(port), maxRetriesPerRequest: null };

const redis = new Redis(connection);
await redis.flushall();
setting("redis_version", /redis_version:(\S+)/.exec(await redis.info("server"))[1]);
for (const name of ["appendonly", "appendfsync", "maxmemory-policy"]) {
  setting(name, (await redis.config("GET", name))[1]);
}

const queue = new Queue("send", { connection });
await queue.waitUntilReady();
// Settled jobs are removed, as its guide advises for production.
const kept = { removeOnComplete: true, removeOnFail: true };

if (part === "engine") {
  const lanes = Number(last);
  const single = Math.ceil(count / 10);
  const add = (number) => queue.add("send", message(number, number % lanes), kept);
  await timed("add, one caller", single, () => atOnce(1, single, add));
  await queue.obliterate({ force: true });
  await timed("add, all callers", count, () => atOnce(lanes, count, add));
  await queue.obliterate({ force: true });
  await timed("add, 500 at once", count, async () => {
    for (let from = 0; from < count; from += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) => ({
        name: "send",
        data: message(from + at, (from + at) % lanes),
        opts: kept,
      }));
      await queue.addBulk(batch);
    }
  });
  let left = count;
  const all = promise();
  await timed("cycles", count, async () => {
    const worker = new Worker("send", async () => {}, { connection, concurrency: lanes });
    // Told when the completion was written.
    worker.on("completed", () => --left === 0 && all.keep());
    await all.kept;
    await worker.close();
  });
} else {
  const contest = new EndToEnd(count);
  const one = serially(async (data) => {
    await send(last, data);
    contest.accepted(data);
  });
  const worker = new Worker("send", ({ data }) => one(data), { connection, concurrency: 2 * KEYS });
  await worker.waitUntilReady();
  await contest.run((data) => queue.add("send", data, kept));
  await worker.close();
}
await queue.close();
await redis.quit();
