// Takes pictures of each view of a running playground, light and dark, wide and narrow, into the folder
// screenshots/ at the root: node playground/scripts/screenshots.mjs http://127.0.0.1:4000
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const [url] = process.argv.slice(2);
if (!url) {
  process.stderr.write('Usage: node playground/scripts/screenshots.mjs <url of the playground>\n');
  process.exit(1);
}

const folder = fileURLToPath(new URL('../../screenshots/', import.meta.url));
const wide = { width: 1280, height: 760 };
const narrow = { width: 360, height: 740 };
const looks = [
  { look: 'light', colorScheme: 'light', viewport: wide },
  { look: 'dark', colorScheme: 'dark', viewport: wide },
  { look: 'medium', colorScheme: 'light', viewport: { width: 900, height: 760 } },
  { look: 'narrow', colorScheme: 'light', viewport: narrow },
  { look: 'narrow-dark', colorScheme: 'dark', viewport: narrow },
];

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const bob = await open('Bob Brown', '#/chat/kittens', {});
  for (const { look, ...options } of looks) {
    await takeChat(look, options, bob);
    await takeGraphiql(look, options);
    await takeLive(look, options);
  }
} finally {
  await browser.close();
}

async function open(name, hash, options) {
  const context = await browser.newContext(options);
  await context.addInitScript((given) => sessionStorage.setItem('name', given), name);
  const page = await context.newPage();
  await page.goto(`${url}/${hash}`);
  return page;
}

async function take(page, view, look) {
  await page.screenshot({ path: `${folder}${view}-${look}.png`, fullPage: true });
}

async function takeChat(look, options, bob) {
  const alice = await open('Alice', '#/chat/kittens', options);
  await alice.locator('[role="log"][aria-busy="false"]').waitFor();
  await say(alice, `Good morning! Has anybody seen the tabby? (${look})`);
  await say(bob, 'She sleeps on the warm server, as ever.');
  await say(bob, 'https://example.org/a/very/long/address/without/any/place/to/break/0123456789');
  await alice.getByRole('button', { name: 'Cut my connection' }).click();
  await alice.getByText('Connection lost').first().waitFor();
  await say(bob, 'Alice, are you still there?');
  await take(alice, 'chat-cut', look);
  await alice.getByRole('button', { name: 'Connect now' }).click();
  await alice.locator('[role="log"][aria-busy="false"]').waitFor();
  await say(alice, 'Here I am again. What did I miss?');
  await bob.getByLabel('Message', { exact: true }).pressSequentially('And', { delay: 20 });
  await alice.getByText('Bob Brown is typing …').waitFor();
  await take(alice, 'chat', look);
  await bob.getByLabel('Message', { exact: true }).fill('');
  await alice.context().close();
}

async function say(page, text) {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
  await page.locator('.bubble').getByText(text).last().waitFor();
}

async function takeGraphiql(look, options) {
  const page = await open('Alice', '#/graphiql', options);
  await page.locator('.graphiql-editor-tool .view-lines').getByText('in GraphiQL').waitFor();
  await page.getByRole('tab', { name: 'Read' }).click();
  await page.getByRole('button', { name: /Execute query/ }).click();
  await page.locator('.result-window').getByText('history').first().waitFor();
  await take(page, 'graphiql', look);
  await page.context().close();
}

async function takeLive(look, options) {
  const page = await open('Alice', '#/live', options);
  await page.locator('main.live[aria-busy="false"]').waitFor();
  // Some samples, one each second, so that the lines have a length.
  await page.waitForTimeout(6_000);
  await take(page, 'live', look);
  await page.context().close();
}
