/** Copying and pasting by keys in a terminal, whose own Ctrl+C interrupts and whose Ctrl+V is a character. */

/** What is needed of a terminal. */
export interface Selectable {
  hasSelection(): boolean;
  clearSelection(): void;
}

/**
 * Whether a key is the terminal's. Of the others the browser makes a `copy` or `paste`, which xterm answers: Ctrl+C and
 * Ctrl+Shift+C where something is selected, Ctrl+Shift+V. (Cmd+C and Cmd+V are never the terminal's.)
 */
export function isForTerminal(event: KeyboardEvent, terminal: Selectable): boolean {
  if (!event.ctrlKey || event.altKey || event.metaKey) return true;
  if (event.code === 'KeyV') return !event.shiftKey;
  if (event.code !== 'KeyC') return true;
  if (!terminal.hasSelection()) return !event.shiftKey;
  if (event.type === 'keydown') {
    if (event.shiftKey) {
      event.preventDefault(); // in some browsers it opens their tools
      document.execCommand('copy');
    }
    setTimeout(() => terminal.clearSelection());
  }
  return false;
}
