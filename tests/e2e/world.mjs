// What every test file needs: one browser, and per test a fresh server and its pages, all closed
// whatever happens. The server's log is printed when a test fails.
import { after, before, test } from "node:test";
import { launch } from "./browser.mjs";
import { PhonePage } from "./phone_page.mjs";
import { Server } from "./server.mjs";

export function suite() {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  return function inWorld(name, body, options = {}) {
    test(name, { timeout: 240_000 }, async () => {
      const server = await Server.start(options);
      const pages = [];
      const phone = async (username, called) => {
        const page = await PhonePage.open(browser, server, username, called);
        pages.push(page);
        return page;
      };
      let failed = true;
      try {
        await body({ server, phone, browser });
        failed = false;
      } finally {
        const closing = await Promise.allSettled(pages.map((page) => page.close()));
        if (failed) console.error(`server log:\n${server.log.slice(-6_000)}`);
        await server.stop();
        const broken = closing.find((each) => each.status === "rejected");
        if (!failed && broken) throw broken.reason;
      }
    });
  };
}
