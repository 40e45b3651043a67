const LONGEST_WAIT_MS = 10_000;

/**
 * GraphQL over the browser's WebSocket: the subprotocol `graphql-transport-ws`, spelled out.
 *
 * Connects again when the connection is lost, later each time it fails. Operations end with their
 * connection: whoever wants them starts them again when the state is `connected`.
 */
export class GraphqlSocket {
  #url;
  #onState;
  #params = {};
  #operations = new Map();
  #lastId = 0;
  #failures = 0;
  #timer;
  #socket;
  #isReady = false;

  /**
   * @param url - ws: or wss:
   * @param onState - told of `connecting`, `connected`, `waiting` (to connect again), and of
   *   `refused` with the server's reason; after that only `connect` tries again
   */
  constructor(url, onState) {
    this.#url = url;
    this.#onState = onState;
  }

  /** Connects anew; `params` become the payload of `connection_init`. */
  connect(params) {
    this.#params = params;
    this.#failures = 0;
    this.#drop();
    this.#open();
  }

  /**
   * Subscribes.
   *
   * @param observer - `live()` once the subscription is: what happens from then on is heard;
   *   `next(data)` for each event; `error(error)` when it is refused or fails
   * @returns a function that stops it
   */
  subscribe(query, variables, { live, next, error }) {
    const extensions = { groupcast: { v: 1, confirm: true } };
    return this.#start(
      { query, variables, extensions },
      {
        next: (result) => {
          if (result.extensions?.groupcast?.confirmed) live?.();
          else if (result.errors) error(new Error(result.errors[0].message));
          else next(result.data);
        },
        error: ([{ message }]) => error(new Error(message)),
      },
    );
  }

  /** Runs a query or a mutation; resolves with its data, rejects with the first error. */
  request(query, variables) {
    return new Promise((resolve, reject) => {
      this.#start(
        { query, variables },
        {
          next: ({ data, errors }) =>
            errors ? reject(new Error(errors[0].message)) : resolve(data),
          error: ([{ message }]) => reject(new Error(message)),
          lost: () => reject(new Error('There is no connection, please try again')),
        },
      );
    });
  }

  /** `observer.lost` is called when the connection ends before the operation does. */
  #start(payload, observer) {
    if (!this.#isReady) {
      observer.lost?.();
      return () => undefined;
    }
    this.#lastId += 1;
    const id = String(this.#lastId);
    this.#operations.set(id, observer);
    this.#send({ type: 'subscribe', id, payload });
    return () => {
      if (this.#operations.delete(id)) this.#send({ type: 'complete', id });
    };
  }

  #open() {
    this.#onState('connecting');
    const socket = new WebSocket(this.#url, 'graphql-transport-ws');
    this.#socket = socket;
    socket.onopen = () => this.#send({ type: 'connection_init', payload: this.#params });
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = ({ code, reason }) => {
      this.#drop();
      if (code === 4403) this.#onState('refused', reason);
      else this.#openLater();
    };
  }

  /** Waits twice as long each time; at random, so that clients do not all come back at once. */
  #openLater() {
    const longest = Math.min(LONGEST_WAIT_MS, 500 * 2 ** this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#open(), longest * (0.5 + Math.random() / 2));
    this.#onState('waiting');
  }

  /** Forgets the socket, and its operations with it. */
  #drop() {
    clearTimeout(this.#timer);
    this.#isReady = false;
    if (this.#socket) {
      this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
      this.#socket.close();
    }
    const operations = [...this.#operations.values()];
    this.#operations.clear();
    for (const operation of operations) operation.lost?.();
  }

  #receive({ type, id, payload }) {
    const operation = this.#operations.get(id);
    switch (type) {
      case 'connection_ack':
        this.#failures = 0;
        this.#isReady = true;
        this.#onState('connected');
        break;
      case 'ping':
        this.#send({ type: 'pong' });
        break;
      case 'next':
        operation?.next(payload);
        break;
      case 'error':
        this.#operations.delete(id);
        operation?.error(payload);
        break;
      case 'complete':
        this.#operations.delete(id);
        break;
    }
  }

  #send(message) {
    this.#socket.send(JSON.stringify(message));
  }
}
