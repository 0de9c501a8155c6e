// What every test file needs: one browser, and per test a fresh server and its pages, all closed
// whatever happens. When a test fails, what the pages show and the server's log are printed.
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
      try {
        await body({ server, phone, browser });
        for (const page of pages) page.assertNoErrors();
      } catch (error) {
        await explain(server, pages);
        throw error;
      } finally {
        await Promise.allSettled(pages.map((page) => page.close()));
        await server.stop();
      }
    });
  };
}

async function explain(server, pages) {
  for (const page of pages) {
    console.error(`${page.name} shows:\n${await page.shown()}\n${page.errors.join("\n")}`);
  }
  console.error(`server log:\n${server.log.slice(-6_000)}`);
}
