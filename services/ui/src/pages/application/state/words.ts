/**
 * How an application fares, in plain words: one phrase for each thing that an operator asks about.
 *
 * Invariant: words say what is known and since when; nothing here looks at a clock.
 */

import type { ApplicationCondition } from '@/api/schema';
import type { Tone } from '@/text/status';
import { type Application, healthOf, revisionsOf, type Source, sourcesOf, syncOf } from '../model';

export interface Phrase {
  topic: 'sync' | 'health' | 'operation' | 'automation' | 'window' | 'hydration';
  tone: Tone;
  text: string;
  /** More about it, for a second line. */
  detail: string;
  /** RFC 3339, since when or when; "" when that is not known. */
  at: string;
}

/** Sync: how many objects differ from which revision. */
export function syncPhrase(application: Application): Phrase {
  const sync = syncOf(application.status?.sync?.status);
  const target = targetWords(application);
  const at = application.status?.reconciledAt ?? '';
  const say = (tone: Tone, text: string, detail = ''): Phrase => ({ topic: 'sync', tone, text, detail, at });
  if (sync === 'Synced') return say('ok', `Synced with ${target}`);
  if (sync === 'OutOfSync') return say('warn', differences(application, target), pruneWords(application));
  if (sync === 'Unknown') {
    const problem = conditionsOf(application).find((one) => one.severity === 'error');
    return say('bad', 'Could not be compared with Git', problem?.message ?? '');
  }
  return say('busy', 'Not compared yet', 'The first comparison is on its way.');
}

function differences(application: Application, target: string): string {
  const resources = (application.status?.resources ?? []).filter((one) => !one.hook);
  const count = resources.filter((one) => one.status === 'OutOfSync').length;
  if (!count) return `Out of sync with ${target}`;
  if (count === resources.length && count > 1) return `All ${count} objects differ from ${target}`;
  return `${count} of ${resources.length} ${plural(resources.length, 'object')} ${count === 1 ? 'differs' : 'differ'} from ${target}`;
}

function pruneWords(application: Application): string {
  const count = toPrune(application).length;
  if (!count) return '';
  return `${count} ${plural(count, 'object')} would be pruned: Git does not have ${count === 1 ? 'it' : 'them'} any more.`;
}

/** What a prune would take. */
export function toPrune(application: Application) {
  return (application.status?.resources ?? []).filter((one) => one.requiresPruning);
}

/** `main (0da637b)`, or the revisions of several sources. */
export function targetWords(application: Application): string {
  const revisions = revisionsOf(application.status?.sync);
  const sources = sourcesOf(application);
  if (sources.length > 1) return `its ${sources.length} sources`;
  const target = sources[0]?.targetRevision || 'HEAD';
  const revision = revisions[0];
  if (!revision || revision === target) return target;
  return `${target} (${shortRevision(revision)})`;
}

/** A commit in its first seven digits; a version or a digest's name as it is. */
export function shortRevision(revision: string): string {
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(revision)) return revision.slice(0, 7);
  return revision.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1');
}

