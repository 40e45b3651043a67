const LONGEST_LOG = 200;

const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

/** The messages of a room on the page, the newest at the end and in sight. */
export class MessageLog {
  #box;
  #list;
  #emptyNote;
  #messages = new Map();
  #room;

  /** @param box - scrolls @param list - takes the messages @param emptyNote - shown without any */
  constructor(box, list, emptyNote) {
    this.#box = box;
    this.#list = list;
    this.#emptyNote = emptyNote;
    this.#emptyNote.hidden = true;
  }

  /**
   * Begins with a room, or anew with the same: until its history is there, messages are kept but
   * not shown.
   */
  begin(room) {
    this.#box.ariaBusy = 'true';
    this.#messages = new Map();
    // The same room after a reconnect: what was there stays in sight meanwhile.
    if (room !== this.#room) this.#list.replaceChildren();
    this.#room = room;
    this.#emptyNote.hidden = true;
  }

  /** Shows the history and, after it, what has come in the meantime. */
  fill(history, ownName) {
    const since = this.#messages;
    this.#messages = new Map(history.map((message) => [message.id, message]));
    for (const [id, message] of since) this.#messages.set(id, message);
    const items = [...this.#messages.values()].map((message) => messageItem(message, ownName));
    this.#list.replaceChildren(...items);
    this.#emptyNote.hidden = items.length > 0;
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#box.ariaBusy = 'false';
  }

  /** Shows one more message. Who has scrolled up to read stays there. */
  add(message, ownName) {
    if (this.#messages.has(message.id)) return;
    this.#messages.set(message.id, message);
    if (this.#box.ariaBusy === 'true') return;

    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 40;
    this.#list.append(messageItem(message, ownName));
    this.#emptyNote.hidden = true;
    if (this.#messages.size > LONGEST_LOG) {
      const [oldest] = this.#messages.keys();
      this.#messages.delete(oldest);
      this.#list.firstElementChild.remove();
    }
    if (isAtEnd || message.author === ownName) this.#box.scrollTop = this.#box.scrollHeight;
  }
}

function messageItem({ author, text, sentAt }, ownName) {
  const item = document.createElement('li');
  item.classList.toggle('own', author === ownName);
  const authorElement = document.createElement('span');
  authorElement.className = 'author';
  authorElement.textContent = author;
  authorElement.style.setProperty('--hue', hueOf(author));
  const timeElement = document.createElement('time');
  timeElement.dateTime = sentAt;
  timeElement.textContent = time.format(new Date(sentAt));
  const textElement = document.createElement('p');
  textElement.textContent = text;
  item.append(authorElement, timeElement, textElement);
  return item;
}

/** The same colour for the same name, on every page. */
function hueOf(author) {
  let hue = 0;
  for (const letter of author) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  return hue;
}
