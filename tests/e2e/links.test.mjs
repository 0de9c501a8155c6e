// A master and its slaves as processes of their own: the seed's limit, the cut link, and an oracle
// outside of all of them that counts who surely had a seat.
//   CUTS=50 KILLS=6  how often the link is cut, and somebody killed
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Crowd, mostAtOnce, Person, Site } from "./links_world.mjs";
import { pause, until } from "./until.mjs";

const sites = [];
after(async () => {
  for (const site of sites) await site.stop();
});
async function start(options) {
  const site = await Site.start(options);
  sites.push(site);
  return site;
}

test("with one seat, the second user gets in when the first has left", async () => {
  const site = await start({ seats: 1 });
  const [slave] = site.slaves;
  await site.agents(slave, ["one", "two"], 2001);
  const one = new Person(slave, "one");
  const two = new Person(slave, "two");

  assert.equal((await one.signIn()).status, 200);
  const refused = await two.signIn();
  assert.equal(refused.status, 429);
  assert.equal(refused.body.error, "Maximum user limit reached");
  const seen = await until("the master sees the session", async () => {
    const seats = await site.sessions();
    return seats.active_sessions === 1 && seats;
  });
  assert.equal(seen.sessions[0].session_id, one.session);
  assert.equal(seen.sessions[0].extension, "2001");
  assert.ok(seen.sessions[0].position > 0, "with the event that proves it");
  assert.equal((await one.beat()).status, 200);
  await one.signOut();
  await until("the second user gets in", async () => (await two.signIn()).status === 200);
});

test("a feature that is not licensed is refused in the words of the seed", async () => {
  const site = await start({ seats: 2 });
  const [slave] = site.slaves;
  await site.agents(slave, ["one"], 2001);
  await site.change({ features: { webrtc_extension: false } });
  const one = new Person(slave, "one");
  await until("the slave has heard of it", async () => {
    const answer = await one.signIn();
    if (one.using) await one.signOut();
    return answer.status === 403 && answer;
  }).then((answer) => assert.equal(answer.body.error, "WebRTC extension feature not licensed"));
});

test("an agent with a softphone on a slave turns the feature on at the master, with some seats", async () => {
  const site = await start({ seats: 0 });
  const [slave] = site.slaves;
  const [door] = site.doors;
  await site.change({ features: { webrtc_extension: false } });
  await site.agents(slave, ["one"], 2001);
  const one = new Person(slave, "one");
  await until("it gets in", async () => (await one.signIn()).status === 200);
  const now = await site.change({});
  assert.deepEqual([now.features.webrtc_extension, now.webrtc_max_users], [true, 5]);
  assert.equal((await site.near(slave)).license.webrtc_max_users, 5);
  await one.signOut();

  await site.change({ webrtc_max_users: 3, features: { webrtc_extension: false } });
  await door.cut();
  await site.near(slave, false);
  await site.agents(slave, ["two"], 2002);
  assert.equal((await site.change({})).features.webrtc_extension, false, "nobody has told it");
  await door.open();
  const two = new Person(slave, "two");
  await until("it gets in, too", async () => (await two.signIn()).status === 200);
  assert.equal((await site.change({})).webrtc_max_users, 3, "what was set stays");
});

test("a seat that one slave does not use goes to another that needs it", async () => {
  const site = await start({ seats: 1, slaves: 2 });
  const [north, south] = site.slaves;
  await site.agents(north, ["one"], 2001);
  await site.agents(south, ["two"], 3001);
  const one = new Person(north, "one");
  const two = new Person(south, "two");
  assert.equal((await one.signIn()).status, 200);
  assert.equal((await two.signIn()).status, 429);
  await one.signOut();
  await until("the seat is free again", async () => (await two.signIn()).status === 200);
  assert.equal((await one.signIn()).status, 429);
});

test("cut off, running sessions go on until the lease ends, and no longer", async () => {
  const site = await start({ seats: 1, lease: 3 });
  const [slave] = site.slaves;
  const [door] = site.doors;
  await site.agents(slave, ["one"], 2001);
  const one = new Person(slave, "one");
  assert.equal((await one.signIn()).status, 200);
  await door.cut();
  await site.near(slave, false);
  assert.equal((await one.beat()).status, 200, "right after the cut");
  const late = await until("the lease has ended", async () => {
    const answer = await one.beat();
    return answer.status !== 200 && answer;
  });
  assert.equal(late.body.code, "master-away");
  assert.equal((await new Person(slave, "one").signIn()).status, 503);
  await door.open();
  await until("the session goes on", async () => (await one.beat()).status === 200);
});

