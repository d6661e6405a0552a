/**
 * Which objects a person wants to see, as it stands in the address: `?resource=kind:Pod,health:Degraded,name:web`.
 *
 * Invariant: several values of one field mean any of them, several fields all of them; what is not understood
 * in the address is left out, never an error.
 */

import type { TreeObject } from '../model';

export interface Filter {
  name: string;
  kind: string[];
  health: string[];
  sync: string[];
  namespace: string[];
}

export type Choice = Exclude<keyof Filter, 'name'>;

export const CHOICES: readonly Choice[] = ['kind', 'health', 'sync', 'namespace'];
export const NO_FILTER: Filter = { name: '', kind: [], health: [], sync: [], namespace: [] };

/** What kinds, health and sync are called where an object has none. */
export const NONE = 'none';

/** The filter that the parameter `resource` says. */
export function parsed(text: string | null): Filter {
  const found: Filter = { name: '', kind: [], health: [], sync: [], namespace: [] };
  for (const part of (text ?? '').split(',')) {
    const at = part.indexOf(':');
    const value = part.slice(at + 1).trim();
    if (at < 1 || !value) continue;
    const field = part.slice(0, at).trim();
    if (field === 'name') found.name = value;
    const choice = CHOICES.find((name) => name === field);
    if (choice && !found[choice].includes(value)) found[choice].push(value);
  }
  return found;
}

/** The parameter `resource`, or null when everything is wanted. */
export function formatted(filter: Filter): string | null {
  const name = filter.name.replaceAll(',', ' ').trim();
  const parts = name ? [`name:${name}`] : [];
  for (const choice of CHOICES) {
    for (const value of filter[choice]) parts.push(`${choice}:${value}`);
  }
  return parts.length ? parts.join(',') : null;
}

/** Whether it narrows anything. */
export function isNarrow(filter: Filter): boolean {
  return formatted(filter) !== null;
}

/** The filter with one value of a field chosen or not any more. */
export function toggled(filter: Filter, choice: Choice, value: string): Filter {
  const chosen = filter[choice];
  const next = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value].sort();
  return { ...filter, [choice]: next };
}

/** Whether an object is among those that are wanted; `except` leaves one field out of account. */
export function matches(object: TreeObject, filter: Filter, except?: Choice): boolean {
  for (const choice of CHOICES) {
    const chosen = filter[choice];
    if (choice !== except && chosen.length && !chosen.includes(valueIn(object, choice))) return false;
  }
  const words = filter.name.toLowerCase().split(/\s+/).filter(Boolean);
  const name = object.name.toLowerCase();
  return words.every((word) => name.includes(word));
}

/** What an object has for a field, `none` for nothing. */
export function valueIn(object: TreeObject, choice: Choice): string {
  return object[choice] || NONE;
}

export interface Count {
  value: string;
  count: number;
}

/** The values of a field and how many objects have each, as if the field was not narrowed itself. */
export function counted(objects: Iterable<TreeObject>, filter: Filter, choice: Choice): Count[] {
  const counts = new Map<string, number>();
  for (const value of filter[choice]) counts.set(value, 0);
  for (const object of objects) {
    if (!matches(object, filter, choice)) continue;
    const value = valueIn(object, choice);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((left, right) => right.count - left.count || (left.value < right.value ? -1 : 1));
}
