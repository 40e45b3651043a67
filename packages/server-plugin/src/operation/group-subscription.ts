import type { Notification, Subscriber } from '../delivery/notification.ts';
import type { Plan } from '../delivery/plan.ts';
import type { GroupMember } from '../groups/groups.ts';
import { fieldTopic, groupTopic, type Topic } from '../groups/topic.ts';
import type { GroupSource } from '../subscription/group-source.ts';
import type { EndReason } from '../subscription/subscription-definition.ts';
import type { AsyncContext } from './async-context.ts';
import type { DeliveryGate } from './delivery-gate.ts';
import { gapNotice } from './extension.ts';
import { Mailbox } from './mailbox.ts';
import type { Operation, Stream } from './operation.ts';
import type { Wakeable } from './operation-client.ts';
import type { OperationServices } from './operation-services.ts';
import { PendingGaps } from './pending-gaps.ts';
import { runUnsubscribed } from './run-unsubscribed.ts';
import { endSlow, warnOfDrops } from './slow-subscriber.ts';

/** What {@link GroupSubscription} is made of. */
export interface GroupSubscriptionOptions {
  readonly operation: Operation;
  readonly source: GroupSource;
  readonly plan: Plan;
  readonly services: OperationServices;
  readonly gate: DeliveryGate;
  readonly asyncContext: AsyncContext;
}

/**
 * One subscriber of groups: takes notifications in order, one at a time, into its operation.
 *
 * Silent until `activate()`: what arrives before waits in the mailbox.
 */
export class GroupSubscription implements GroupMember, Subscriber, Stream, Wakeable {
  readonly operation: Operation;
  readonly source: GroupSource;
  readonly plan: Plan;
  readonly #asyncContext: AsyncContext;
  readonly #services: OperationServices;
  readonly #gate: DeliveryGate;
  /** Absent until something has to wait: most subscribers are never slow. */
  #mailbox: Mailbox<Notification> | undefined;
  /** Absent when the client did not ask for them, and before `watchGaps()`. */
  #gaps: PendingGaps | undefined;
  #inFlight: Notification | undefined;
  #isActive = false;
  #isSilenced = false;
  #isQueued = false;
  #isBusy = false;
  #isPumping = false;
  #waitsForTime = false;
  #isCatchingUp = false;

  constructor(options: GroupSubscriptionOptions) {
    this.operation = options.operation;
    this.source = options.source;
    this.plan = options.plan;
    this.#asyncContext = options.asyncContext;
    this.#services = options.services;
    this.#gate = options.gate;
  }

  get cohortKey(): unknown {
    return this.plan.cohortKey;
  }

  get isEnded(): boolean {
    return this.operation.isEnded;
  }

  get signal(): AbortSignal {
    return this.operation.signal;
  }

  runInContext<R>(fn: () => R): R {
    return this.#asyncContext.runInContext(fn);
  }

