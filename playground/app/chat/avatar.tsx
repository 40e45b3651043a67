import type { CSSProperties, ReactElement } from 'react';

/** The first letters of a name on its colour, the same on every page. */
export function Avatar({ name }: { readonly name: string }): ReactElement {
  return (
    <span className="avatar" style={hueStyle(name)} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

/** Sets `--hue`, the colour of a name. */
export function hueStyle(name: string): CSSProperties {
  let hue = 0;
  for (const letter of name) hue = (hue * 31 + (letter.codePointAt(0) ?? 0)) % 360;
  return { '--hue': hue } as CSSProperties;
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.map((word) => [...word][0] ?? '');
  return [letters[0], words.length > 1 ? letters.at(-1) : ''].join('').toUpperCase();
}
