// One folder and everybody who lives in it: devices, scripts, the oracle, and the log as read so far.
import { Device } from "./device.mjs";
import * as load from "./load.mjs";
import { Log } from "./log.mjs";
import { Oracle } from "./oracle.mjs";
import { admin, freshToken } from "./people.mjs";
import { Site } from "./site.mjs";

export function randomOf(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The extensions that `begin` needs in each tenant. */
export const used = ["1016", "1017", "1018", "1019", "1020"];
for (let i = 0; i < 4; ++i) for (let k = 0; k < 3; ++k) used.push(String(1000 + 4 * i + k));

export class World {
  devices = []; // that stay
  passing = []; // devices and event streams that come and go
  log = new Log();
  events = undefined; // all of them, where somebody wants to look at them again
  closing = false;
  stumbling = true; // lines fail now and then
  #isUp = false;
  #waiting = [];

  static async make({ secret, template, people, random, name }) {
    const world = new World();
    Object.assign(world, { secret, people, random });
    world.site = await Site.make({ secret, template });
    world.oracle = new Oracle(name);
    return world;
  }

  get port() {
    return this.site.port;
  }

  /** Resolves when clients may try. */
  up() {
    if (this.#isUp) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  open() {
    this.#isUp = true;
    for (const go of this.#waiting.splice(0)) go();
  }

  shut() {
    this.#isUp = false;
  }

  admin(tenant) {
    return admin(this.secret, tenant);
  }

  /** A device that stays; it is not on the line before `join`. */
  device(tenant, number, name = "", options = {}) {
    const who = this.people[tenant][number];
    const device = new Device(this, who, `${tenant}/${number}${name}`, options);
    this.devices.push(device);
    return device;
  }

  /** Starts everybody; gives a promise of the end of all scripts. */
  begin() {
    const scripts = [];
    const later = []; // scripts that need their devices first
    for (const tenant of ["default", "second"]) {
      for (let i = 0; i < 4; ++i) {
        const number = (k) => String(1000 + 4 * i + k);
        const from = this.device(tenant, number(0));
        const callees = ["a", "b"].map((name) => this.device(tenant, number(1), name));
        const third = this.device(tenant, number(2));
        later.push([[from, ...callees, third], () => load.talk(this, { from, callees, third })]);
      }
      const callee = this.device(tenant, "1016");
      const phone = this.people[tenant]["1017"];
      later.push([[callee], () => load.restPhone(this, phone, callee)]);
      const [a, b] = [this.device(tenant, "1018"), this.device(tenant, "1019")];
      later.push([[a, b], () => load.initiator(this, a, b)]);
      scripts.push(load.passers(this, () => this.#passer(tenant)));
    }
    const seats = Object.values(this.people.default).filter((p) => p.typology !== "agent");
    scripts.push(load.licensed(this, seats), load.newcomers(this));
    for (const [devices, script] of later)
      scripts.push(Promise.all(devices.map((d) => d.join())).then(script));
    return Promise.all(scripts);
  }

  #passer(tenant) {
    const who = freshToken(this.secret, this.people[tenant]["1020"]);
    const device = new Device(this, who, `${tenant}/1020 ${who.jti}`);
    this.passing.push(device);
    return device;
  }

  /** Nobody tries any more. */
  end() {
    for (const device of this.devices) device.leave();
    for (const other of this.passing) (other.leave ?? other.close).call(other);
  }

  /** Reads what the log has got since the last time; call it when the server is dead. */
  async read() {
    await this.site.events(this.log.last + 1, (event) => {
      this.log.take(event);
      this.events?.push(event);
    });
  }
}
