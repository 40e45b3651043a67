const KEY = 'name';

/** The name of who sits at this page: kept while the tab is open, so that each tab may have another. */
export function readName(): string {
  const kept = sessionStorage.getItem(KEY);
  if (kept !== null) return kept;
  const name = `Guest ${Math.floor(100 + Math.random() * 900)}`;
  saveName(name);
  return name;
}

/** Keeps another name; it counts from the next dial on. */
export function saveName(name: string): void {
  sessionStorage.setItem(KEY, name);
}
