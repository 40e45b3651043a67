import type { GapNotice, Heard, LoadClient, Missed } from './many-clients.ts';

/** What a publisher has sent to a group that a client is in. */
export interface Sent {
  readonly author: string;
  readonly room: string;
  /** Its messages are numbered from 1 to this one. */
  readonly last: number;
  /** Those that its publisher was told to have failed: they may have arrived, or not. */
  readonly rejected: ReadonlySet<number>;
}

/** What became of messages, one for each client that was to get it. */
export interface Account {
  /** Taken by the broker for somebody. */
  sent: number;
  delivered: number;
  /** Missing, and a notice that says how many stands where they are. */
  toldByNumber: number;
  /** Missing, and only notices that don't say how many stand where they are. */
  toldByOutage: number;
  /** Missing, and nothing stands where they are. */
  silent: number;
  /** Delivered, although their publisher was told that they had failed. */
  rejectedAndDelivered: number;
  /** Notices that stand where nothing is missing. */
  needless: number;
  /** What must not happen at all, in words. */
  readonly faults: string[];
}

type Hole = Pick<Missed, 'from' | 'to' | 'notices'>;

/** Looks at what one client got and was told. */
export function accountOf(client: LoadClient, sent: readonly Sent[]): Account {
  const account = emptyAccount();
  const explaining = new Set<number>();
  for (const each of sent) addPublisher(account, client, each, explaining);
  account.needless = client.gaps.length - explaining.size;
  account.faults.push(...client.strange.map((result) => `a strange result: ${result}`));
  return account;
}

/** The sum over clients. */
export function sumOf(accounts: readonly Account[]): Account {
  const sum = emptyAccount();
  for (const { faults, ...figures } of accounts) {
    sum.faults.push(...faults);
    for (const name of Object.keys(figures) as (keyof typeof figures)[]) sum[name] += figures[name];
  }
  return sum;
}

function emptyAccount(): Account {
  const none = { toldByNumber: 0, toldByOutage: 0, silent: 0, rejectedAndDelivered: 0 };
  return { sent: 0, delivered: 0, needless: 0, ...none, faults: [] };
}

/** @param explaining - takes the notices that stand where something is missing */
function addPublisher(
  account: Account,
  client: LoadClient,
  { author, room, last, rejected }: Sent,
  explaining: Set<number>,
): void {
  const heard = client.heard(author, room);
  let missing = 0;
  let rejectedAndMissing = 0;
  for (const hole of holesOf(heard, last, client.gaps.length)) {
    const all = hole.to - hole.from + 1;
    const excused = countBetween(rejected, hole);
    rejectedAndMissing += excused;
    missing += all - excused;
    if (all > excused) addHole(account, client.gaps, { ...hole, author, room }, all - excused);
    for (let n = hole.notices[0]; n < hole.notices[1]; n += 1) explaining.add(n);
  }
  account.sent += last - rejected.size;
  account.delivered += last - rejected.size - missing;
  account.rejectedAndDelivered += rejected.size - rejectedAndMissing;
  for (const seq of heard?.repeated ?? []) {
    account.faults.push(`${author} to ${room}: ${seq} came again, or too late`);
  }
}

function addHole(
  account: Account,
  gaps: readonly GapNotice[],
  { author, room, from, to, notices }: Hole & { readonly author: string; readonly room: string },
  count: number,
): void {
  const told = gaps.slice(...notices);
  if (told.some(({ dropped }) => dropped !== undefined)) account.toldByNumber += count;
  else if (told.length > 0) account.toldByOutage += count;
  else {
    account.silent += count;
    account.faults.push(`${author} to ${room}: ${from} to ${to} are missing, and it was not told`);
  }
}

/** What is missing between the messages that came, before the first and after the last of them. */
function holesOf(heard: Heard | undefined, last: number, gaps: number): readonly Hole[] {
  const all: Hole = { from: 1, to: last, notices: [0, gaps] };
  const holes =
    heard === undefined
      ? [all]
      : [
          { ...all, to: heard.first - 1, notices: [0, heard.gapsAtFirst] as const },
          ...heard.missed,
          { ...all, from: heard.last + 1, notices: [heard.gapsAtLast, gaps] as const },
        ];
  return holes.filter(({ from, to }) => from <= to);
}

function countBetween(numbers: ReadonlySet<number>, { from, to }: Hole): number {
  let count = 0;
  for (const number of numbers) if (number >= from && number <= to) count += 1;
  return count;
}
