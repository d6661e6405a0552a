/** `status.history` of an Application, newest first. */

import { text } from '../sync/objects';
import { record } from '../sync/operation';

export interface DeployedSource {
  repoURL: string;
  place: string;
  targetRevision: string;
  revision: string;
  isChart: boolean;
}

export interface Deployment {
  id: number;
  deployedAt: string;
  startedAt: string;
  by: string;
  automated: boolean;
  sources: DeployedSource[];
}

export function deploymentsOf(history: unknown): Deployment[] {
  if (!Array.isArray(history)) return [];
  return history.map(deploymentOf).sort((a, b) => b.id - a.id);
}

function deploymentOf(value: unknown): Deployment {
  const said = record(value);
  const by = record(said['initiatedBy']);
  const many = Array.isArray(said['sources']) ? said['sources'] : [];
  const revisions = Array.isArray(said['revisions']) ? said['revisions'].map(text) : [];
  const sources =
    many.length > 0
      ? many.map((source, index) => sourceOf(source, revisions[index] ?? ''))
      : [sourceOf(said['source'], text(said['revision']))];
  return {
    id: typeof said['id'] === 'number' ? said['id'] : 0,
    deployedAt: text(said['deployedAt']),
    startedAt: text(said['deployStartedAt']),
    by: text(by['username']),
    automated: by['automated'] === true,
    sources,
  };
}

function sourceOf(value: unknown, revision: string): DeployedSource {
  const said = record(value);
  return {
    repoURL: text(said['repoURL']),
    place: text(said['chart']) || text(said['path']),
    targetRevision: text(said['targetRevision']),
    revision,
    isChart: text(said['chart']) !== '',
  };
}

/** Milliseconds from the start of a deployment to its end; null where either is not known. */
export function tookOf(deployment: Deployment): number | null {
  const took = Date.parse(deployment.deployedAt) - Date.parse(deployment.startedAt);
  return Number.isFinite(took) && took >= 0 ? took : null;
}

/** Why an application cannot be rolled back now; "" when it can. */
export function rollbackRefusal(automated: boolean, isRunning: boolean, isDeleting: boolean): string {
  if (isDeleting) return 'The application is being deleted.';
  if (isRunning) return 'Another operation is running.';
  if (automated) return 'Auto-sync is on and would take the newest commit again at once.';
  return '';
}

/** Whether a spec syncs by itself: a block that does not say `enabled: false`. */
export function isAutomated(spec: unknown): boolean {
  const automated = record(record(spec)['syncPolicy'])['automated'];
  return typeof automated === 'object' && automated !== null && record(automated)['enabled'] !== false;
}
