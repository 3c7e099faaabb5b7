// graphile-worker: node graphile.mjs MODE engine|end-to-end URL MESSAGES LANES|SANDBOX
// MODE is default or batched.

import { Logger, makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";
import { BATCH, EndToEnd, KEYS, atOnce, message, promise, send, setting, timed } from "./contest.mjs";

const [mode, part, url, messages, last] = process.argv.slice(2);
const count = Number(messages);
// Fetched 500 at a time, and completed together without waiting for more.
const batched = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
const worker = mode === "batched" ? batched : {};
const logger = new Logger(() => () => {});

const pool = new pg.Pool({ connectionString: url, max: 24 });
pool.on("error", () => {});
pool.on("connect", (client) => client.on("error", () => {}));
await pool.query("DROP SCHEMA IF EXISTS graphile_worker CASCADE");
const utils = await makeWorkerUtils({ pgPool: pool, logger });
await utils.migrate();
for (const name of ["server_version", "fsync", "synchronous_commit", "full_page_writes"]) {
  const { rows } = await pool.query("SELECT current_setting($1) AS value", [name]);
  setting(name, rows[0].value);
}

const start = (concurrentJobs, send) =>
  run({ pgPool: pool, noHandleSignals: true, taskList: { send }, preset: { worker: { ...worker, logger, concurrentJobs } } });

if (part === "engine") {
  const lanes = Number(last);
  const single = Math.ceil(count / 10);
  const add = (number) => utils.addJob("send", message(number, number % lanes));
  await timed("add, one caller", single, () => atOnce(1, single, add));
  await pool.query("DELETE FROM graphile_worker._private_jobs");
  await timed("add, all callers", count, () => atOnce(lanes, count, add));
  await pool.query("DELETE FROM graphile_worker._private_jobs");
  await timed("add, 500 at once", count, async () => {
    for (let from = 0; from < count; from += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) => ({
        identifier: "send",
        payload: message(from + at, (from + at) % lanes),
      }));
      await utils.addJobs(batch);
    }
  });
  let left = count;
  const all = promise();
  await timed("cycles", count, async () => {
    const runner = await start(lanes, async () => {
      if (--left === 0) all.keep();
    });
    await all.kept;
    await runner.stop();
    // What was completed last may still be on its way to the table.
    while ((await pool.query("SELECT FROM graphile_worker._private_jobs LIMIT 1")).rowCount > 0);
  });
} else {
  const contest = new EndToEnd(count);
  // A named queue is its own way of doing one after the other.
  const runner = await start(KEYS, async (one) => {
    await send(last, one);
    contest.accepted(one);
  });
  await contest.run((one) => utils.addJob("send", one, { queueName: `key${one.key}` }));
  await runner.stop();
}
await utils.release();
await pool.end();
