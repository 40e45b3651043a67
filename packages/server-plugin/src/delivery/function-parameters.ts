const sourceOf = Function.prototype.toString;

/** All that ends a line, and so a comment, for JavaScript. */
const LINE_END = /[\n\r\u2028\u2029]/;

/** Browsers' comments, which engines still read in scripts: they could hide the start of another comment. */
const OLD_COMMENT = /<!--|-->/;

/** What was found out about a function, by the number of plain parameters it may have. */
const judged = new WeakMap<object, Map<number, string | undefined>>();

/**
 * Tells whether a function may receive more than its first parameters, judged by its source text.
 *
 * A function that names no further parameter, and can't reach one in another way, can't see who asks.
 * What can't be read for sure counts as "may receive".
 *
 * @param plainParameters - how many parameters it may have without seeing who asks
 * @returns why it may, as the end of a sentence; undefined when it can't
 */
export function mayReceive(fn: object, plainParameters: number): string | undefined {
  let answers = judged.get(fn);
  if (answers === undefined) {
    answers = new Map();
    judged.set(fn, answers);
  }
  if (!answers.has(plainParameters)) answers.set(plainParameters, judge(fn, plainParameters));
  return answers.get(plainParameters);
}

function judge(fn: object, plainParameters: number): string | undefined {
  if (typeof fn !== 'function') return 'is no function';
  const source = sourceOf.call(fn);
  // @graphql-tools/schema binds resolver functions, but not those given as an object.
  if (/\[native code\]\s*\}\s*$/.test(source)) {
    return 'is native, bound or a proxy (with graphql-tools write { resolve: … } to have it read)';
  }
  if (/\\u/.test(source)) return 'has Unicode escapes in its text';
  if (/\barguments\b/.test(source)) return 'mentions arguments';
  if (/\beval\b/.test(source)) return 'mentions eval';
  if (Object.hasOwn(fn, 'arguments') && source.includes('[')) {
    return 'is sloppy and may reach its arguments by a computed name';
  }
  if (/^class\b/.test(source)) return 'is a class';
  const parameters = readParameters(source);
  if (parameters === undefined) return 'has parameters that cannot be read for sure';
  if (parameters.some((parameter) => parameter.startsWith('...'))) return 'has a rest parameter';
  if (parameters.some((parameter) => parameter.includes('='))) return 'has a default value';
  if (parameters.some((parameter) => parameter.includes('...'))) return 'has a rest pattern';
  if (Math.max(parameters.length, fn.length) > plainParameters) {
    return `declares ${parameters.length} parameters`;
  }
  return undefined;
}

/**
 * The texts of the parameters of a function's source: of functions, methods and arrows.
 *
 * @returns undefined when the text has another shape than these
 */
function readParameters(source: string): readonly string[] | undefined {
  if (OLD_COMMENT.test(source)) return undefined;
  const text = withoutComments(source);
  if (text === undefined) return undefined;
  const lone = /^(?:async\s+)?([\w$]+)\s*=>/.exec(text);
  if (lone !== null) return [lone[1] ?? ''];
  // Up to the list of parameters: `async`, `function`, `*`, `get`, and a name in plain letters.
  const head = /^(?:(?:async|function|get|set|static)\b\s*)*\*?\s*#?[\w$]*\s*\(/.exec(text);
  if (head === null) return undefined;
  return splitList(text, head[0].length);
}

/** Splits a list at its top-level commas, up to the bracket that closes it. */
function splitList(text: string, start: number): readonly string[] | undefined {
  const parts: string[] = [];
  let depth = 0;
  let partStart = start;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if ('([{'.includes(character)) depth += 1;
    // Strings and patterns occur in default values and computed keys only: not to be read for sure.
    else if ('\'"`/'.includes(character)) return undefined;
    else if (')]}'.includes(character)) {
      if (depth === 0) {
        if (character !== ')') return undefined;
        parts.push(text.slice(partStart, at).trim());
        // A trailing comma, or no parameter at all.
        return parts.filter((part) => part !== '');
      }
      depth -= 1;
    } else if (character === ',' && depth === 0) {
      parts.push(text.slice(partStart, at).trim());
      partStart = at + 1;
    }
  }
  return undefined;
}

/** The text up to the body, without comments; undefined when a comment does not end. */
function withoutComments(source: string): string | undefined {
  let text = '';
  let at = 0;
  while (at < source.length) {
    if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2);
      if (end === -1) return undefined;
      at = end + 2;
      text += ' ';
    } else if (source.startsWith('//', at)) {
      const length = source.slice(at).search(LINE_END);
      at = length === -1 ? source.length : at + length;
    } else {
      const character = source.charAt(at);
      // Enough was read: what follows is the body.
      if (text.endsWith('=>') || (character === '{' && /\)\s*$/.test(text))) return text;
      text += character;
      at += 1;
    }
  }
  return text;
}
