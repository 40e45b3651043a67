import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { BroadcastMessage, DeliveryMessage } from '@groupcast/fastify';
import axe, { type AxeResults } from 'axe-core';
import type { FastifyInstance } from 'fastify';
import type { Page } from 'playwright-core';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { createPlayground } from '../src/server/create-playground.ts';
import { PageStage } from './page-stage.ts';

// Samples come once a second, and a browser takes its time.
vi.setConfig({ testTimeout: 60_000 });

let stage: PageStage;
let app: FastifyInstance;
let url: string;

beforeAll(async () => {
  stage = await PageStage.launch();
});

afterAll(() => stage?.close());

beforeEach(async () => {
  app = await createPlayground();
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  const problems = await stage.clear();
  await app.close();
  expect(problems).toEqual([]);
});

/** Opens the view and waits until it has figures. */
async function open(colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const page = await stage.open(`${url}/#/live`, 'Alice', colorScheme);
  await page.locator('main.live[aria-busy="false"]').waitFor();
  return page;
}

async function startLoad(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByText(/^Running, /).waitFor();
}

/** What the page shows of one sample. */
interface Shown {
  readonly sent: number;
  readonly broadcasts: number;
  readonly results: number;
  readonly deliveries: number;
}

/** Waits for the next sample of a running load, and reads what is shown of it. */
async function nextShown(page: Page, before?: Shown): Promise<Shown> {
  const handle = await page.waitForFunction((sentBefore) => {
    const read = (name: string): number => {
      const terms = [...document.querySelectorAll('main.live dt')];
      const figure = terms.find(({ textContent }) => textContent === name)?.nextElementSibling;
      return Number(figure?.textContent?.replaceAll(',', ''));
    };
    const shown = {
      sent: read('Messages sent'),
      broadcasts: read('Broadcasts per second'),
      results: read('Results per second'),
      deliveries: read('Deliveries per second'),
    };
    return shown.sent > sentBefore && shown;
  }, before?.sent ?? 0);
  const shown = await handle.jsonValue();
  if (shown === false) throw new Error('Nothing was shown');
  return shown;
}

/** Counts what the load really does, by the server's own channels. */
function countLoad(): { messages: number; results: number } {
  const counted = { messages: 0, results: 0 };
  const onBroadcast = (message: unknown): void => {
    if ((message as BroadcastMessage).field === 'load') counted.messages += 1;
  };
  const onDelivery = (message: unknown): void => {
    const { field, delivered } = message as DeliveryMessage;
    if (field === 'load') counted.results += delivered;
  };
  subscribe('groupcast:broadcast', onBroadcast);
  subscribe('groupcast:delivery', onDelivery);
  onTestFinished(() => {
    unsubscribe('groupcast:broadcast', onBroadcast);
    unsubscribe('groupcast:delivery', onDelivery);
  });
  return counted;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

test("the live page shows a load's rate within 10 % of what was sent", async () => {
  const counted = countLoad();
  const page = await open();
  await startLoad(page);
  // The first sample may have begun before the load.
  let shown = await nextShown(page, await nextShown(page));
  const start = { ...counted, at: performance.now() };
  const all: Shown[] = [];
  while (all.length < 6) {
    shown = await nextShown(page, shown);
    all.push(shown);
  }
  const seconds = (performance.now() - start.at) / 1_000;
  const messages = (counted.messages - start.messages) / seconds;
  const results = (counted.results - start.results) / seconds;

  // 100 messages a second in 5 groups, to 100 subscribers.
  expect(messages).toBeGreaterThan(80);
  expect(results).toBeGreaterThan(80 * 20);
  expect(mean(all.map(({ broadcasts }) => broadcasts)) / messages).toBeGreaterThan(0.9);
  expect(mean(all.map(({ broadcasts }) => broadcasts)) / messages).toBeLessThan(1.1);
  expect(mean(all.map(({ deliveries }) => deliveries)) / results).toBeGreaterThan(0.9);
  expect(mean(all.map(({ deliveries }) => deliveries)) / results).toBeLessThan(1.1);
});

test('it shows the effect of sharing, and a load is stopped by its button', async () => {
  const page = await open();
  await startLoad(page);
  const shared = await nextShown(page, await nextShown(page));
  await page.getByLabel(/share results/).uncheck();
  await page.getByRole('button', { name: 'Start anew' }).click();
  await page.getByText('Running, not shared').waitFor();
  const alone = await nextShown(page, await nextShown(page));

  expect(shared.results).toBeLessThan(shared.deliveries / 5);
  expect(alone.results).toBeGreaterThan(alone.deliveries * 0.9);
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Not running: It was stopped').waitFor();
  await expect.poll(() => app.graphqlWs.stats().connections).toBe(1);
});

test('a slow reader shows as bytes that wait, a queue and drops', async () => {
  const page = await open();
  await page.getByLabel('One more reads slowly').check();
  await startLoad(page);
  const figure = (plot: string, line: string) =>
    page
      .getByRole('region', { name: plot, exact: true })
      .getByRole('listitem')
      .filter({ hasText: line })
      .locator('.figure');

  await expect
    .poll(() => figure('Queues', 'Dropped per second').textContent(), { timeout: 15_000 })
    .not.toBe('0');
  expect(await figure('Queues', 'Queued').textContent()).toMatch(/^\d{3}$/);
  expect(await figure('Bytes', 'Waiting').textContent()).toMatch(/MB$/);
});

test('it is used by keyboard: sliders, choices, and a load that is too much is not started', async () => {
  const page = await open();
  await page.getByRole('slider', { name: 'Subscribers' }).focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Tab');
  expect(await page.getByLabel('Messages per second').inputValue()).toBe('6');
  await page.keyboard.press('End');
  await page.getByText('at most 50,000 are allowed').waitFor();
  expect(await page.getByRole('button', { name: 'Start', exact: true }).isDisabled()).toBe(true);
  for (let step = 0; step < 9; step += 1) await page.keyboard.press('ArrowLeft');
  await page.getByText('Makes 400 deliveries per second').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');

  await page.getByText('Running, not shared').waitFor();
  await page.getByText('1,000 of 1,000').waitFor();
});

test('the load ends when its page is left', async () => {
  const page = await open();
  await startLoad(page);
  await page.getByRole('link', { name: 'Chat' }).click();

  // Alice stays, in the chat.
  await expect
    .poll(() => app.graphqlWs.stats().connections, { timeout: 20_000, interval: 100 })
    .toBe(1);
});

test.each(['light', 'dark'] as const)('it breaks no rule of accessibility (%s)', async (scheme) => {
  const page = await open(scheme);
  await startLoad(page);
  await nextShown(page);
  await page.evaluate(axe.source);
  const found = await page.evaluate<AxeResults>("axe.run('main.live')");
  const violations = found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
  );

  expect(violations).toEqual([]);
});

test('it fits a narrow screen, and its plots follow the width', async () => {
  const page = await open();
  await page.setViewportSize({ width: 340, height: 700 });
  const widths = () =>
    page.evaluate(() => ({
      page: document.documentElement.scrollWidth,
      plots: [...document.querySelectorAll('.canvas canvas')].map(({ clientWidth }) => clientWidth),
    }));

  await expect.poll(async () => (await widths()).page).toBe(340);
  await expect.poll(async () => Math.max(...(await widths()).plots)).toBeLessThan(330);
  expect((await widths()).plots).toHaveLength(7);
});
