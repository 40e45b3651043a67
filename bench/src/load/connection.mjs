import { connect } from 'node:net';
import { CLOSE, createFrameReader, encodeFrame, PING, PONG, TEXT } from './frames.mjs';
import { Subscriptions } from './subscriptions.mjs';

/** All sockets read into the same memory: what was read is used up before the next read. */
const readBuffer = Buffer.allocUnsafe(1 << 18);

const HEAD_END = '\r\n\r\n';

/** One client: a socket, its upgrade and handshake, and messages of its dialect. */
export class Connection {
  #dialect;
  #socket;
  #read;
  /** What came of the answer to the upgrade; undefined once it is complete. */
  #head = '';
  #ready;
  #failReady;
  #ponged = () => {};
  #isGone = false;
  subscriptions = new Subscriptions();
  /** Called with messages that no checker took: `(heard, bytes)`. */
  onMessage;
  /** Called when the server lets go, which it should not. */
  onGone;

  /**
   * @param {object} options
   * @param {import('./dialects.mjs').Dialect} options.dialect
   * @param {number} options.port
   * @param {(heard: import('./dialects.mjs').Heard, bytes: Buffer) => void} options.onMessage
   * @param {(reason: string) => void} options.onGone
   */
  constructor({ dialect, port, onMessage, onGone }) {
    this.#dialect = dialect;
    this.onMessage = onMessage;
    this.onGone = onGone;
    this.#read = createFrameReader((...frame) => this.#frame(...frame));
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length, buffer) => {
          if (this.#head === undefined) this.#read(buffer, length);
          else this.#readHead(buffer, length);
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => this.#gone(error.message));
    this.#socket.on('close', () => this.#gone('closed'));
    this.#socket.write(upgradeRequest(dialect, port));
  }

  /** Resolves when operations may be sent. */
  ready() {
    return new Promise((resolve, reject) => {
      this.#ready = resolve;
      this.#failReady = reject;
    });
  }

  /** @param {string} text */
  send(text) {
    this.#socket.write(encodeFrame(TEXT, text));
  }

  /**
   * Resolves when the server has answered a WebSocket ping: what it sent before has come. Or when
   * nothing can come any more.
   *
   * @returns {Promise<void>}
   */
  fence() {
    return new Promise((resolve) => {
      this.#ponged = resolve;
      if (this.#isGone) resolve();
      else this.#socket.write(encodeFrame(PING, ''));
    });
  }

  /** Reads no more: what the server sends waits, with the system first and then with the server. */
  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  /**
   * Leaves: says so, or is cut off without a word.
   *
   * @param {'closes' | 'is cut'} way
   * @returns {Promise<void>} resolves when the socket is gone
   */
  leave(way) {
    this.onGone = () => {};
    return new Promise((resolve) => {
      if (this.#socket.closed) return resolve();
      this.#socket.on('close', () => resolve());
      if (way === 'closes') this.#socket.write(encodeFrame(CLOSE, ''));
      else this.#socket.resetAndDestroy();
    });
  }

  #gone(reason) {
    this.#isGone = true;
    this.#ponged();
    this.#failReady?.(new Error(`A connection failed: ${reason}`));
    this.onGone(reason);
    this.onGone = () => {};
  }

  #readHead(buffer, length) {
    // Bytes stay bytes: what follows the head are frames already.
    this.#head += buffer.latin1Slice(0, length);
    const end = this.#head.indexOf(HEAD_END);
    if (end === -1) return;
    const head = this.#head;
    this.#head = undefined;
    if (!head.startsWith('HTTP/1.1 101')) {
      this.#gone(head.split('\r\n')[0]);
      this.#socket.destroy();
      return;
    }
    if (this.#dialect.hello !== undefined) this.send(this.#dialect.hello);
    const frames = Buffer.from(head.slice(end + HEAD_END.length), 'latin1');
    if (frames.length > 0) this.#read(frames, frames.length);
  }

  #frame(opcode, buffer, start, end) {
    if (opcode === TEXT) {
      if (!this.subscriptions.takeBytes(buffer, start, end)) {
        this.#message(Buffer.from(buffer.subarray(start, end)));
      }
    } else if (opcode === PING) {
      this.#socket.write(encodeFrame(PONG, buffer.toString('utf8', start, end)));
    } else if (opcode === PONG) {
      this.#ponged();
    } else if (opcode === CLOSE) {
      const code = end - start >= 2 ? buffer.readUInt16BE(start) : 1005;
      this.#gone(`closed with ${code} ${buffer.toString('utf8', start + 2, end)}`);
    }
  }

  #message(bytes) {
    const text = bytes.toString();
    const reply = this.#dialect.reply?.(text);
    if (reply !== undefined) this.send(reply);
    const heard = this.#dialect.hear(text);
    if (heard.kind === 'ready') this.#ready?.();
    else if (heard.kind !== 'nothing') this.onMessage(heard, bytes);
  }
}

function upgradeRequest({ path, protocol }, port) {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  if (protocol !== undefined) lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
  return `${lines.join('\r\n')}${HEAD_END}`;
}
