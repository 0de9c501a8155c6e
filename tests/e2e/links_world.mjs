// A master, its slaves and the lines between them, which can be cut: each slave reaches the master
// through a door of its own that the test opens and closes.
import net from "node:net";
import { freePort, Server } from "./server.mjs";
import { pause, until } from "./until.mjs";

export const key = "SL-key-of-the-test-0123456789abcdef";

/** A door to `target`. Closed, nothing listens there and what was open is cut. */
export class Door {
  #lines = new Set();
  #server;

  static async to(target) {
    const door = new Door();
    door.target = target;
    door.port = await freePort();
    await door.open();
    return door;
  }

  open() {
    this.#server = net.createServer((from) => {
      const on = net.connect(this.target, "127.0.0.1");
      for (const [one, other] of [
        [from, on],
        [on, from],
      ]) {
        this.#lines.add(one);
        one.on("error", () => {});
        one.on("close", () => {
          this.#lines.delete(one);
          other.destroy();
        });
      }
      from.pipe(on);
      on.pipe(from);
    });
    return new Promise((resolve) => this.#server.listen(this.port, "127.0.0.1", resolve));
  }

  cut() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const line of this.#lines) line.destroy();
    return closed;
  }
}

export class Site {
  slaves = [];
  doors = [];

  /** A master with `seats` seats, and slaves that have signed in. `secret`: of the slaves' tokens. */
  static async start({ slaves = 1, seats = 1, lease = 2, secret } = {}) {
    const site = new Site();
    const role = (name) => ["--role", name];
    site.master = await Server.start({
      args: role("master"),
      env: { LICENSE_KEY: key, LICENSE_LEASE_S: String(lease) },
    });
    site.admin = await site.master.login("admin");
    const { body } = await site.master.request("GET", "/api/licenses", { token: site.admin });
    site.license = body.licenses[0].id;
    await site.change({ webrtc_max_users: seats });
    for (let i = 0; i < slaves; ++i) {
      const door = await Door.to(site.master.port);
      site.doors.push(door);
      const url = `http://127.0.0.1:${door.port}/api`;
      const env = { LICENSE_KEY: key, LICENSE_MGMT_API_URL: url };
      if (secret) env.JWT_SECRET = secret;
      site.slaves.push(await Server.start({ args: role("slave"), env }));
    }
    for (const slave of site.slaves) await site.near(slave);
    return site;
  }

  async stop() {
    for (const slave of this.slaves) await slave.stop();
    await this.master.stop();
    for (const door of this.doors) await door.cut();
  }

  async change(by) {
    const at = `/api/licenses/${this.license}`;
    const answer = await this.master.request("PUT", at, { token: this.admin, body: by });
    if (answer.status !== 200) throw new Error(`PUT: ${JSON.stringify(answer)}`);
    return answer.body;
  }

  near(slave, yes = true) {
    return until(`the slave is ${yes ? "with" : "without"} its master`, async () => {
      const token = (slave.adminToken ??= await slave.login("admin"));
      const { status, body } = await slave.request("GET", "/api/licenses/current", { token });
      if (status !== 200) return !yes;
      return body.master.connected === yes && body;
    });
  }

  /** Who uses a seat, as the master says: session ids, sorted. */
  async sessions() {
    const at = `/api/licenses/${this.license}/webrtc-sessions`;
    const { body } = await this.master.request("GET", at, { token: this.admin });
    return body;
  }

  /** Agents with seats of their own on a slave: user names, each with the password "password".
   *  Gives their ids. */
  async agents(slave, names, first) {
    const ids = [];
    const token = (slave.adminToken ??= await slave.login("admin"));
    for (const [i, username] of names.entries()) {
      const body = {
        username,
        email: `${username}@example.test`,
        password: "password",
        extension: String(first + i),
        typology: "chrome_softphone",
      };
      const answer = await slave.request("POST", "/api/agents", { token, body });
      if (answer.status !== 201) throw new Error(`agent: ${JSON.stringify(answer)}`);
      ids.push(answer.body.id);
    }
    return ids;
  }
}

/** One person: signs in, keeps the seat, signs out; remembers since when it surely had it. */
export class Person {
  constructor(slave, username) {
    Object.assign(this, { slave, username, surely: [] });
  }

  get using() {
    return this.token !== undefined;
  }

  async signIn() {
    const body = { username: this.username, password: "password" };
    const answer = await this.slave.request("POST", "/api/login", { body });
    if (answer.status === 200) {
      this.token = answer.body.token;
      this.session = answer.body.session_id;
      const now = performance.now();
      this.surely.push({ from: now, to: now });
    }
    return answer;
  }

  async beat() {
    const asked = performance.now();
    const at = `/api/sessions/${this.session}/heartbeat`;
    const answer = await this.slave.request("POST", at, { token: this.token });
    const last = this.surely.at(-1);
    if (answer.status !== 200) last.over = true; // what comes later is another time
    if (answer.status === 200 && !last.over) last.to = asked;
    if (answer.status === 200 && last.over) {
      const now = performance.now();
      this.surely.push({ from: now, to: now });
    }
    if (answer.status !== 200 && answer.status !== 503) this.#left(); // 503: perhaps later
    return answer;
  }

  async signOut() {
    const { token } = this;
    this.#left();
    return await this.slave.request("POST", "/api/logout", { token });
  }

  /** What was asked was not answered: whether the seat is still there will be seen. */
  lost() {
    if (this.using) this.surely.at(-1).over = true;
  }

  #left() {
    this.token = undefined;
    this.session = undefined;
  }
}

/** People on the slaves who sign in, keep their seats and leave, until they are told to stop. */
export class Crowd {
  people = [];
  answers = 0;

  static async on(site, each) {
    const crowd = new Crowd();
    for (const [s, slave] of site.slaves.entries()) {
      const names = Array.from({ length: each }, (_, i) => `user-${s}-${i + 1}`);
      await site.agents(slave, names, 2001 + 1000 * s);
      for (const name of names) crowd.people.push(new Person(slave, name));
    }
    return crowd;
  }

  live() {
    this.load = true;
    this.lives = this.people.map((person) => this.#life(person));
  }

  async rest() {
    this.load = false;
    await Promise.all(this.lives);
  }

  async #life(person) {
    for (let turn = 0; this.load; ++turn) {
      try {
        if (!person.using) await person.signIn();
        else if (turn % 5 === 4) await person.signOut();
        else await person.beat();
        ++this.answers;
      } catch {
        person.lost(); // the server is down
      }
      await pause(20 + 130 * Math.random());
    }
  }

  /** Sessions of those who have one, once everybody has asked. */
  async using() {
    for (const person of this.people) if (person.using) await person.beat();
    return this.people.filter((one) => one.using).map((one) => one.session);
  }
}

/** The most people who surely had a seat at the same time. */
export function mostAtOnce(people) {
  const turns = people
    .flatMap((one) => one.surely)
    .filter(({ from, to }) => to > from)
    .flatMap(({ from, to }) => [
      [from, 1],
      [to, -1],
    ])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let now = 0;
  let most = 0;
  for (const [, by] of turns) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