/** Where a source is, for people. */
export function sourceWords(source: Source): string {
  const place = (source.repoURL ?? '').replace(/^https?:\/\//, '').replace(/\.git$/, '');
  if (source.chart) return `${source.chart} of ${place}`;
  if (source.ref && !source.path) return `${place} as $${source.ref}`;
  return source.path && source.path !== '.' ? `${source.path} of ${place}` : place;
}

/** Health and why: in the words of the object that is `worst`, else of the application. */
export function healthPhrase(application: Application, worst: string = ''): Phrase {
  const said = application.status?.health;
  const health = healthOf(said?.status);
  const at = said?.lastTransitionTime ?? '';
  const detail = (health === 'Healthy' ? '' : worst) || (said?.message ?? '');
  const say = (tone: Tone, text: string): Phrase => ({ topic: 'health', tone, text, detail, at });
  switch (health) {
    case 'Healthy':
      return say('ok', 'Healthy');
    case 'Progressing':
      return say('busy', 'Progressing: not everything is ready yet');
    case 'Suspended':
      return say('neutral', 'Suspended: something waits to be resumed');
    case 'Missing':
      return say('warn', 'Missing: not everything is in the cluster');
    case 'Degraded':
      return say('bad', 'Degraded: something is broken');
    case 'Unknown':
      return say('bad', 'Health is not known');
    default:
      return say('busy', 'Health is not known yet');
  }
}

/** Phases after which nothing more happens. */
const OVER = ['Succeeded', 'Failed', 'Error'];

/** The operation that runs, or the last one; null when there never was any. */
export function operationPhrase(application: Application): Phrase | null {
  const state = application.status?.operationState;
  if (application.operation && (!state?.phase || OVER.includes(state.phase))) {
    const asked = application.operation.initiatedBy?.username;
    return phrase('busy', 'A sync was asked for', asked ? `by ${asked}` : '', '');
  }
  if (!state?.phase) return null;
  const what = operationWords(state.operation?.sync);
  const whom = initiatorWords(state.operation?.initiatedBy);
  const revision = revisionsOf(state.syncResult)[0] ?? revisionsOf(state.operation?.sync)[0];
  const name = `${what}${revision ? ` to ${shortRevision(revision)}` : ''}`;
  const message = state.message ?? '';
  switch (state.phase) {
    case 'Running':
      if (state.finishedAt)
        return phrase('warn', `${name} failed and is tried again, ${whom}`, message, state.finishedAt);
      return phrase('busy', `${name} runs, ${whom}`, message, state.startedAt ?? '');
    case 'Terminating':
      return phrase('warn', `${name} is being ended, ${whom}`, message, state.startedAt ?? '');
    case 'Succeeded':
      return phrase(
        'ok',
        `${name} succeeded, ${whom}`,
        tookWords(state.startedAt, state.finishedAt),
        state.finishedAt ?? '',
      );
    case 'Failed':
      return phrase('bad', `${name} failed, ${whom}`, message, state.finishedAt ?? '');
    default:
      return phrase('bad', `${name} could not be carried out, ${whom}`, message, state.finishedAt ?? '');
  }
}

function phrase(tone: Tone, text: string, detail: string, at: string): Phrase {
  return { topic: 'operation', tone, text, detail, at };
}

function operationWords(
  sync: { dryRun?: boolean; resources?: unknown[]; autoHealAttemptsCount?: number } | undefined,
): string {
  if (sync?.dryRun) return 'Dry run';
  if (sync?.autoHealAttemptsCount) return 'Heal';
  return sync?.resources?.length
    ? `Sync of ${sync.resources.length} ${plural(sync.resources.length, 'object')}`
    : 'Sync';
}

function initiatorWords(by: { username?: string; automated?: boolean } | undefined): string {
  if (by?.automated) return 'by itself';
  return by?.username ? `by ${by.username}` : 'by hand';
}

function tookWords(started: string | undefined, finished: string | undefined): string {
  const seconds = (Date.parse(finished ?? '') - Date.parse(started ?? '')) / 1000;
  if (!Number.isFinite(seconds) || seconds < 0) return '';
  if (seconds < 1) return 'It took less than a second.';
  return seconds < 90 ? `It took ${Math.round(seconds)} s.` : `It took ${Math.round(seconds / 60)} min.`;
}

/** Whether it is synced without being asked; `paused` keeps how. */
export function automationOf(application: Application): 'on' | 'paused' | 'off' {
  const automated = application.spec?.syncPolicy?.automated;
  if (!automated) return 'off';
  return automated.enabled === false ? 'paused' : 'on';
}

/** Whether, and how, it is synced without being asked. */
export function automationPhrase(application: Application): Phrase {
  const say = (tone: Tone, text: string, detail = ''): Phrase => ({ topic: 'automation', tone, text, detail, at: '' });
  const annotations = application.metadata?.annotations ?? {};
  if (annotations['argocd.argoproj.io/skip-reconcile'] === 'true') {
    return say(
      'warn',
      'Paused: nothing is compared or synced',
      'The annotation argocd.argoproj.io/skip-reconcile is "true".',
    );
  }
  const automated = application.spec?.syncPolicy?.automated;
  if (!automated) return say('neutral', 'Synced by hand only', 'New commits are shown, and wait for somebody to sync.');
  if (automated.enabled === false) {
    return say('warn', 'Auto-sync is paused', 'New commits are shown, and not deployed; drift stays.');
  }
  const kept = [automated.prune ? '' : 'keeps what Git dropped', automated.selfHeal ? '' : 'leaves drift'].filter(
    Boolean,
  );
  const does = [automated.prune ? 'prunes' : '', automated.selfHeal ? 'heals' : ''].filter(Boolean);
  const text = does.length ? `Synced automatically, ${does.join(' and ')}` : 'Synced automatically';
  return say('neutral', text, kept.length ? `It ${kept.join(' and ')}.` : '');
}

export interface SyncWindow {
  kind?: string;
  schedule?: string;
  duration?: string;
  manualSync?: boolean;
}

export interface SyncWindows {
  canSync?: boolean;
  activeWindows?: SyncWindow[];
  assignedWindows?: SyncWindow[];
}

/** What the project's windows say now; null when there are none for it. */
export function windowPhrase(windows: SyncWindows | undefined): Phrase | null {
  const assigned = windows?.assignedWindows ?? [];
  if (!assigned.length) return null;
  const active = windows?.activeWindows ?? [];
  const denying = active.filter((one) => one.kind === 'deny');
  const say = (tone: Tone, text: string, detail: string): Phrase => ({ topic: 'window', tone, text, detail, at: '' });
  const byHand = windows?.canSync ? 'A person may sync.' : 'Nobody may sync, by hand neither.';
  if (denying.length) return say('warn', 'A window forbids syncs now', `${windowWords(denying)} ${byHand}`);
  const allowing = assigned.filter((one) => one.kind === 'allow');
  if (allowing.length && !active.some((one) => one.kind === 'allow')) {
    return say('warn', 'Outside of its sync windows', `${windowWords(allowing)} ${byHand}`);
  }
  return say(
    'neutral',
    active.length ? 'In a sync window' : 'No window forbids syncs now',
    windowWords(active.length ? active : assigned),
  );
}

function windowWords(windows: readonly SyncWindow[]): string {
  return `${windows.map((one) => `${one.kind} ${one.schedule} for ${one.duration}`).join(', ')}.`;
}

export interface Concern extends Required<ApplicationCondition> {
  severity: 'error' | 'warning' | 'info';
}

/** Conditions with how bad they are, errors first. */
export function conditionsOf(application: Application): Concern[] {
  const found = (application.status?.conditions ?? []).map((one): Concern => {
    const type = one.type ?? '';
    const severity = type.endsWith('Error') ? 'error' : type.endsWith('Warning') ? 'warning' : 'info';
    return { type, message: one.message ?? '', lastTransitionTime: one.lastTransitionTime ?? '', severity };
  });
  const rank = { error: 0, warning: 1, info: 2 };
  return found.sort((left, right) => rank[left.severity] - rank[right.severity]);
}

/** `SharedResourceWarning` as people say it: "Shared resource". */
export function conditionTitle(type: string): string {
  const words = type
    .replace(/(Error|Warning|Info)$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words ? words.charAt(0).toUpperCase() + words.slice(1) : 'Condition';
}

/** One or several. */
export function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}
