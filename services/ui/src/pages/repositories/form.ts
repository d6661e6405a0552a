/**
 * A form of a repository or template, and the object that the API takes.
 *
 * Invariant: what is sent is what the form shows for its kind; nothing that was typed for another kind goes along.
 */

import { FIELDS, isSecret, type Name } from './fields';
import { type Declared, fieldsOf, KINDS, type KindId, kindOf } from './kinds';

export type Value = string | boolean;
export type Values = Readonly<Partial<Record<Name, Value>>>;
export type Body = Record<string, string | number | boolean>;

/** What is to be sent. A template's address is its `url`. */
export function bodyOf(kind: KindId, values: Values, isTemplate: boolean): Body {
  const { credentials, options } = fieldsOf(kind, isTemplate);
  const body: Body = { type: KINDS[kind].type, ...KINDS[kind].fixed };
  const own: readonly Name[] = isTemplate ? [] : ['name', 'project'];
  for (const name of [...own, ...credentials, ...options]) {
    const value = sent(name, values[name]);
    if (value !== null) body[name] = value;
  }
  body[isTemplate ? 'url' : 'repo'] = text(values.repo).trim();
  return body;
}

/** What a form begins with for one that there is. Secrets are not in it: the server never tells them. */
export function valuesOf(declared: Declared): Values {
  const found: Partial<Record<Name, Value>> = { repo: text(declared.repo ?? declared.url) };
  for (const name of Object.keys(FIELDS).filter(isName)) {
    const value = declared[name];
    if (name === 'repo' || isSecret(name)) continue;
    if (typeof value === 'string' || typeof value === 'boolean') found[name] = value;
    if (typeof value === 'number') found[name] = String(value);
  }
  return found;
}

/** What is declared of one that there is and no form of its kind shows; saving it keeps that. */
export function keptOf(kind: KindId, declared: Declared, isTemplate: boolean): Body {
  if (kindOf(declared) !== kind) return {};
  const { credentials, options } = fieldsOf(kind, isTemplate);
  const own = new Set<string>([...credentials, ...options, 'repo', 'name', 'project']);
  const kept: Body = {};
  for (const [name, value] of Object.entries(declared)) {
    if (!isName(name) || own.has(name) || isSecret(name)) continue;
    if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') kept[name] = value;
  }
  return kept;
}

/** What is wrong with a form before it is sent, by field. */
export function problemsOf(kind: KindId, values: Values, isTemplate: boolean): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  const { credentials, options } = fieldsOf(kind, isTemplate);
  for (const name of [...credentials, ...options]) {
    const given = text(values[name]).trim();
    if (FIELDS[name].as === 'number' && given && !/^\d{1,15}$/.test(given)) found[name] = 'A whole number';
    if (PEM.has(name) && given && !given.startsWith('-----BEGIN ')) found[name] = 'Begins with -----BEGIN';
  }
  for (const name of KINDS[kind].required) {
    const isAsked = name !== 'name' || !isTemplate;
    if (isAsked && !text(values[name]).trim()) found[name] = 'Needed';
  }
  if (bothOf(values, 'tlsClientCertData', 'tlsClientCertKey'))
    found.tlsClientCertKey ??= 'A certificate goes with its key';
  const address = problemOfAddress(kind, text(values.repo).trim());
  if (address) found.repo = address;
  return found;
}

const PEM: ReadonlySet<Name> = new Set([
  'sshPrivateKey',
  'tlsClientCertData',
  'tlsClientCertKey',
  'githubAppPrivateKey',
]);
const SCP_LIKE = /^[^/\s@]+@[^/\s:]+:.+$/;

function problemOfAddress(kind: KindId, url: string): string {
  if (!url) return 'Needed';
  if (/\s/.test(url)) return 'An address has no blanks';
  if (kind === 'ssh' && SCP_LIKE.test(url)) return '';
  if (kind === 'helm' && !url.includes('://')) return '';
  const { schemes } = KINDS[kind];
  return schemes.some((scheme) => url.startsWith(scheme) && url.length > scheme.length)
    ? ''
    : `Begins with ${schemes.join(' or ')}${kind === 'ssh' ? ', or is user@host:path' : ''}`;
}

function bothOf(values: Values, one: Name, other: Name): boolean {
  return Boolean(text(values[one]).trim()) !== Boolean(text(values[other]).trim());
}

function sent(name: Name, value: Value | undefined): string | number | boolean | null {
  if (FIELDS[name].as === 'switch') return value === true ? true : null;
  const given = text(value);
  if (!given.trim()) return null;
  if (FIELDS[name].as === 'number') return Number(given);
  return FIELDS[name].as === 'text' ? given.trim() : given;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isName(name: string): name is Name {
  return name in FIELDS;
}
