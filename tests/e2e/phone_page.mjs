// One softphone page, driven as a user would: by its buttons, watched by what it shows and by the
// statistics of its peer connections.
import assert from "node:assert/strict";
import { rememberPeers } from "./browser.mjs";
import { pause, until } from "./until.mjs";

export class PhonePage {
  static async open(browser, server, username, name = username) {
    const phone = new PhonePage();
    phone.name = name;
    phone.context = await browser.newContext();
    await phone.context.addInitScript(rememberPeers);
    phone.page = await phone.context.newPage();
    phone.page.setDefaultTimeout(20_000);
    phone.errors = [];
    phone.page.on("pageerror", (error) => phone.errors.push(String(error)));
    phone.page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) phone.errors.push(message.text());
    });
    await phone.page.goto(`${server.url}/`);
    await phone.page.getByTestId("login-username").fill(username);
    await phone.page.getByTestId("login-password").fill("password");
    await phone.page.getByTestId("login-submit").click();
    await phone.online();
    return phone;
  }

  // What the page shows.
  get(id) {
    return this.page.getByTestId(id);
  }

  async attribute(id, name) {
    const found = this.get(id).first();
    return (await found.count()) > 0 ? found.getAttribute(name) : undefined;
  }

  until(what, holds, ms) {
    return until(`${this.name}: ${what}`, holds, ms);
  }

  online() {
    return this.banner("online");
  }

  banner(state) {
    const is = async () => (await this.attribute("banner", "data-state")) === state;
    return this.until(`the connection is ${state}`, is, 40_000);
  }

  device() {
    return this.attribute("self", "data-device");
  }

  rings(from) {
    return this.until(`rings${from ? ` for ${from}` : ""}`, async () => {
      if ((await this.get("answer").count()) === 0) return false;
      return !from || (await this.number()) === from;
    });
  }

  phase(phase) {
    return this.until(
      `the call is ${phase}`,
      async () => (await this.attribute("call-card", "data-phase")) === phase,
    );
  }

  held(held) {
    return this.until(
      `the call is ${held ? "" : "not "}on hold`,
      async () => (await this.attribute("call-card", "data-held")) === String(held),
    );
  }

  over(reason, ms) {
    return this.until(
      `the call is over: ${reason}`,
      async () => {
        const seen = await this.attribute("last-call", "data-reason");
        if (seen && seen !== reason) return Promise.reject(new Error(seen));
        return seen === reason;
      },
      ms,
    );
  }

  number() {
    return this.get("call-number").first().textContent();
  }

  callId() {
    return this.attribute("call-card", "data-call-id");
  }

  // What a user does.
  async dial(number) {
    await this.get("dial-number").fill(number);
    await this.get("dial-submit").click();
  }

  answer() {
    return this.get("answer").click();
  }

  hangup() {
    return this.get("hangup").click();
  }

  async transfer(target, kind) {
    await this.get("transfer").click();
    await this.get("transfer-target").fill(target);
    await this.get(`transfer-${kind}`).click();
  }

  // What the media does.
  audio() {
    return this.page.evaluate(() => window.audioStats());
  }

  /** Sound arrives: both packets and energy grow by about a second's worth from now. */
  async hears(ms = 20_000) {
    let from = await this.audio();
    await this.until(
      "hears the other side",
      async () => {
        const now = await this.audio();
        // A peer connection was replaced or closed meanwhile: count from here.
        if (now.peers !== from.peers || now.received < from.received) from = now;
        return now.received - from.received >= 40 && now.energy > from.energy;
      },
      ms,
    );
  }

  /** No RTP leaves and none arrives: nothing is counted for a second. */
  async still() {
    await this.until("RTP has stopped", async () => {
      const before = await this.audio();
      await pause(1_000);
      const after = await this.audio();
      return after.received === before.received && after.sent === before.sent;
    });
  }

  // For the test's end.
  assertNoErrors() {
    assert.deepEqual(this.errors, [], `${this.name}: errors on the page`);
  }

  /** The page as text, without the long lists. */
  async shown() {
    const read = () => document.querySelector("main > div")?.innerText ?? document.body.innerText;
    return this.page.evaluate(read).catch(String);
  }

  close() {
    return this.context.close();
  }
}

/** Both directions at once. */
export const talking = (...phones) => Promise.all(phones.map((phone) => phone.hears()));
export const silent = (...phones) => Promise.all(phones.map((phone) => phone.still()));
