import type { DeliveryLog } from './delivery-log.ts';
import type { Plan } from './plan.ts';
import type { RunFlag } from './unclaimed-context.ts';

/**
 * Remembers which functions looked as if they could not see who asks, and were found to try.
 *
 * Their results are never shared again.
 */
export class Trust {
  readonly #log: DeliveryLog;
  readonly #distrusted = new Map<string, string>();

  constructor(log: DeliveryLog) {
    this.#log = log;
  }

  /** Why a field is not trusted any more; undefined when it is. */
  reasonAgainst(subscription: string, field: string): string | undefined {
    return this.#distrusted.get(keyOf(subscription, field));
  }

  /** Whether results of a plan may still be shared. */
  holdsFor({ field: subscription, sharing }: Plan): boolean {
    if (sharing.kind !== 'proven') return sharing.kind === 'said';
    if (this.#distrusted.size === 0) return true;
    return sharing.report.findings.every(
      ({ field }) => !this.#distrusted.has(keyOf(subscription, field)),
    );
  }

  /** Withdraws the trust in the field that flagged a run; in all of the plan when it is not known. */
  withdraw({ field, sharing }: Plan, flag: RunFlag): void {
    if (sharing.kind !== 'proven') return;
    const culprits =
      flag.field === undefined ? sharing.report.findings.map((each) => each.field) : [flag.field];
    const reason = flag.reason ?? 'it was flagged';
    const news = culprits.filter((culprit) => !this.#distrusted.has(keyOf(field, culprit)));
    for (const culprit of news) this.#distrusted.set(keyOf(field, culprit), reason);
    if (news.length === 0) return;
    this.#log.warn(
      { field, culprits: news, reason },
      'A result that was to be shared depends on who asks: these fields are not shared any more',
    );
  }
}

/** Options belong to one subscription, fields of types to all that lead to them. */
function keyOf(subscription: string, field: string): string {
  return field.includes('.') ? field : `${subscription} ${field}`;
}
