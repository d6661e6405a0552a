/**
 * Parameters of Helm and images of Kustomize: what the repository says beside what the application says.
 *
 * A row is shown for each that either of them names. Setting one back takes the application's word away.
 */
import { isRecord } from '../../../kubernetes/draft';

export interface ParameterRow {
  name: string;
  /** What the repository says; null for a parameter that only the application names. */
  original: string | null;
  /** What the application says; null where it says nothing. */
  override: string | null;
  forceString: boolean;
}

export interface HelmParameter {
  name: string;
  value: string;
  forceString?: boolean;
}

export function helmParameters(value: unknown): HelmParameter[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((one) => ({
    name: String(one['name'] ?? ''),
    value: String(one['value'] ?? ''),
    ...(one['forceString'] === true ? { forceString: true } : {}),
  }));
}

export function parameterRows(announced: readonly HelmParameter[], own: readonly HelmParameter[]): ParameterRow[] {
  const rows = new Map<string, ParameterRow>();
  for (const one of announced) {
    rows.set(one.name, { name: one.name, original: one.value, override: null, forceString: false });
  }
  for (const one of own) {
    const original = rows.get(one.name)?.original ?? null;
    rows.set(one.name, { name: one.name, original, override: one.value, forceString: one.forceString === true });
  }
  return [...rows.values()].sort(
    (a, b) => Number(b.override !== null) - Number(a.override !== null) || a.name.localeCompare(b.name),
  );
}

/** The application's parameters with one set, in its place or at the end; null takes it away. */
export function withParameter(
  own: readonly HelmParameter[],
  name: string,
  value: string | null,
  forceString = false,
): HelmParameter[] {
  const rest = own.filter((one) => one.name !== name);
  if (value === null) return rest;
  const next = { name, value, ...(forceString ? { forceString: true } : {}) };
  const at = own.findIndex((one) => one.name === name);
  return at < 0
    ? [...rest, next]
    : [...own.slice(0, at), next, ...own.slice(at + 1).filter((one) => one.name !== name)];
}

export type PluginParameter = Record<string, unknown>;

/** The application's parameters of a plugin with one set, in its place or at the end; null takes it away. */
export function withPluginParameter(
  own: readonly PluginParameter[],
  name: string,
  part: PluginParameter | null,
): PluginParameter[] {
  const at = own.findIndex((one) => one['name'] === name);
  const rest = own.filter((one, place) => one['name'] !== name || (part !== null && place === at));
  if (part === null) return rest;
  const next = { name, ...part };
  return at < 0 ? [...rest, next] : rest.map((one) => (one['name'] === name ? next : one));
}

export interface Image {
  /** The image that is replaced, as the manifests name it, without a tag. */
  from: string;
  /** What it is replaced by; the same name where only the tag is another. */
  to: string;
  tag: string;
  digest: string;
}

/** `[old=]new[:tag|@digest]`; a colon before a slash is a port. */
export function parseImage(text: string): Image {
  const [left = '', right] = cut(text, '=');
  const [name = '', digest = ''] = cut(right ?? left, '@');
  const colon = name.lastIndexOf(':');
  const hasTag = colon > name.lastIndexOf('/');
  const bare = hasTag ? name.slice(0, colon) : name;
  return { from: right === undefined ? bare : left, to: bare, tag: hasTag ? name.slice(colon + 1) : '', digest };
}

export function writeImage(image: Image): string {
  const end = image.digest ? `@${image.digest}` : image.tag ? `:${image.tag}` : '';
  return `${image.from === image.to ? '' : `${image.from}=`}${image.to}${end}`;
}

export interface ImageRow {
  name: string;
  original: Image | null;
  override: Image | null;
}

export function imageRows(announced: readonly string[], own: readonly string[]): ImageRow[] {
  const rows = new Map<string, ImageRow>();
  for (const text of announced) {
    const image = parseImage(text);
    rows.set(image.to, { name: image.to, original: image, override: null });
  }
  for (const text of own) {
    const image = parseImage(text);
    const shown = [...rows.values()].find((row) => row.name === image.from || row.name === image.to);
    const key = shown?.name ?? image.from;
    rows.set(key, { name: key, original: rows.get(key)?.original ?? null, override: image });
  }
  return [...rows.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** The overrides with the one of an image set; null takes it away. */
export function withImage(own: readonly string[], name: string, image: Image | null): string[] {
  const isOther = (text: string) => {
    const one = parseImage(text);
    return one.from !== name && one.to !== name;
  };
  const at = own.findIndex((text) => !isOther(text));
  const rest = own.filter(isOther);
  if (image === null) return rest;
  if (at < 0) return [...rest, writeImage(image)];
  return [...rest.slice(0, at), writeImage(image), ...rest.slice(at)];
}

function cut(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}
