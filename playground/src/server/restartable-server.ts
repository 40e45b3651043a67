import type { FastifyInstance } from 'fastify';
import type { ChatStore } from './chat-store.ts';
import { createStore } from './create-store.ts';
import type { Settings } from './settings.ts';
import { createFor, listen, type Start } from './start-playground.ts';

/** Who is told what a {@link RestartableServer} does. */
export interface ServerObserver {
  /** Called with each app once it listens; the result is called before it closes. */
  watch(app: FastifyInstance): () => void;
  restarting(): void;
  restarted(): void;
  /** It could not come back. */
  failed(sentence: string): void;
}

/** A playground that pages can restart: another app on the same port, with the same messages. */
export class RestartableServer {
  readonly #settings: Settings;
  readonly #observer: ServerObserver;
  readonly #store: ChatStore;
  #app: FastifyInstance | undefined;
  #stopWatching: () => void = () => undefined;
  #state: 'running' | 'restarting' | 'closed' = 'running';

  constructor(settings: Settings, observer: ServerObserver) {
    this.#settings = settings;
    this.#observer = observer;
    this.#store = createStore(settings.redisUrl);
  }

  /** The app that runs now. */
  get app(): FastifyInstance | undefined {
    return this.#app;
  }

  /** Has it listen; closes it when it can't. */
  async start(): Promise<Start> {
    const app = await this.#create();
    this.#app = app;
    const start = await this.#listen(app, this.#settings);
    if (start.name === 'failed') await this.close();
    return start;
  }

  /** Lets everybody go; resolves when it is quiet. */
  async close(): Promise<void> {
    this.#state = 'closed';
    await this.#closeApp();
    this.#store.close();
  }

  async #restart(): Promise<void> {
    const address = this.#app?.server.address();
    if (this.#state !== 'running' || address === null || typeof address !== 'object') return;
    this.#state = 'restarting';
    this.#observer.restarting();
    // Ready before the old one goes, so that nobody is there only for a moment.
    const next = await this.#create();
    await this.#closeApp();
    this.#app = next;
    if (this.#isClosed()) return this.#closeApp();
    const start = await this.#listen(next, { ...this.#settings, port: address.port });
    if (this.#isClosed()) return;
    this.#state = 'running';
    if (start.name === 'listening') return this.#observer.restarted();
    await this.close();
    this.#observer.failed(start.sentence);
  }

  /** It may be, after each `await`. */
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  async #create(): Promise<FastifyInstance> {
    const restart = (): void => void this.#restart();
    const app = await createFor(this.#settings, { store: this.#store, restart });
    await app.ready();
    return app;
  }

  async #listen(app: FastifyInstance, settings: Settings): Promise<Start> {
    const start = await listen(app, settings);
    if (start.name === 'listening' && !this.#isClosed()) {
      this.#stopWatching = this.#observer.watch(app);
    }
    return start;
  }

  async #closeApp(): Promise<void> {
    this.#stopWatching();
    this.#stopWatching = () => undefined;
    await this.#app?.close();
  }
}
