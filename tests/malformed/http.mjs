// REST, and Engine.IO by polling.
import { Http, head, upgraded } from "./lines.mjs";
import { commands, requests } from "./words.mjs";

const whole_ms = 10_000; // who asks properly is answered, however wrong what he asks for is
const broken_ms = 40;

class Asking {
  constructor(world, user) {
    Object.assign(this, { world, user, http: new Http(world.port) });
  }
  end() {
    this.http.drop();
  }
  /** A request that HTTP has nothing to say against. */
  async whole(method, path, fields, body) {
    const bytes = body ? Buffer.concat([head(method, path, fields, body), body]) : undefined;
    const answer = await this.http.ask(bytes ?? head(method, path, fields), whole_ms);
    if (answer.status === 0) this.world.problem(`${method} ${path} got no answer`);
    this.look(answer);
    return answer;
  }
  async broken(bytes) {
    this.look(await this.http.ask(bytes, broken_ms));
    this.http.drop();
  }
  look({ status, body }) {
    if (status === 500) this.world.problem(`a fault of the server: ${body}`);
  }
}

export class Rest extends Asking {
  async send(random) {
    const [method, path, body] = random.pick(requests);
    const token = random.chance(0.03) ? String(random.junk()) : this.world.token(this.user);
    const fields = { Authorization: `Bearer ${token.replace(/[^ -~]/g, "?")}` };
    if (random.chance(0.05)) delete fields.Authorization;
    if (body) fields["Content-Type"] = random.chance(0.05) ? "text/plain" : "application/json";
    if (random.chance(0.05)) fields["Idempotency-Key"] = "k".repeat(random.below(300));
    const content = body && random.json(await this.known(body));
    if (random.chance(0.75)) return await this.whole(method, path, fields, content);
    const where = random.chance(0.5) ? path : random.warp(path).toString("latin1");
    const bytes = Buffer.concat([head(method, where, fields, content), content ?? Buffer.alloc(0)]);
    return await this.broken(random.chance(0.5) ? random.warp(bytes) : bytes);
  }

  /** Sessions must be there, or nobody reads on. */
  async known(body) {
    if (!body.session_id) return body;
    if (!this.session || --this.lasts === 0) {
      const fields = { Authorization: `Bearer ${this.world.token(this.user)}` };
      const json = { ...fields, "Content-Type": "application/json" };
      const at = "/api/webrtc/session";
      if (this.session) await this.whole("DELETE", `${at}/${this.session}`, fields);
      const { body: made } = await this.whole("POST", at, json, Buffer.from("{}"));
      this.session = JSON.parse(made).session_id;
      this.lasts = 100;
    }
    return { ...body, session_id: this.session };
  }
}

const path = "/socket.io/";
const proper = `${path}?EIO=4&transport=polling`;

/** What packets of Engine.IO and Socket.IO may look like to somebody who does not know them. */
export function packets(random, token) {
  const [name, data] = random.pick(commands);
  const event = () => `42${random.chance(0.5) ? random.below(99) : ""}${random.json([name, data])}`;
  const some = [
    () => `40${random.json({ token, pid: "x", offset: "1" })}`,
    () => `40/${random.junk()},{}`,
    event,
    () => `43${random.below(99)}${random.json([1])}`,
    () => `45${random.below(40)}-["x",{"_placeholder":true,"num":${random.pick([0, 1, -1, 99])}}]`,
    () => `4${random.below(12)}${random.junk()}`,
    () => `${random.below(12)}${random.pick(["", "probe", "x".repeat(5_000)])}`,
    () => random.warp('42["a",{"b":[1,2,3]}]').toString(),
    () => `b${random.pick(["AAAA", "====", "A", "AAA=BBBB", random.bytes(40).toString("base64")])}`,
    () => "\x1e".repeat(random.pick([1, 4_096, 5_000])),
    () => random.bytes(random.below(200)).toString("latin1"),
  ];
  const one = () => random.pick(some)();
  return random.chance(0.8) ? one() : [one(), one(), one()].join("\x1e");
}

export class Polling extends Asking {
  async send(random) {
    if (random.chance(0.15)) return await this.handshake(random);
    this.sid ??= sidOf((await this.whole("GET", proper, {})).body);
    const body = Buffer.from(packets(random, this.world.token(this.user)));
    const type = random.pick(["text/plain", "text/plain;charset=UTF-8", "application/json"]);
    const fields = { "Content-Type": type };
    const { status } = await this.whole("POST", `${proper}&sid=${this.sid}`, fields, body);
    if (status !== 200) this.sid = undefined;
    else if (random.chance(0.2)) await this.poll();
  }

  async poll() {
    const { status } = await this.http.ask(head("GET", `${proper}&sid=${this.sid}`), broken_ms);
    if (status === 200) return;
    this.http.drop(); // who does not wait for its poll is lost
    this.sid = undefined;
  }

  async handshake(random) {
    const query = random.warp("EIO=4&transport=polling").toString("latin1");
    const where = `${path}?${query.replace(/[^!-~]/g, "?")}`;
    const method = random.pick(["GET", "POST", "PUT", "OPTIONS", "HEAD"]);
    const answer = await this.http.ask(head(method, where), broken_ms);
    this.look(answer);
    const sid = answer.status === 200 && sidOf(answer.body);
    if (sid) await this.whole("POST", `${proper}&sid=${sid}`, {}, Buffer.from("1"));
    if (answer.status === 0) this.http.drop();
  }
}

const sidOf = (body) => /"sid":"([^"]+)"/.exec(body)?.[1];

/** Upgrades that ask for something that is not to be had. */
export class Upgrades {
  constructor(world, user) {
    Object.assign(this, { world, user });
  }
  end() {}
  async send(random) {
    const fields = { Authorization: `Bearer ${this.world.token(this.user)}` };
    const name = random.pick(["Sec-WebSocket-Key", "Sec-WebSocket-Version", "Upgrade", "Origin"]);
    fields[random.pick([name, "Sec-WebSocket-Protocol"])] = String(random.junk())
      .replace(/[^ -~]/g, "?")
      .slice(0, 500);
    const paths = [
      "/ws?extension=9&position=x",
      "/api/licenses/link",
      `${proper}&sid=x`,
      "/nowhere",
    ];
    const where = random
      .warp(random.pick(paths))
      .toString("latin1")
      .replace(/[^!-~]/g, "?");
    const line = await upgraded(this.world.port, where, fields);
    line?.drop();
  }
}
