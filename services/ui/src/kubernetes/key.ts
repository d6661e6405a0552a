/**
 * Names one object of an application, as a link does: `group/Kind/namespace/name/0`.
 *
 * What has no namespace, or is of the core group, has nothing in that place. The last number, which some links
 * have, is the place of a container and may be left out.
 */
export interface ObjectKey {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What a link names; null for what names nothing. */
export function parseKey(text: string | null | undefined): ObjectKey | null {
  const parts = (text ?? '').split('/');
  if (parts.length < 4 || parts.length > 5) return null;
  const [group = '', kind = '', namespace = '', name = ''] = parts;
  return kind && name ? { group, kind, namespace, name } : null;
}

/** The place of a container that a link names; 0 when it names none. */
export function containerOf(text: string | null | undefined): number {
  const place = Number((text ?? '').split('/')[4] ?? 0);
  return Number.isSafeInteger(place) && place > 0 ? place : 0;
}

/** A key as links write it. */
export function formatKey(key: ObjectKey, container = 0): string {
  return [key.group, key.kind, key.namespace, key.name, String(container)].join('/');
}

export function isSame(one: ObjectKey, other: ObjectKey): boolean {
  return (
    one.group === other.group && one.kind === other.kind && one.namespace === other.namespace && one.name === other.name
  );
}

/** The parts of an `apiVersion`; the core group has no name. */
export function versionOf(apiVersion: string): { group: string; version: string } {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? { group: '', version: first } : { group: first, version: second };
}
