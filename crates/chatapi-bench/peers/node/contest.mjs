// What every peer on node does alike: the messages, the sends, the figures.

import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";

/** How many keys an end-to-end run has, and how many messages it adds in a second. */
export const KEYS = 200;
export const RATE = 500;
/** How many messages are added at once where they are added many at a time. */
export const BATCH = 500;

/** A message of 200 bytes. */
export function message(number, key) {
  return { number, key, text: `${number} `.padEnd(200, "x") };
}

/** The key of each message, in the same order for everybody. */
export function keys() {
  let state = 7;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 16) % KEYS;
  };
}

export function figure(measure, value) {
  console.log(`figure\t${measure}\t${value.toFixed(2)}`);
}

export function setting(name, value) {
  console.log(`setting\t${name}\t${value}`);
}

/** Says how many of them were done in a second. */
export async function timed(measure, count, work) {
  const began = performance.now();
  await work();
  figure(measure, count / ((performance.now() - began) / 1000));
}

/** Does that for 0 to count - 1, so many at the same time. */
export async function atOnce(callers, count, work) {
  let next = 0;
  const caller = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** A promise, and what keeps it. */
export function promise() {
  let keep;
  const kept = new Promise((resolve) => (keep = resolve));
  return { kept, keep };
}

const agent = new Agent({ keepAlive: true, maxSockets: 512 });

/** Hands a message over to the sandbox; comes back when it was accepted. */
export function send(sandbox, { key, text }) {
  const instance = 200001 + key;
  const body = JSON.stringify({ phone: 79000000000 + key, body: text });
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const url = `${sandbox}/instance${instance}/sendMessage?token=token${instance}xyz`;
  return new Promise((resolve, reject) => {
    const call = request(url, { method: "POST", agent, headers }, (answer) => {
      let said = "";
      answer.setEncoding("utf8").on("data", (part) => (said += part));
      answer.on("end", () =>
        said.includes('"sent":true') ? resolve() : reject(new Error(`not sent: ${said}`)),
      );
    });
    call.on("error", reject).end(body);
  });
}

/** Hands the messages of one key over one after the other, for queues that have no order of keys. */
export function serially(work) {
  const last = new Map();
  return (one) => {
    const after = (last.get(one.key) ?? Promise.resolve()).then(() => work(one));
    last.set(one.key, after.catch(() => {}));
    return after;
  };
}

/**
 * Adds a message every 1 / RATE seconds, and says how long after that it was accepted. Before that
 * one message of every key goes through, so that what is made once is made.
 */
export class EndToEnd {
  constructor(count) {
    this.count = count;
    this.due = [];
    this.took = [];
    this.done = promise();
    this.warm = promise();
    this.left = KEYS;
  }

  accepted({ number }) {
    if (number < KEYS) {
      if (--this.left === 0) this.warm.keep();
      return;
    }
    this.took.push(performance.now() - this.due[number - KEYS]);
    if (this.took.length === this.count) this.done.keep();
  }

  async run(add) {
    await Promise.all(Array.from({ length: KEYS }, (_, key) => add(message(key, key))));
    await this.warm.kept;
    const nextKey = keys();
    const began = performance.now();
    const adding = [];
    while (adding.length < this.count) {
      const number = adding.length;
      const due = began + (number * 1000) / RATE;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      this.due[number] = due;
      adding.push(add(message(KEYS + number, nextKey())));
    }
    await Promise.all(adding);
    await this.done.kept;
    this.took.sort((a, b) => a - b);
    const at = (part) => this.took[Math.ceil(part * this.took.length) - 1];
    figure("p50 ms", at(0.5));
    figure("p99 ms", at(0.99));
    figure("accepted/s", this.count / ((performance.now() - began) / 1000));
  }
}
