/** The words, the tone and the sign of each state. A state nobody knows is shown by its own name, in no colour. */
import type { IconName } from '@/components/Icon';

export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'neutral';

export interface StatusWords {
  word: string;
  tone: Tone;
  icon: IconName;
}

const HEALTH: Record<string, StatusWords> = {
  Healthy: { word: 'Healthy', tone: 'ok', icon: 'check' },
  Progressing: { word: 'Progressing', tone: 'busy', icon: 'progress' },
  Degraded: { word: 'Degraded', tone: 'bad', icon: 'cross' },
  Suspended: { word: 'Suspended', tone: 'neutral', icon: 'pause' },
  Missing: { word: 'Missing', tone: 'warn', icon: 'ghost' },
  Unknown: { word: 'Unknown', tone: 'neutral', icon: 'question' },
};

const SYNC: Record<string, StatusWords> = {
  Synced: { word: 'Synced', tone: 'ok', icon: 'check' },
  OutOfSync: { word: 'Out of sync', tone: 'warn', icon: 'differs' },
  Unknown: { word: 'Unknown', tone: 'neutral', icon: 'question' },
};

const PHASE: Record<string, StatusWords> = {
  Running: { word: 'Running', tone: 'busy', icon: 'progress' },
  Terminating: { word: 'Stopping', tone: 'busy', icon: 'progress' },
  Succeeded: { word: 'Succeeded', tone: 'ok', icon: 'check' },
  Failed: { word: 'Failed', tone: 'bad', icon: 'cross' },
  Error: { word: 'Error', tone: 'bad', icon: 'alert' },
};

export function healthWords(status: string | undefined): StatusWords {
  return named(HEALTH, status);
}

export function syncWords(status: string | undefined): StatusWords {
  return named(SYNC, status);
}

export function phaseWords(phase: string | undefined): StatusWords {
  return named(PHASE, phase);
}

function named(table: Record<string, StatusWords>, status: string | undefined): StatusWords {
  const known = Object.hasOwn(table, status ?? '') ? table[status ?? ''] : undefined;
  return known ?? { word: status || 'Unknown', tone: 'neutral', icon: 'question' };
}
