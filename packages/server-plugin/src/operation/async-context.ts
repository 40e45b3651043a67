import { AsyncResource } from 'node:async_hooks';

/**
 * What a subscriber's functions find in the app's AsyncLocalStorages: what there was when it
 * subscribed. As AsyncLocalStorage.snapshot(), which keeps twice as much on Node 20.
 */
export class AsyncContext extends AsyncResource {
  constructor() {
    super('GroupcastSubscription');
  }

  runInContext<R>(fn: () => R): R {
    return this.runInAsyncScope(fn);
  }
}
