/** Where an application's sources are in its document, and what kind each is. */
import { type Draft, isRecord, type Path } from '../../../kubernetes/draft';

export type Tool = 'Helm' | 'Kustomize' | 'Directory' | 'Plugin';
export type Origin = 'git' | 'helm' | 'oci';

export const TOOLS: Readonly<Record<Tool, string>> = {
  Helm: 'helm',
  Kustomize: 'kustomize',
  Directory: 'directory',
  Plugin: 'plugin',
};

export function hasMany(draft: Draft): boolean {
  return draft.list(['spec', 'sources']).length > 0;
}

/** The path of each source; `sources` win over `source`, as with the controller. */
export function sourcePaths(draft: Draft): Path[] {
  if (hasMany(draft)) return draft.list(['spec', 'sources']).map((_, index) => ['spec', 'sources', index]);
  return [['spec', 'source']];
}

export function titleOfSource(draft: Draft, path: Path): string {
  const name = draft.string([...path, 'name']) || draft.string([...path, 'ref']);
  const place = draft.string([...path, 'chart']) || draft.string([...path, 'path']);
  const url = draft.string([...path, 'repoURL']);
  return name || [shortUrl(url), place].filter(Boolean).join(' · ') || 'no repository yet';
}

function shortUrl(url: string): string {
  return url.replace(/^[a-z+]+:\/\//, '').replace(/\.git$/, '');
}

/** The tool a source names itself, null when it is left to be found out. */
export function namedTool(draft: Draft, path: Path): Tool | null {
  for (const tool of ['Kustomize', 'Helm', 'Directory', 'Plugin'] as const) {
    if (isRecord(draft.get([...path, TOOLS[tool]]))) return tool;
  }
  return draft.string([...path, 'chart']) ? 'Helm' : null;
}

/** With another tool's block alone: a source takes one. */
export function withTool(draft: Draft, path: Path, tool: Tool | null): Draft {
  const others = (Object.keys(TOOLS) as Tool[]).filter((one) => one !== tool);
  const rest = others.reduce((left, one) => left.with([...path, TOOLS[one]], undefined, path.length), draft);
  if (tool === null || isRecord(rest.get([...path, TOOLS[tool]]))) return rest;
  return rest.exactly([...path, TOOLS[tool]], tool === 'Plugin' ? { name: '' } : {});
}

/** Where a source is read from: what its address says, else what the repository is declared as. */
export function originOf(draft: Draft, path: Path, declared: string): Origin {
  if (draft.string([...path, 'repoURL']).startsWith('oci://') || declared === 'oci') return 'oci';
  if (draft.get([...path, 'chart']) !== undefined || declared === 'helm') return 'helm';
  return 'git';
}

/** One source becomes the first of several; the last of several becomes the only one. */
export function withAnotherSource(draft: Draft): Draft {
  if (hasMany(draft)) {
    return draft.with(['spec', 'sources', draft.list(['spec', 'sources']).length], { repoURL: '' });
  }
  const first = draft.get(['spec', 'source']) ?? { repoURL: '' };
  return draft.with(['spec', 'sources'], [first, { repoURL: '' }]).with(['spec', 'source'], undefined);
}

export function withoutSource(draft: Draft, index: number): Draft {
  const rest = draft.list(['spec', 'sources']).filter((_, at) => at !== index);
  if (rest.length > 1) return draft.with(['spec', 'sources'], rest);
  return draft.with(['spec', 'sources'], undefined).with(['spec', 'source'], rest[0] ?? { repoURL: '' });
}