test("an overdraft is bounded, and settled when the master is back", async () => {
  const site = await start({ seats: 1, lease: 2 });
  const [slave] = site.slaves;
  const [door] = site.doors;
  await site.agents(slave, ["one", "two", "three"], 2001);
  const [one, two, three] = ["one", "two", "three"].map((name) => new Person(slave, name));
  await site.change({ overdraft: 1 });
  await until("the slave has heard of it", async () => {
    return (await site.near(slave)).license.overdraft === 1;
  });
  const settled = (verdict) =>
    until(`the debt is ${verdict}`, async () => {
      const { debts } = await site.sessions();
      const mine = debts.find((debt) => debt.session_id === two.debt);
      assert.equal(mine?.verdict, verdict);
      return true;
    });
  const overdraw = async (meanwhile) => {
    await door.cut();
    await site.near(slave, false);
    await meanwhile?.();
    assert.equal((await two.signIn()).status, 200, "beyond the lease");
    two.debt = two.session;
    assert.equal((await three.signIn()).status, 429, "and no further");
    await door.open();
    await site.near(slave);
  };

  assert.equal((await one.signIn()).status, 200);
  await overdraw();
  await settled("trimmed");
  const refused = await until("who came last loses the seat", async () => {
    const answer = await two.beat();
    return answer.status !== 200 && answer.status !== 503 && answer;
  });
  assert.equal(refused.body.code, "seat-lost");
  assert.equal((await one.beat()).status, 200, "who came first keeps it");

  await until("its session is over", async () => (await site.sessions()).active_sessions === 1);
  await overdraw(() => site.change({ webrtc_max_users: 2, features: { overdraft_billing: true } }));
  await settled("billed");
  assert.equal((await two.beat()).status, 200, "there is a seat for it by now");
});

test("a slave that is killed and comes back while it is cut off keeps the rest of its lease", async () => {
  const site = await start({ seats: 1, lease: 20 });
  const [slave] = site.slaves;
  await site.agents(slave, ["one"], 2001);
  const one = new Person(slave, "one");
  assert.equal((await one.signIn()).status, 200);
  await site.doors[0].cut();
  await slave.kill9();
  await slave.up();
  assert.equal((await one.beat()).status, 200);
});

/** The master's list is the very sessions that people have, and no more than there are seats. Who
 *  was not answered may have one without knowing: `strangers`, until their heartbeats are missed. */
async function countsAreRight(site, crowd, seats, when, { strangers = false, within } = {}) {
  for (const slave of site.slaves) await site.near(slave);
  const right = async () => {
    const used = new Set(await crowd.using());
    const seen = (await site.sessions()).sessions.map((row) => row.session_id);
    assert.ok(used.size <= seats, `${[...used]} have seats`);
    const known = seen.filter((id) => used.has(id));
    assert.deepEqual((strangers ? known : seen).sort(), [...used].sort());
    return true;
  };
  await until(`the counts are right ${when}`, right, within);
  const most = mostAtOnce(crowd.people);
  assert.ok(most <= seats, `${most} people had ${seats} seats ${when}`);
}

test("the link is cut and healed again and again, and the counts are right every time", async () => {
  const seats = 3;
  const site = await start({ seats, slaves: 2, lease: 2 });
  const crowd = await Crowd.on(site, 4);
  const cuts = Number(process.env.CUTS ?? 50);
  for (let cut = 0; cut < cuts; ++cut) {
    crowd.live();
    const door = site.doors[cut % 2];
    await pause(200);
    await door.cut();
    await pause(200 + (cut % 4) * 600); // shorter and longer than the lease
    await door.open();
    await crowd.rest();
    await countsAreRight(site, crowd, seats, `after cut ${cut + 1}`);
  }
  assert.ok(crowd.answers > cuts * 10, `${crowd.answers} answers`);
  assert.equal(mostAtOnce(crowd.people), seats, "and every seat was used");
});

test("master and slaves are killed in turn under load, and the counts are right every time", async () => {
  const seats = 3;
  const site = await start({ seats, slaves: 2, lease: 2 });
  const crowd = await Crowd.on(site, 4);
  const kills = Number(process.env.KILLS ?? 6);
  for (let kill = 0; kill < kills; ++kill) {
    crowd.live();
    const victim = [site.master, ...site.slaves][kill % 3];
    await pause(400);
    await victim.kill9();
    await pause(kill % 2 ? 100 : 2_500);
    await victim.up();
    await crowd.rest();
    await countsAreRight(site, crowd, seats, `after kill ${kill + 1}`, { strangers: true });
  }
  await countsAreRight(site, crowd, seats, "in the end", { within: 120_000 });
  assert.ok(crowd.answers > kills * 10, `${crowd.answers} answers`);
});
