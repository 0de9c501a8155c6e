// One device's line to the server: a WebSocket that comes back by itself. Replies are matched by
// id; every command carries a command_id and is sent again, under the same command_id, on the next
// connection until it is answered; after a reconnect the server sends what was missed.
// It knows nothing of calls or media: losing the socket never touches them.

import { backoffMs } from "./backoff.ts";
import type { ResumePoint, ResumeStore } from "./resume_store.ts";
import { CommandError, type Connected, type Push, type Reply } from "./wire.ts";

export type ConnectionState = "connecting" | "online" | "reconnecting" | "unauthorized" | "closed";

export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** The outside world, so that tests can be their own clock and network. */
export interface Outside {
  socket(url: string, protocols: string[]): SocketLike;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  random(): number;
  newId(): string; // 128 random bits
  /** Is this token refused by a server that is up? Undefined: the server cannot be reached. */
  tokenRefused?(token: string): Promise<boolean | undefined>;
}

export interface ConnectionOptions {
  url: string; // ws:// or wss://, with /ws
  extension: string;
  token: string;
  store: ResumeStore;
  outside: Outside;
  onState(state: ConnectionState): void;
  /** `fresh`: drop what you know and take `connected.calls`. Otherwise what was missed follows. */
  onConnected(connected: Connected, fresh: boolean): void;
  onPush(push: Push): void;
}

interface Command {
  type: string;
  data: Record<string, unknown>;
  resolve(data: Reply["data"]): void;
  reject(error: CommandError): void;
  deadline: unknown;
}

export interface RequestOptions {
  /** Refuse at once while offline: for what nobody wants done half a minute later (dialling). */
  onlyOnline?: boolean;
  deadlineMs?: number;
}

const SUBPROTOCOL = "strowger.v1.json";
const COMMAND_DEADLINE_MS = 60_000; // longer than the server keeps a lost device
const PONG_DEADLINE_MS = 8_000;
const CONNECT_DEADLINE_MS = 10_000;
// The server did not say no, it could not say: ask again under the same command_id.
const RETRY_CODES = new Set(["outcome-unknown", "hub-not-available", "busy", "deadline-exceeded"]);
const RETRY_MS = 500;

export class Connection {
  private socket: SocketLike | undefined;
  private state: ConnectionState = "closed";
  private pending = new Map<number, Command>();
  private nextId = 1;
  private attempt = 0;
  private timers = new Map<string, unknown>();
  private seen = false; // this object has been connected once, so its owner has state to keep
  private resume: ResumePoint | undefined;
  private pingMs = 10_000;

  constructor(private readonly options: ConnectionOptions) {
    this.resume = options.store.take(options.extension);
  }

  connect(): void {
    this.setState(this.seen ? "reconnecting" : "connecting");
    this.open();
  }

  /** Forgets the device: the next connection is a new one. Unanswered commands are refused. */
  close(): void {
    this.setState("closed");
    this.remember(undefined);
    for (const [id, command] of this.pending) {
      this.settle(id);
      command.reject(new CommandError("Signed out", "closed"));
    }
    this.dropSocket(1000);
  }

  /** After `unauthorized`: go on as the same device with a new login. */
  renewToken(token: string): void {
    this.options.token = token;
    this.attempt = 0;
    this.connect();
  }

  /** The network came back: do not sit out the rest of the waiting time. */
  hurry(): void {
    if (this.state !== "reconnecting" || this.socket) return;
    this.attempt = 0;
    this.open();
  }

