import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffMs } from "./backoff.ts";

test("the first attempt comes within a quarter of a second", () => {
  assert.ok(backoffMs(0, 0) >= 100);
  assert.ok(backoffMs(0, 1) <= 250);
});

test("waiting grows and stops growing at five seconds", () => {
  assert.ok(backoffMs(3, 0.5) > backoffMs(1, 0.5));
  assert.equal(backoffMs(50, 1), 5_000);
});

test("half of the waiting time is random, so that clients do not come in step", () => {
  assert.equal(backoffMs(10, 0), 2_500);
  assert.equal(backoffMs(10, 0.5), 3_750);
});
