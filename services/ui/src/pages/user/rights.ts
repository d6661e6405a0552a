/** What is asked for the reader's table of rights: each action of each resource, on everything and on anything. */
import type { Question } from '@/api/can';

export interface Line {
  readonly resource: string;
  readonly actions: readonly string[];
  /** How policies name all of it. */
  readonly all: string;
}

const CHANGES = ['create', 'update', 'delete'] as const;

export const LINES: readonly Line[] = [
  { resource: 'applications', actions: ['get', ...CHANGES, 'sync', 'rollback', 'override'], all: '*/*' },
  { resource: 'applicationsets', actions: ['get', ...CHANGES], all: '*/*' },
  { resource: 'logs', actions: ['get'], all: '*/*' },
  { resource: 'exec', actions: ['create'], all: '*/*' },
  { resource: 'projects', actions: ['get', ...CHANGES], all: '*' },
  { resource: 'repositories', actions: ['get', ...CHANGES], all: '*' },
  { resource: 'write-repositories', actions: ['get', ...CHANGES], all: '*' },
  { resource: 'clusters', actions: ['get', ...CHANGES], all: '*' },
  { resource: 'certificates', actions: ['get', ...CHANGES], all: '' },
  { resource: 'gpgkeys', actions: ['get', 'create', 'delete'], all: '' },
  { resource: 'accounts', actions: ['get', 'update'], all: '*' },
];

/** Two questions for each action of each line: of everything, then of anything. */
export const QUESTIONS: readonly Question[] = LINES.flatMap(({ resource, actions, all }) =>
  actions.flatMap((action) => [
    { resource, action, object: all },
    { resource, action },
  ]),
);

export interface Told {
  readonly resource: string;
  /** Actions that may be done to all of it. */
  readonly all: readonly string[];
  /** Actions that may be done to some of it. */
  readonly some: readonly string[];
}

/** The answers by line; null until all are there. */
export function toldOf(answers: readonly (boolean | undefined)[]): readonly Told[] | null {
  if (answers.length < QUESTIONS.length || answers.includes(undefined)) return null;
  let at = 0;
  return LINES.map(({ resource, actions }) => {
    const found = actions.map((action) => {
      const [all, some] = [answers[at], answers[at + 1]];
      at += 2;
      return { action, all, some };
    });
    return {
      resource,
      all: found.filter((one) => one.all).map(({ action }) => action),
      some: found.filter((one) => !one.all && one.some).map(({ action }) => action),
    };
  });
}