  request(
    type: string,
    data: Record<string, unknown> = {},
    options: RequestOptions = {},
  ): Promise<Reply["data"]> {
    if (options.onlyOnline && this.state !== "online") {
      return Promise.reject(new CommandError("Not connected to the server", "offline"));
    }
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      const deadline = this.options.outside.setTimeout(() => {
        this.pending.delete(id);
        reject(new CommandError("The server did not answer", "no-answer"));
      }, options.deadlineMs ?? COMMAND_DEADLINE_MS);
      const command = {
        type,
        data: { command_id: this.options.outside.newId(), ...data },
        resolve,
        reject,
        deadline,
      };
      this.pending.set(id, command);
      if (this.state === "online") this.write(id, command);
    });
  }

  private open(): void {
    this.clearTimers();
    const { url, extension, token, outside } = this.options;
    const query = new URLSearchParams({ extension });
    if (this.resume) {
      query.set("resume", this.resume.token);
      query.set("position", String(this.resume.position));
    }
    const socket = outside.socket(`${url}?${query}`, [SUBPROTOCOL, "bearer", token]);
    this.socket = socket;
    this.after("connect", CONNECT_DEADLINE_MS, () => this.lost(socket));
    socket.onmessage = (event) => {
      if (socket === this.socket) this.received(event.data);
    };
    socket.onclose = () => this.lost(socket);
    socket.onerror = () => {}; // a close event always follows
  }

  private received(raw: unknown): void {
    if (typeof raw !== "string") return;
    let message: Push | Reply | { type: "pong" };
    try {
      message = JSON.parse(raw);
    } catch {
      return;
    }
    this.cancel("pong"); // anything heard is a sign of life
    if (message.type === "reply") this.replied(message as Reply);
    else if (message.type === "connected") this.connected((message as Push).data);
    else if (message.type !== "pong") this.pushed(message as Push);
  }

  private connected(data: Record<string, unknown>): void {
    const hello = data as unknown as Connected;
    const resumed = hello.resumed === true && this.resume !== undefined;
    const position = resumed ? (this.resume?.position ?? 0) : hello.position;
    this.remember({ extension: this.options.extension, token: hello.resume_token, position });
    const fresh = !resumed || !this.seen;
    this.seen = true;
    this.attempt = 0;
    this.pingMs = hello.ping_interval_ms || this.pingMs;
    this.cancel("connect");
    this.schedulePing();
    this.state = "online";
    for (const [id, command] of this.pending) this.write(id, command);
    this.options.onConnected(hello, fresh); // may send; its commands come after the older ones
    this.options.onState("online");
  }

  private pushed(push: Push): void {
    const data = push.data ?? {};
    if (typeof push.position !== "number") {
      this.options.onPush({ ...push, data });
      return;
    }
    if (!this.resume || push.position <= this.resume.position) return; // seen before
    try {
      this.options.onPush({ ...push, data });
    } finally {
      this.remember({ ...this.resume, position: push.position });
    }
  }

  private replied(reply: Reply): void {
    const command = this.pending.get(reply.id);
    if (!command) return;
    const { success, error, code } = reply.data;
    if (!success && RETRY_CODES.has(code ?? "")) {
      this.options.outside.setTimeout(() => {
        if (this.state === "online" && this.pending.has(reply.id)) this.write(reply.id, command);
      }, RETRY_MS);
      return;
    }
    this.settle(reply.id);
    if (success) command.resolve(reply.data);
    else command.reject(new CommandError(error ?? "Refused", code ?? "refused"));
  }

  private settle(id: number): void {
    const command = this.pending.get(id);
    if (command) this.options.outside.clearTimeout(command.deadline);
    this.pending.delete(id);
  }

  private write(id: number, command: Command): void {
    this.socket?.send(JSON.stringify({ type: command.type, id, data: command.data }));
  }

  private schedulePing(): void {
    this.after("ping", this.pingMs, () => {
      const socket = this.socket;
      socket?.send(JSON.stringify({ type: "ping", id: this.nextId++, data: {} }));
      const waiting = this.timers.has("pong"); // for the answer to an earlier ping
      if (socket && !waiting) this.after("pong", PONG_DEADLINE_MS, () => this.lost(socket));
      this.schedulePing();
    });
  }

  private lost(socket: SocketLike): void {
    if (socket !== this.socket || this.state === "closed") return;
    this.dropSocket();
    this.setState("reconnecting");
    const wait = backoffMs(this.attempt++, this.options.outside.random());
    this.after("retry", wait, () => void this.retry());
  }

  // A browser does not say why an upgrade failed, so after a few failures a request finds out
  // whether the login has expired: then only the user can help.
  private async retry(): Promise<void> {
    if (this.attempt > 2 && this.options.outside.tokenRefused) {
      const refused = await this.options.outside.tokenRefused(this.options.token);
      if (this.state !== "reconnecting" || this.socket) return;
      if (refused) {
        this.setState("unauthorized");
        return;
      }
    }
    this.open();
  }

  private dropSocket(code?: number): void {
    const socket = this.socket;
    this.socket = undefined;
    this.clearTimers();
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(code);
  }

  private remember(point: ResumePoint | undefined): void {
    this.resume = point;
    this.options.store.keep(point);
  }

  private setState(state: ConnectionState): void {
    if (this.state === state) return;
    this.state = state;
    this.options.onState(state);
  }

  private after(name: string, ms: number, run: () => void): void {
    this.cancel(name);
    this.timers.set(name, this.options.outside.setTimeout(run, ms));
  }

  private cancel(name: string): void {
    if (!this.timers.has(name)) return;
    this.options.outside.clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }

  private clearTimers(): void {
    for (const name of [...this.timers.keys()]) this.cancel(name);
  }
}
