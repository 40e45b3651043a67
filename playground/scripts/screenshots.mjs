// Takes pictures of the page of a running playground, into the folder screenshots/ at the root:
// node playground/scripts/screenshots.mjs http://127.0.0.1:4000
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const [url] = process.argv.slice(2);
if (!url) {
  process.stderr.write('Usage: node playground/scripts/screenshots.mjs <url of the playground>\n');
  process.exit(1);
}

const folder = fileURLToPath(new URL('../../screenshots/', import.meta.url));
const looks = [
  { file: 'light', colorScheme: 'light', viewport: { width: 1100, height: 720 } },
  { file: 'dark', colorScheme: 'dark', viewport: { width: 1100, height: 720 } },
  { file: 'narrow', colorScheme: 'light', viewport: { width: 360, height: 740 } },
  { file: 'narrow-dark', colorScheme: 'dark', viewport: { width: 360, height: 740 } },
];

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const bob = await open({ name: 'Bob' });
  for (const { file, ...look } of looks) {
    const alice = await open({ name: 'Alice', ...look });
    if (file === looks[0].file) await chat(alice, bob);
    await bob.getByLabel('Message', { exact: true }).pressSequentially('And', { delay: 20 });
    await alice.getByText('Bob is typing …').waitFor();
    await alice.screenshot({ path: `${folder}${file}.png`, fullPage: true });
    await bob.getByLabel('Message', { exact: true }).fill('');
    await alice.context().close();
  }
} finally {
  await browser.close();
}

async function open({ name, ...look }) {
  const context = await browser.newContext(look);
  await context.addInitScript((given) => sessionStorage.setItem('name', given), name);
  const page = await context.newPage();
  await page.goto(`${url}#kittens`);
  await page.locator('#log[aria-busy="false"]').waitFor();
  return page;
}

async function say(page, text) {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText(text).last().waitFor();
}

async function chat(alice, bob) {
  await say(alice, 'Good morning! Has anybody seen the tabby?');
  await say(bob, 'She sleeps on the warm server, as ever.');
  await say(alice, 'https://example.org/a/very/long/address/without/any/place/to/break/0123456789');
  await fetch(`${url}/rooms/kittens/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ author: 'curl', text: 'Hello from a Fastify route' }),
  });
  await alice.getByRole('log').getByText('Hello from a Fastify route').last().waitFor();
}
