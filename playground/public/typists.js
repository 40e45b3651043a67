// Longer than the pause after which a typing client repeats itself.
const FORGET_MS = 5_000;

/** Says on the page who else is typing. Whoever is not heard of again is forgotten. */
export class Typists {
  #line;
  #timers = new Map();

  constructor(line) {
    this.#line = line;
  }

  /** Takes note that somebody types, or no longer does. */
  note({ name, isTyping }) {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    if (isTyping) {
      const forget = () => this.note({ name, isTyping: false });
      this.#timers.set(name, setTimeout(forget, FORGET_MS));
    }
    this.#show();
  }

  clear() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#show();
  }

  #show() {
    const text = sentence([...this.#timers.keys()]);
    // Each change is read aloud, so there is one only when there is news.
    if (this.#line.textContent !== text) this.#line.textContent = text;
  }
}

function sentence(names) {
  if (names.length === 0) return '';
  if (names.length === 1) return `${names[0]} is typing …`;
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing …`;
  return 'Several people are typing …';
}
