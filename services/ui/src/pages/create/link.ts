/** What `?new=` says: nothing, or an application as JSON to begin with, as links in the wild carry it. */
import { Draft, isRecord } from '../../kubernetes/draft';

/** Characters of a link's JSON that are read. */
export const MAX_LINK = 100_000;

export function beginning(project = 'default', namespace = ''): Record<string, unknown> {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: '', ...(namespace ? { namespace } : {}) },
    spec: {
      project,
      source: { repoURL: '', targetRevision: 'HEAD', path: '' },
      destination: { server: '', namespace: '' },
    },
  };
}

/** The draft of a link; what cannot be read in it is left out. Status and operation are never taken. */
export function draftOf(link: string | null): Draft {
  const start = beginning();
  const given = read(link);
  if (!given) return Draft.of(start);
  const { status: _status, operation: _operation, ...rest } = given;
  return Draft.of(merged(start, rest));
}

function read(link: string | null): Record<string, unknown> | null {
  if (!link || link.length > MAX_LINK) return null;
  try {
    const value: unknown = JSON.parse(link);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function merged(start: Record<string, unknown>, given: Record<string, unknown>): Record<string, unknown> {
  const result = { ...start };
  for (const [key, value] of Object.entries(given)) {
    if (value === null || key === '__proto__') continue;
    const before = result[key];
    result[key] = isRecord(before) && isRecord(value) ? merged(before, value) : value;
  }
  return isRecord(result['spec']) && Array.isArray(result['spec']['sources'])
    ? { ...result, spec: { ...result['spec'], source: undefined } }
    : result;
}

/** The link that begins with a draft. */
export function linkOf(draft: Draft): string {
  return `/applications?new=${encodeURIComponent(JSON.stringify(draft.object()))}`;
}
