/** What an operation is. */
export type OperationKind = 'query' | 'mutation' | 'subscription';

/** Whatever may hold words or braces without meaning them, each brace, and each word. */
const TOKENS = /"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\])*"|#[^\n\r]*|[{}()]|[$@]?\w+/g;

/**
 * Says what an operation of a document is: the word that its definition begins with.
 *
 * @param name - which operation; absent: the first
 * @returns nothing when the text has no such operation; the server will say what is wrong with it
 */
export function operationKind(text: string, name?: string): string | undefined {
  let depth = 0;
  let kind = '';
  for (const [token] of text.matchAll(TOKENS)) {
    if (/^[{(]/.test(token)) {
      // Braces without a word before them are an anonymous query.
      kind ||= 'query';
      if (!name && !depth && kind !== 'fragment') return kind;
      depth += 1;
    } else if (/^[})]/.test(token)) {
      depth -= 1;
      if (!depth && token === '}') kind = '';
    } else if (!depth && /^\w/.test(token)) {
      if (kind && token === name && kind !== 'fragment') return kind;
      kind ||= token;
    }
  }
  return undefined;
}