  /** Made each time: names that many subscribers kept would be many copies. */
  get #topics(): readonly Topic[] {
    const { field, groups } = this.source;
    const { namespace } = this.#services.settings;
    return [
      fieldTopic(namespace, field),
      ...groups.map((name) => groupTopic(namespace, field, name)),
    ];
  }

  /**
   * Joins all groups of the subscription.
   *
   * @returns settles when the broker has acknowledged each of them; undefined when it had before
   */
  join(): Promise<unknown> | undefined {
    const joins: Promise<void>[] = [];
    for (const topic of this.#topics) {
      const joined = this.#services.groups.join(topic, this);
      if (joined !== undefined) joins.push(joined);
    }
    return joins.length > 0 ? Promise.all(joins) : undefined;
  }

  /** From now on its client is told what it misses. */
  watchGaps(): void {
    const { gapListeners } = this.#services;
    this.#gaps = new PendingGaps(gapListeners.countOutages());
    gapListeners.add(this);
  }

  /** Lets notifications through, beginning with those that arrived meanwhile. */
  activate(): void {
    this.#isActive = true;
    this.#pump();
  }

  /**
   * Takes one notification, to be delivered after those that it took before.
   *
   * @param missing - how many events are missing before it
   */
  notify(notification: Notification, missing: number): void {
    if (this.#isSilenced) return;
    if (this.#gaps !== undefined) {
      this.#noteOutages();
      if (missing > 0) this.#gaps.noteMissing(missing, this.#waiting);
    }
    if (this.#isIdle && this.#mayDeliver()) return this.#deliverAtOnce(notification);
    // Who waits for nothing but time is not slow: it must lose nothing.
    if (this.#waitsForTime && this.#waiting >= this.#queueLimit) this.#catchUp();
    if (this.#isSilenced) return;
    this.#keep(notification);
    if (this.#isSilenced) return;
    if (this.#isQueued) this.#setBusy(true);
    else this.#pump();
  }

  /** Tells the client what it has missed, unless something must be waited for. */
  tellGaps(): void {
    this.#noteOutages();
    if (!this.operation.isEnded) this.#pump();
  }

  /** Takes and delivers nothing more: its end is decided, and will come soon. */
  silence(): void {
    this.#isSilenced = true;
  }

  wake(): void {
    this.#isQueued = false;
    this.#waitsForTime = false;
    if (!this.operation.isEnded) this.#pump();
  }

  stop(): void {
    this.#isSilenced = true;
    for (const topic of this.#topics) this.#services.groups.leave(topic, this);
    this.#gate.forget(this);
    this.#services.gapListeners.delete(this);
    this.#gaps = undefined;
    this.#services.counters.queued -= this.#waiting;
    this.#mailbox = undefined;
    this.#inFlight?.release(this);
    this.#inFlight = undefined;
    this.#setBusy(false);
  }

  ended(reason: EndReason): Promise<void> | undefined {
    return runUnsubscribed(this, reason, this.operation.client.log);
  }

  #noteOutages(): void {
    if (this.#gaps === undefined) return;
    this.#gaps.noteOutages(this.#services.gapListeners.countOutages(), this.#waiting);
  }

  /** How many notifications wait. */
  get #waiting(): number {
    return this.#mailbox?.size ?? 0;
  }

  /** Whether nothing comes before the notification that arrives now. */
  get #isIdle(): boolean {
    return this.#inFlight === undefined && !this.#isPumping && !this.#hasToTell;
  }

  get #queueLimit(): number {
    return this.source.definition.queueLimit ?? this.#services.settings.queueLimit;
  }

  #keep(notification: Notification): void {
    const mailbox =
      this.#mailbox ?? new Mailbox<Notification>(this.#queueLimit, this.source.definition.overflow);
    this.#mailbox = mailbox;
    const pushed = mailbox.push(notification);
    if (pushed === 'kept') this.#services.counters.queued += 1;
    else this.#overflow(pushed, mailbox);
  }

  /** Delivers until nothing waits, or until something must be waited for. */
  #pump(): void {
    // A publish that broadcasts comes back here: what it caused goes after what it makes.
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#deliverWaiting();
    this.#pumped();
  }

  /** Delivers what has arrived and found nothing waiting, and then what that has caused. */
  #deliverAtOnce(notification: Notification): void {
    this.#isPumping = true;
    this.#take(notification);
    if (this.#hasToTell) this.#deliverWaiting();
    this.#pumped();
  }

  #pumped(): void {
    this.#isPumping = false;
    if (this.operation.isEnded) return;
    this.#setBusy(this.#inFlight !== undefined || this.#hasToTell);
  }

  get #hasToTell(): boolean {
    return this.#waiting > 0 || this.#gaps?.isDue === true;
  }

  #deliverWaiting(): void {
    while (this.#inFlight === undefined && this.#hasToTell) {
      if (!this.#mayDeliver()) break;
      const gap = this.#gaps?.take();
      if (gap !== undefined) {
        this.operation.next(gapNotice(gap));
        continue;
      }
      const notification = this.#mailbox?.shift();
      if (notification === undefined) break;
      this.#gaps?.advance();
      this.#services.counters.queued -= 1;
      this.#take(notification);
    }
  }

  /** Computes the result for this subscriber, and delivers it now or when it is there. */
  #take(notification: Notification): void {
    const rendered = notification.resultFor(this);
    if (this.operation.isEnded) {
      // By the app's own functions, while the result was made.
      notification.release(this);
    } else if (typeof rendered === 'object') {
      this.#inFlight = notification;
      void rendered.then((resultJson) => this.#landed(notification, resultJson));
    } else if (rendered !== undefined) {
      this.#deliver(rendered);
    }
  }

  #landed(notification: Notification, resultJson: string | undefined): void {
    if (this.operation.isEnded || this.#inFlight !== notification) return;
    this.#inFlight = undefined;
    // It was taken while the gate was open; a gate that closed meanwhile holds the next ones.
    if (resultJson !== undefined) this.#deliver(resultJson);
    this.#pump();
  }

  #deliver(resultJson: string): void {
    this.#services.counters.delivered += 1;
    this.operation.next(resultJson);
  }

  /** Delivers although the slice of this turn is spent: better than to drop something. */
  #catchUp(): void {
    this.#isCatchingUp = true;
    this.#pump();
    this.#isCatchingUp = false;
  }

  #mayDeliver(): boolean {
    const mustWait = this.#isQueued && !(this.#isCatchingUp && this.#waitsForTime);
    if (!this.#isActive || mustWait || this.#isSilenced) return false;
    if (!this.#isCatchingUp && !this.#services.scheduler.hasTime()) {
      this.#isQueued = true;
      this.#waitsForTime = true;
      this.#services.scheduler.enqueue(this);
      return false;
    }
    if (!this.#gate.isOpen) {
      this.#isQueued = true;
      this.#gate.onceOpen(this);
      return false;
    }
    return true;
  }

  #overflow(pushed: 'dropped-oldest' | 'full', mailbox: Mailbox<Notification>): void {
    const limit = this.#queueLimit;
    this.#services.counters.dropped += 1;
    if (pushed === 'full') return endSlow(this, limit);
    this.#gaps?.advance();
    // Who wants the newest only misses nothing.
    if (limit === 1) return;
    this.#gaps?.addDropped();
    if (mailbox.beginsBurst()) warnOfDrops(this, limit);
  }

  #setBusy(isBusy: boolean): void {
    if (isBusy === this.#isBusy) return;
    this.#isBusy = isBusy;
    this.#services.counters.busySubscriptions += isBusy ? 1 : -1;
  }
}
