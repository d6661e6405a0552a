/**
 * What can be said of an application before the server is asked, and where each of the server's words belongs.
 *
 * The server decides; a check here says nothing that it would take.
 */

import type { Told } from '@/kubernetes/schema/told';
import { inert } from '@/text/inert';
import { type Draft, isRecord, type Path } from '../../kubernetes/draft';
import { hasMany, sourcePaths } from '../application/parameters/source';

export interface Problem {
  path: Path;
  words: string;
}

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const REF = /^[a-zA-Z0-9_-]+$/;
const MAX_NAME = 253;

export function nameProblem(name: string): string {
  if (name === '') return 'Give it a name.';
  if (name.length > MAX_NAME) return `At most ${MAX_NAME} characters.`;
  if (!SUBDOMAIN.test(name)) return 'Lower case letters, digits, - and .; a letter or digit at both ends.';
  return '';
}

export function problemsOf(draft: Draft): Problem[] {
  const found: Problem[] = [];
  const say = (path: Path, words: string) => {
    if (words) found.push({ path, words });
  };
  say(['metadata', 'name'], nameProblem(draft.string(['metadata', 'name'])));
  say(['spec', 'destination'], destinationProblem(draft));
  if (!isRecord(draft.get(['spec', 'sourceHydrator']))) {
    for (const path of sourcePaths(draft)) found.push(...sourceProblems(draft, path));
    found.push(...doubled(draft));
  }
  for (const { path, words } of draft.unread.values()) say(path, `${String(path.at(-1))} cannot be read: ${words}`);
  return found;
}

/** What is wrong, and what the server said of a place, for an editor of the whole document. */
export function toldOf(problems: readonly Problem[], place: Path, refused: string): readonly Told[] {
  const server = place.length > 0 && refused ? [{ path: place, words: worded(refused) }] : [];
  return [...problems, ...server];
}

function destinationProblem(draft: Draft): string {
  const server = draft.string(['spec', 'destination', 'server']);
  const name = draft.string(['spec', 'destination', 'name']);
  if (server && name) return 'Either the name of the cluster or its address, not both.';
  return server || name ? '' : 'Choose the cluster to deploy to.';
}

function sourceProblems(draft: Draft, path: Path): Problem[] {
  const at = (field: string) => [...path, field];
  const said = (field: string) => draft.string(at(field));
  const found: Problem[] = [];
  if (!said('repoURL')) found.push({ path: at('repoURL'), words: 'Name the repository.' });
  const isArtifact = said('repoURL').startsWith('oci://');
  const place = said('path') || said('chart') || (hasMany(draft) ? said('ref') : '');
  if (said('repoURL') && !place && !isArtifact) {
    const isChart = draft.get(at('chart')) !== undefined;
    found.push({
      path: at(isChart ? 'chart' : 'path'),
      words: isChart ? 'Choose a chart.' : 'Choose a path; . is the whole repository.',
    });
  }
  if (said('chart') && !said('targetRevision'))
    found.push({ path: at('targetRevision'), words: 'A chart needs a version.' });
  if (said('chart') && said('path')) found.push({ path: at('chart'), words: 'Either a chart or a path, not both.' });
  if (said('path').startsWith('/'))
    found.push({ path: at('path'), words: 'The path begins at the top of the repository, without a /.' });
  if (said('path').split('/').includes('..'))
    found.push({ path: at('path'), words: 'The path may not lead out of the repository.' });
  if (said('ref') && !REF.test(said('ref'))) found.push({ path: at('ref'), words: 'Letters, digits, - and _.' });
  const tools = ['kustomize', 'helm', 'directory', 'plugin'].filter((tool) => isFilled(draft.get(at(tool))));
  if (tools.length > 1) found.push({ path, words: `Only one of ${tools.join(', ')} may be set.` });
  return found;
}

function isFilled(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length > 0;
}

function doubled(draft: Draft): Problem[] {
  if (!hasMany(draft)) return [];
  return (['name', 'ref'] as const).flatMap((field) => {
    const seen = new Set<string>();
    return sourcePaths(draft).flatMap((path) => {
      const value = draft.string([...path, field]);
      const isDouble = value !== '' && seen.has(value);
      seen.add(value);
      return isDouble ? [{ path: [...path, field], words: `Another source has the ${field} ${value} already.` }] : [];
    });
  });
}

const PLACES: readonly [RegExp, Path][] = [
  [/resource name may not be empty|existing application spec is different|metadata\.name/i, ['metadata', 'name']],
  [/^namespace '.*' is not permitted/, ['metadata', 'namespace']],
  [/app is not allowed in project|project .* cannot be read|referencing project/, ['spec', 'project']],
  [
    /application destination (server|spec)|no clusters with this name|clusters with the same name|cluster ".*" not found/,
    ['spec', 'destination'],
  ],
];
const OF_SOURCE: readonly [RegExp, string][] = [
  [/app path does not exist/, 'path'],
  [
    /targetRevision is required|unable to resolve|couldn't find remote ref|revision .* (not found|does not exist)|no version/i,
    'targetRevision',
  ],
  [/repository not accessible|not permitted in project|repository not found|authentication|repoURL/i, 'repoURL'],
  [/values? file|helm/i, 'helm'],
  [/kustomiz/i, 'kustomize'],
];

const READER = / - at `\$\.?([^`]*)`/;

/** The field that a reader of JSON stumbled over: `$.spec.sources[1].repoURL`. */
function readerPlace(message: string): Path | null {
  const found = READER.exec(message);
  if (!found) return null;
  const steps = (found[1] ?? '').match(/[^.[\]]+/g) ?? [];
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** The field that the server's words are about; an empty path where they are about the whole. */
export function placeOf(message: string, draft: Draft): Path {
  const read = readerPlace(message);
  if (read) return read;
  const place = PLACES.find(([words]) => words.test(message));
  if (place) return place[1];
  const field = OF_SOURCE.find(([words]) => words.test(message));
  if (!field) return [];
  const paths = sourcePaths(draft);
  const named = paths.find((path) => {
    const url = draft.string([...path, 'repoURL']);
    const where = draft.string([...path, 'path']) || draft.string([...path, 'chart']);
    return (url !== '' && message.includes(url)) || (where !== '' && message.includes(`in ${where}:`));
  });
  return [...(named ?? paths[0] ?? []), field[1]];
}

/** The server's words, inert, without what only a client of the API needs. */
export function worded(message: string): string {
  const words = message
    .replace(/^application (?:destination )?spec for \S+ is invalid: /, '')
    .replace(/(^|;)InvalidSpecError: /g, '$1')
    .replace(/rpc error: code = \w+ desc = /g, '')
    .replace(/^not a readable \w+: /, '')
    .replace(READER, '')
    .replace(
      /^Expected `(.+)`, got `(.+)`$/,
      (_, wanted: string, got: string) => `${kind(wanted)} is expected, not ${kind(got)}.`,
    );
  return inert(words);
}

const KINDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  float: 'a number',
  str: 'a text',
  bool: 'true or false',
  object: 'a map',
  array: 'a list',
  null: 'nothing',
};

function kind(words: string): string {
  return words
    .split(' | ')
    .filter((one, _, all) => one !== 'null' || all.length === 1)
    .map((one) => KINDS[one] ?? one)
    .join(' or ');
}

/** The words that belong to a field or to what is below it. */
export function wordsAt(problems: readonly Problem[], path: Path): string {
  return problems.find((one) => isSame(one.path, path))?.words ?? '';
}

function isSame(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index]);
}
