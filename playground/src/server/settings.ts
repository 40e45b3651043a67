import { parseArgs } from 'node:util';

/** How the playground is run. */
export interface Settings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Fastify's log level. */
  readonly logLevel: string;
  readonly redisUrl: string | undefined;
  /** How many servers listen on the port. */
  readonly processes: number;
}

/** What the command line asks for. */
export type Command =
  | { readonly name: 'run'; readonly settings: Settings }
  | { readonly name: 'help' }
  /** It can't be followed; the sentence says why. */
  | { readonly name: 'refuse'; readonly sentence: string };

/** What `--help` shows. */
export const HELP = `npm start -- [options]

  --redis <url>     keep the messages in this Redis, and send them through it:
                    redis://127.0.0.1:6379
  --processes <n>   start n servers behind one port, 1 to 64; several need --redis
  --help            show this

Variables: PORT (4000, 0 takes a free one), HOST (127.0.0.1), LOG_LEVEL (warn)
`;

/** Reads the arguments after the program's name, and the variables `PORT`, `HOST` and `LOG_LEVEL`. */
export function readCommand(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Command {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return refuse(`${firstSentence(error)}. npm start -- --help shows what there is`);
  }
  if (values.help) return { name: 'help' };
  const { redis: redisUrl } = values;
  if (redisUrl !== undefined && !isRedisUrl(redisUrl)) {
    // Without the value: it may hold a password.
    return refuse('--redis must be a URL that begins with redis:// or rediss://');
  }
  const processes = wholeNumber(values.processes, 1, 64);
  if (processes === undefined) {
    return refuse(`--processes must be a number from 1 to 64, got "${values.processes}"`);
  }
  if (processes > 1 && redisUrl === undefined) {
    return refuse('--processes needs --redis <url>: without it they would not hear each other');
  }
  const port = wholeNumber(env['PORT'] || '4000', 0, 65_535);
  if (port === undefined) {
    return refuse(`PORT must be a number from 0 to 65535, got "${env['PORT']}"`);
  }
  const { HOST: host = '127.0.0.1', LOG_LEVEL: logLevel = 'warn' } = env;
  return { name: 'run', settings: { host, port, logLevel, redisUrl, processes } };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      redis: { type: 'string' },
      processes: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

function refuse(sentence: string): Command {
  return { name: 'refuse', sentence };
}

/** Node adds advice to what is wrong, over several lines. */
function firstSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split(/\.\s|\.$/)[0] ?? message;
}

function isRedisUrl(text: string): boolean {
  return URL.canParse(text) && /^rediss?:\/\//.test(text);
}

function wholeNumber(text: string, least: number, most: number): number | undefined {
  const number = Number(text);
  return /^\d+$/.test(text) && number >= least && number <= most ? number : undefined;
}
