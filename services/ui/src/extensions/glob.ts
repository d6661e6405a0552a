/**
 * Patterns of groups and kinds as extensions write them, in the way of minimatch: `*` is anything but nothing, `**` is
 * anything, `?`, `[…]`, `{a,b}`, `!not`, and `@(a|b)` with its kin.
 */

const EXTENDED: Readonly<Record<string, string>> = { '@': '', '?': '?', '*': '*', '+': '+' };

export function matcher(pattern: string): (text: string) => boolean {
  if (pattern.startsWith('!') && pattern[1] !== '(') {
    const other = matcher(pattern.slice(1));
    return (text) => !other(text);
  }
  const isAny = /^\*\*+$/.test(pattern);
  const whole = /^[*?[]/.test(pattern) && !isAny ? '(?=.)' : '';
  const expression = new RegExp(`^${whole}(?:${isAny ? '.*' : translated(pattern)})$`, 'su');
  return (text) => expression.test(text);
}

/** The pattern as a regular expression; what is not closed stands for itself. */
function translated(pattern: string): string {
  let found = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const sign = pattern[at] ?? '';
    const end = groupEnd(pattern, at);
    if (end > 0) {
      const [inner, after] = inside(pattern, at, end);
      found += group(sign, inner);
      at = after;
    } else if (sign === '*') found += '[^/]*';
    else if (sign === '?') found += '[^/]';
    else if (sign === '\\') {
      at += 1;
      found += escaped(pattern[at] ?? '\\');
    } else found += escaped(sign);
  }
  return found;
}

/** Where the group that begins here ends, or 0. */
function groupEnd(pattern: string, at: number): number {
  const sign = pattern[at] ?? '';
  if (sign === '[') return Math.max(0, pattern.indexOf(']', at + 2));
  const [open, close] = sign === '{' ? ['{', '}'] : ['(', ')'];
  if (sign !== '{' && !('@?*+!'.includes(sign) && sign && pattern[at + 1] === '(')) return 0;
  let depth = 0;
  for (let index = sign === '{' ? at : at + 1; index < pattern.length; index += 1) {
    if (pattern[index] === open) depth += 1;
    if (pattern[index] === close) depth -= 1;
    if (depth === 0) return index;
  }
  return 0;
}

function inside(pattern: string, at: number, end: number): [string, number] {
  const start = pattern[at] === '[' || pattern[at] === '{' ? at + 1 : at + 2;
  return [pattern.slice(start, end), end];
}

function group(sign: string, inner: string): string {
  if (sign === '[') {
    const isNot = inner.startsWith('!') || inner.startsWith('^');
    return `[${isNot ? '^' : ''}${(isNot ? inner.slice(1) : inner).replace(/[\\\]^&~]/g, '\\$&')}]`;
  }
  const parts = split(inner, sign === '{' ? ',' : '|').map(translated);
  if (sign === '{') return parts.length > 1 ? `(?:${parts.join('|')})` : `\\{${parts[0] ?? ''}\\}`;
  return sign === '!' ? `(?!(?:${parts.join('|')})$).*` : `(?:${parts.join('|')})${EXTENDED[sign] ?? ''}`;
}

/** The parts between separators that are in no group of their own. */
function split(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const sign of text) {
    if ('({'.includes(sign)) depth += 1;
    if (')}'.includes(sign)) depth -= 1;
    if (sign === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += sign;
  }
  return parts;
}

function escaped(sign: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(sign) ? `\\${sign}` : sign;
}
