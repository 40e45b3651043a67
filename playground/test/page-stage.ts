import { type Browser, chromium, type Page } from 'playwright-core';
import { vi } from 'vitest';
import { findChromium } from './find-chromium.ts';

// Pages of several visitors, and GraphiQL, take their time where other tests run beside them.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** The browser that the tests of the page share. Each page that is opened is a visitor of their own. */
export class PageStage {
  readonly #browser: Browser;
  /** What the pages have complained about. */
  readonly problems: string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<PageStage> {
    return new PageStage(
      await chromium.launch({
        executablePath: findChromium(),
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
      }),
    );
  }

  /** Opens an address as somebody in a browser of their own, who has chosen a name. */
  async open(address: string, name: string, colorScheme: 'light' | 'dark' = 'light') {
    const context = await this.#browser.newContext({
      colorScheme,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await context.addInitScript((given) => sessionStorage.setItem('name', given), name);
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.problems.push(message.text());
      }
    });
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(new URL(address).origin) && !/^(data|blob):/.test(url)) {
        this.problems.push(`It asks another server: ${url}`);
      }
    });
    await page.goto(address);
    return page;
  }

  /** Leaves all pages, and gives what they have complained about. */
  async clear(): Promise<readonly string[]> {
    await Promise.all(this.#browser.contexts().map((context) => context.close()));
    return this.problems.splice(0);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

/** A page that shows the chat. */
export class ChatPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens a room and waits until it is live. */
  static async open(stage: PageStage, url: string, name: string, room = 'kittens') {
    const chat = new ChatPage(await stage.open(`${url}/#/chat/${room}`, name));
    await chat.live();
    return chat;
  }

  /** Resolves when all that is said is shown. */
  async live(): Promise<void> {
    await this.page.locator('[role="log"][aria-busy="false"]').waitFor();
  }

  async say(text: string): Promise<void> {
    await this.page.getByLabel('Message', { exact: true }).fill(text);
    await this.page.keyboard.press('Enter');
    await this.hear(text);
  }

  async hear(text: string): Promise<void> {
    await this.page.locator('.bubble').getByText(text, { exact: true }).waitFor();
  }

  async press(button: string): Promise<void> {
    await this.page.getByRole('button', { name: button }).click();
  }

  /** Resolves when the page shows a text somewhere. */
  async shows(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** All lines of the room: `author: text`, or what a gap says. */
  async lines(): Promise<string[]> {
    return this.page
      .getByRole('log')
      .getByRole('listitem')
      .evaluateAll((items) =>
        items.map((item) => {
          const author = item.querySelector('.author')?.textContent;
          const text = item.querySelector('p')?.textContent ?? item.textContent;
          return author === undefined ? text : `${author}: ${text}`;
        }),
      );
  }
}
