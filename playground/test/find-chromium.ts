import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const FOLDERS = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)];

/**
 * The path of a Chromium on this machine.
 *
 * @param folders - where to look; default: where programs are
 * @throws Error that says how to install it
 */
export function findChromium(folders: readonly string[] = FOLDERS): string {
  const files = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = files.find(isExecutable);
  if (found) return found;
  throw new Error('No Chromium was found. On Debian, install it with: apt-get install chromium');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
