/**
 * Styles of extensions. The page's policy refuses `<style>` elements, which is how most of them bring their own; what these
 * say is taken over through the CSSOM, which it allows.
 */

const taken = new Map<HTMLStyleElement, CSSStyleSheet>();

function take(element: HTMLStyleElement): void {
  const text = element.textContent ?? '';
  const isApplied = (element.sheet?.cssRules.length ?? 0) > 0;
  const known = taken.get(element);
  if (known === undefined && (isApplied || !text.trim())) return;
  const sheet = known ?? new CSSStyleSheet();
  sheet.replaceSync(isApplied ? '' : text);
  if (known !== undefined) return;
  taken.set(element, sheet);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

function drop(element: HTMLStyleElement): void {
  const sheet = taken.get(element);
  if (sheet === undefined) return;
  taken.delete(element);
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
}

function look(): void {
  for (const element of taken.keys()) if (!element.isConnected) drop(element);
  for (const element of document.head.querySelectorAll('style')) take(element);
}

/** From now on, for what is written into the head. */
export function adoptStyles(): void {
  look();
  new MutationObserver(look).observe(document.head, { childList: true, subtree: true, characterData: true });
}
