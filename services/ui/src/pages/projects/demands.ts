/**
 * The rights that a change of a project takes beside that to update it, as the server asks for them: whoever gives it a
 * cluster or repository, or takes it away, may update that one; whoever changes which kinds it may have, all its clusters.
 */
import type { Question } from '@/api/can';
import type { ProjectSpec } from './model';

const KINDS = [
  'clusterResourceWhitelist',
  'clusterResourceBlacklist',
  'namespaceResourceWhitelist',
  'namespaceResourceBlacklist',
] as const;

export function demandsOf(before: ProjectSpec, after: ProjectSpec): Question[] {
  const servers = new Set(serversOf(after));
  const touched = new Set(apart(serversOf(before), servers));
  if (KINDS.some((name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null)))
    for (const server of servers) touched.add(server);
  const repositories = apart(before.sourceRepos ?? [], new Set(after.sourceRepos ?? []));
  return [
    ...[...touched].map((object) => ({ resource: 'clusters', action: 'update', object })),
    ...repositories.map((object) => ({ resource: 'repositories', action: 'update', object })),
  ];
}

function serversOf(spec: ProjectSpec): string[] {
  return (spec.destinations ?? []).flatMap(({ server }) => server || []);
}

/** What is in one of both only. */
function apart(before: readonly string[], after: ReadonlySet<string>): string[] {
  const was = new Set(before);
  return [...new Set([...[...was].filter((one) => !after.has(one)), ...[...after].filter((one) => !was.has(one))])];
}
